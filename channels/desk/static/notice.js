// Desktop notices: what calls for attention is told outside the page while
// nobody looks at it. They say that somebody waits and of what kind it is, and
// nothing a citizen said or is: screens are seen by others, and systems keep
// notices. Asked for with the sound, at the first touch after signing in;
// a browser that refuses is said to, with the way to allow it.
// @ts-check

import { the } from "./wire.js";

/** What is told, by kind; a later notice of a kind takes the earlier one's place. */
const WORDS = /** @type {Record<string, string>} */ ({
  urgent: "有紧急会话，请马上看。",
  offer: "请您接一个会话。",
  waiting: "有新的市民在等人工。",
  reply: "您接待的市民有新消息。",
  named: "同事在备注里提到您。",
  given: "同事把一个会话交给了您。",
  note: "同事给您接待的会话留了备注。",
  surge: "短时间里有很多人反映同一件事。",
});

class Notices {
  off = false;
  asked = false;
  permission = "Notification" in window ? Notification.permission : "denied"; // asking for it waits for the browser's own process: not at every key
  /** @type {Map<string, Notification>} */ shown = new Map();
  /** @type {(kind: string) => void} what a click on one leads to */ go = () => {};

  /** on, off, refused, or none where this page cannot have any. */
  get state() {
    if (!isSecureContext || !("Notification" in window)) return "none";
    if (this.permission === "denied") return "refused";
    return this.permission === "granted" && !this.off ? "on" : "off";
  }

  /** Called at the first touch or key: browsers ask only then, and once. */
  async arm() {
    if (this.state === "none" || this.asked || this.permission !== "default") return;
    this.asked = true;
    this.permission = await Notification.requestPermission();
    this.show();
  }

  async toggle() {
    if (this.state === "none" || this.state === "refused") return /** @type {HTMLDialogElement} */ (the("notices-" + this.state)).showModal();
    if (this.permission === "default") {
      this.asked = false;
      return this.arm();
    }
    this.off = !this.off;
    if (this.off) this.seen();
    this.show();
  }

  /** Hears of it when they are allowed or refused in the browser's settings. */
  async follow() {
    const status = await navigator.permissions?.query({ name: "notifications" }).catch(() => null); // not every browser can be asked
    status?.addEventListener("change", () => { this.permission = Notification.permission; this.show(); });
  }

  show() {
    the("notices").textContent = { on: "提醒已开", off: "提醒未开", refused: "提醒被拦", none: "没有提醒" }[this.state];
    the("notices").setAttribute("aria-pressed", String(this.state === "on"));
  }

  /** Tells, where the page is not what is looked at. @param {string} kind */
  tell(kind) {
    if (this.state !== "on" || document.hasFocus()) return;
    try {
      const n = new Notification("莞家政务坐席", { body: WORDS[kind], tag: "desk-" + kind, lang: "zh-CN", silent: true, requireInteraction: kind === "urgent" });
      n.addEventListener("click", () => { window.focus(); n.close(); this.go(kind); });
      n.addEventListener("close", () => { if (this.shown.get(kind) === n) this.shown.delete(kind); });
      this.shown.set(kind, n);
    } catch { // phones show them through service workers alone
      this.off = true;
      this.show();
    }
  }

  /** The page is looked at: what was told is known. */
  seen() {
    for (const n of this.shown.values()) n.close();
    this.shown.clear();
  }
}

export const notices = new Notices();
