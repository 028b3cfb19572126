// The desk: three panes and the stream of numbered changes. Everything shown
// is read from the server; a change only says what to read again, so a broken
// stream loses and doubles nothing.
// @ts-check

import { the, state, now, ask, abandon, signedOut, staying, UNREACHED } from "./wire.js";
import { queue } from "./queue.js";
import { talk, offer, drawAround, wireTalk } from "./talk.js";
import { choosePicture, wirePicture } from "./picture.js";
import { drawPacket } from "./packet.js";
import { sound } from "./sound.js";
import { notices } from "./notice.js";
import { openGuides, wirePalette } from "./palette.js";
import { giving } from "./giving.js";
import { form, focusForm, wireForm } from "./form.js";
import { matters, wireMatters } from "./matters.js";
import { listening } from "./listening.js";

const TOGETHER = 15; // changes of one deed come within so many ms
const GATHER = 80; // and the queue is not read more often than this, in ms
const RETRY = 2000; // from a reading of it that failed to the next, in ms
const STALL = 50_000; // a stream that says nothing for so long, in ms, is gone
const HERE_EVERY = 120_000;
const PROBE_EVERY = 400; // while the line is down, in ms
const heard = { seen: new Set() }; // emergencies looked at
/** What was told of already, by kind. @type {Record<string, Set<string>>} */
const told = {};

/** Whether the pages stand side by side is the style's matter; this says which
 * one a narrow screen shows. @param {"queue"|"talk"|"packet"} to */
function view(to) {
  document.body.dataset.view = to;
  the("to-packet").setAttribute("aria-expanded", String(to === "packet"));
  if (to === "packet") the("packet-close").focus();
}

/** Which conversation the tab has open, so that a reload comes back to it. */
const place = {
  name: () => "desk.open." + state.me,
  get kept() { try { return sessionStorage.getItem(this.name()) ?? ""; } catch { return ""; } },
  /** @param {string} citizen */
  keep(citizen) { try { sessionStorage.setItem(this.name(), citizen); } catch { /* storage is off: a reload begins anew */ } },
  forget() { sessionStorage.removeItem(this.name()); },
  /** Opens it again where it is still in our hands. */
  async back() {
    const mine = state.rows.some((r) => r.citizen === this.kept && r.status !== "waiting" && r.operator === state.me);
    if (!state.current && mine) await open(this.kept);
  },
};

/** @param {string} citizen */
async function open(citizen) {
  heard.seen.add(citizen);
  if (listening.citizen !== citizen) {
    listening.stop();
    the("hearing").textContent = "";
  }
  place.keep(citizen);
  view("talk");
  const opened = talk.open(citizen);
  show();
  await opened;
}

/** Draws what hangs on the queue. */
function show() {
  queue.draw();
  drawPacket();
  const urgent = queue.urgent();
  const unseen = urgent && !heard.seen.has(urgent.citizen);
  the("alarm").hidden = !urgent || urgent.citizen === state.current;
  if (urgent) the("alarm-text").textContent = `紧急：${[urgent.intent, urgent.who, urgent.town].filter(Boolean).join("，")}。${urgent.alarm || urgent.last}`;
  drawOffer();
  surges.draw();
  drawKeys();
  const named = state.mentions.find((m) => m.citizen !== state.current);
  the("named").hidden = !named;
  if (named) the("named-text").textContent = `${named.by} 在备注里提到您：${named.who}` + (state.mentions.length > 1 ? `，还有 ${state.mentions.length - 1} 处` : "");
  sound.alarm(Boolean(unseen || (queue.offer() && queue.offer()?.citizen !== state.current)));
}

/** Switches that wait for this administrator's key. */
function drawKeys() {
  const bar = document.getElementById("second-key");
  if (!bar) return;
  bar.hidden = !state.keys;
  the("second-key-text").textContent = `有 ${state.keys} 项开关等您批准`;
}

const MISSED = 60_000; // an offer that stood so lately, in ms, is why we are asked no more

/** What we were before, what we wished last, and when an offer stood: who is away
 * without having wished it missed one. */
const duties = { was: "", wish: "", offered: -MISSED, missed: false };
/** @param {boolean} offered */
function drawMissed(offered) {
  if (offered) duties.offered = Date.now();
  if (duties.was === "on" && state.duty === "away" && duties.wish !== "away" && Date.now() - duties.offered < MISSED) duties.missed = true;
  if (state.duty === "on") duties.missed = false;
  duties.was = state.duty;
  the("missed").hidden = !duties.missed;
}

/** What is offered to us, and whether we are asked at all. */
function drawOffer() {
  const offer = queue.offer(), duty = the("duty");
  the("offer").hidden = !offer;
  if (offer) {
    const left = Math.max(0, Math.round((Date.parse(offer.offer_until ?? "") - now()) / 1000));
    the("offer-text").textContent = `请您接：${offer.who}${offer.town ? "，" + offer.town : ""}。${offer.last}`;
    the("offer-left").textContent = `还有 ${left} 秒`;
  }
  drawMissed(Boolean(offer));
  duty.hidden = !state.duty;
  duty.textContent = state.duty === "on" ? "接待中" : "开始接待";
  duty.setAttribute("aria-pressed", String(state.duty === "on"));
}

/** @param {"on"|"away"} to */
async function duty(to) {
  duties.wish = to;
  duties.missed = false;
  try {
    state.duty = (await ask("/desk/presence", { state: to })).state;
  } catch (e) {
    trouble(/** @type {Error} */ (e).message);
  }
  loadSoon();
}

let drawn = 0; // the queue is shown as of this change

async function load() {
  const seq = await queue.load();
  drawn = seq;
  tellAll();
  return seq;
}

/** Tells of what the queue holds now, and shows what hangs on it. */
function tellAll() {
  const mine = state.rows.filter((r) => r.status !== "waiting" && r.operator === state.me);
  const offer = queue.offer(), urgent = queue.urgent();
  tell("waiting", state.rows.filter((r) => r.status === "waiting" && !r.urgent).map((r) => r.citizen));
  tell("note", mine.filter((r) => r.note).map((r) => r.citizen + r.note));
  tell("named", state.mentions.filter((m) => m.citizen !== state.current).map((m) => m.citizen + m.by));
  const open = mine.find((r) => r.citizen === state.current && document.hasFocus()); // is being read
  tell("reply", mine.filter((r) => r.unanswered).map((r) => r.citizen + r.unanswered), open && open.citizen + open.unanswered);
  const held = mine.filter((r) => r.channel !== "phone").map((r) => r.citizen);
  if (told.given) tell("given", held, state.current); // by a colleague: what we took is open
  else told.given = new Set(held); // since before the page was opened
  tell("offer", offer ? [offer.citizen] : []);
  tell("urgent", urgent ? [urgent.citizen] : []);
  tell("surge", state.surges.map((s) => s.id));
  if (state.mentions.some((m) => m.citizen === state.current)) talk.refresh();
  giving.heard();
  show();
  pop(mine);
}

/** @type {Set<string>} calls in our hands that came to the screen */
let popped = new Set();

/** A call we answered comes to the screen by itself, unless words for somebody
 * else stand half written. @param {import("./wire.js").Row[]} mine */
function pop(mine) {
  const calls = mine.filter((r) => r.channel === "phone" && !r.parted).map((r) => r.citizen);
  const fresh = calls.find((c) => !popped.has(c));
  popped = new Set(calls);
  if (fresh && fresh !== state.current && !/** @type {HTMLTextAreaElement} */ (the("text")).value) open(fresh);
}

const UNTIL_SEEN = new Set(["offer", "urgent"]); // sound.alarm tells these

/** Tells of what is there and was not before: by a tone, and outside the page.
 * @param {string} kind @param {string[]} there @param {string} [known] of them, by who looks at it */
function tell(kind, there, known) {
  const before = told[kind];
  told[kind] = new Set(there);
  if (there.every((v) => v === known || before?.has(v))) return;
  if (!UNTIL_SEEN.has(kind)) sound.chime();
  notices.tell(kind);
}

let gathering = 0, loaded = -GATHER;
function loadSoon() {
  if (gathering) return;
  gathering = window.setTimeout(() => {
    gathering = 0;
    loaded = performance.now();
    load().then(() => trouble("", "queue"), (e) => {
      if (e.abandoned) return; // all is read anew
      trouble(e.message, "queue");
      setTimeout(loadSoon, RETRY);
    });
  }, Math.max(TOGETHER, loaded + GATHER - performance.now()));
}

/** What is wrong, by what it is wrong with. @type {Map<string, string>} */
const troubles = new Map();
/** @param {string} words empty: all is well @param {string} [at] with what */
function trouble(words, at = "stream") {
  if (words) troubles.set(at, words); else troubles.delete(at);
  if (the("state").dataset.state === "wait" && at !== "stream") return; // not connected yet
  const [worst] = troubles.values();
  if (!worst && the("why").textContent === UNREACHED) talk.say("");
  the("state").textContent = worst || "在线";
  the("state").dataset.state = worst ? "bad" : "good";
}

const stream = {
  /** @type {EventSource|undefined} */ source: undefined,
  at: 0,
  wait: 1000,
  turn: 0, // how often it was connected
  dead: false, // the last probe found nobody
  probes: 0, // how many there were
  answered: 0, // the last of them that found somebody
  async connect() {
    const turn = ++this.turn;
    this.source?.close();
    abandon();
    queue.heard = 0;
    try {
      const [seq] = await Promise.all([load(), talk.refresh()]); // the open one need not wait for the list
      await place.back();
      if (turn === this.turn) this.listen(seq);
    } catch (e) {
      if (turn !== this.turn) return; // begun anew meanwhile
      trouble(/** @type {Error} */ (e).message);
      this.again();
    }
  },
  /** @param {number} seq */
  listen(seq) {
    const es = (this.source = new EventSource(`/desk/events?after=${seq}`));
    const hear = () => { this.at = Date.now(); };
    hear();
    es.addEventListener("open", () => { hear(); this.wait = 1000; trouble(""); loadSoon(); talk.refresh(); });
    es.addEventListener("beat", (e) => {
      hear();
      if (Number(e.data) > drawn || document.getElementById("second-key") || the("state").dataset.state === "bad") { trouble(""); loadSoon(); } // a change or a reading was lost
      if (talk.missed) talk.refresh();
    });
    es.addEventListener("around", (e) => {
      const v = JSON.parse(e.data);
      if (v.citizen !== state.current) return;
      state.around = v.around;
      drawAround();
    });
    es.addEventListener("call", (e) => { // began or ended: what can be heard is read again
      if (JSON.parse(e.data).citizen === state.current) talk.refresh();
    });
    es.addEventListener("out", () => { es.close(); signedOut(); });
    es.addEventListener("message", (e) => {
      hear();
      const change = JSON.parse(e.data);
      if (change.kind === "surge") return loadSoon();
      if (change.kind === "urgent" && change.citizen !== state.current) heard.seen.delete(change.citizen);
      if (change.citizen === state.current && change.kind === "line") talk.hear(change.line);
      else if (change.citizen === state.current) talk.refresh();
      if (change.kind === "mention") return void (change.ref === state.me && loadSoon());
      if (change.kind === "presence" && change.ref !== state.me) return; // colleagues come and go
      if (change.kind !== "line") return loadSoon();
      if (!queue.knows(change.citizen)) return; // others talk with the bot
      if (!change.news || !queue.hear(change.citizen, change.news, Number(e.lastEventId))) return loadSoon();
      tellAll();
    });
    es.addEventListener("error", () => {
      trouble("连接断了，正在重连…");
      if (es.readyState === EventSource.CLOSED) this.again();
    });
  },
  again() {
    const turn = this.turn;
    setTimeout(() => { if (turn === this.turn) this.connect(); }, this.wait);
    this.wait = Math.min(15_000, this.wait * 2);
  },
  check() { if (this.source && Date.now() - this.at > STALL) this.connect(); },
  /** Asks for something small while the line is down, without waiting for what
   * was asked before. Once it is answered all begins anew at once: what waits
   * for a lost answer, or longer and longer, would come late. */
  async probe() {
    if (the("state").dataset.state !== "bad") return void (this.dead = false);
    const turn = ++this.probes;
    const there = await fetch("/desk/static/icon.svg", { cache: "no-store", signal: AbortSignal.timeout(1200) }).then((r) => r.ok, () => false);
    if (turn < this.answered) return; // one that was asked later has found the line whole
    if (there) this.answered = turn;
    if (there && this.dead) this.connect();
    this.dead = !there;
  },
};

/** Many report the same in a short time: told until it is read, also on a page
 * opened meanwhile. */
const surges = {
  /** @type {Set<string>} */ read: new Set(),
  unread() { return state.surges.filter((s) => !this.read.has(s.id)); },
  draw() {
    const unread = this.unread();
    the("surge").hidden = unread.length === 0;
    const text = unread.length ? unread[0].text + (unread.length > 1 ? `；另有 ${unread.length - 1} 起` : "") : "";
    if (the("surge-text").textContent !== text) the("surge-text").textContent = text; // said once, not at every look
  },
  done() {
    for (const s of this.unread()) this.read.add(s.id);
    this.draw();
  },
};

/** @param {number} by */
function step(by) {
  const rows = queue.listed();
  const i = rows.findIndex((r) => r.citizen === state.current);
  const row = rows[i < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, i + by))];
  if (row) open(row.citizen);
}

/** Opens and takes the first in line. */
async function next() {
  const row = queue.first();
  if (!row) return;
  const opened = open(row.citizen);
  talk.kind("say", true); // at once: what is typed next are words, not keys
  await talk.deed("take", {}, opened);
}

async function take() {
  if (the("take").hidden) return;
  talk.kind("say", true);
  await talk.deed("take");
}

async function back() {
  if (!talk.mine) return;
  const citizen = state.current, stays = staying();
  await talk.acting; // what is on its way goes first
  if (citizen !== state.current || !talk.mine) return;
  giving.begin(citizen, the("who").textContent ?? "", talk.fence);
  stays(the("talk"));
}

function urgent() {
  const row = queue.urgent();
  if (row) open(row.citizen);
}

async function passing() {
  if (the("pass").hidden) return;
  const to = /** @type {HTMLSelectElement} */ (the("passing-to"));
  const names = await ask("/desk/colleagues").catch(() => ({ people: [], groups: [], towns: [] }));
  to.replaceChildren(new Option("退回排队", ""), ...names.people.map((/** @type {string} */ n) => new Option(n, "to:" + n)),
    ...names.groups.map((/** @type {string} */ g) => new Option(g + "（组）", "group:" + g)),
    ...names.towns.map((/** @type {{id: string, title: string}} */ t) => new Option(t.title + "（镇街）", "town:" + t.id)));
  /** @type {HTMLDialogElement} */ (the("passing")).showModal();
}

/** Begins to hear the open call, once a reason is chosen; once more ends it. */
function hear() {
  if (listening.line) return listening.stop();
  if (talk.hearable) /** @type {HTMLDialogElement} */ (the("listen-in")).showModal();
}

function drawHear() {
  the("hear").hidden = !talk.hearable && !listening.line;
  /** @type {HTMLElement} */ (the("hear").firstElementChild).textContent = listening.line ? "停止旁听" : "旁听声音";
  the("hear").classList.toggle("on", Boolean(listening.line));
}

function wireListening() {
  const dialog = /** @type {HTMLDialogElement} */ (the("listen-in"));
  listening.changed = (words) => {
    the("hearing").textContent = words;
    drawHear();
  };
  talk.moved = drawHear;
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") listening.start(state.current, /** @type {HTMLSelectElement} */ (the("listen-why")).value);
    dialog.returnValue = "";
  });
}

function ending() { if (talk.mine) /** @type {HTMLDialogElement} */ (the("ending")).showModal(); }

/** Opens where a colleague named us. */
function mention() {
  const m = state.mentions.find((v) => v.citizen !== state.current);
  if (!m) return;
  state.mentions = state.mentions.filter((v) => v !== m);
  open(m.citizen).then(loadSoon);
}

/** To the form under way, or to the choice of one. */
function filling() {
  if (!state.current) return;
  if (innerWidth < 1100) view("packet");
  if (form.draft?.flow) focusForm(); else form.begin();
}

function lookingUp() {
  if (!state.current) return;
  if (innerWidth < 1100) view("packet");
  matters.look();
}

const KEYS = /** @type {Record<string, () => void>} */ ({
  a: next, o: () => duty(state.duty === "on" ? "away" : "on"), u: urgent, j: () => step(1), k: () => step(-1), t: take, b: back, e: ending, p: passing, g: openGuides,
  m: mention, c: offer, i: choosePicture, z: () => giving.undo(),
  f: filling, l: lookingUp, h: hear,
  r: () => { if (state.current) talk.kind("say", true); },
  n: () => { if (state.current) { talk.kind("note", true); talk.keepDraft(); } },
  "/": () => { view("queue"); the("filter").focus(); },
  "?": () => /** @type {HTMLDialogElement} */ (the("keys")).showModal(),
});

function wireKeys() {
  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (e.target);
    if (target.matches("textarea, select, input:not([type=radio])")) {
      if (e.key === "Escape") the("talk").focus();
      return;
    }
    const act = KEYS[e.key.toLowerCase()];
    if (!act) return;
    e.preventDefault();
    if (!(e.repeat && act === back)) act(); // a key held down is not pressed again
  });
}

function wireButtons() {
  const on = (/** @type {string} */ id, /** @type {() => void} */ act) => the(id).addEventListener("click", act);
  on("duty", () => duty(state.duty === "on" ? "away" : "on")); on("offer-take", next); on("offer-not", () => duty("away")); on("missed-on", () => duty("on"));
  on("next", next); on("take", take); on("back", back); on("close", ending); on("pass", passing); on("hear", hear); on("alarm-go", urgent);
  on("to-queue", () => view("queue"));
  on("to-packet", () => view(document.body.dataset.view === "packet" ? "talk" : "packet"));
  on("packet-close", () => { view("talk"); the("to-packet").focus(); });
  on("named-go", mention); on("giving-undo", () => giving.undo());
  on("surge-read", () => surges.done());
  on("sound", () => sound.toggle());
  on("notices", () => notices.toggle());
  on("keys-open", KEYS["?"]);
  the("ending").addEventListener("close", async () => {
    const dialog = /** @type {HTMLDialogElement} */ (the("ending")), note = /** @type {HTMLTextAreaElement} */ (the("ending-note"));
    const how = { yes: "close", back: "back" }[dialog.returnValue], stays = staying();
    if (how && await talk.deed(how, { text: note.value })) { note.value = ""; stays(the("talk")); }
    dialog.returnValue = "";
  });
}

function wirePassing() {
  the("passing").addEventListener("close", async () => {
    const dialog = /** @type {HTMLDialogElement} */ (the("passing")), note = /** @type {HTMLTextAreaElement} */ (the("passing-note"));
    const to = /** @type {HTMLSelectElement} */ (the("passing-to")).value, stays = staying();
    if (dialog.returnValue === "yes" && await talk.deed(talk.mine ? "pass" : "assign", { [to.split(":")[0] || "to"]: to.slice(to.indexOf(":") + 1), text: note.value })) { note.value = ""; stays(the("talk")); }
    dialog.returnValue = "";
  });
}

/** In the small dialogs Enter does what is sent with it elsewhere. */
function wireDialogs() {
  for (const id of ["ending", "passing", "beginning", "listen-in"]) {
    the(id).addEventListener("keydown", (e) => {
      if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
      if (!(/** @type {HTMLElement} */ (e.target)).matches("textarea, select")) return;
      e.preventDefault();
      /** @type {HTMLButtonElement} */ (the(id).querySelector("button[value=yes]")).click();
    });
  }
}

/** Where a notice that was clicked leads. @param {string} kind */
function noticed(kind) {
  if (kind === "urgent") return urgent();
  if (kind === "named") return mention();
  const mine = state.rows.filter((r) => r.operator === state.me && (kind === "reply" ? r.unanswered : r.note));
  const row = kind === "offer" ? queue.offer() : kind === "waiting" ? queue.first() : kind === "surge" ? undefined : mine[0];
  if (row) open(row.citizen);
}

/** Says that a person is at the desk, and arms sound and notices at the first touch. */
function wirePresence() {
  let told = Date.now();
  const touched = () => {
    sound.arm();
    notices.arm();
    if (Date.now() - told < HERE_EVERY) return;
    told = Date.now();
    ask("/desk/here", {}).catch(() => { /* the stream tells what is wrong */ });
  };
  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, touched, { passive: true });
}

document.querySelector("form[action='/desk/logout']")?.addEventListener("submit", () => {
  state.leaving = true;
  place.forget();
  giving.leave();
  talk.leave(); // drafts are the operator's, not the next one's
});
talk.changed = loadSoon;
talk.begins = (citizen) => giving.stays(citizen);
giving.over = (citizen) => { loadSoon(); if (citizen === state.current) talk.refresh(); };
addEventListener("pagehide", () => giving.leave());
talk.failing = (words) => trouble(words, "talk");
talk.told = form.told = matters.told = drawPacket;
form.changed = () => talk.refresh();
queue.open = open;
queue.moved = loadSoon;
wireTalk();
wireKeys();
wireButtons();
wirePassing();
wireDialogs();
wireListening();
wirePalette();
wirePicture();
wireForm();
wireMatters();
wirePresence();
notices.go = noticed;
notices.show();
notices.follow();
addEventListener("focus", () => notices.seen());
setInterval(() => { if (queue.offer()) drawOffer(); }, 1000);
setInterval(() => { queue.tick(); talk.tick(); stream.check(); }, 5000);
setInterval(() => stream.probe(), PROBE_EVERY);
addEventListener("online", () => stream.connect());
stream.connect();
