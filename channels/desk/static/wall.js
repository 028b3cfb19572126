// Today's figures, read again every few seconds.
// @ts-check

import { the, make, ask } from "./wire.js";
import { span, channel } from "./words.js";

const EVERY = 5000;

/** @typedef {{name: string, now: number, day: number, lost: number, rated: number, good: number}} Tally */

/** @param {string} name @param {string|number} value @param {string} [more] @param {string} [cls] */
const figure = (name, value, more = "", cls = "") => make("div", cls, make("dt", "", name), make("dd", "", String(value)), ...(more ? [make("dd", "more", more)] : []));

/** @param {string} title @param {string} of what the rows are @param {Tally[]} rows @param {string} now @param {(n: string) => string} [named] @param {[string, (r: Tally) => string][]} [more] */
function table(title, of, rows, now, named = (n) => n, more = []) {
  const head = make("thead", "", make("tr", "", make("th", "", of), make("th", "", now), make("th", "", "今天"), ...more.map(([name]) => make("th", "", name))));
  for (const th of head.querySelectorAll("th")) th.setAttribute("scope", "col");
  const body = make("tbody");
  for (const r of rows) {
    const th = make("th", "", named(r.name));
    th.setAttribute("scope", "row");
    body.append(make("tr", "", th, make("td", "", String(r.now)), make("td", "", String(r.day)), ...more.map(([, say]) => make("td", "", say(r)))));
  }
  return make("section", "", make("h2", "", title), rows.length ? make("table", "", head, body) : make("p", "quiet", "今天还没有。"));
}

/** @param {number} part @param {number} all */
const percent = (part, all) => all ? Math.round((part / all) * 100) + "%" : "—";

/** A wait in words; a short one to the second. @param {number} s in seconds */
const brief = (s) => s < 60 ? `${Math.round(s)} 秒` : span(s * 1000);

/** A channel as the reports call it. @param {string} name */
const way = (name) => name === "phone" ? "热线" : channel(name);

/** @param {Tally} r */
const pleased = (r) => percent(r.good, r.rated);

/** @param {Tally} r */
const lost = (r) => r.lost ? `${r.lost}（${percent(r.lost, r.day)}）` : "0";

/** @param {any} f */
function draw(f) {
  the("big").replaceChildren(
    figure("在等", f.waiting, "", f.waiting ? "some" : ""),
    figure("其中紧急", f.urgent, "", f.urgent ? "bad" : ""),
    figure("等得最久", f.waiting ? span(f.longest * 1000) : "—", "", f.longest > 300 ? "bad" : f.longest > 120 ? "some" : ""),
    figure("正在接待", f.held),
    figure("今天转人工", f.offered),
    figure("接通", percent(f.taken, f.taken + f.abandoned), `${f.taken} 个`),
    figure("15 秒内接入", percent(f.within_15, f.taken - f.unasked)),
    figure("满意", percent(f.good, f.rated), f.rated ? `${f.rated} 人评，含机器人` : "还没有人评", f.rated && f.good / f.rated < 0.8 ? "some" : ""),
    figure("没接上", f.abandoned, "", f.abandoned ? "some" : ""),
    figure("等候中位数", f.taken ? brief(f.wait_p50) : "—", f.taken ? `九成在${brief(f.wait_p90)}内` : ""),
    ...(f.town ? [] : [figure("今天来过", `${f.conversations} 人`), figure("机器人独立办完", percent(f.bot_alone, f.conversations))]),
  );
  the("tables").replaceChildren(
    table("坐席", "名字", f.operators, "正在接", undefined, [["满意", pleased]]),
    table("为什么转来", "原因", f.reasons, "未结"),
    table("从哪来", "渠道", f.channels, "未结", way, [["没接上", lost], ["满意", pleased]]),
    table("镇街", "名称", f.towns, "未结", undefined, [["没接上", lost], ["满意", pleased]]),
    table("几点来的", "时段", f.hours, "未结"),
  );
}

async function load() {
  try {
    draw(await ask("/desk/wall/figures"));
    the("state").textContent = "实时";
    the("state").dataset.state = "good";
  } catch (e) {
    the("state").textContent = /** @type {Error} */ (e).message;
    the("state").dataset.state = "bad";
  }
}

load();
setInterval(load, EVERY);
