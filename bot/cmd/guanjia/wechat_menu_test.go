package main

import (
	"encoding/json"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/channels/web"
	"guanjia/channels/wechat/platform"
	"guanjia/channels/wechat/wechattest"
)

// withEnv runs a command line in this process with settings as of the
// environment.
func withEnv(t *testing.T, env []string, args ...string) result {
	t.Helper()
	var out, errs tail
	p := &program{args: args, cwd: t.TempDir(), env: env, con: console{strings.NewReader(""), &out, &errs}}
	err := p.run(t.Context())
	if err != nil {
		errs.Write([]byte(oneLine(err) + "\n"))
	}
	return result{out.String(), errs.String(), exitStatus(err)}
}

func TestMenuPushAndShow(t *testing.T) {
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	env := accountSettings(api, testKey)
	if r := withEnv(t, env, "wechat", "menu", "show"); r.status != 0 || !strings.Contains(r.out, "没有菜单") {
		t.Errorf("no menu yet: %+v", r)
	}
	if r := withEnv(t, env, "wechat", "menu", "push"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	r := withEnv(t, env, "wechat", "menu", "show")
	for key := range bot.MenuKeys() {
		if !strings.Contains(r.out, "click "+key+"\n") {
			t.Errorf("the menu lacks %s: %s", key, r.out)
		}
	}
	var menu struct{ Button []map[string]any }
	raw := withEnv(t, env, "wechat", "menu", "show", "--json")
	if err := json.Unmarshal([]byte(raw.out), &menu); err != nil || len(menu.Button) != 3 {
		t.Errorf("%v %s", err, raw.out)
	}
}

// TestMenuFits holds our menu to what WeChat takes and to what it shows: four
// characters of a heading, eight of an entry.
func TestMenuFits(t *testing.T) {
	menu := buttons(web.DefaultMenu())
	if err := platform.CheckMenu(menu); err != nil {
		t.Error(err)
	}
	for _, top := range menu {
		if len([]rune(top.Name)) > 5 {
			t.Errorf("%s is cut off", top.Name)
		}
		for _, below := range top.Below {
			if _, ok := bot.MenuKeys()[below.Key]; !ok || len([]rune(below.Name)) > 8 {
				t.Errorf("%s (%s) is cut off or does nothing", below.Name, below.Key)
			}
		}
	}
}

// TestMenuRefusals: one line that says what is behind it, exit 2, no secret.
func TestMenuRefusals(t *testing.T) {
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	env := accountSettings(api, "")
	other := func(setting string) []string { return append(env[:len(env):len(env)], setting) }
	const menu = "/cgi-bin/menu/create"
	for name, c := range map[string]struct {
		env   []string
		fault wechattest.Fault
		want  string
	}{
		"wrong secret":    {other("GUANJIA_WECHAT_APP_SECRET=another-secret"), wechattest.Fault{}, "wechat_app_secret"},
		"wrong id":        {other("GUANJIA_WECHAT_APP_ID=wxother"), wechattest.Fault{}, "wechat_app_id"},
		"not on the list": {env, wechattest.Fault{Path: "/cgi-bin/stable_token", Times: 1, Code: 40164}, "IP 白名单"},
		"no right":        {env, wechattest.Fault{Path: menu, Times: 1, Code: 48001}, "认证"},
		"token refused":   {env, wechattest.Fault{Path: menu, Times: 2, Code: 40001}, "access_token"},
		"bad gateway":     {env, wechattest.Fault{Path: menu, Times: 1, Status: 502}, "502"},
		"no JSON":         {env, wechattest.Fault{Path: menu, Times: 1, Body: "<html>"}, "JSON"},
		"hung up":         {env, wechattest.Fault{Path: menu, Times: 1, Cut: true}, ""},
		"nobody there":    {other("GUANJIA_WECHAT_API_URL=http://127.0.0.1:1"), wechattest.Fault{}, "refused"},
		"no account":      {nil, wechattest.Fault{}, "wechat_app_id"},
		"half an account": {[]string{"GUANJIA_WECHAT_APP_ID=" + testAppID}, wechattest.Fault{}, "wechat_app_secret"},
	} {
		t.Run(name, func(t *testing.T) {
			api.Fail(c.fault)
			r := withEnv(t, c.env, "wechat", "menu", "push")
			if r.status != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, c.want) || r.out != "" {
				t.Errorf("%+v", r)
			}
			if strings.Contains(r.err, testSecret) || strings.Contains(r.err, "another-secret") || strings.Contains(r.err, "TOKEN-") {
				t.Errorf("a secret is shown: %s", r.err)
			}
		})
	}
}

// TestHalfAnAccount: check and serve refuse settings that cannot work, and
// name all of them.
func TestHalfAnAccount(t *testing.T) {
	all := []string{"GUANJIA_WECHAT_APP_ID=" + testAppID, "GUANJIA_WECHAT_APP_SECRET=" + testSecret, "GUANJIA_WECHAT_TOKEN=" + testToken, "GUANJIA_WECHAT_AES_KEY=" + testKey}
	for name, c := range map[string]struct {
		env  []string
		want []string
	}{
		"id alone":     {all[:1], []string{"wechat_app_secret", "wechat_token"}},
		"secret alone": {all[1:2], []string{"wechat_app_id", "wechat_token"}},
		"key alone":    {all[3:], []string{"wechat_app_id", "wechat_app_secret", "wechat_token"}},
		"no secret":    {[]string{all[0], all[2], all[3]}, []string{"wechat_app_secret"}},
		"short key":    {append(all[:3:3], "GUANJIA_WECHAT_AES_KEY=abc"), []string{"wechat_aes_key"}},
		"odd token":    {append(all[:2:2], "GUANJIA_WECHAT_TOKEN=a b"), []string{"wechat_token"}},
		"odd address":  {append(all[:4:4], "GUANJIA_WECHAT_API_URL=api.weixin.qq.com"), []string{"wechat_api_url"}},
		"deaf":         {append(all[:4:4], "GUANJIA_OPENAI_TRANSCRIBE_MODEL=whisper-1"), []string{"openai_base_url"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"check", "serve"} {
				r := withEnv(t, c.env, command, "--http-addr", "127.0.0.1:0", "--desk-addr", "127.0.0.1:0")
				for _, want := range c.want {
					if r.status != 2 || !strings.Contains(r.out+r.err, want) {
						t.Errorf("%s does not name %s: %+v", command, want, r)
					}
				}
				if strings.Contains(r.out+r.err, testSecret) || strings.Contains(r.out+r.err, testKey) {
					t.Errorf("%s shows a secret: %+v", command, r)
				}
			}
		})
	}
	if r := withEnv(t, all, "check"); r.status != 0 || !strings.Contains(r.out, "public_url") {
		t.Errorf("a whole account: %+v", r)
	}
}
