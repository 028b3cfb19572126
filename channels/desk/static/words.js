// Times and names as operators read them, in Dongguan's time.
// @ts-check

const clockForm = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayForm = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric", weekday: "short" });

const CHANNELS = /** @type {Record<string, string>} */ ({ wechat: "微信", phone: "电话", web: "网页", terminal: "终端" });

/** @param {string} c */
export const channel = (c) => CHANNELS[c] ?? c;

/** @param {string} at */
export const clock = (at) => clockForm.format(new Date(at));

/** @param {string} at @param {number} now in ms */
export function day(at, now) {
  const d = dayForm.format(new Date(at));
  return d === dayForm.format(new Date(now)) ? "今天" : d;
}

/** How long, as said: 不到 1 分, 12 分, 1 小时 12 分, 1 天 3 小时. @param {number} ms */
export function span(ms) {
  const m = Math.floor(ms / 60_000);
  if (m < 1) return "不到 1 分";
  if (m < 60) return `${m} 分`;
  if (m < 24 * 60) return m % 60 ? `${Math.floor(m / 60)} 小时 ${m % 60} 分` : `${m / 60} 小时`;
  const h = Math.floor(m / 60) % 24;
  return `${Math.floor(m / 1440)} 天` + (h ? ` ${h} 小时` : "");
}

/** How a wait is told and how pressing it is.
 * @param {number} ms @returns {"calm"|"soon"|"late"} */
export function pressing(ms) {
  if (ms < 120_000) return "calm";
  return ms < 300_000 ? "soon" : "late";
}
