// What every part of the page uses: its elements, what it keeps over a reload,
// and the shape of what goes over the wire.
// @ts-check

/**
 * @typedef {{text: string, url?: string}} Option
 * @typedef {object} Line
 * @property {number} id number in the transcript
 * @property {"citizen"|"bot"|"operator"} who
 * @property {string} [name] the operator's
 * @property {string} [via] the channel, when it was not this one
 * @property {string} at RFC 3339
 * @property {string} text
 * @property {Option[]} [options]
 * @property {string} [source]
 * @property {string} [event]
 * @property {string} [picture]
 *
 * @typedef {object} Message what the citizen sends
 * @property {string} key
 * @property {string} text
 * @property {""|"choice"|"menu"|"location"|"subscribe"|"image"} event
 * @property {string} [menu]
 * @property {number} [lat]
 * @property {number} [lng]
 * @property {string} at
 * @property {"waiting"|"sending"|"failed"|"refused"} state
 * @property {string} [why] what is said under a message that did not go
 * @property {Blob} [file]
 */

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const the = (id) => /** @type {T} */ (document.getElementById(id));

/** What the server allows. */
export const most = { text: Number(the("phone").dataset.maxText), bytes: Number(the("phone").dataset.maxBytes) };

/** @param {string} tag @param {string} [cls] @param {...(Node|string)} kids */
export function make(tag, cls, ...kids) {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  el.append(...kids);
  return el;
}

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#" + name);
  svg.append(use);
  return svg;
}

/** A random key; crypto.randomUUID is not there on plain http. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** What survives a reload: drafts and unsent words in the tab, the size of the
 * letters in the browser. */
export const kept = {
  /** @param {Storage} store @param {string} key @returns {any} */
  read(store, key) {
    try { return JSON.parse(store.getItem(key) ?? "null"); } catch { return null; }
  },
  /** @param {Storage} store @param {string} key @param {unknown} value */
  write(store, key, value) {
    try { value ? store.setItem(key, JSON.stringify(value)) : store.removeItem(key); } catch { /* storage is off: nothing to keep it in */ }
  },
};

/** A line above the box for what is wrong with what is being written. @param {string} text */
export function hint(text) {
  the("hint").textContent = text;
  the("hint").hidden = !text;
}
