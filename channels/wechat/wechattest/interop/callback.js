'use strict';
// Plays WeChat's server with one of three implementations of the envelope that
// are not ours. Each line of standard input is a message's XML; it is
// encrypted, posted, and the decrypted answer is printed as a line of JSON.
//
// node callback.js LIBRARY URL APPID TOKEN AESKEY
const crypto = require('crypto');
const readline = require('readline');

const [library, url, appId, token, aesKey] = process.argv.slice(2);

const libraries = {
  'wechat-crypto': () => {
    const c = new (require('wechat-crypto'))(token, aesKey, appId);
    return {
      seal: (m) => c.encrypt(m),
      open: (e) => { const d = c.decrypt(e); if (d.id !== appId) throw new Error('another account'); return d.message; },
      sign: (t, n, e) => c.getSignature(t, n, e),
    };
  },
  'wechat-encrypt': () => {
    const c = new (require('wechat-encrypt'))({ appId, encodingAESKey: aesKey, token });
    return {
      seal: (m) => c.encode(m),
      open: (e) => c.decode(e),
      sign: (timestamp, nonce, encrypt) => c.genSign({ timestamp, nonce, encrypt }),
    };
  },
  '@wecom/crypto': () => {
    const c = require('@wecom/crypto');
    return {
      seal: (m) => c.encrypt(aesKey, m, appId),
      open: (e) => { const d = c.decrypt(aesKey, e); if (d.id !== appId) throw new Error('another account'); return d.message; },
      sign: (t, n, e) => c.getSignature(token, t, n, e),
    };
  },
};

const field = (xml, name) => {
  const m = xml.match(new RegExp('<' + name + '>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</' + name + '>'));
  return m ? m[1] : '';
};

async function post(side, message) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = crypto.randomBytes(6).toString('hex');
  const encrypt = side.seal(message);
  const query = new URLSearchParams({ timestamp, nonce, encrypt_type: 'aes', msg_signature: side.sign(timestamp, nonce, encrypt) });
  const body = `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  const res = await fetch(url + '?' + query, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
  const raw = await res.text();
  if (res.status !== 200 || raw === 'success' || raw === '') return { status: res.status, content: '' };
  const sealed = field(raw, 'Encrypt');
  const [ts, n] = [field(raw, 'TimeStamp'), field(raw, 'Nonce')];
  if (side.sign(ts, n, sealed) !== field(raw, 'MsgSignature')) throw new Error('the answer is signed wrongly');
  const plain = side.open(sealed);
  return { status: res.status, content: field(plain, 'Content'), to: field(plain, 'ToUserName') };
}

(async () => {
  const side = libraries[library]();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    process.stdout.write(JSON.stringify(await post(side, line)) + '\n');
  }
})().catch((err) => { console.error(String(err)); process.exit(1); });
