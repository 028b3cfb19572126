// A picture to the citizen: chosen or pasted, looked at, sent.
// @ts-check

import { the, state, newKey } from "./wire.js";
import { talk } from "./talk.js";

const MOST = 10 << 20; // bytes, as WeChat takes them
const file = /** @type {HTMLInputElement} */ (the("picture-file"));
const dialog = /** @type {HTMLDialogElement} */ (the("picturing"));
const shown = /** @type {HTMLImageElement} */ (the("picturing-shown"));

/** @typedef {{blob: Blob, citizen: string, key: string}} Picture */
/** @type {Picture|null} what is looked at */
let held = null;

const may = () => talk.mine && !the("to-picture").hidden;

export function choosePicture() {
  if (may()) file.click();
}

/** Shows a picture before it is sent. @param {Blob} blob */
function look(blob) {
  if (!may()) return;
  if (blob.size > MOST) return talk.say("图片太大，请换一张不超过 10 MB 的。");
  const picture = { blob, citizen: state.current, key: newKey() };
  const read = new FileReader();
  read.addEventListener("load", () => {
    held = picture;
    shown.src = String(read.result);
    if (!dialog.open) dialog.showModal();
  });
  read.readAsDataURL(blob); // the page loads nothing but from the server and from itself
}

export function wirePicture() {
  the("to-picture").addEventListener("click", choosePicture);
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen) look(chosen);
  });
  the("text").addEventListener("paste", (e) => {
    const pasted = [.../** @type {ClipboardEvent} */ (e).clipboardData?.files ?? []].find((f) => f.type.startsWith("image/"));
    if (!pasted) return;
    e.preventDefault();
    look(pasted);
  });
  // Decided when the button is pressed: that a dialog was closed is told only
  // later, when another picture may be looked at already.
  dialog.addEventListener("submit", (e) => {
    const of = held;
    held = null;
    const yes = /** @type {HTMLButtonElement|null} */ (e.submitter)?.value === "yes";
    if (yes && of && of.citizen === state.current) talk.picture(of.blob, of.key);
  });
  dialog.addEventListener("cancel", () => { held = null; });
  dialog.addEventListener("close", () => {
    if (held) return;
    shown.removeAttribute("src");
    the("text").focus(); // while the picture is on its way: who waits writes on
  });
}
