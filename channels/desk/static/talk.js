// The middle pane: one conversation, line by line, and what is written into it.
// Every line has a number and is shown once.
// @ts-check

import { the, make, state, now, ask, newKey } from "./wire.js";
import { channel, clock, day, span } from "./words.js";
import { form } from "./form.js";
import { matters } from "./matters.js";
import { palette } from "./palette.js";

/** @import { Line } from "./wire.js" */

const list = the("lines"), scroll = the("scroll");
const text = /** @type {HTMLTextAreaElement} */ (the("text"));
const offered = /** @type {HTMLInputElement} */ (the("offered"));
const SPEAKERS = { citizen: "市民", bot: "机器人", operator: "", note: "备注" };
const HOLDING = /** @type {Record<string, string>} */ ({ bot: "机器人在答", queued: "在排队，机器人还在答", closed: "已结束" });
const FIRST = 200; // lines the server sends at first
const MORE = 1000; // and at once after that
const NEAR = 5 * 60_000;
const RETRY = 2000; // ms from a reading that failed to the next
const AFTER = 300; // ms from a line that was told to reading what came of it
const narrow = matchMedia("(max-width: 719px)");

/** What is being written, by citizen; it survives a reload of the tab.
 * @typedef {{text: string, kind: string, key: string, sent: string, options?: string}} Draft */
const drafts = {
  name: () => "desk.drafts." + state.me,
  /** @returns {Record<string, Draft>} */
  all() { try { return JSON.parse(sessionStorage.getItem(this.name()) ?? "{}"); } catch { return {}; } },
  /** @param {string} citizen @returns {Draft} */
  of(citizen) { return this.all()[citizen] ?? { text: "", kind: "say", key: newKey(), sent: "" }; },
  /** @param {string} citizen @param {Draft|null} draft */
  keep(citizen, draft) {
    const all = this.all();
    if (draft) all[citizen] = draft; else delete all[citizen];
    try { sessionStorage.setItem(this.name(), JSON.stringify(all)); } catch { /* storage is off: nothing to keep it in */ }
  },
};

export const talk = {
  /** @type {() => void} called after every deed */ changed: () => {},
  /** @type {(words: string) => void} called after every reading: why it failed, or nothing */ failing: () => {},
  /** @type {(citizen: string) => void} called when something other than a note begins */ begins: () => {},
  /** @type {() => void} called when the packet may read otherwise */ told: () => {},
  /** @type {() => void} called when the call may be heard, or no more */ moved: () => {},
  last: 0, // the newest line's number
  read: 0, // the newest line's that was read, not only told of
  owed: 0, // lines that were told of and not shown
  paid: 0, // and how many of them have been read
  first: 0, // the oldest line's number on the screen
  until: 0, // when WeChat stops taking replies, in ms
  mine: false,
  hearable: false, // it is a call that goes on, and ours to listen to
  fence: 0, // the number of the hold the page shows
  handling: "",
  missed: false, // what was to be read could not be
  soon: 0, // a reading is due
  later: 0, // so is one after another failed
  sending: false,
  again: false, // Enter was pressed while words were on their way
  meant: "", // what was asked about, and goes when Enter is pressed again
  acting: Promise.resolve(true),
  /** @type {Line|null} */ before: null,
  reading: Promise.resolve(),
  /** @type {Promise<void>|undefined} a reading that has not begun */ queued: undefined,

  /** @param {string} citizen */
  async open(citizen) {
    this.keepDraft();
    state.current = citizen;
    const relabel = /** @type {HTMLAnchorElement} */ (the("relabel"));
    relabel.href = `/desk/learn/conversation/${encodeURIComponent(citizen)}`;
    relabel.hidden = false;
    this.last = this.read = this.first = 0;
    state.tags = [];
    state.suggestions = [];
    form.leave();
    state.around = [];
    drawAround();
    matters.leave();
    this.before = null;
    this.mine = this.hearable = false;
    this.moved();
    the("blank").hidden = true;
    the("open").hidden = false;
    the("newer").hidden = the("older").hidden = true;
    list.replaceChildren();
    was = 0; // nobody scrolled
    the("lines-wait").hidden = false;
    scroll.setAttribute("aria-live", "off");
    const draft = drafts.of(citizen);
    text.value = draft.text;
    offering(Boolean(draft.options));
    offered.value = draft.options ?? "";
    this.kind(draft.kind, false);
    grow();
    this.say("");
    await this.refresh();
    toEnd();
    scroll.setAttribute("aria-live", "polite");
  },

  /** Reads the open conversation's new lines; one reading after another, and one
   * for all that is told before it begins. */
  refresh() {
    this.queued ??= this.reading = this.reading.then(async () => {
      this.queued = undefined;
      const owed = this.owed;
      for (let more = true; more;) {
        const citizen = state.current;
        if (!citizen) return;
        const named = this.last > 0 && document.hasFocus() && state.mentions.some((m) => m.citizen === citizen); // and read here
        const c = await ask(`/desk/conversation/${encodeURIComponent(citizen)}?after=${this.read}${named ? "&looked" : ""}`);
        if (named) state.mentions = state.mentions.filter((m) => m.citizen !== citizen);
        this.missed = false;
        more = citizen !== state.current || this.read > 0 && c.lines.length === MORE;
        if (citizen === state.current) this.draw(c);
      }
      this.paid = owed;
    }).then(() => this.failing(""), (e) => { // the stream's next word or beat has it read again, and so does a while
      this.missed = true;
      if (!e.refused && !e.abandoned) {
        this.failing(e.message);
        this.later ||= window.setTimeout(() => { this.later = 0; this.refresh(); }, RETRY);
      }
      if (!the("lines-wait").hidden) this.say(e.message);
    });
    return this.queued;
  },

  /** Shows a line at once that the stream told, and reads a moment later what
   * else came of it. A line that was not told is read, and so are those behind
   * it until it is there: they would stand before it. @param {Line} [line] */
  hear(line) {
    if (!line || this.owed > this.paid || this.missed || !this.read) {
      this.owed++;
      return void this.refresh();
    }
    this.show([line]);
    this.soon ||= window.setTimeout(() => { this.soon = 0; this.refresh(); }, AFTER);
  },

  /** @param {Line[]} lines */
  show(lines) {
    const last = this.last;
    for (const line of lines) this.add(line);
    if (atEnd) toEnd(); else if (this.last > last) the("newer").hidden = false;
  },

  /** @param {any} c */
  draw(c) {
    if (!the("lines-wait").hidden) this.say("");
    the("lines-wait").hidden = true;
    the("who").textContent = c.who;
    this.mine = c.mine;
    this.fence = c.fence;
    this.handling = c.handling;
    const held = c.handling === "human" ? (c.mine ? "您在接待" : `${c.operator} 在接待`) : HOLDING[c.handling] ?? "";
    the("holding").textContent = `${channel(c.channel)} · ${held}`;
    the("take").hidden = c.handling === "human";
    the("back").hidden = the("close").hidden = !c.mine;
    the("pass").hidden = !c.mine && !(state.supervises && (c.handling === "human" || c.handling === "queued"));
    const pass = /** @type {Text} */ (the("pass").firstChild), passes = c.mine ? "转交 " : "改派 ";
    if (pass.data !== passes) pass.data = passes;
    this.hearable = c.hearable;
    this.moved();
    form.take(c);
    state.around = c.around;
    drawAround();
    state.tags = c.tags;
    if (c.suggestions) state.suggestions = c.suggestions;
    if (!this.first && c.lines.length) {
      this.first = c.lines[0].id;
      the("older").hidden = c.lines.length < FIRST;
    }
    this.told();
    this.until = c.until ? Date.parse(c.until) : 0;
    this.tick();
    the("to-offer").hidden = the("to-picture").hidden = !c.mine || c.channel === "phone"; // a caller sees neither
    this.kind(this.kindNow(), false);
    this.show(c.lines);
    this.read = Math.max(this.read, c.lines.at(-1)?.id ?? 0);
  },

  /** @param {Line} line */
  add(line) {
    if (line.id <= this.last) return;
    const before = this.before;
    if (!before || day(before.at, now()) !== day(line.at, now())) list.append(make("li", "day", day(line.at, now())));
    const near = before && before.speaker === line.speaker && before.name === line.name && Date.parse(line.at) - Date.parse(before.at) < NEAR;
    list.append(item(line, !near));
    this.before = line;
    this.last = line.id;
  },

  /** Reads what stands before the oldest line, and stays where one reads. */
  async older() {
    const citizen = state.current, button = /** @type {HTMLButtonElement} */ (the("older"));
    button.disabled = true;
    try {
      /** @type {Line[]} */
      const lines = await ask(`/desk/conversation/${encodeURIComponent(citizen)}/earlier?before=${this.first}`);
      if (citizen !== state.current) return;
      const from = scroll.scrollHeight - scroll.scrollTop;
      const items = [];
      let before = null;
      for (const line of lines) {
        if (!before || day(before.at, now()) !== day(line.at, now())) items.push(make("li", "day", day(line.at, now())));
        items.push(item(line, true));
        before = line;
      }
      const heading = list.firstElementChild;
      if (before && heading?.textContent === day(before.at, now())) heading.remove(); // it goes on from above
      list.prepend(...items);
      if (lines.length) this.first = lines[0].id;
      button.hidden = lines.length < FIRST;
      scroll.scrollTop = scroll.scrollHeight - from;
    } catch (e) {
      this.say(/** @type {Error} */ (e).message);
    } finally {
      button.disabled = false;
    }
  },

  /** WeChat's window, told and coloured. */
  tick() {
    const p = the("until"), left = this.until - now();
    p.hidden = !this.until;
    if (!this.until) return;
    p.textContent = left > 0 ? `微信还可回复 ${span(left)}` : "微信 48 小时已过，市民再来时送达";
    p.dataset.left = left <= 0 ? "over" : left < 2 * 3600_000 ? "soon" : left < 12 * 3600_000 ? "some" : "";
  },

  kindNow() { return /** @type {HTMLInputElement} */ (document.querySelector("input[name=kind]:checked")).value; },

  /** Chooses whom the words are for. Who does not hold the conversation can
   * only leave a note. @param {string} kind @param {boolean} focus */
  kind(kind, focus) {
    const say = /** @type {HTMLInputElement} */ (document.querySelector("input[name=kind][value=say]"));
    const note = /** @type {HTMLInputElement} */ (document.querySelector("input[name=kind][value=note]"));
    (kind === "note" ? note : say).checked = true;
    const blocked = kind !== "note" && !this.mine;
    the("say").dataset.kind = kind;
    the("kind-hint").textContent = blocked ? (this.handling === "human" ? "同事在接待，备注会提醒到同事" : "接入后才能回复") : kind === "note" ? "只有同事看得到" : "";
    text.placeholder = kind === "note" ? "写给同事看的备注" : narrow.matches ? "回复市民" : "回复市民，Enter 发送，Shift + Enter 换行";
    /** @type {HTMLButtonElement} */ (the("send")).disabled = blocked;
    if (focus) text.focus();
  },

  /** Forgets every draft, as at signing out. */
  leave() {
    state.current = "";
    sessionStorage.removeItem(drafts.name());
  },

  keepDraft() {
    if (!state.current) return;
    const kind = this.kindNow();
    if (!text.value && !offered.value && kind === "say") return drafts.keep(state.current, null);
    drafts.keep(state.current, { ...drafts.of(state.current), text: text.value, kind, options: offered.value });
  },

  /** @param {string} words */
  say(words) { the("why").textContent = words; },

  /** Sends what is written. Words that may have been sent go again under the
   * same name, so that the citizen reads them once; what is written meanwhile
   * stays, and goes next if Enter was pressed behind it. */
  async send() {
    const whole = text.value, words = whole.trim(), kind = this.kindNow(), citizen = state.current;
    if (!words) return;
    if (this.sending) return void (this.again = true);
    if (kind === "say" && await this.mistaken(words)) return;
    this.sending = true;
    this.again = false;
    await this.acting; // taking it may be under way
    const done = citizen === state.current && (kind === "note" || this.mine) && await this.sendWords(citizen, kind, whole, words);
    this.sending = false;
    if (done && citizen === state.current && this.again) await this.send();
  },

  /** Whether the words look like a quick reply that does not exist; they are
   * sent all the same when Enter is pressed again. @param {string} words */
  async mistaken(words) {
    if (this.meant === words || text.value.trim() !== words || !await palette.unknown(words)) return false;
    this.meant = words;
    this.say(`没有“${words}”这条常用语。真要发给市民这几个字，再按一次 Enter。`);
    return true;
  },

  /** @param {string} citizen @param {string} kind @param {string} whole @param {string} words */
  async sendWords(citizen, kind, whole, words) {
    const draft = drafts.of(citizen), options = kind === "say" ? choices() : [];
    const saying = [words, ...options].join("\n");
    if (draft.sent !== saying) draft.key = newKey();
    drafts.keep(citizen, { ...draft, text: text.value, kind, sent: saying });
    if (!await this.deed(kind, { text: words, options, key: draft.key, seen: this.last })) return false;
    const here = citizen === state.current;
    const now = here ? text.value : drafts.of(citizen).text;
    const rest = now.startsWith(whole) ? now.slice(whole.length).trimStart() : now;
    drafts.keep(citizen, rest ? { text: rest, kind, key: newKey(), sent: "" } : null);
    if (!here) return true;
    if (options.length) offering(false);
    text.value = rest;
    grow();
    toEnd();
    return true;
  },

  /** Sends a picture. @param {Blob} blob @param {string} key */
  picture(blob, key) {
    const at = new URLSearchParams({ key, fence: String(this.fence), seen: String(this.last) });
    return this.deed("picture?" + at, blob);
  },

  /** Does something to the open conversation; tells whether it was done. Words
   * sent meanwhile wait for it.
   * @param {string} name @param {object} [body] @param {Promise<void>} [opened] has to be over first @returns {Promise<boolean>} */
  deed(name, body = {}, opened = Promise.resolve()) {
    const citizen = state.current;
    this.acting = opened.then(() => citizen === state.current && this.act(name, body));
    return this.acting;
  },

  /** @param {string} name @param {object} body */
  async act(name, body) {
    if (!state.current) return false;
    let done = true;
    if (name !== "note") this.begins(state.current);
    try {
      await ask(`/desk/conversation/${encodeURIComponent(state.current)}/${name}`, body instanceof Blob ? body : { fence: this.fence, ...body });
      this.say("");
    } catch (e) {
      this.say(/** @type {Error} */ (e).message);
      done = false;
    }
    this.changed();
    await this.refresh();
    return done;
  },
};

/** The options written, each once. */
const choices = () => the("offering").hidden ? [] : [...new Set(offered.value.split(/[、，,；;\s]+/).filter(Boolean))];

/** Shows or takes away the line for options. @param {boolean} on */
function offering(on) {
  the("offering").hidden = !on;
  the("to-offer").setAttribute("aria-expanded", String(on));
  if (!on) offered.value = "";
}

/** The line for options, to write in; once more takes it away. */
export function offer() {
  if (!talk.mine || the("to-offer").hidden) return;
  talk.kind("say", false);
  const on = the("offering").hidden;
  offering(on);
  (on ? offered : text).focus();
  talk.keepDraft();
}

let forgetting = 0;
/** Who else is here, and who writes; a key is a while ago soon. */
export function drawAround() {
  const writing = state.around.filter((p) => p.typing).map((p) => p.name), here = state.around.filter((p) => !p.typing).map((p) => p.name);
  the("around").textContent = [writing.length && `${writing.join("、")} 正在写…`, here.length && `${here.join("、")} 也在看`].filter(Boolean).join("　");
  clearTimeout(forgetting);
  if (writing.length) forgetting = window.setTimeout(() => { state.around = state.around.map((p) => ({ ...p, typing: false })); drawAround(); }, 6000);
}

let typed = 0;
/** Says that we write, every few seconds at the most. */
function typing() {
  if (!state.current || !text.value || Date.now() - typed < 3000) return;
  typed = Date.now();
  ask(`/desk/conversation/${encodeURIComponent(state.current)}/typing`, {}).catch(() => { /* it is of the moment: the next key tells it */ });
}

/** One line as it is seen. @param {Line} line @param {boolean} headed */
function item(line, headed) {
  if (line.quiet) headed = false; // it speaks for itself
  const li = make("li", line.event && !line.attachment && line.event !== "choice" && line.event !== "location" && line.event !== "voice" || line.quiet ? `${line.speaker} event` : line.speaker);
  li.dataset.id = String(line.id);
  if (headed) {
    const who = [SPEAKERS[line.speaker], line.name].filter(Boolean).join(" · ");
    li.append(make("p", "by", who, " ", make("time", "", clock(line.at))));
  }
  const body = make("div", "body", make("p", "words", line.text));
  if (line.attachment) {
    const a = /** @type {HTMLAnchorElement} */ (make("a", "photo"));
    a.href = `/desk/attachment/${encodeURIComponent(line.attachment)}`;
    a.target = "_blank";
    const img = /** @type {HTMLImageElement} */ (make("img"));
    img.src = a.href;
    img.alt = `${line.speaker === "citizen" ? "市民" : line.name}发来的图片，打开看大图`;
    img.addEventListener("error", () => a.replaceChildren(line.speaker === "note" ? "打开录音" : "打开附件")); // no picture: the line's recording of a call, or a file
    a.append(img);
    body.append(a);
  }
  if (line.options.length) body.append(make("p", "options", "可选：" + line.options.join(" / ")));
  if (line.source) body.append(make("p", "options", "来源：" + line.source.replace(/^(依据|来源)[:：]\s*/, "")));
  li.append(body);
  return li;
}

const nearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;

// Where one reads is known from scrolling, and the end is gone to when a frame is
// drawn: measuring at every line would lay the page out once more each time. Who
// does not scroll up stays at the end, however late pictures take their height;
// who does goes nowhere else.
let atEnd = true, ending = 0, was = 0;
function scrolled() {
  const up = scroll.scrollTop < was;
  was = scroll.scrollTop;
  if (nearEnd()) {
    atEnd = true;
    the("newer").hidden = true;
  } else if (up) {
    atEnd = false;
    cancelAnimationFrame(ending);
    ending = 0;
  }
}
function toEnd() {
  atEnd = true;
  the("newer").hidden = true;
  ending ||= requestAnimationFrame(() => { ending = 0; down(); });
}
function down() {
  scroll.scrollTop = scroll.scrollHeight;
  was = scroll.scrollTop;
}

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = text.scrollHeight + 2 + "px";
}

export function wireTalk() {
  text.addEventListener("input", () => {
    grow();
    talk.keepDraft();
    typing();
    if (text.value && talk.kindNow() === "say") talk.begins(state.current);
    if (talk.meant && text.value.trim() !== talk.meant) { talk.meant = ""; talk.say(""); } // written otherwise: nothing to ask
  });
  text.addEventListener("keydown", (e) => {
    // While an input method composes, Enter chooses a word; 229 is how older
    // browsers say so.
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    talk.send();
  });
  offered.addEventListener("input", () => talk.keepDraft());
  offered.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    if (text.value.trim()) talk.send(); else text.focus(); // what is asked comes before what can be answered
  });
  the("to-offer").addEventListener("click", offer);
  the("say").addEventListener("submit", (e) => { e.preventDefault(); talk.send(); });
  for (const r of document.querySelectorAll("input[name=kind]")) r.addEventListener("change", () => { talk.kind(talk.kindNow(), true); talk.keepDraft(); });
  the("newer").addEventListener("click", toEnd);
  the("older").addEventListener("click", () => talk.older());
  scroll.addEventListener("scroll", scrolled, { passive: true });
  const kept = new ResizeObserver(() => { if (atEnd) down(); }); // all is laid out then: nothing is measured anew
  kept.observe(scroll);
  kept.observe(list);
  addEventListener("pagehide", () => talk.keepDraft());
}
