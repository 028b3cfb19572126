'use strict';
// Calls the stand-in for the API with a client that is not ours, to show that
// it behaves as real clients expect.
//
// node api.js URL APPID SECRET OPENID
const API = require('co-wechat-api');

const [url, appId, secret, openId] = process.argv.slice(2);

(async () => {
  const api = new API(appId, secret);
  // This client knows the older token call only; the token comes from the
  // stable one, as ours does.
  api.prefix = url + '/cgi-bin/';
  api.getAccessToken = async () => {
    const res = await fetch(url + '/cgi-bin/stable_token', {
      method: 'POST', body: JSON.stringify({ grant_type: 'client_credential', appid: appId, secret }),
    });
    const told = await res.json();
    const token = { accessToken: told.access_token, expireTime: Date.now() + 7e6, isValid: () => true };
    return token;
  };
  api.ensureAccessToken = api.getAccessToken;
  const out = {};
  out.sent = await api.sendText(openId, '您好').then((r) => r.errcode, (e) => e.code || String(e));
  out.menu = await api.createMenu({ button: [{ type: 'click', name: '预约', key: 'book' }] }).then((r) => r.errcode, (e) => e.code || String(e));
  out.stranger = await api.sendText('oNobody', '您好').then((r) => r.errcode, (e) => e.code || String(e));
  process.stdout.write(JSON.stringify(out) + '\n');
})().catch((err) => { console.error(String(err)); process.exit(1); });
