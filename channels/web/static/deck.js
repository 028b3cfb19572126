// What lies under the conversation: the box, the menu, pictures and places.
// @ts-check

import { the, most, kept, hint } from "./page.js";
import { outbox } from "./outbox.js";

const TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const deck = the("deck");
const box = /** @type {HTMLTextAreaElement} */ (the("box"));

/** @param {"menu"|"keyboard"} to @param {boolean} [focus] */
export function mode(to, focus) {
  deck.dataset.mode = to;
  const swap = the("swap"), menu = to === "menu";
  swap.setAttribute("aria-label", menu ? "切换到键盘" : "切换到菜单");
  swap.querySelector("use")?.setAttribute("href", menu ? "#i-keyboard" : "#i-menu");
  tray(false);
  closeMenus();
  if (focus && !menu) box.focus();
}

/** @param {boolean} open */
function tray(open) {
  the("tray").hidden = !open;
  the("more").setAttribute("aria-expanded", String(open));
}

function submit() {
  const text = box.value.trim();
  if (!text) return;
  const over = [...text].length - most.text;
  if (over > 0) return hint(`这段话超出 ${over} 字，请分成几段发，每段不超过 ${most.text} 字。`);
  box.value = "";
  typed();
  outbox.send({ text });
}

/** After every change of the box: height, the send button, the kept draft. */
function typed() {
  the("go").hidden = box.value.trim() === "";
  if (!CSS.supports("field-sizing", "content")) {
    box.style.height = "auto";
    box.style.height = box.scrollHeight + 2 + "px";
  }
  kept.write(sessionStorage, "guanjia.draft", box.value);
  hint("");
}

function wireWriting() {
  box.value = kept.read(sessionStorage, "guanjia.draft") ?? "";
  typed();
  box.addEventListener("input", typed);
  box.addEventListener("keydown", (e) => {
    // While an input method composes, Enter chooses a word; 229 is how older
    // browsers say so.
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    submit();
  });
  the("form").addEventListener("submit", (e) => {
    e.preventDefault();
    submit();
    box.focus();
  });
  the("swap").addEventListener("click", () => mode(deck.dataset.mode === "menu" ? "keyboard" : "menu", true));
  the("more").addEventListener("click", () => tray(the("tray").hidden));
  outbox.rewrite = (text) => {
    box.value = text + (box.value ? "\n" + box.value : "");
    typed();
    mode("keyboard", true);
  };
}

function closeMenus() {
  for (const b of deck.querySelectorAll(".top[aria-expanded=true]")) {
    b.setAttribute("aria-expanded", "false");
    the(b.getAttribute("aria-controls") ?? "").hidden = true;
  }
}

function wireMenu() {
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (deck.querySelectorAll(".top[aria-controls]"))) {
    b.addEventListener("click", () => {
      const open = b.getAttribute("aria-expanded") === "true";
      closeMenus();
      b.setAttribute("aria-expanded", String(!open));
      the(b.getAttribute("aria-controls") ?? "").hidden = open;
    });
  }
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (deck.querySelectorAll("[data-menu]"))) {
    b.addEventListener("click", () => {
      const top = /** @type {HTMLElement} */ (b.closest(".menu")?.querySelector(".top") ?? b);
      closeMenus();
      top.focus({ preventScroll: true });
      outbox.send({ event: "menu", menu: b.dataset.menu, text: "" });
    });
  }
  the("menus").addEventListener("keydown", moveInMenu);
  document.addEventListener("click", (e) => {
    if (!the("menus").contains(/** @type {Node} */ (e.target))) closeMenus();
  });
}

/** Arrows go through an open menu, Escape closes it. @param {KeyboardEvent} e */
function moveInMenu(e) {
  const menu = /** @type {HTMLElement} */ (e.target).closest(".menu");
  const top = /** @type {HTMLElement|null|undefined} */ (menu?.querySelector(".top"));
  if (!menu || !top) return;
  if (e.key === "Escape") {
    closeMenus();
    top.focus();
    return;
  }
  if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
  e.preventDefault();
  if (top.getAttribute("aria-expanded") === "false") top.click();
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".sub button")]);
  const i = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = e.key === "ArrowUp" ? (i < 0 ? items.length - 1 : i - 1) : i + 1;
  items[(next + items.length) % items.length]?.focus();
}

function wirePicture() {
  const dialog = /** @type {HTMLDialogElement} */ (the("preview"));
  const input = /** @type {HTMLInputElement} */ (the("file"));
  const image = /** @type {HTMLImageElement} */ (the("preview-image"));
  /** @type {Blob|undefined} */ let file;
  /** @param {File|undefined|null} f */
  const show = (f) => {
    if (!f) return;
    if (!TYPES.includes(f.type)) return hint("只能发 JPG、PNG、GIF 或 WebP 图片。");
    if (f.size > most.bytes) return hint("图片太大，请换一张不超过 10 MB 的。");
    file = f;
    image.src = URL.createObjectURL(f);
    the("preview-size").textContent = f.size < 1 << 20 ? `${Math.ceil(f.size / 1024)} KB` : `${(f.size / (1 << 20)).toFixed(1)} MB`;
    dialog.showModal();
  };
  the("pick-picture").addEventListener("click", () => input.click());
  input.addEventListener("change", () => { show(input.files?.[0]); input.value = ""; });
  box.addEventListener("paste", (e) => {
    const f = [...(e.clipboardData?.files ?? [])].find((x) => x.type.startsWith("image/"));
    if (f) { e.preventDefault(); show(f); }
  });
  the("preview-send").addEventListener("click", () => {
    dialog.close();
    tray(false);
    outbox.send({ event: "image", file });
  });
  dialog.addEventListener("close", () => URL.revokeObjectURL(image.src));
}

function wirePlace() {
  const dialog = /** @type {HTMLDialogElement} */ (the("place"));
  const status = the("place-note"), calm = status.textContent;
  the("pick-place").addEventListener("click", () => { status.textContent = calm; dialog.showModal(); });
  the("here").addEventListener("click", () => {
    const no = "没有取到位置。可以选镇街，或者直接把地址写下来。";
    if (!navigator.geolocation) return void (status.textContent = no);
    status.textContent = "正在取位置…";
    navigator.geolocation.getCurrentPosition((p) => {
      if (!dialog.open) return;
      dialog.close();
      tray(false);
      outbox.send({ event: "location", lat: p.coords.latitude, lng: p.coords.longitude, text: "我的位置" });
    }, () => { status.textContent = no; }, { timeout: 10_000, maximumAge: 60_000 });
  });
  for (const b of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-town]"))) {
    b.addEventListener("click", () => {
      dialog.close();
      tray(false);
      outbox.send({ text: b.dataset.town ?? "" });
    });
  }
  for (const b of document.querySelectorAll("dialog [data-close]")) {
    b.addEventListener("click", () => /** @type {HTMLDialogElement} */ (b.closest("dialog")).close());
  }
}

export function wireDeck() {
  wireWriting();
  wireMenu();
  wirePicture();
  wirePlace();
}
