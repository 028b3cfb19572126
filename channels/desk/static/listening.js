// A call that goes on, heard in the page: both sides as they come, mixed for
// both ears. What comes late is played, what comes too late is let go, so that
// the call is heard as it is now.
// @ts-check

import { signedOut } from "./wire.js";

const RATE = 8000, HEAD = 44; // samples a second, and bytes before the first one
const BOTH = 4; // bytes of a sample of both sides
const AHEAD = 0.2; // seconds that are kept against unsteady arrival
const MOST = 0.7; // and never more than this

export const listening = {
  /** @type {(words: string) => void} told when it begins and ends, with what is to be said */ changed: () => {},
  citizen: "", // whose call is heard
  heard: 0, // seconds of sound that were played
  /** @type {AbortController|undefined} */ line: undefined,

  /** Begins to hear a citizen's call; it is asked from a click, or browsers let
   * nothing sound. @param {string} citizen @param {string} reason */
  async start(citizen, reason) {
    this.stop();
    const line = (this.line = new AbortController());
    this.citizen = citizen;
    this.heard = 0;
    this.changed("正在接上…");
    let words = "通话结束，旁听停了。", audio;
    try {
      audio = new AudioContext({ latencyHint: "interactive" });
      const r = await fetch(`/desk/conversation/${encodeURIComponent(citizen)}/listen`,
        { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text: reason }), signal: line.signal });
      if (r.status === 401) signedOut();
      if (!r.ok || !r.body) words = (await r.json()).error;
      else await this.play(r.body.getReader(), audio, line);
    } catch {
      words = "旁听断了，可以再按一次。";
    }
    audio?.close();
    if (this.line !== line) return; // it was stopped, or another begun
    this.line = undefined;
    this.citizen = "";
    this.changed(words);
  },

  stop() {
    if (!this.line) return;
    this.line.abort();
    this.line = undefined;
    this.citizen = "";
    this.changed("");
  },

  /** @param {ReadableStreamDefaultReader<Uint8Array>} from @param {AudioContext} audio @param {AbortController} line */
  async play(from, audio, line) {
    let rest = new Uint8Array(0), head = HEAD, at = 0;
    for (;;) {
      const { done, value } = await from.read();
      if (done) return;
      const came = new Uint8Array(rest.length + value.length);
      came.set(rest);
      came.set(value, rest.length);
      const skipped = Math.min(head, came.length), n = Math.floor((came.length - skipped) / BOTH);
      head -= skipped;
      rest = came.slice(skipped + n * BOTH);
      if (!n) continue;
      const buffer = mixed(audio, new DataView(came.buffer, skipped, n * BOTH), n);
      if (at < audio.currentTime) at = audio.currentTime + AHEAD;
      if (at > audio.currentTime + MOST) continue;
      const source = audio.createBufferSource();
      source.buffer = buffer;
      source.connect(audio.destination);
      source.start(at);
      at += buffer.duration;
      const first = !this.heard;
      this.heard += buffer.duration;
      if (first && this.line === line) this.changed("正在旁听，双方听不到您");
    }
  },
};

/** Both sides together. @param {AudioContext} audio @param {DataView} pairs @param {number} n */
function mixed(audio, pairs, n) {
  const buffer = audio.createBuffer(1, n, RATE), samples = buffer.getChannelData(0);
  for (let i = 0; i < n; i++) samples[i] = (pairs.getInt16(BOTH * i, true) + pairs.getInt16(BOTH * i + 2, true)) / 32768;
  return buffer;
}
