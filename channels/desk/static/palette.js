// What is written often, chosen by "/" in an empty reply; colleagues, by "@" in a
// note; and answers from the service guides, put into the reply with their source.
// @ts-check

import { the, make, state, ask, currentRow } from "./wire.js";

/** @typedef {{id: string, title: string, text: string}} Quick */
/** @typedef {{title: string, text: string, source: string}} Suggestion */
/** @typedef {{name: string, spelt: string[], away: boolean}} Colleague */

const text = /** @type {HTMLTextAreaElement} */ (the("text"));
const list = the("palette");
const dialog = /** @type {HTMLDialogElement} */ (the("guides"));
const words = /** @type {HTMLInputElement} */ (the("guides-words"));

/** Puts words where the cursor is. @param {string} what */
export function insert(what) {
  text.setRangeText(what, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {string} t */
const filled = (t) => t.replaceAll("{称呼}", currentRow()?.who ?? "").replaceAll("{坐席}", state.me);

const CALLED = /^\/\S*$/; // how a quick reply is called for
const NAMING = /[@＠]([^\s@＠，。]*)$/; // how a colleague is, right before the cursor

/** The name begun right before the cursor of a note; null where none is. */
const naming = () => the("say").dataset.kind === "note" && text.selectionStart === text.selectionEnd
  ? NAMING.exec(text.value.slice(0, text.selectionStart)) : null;

export const palette = {
  /** @type {Quick[]} */ all: [],
  /** @type {Quick[]} */ shown: [],
  names: false, // what is shown are colleagues
  /** @type {Promise<Colleague[]>|null} who could be named when the name was begun */ colleagues: null,
  at: 0,
  get open() { return !list.hidden; },

  /** Shows what fits the words after "/", or nothing. */
  async look() {
    const written = text.value;
    if (naming()) return this.lookForNames(written);
    this.colleagues = null;
    if (!CALLED.test(written)) return this.close();
    const found = await this.fitting(written);
    if (text.value !== written) return; // the next look shows what fits now
    this.shown = found.slice(0, 8);
    this.names = false;
    this.at = 0;
    this.draw();
  },

  /** Shows the colleagues whose name, or its pinyin, goes on as it was begun. @param {string} written */
  async lookForNames(written) {
    this.colleagues ??= ask(`/desk/conversation/${encodeURIComponent(state.current)}/colleagues`).catch(() => []);
    const people = await this.colleagues;
    const begun = naming();
    if (text.value !== written || !begun) return;
    const goesOn = (/** @type {string} */ n) => n.startsWith(begun[1]) || n.startsWith(begun[1].toLowerCase());
    this.shown = people.filter((p) => [p.name, ...p.spelt].some(goesOn)).slice(0, 8)
      .map((p) => ({ id: p.name, title: p.name, text: p.away ? "离线" : "" }));
    if (people.some((p) => p.name === begun[1])) this.shown = []; // written out
    this.names = true;
    this.at = 0;
    this.draw();
  },

  /** What the words after "/" may mean. @param {string} words @returns {Promise<Quick[]>} */
  async fitting(words) {
    if (!this.all.length) this.all = await ask("/desk/quick").catch(() => []);
    const want = words.slice(1).toLowerCase();
    return this.all.filter((q) => (q.title + q.text).toLowerCase().includes(want));
  },

  /** Whether words call for a quick reply that does not exist. @param {string} words */
  async unknown(words) { return CALLED.test(words) && !(await this.fitting(words)).length; },

  draw() {
    list.hidden = this.shown.length === 0;
    list.replaceChildren(...this.shown.map((q, i) => {
      const li = make("li", "", make("strong", "", q.title), " ", filled(q.text));
      li.id = "quick-" + i;
      li.setAttribute("role", "option");
      li.setAttribute("aria-selected", String(i === this.at));
      li.addEventListener("mousedown", (e) => { e.preventDefault(); this.at = i; this.choose(); });
      return li;
    }));
    if (list.hidden) text.removeAttribute("aria-activedescendant");
    else text.setAttribute("aria-activedescendant", "quick-" + this.at);
  },

  close() { if (this.open) { this.shown = []; this.draw(); } },

  choose() {
    const q = this.shown[this.at];
    if (!q) return;
    const begun = naming();
    if (this.names && begun) {
      text.setSelectionRange(text.selectionStart - begun[1].length, text.selectionStart);
      insert(q.title + " ");
    } else if (!this.names) {
      text.value = "";
      insert(filled(q.text));
    }
    this.close();
  },

  /** True if the key was the palette's. @param {KeyboardEvent} e */
  key(e) {
    if (this.names && !naming()) this.close(); // the cursor went elsewhere
    if (!this.open || e.isComposing || e.keyCode === 229) return false;
    const n = this.shown.length;
    switch (e.key) {
      case "ArrowDown": this.at = (this.at + 1) % n; this.draw(); break;
      case "ArrowUp": this.at = (this.at + n - 1) % n; this.draw(); break;
      case "Enter": case "Tab": this.choose(); break;
      case "Escape": this.close(); break;
      default: return false;
    }
    e.preventDefault();
    e.stopImmediatePropagation(); // Enter chooses here and does not send
    return true;
  },
};

/** A suggestion with a button that puts it into the reply.
 * @param {Suggestion} s @param {() => void} [after] */
export function suggestion(s, after) {
  const use = /** @type {HTMLButtonElement} */ (make("button", "", "插入"));
  use.type = "button";
  use.setAttribute("aria-label", "插入：" + s.title);
  use.addEventListener("click", () => { after?.(); insert(s.text + (s.source ? "\n" + s.source : "")); });
  const rest = s.text.startsWith(s.title + "\n") ? s.text.slice(s.title.length + 1) : s.text; // the title is said once
  return make("li", "suggestion", make("strong", "", s.title), make("p", "", rest), make("p", "quiet", s.source), use);
}

let asked = 0, answered = ""; // the words whose answers are shown
async function search() {
  const mine = ++asked, sought = words.value.trim();
  the("guides-none").textContent = sought ? "正在查…" : "";
  let found = [];
  try {
    if (sought) found = await ask("/desk/guides?q=" + encodeURIComponent(sought));
  } catch (e) {
    if (mine === asked) the("guides-none").textContent = /** @type {Error} */ (e).message;
    return;
  }
  if (mine !== asked) return; // a later question is under way
  answered = sought;
  the("guides-found").replaceChildren(...found.map((/** @type {Suggestion} */ s) => suggestion(s, () => dialog.close())));
  the("guides-none").textContent = found.length || !sought ? "" : "指南里没有查到，换个说法试试。";
}

export function openGuides() {
  if (!state.current) return;
  dialog.showModal();
  words.select();
}

export function wirePalette() {
  text.addEventListener("input", () => palette.look());
  text.addEventListener("blur", () => palette.close());
  text.addEventListener("keydown", (e) => { palette.key(e); }, { capture: true });
  the("guide").addEventListener("click", openGuides);
  words.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || e.isComposing || e.keyCode === 229) return;
    e.preventDefault(); // a search box would only empty itself
    dialog.close();
  });
  the("guides-form").addEventListener("submit", (e) => {
    e.preventDefault();
    const first = /** @type {HTMLElement|null} */ (the("guides-found").querySelector("button"));
    if (first && answered === words.value.trim()) first.click(); // Enter takes the first of what is shown
    else search();
  });
  let soon = 0;
  words.addEventListener("input", () => { clearTimeout(soon); soon = window.setTimeout(search, 250); });
  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
}
