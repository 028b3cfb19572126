// Times and links as citizens read them.
// @ts-check

const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "numeric", day: "numeric",
  weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** @param {Date} d @returns {Record<string, string>} */
const split = (d) => Object.fromEntries(parts.formatToParts(d).map((p) => [p.type, p.value]));

/** The time with its day, in Dongguan: 今天 15:04, 11月20日（周五） 09:12.
 * @param {Date} at @param {Date} now */
export function dayTime(at, now) {
  const a = split(at), n = split(now), y = split(new Date(now.getTime() - 86_400_000));
  const day = (/** @type {Record<string, string>} */ p) => `${p.year}-${p.month}-${p.day}`;
  const clock = `${a.hour}:${a.minute}`;
  if (day(a) === day(n)) return `今天 ${clock}`;
  if (day(a) === day(y)) return `昨天 ${clock}`;
  const year = a.year === n.year ? "" : `${a.year}年`;
  return `${year}${a.month}月${a.day}日（${a.weekday}） ${clock}`;
}

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）《》【】“”]+|(?<!\d)0769-?\d{8}(?!\d)|(?<=[打拨]\s?)(?:110|119|120|122|12345|12338|12356)(?!\d)|(?<=[打拨][^。\n]{0,24}[、或和]\s?)(?:110|119|120|122|12345|12338|12356)(?!\d)/g;

/** Text with its addresses and telephone numbers made to follow.
 * @param {string} text */
export function linked(text) {
  const out = document.createDocumentFragment();
  let from = 0;
  for (const m of text.matchAll(LINK)) {
    const a = /** @type {HTMLAnchorElement} */ (document.createElement("a"));
    a.textContent = m[0];
    const web = m[0].startsWith("http");
    a.href = web ? m[0] : "tel:" + m[0];
    if (web) { a.target = "_blank"; a.rel = "noopener noreferrer"; }
    out.append(text.slice(from, m.index), a);
    from = m.index + m[0].length;
  }
  out.append(text.slice(from));
  return out;
}
