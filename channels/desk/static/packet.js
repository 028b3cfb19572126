// The right pane: what the citizen need not tell again.
// @ts-check

import { the, make, currentRow } from "./wire.js";
import { channel } from "./words.js";

/** @param {string} title @param {...Node} body */
const part = (title, ...body) => make("section", "", make("h3", "", title), ...body);

/** @param {[string, string][]} pairs */
function list(pairs) {
  const dl = make("dl");
  for (const [k, v] of pairs) if (v) dl.append(make("div", "", make("dt", "", k), make("dd", "", v)));
  return dl;
}

export function drawPacket() {
  const row = currentRow();
  the("no-packet").hidden = Boolean(row);
  if (!row) return the("packet").replaceChildren();
  const parts = [];
  if (row.urgent) parts.push(make("p", "danger-note", "紧急：先确认人是否安全、在哪里。该打 110、119、120 的，请市民马上打。"));
  parts.push(part("谁", list([["称呼", row.who], ["从哪来", channel(row.channel)], ["镇街", row.town]])));
  parts.push(part("为什么转来", list([["原因", row.reason], ["要办", row.intent]]), make("p", "summary", row.summary)));
  if (row.slots.length) parts.push(part("已经填好", list(row.slots.map((s) => [s.name, s.value]))));
  if (row.tried.length) parts.push(part("机器人刚做的", make("p", "", row.tried.join("，"))));
  the("packet").replaceChildren(...parts);
}
