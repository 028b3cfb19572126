// The conversation as it is seen: every line of the transcript once, in the
// order of its number, and below them what is on its way.
// @ts-check

import { the, make, icon } from "./page.js";
import { dayTime, linked } from "./words.js";

/** @import { Line, Option } from "./page.js" */

const view = the("log"), list = the("lines");
const TYPING_AFTER = 400;
const VIA = { wechat: "来自微信", phone: "来自电话" };

class Log {
  /** What the queue of unsent messages tells: the element that waits for a
   * line, whether anything waits, and what choosing an option does. */
  /** @type {(line: Line) => HTMLElement|undefined} */ adopt = () => undefined;
  /** @type {() => boolean} */ waits = () => false;
  /** @type {(text: string) => void} */ choose = () => {};

  /** @type {Map<number, {el: HTMLElement, line: Line}>} */ seen = new Map();
  last = 0;
  person = false;
  /** @type {Line|null} */ offered = null;

  /** Shows a line once; an own line takes the place of the message that waits for it.
   * @param {Line} line */
  add(line) {
    this.last = Math.max(this.last, line.id);
    if (this.seen.has(line.id)) return;
    const stick = nearBottom();
    if (line.who !== "citizen") typing.stop();
    const el = (line.who === "citizen" ? this.adopt(line) : undefined) ?? (speaks(line) ? bubble(line) : null);
    if (!el) return void this.seen.set(line.id, { el: make("li"), line });
    el.dataset.id = String(line.id);
    el.dataset.at = line.at; // the service's clock, not the phone's
    this.seen.set(line.id, { el, line });
    this.place(el, line.id);
    this.refresh(stick);
  }

  /** Puts an element where its number belongs: after the greatest smaller one.
   * @param {HTMLElement} el @param {number} id */
  place(el, id) {
    let before = list.querySelector(":scope > .msg:not([data-id])");
    for (const other of [...list.children].reverse()) {
      const n = Number(/** @type {HTMLElement} */ (other).dataset.id);
      if (!n || other === el) continue;
      if (n < id) { before = other.nextElementSibling; break; }
      before = other;
    }
    if (before !== el) list.insertBefore(el, before);
  }

  /** Times, neighbours, options, the name in the bar: after every change.
   * @param {boolean} [stick] whether the end was in sight before it */
  refresh(stick = nearBottom()) {
    let at = 0, who = "";
    for (const el of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(":scope > .msg"))) {
      const t = Date.parse(el.dataset.at ?? "");
      const gap = Math.abs(t - at) > 300_000;
      mark(el, gap ? t : 0);
      el.classList.toggle("near", !gap && el.dataset.who === who && el.dataset.who !== "citizen");
      at = t;
      who = el.dataset.who ?? "";
    }
    this.offer();
    this.standing();
    if (stick) toEnd(); else the("newer").hidden = false;
  }

  /** Options stand under the last message only. */
  offer() {
    const el = [...list.querySelectorAll(":scope > .msg")].at(-1);
    const line = [...this.seen.values()].find((e) => e.el === el)?.line;
    const last = line && line.who !== "citizen" && line.options?.length && !this.waits() ? line : null;
    if (last === this.offered && (!last || el?.querySelector(".options"))) return;
    this.offered = last;
    for (const old of list.querySelectorAll(".options")) old.remove();
    if (last && el) el.append(options(last.options ?? []));
  }

  /** Who answers, in the bar. */
  standing() {
    const lines = [...this.seen.values()].map((e) => e.line).filter((l) => l.who !== "citizen");
    const said = lines[lines.length - 1];
    this.person = said?.who === "operator";
    say(this.person ? `${said?.name || "工作人员"}正在为您服务` : "智能助手为您服务", this.person);
  }
}

/** @param {string} text @param {boolean} person */
function say(text, person) {
  const state = the("state");
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("person", person);
}

/** Whether a line is something to see: a pressed menu is not, as on WeChat.
 * @param {Line} line */
function speaks(line) {
  return line.text !== "" || line.event === "image" || line.event === "location" || line.event === "voice";
}

/** @param {HTMLElement} el @param {number} t 0: no time above it */
function mark(el, t) {
  let when = el.querySelector(":scope > .when");
  if (!t) return void when?.remove();
  if (!when) { when = make("time", "when"); el.prepend(when); }
  const text = dayTime(new Date(t), new Date());
  if (when.textContent !== text) when.textContent = text;
  /** @type {HTMLTimeElement} */ (when).dateTime = new Date(t).toISOString();
}

/** One message as it is seen.
 * @param {Line} line @param {Blob} [file] */
export function bubble(line, file) {
  const mine = line.who === "citizen";
  const el = make("li", `msg ${mine ? "mine" : line.who} fresh`);
  el.dataset.at = line.at;
  el.dataset.who = line.who;
  const body = make("div", "body");
  const speaker = mine ? "我" : line.who === "operator" ? line.name || "工作人员" : "莞家政务";
  body.append(line.who === "operator" ? make("span", "by", speaker, make("span", "sr", "：")) : make("span", "sr", speaker + "："));
  body.append(content(line, file));
  if (line.source) body.append(make("p", "source", linked("依据：" + line.source.replace(/^(依据|来源)[:：]\s*/, ""))));
  const via = VIA[/** @type {"wechat"|"phone"} */ (line.via)];
  if (via) body.append(make("span", "by", via));
  if (!mine) {
    const face = make("span", "face", line.who === "operator" ? (line.name || "人").slice(0, 1) : "莞");
    face.setAttribute("aria-hidden", "true");
    el.append(face);
  }
  el.append(body);
  return el;
}

/** @param {Line} line @param {Blob} [file] */
function content(line, file) {
  if (line.event === "image" && (line.picture || file)) {
    const img = /** @type {HTMLImageElement} */ (document.createElement("img"));
    img.alt = line.who === "operator" ? "工作人员发的图片" : "您发的图片";
    img.src = file ? URL.createObjectURL(file) : line.picture ?? "";
    img.addEventListener("load", () => { if (nearBottom(320)) toEnd(); });
    img.addEventListener("error", () => img.replaceWith(make("span", "quiet", "图片打不开了")));
    return make("div", "bubble photo", img);
  }
  if (line.event === "image") return make("div", "bubble", icon("i-picture"), "图片" + (line.text ? "：" + line.text : ""));
  if (line.event === "location") return make("div", "bubble", icon("i-pin"), line.text || "我的位置");
  if (line.event === "voice" && !line.text) return make("div", "bubble", "一段语音");
  return make("div", "bubble", linked(line.text));
}

/** Options as buttons, numbered as they can be named.
 * @param {Option[]} all */
function options(all) {
  const group = make("div", "options");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "可以这样回答");
  all.forEach((o, i) => {
    const n = make("i", "", String(i + 1));
    if (o.url) {
      const a = /** @type {HTMLAnchorElement} */ (make("a", "", n, make("span", "", o.text)));
      a.href = o.url;
      a.target = "_blank";
      a.rel = "noopener noreferrer";
      group.append(a);
      return;
    }
    const b = /** @type {HTMLButtonElement} */ (make("button", "", n, make("span", "", o.text)));
    b.type = "button";
    b.addEventListener("click", () => {
      group.contains(document.activeElement) && view.focus({ preventScroll: true });
      shown.choose(o.text);
    });
    group.append(b);
  });
  return group;
}

export function nearBottom(slack = 120) { return view.scrollHeight - view.scrollTop - view.clientHeight < slack; }
export function toEnd() {
  view.scrollTop = view.scrollHeight;
  the("newer").hidden = true;
}

/** A quiet line in the middle of the conversation. @param {string} text */
export function note(text) {
  list.append(make("li", "aside", text));
  toEnd();
}

/** 正在输入, only where one waits. */
export const typing = {
  /** @type {number|undefined} */ timer: undefined,
  start() {
    if (shown.person || this.timer) return;
    this.timer = setTimeout(() => {
      const stick = nearBottom();
      the("typing").hidden = false;
      if (stick) toEnd();
    }, TYPING_AFTER);
  },
  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    the("typing").hidden = true;
  },
};

export const shown = new Log();
