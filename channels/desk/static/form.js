// The form under way, filled in for the citizen: every change goes to the
// server and comes back as the errand's own rules see it.
// @ts-check

import { the, make, state, ask, newKey } from "./wire.js";

/**
 * @typedef {{name: string, label: string, value: string, optional: boolean}} Field
 * @typedef {object} Draft
 * @property {string} flow
 * @property {string} name
 * @property {Field[]} fields
 * @property {string} said
 * @property {string} asks
 * @property {string[]} options
 * @property {string} told
 * @property {boolean} shown
 * @property {number} line
 * @property {boolean} spoken
 */

export const form = {
  /** @type {Draft|null} */ draft: null,
  /** @type {() => void} what is drawn may read otherwise */ told: () => {},
  /** @type {() => Promise<void>} the conversation has new lines */ changed: async () => {},
  mine: false,
  fence: 0,
  trouble: "",
  /** @type {{id: string, title: string}[]} */ errands: [],
  keys: { ask: "", carry: "", of: "" },

  /** What the conversation says of the form; what was just answered to a deed
   * says more and stays while nothing else changed. @param {any} c */
  take(c) {
    this.mine = c.mine;
    this.fence = c.fence;
    const was = this.draft, now = c.draft ?? null;
    const same = was && now && JSON.stringify(was.fields) === JSON.stringify(now.fields) && was.told === now.told && was.shown === now.shown && was.line === now.line;
    if (!same) this.draft = now;
  },

  leave() { this.draft = null; this.trouble = ""; },

  /** @param {string} deed @param {object} body @param {boolean} [on] the keyboard goes on to what is asked next */
  async send(deed, body, on = false) {
    const citizen = state.current;
    try {
      const d = await ask(`/desk/conversation/${encodeURIComponent(citizen)}/draft${deed}`, { fence: this.fence, ...body });
      if (citizen !== state.current) return;
      this.draft = d.flow || d.said ? d : null;
      this.trouble = "";
    } catch (e) {
      this.trouble = /** @type {Error} */ (e).message;
    }
    this.told();
    await this.changed();
    if (on && citizen === state.current) focusForm();
  },

  /** The same deed on the same form has the same key, so that it is done once.
   * @param {"ask"|"carry"} deed */
  key(deed) {
    const of = state.current + (this.draft?.told ?? "") + (this.draft?.said ?? "");
    if (this.keys.of !== of) this.keys = { ask: newKey(), carry: newKey(), of };
    return this.keys[deed];
  },

  async begin() {
    if (!this.mine) return;
    if (!this.errands.length) this.errands = await ask("/desk/errands").catch(() => []);
    const to = /** @type {HTMLSelectElement} */ (the("beginning-what"));
    to.replaceChildren(...this.errands.map((e) => new Option(e.title, e.id)));
    /** @type {HTMLDialogElement} */ (the("beginning")).showModal();
  },
};

/** @param {Field} f */
function row(f) {
  const input = /** @type {HTMLTextAreaElement} */ (make("textarea")); // a story is longer than a line
  input.id = "field-" + f.name;
  input.rows = 1;
  input.value = f.value;
  input.dataset.was = f.value;
  input.autocomplete = "off";
  input.maxLength = 500;
  input.placeholder = f.optional ? "可以不填" : "还没有填";
  input.readOnly = !form.mine;
  input.setAttribute("aria-invalid", String(form.draft?.asks === f.name && Boolean(f.value)));
  const save = (/** @type {boolean} */ on) => {
    if (input.value === input.dataset.was) return on && focusForm();
    input.dataset.was = input.value;
    form.send("", { slot: f.name, words: input.value }, on);
  };
  input.addEventListener("change", () => save(false));
  input.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === "Enter") { e.preventDefault(); save(true); }
    if (e.key === "Escape") input.value = input.dataset.was ?? "";
  });
  const label = /** @type {HTMLLabelElement} */ (make("label", "", f.label));
  label.htmlFor = input.id;
  return make("div", form.draft?.asks === f.name ? "field wanted" : "field", label, input);
}

/** @param {string} text @param {() => void} act @param {string} [cls] */
function button(text, act, cls = "") {
  const b = /** @type {HTMLButtonElement} */ (make("button", cls, text));
  b.type = "button";
  b.addEventListener("click", act);
  return b;
}

/** What can be done with the form as it stands. @param {Draft} d */
function deeds(d) {
  const all = [button(d.told ? "念给市民核对" : "这样问市民", () => form.send("/ask", { key: form.key("ask") }), d.told && !d.shown ? "primary" : "")];
  if (d.told && d.line) all.unshift(button("市民已同意，替市民办", () => form.send("/carry", { told: d.told, line: d.line, key: form.key("carry") }), "primary"));
  all.push(button("不办了", () => form.send("", { drop: true })));
  const said = make("p", "quiet");
  if (d.told && d.shown && !d.line) said.textContent = d.spoken ? "念给市民听了。市民答应了，就写下他的话再办。" : "发给市民了，等市民回“确认”。";
  return [said, make("div", "deeds", ...all), ...(d.told && d.spoken ? [spoken(d)] : [])];
}

/** On the telephone the yes is what the operator heard. @param {Draft} d */
function spoken(d) {
  const input = /** @type {HTMLInputElement} */ (make("input"));
  input.id = "spoken-yes";
  input.maxLength = 100;
  input.placeholder = "市民怎么答应的，比如：对，就这样办";
  const label = /** @type {HTMLLabelElement} */ (make("label", "", "市民口头同意"));
  label.htmlFor = input.id;
  return make("div", "spoken", label, input, button("替市民办", () => form.send("/carry", { told: d.told, spoken: input.value, key: form.key("carry") }), "primary"));
}

/** The form as a part of the right pane; nothing where none is under way. */
export function formPart() {
  const d = form.draft;
  if (!d && !form.mine) return [];
  const body = /** @type {Node[]} */ ([]);
  if (form.trouble) { const p = make("p", "error", form.trouble); p.setAttribute("role", "alert"); body.push(p); }
  if (!d?.flow) {
    if (d?.said) body.push(make("p", "said", d.said));
    if (form.mine) body.push(button("替市民办一件事…", () => form.begin()));
    return [make("section", "form", make("h3", "", "办事"), ...body)];
  }
  body.push(...d.fields.map(row));
  if (d.said) { const p = make("p", "said", d.said); p.setAttribute("role", "status"); body.push(p); }
  if (form.mine) {
    if (d.options.length) body.push(make("div", "options", ...d.options.map((o) => button(o, () => form.send("", { choice: o }, true)))));
    body.push(...deeds(d));
  }
  return [make("section", "form", make("h3", "", "在填的表：" + d.name), ...body)];
}

export function focusForm() {
  const wanted = form.draft?.asks && document.getElementById("field-" + form.draft.asks);
  const first = wanted || document.querySelector("#packet .form .primary") || document.querySelector("#packet .form textarea, #packet .form input, #packet .form button");
  if (first) /** @type {HTMLElement} */ (first).focus();
}

export function wireForm() {
  const dialog = /** @type {HTMLDialogElement} */ (the("beginning"));
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue === "yes") {
      await form.send("", { flow: /** @type {HTMLSelectElement} */ (the("beginning-what")).value });
      focusForm();
    }
    dialog.returnValue = "";
  });
}
