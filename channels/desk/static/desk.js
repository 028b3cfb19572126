// The desk's one script: the queue, the open conversation, the stream of
// numbered changes. Everything shown is read from the server; a change only
// says what to read again, so a broken stream loses and doubles nothing.

/**
 * @typedef {{citizen:string, who:string, channel:string, reason:string, urgent:boolean, summary:string,
 *   intent:string, slots:Object<string,string>, town:string, status:string, operator:string, since:string, last:string}} Row
 * @typedef {{id:number, speaker:string, name:string, at:string, text:string, options:string[], source:string,
 *   event:string, attachment:string, channel:string}} Line
 */

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const channelNames = { wechat: "微信", phone: "电话", web: "网页" };
const slotNames = {
  service: "业务", hall: "大厅", date: "日期", time: "时段", name: "姓名", phone: "电话", town: "镇街", address: "地址",
  text: "情况", need: "最急", relation: "帮谁", category: "分类", type: "类型", anonymous: "匿名", confidential: "保密",
  ticket_no: "编号", appointment_no: "预约号", attachment: "照片", location: "位置", part: "时间段", days: "日期范围",
};

const state = {
  /** @type {Row[]} */ rows: [],
  me: "",
  skew: 0, // server's clock minus ours, in milliseconds
  current: "",
  lastLine: 0,
  until: 0,
  drafts: /** @type {Object<string,string>} */ ({}),
};

/** Reads JSON; an error carries the server's own sentence. */
async function get(path) {
  const r = await fetch(path, { headers: { Accept: "application/json" } });
  if (r.status === 401) { location.assign("/desk/login"); throw new Error("请先登录。"); }
  const body = await r.json();
  if (!r.ok) throw new Error(body.error || "系统忙，请稍后再试。");
  return body;
}

async function post(path, body) {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (r.status === 401) { location.assign("/desk/login"); throw new Error("请先登录。"); }
  const answer = await r.json();
  if (!r.ok) throw new Error(answer.error || "系统忙，请稍后再试。");
  return answer;
}

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

const now = () => Date.now() + state.skew;

function ago(since) {
  const s = Math.max(0, Math.floor((now() - Date.parse(since)) / 1000));
  if (s < 60) return `等了 ${s} 秒`;
  if (s < 3600) return `等了 ${Math.floor(s / 60)} 分`;
  return `等了 ${Math.floor(s / 3600)} 小时`;
}

async function loadQueue() {
  const q = await get("/desk/queue");
  const waitingBefore = state.rows.filter((r) => r.status === "waiting").length;
  state.rows = q.rows;
  state.me = q.me;
  state.skew = Date.parse(q.now) - Date.now();
  const waiting = state.rows.filter((r) => r.status === "waiting");
  if (waiting.length > waitingBefore) chime();
  document.title = waiting.length ? `(${waiting.length}) 坐席 · 莞家政务` : "坐席 · 莞家政务";
  drawQueue();
  drawPacket();
  return q.seq;
}

function drawQueue() {
  const focused = document.activeElement?.closest("#queue button")?.getAttribute("data-citizen");
  $("queue").replaceChildren(...state.rows.map(queueItem));
  $("count").textContent = state.rows.length ? `${state.rows.filter((r) => r.status === "waiting").length} 人在等` : "";
  $("empty").hidden = state.rows.length > 0;
  if (focused) /** @type {HTMLElement|null} */ (document.querySelector(`#queue button[data-citizen="${CSS.escape(focused)}"]`))?.focus();
}

/** @param {Row} row */
function queueItem(row) {
  const li = el("li");
  const b = el("button", row.urgent ? "urgent" : "");
  b.dataset.citizen = row.citizen;
  b.setAttribute("aria-current", String(row.citizen === state.current));
  const top = el("span", "top");
  const wait = el("span", "wait", row.status === "waiting" ? ago(row.since) : `${row.operator} 在办`);
  wait.dataset.since = row.status === "waiting" ? row.since : "";
  top.append(el("span", "who", `${row.who} · ${channelNames[row.channel] || row.channel}`), wait);
  b.append(top, el("span", "why", row.summary), el("span", "last", row.last || "（没有文字）"));
  b.addEventListener("click", () => open(row.citizen));
  li.append(b);
  return li;
}

async function open(citizen) {
  if (state.current) state.drafts[state.current] = $("text").value;
  state.current = citizen;
  state.lastLine = 0;
  $("blank").hidden = true;
  $("open").hidden = false;
  $("lines").replaceChildren();
  $("text").value = state.drafts[citizen] || "";
  say("");
  drawQueue();
  drawPacket();
  await refresh();
  $("lines").scrollTop = $("lines").scrollHeight;
}

let reading = Promise.resolve();

/** Reads the open conversation's new lines; one reading at a time. */
function refresh() {
  const citizen = state.current;
  reading = reading.then(async () => {
    if (!citizen || citizen !== state.current) return;
    const c = await get(`/desk/conversation/${encodeURIComponent(citizen)}?after=${state.lastLine}`);
    if (citizen !== state.current) return;
    drawConversation(c);
  }).catch((e) => say(e.message));
  return reading;
}

function drawConversation(c) {
  $("who").textContent = `${c.who} · ${channelNames[c.channel] || c.channel}`;
  const holding = { bot: "机器人在答", queued: "在排队，机器人还在答", human: c.mine ? "您在接待" : `${c.operator} 在接待`, closed: "已结束" };
  $("holding").textContent = holding[c.handling] || "";
  $("take").hidden = c.handling === "human";
  $("back").hidden = $("close").hidden = !c.mine;
  state.until = c.until ? Date.parse(c.until) : 0;
  drawUntil();
  const list = $("lines");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const line of c.lines) {
    if (line.id <= state.lastLine) continue;
    list.append(lineItem(line));
    state.lastLine = line.id;
  }
  if (atEnd) list.scrollTop = list.scrollHeight;
}

const eventWords = { image: "发来照片", location: "发来位置", voice: "语音", subscribe: "关注了公众号", menu: "点了菜单", silence: "没有出声", hangup: "挂断了", dtmf: "按了键", unsupported: "发来看不了的消息" };
const speakers = { citizen: "市民", bot: "机器人", operator: "", note: "内部备注" };

/** @param {Line} line */
function lineItem(line) {
  const li = el("li", line.speaker);
  const at = new Date(line.at);
  const clock = at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  const day = at.toDateString() === new Date(now()).toDateString() ? "" : at.toLocaleDateString("zh-CN", { month: "long", day: "numeric" }) + " ";
  li.append(el("p", "head", [speakers[line.speaker], line.name, day + clock].filter(Boolean).join(" · ")));
  const words = line.text || eventWords[line.event] || "";
  li.append(el("p", "words", line.event && line.text && eventWords[line.event] ? `（${eventWords[line.event]}）${line.text}` : words));
  if (line.options.length) li.append(el("p", "options", "选项：" + line.options.join(" / ")));
  if (line.source) li.append(el("p", "options", line.source));
  if (line.attachment) {
    const img = document.createElement("img");
    img.src = `/desk/attachment/${encodeURIComponent(line.attachment)}`;
    img.alt = "市民发来的照片";
    img.loading = "lazy";
    li.append(img);
  }
  return li;
}

function drawUntil() {
  const p = $("until");
  p.removeAttribute("data-soon");
  p.removeAttribute("data-over");
  if (!state.until) { p.textContent = ""; return; }
  const left = state.until - now();
  if (left <= 0) { p.textContent = "微信 48 小时已过，先存着，市民再来时送达"; p.dataset.over = ""; return; }
  const h = Math.floor(left / 3600e3);
  p.textContent = h >= 1 ? `微信还可回复 ${h} 小时` : `微信还可回复 ${Math.max(1, Math.floor(left / 60e3))} 分`;
  if (h < 2) p.dataset.soon = "";
}

function drawPacket() {
  const row = state.rows.find((r) => r.citizen === state.current);
  $("no-packet").hidden = Boolean(row);
  const pairs = row ? [["为什么来", row.summary], ["要办", row.intent], ["镇街", row.town],
    ...Object.entries(row.slots || {}).map(([k, v]) => [slotNames[k] || k, v])] : [];
  $("packet").replaceChildren(...pairs.filter(([, v]) => v).flatMap(([k, v]) => [el("dt", "", k), el("dd", "", v)]));
}

function say(text) { $("why").textContent = text; }

async function deed(name, body = {}) {
  if (!state.current) return false;
  try {
    await post(`/desk/conversation/${encodeURIComponent(state.current)}/${name}`, body);
    say("");
    await Promise.all([loadQueue(), refresh()]);
    return true;
  } catch (e) {
    say(e.message);
    return false;
  }
}

let sending = false;

async function send() {
  const text = $("text").value.trim();
  if (!text || sending) return;
  sending = true;
  const kind = /** @type {HTMLInputElement} */ (document.querySelector("input[name=kind]:checked")).value;
  if (await deed(kind, { text, key: crypto.randomUUID() })) {
    $("text").value = "";
    delete state.drafts[state.current];
    $("lines").scrollTop = $("lines").scrollHeight;
  }
  sending = false;
}

/** A soft tone; the browser allows it once the operator has touched the page. */
function chime() {
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    volume.gain.setValueAtTime(0.08, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
    tone.frequency.value = 660;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.6);
    tone.onended = () => audio.close();
  } catch { /* no sound here: the title and the queue still show it */ }
}

let stream = /** @type {EventSource|null} */ (null);
let soon = 0;

/** Many changes in a moment are read as one. */
function changed(change) {
  if (change.citizen === state.current) refresh();
  if (soon) return;
  soon = window.setTimeout(() => { soon = 0; loadQueue().catch((e) => say(e.message)); }, 100);
}

async function connect() {
  stream?.close();
  try {
    const seq = await loadQueue();
    await refresh();
    stream = new EventSource(`/desk/events?after=${seq}`);
    stream.onopen = () => { $("state").textContent = "在线"; $("state").removeAttribute("data-bad"); };
    stream.onmessage = (e) => changed(JSON.parse(e.data));
    stream.onerror = () => {
      $("state").textContent = "连接断了，正在重连…";
      $("state").dataset.bad = "";
      if (stream?.readyState === EventSource.CLOSED) window.setTimeout(connect, 2000);
    };
  } catch (e) {
    $("state").textContent = "连不上服务，正在重试…";
    $("state").dataset.bad = "";
    window.setTimeout(connect, 2000);
  }
}

function step(by) {
  const i = state.rows.findIndex((r) => r.citizen === state.current);
  const row = state.rows[Math.min(state.rows.length - 1, Math.max(0, i + by))];
  if (row) open(row.citizen);
}

document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey) return;
  const typing = e.target instanceof HTMLTextAreaElement || e.target instanceof HTMLInputElement;
  if (typing) {
    if (e.key === "Escape") /** @type {HTMLElement} */ (e.target).blur();
    if (e.target === $("text") && e.key === "Enter" && !e.shiftKey) { e.preventDefault(); send(); }
    return;
  }
  const keys = {
    j: () => step(1), k: () => step(-1), t: () => deed("take"), b: () => deed("back"),
    r: () => pick("say"), n: () => pick("note"),
  };
  const act = keys[e.key.toLowerCase()];
  if (act) { e.preventDefault(); act(); }
});

function pick(kind) {
  /** @type {HTMLInputElement} */ (document.querySelector(`input[name=kind][value=${kind}]`)).checked = true;
  $("text").focus();
}

$("take").addEventListener("click", () => deed("take"));
$("back").addEventListener("click", () => deed("back"));
$("close").addEventListener("click", () => deed("close"));
$("say").addEventListener("submit", (e) => { e.preventDefault(); send(); });
window.setInterval(() => {
  for (const w of document.querySelectorAll("#queue .wait[data-since]")) {
    if (w.dataset.since) w.textContent = ago(w.dataset.since);
  }
  drawUntil();
}, 5000);
connect();
