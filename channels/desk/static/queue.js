// The left pane: who waits, who is held, first in line first.
// @ts-check

import { the, make, state, now, ask } from "./wire.js";
import { channel, span, pressing } from "./words.js";

/** @import { Row } from "./wire.js" */

const filter = /** @type {HTMLInputElement} */ (the("filter"));
const PARTS = /** @type {Record<string, (r: Row) => boolean>} */ ({
  waiting: (r) => r.status === "waiting",
  mine: (r) => r.status !== "waiting" && r.operator === state.me,
  others: (r) => r.status !== "waiting" && r.operator !== state.me,
});

export const queue = {
  /** @type {(citizen: string) => void} */ open: () => {},
  drawn: "",

  /** Reads the queue; returns the number of the last change it holds. */
  async load() {
    const q = await ask("/desk/queue");
    state.rows = q.rows;
    state.me = q.me;
    state.skew = Date.parse(q.now) - Date.now();
    this.draw();
    return q.seq;
  },

  /** The rows on the screen, in order. */
  listed() {
    const want = filter.value.trim().toLowerCase();
    const has = (/** @type {Row} */ r) => [r.who, r.town, r.summary, r.last, r.intent, r.operator].some((t) => t.toLowerCase().includes(want));
    return Object.values(PARTS).flatMap((of) => state.rows.filter(of)).filter((r) => !want || has(r));
  },

  first() { return state.rows.find(PARTS.waiting); },
  urgent() { return state.rows.find((r) => r.urgent && (PARTS.waiting(r) || (PARTS.mine(r) && r.unanswered))); },

  draw() {
    const rows = this.listed();
    const picture = JSON.stringify([rows, state.current, state.me]);
    if (picture === this.drawn) return this.tick();
    this.drawn = picture;
    const focused = /** @type {HTMLElement|null} */ (document.activeElement?.closest("#rows button"))?.dataset.citizen;
    for (const [part, of] of Object.entries(PARTS)) {
      const section = /** @type {HTMLElement} */ (document.querySelector(`[data-part=${part}]`));
      const mine = rows.filter(of);
      section.hidden = mine.length === 0;
      section.querySelector("h3 span")?.replaceChildren(String(mine.length));
      section.querySelector("ol")?.replaceChildren(...mine.map((r) => make("li", "", this.row(r))));
    }
    if (focused) /** @type {HTMLElement|null} */ (document.querySelector(`#rows button[data-citizen="${CSS.escape(focused)}"]`))?.focus();
    the("rows-wait").hidden = true;
    the("rows-none").hidden = rows.length > 0;
    the("rows-none").textContent = filter.value ? "没有对得上的会话。" : "现在没有人在等。有人转人工时会出现在这里。";
    const waiting = state.rows.filter(PARTS.waiting).length;
    /** @type {HTMLButtonElement} */ (the("next")).disabled = waiting === 0;
    document.title = (waiting ? `（${waiting}）` : "") + "坐席 · 莞家政务";
    this.tick();
  },

  /** @param {Row} r */
  row(r) {
    const b = /** @type {HTMLButtonElement} */ (make("button", "row"));
    b.type = "button";
    b.dataset.citizen = r.citizen;
    b.classList.toggle("urgent", r.urgent);
    if (r.citizen === state.current) b.setAttribute("aria-current", "true");
    const wait = make("span", "wait");
    wait.dataset.since = r.status === "waiting" ? r.since : r.unanswered ?? "";
    wait.dataset.waiting = String(r.status === "waiting");
    b.append(
      make("span", "line1", make("span", "who", r.who), make("span", "from", [channel(r.channel), r.town].filter(Boolean).join(" · ")), wait),
      make("span", "last", r.last || "没有文字"),
      make("span", "why", make("span", "reason", r.reason), r.status === "waiting" || r.operator === state.me ? r.intent : r.operator + " 在接待"),
    );
    b.addEventListener("click", () => this.open(r.citizen));
    return b;
  },

  /** Times go on without a new reading. */
  tick() {
    for (const w of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#rows .wait"))) {
      const since = w.dataset.since;
      const ms = since ? Math.max(0, now() - Date.parse(since)) : 0;
      const text = !since ? "" : (w.dataset.waiting === "true" ? "等了 " : "待回 ") + span(ms);
      if (w.textContent !== text) w.textContent = text;
      w.dataset.pressing = since ? pressing(ms) : "";
    }
  },
};

filter.addEventListener("input", () => queue.draw());
