// The chat page. The transcript on the server is the truth: every line has a
// number, is shown once, and is asked for again from the last number known.
// What the citizen sends waits in a queue of its own until the transcript
// holds it.
// @ts-check

/**
 * @typedef {{text: string, url?: string}} Option
 * @typedef {object} Line
 * @property {number} [id] number in the transcript; absent: not there yet
 * @property {number} [out]
 * @property {"citizen"|"bot"|"operator"} who
 * @property {string} [name] the operator's
 * @property {string} [via] the channel, when it was not this one
 * @property {string} at RFC 3339
 * @property {string} text
 * @property {Option[]} [options]
 * @property {string} [source]
 * @property {string} [event]
 * @property {string} [picture]
 *
 * @typedef {object} Message what the citizen sends
 * @property {string} key
 * @property {string} text
 * @property {""|"choice"|"menu"|"location"|"subscribe"|"image"} event
 * @property {string} [menu]
 * @property {number} [lat]
 * @property {number} [lng]
 * @property {string} at
 * @property {"waiting"|"sending"|"failed"|"refused"} state
 * @property {string} [why] what is said under a message that did not go
 * @property {Blob} [file]
 */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const the = (id) => /** @type {T} */ (document.getElementById(id));
const root = document.documentElement;
const phone = the("phone"), log = the("log"), list = the("lines"), deck = the("deck");
const box = /** @type {HTMLTextAreaElement} */ (the("box"));
const MAX_TEXT = Number(phone.dataset.maxText), MAX_BYTES = Number(phone.dataset.maxBytes);
const TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const TYPING_AFTER = 400, NET_AFTER = 2500, STALL = 45_000, SEND_LIMIT = 30_000;

/** @param {string} tag @param {string} [cls] @param {...(Node|string)} kids */
function make(tag, cls, ...kids) {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  el.append(...kids);
  return el;
}

/** @param {string} name */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#" + name);
  svg.append(use);
  return svg;
}

/** A random key; crypto.randomUUID is not there on plain http. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// ---- what survives a reload --------------------------------------------------

const kept = {
  /** @param {Storage} store @param {string} key @returns {any} */
  read(store, key) {
    try { return JSON.parse(store.getItem(key) ?? "null"); } catch { return null; }
  },
  /** @param {Storage} store @param {string} key @param {unknown} value */
  write(store, key, value) {
    try { value ? store.setItem(key, JSON.stringify(value)) : store.removeItem(key); } catch { /* storage is off: nothing to keep it in */ }
  },
};

// ---- times, links ------------------------------------------------------------

const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "numeric", day: "numeric",
  weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** @param {Date} d @returns {Record<string, string>} */
const split = (d) => Object.fromEntries(parts.formatToParts(d).map((p) => [p.type, p.value]));

/** The time with its day, in Dongguan: 今天 15:04, 11月20日（周五） 09:12.
 * @param {Date} at @param {Date} now */
function dayTime(at, now) {
  const a = split(at), n = split(now), y = split(new Date(now.getTime() - 86_400_000));
  const day = (/** @type {Record<string, string>} */ p) => `${p.year}-${p.month}-${p.day}`;
  const clock = `${a.hour}:${a.minute}`;
  if (day(a) === day(n)) return `今天 ${clock}`;
  if (day(a) === day(y)) return `昨天 ${clock}`;
  const year = a.year === n.year ? "" : `${a.year}年`;
  return `${year}${a.month}月${a.day}日（${a.weekday}） ${clock}`;
}

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）《》【】“”]+|(?<!\d)0769-?\d{8}(?!\d)|(?<=[打拨])\s?(?:110|119|120|122|12345|12338|12356)(?!\d)|(?<=[打拨][^。\n]{0,24}[、或和])\s?(?:110|119|120|122|12345|12338|12356)(?!\d)/g;

/** Text with its addresses and telephone numbers made to follow.
 * @param {string} text */
function linked(text) {
  const out = document.createDocumentFragment();
  let from = 0;
  for (const m of text.matchAll(LINK)) {
    const a = /** @type {HTMLAnchorElement} */ (make("a", "", m[0]));
    const web = m[0].startsWith("http");
    a.href = web ? m[0] : "tel:" + m[0].trim();
    if (web) { a.target = "_blank"; a.rel = "noopener noreferrer"; }
    out.append(text.slice(from, m.index), a);
    from = m.index + m[0].length;
  }
  out.append(text.slice(from));
  return out;
}

// ---- the log -----------------------------------------------------------------

const VIA = { wechat: "来自微信", phone: "来自电话" };

class Log {
  /** @type {Map<number, {el: HTMLElement, line: Line}>} */ seen = new Map();
  /** @type {{el: HTMLElement, line: Line}[]} */ extras = [];
  last = 0;
  person = false;
  /** @type {Line|null} */ offered = null;

  /** Shows a line once; an own line takes the place of the message that waits for it.
   * @param {Line} line */
  add(line) {
    if (!line.id) return this.addExtra(line);
    this.last = Math.max(this.last, line.id);
    if (this.seen.has(line.id)) return;
    if (line.who !== "citizen") typing.stop();
    const el = this.adopt(line) ?? (speaks(line) ? bubble(line) : null);
    if (!el) return void this.seen.set(line.id, { el: make("li"), line });
    el.dataset.id = String(line.id);
    this.seen.set(line.id, { el, line });
    this.place(el, line.id);
    this.refresh();
  }

  /** @param {Line} line */
  addExtra(line) {
    if (this.extras.some((e) => e.line.out === line.out)) return;
    const el = bubble(line);
    list.append(el);
    this.extras.push({ el, line });
    this.refresh();
  }

  /** The element already shown for a line, if there is one.
   * @param {Line} line @returns {HTMLElement|undefined} */
  adopt(line) {
    if (line.who === "citizen") return outbox.adopt(line);
    const i = this.extras.findIndex((e) => e.line.text === line.text);
    return i < 0 ? undefined : this.extras.splice(i, 1)[0].el;
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

  /** Times, neighbours, options, the name in the bar: after every change. */
  refresh() {
    const stick = nearBottom();
    let at = 0, who = "";
    for (const el of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(":scope > .msg"))) {
      const t = Date.parse(el.dataset.at ?? "");
      const gap = t - at > 300_000;
      mark(el, gap ? t : 0);
      el.classList.toggle("near", !gap && el.dataset.who === who && el.dataset.who !== "citizen");
      at = t;
      who = el.dataset.who ?? "";
    }
    this.offer();
    if (stick) toEnd(); else the("newer").hidden = false;
  }

  /** Options stand under the last message only. */
  offer() {
    const el = /** @type {HTMLElement|null} */ (list.querySelector(":scope > .msg:last-of-type"));
    const line = [...this.seen.values(), ...this.extras].find((e) => e.el === el)?.line;
    const last = line && line.who !== "citizen" && line.options?.length && !outbox.busy() ? line : null;
    if (last === this.offered && (!last || el?.querySelector(".options"))) return;
    this.offered = last;
    for (const old of list.querySelectorAll(".options")) old.remove();
    if (last && el) el.append(options(last.options ?? []));
    this.standing();
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
function bubble(line, file) {
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
    img.alt = "您发的图片";
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
      group.contains(document.activeElement) && log.focus({ preventScroll: true });
      outbox.send({ text: o.text, event: "choice" });
    });
    group.append(b);
  });
  return group;
}

function nearBottom(slack = 120) { return log.scrollHeight - log.scrollTop - log.clientHeight < slack; }
function toEnd() {
  log.scrollTop = log.scrollHeight;
  the("newer").hidden = true;
}

// ---- 正在输入, only where one waits --------------------------------------------

const typing = {
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

// ---- what the citizen sends ----------------------------------------------------

class Outbox {
  /** @type {(Message & {el?: HTMLElement, taken?: boolean})[]} */ queue = [];
  running = false;
  tries = 0;
  /** @type {number|undefined} */ timer = undefined;

  /** @param {Partial<Message>} m */
  send(m) {
    /** @type {Message} */
    const message = { key: newKey(), text: "", event: "", at: new Date().toISOString(), state: "waiting", ...m };
    this.put(message);
    toEnd();
    this.pump();
  }

  /** @param {Message & {el?: HTMLElement}} m */
  put(m) {
    if (m.event !== "menu" && m.event !== "subscribe") {
      m.el = bubble({ who: "citizen", at: m.at, text: m.text, event: m.event }, m.file);
      list.append(m.el);
    }
    this.queue.push(m);
    this.save();
    shown.refresh();
  }

  /** Messages not refused are on their way: until then nothing is offered. */
  busy() { return this.queue.some((m) => m.state !== "refused"); }

  save() {
    const words = this.queue.filter((m) => m.event !== "image" && m.event !== "subscribe" && !m.taken);
    kept.write(sessionStorage, "guanjia.queue", words.length ? words.map(({ el, taken, ...m }) => m) : null);
  }

  restore() {
    for (const m of kept.read(sessionStorage, "guanjia.queue") ?? []) this.put({ ...m, state: m.state === "refused" ? "refused" : "waiting" });
    this.queue.filter((m) => m.state === "refused").forEach((m) => this.tell(m));
    this.pump();
  }

  /** The element of the message a transcript line is; it then waits no more.
   * @param {Line} line @returns {HTMLElement|undefined} */
  adopt(line) {
    const kind = (/** @type {string|undefined} */ e) => (e === "choice" || !e ? "" : e);
    const m = this.queue.find((q) => q.el && !q.taken && q.state !== "refused" && kind(q.event) === kind(line.event) && q.text === line.text);
    if (!m?.el) return undefined;
    m.taken = true;
    this.tell(m);
    this.save();
    return m.el;
  }

  /** Sends one after another, in order; what the network swallowed is sent
   * again under the same key. */
  async pump() {
    if (this.running) return;
    this.running = true;
    clearTimeout(this.timer);
    for (let m = this.next(); m; m = this.next()) {
      m.state = "sending";
      const late = setTimeout(() => this.tell(m), 1000);
      const wait = await this.post(m);
      clearTimeout(late);
      this.tell(m);
      this.save();
      if (wait > 0) {
        this.timer = setTimeout(() => this.pump(), wait);
        break;
      }
    }
    this.running = false;
    typing.stop();
    shown.refresh();
  }

  next() { return this.queue.find((m) => m.state !== "refused"); }

  /** Sends one message. Returns how long to wait before the next, in ms.
   * @param {Message & {el?: HTMLElement, taken?: boolean}} m */
  async post(m) {
    typing.start();
    let res, body;
    try {
      res = await (m.event === "image" ? this.upload(m) : this.words(m));
      body = await res.json();
    } catch {
      return this.later(m, "没有发出去，网络好了会自动再发。");
    }
    if (res.ok) return this.done(m, body);
    if (res.status === 429 || res.status >= 500) {
      return this.later(m, body.error, Number(res.headers.get("Retry-After")) * 1000);
    }
    m.state = "refused";
    m.why = body.error;
    if (!m.el) note(m.why ?? "");
    if (!m.el) this.drop(m);
    return 0;
  }

  /** @param {Message} m */
  words(m) {
    const { key, text, event, menu, lat, lng } = m;
    return fetch("/chat/send", {
      method: "POST", headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(SEND_LIMIT),
      body: JSON.stringify({ key, text, event, menu, lat, lng, after: shown.last }),
    });
  }

  /** @param {Message} m */
  upload(m) {
    return fetch("/chat/upload?after=" + shown.last, {
      method: "POST", headers: { "Content-Type": "application/octet-stream", "Idempotency-Key": m.key },
      signal: AbortSignal.timeout(SEND_LIMIT * 2), body: m.file,
    });
  }

  /** @param {Message & {el?: HTMLElement, taken?: boolean}} m @param {{lines: Line[]}} body */
  done(m, body) {
    this.tries = 0;
    for (const line of body.lines) shown.add(line);
    if (m.el && !m.taken && body.lines.some((l) => l.who === "citizen")) m.el.remove(); // shown under its number
    if (m.el) this.tell({ ...m, state: "waiting" });
    this.drop(m);
    return 0;
  }

  /** @param {Message} m @param {string} why @param {number} [wait] */
  later(m, why, wait) {
    m.state = "failed";
    m.why = why;
    return wait || Math.min(30_000, 1000 * 2 ** this.tries++);
  }

  /** Tries at once, as when the network is back. */
  retry() {
    if (!this.next()) return;
    clearTimeout(this.timer);
    this.pump();
  }

  /** @param {Message} m */
  drop(m) {
    this.queue = this.queue.filter((q) => q.key !== m.key);
    this.save();
  }

  /** Says under a message where it stands.
   * @param {Message & {el?: HTMLElement, taken?: boolean}} m */
  tell(m) {
    if (!m.el) return m.state === "failed" ? hint(m.why ?? "") : undefined;
    m.el.querySelector(".state")?.remove();
    if (m.taken || m.state === "waiting") return;
    if (m.state === "sending") return m.el.querySelector(".body")?.append(make("p", "state", "发送中…"));
    const line = make("p", "state failed", m.why ?? "没有发出去。");
    line.setAttribute("role", "status");
    const deed = /** @type {HTMLButtonElement} */ (make("button", "", m.state === "failed" ? "现在重发" : "改一改"));
    deed.type = "button";
    deed.addEventListener("click", () => (m.state === "failed" ? this.retry() : this.takeBack(m)));
    line.append(deed);
    m.el.querySelector(".body")?.append(line);
    if (nearBottom()) toEnd();
  }

  /** A refused message goes back to be changed.
   * @param {Message & {el?: HTMLElement}} m */
  takeBack(m) {
    m.el?.remove();
    this.drop(m);
    if (m.event !== "image") {
      box.value = m.text + (box.value ? "\n" + box.value : "");
      box.dispatchEvent(new Event("input"));
    }
    mode("keyboard", true);
    shown.refresh();
  }
}

/** A quiet line in the middle of the log. @param {string} text */
function note(text) {
  const p = make("li", "aside", text);
  list.append(p);
  toEnd();
}

/** @param {string} text */
function hint(text) {
  the("hint").textContent = text;
  the("hint").hidden = !text;
}

// ---- news ----------------------------------------------------------------------

class Stream {
  /** @type {EventSource|undefined} */ source;
  wait = 1000;
  heard = 0;
  /** @type {number|undefined} */ timer;
  /** @type {number|undefined} */ banner;

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    const es = (this.source = new EventSource("/chat/events?after=" + shown.last));
    const hear = () => { this.heard = Date.now(); };
    es.addEventListener("open", () => { hear(); this.wait = 1000; this.up(); });
    es.addEventListener("beat", hear);
    es.addEventListener("line", (e) => { hear(); shown.add(JSON.parse(e.data)); });
    es.addEventListener("extra", (e) => { hear(); shown.add(JSON.parse(e.data)); });
    es.addEventListener("error", () => {
      this.down("连接断开了，正在重新连接…", NET_AFTER);
      if (es.readyState === EventSource.CLOSED) this.again();
    });
  }

  /** The browser gives up on a refusal; we ask why and try again. */
  async again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(30_000, this.wait * 2);
    const body = await sync();
    if (body?.error) this.down(body.error, 0);
  }

  up() {
    clearTimeout(this.banner);
    this.banner = undefined;
    the("net").hidden = true;
    outbox.retry();
  }

  /** @param {string} text @param {number} after */
  down(text, after) {
    if (this.banner && after) return;
    clearTimeout(this.banner);
    this.banner = setTimeout(() => { the("net").textContent = text; the("net").hidden = false; }, after);
  }

  /** Looks whether a stream that seems open still is. */
  check() {
    if (Date.now() - this.heard > STALL) this.open();
  }
}

/** Fetches what is new; the answer's body, or null where there was none. */
async function sync() {
  try {
    const res = await fetch("/chat/history?after=" + shown.last, { signal: AbortSignal.timeout(10_000) });
    const body = await res.json();
    for (const line of body.lines ?? []) shown.add(line);
    return body;
  } catch {
    return null;
  }
}

// ---- writing -------------------------------------------------------------------

/** @param {"menu"|"keyboard"} to @param {boolean} [focus] */
function mode(to, focus) {
  deck.dataset.mode = to;
  const swap = the("swap"), menu = to === "menu";
  swap.setAttribute("aria-label", menu ? "切换到键盘" : "切换到菜单");
  swap.querySelector("use")?.setAttribute("href", menu ? "#i-keyboard" : "#i-menu");
  tray(false);
  closeMenus();
  if (focus && !menu) box.focus();
}

/** @param {boolean} open */
function tray(open) {
  the("tray").hidden = !open;
  the("more").setAttribute("aria-expanded", String(open));
}

function submit() {
  const text = box.value.trim();
  if (!text) return;
  const over = [...text].length - MAX_TEXT;
  if (over > 0) return hint(`这段话超出 ${over} 字，请分成几段发，每段不超过 ${MAX_TEXT} 字。`);
  box.value = "";
  typed();
  outbox.send({ text });
}

/** After every change of the box: height, the send button, the kept draft. */
function typed() {
  the("go").hidden = box.value.trim() === "";
  if (!CSS.supports("field-sizing", "content")) {
    box.style.height = "auto";
    box.style.height = box.scrollHeight + 2 + "px";
  }
  kept.write(sessionStorage, "guanjia.draft", box.value);
  hint("");
}

function wireWriting() {
  box.value = kept.read(sessionStorage, "guanjia.draft") ?? "";
  typed();
  box.addEventListener("input", typed);
  box.addEventListener("keydown", (e) => {
    // While an input method composes, Enter chooses a word; 229 is how older
    // browsers say so.
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    submit();
  });
  the("form").addEventListener("submit", (e) => {
    e.preventDefault();
    submit();
    box.focus();
  });
  the("swap").addEventListener("click", () => mode(deck.dataset.mode === "menu" ? "keyboard" : "menu", true));
  the("more").addEventListener("click", () => tray(the("tray").hidden));
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
    b.addEventListener("click", () => {
      about(false);
      outbox.send({ text: b.dataset.say ?? "" });
    });
  }
}

// ---- the menu ------------------------------------------------------------------

function closeMenus() {
  for (const b of deck.querySelectorAll(".top[aria-expanded=true]")) {
    b.setAttribute("aria-expanded", "false");
    the(b.getAttribute("aria-controls") ?? "").hidden = true;
  }
}

function wireMenu() {
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (deck.querySelectorAll(".top[aria-controls]"))) {
    b.addEventListener("click", () => {
      const open = b.getAttribute("aria-expanded") === "true";
      closeMenus();
      b.setAttribute("aria-expanded", String(!open));
      the(b.getAttribute("aria-controls") ?? "").hidden = open;
    });
  }
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (deck.querySelectorAll("[data-menu]"))) {
    b.addEventListener("click", () => {
      const top = /** @type {HTMLElement} */ (b.closest(".menu")?.querySelector(".top") ?? b);
      closeMenus();
      top.focus({ preventScroll: true });
      outbox.send({ event: "menu", menu: b.dataset.menu, text: "" });
    });
  }
  the("menus").addEventListener("keydown", moveInMenu);
  document.addEventListener("click", (e) => {
    if (!the("menus").contains(/** @type {Node} */ (e.target))) closeMenus();
  });
}

/** Arrows go through an open menu, Escape closes it. @param {KeyboardEvent} e */
function moveInMenu(e) {
  const menu = /** @type {HTMLElement} */ (e.target).closest(".menu");
  const top = /** @type {HTMLElement|null|undefined} */ (menu?.querySelector(".top"));
  if (!menu || !top) return;
  if (e.key === "Escape") {
    closeMenus();
    top.focus();
    return;
  }
  if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
  e.preventDefault();
  if (top.getAttribute("aria-expanded") === "false") top.click();
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".sub button")]);
  const i = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = e.key === "ArrowUp" ? (i < 0 ? items.length - 1 : i - 1) : i + 1;
  items[(next + items.length) % items.length]?.focus();
}

// ---- pictures and places ---------------------------------------------------------

function wirePicture() {
  const dialog = /** @type {HTMLDialogElement} */ (the("preview"));
  const input = /** @type {HTMLInputElement} */ (the("file"));
  const image = /** @type {HTMLImageElement} */ (the("preview-image"));
  /** @type {Blob|undefined} */ let file;
  /** @param {File|undefined|null} f */
  const show = (f) => {
    if (!f) return;
    if (!TYPES.includes(f.type)) return hint("只能发 JPG、PNG、GIF 或 WebP 图片。");
    if (f.size > MAX_BYTES) return hint("图片太大，请换一张不超过 10 MB 的。");
    file = f;
    image.src = URL.createObjectURL(f);
    the("preview-size").textContent = f.size < 1 << 20 ? `${Math.ceil(f.size / 1024)} KB` : `${(f.size / (1 << 20)).toFixed(1)} MB`;
    dialog.showModal();
  };
  the("pick-picture").addEventListener("click", () => input.click());
  input.addEventListener("change", () => { show(input.files?.[0]); input.value = ""; });
  box.addEventListener("paste", (e) => {
    const f = [...(e.clipboardData?.files ?? [])].find((x) => x.type.startsWith("image/"));
    if (f) { e.preventDefault(); show(f); }
  });
  the("preview-send").addEventListener("click", () => {
    dialog.close();
    tray(false);
    outbox.send({ event: "image", file });
  });
  dialog.addEventListener("close", () => URL.revokeObjectURL(image.src));
}

function wirePlace() {
  const dialog = /** @type {HTMLDialogElement} */ (the("place"));
  const status = the("place-note"), calm = status.textContent;
  the("pick-place").addEventListener("click", () => { status.textContent = calm; dialog.showModal(); });
  the("here").addEventListener("click", () => {
    const no = "没有取到位置。可以选镇街，或者直接把地址写下来。";
    if (!navigator.geolocation) return void (status.textContent = no);
    status.textContent = "正在取位置…";
    navigator.geolocation.getCurrentPosition((p) => {
      if (!dialog.open) return;
      dialog.close();
      tray(false);
      outbox.send({ event: "location", lat: p.coords.latitude, lng: p.coords.longitude, text: "我的位置" });
    }, () => { status.textContent = no; }, { timeout: 10_000, maximumAge: 60_000 });
  });
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-town]"))) {
    b.addEventListener("click", () => {
      dialog.close();
      tray(false);
      outbox.send({ text: b.dataset.town ?? "" });
    });
  }
  for (const b of document.querySelectorAll("dialog [data-close]")) {
    b.addEventListener("click", () => /** @type {HTMLDialogElement} */ (b.closest("dialog")).close());
  }
}

// ---- the frame -------------------------------------------------------------------

/** The words about the page, on a narrow screen. @param {boolean} open */
function about(open) {
  const was = the("about").hasAttribute("data-open");
  the("about").toggleAttribute("data-open", open);
  phone.inert = open;
  the("about-open").setAttribute("aria-expanded", String(open));
  if (open) the("about-close").focus();
  else if (was) the("about-open").focus();
}

/** @param {boolean} on */
function large(on) {
  root.dataset.size = on ? "large" : "";
  the("large").setAttribute("aria-pressed", String(on));
  kept.write(localStorage, "guanjia.large", on);
  toEnd();
}

function wireFrame() {
  large(kept.read(localStorage, "guanjia.large") === true);
  the("large").addEventListener("click", () => large(root.dataset.size !== "large"));
  the("about-open").addEventListener("click", () => about(true));
  the("about-close").addEventListener("click", () => about(false));
  the("about").addEventListener("keydown", (e) => { if (e.key === "Escape") about(false); });
  matchMedia("(min-width: 900px)").addEventListener("change", () => about(false));
  the("newer").addEventListener("click", toEnd);
  log.addEventListener("scroll", () => { if (nearBottom()) the("newer").hidden = true; }, { passive: true });
  new ResizeObserver(() => { if (the("newer").hidden) toEnd(); }).observe(log);
}

function wireNet() {
  addEventListener("offline", () => stream.down("网络断开了，写好的话会在连上后发出。", 0));
  addEventListener("online", () => stream.open());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    stream.check();
    shown.refresh();
  });
  setInterval(() => stream.check(), STALL);
}

/** The first look: what was said before, or a greeting. */
async function begin() {
  the("trouble").hidden = true;
  the("skeleton").hidden = false;
  const body = await sync();
  the("skeleton").hidden = true;
  if (!body || body.error) {
    the("trouble-text").textContent = body?.error ?? "现在连不上服务。请看看网络，或者拨打 12345。";
    the("trouble").hidden = false;
    return;
  }
  toEnd();
  log.setAttribute("aria-live", "polite");
  outbox.restore();
  if (shown.seen.size === 0) outbox.send({ event: "subscribe", text: "" });
  stream.open();
}

const shown = new Log();
const outbox = new Outbox();
const stream = new Stream();
wireFrame();
wireWriting();
wireMenu();
wirePicture();
wirePlace();
wireNet();
mode(matchMedia("(pointer: coarse)").matches ? "menu" : "keyboard");
the("trouble-again").addEventListener("click", () => location.reload());
begin();
