// What every part of the desk uses: its elements, its state, and how it asks
// the server.
// @ts-check

/**
 * @typedef {{name: string, value: string}} Pair
 * @typedef {object} Row a conversation in the queue
 * @property {string} citizen
 * @property {string} who
 * @property {string} channel
 * @property {string} reason
 * @property {boolean} urgent
 * @property {string} summary
 * @property {string} intent
 * @property {Pair[]} slots
 * @property {string[]} tried
 * @property {string} town
 * @property {"waiting"|"taken"} status
 * @property {string} operator
 * @property {string} since
 * @property {string} last
 * @property {string} alarm what an emergency was raised by
 * @property {string|null} unanswered
 * @property {string} note
 * @property {string} offered
 * @property {string|null} offer_until
 * @property {string} wanted
 * @property {boolean} parted
 *
 * @typedef {object} Line
 * @property {number} id
 * @property {"citizen"|"bot"|"operator"|"note"} speaker
 * @property {string} name
 * @property {string} at
 * @property {string} text
 * @property {string[]} options
 * @property {string} source
 * @property {string} event
 * @property {string} attachment
 * @property {string} channel
 * @property {boolean} quiet it tells of the telephone line, and nobody noted it
 */

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
export const the = (id) => /** @type {T} */ (document.getElementById(id));

/** @param {string} tag @param {string} [cls] @param {...(Node|string)} kids */
export function make(tag, cls, ...kids) {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  el.append(...kids);
  return el;
}

/** Remembers where the keys go, for the time after an answer: who went on elsewhere
 * meanwhile is not called back, as what they type would go there too.
 * @returns {(to: HTMLElement|null|undefined) => void} */
export function staying() {
  const at = document.activeElement;
  return (to) => { if (document.activeElement === at || document.activeElement === document.body) to?.focus(); };
}

export const state = {
  /** @type {Row[]} */ rows: [],
  /** @type {Row[]} */ head: [], // what calls for attention, wherever it stands
  totals: { waiting: 0, mine: 0, others: 0 },
  /** @type {{citizen: string, who: string, by: string}[]} */ mentions: [],
  /** @type {{id: string, text: string}[]} */ surges: [], // many report the same
  /** @type {{name: string, typing: boolean}[]} */ around: [], // colleagues at the open conversation
  keys: 0, // switches that wait for our key
  duty: "", // whether we are asked to take conversations: on, away
  me: "",
  supervises: document.body.dataset.supervises === "yes",
  skew: 0, // the server's clock minus ours, in ms
  leaving: false, // signing out
  current: "", // the open conversation's citizen
  /** @type {string[]} */ tags: [],
  /** @type {{title: string, text: string, source: string}[]} */ suggestions: [],
};

/** The server's time, in ms. */
export const now = () => Date.now() + state.skew;

export const currentRow = () => [...state.rows, ...state.head].find((r) => r.citizen === state.current);

/** A random name for a reply; crypto.randomUUID is not there on plain http. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Goes to the sign-in page, unless the operator is on the way there already. */
export function signedOut() { if (!state.leaving) location.assign("/desk/login?ended"); }

/** What is said of a deed while the line is down; it falls away when the line is back. */
export const UNREACHED = "连不上服务，没有办成。写的内容还在，连上后请再发一次。";

let readings = new AbortController();
/** Gives up what is being read: the line it was asked over is no more. */
export function abandon() {
  readings.abort();
  readings = new AbortController();
}

/** Asks the server; an error carries a sentence to show, and whether the server
 * refused or the reading was given up: then nothing is wrong with the line.
 * @param {string} path @param {unknown} [body] given: it is a deed */
export async function ask(path, body) {
  const limit = AbortSignal.timeout(15_000), asked = readings.signal;
  /** @type {RequestInit} */
  const how = body === undefined ? { signal: AbortSignal.any([asked, limit]) }
    : { signal: limit, method: "POST", headers: { "Content-Type": body instanceof Blob ? body.type : "application/json" }, body: body instanceof Blob ? body : JSON.stringify(body) };
  let r, answer;
  try {
    r = await fetch(path, how);
    answer = r.status === 204 ? {} : await r.json();
  } catch {
    const words = body === undefined ? "连不上服务，正在重试。" : UNREACHED;
    throw Object.assign(new Error(words), { abandoned: body === undefined && asked.aborted });
  }
  if (r.status === 401) signedOut();
  if (!r.ok) throw Object.assign(new Error(answer.error || "系统忙，请稍后再试。"), { refused: r.status < 500 });
  return answer;
}
