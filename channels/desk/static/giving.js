// Giving a conversation back to the bot. The page waits a moment before it asks
// the server to, so that one key too many is taken back by another. Until then
// the operator holds the conversation and the bot is silent: whatever becomes of
// the page, the conversation is somebody's and what the citizen says is read.
// @ts-check

import { the, ask, state } from "./wire.js";

/** @import { Row } from "./wire.js" */
/** @typedef {{citizen: string, fence: number, unanswered: string|null, until: number, tick: number}} Gift */

const STANDS = 8000; // ms that why it was not given back is read

/** The words of theirs that nobody has answered. @param {string} citizen */
const unanswered = (citizen) => state.rows.find((r) => r.citizen === citizen)?.unanswered ?? null;

export const giving = {
  /** @type {Gift|null} */ gift: null,
  /** @type {(citizen: string) => void} called when one was given back, or not */ over: () => {},
  /** @type {number|undefined} */ standing: undefined,

  /** Gives back in a moment; asked again, at once. @param {string} citizen @param {string} who @param {number} fence */
  begin(citizen, who, fence) {
    const again = this.gift?.citizen === citizen;
    this.now();
    if (again) return;
    const until = Date.now() + Number(document.body.dataset.grace);
    this.gift = { citizen, fence, unanswered: unanswered(citizen), until, tick: window.setInterval(() => this.tick(), 250) };
    this.say(`交还机器人：${who}`);
    the("giving-undo").hidden = false;
    this.tick();
  },

  tick() {
    const left = (this.gift?.until ?? 0) - Date.now();
    if (left <= 0) return this.now();
    const words = `${Math.ceil(left / 1000)} 秒后机器人接着说`;
    if (the("giving-left").textContent !== words) the("giving-left").textContent = words;
  },

  /** Takes it back. @param {string} [why] to be read */
  undo(why = "") {
    if (!this.gift) return;
    clearInterval(this.gift.tick);
    this.gift = null;
    the("giving-left").textContent = "";
    the("giving-undo").hidden = true;
    this.say(why);
    if (why) this.standing = window.setTimeout(() => this.say(""), STANDS);
  },

  /** @param {string} words */
  say(words) {
    clearTimeout(this.standing);
    the("giving").hidden = !words;
    the("giving-text").textContent = words;
  },

  /** Gives back what is to be given back. */
  async now() {
    const gift = this.gift;
    if (!gift) return;
    this.undo();
    try {
      await ask(`/desk/conversation/${encodeURIComponent(gift.citizen)}/back`, { fence: gift.fence });
    } catch (e) {
      if (!this.gift) this.undone(/** @type {Error} */ (e).message);
    }
    this.over(gift.citizen);
  },

  /** @param {string} why */
  undone(why) {
    this.say(`没有交还成：${why}`);
    this.standing = window.setTimeout(() => this.say(""), STANDS);
  },

  /** Something else is done in a conversation: it is not given back. @param {string} citizen */
  stays(citizen) { if (this.gift?.citizen === citizen) this.undo(); },

  /** The queue was read: who speaks meanwhile speaks to the operator. */
  heard() {
    const gift = this.gift;
    if (gift && (unanswered(gift.citizen) ?? gift.unanswered) !== gift.unanswered) this.undo("市民又说话了，先没有交还。");
  },

  /** The page is left: what was to be given back is, as far as it can still be asked for. */
  leave() {
    const gift = this.gift;
    if (!gift) return;
    this.undo();
    fetch(`/desk/conversation/${encodeURIComponent(gift.citizen)}/back`, {
      method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ fence: gift.fence }),
    }).catch(() => { /* then it stays with the operator */ });
  },
};
