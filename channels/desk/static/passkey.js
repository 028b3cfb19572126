// Security keys: makes one, or proves that one is here. What is signed is bound
// to this address by the browser.
// @ts-check

/** @param {string} id */
const the = (id) => document.getElementById(id);

/** @param {string} path @param {unknown} [body] */
async function post(path, body) {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}), signal: AbortSignal.timeout(15_000) });
  if (r.redirected) { location.assign(r.url); throw new Error("请重新登录。"); }
  const answer = await r.json();
  if (!r.ok) throw new Error(answer.error || "系统忙，请稍后再试。");
  return answer;
}

/** @param {HTMLElement} button @param {() => Promise<{next: string}>} act */
async function run(button, act) {
  const said = the("key-said");
  if (said) said.textContent = "";
  button.setAttribute("aria-busy", "true");
  try {
    location.assign((await act()).next);
  } catch (e) {
    const err = /** @type {Error} */ (e);
    if (said) said.textContent = err.name === "NotAllowedError" ? "没有完成，可能是取消了或等得太久，请再试一次。" : err.name === "InvalidStateError" ? "这把密钥已经加过了。" : err.message;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function prove() {
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) throw new Error("这个浏览器用不了安全密钥，请升级，或用手机验证码。");
  const asked = await post("/desk/passkey/ask");
  const got = /** @type {PublicKeyCredential} */ (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.publicKey) }));
  return post("/desk/passkey", got.toJSON());
}

async function add() {
  if (!globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) throw new Error("这个浏览器用不了安全密钥，请升级，或用手机验证码。");
  const name = /** @type {HTMLInputElement} */ (the("key-name")).value.trim();
  if (!name) throw new Error("请给密钥起个名字，比如“办公桌的密钥”。");
  const asked = await post("/desk/passkey/new/ask");
  const made = /** @type {PublicKeyCredential} */ (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.publicKey) }));
  return post("/desk/passkey/new?name=" + encodeURIComponent(name), made.toJSON());
}

// Both are shown only now: pressed before this script stands, the form would be
// sent as any other and make no key.
const use = the("key-use");
use?.addEventListener("click", () => run(use, prove));
const form = the("key-add");
form?.addEventListener("submit", (e) => { e.preventDefault(); run(form, add); });
for (const e of [use, form]) e?.removeAttribute("hidden");
