// Sound: one soft tone for someone new in the queue, a double one that comes
// back until somebody looks for an emergency. Browsers allow sound once the
// page was touched; until then the button says so.
// @ts-check

import { the } from "./wire.js";

const AGAIN = 8000;

class Sound {
  /** @type {AudioContext|undefined} */ audio;
  off = false;
  played = 0; // tones so far
  /** @type {number|undefined} */ timer;

  /** Called at the first touch or key. */
  async arm() {
    if (this.off || this.audio?.state === "running") return;
    try {
      this.audio ??= new AudioContext();
      await this.audio.resume();
    } catch { /* no sound device: the title and the list still show it */ }
    this.show();
  }

  toggle() {
    this.off = this.audio?.state === "running" && !this.off;
    if (!this.off) this.arm();
    this.show();
  }

  show() {
    const on = !this.off && this.audio?.state === "running";
    the("sound").textContent = on ? "声音已开" : "声音未开";
    the("sound").setAttribute("aria-pressed", String(on));
  }

  /** @param {number[]} pitches in Hz */
  play(...pitches) {
    this.played++;
    const audio = this.audio;
    if (this.off || audio?.state !== "running") return;
    pitches.forEach((pitch, i) => {
      const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + i * 0.28;
      volume.gain.setValueAtTime(0.1, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
      tone.frequency.value = pitch;
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.5);
    });
  }

  /** Someone new waits. */
  chime() { this.play(660); }

  /** An emergency is there, or is seen to. @param {boolean} on */
  alarm(on) {
    if (on === Boolean(this.timer)) return;
    clearInterval(this.timer);
    this.timer = undefined;
    if (!on) return;
    this.play(880, 660, 880);
    this.timer = setInterval(() => this.play(880, 660, 880), AGAIN);
  }
}

export const sound = new Sound();
