// The left pane: who waits, who is held, first in line first.
// @ts-check

import { the, make, state, now, ask } from "./wire.js";
import { channel, span, pressing } from "./words.js";

/** @import { Row } from "./wire.js" */

const WINDOW = 100; // rows of a part the server shows at once
const filter = /** @type {HTMLInputElement} */ (the("filter"));
const PARTS = /** @type {Record<string, (r: Row) => boolean>} */ ({
  mine: (r) => r.status !== "waiting" && r.operator === state.me,
  waiting: (r) => r.status === "waiting",
  others: (r) => r.status !== "waiting" && r.operator !== state.me,
});

export const queue = {
  /** @type {(citizen: string) => void} */ open: () => {},
  /** @type {() => void} another part is looked at */ moved: () => {},
  drawn: "",
  /** @type {Map<string, {li: HTMLElement, b: HTMLButtonElement, picture: string}>} by citizen */ items: new Map(),
  heard: 0, // the last change whose news is in the rows already
  asked: 0, // how often the queue was asked for
  got: 0, // which of these was the last to be answered
  from: { waiting: 0, others: 0 }, // how many of a long list are passed over

  /** Reads the queue; returns the number of the last change it holds. */
  async load() {
    const view = new URLSearchParams({ waiting: String(this.from.waiting), others: String(this.from.others), current: state.current, q: filter.value.trim() });
    const turn = ++this.asked;
    const q = await ask("/desk/queue?" + view);
    if (turn < this.got) return q.seq; // what was asked for later came first
    this.got = turn;
    state.rows = q.rows;
    state.head = q.head;
    state.totals = q.totals;
    state.duty = q.state ?? "";
    state.mentions = q.mentions;
    state.keys = q.keys ?? 0;
    state.surges = q.surges;
    for (const part of /** @type {const} */ (["waiting", "others"])) {
      if (this.from[part] && this.from[part] >= q.totals[part]) { // the list became shorter
        this.from[part] = 0;
        return this.load();
      }
    }
    state.me = q.me;
    state.skew = Date.parse(q.now) - Date.now();
    this.draw();
    if (q.seq < this.heard) this.moved(); // it was read before what was told meanwhile
    return q.seq;
  },

  /** Whether a citizen is in the list as far as it is read. @param {string} citizen */
  knows(citizen) { return state.rows.some((r) => r.citizen === citizen) || state.head.some((r) => r.citizen === citizen); },

  /** Shows the news of a row; false: it is to be read, for it may stand
   * elsewhere or nowhere now.
   * @param {string} citizen @param {{last: string, unanswered: string|null, note: string}} news @param {number} seq the change that tells it */
  hear(citizen, news, seq) {
    if (filter.value) return false;
    this.heard = seq;
    for (const r of [...state.rows, ...state.head].filter((r) => r.citizen === citizen)) {
      r.last = news.last;
      if (r.status !== "waiting") { r.unanswered = news.unanswered; r.note = news.note; }
    }
    this.draw();
    return true;
  },

  /** The rows on the screen, in order. */
  listed() { return Object.values(PARTS).flatMap((of) => state.rows.filter(of)); },

  /** What is offered to us, else who is next and offered to nobody. */
  first() {
    const free = state.head.filter((r) => PARTS.waiting(r) && (!r.offered || r.offered === state.me));
    return free.find((r) => r.offered) ?? free[0];
  },
  offer() { return state.head.find((r) => PARTS.waiting(r) && r.offered === state.me); },
  urgent() { return state.head.find((r) => r.urgent && (PARTS.waiting(r) || (PARTS.mine(r) && r.unanswered))); },

  draw() {
    const rows = this.listed();
    const picture = JSON.stringify([rows, state.current, state.me, state.totals, this.from]);
    if (picture === this.drawn) return this.tick();
    this.drawn = picture;
    const focused = /** @type {HTMLElement|null} */ (document.activeElement?.closest("#rows button"))?.dataset.citizen;
    for (const [part, belongs] of Object.entries(PARTS)) {
      const section = /** @type {HTMLElement} */ (document.querySelector(`[data-part=${part}]`));
      const mine = rows.filter(belongs);
      section.hidden = mine.length === 0;
      const of = /** @type {Record<string, number>} */ (state.totals)[part], from = part === "mine" ? 0 : this.from[/** @type {"waiting"|"others"} */ (part)];
      /** @type {HTMLElement} */ (section.querySelector("h3 span")).textContent = mine.length === of ? String(of) : `${of}，这里是第 ${from + 1} 到 ${from + mine.length}`;
      this.turn(section, /** @type {"waiting"|"others"|"mine"} */ (part), from, from + mine.length < of);
      const list = /** @type {HTMLElement} */ (section.querySelector("ol")), items = mine.map((r) => this.item(r));
      if (items.length !== list.children.length || items.some((li, i) => li !== list.children[i])) list.replaceChildren(...items);
    }
    for (const citizen of this.items.keys()) if (!rows.some((r) => r.citizen === citizen)) this.items.delete(citizen);
    if (focused && /** @type {HTMLElement|null} */ (document.activeElement)?.dataset.citizen !== focused) /** @type {HTMLElement|null} */ (document.querySelector(`#rows button[data-citizen="${CSS.escape(focused)}"]`))?.focus();
    the("rows-wait").hidden = true;
    the("rows-none").hidden = rows.length > 0;
    the("rows-none").textContent = filter.value ? "没有对得上的会话。" : "现在没有人在等。有人转人工时会出现在这里。";
    const waiting = filter.value ? state.rows.filter(PARTS.waiting).length : state.totals.waiting;
    /** @type {HTMLButtonElement} */ (the("next")).disabled = !this.first();
    document.title = (waiting ? `（${waiting}）` : "") + "坐席 · 莞家政务";
    this.tick();
  },

  /** Turns the pages of a long part. @param {HTMLElement} section @param {"waiting"|"others"|"mine"} part @param {number} from @param {boolean} more */
  turn(section, part, from, more) {
    section.querySelector(".turn")?.remove();
    if (part === "mine" || (!from && !more)) return;
    const button = (/** @type {string} */ text, /** @type {number} */ to) => {
      const b = /** @type {HTMLButtonElement} */ (make("button", "", text));
      b.type = "button";
      b.addEventListener("click", () => { this.from[part] = to; this.moved(); the("rows").scrollTop = 0; });
      return b;
    };
    section.append(make("p", "turn", ...(from ? [button("前 100 位", Math.max(0, from - WINDOW))] : []), ...(more ? [button("后 100 位", from + WINDOW)] : [])));
  },

  /** A row's place in the list: the same as before, and drawn anew only if it
   * reads otherwise. @param {Row} r */
  item(r) {
    const picture = JSON.stringify([r, r.citizen === state.current, state.me]);
    let item = this.items.get(r.citizen);
    if (!item) {
      const b = /** @type {HTMLButtonElement} */ (make("button", "row"));
      b.type = "button";
      b.dataset.citizen = r.citizen;
      b.addEventListener("click", () => this.open(r.citizen));
      this.items.set(r.citizen, item = { li: make("li", "", b), b, picture: "" });
    }
    if (item.picture !== picture) this.fill(item.b, r);
    item.picture = picture;
    return item.li;
  },

  /** @param {HTMLButtonElement} b @param {Row} r */
  fill(b, r) {
    b.classList.toggle("urgent", r.urgent);
    b.classList.toggle("offered", r.offered === state.me);
    b.classList.toggle("noted", Boolean(r.note) && PARTS.mine(r));
    if (r.citizen === state.current) b.setAttribute("aria-current", "true"); else b.removeAttribute("aria-current");
    const wait = make("span", "wait");
    wait.dataset.since = r.status === "waiting" ? r.since : r.unanswered ?? "";
    wait.dataset.waiting = String(r.status === "waiting");
    b.replaceChildren(
      make("span", "line1", make("span", "who", r.who), make("span", "from", [channel(r.channel), r.town].filter(Boolean).join(" · ")), wait),
      ...(r.alarm && r.alarm !== r.last ? [make("span", "alarmed", r.alarm)] : []),
      make("span", "last", r.last || "没有文字"),
      ...(r.note && PARTS.mine(r) ? [make("span", "note", "备注　" + r.note)] : []),
      make("span", "why", make("span", "reason", r.parted ? "已挂断，待回拨" : r.reason), make("span", "", r.status !== "waiting" && r.operator !== state.me ? r.operator + " 在接待" : !r.offered ? [r.wanted && "转给" + r.wanted, r.intent].filter(Boolean).join(" · ") : r.offered === state.me ? "正请您接" : "正请" + r.offered + "接")),
    );
  },

  /** Times go on without a new reading. */
  tick() {
    for (const w of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#rows .wait"))) {
      const since = w.dataset.since;
      const ms = since ? Math.max(0, now() - Date.parse(since)) : 0;
      const waiting = w.dataset.waiting === "true";
      const text = !since ? "" : ms < 60_000 ? (waiting ? "刚来" : "刚说") : (waiting ? "等了 " : "待回 ") + span(ms);
      if (w.textContent !== text) w.textContent = text;
      w.dataset.pressing = since ? pressing(ms) : "";
    }
  },
};

let typing = 0;
filter.addEventListener("input", () => {
  clearTimeout(typing);
  typing = window.setTimeout(() => { queue.from = { waiting: 0, others: 0 }; queue.moved(); }, 150);
});
