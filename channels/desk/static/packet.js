// The right pane: what the citizen need not tell again.
// @ts-check

import { the, make, state, ask, staying, currentRow } from "./wire.js";
import { channel } from "./words.js";
import { suggestion } from "./palette.js";
import { form, formPart } from "./form.js";
import { matters, mattersPart } from "./matters.js";

/** @param {string} title @param {...Node} body */
const part = (title, ...body) => make("section", "", make("h3", "", title), ...body);

/** @param {[string, string][]} pairs */
function list(pairs) {
  const dl = make("dl");
  for (const [k, v] of pairs) if (v) dl.append(make("div", "", make("dt", "", k), make("dd", "", v)));
  return dl;
}

/** @param {string} name @param {boolean} off */
async function mark(name, off) {
  const said = the("tag-said"), stays = staying();
  try {
    await ask(`/desk/conversation/${encodeURIComponent(state.current)}/tag`, { name, off });
    state.tags = off ? state.tags.filter((t) => t !== name) : [...new Set([...state.tags, name])].sort();
    const box = /** @type {HTMLInputElement|null} */ (the("tag-name"));
    if (box && !off) box.value = ""; // it is a tag now
    drawPacket();
    stays(the("tag-name"));
  } catch (e) {
    if (said) said.textContent = /** @type {Error} */ (e).message;
  }
}

/** The conversation's tags, to add to and take away. */
function tags() {
  const form = make("form", "tags");
  for (const t of state.tags) {
    const b = /** @type {HTMLButtonElement} */ (make("button", "tag", t, make("span", "", " ×")));
    b.type = "button";
    b.setAttribute("aria-label", "去掉标签 " + t);
    b.addEventListener("click", () => mark(t, true));
    form.append(b);
  }
  const input = /** @type {HTMLInputElement} */ (make("input"));
  input.id = "tag-name";
  input.maxLength = 30;
  input.placeholder = "加一个标签，回车";
  input.setAttribute("aria-label", "加一个标签");
  const said = make("p", "error");
  said.id = "tag-said";
  form.append(input, said);
  form.addEventListener("submit", (e) => { e.preventDefault(); if (input.value.trim()) mark(input.value.trim(), false); });
  return part("标签", form);
}

let drawn = "";

export function drawPacket() {
  const row = currentRow();
  the("no-packet").hidden = Boolean(row || state.current);
  const picture = JSON.stringify([row && { ...row, last: "", unanswered: "", note: "" }, state.current, state.tags, state.suggestions, form.draft, form.mine, form.trouble, matters.found, matters.trouble]);
  if (picture === drawn) return; // what is being typed there stays
  drawn = picture;
  const typing = held();
  fill(row);
  typing();
}

/** Keeps what is being typed in the form, and where, over a new drawing. */
function held() {
  const at = /** @type {HTMLInputElement|null} */ (document.activeElement?.closest("#packet input, #packet textarea, #packet button"));
  if (!at) return () => {};
  const { id, value } = at, was = at.dataset.was, text = at.textContent;
  return () => {
    const again = id ? /** @type {HTMLInputElement|null} */ (document.getElementById(id))
      : [...document.querySelectorAll("#packet button")].find((b) => b.textContent === text) ?? document.querySelector("#packet .form textarea, #packet .form input, #packet .form button");
    if (!again) return;
    if (id && value !== was && was !== undefined) /** @type {HTMLInputElement} */ (again).value = value;
    if (id === "spoken-yes" || id === "tag-name") /** @type {HTMLInputElement} */ (again).value = value;
    /** @type {HTMLElement} */ (again).focus();
  };
}

/** @param {import("./wire.js").Row|undefined} row */
function fill(row) {
  if (!row) return the("packet").replaceChildren(...(state.current ? [...formPart(), mattersPart(), tags()] : []));
  const parts = [];
  if (row.urgent) parts.push(make("p", "danger-note", "紧急：先确认人是否安全、在哪里。该打 110、119、120 的，请市民马上打。"));
  parts.push(part("谁", list([["称呼", row.who], ["从哪来", channel(row.channel)], ["镇街", row.town]])));
  const rest = row.summary === `${row.reason}：${row.intent}` ? "" : row.summary.replace(row.reason, "").replace(/^；/, ""); // the reason is said once
  parts.push(part("为什么转来", list([["原因", row.reason], ["要办", row.intent]]), ...(rest ? [make("p", "summary", rest)] : [])));
  parts.push(...formPart());
  if (row.slots.length && !form.draft?.flow) parts.push(part("已经填好", list(row.slots.map((s) => [s.name, s.value]))));
  if (row.tried.length) parts.push(part("机器人刚做的", make("p", "", row.tried.join("，"))));
  parts.push(mattersPart());
  if (state.suggestions.length) {
    const ol = make("ol", "suggestions");
    ol.append(...state.suggestions.map((s) => suggestion(s)));
    parts.push(part("指南里这样说", ol));
  }
  parts.push(tags());
  the("packet").replaceChildren(...parts);
}
