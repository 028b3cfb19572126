// What the citizen sends waits here, in order, until the transcript holds it.
// @ts-check

import { the, make, newKey, kept, hint } from "./page.js";
import { shown, typing, bubble, nearBottom, toEnd, note } from "./log.js";

/** @import { Line, Message } from "./page.js" */

const SEND_LIMIT = 30_000;

class Outbox {
  /** @type {(Message & {el?: HTMLElement, taken?: boolean})[]} */ queue = [];
  /** @type {(text: string) => void} puts words back into the box */ rewrite = () => {};
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
      the("lines").append(m.el);
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
    if (m.event !== "image") this.rewrite(m.text);
        shown.refresh();
  }
}

export const outbox = new Outbox();
shown.adopt = (line) => outbox.adopt(line);
shown.waits = () => outbox.busy();
shown.choose = (text) => outbox.send({ text, event: "choice" });
