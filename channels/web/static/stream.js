// News from the server: a stream that goes on from the last line known.
// @ts-check

import { the } from "./page.js";
import { shown } from "./log.js";
import { outbox } from "./outbox.js";

const NET_AFTER = 2500;
/** A stream that says nothing for so long, in ms, is gone. */
export const STALL = 45_000;

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
export async function sync() {
  try {
    const res = await fetch("/chat/history?after=" + shown.last, { signal: AbortSignal.timeout(10_000) });
    const body = await res.json();
    for (const line of body.lines ?? []) shown.add(line);
    return body;
  } catch {
    return null;
  }
}

export const stream = new Stream();
