// The chat page. The transcript on the server is the truth: every line has a
// number, is shown once, and is asked for again from the last number known.
// @ts-check

import { the, kept } from "./page.js";
import { shown, nearBottom, toEnd } from "./log.js";
import { outbox } from "./outbox.js";
import { stream, sync, STALL } from "./stream.js";
import { mode, wireDeck } from "./deck.js";

/** The words about the page, on a narrow screen. @param {boolean} open */
function about(open) {
  const was = the("about").hasAttribute("data-open");
  the("about").toggleAttribute("data-open", open);
  the("phone").inert = open;
  the("about-open").setAttribute("aria-expanded", String(open));
  if (open) the("about-close").focus();
  else if (was) the("about-open").focus();
}

/** @param {boolean} on */
function large(on) {
  document.documentElement.dataset.size = on ? "large" : "";
  the("large").setAttribute("aria-pressed", String(on));
  kept.write(localStorage, "guanjia.large", on);
  toEnd();
}

function wireFrame() {
  large(kept.read(localStorage, "guanjia.large") === true);
  the("large").addEventListener("click", () => large(document.documentElement.dataset.size !== "large"));
  the("about-open").addEventListener("click", () => about(true));
  the("about-close").addEventListener("click", () => about(false));
  the("about").addEventListener("keydown", (e) => { if (e.key === "Escape") about(false); });
  matchMedia("(min-width: 900px)").addEventListener("change", () => about(false));
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
    b.addEventListener("click", () => {
      about(false);
      outbox.send({ text: b.dataset.say ?? "" });
    });
  }
  the("newer").addEventListener("click", toEnd);
  the("log").addEventListener("scroll", () => { if (nearBottom()) the("newer").hidden = true; }, { passive: true });
  new ResizeObserver(() => { if (the("newer").hidden) toEnd(); }).observe(the("log"));
}

function wireNet() {
  addEventListener("offline", () => stream.down("网络断开了，写好的话会在连上后发出。", 0));
  addEventListener("online", () => stream.open());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    stream.check();
    shown.refresh();
  });
  setInterval(() => stream.check(), STALL);
}

/** The first look: what was said before, or a greeting. */
async function begin() {
  the("trouble").hidden = true;
  the("skeleton").hidden = false;
  const body = await sync();
  the("skeleton").hidden = true;
  if (!body || body.error) {
    the("trouble-text").textContent = body?.error ?? "现在连不上服务。请看看网络，或者拨打 12345。";
    the("trouble").hidden = false;
    return;
  }
  toEnd();
  the("log").setAttribute("aria-live", "polite");
  outbox.restore();
  if (shown.seen.size === 0) outbox.send({ event: "subscribe", text: "" });
  stream.open();
}
wireFrame();
wireDeck();
wireNet();
mode(matchMedia("(pointer: coarse)").matches ? "menu" : "keyboard");
the("trouble-again").addEventListener("click", () => location.reload());
begin();
