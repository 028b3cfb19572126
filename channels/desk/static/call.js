// The words of a running call, and its sound on a press.
// @ts-check

import { the } from "./wire.js";
import { listening } from "./listening.js";

const form = /** @type {HTMLFormElement} */ (the("listen-in")), button = /** @type {HTMLButtonElement} */ (the("hear"));

listening.changed = (words) => {
  button.textContent = listening.line ? "停止旁听" : "旁听声音";
  button.classList.toggle("on", Boolean(listening.line));
  the("listen-why").toggleAttribute("disabled", Boolean(listening.line)); // it was given, and is noted
  the("hearing").textContent = words;
};
form.addEventListener("submit", (e) => {
  e.preventDefault();
  if (listening.line) return listening.stop();
  listening.start(form.dataset.citizen ?? "", /** @type {HTMLSelectElement} */ (the("listen-why")).value);
});
form.hidden = false; // it could do nothing before
