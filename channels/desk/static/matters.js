// What the citizen has with the city: appointments and tickets, looked up on
// request, and a ticket nobody has yet sent on.
// @ts-check

import { the, make, state, now, ask } from "./wire.js";
import { span } from "./words.js";

/**
 * @typedef {{id: string, title: string}} Body
 * @typedef {{number: string, title: string, type: string, status: string, holder: string, due: string|null, bodies: Body[], version: number, page: boolean}} Filed
 * @typedef {{number: string, service: string, where: string, when: string, who: string, status: string}} Booked
 */

export const matters = {
  /** @type {{appointments: Booked[], tickets: Filed[]}|null} */ found: null,
  of: "",
  trouble: "",
  /** @type {() => void} */ told: () => {},

  leave() { this.found = null; this.trouble = ""; },

  async look() {
    if (!state.current) return;
    const citizen = state.current;
    try {
      const found = await ask(`/desk/conversation/${encodeURIComponent(citizen)}/matters`);
      if (citizen !== state.current) return;
      this.found = found;
      this.trouble = "";
    } catch (e) {
      this.trouble = /** @type {Error} */ (e).message;
    }
    this.told();
    /** @type {HTMLElement|null} */ (document.querySelector("#packet .matters h3"))?.focus();
  },
};

/** @type {Filed|null} */
let sending = null;

/** @param {Filed} t */
function send(t) {
  sending = t;
  the("sending-title").textContent = "派单：" + t.title;
  const to = /** @type {HTMLSelectElement} */ (the("sending-to"));
  to.replaceChildren(...t.bodies.map((b) => new Option(b.title, b.id)));
  /** @type {HTMLDialogElement} */ (the("sending")).showModal();
}

/** @param {Filed} t */
function ticket(t) {
  const left = t.due ? Date.parse(t.due) - now() : 0;
  const due = make("span", t.due && left < 0 ? "late" : "", !t.due ? "" : left < 0 ? `超期 ${span(-left)}` : `还有 ${span(left)}`);
  /** @type {Node|string} */
  let number = t.number;
  if (t.page) {
    const a = /** @type {HTMLAnchorElement} */ (make("a", "", t.number));
    a.href = "/desk/work/ticket/" + encodeURIComponent(t.number);
    a.target = "_blank";
    number = a;
  }
  const li = make("li", "", make("strong", "", t.title), make("p", "quiet", number, " · ", t.type, " · ", t.status, t.holder ? " · " + t.holder : "", " ", due));
  if (t.bodies.length) {
    const b = /** @type {HTMLButtonElement} */ (make("button", "", "派单"));
    b.type = "button";
    b.setAttribute("aria-label", "派单：" + t.title);
    b.addEventListener("click", () => send(t));
    li.append(b);
  }
  return li;
}

/** As a part of the right pane. */
export function mattersPart() {
  const head = make("h3", "", "市民的预约和诉求");
  head.tabIndex = -1;
  const part = make("section", "matters", head);
  if (matters.trouble) part.append(make("p", "error", matters.trouble));
  const look = /** @type {HTMLButtonElement} */ (make("button", "", matters.found ? "再查一次" : "查一下"));
  look.type = "button";
  look.addEventListener("click", () => matters.look());
  const v = matters.found;
  if (v) {
    if (!v.appointments.length && !v.tickets.length) part.append(make("p", "quiet", "没有预约，也没有诉求。"));
    const ol = make("ol");
    ol.append(...v.appointments.map((a) => make("li", "", make("strong", "", a.service), make("p", "quiet", `${a.when} · ${a.where} · ${a.who} · ${a.status} · ${a.number}`))), ...v.tickets.map(ticket));
    part.append(ol);
  }
  part.append(look);
  return part;
}

export function wireMatters() {
  const dialog = /** @type {HTMLDialogElement} */ (the("sending"));
  dialog.addEventListener("close", async () => {
    const t = sending, note = /** @type {HTMLTextAreaElement} */ (the("sending-note"));
    sending = null;
    if (dialog.returnValue === "yes" && t) {
      try {
        await ask(`/desk/conversation/${encodeURIComponent(state.current)}/matters/${encodeURIComponent(t.number)}/dispatch`,
          { to: /** @type {HTMLSelectElement} */ (the("sending-to")).value, words: note.value, seen: t.version });
        note.value = "";
        await matters.look();
      } catch (e) {
        await matters.look(); // why it was refused is to be seen there
        matters.trouble = /** @type {Error} */ (e).message;
        matters.told();
      }
    }
    dialog.returnValue = "";
  });
}
