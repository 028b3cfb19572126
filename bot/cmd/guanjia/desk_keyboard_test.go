package main

import (
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// TestDeskPagesByKeyboard looks at every page of the inner door, with something
// on it, at 200 % of a screen 1280 wide and, dark, 320 wide (GUANJIA_PROVE: both
// in both): nothing is too wide, axe finds nothing serious, and Tab alone
// reaches everything, in order, with the focus to be seen, and leaves again.
func TestDeskPagesByKeyboard(t *testing.T) {
	w := newWheel(tuesday())
	d := serveAnew(t, w.now) // the page of a guide has its history
	d.speak("wechat", "c1", "我想预约办居住证", "虎门", "转人工")
	d.speak("wechat", "c2", "我想预约办居住证", "虎门", "11月26日", "11:00", "陈小明", "13812345678", "确认")
	d.speak("wechat", "c3", "投诉虎门镇烧烤店油烟大，一直没人管，门牌在振兴路12号，电话13712345678", "确认")
	d.speak("wechat", "c4", "居住证要带什么材料", "转人工")
	helped := d.colleague("小陈")
	must(t, helped.post("/desk/conversation/c4/take", object{}), 200)
	must(t, helped.post("/desk/conversation/c4/close", object{}), 200)
	admin := newClient(t, d.inner)
	admin.signIn("admin", d.admin)
	sheet := regexp.MustCompile(`href="(/desk/samples/[^"]+)"`).FindStringSubmatch(admin.get("/desk/samples").text)
	if sheet == nil {
		t.Fatal("nothing is drawn to be scored")
	}
	tab := browser.Start(t).Tab(t)
	tab.Window(640, 512)
	tab.Open(d.inner + "/desk/login")
	operator{tab}.signInAs("admin", d.admin)
	tab.Until(`document.querySelectorAll("#rows .row").length === 1`)
	paths := []string{
		"/desk/", "/desk/wall", "/desk/reports", "/desk/samples", sheet[1], "/desk/people", "/desk/shifts", "/desk/learn", "/desk/learn/conversation/c1", "/desk/policies", "/desk/switches", "/desk/audit", "/desk/signins", "/desk/password", "/desk/factor/enrol",
		"/desk/phone", "/desk/calls", "/desk/calls/rules", "/desk/calls/over", "/knowledge", "/knowledge/id-card-lost", "/desk/work/", "/desk/work/ticket/" + d.list("tickets")[0]["number"].(string), "/desk/work/report", "/desk/work/limits", "/desk/work/keys",
		"/hall/", "/hall/board", "/hall/rules", "/hall/appeals", "/hall/release", "/hall/calendar", "/hall/services", "/hall/services/residence-permit/edit", "/hall/departments", "/hall/new", "/hall/services/new", "/hall/humen?date=2026-11-26", "/hall/humen/edit", "/hall/humen/window", "/hall/humen/screen",
	}
	for _, path := range paths {
		tab.Open(d.inner + path)
		tab.Until(`document.readyState === "complete" && (location.pathname !== "/desk/" || document.querySelectorAll("#rows .row").length === 1)`)
		if path == "/desk/wall" {
			tab.Until(`document.querySelectorAll("#big dd").length > 0 && document.getElementById("state").textContent === "实时"`)
		}
		tab.Shoot("zoom" + strings.NewReplacer("/", "-", "?", "-").Replace(path))
		if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %d px too wide", path, over)
		}
		for _, f := range tab.Findings() {
			t.Errorf("%s: %s", path, f)
		}
		if path != "/hall/humen/screen" { // hangs on a wall
			walk(t, tab, path)
		}
		if !strings.HasPrefix(path, "/hall/") && !strings.HasPrefix(path, "/desk/work/") { // looked at small where their tests are
			narrow(t, tab, path)
		}
	}

	// The page of recovery codes comes once, when an authenticator is set up.
	tab.Open(d.inner + "/desk/factor/enrol")
	key := strings.ReplaceAll(browser.Eval[string](tab, `document.querySelector("code").textContent`), " ", "")
	secret, err := base32.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	tab.Focus("[name=code]")
	tab.Write(authenticator{secret}.code(w.now()))
	tab.Press(browser.Enter)
	tab.Until(`document.querySelectorAll(".codes li").length === 10`)
	narrow(t, tab, "recovery codes")
}

// narrow looks at a page on a small screen in the dark; where the long proofs
// are asked for in both sizes, light and dark.
func narrow(t *testing.T, tab *browser.Tab, path string) {
	t.Helper()
	for _, look := range []struct {
		scheme        string
		width, height int64
	}{{"dark", 320, 568}, {"light", 320, 568}, {"dark", 640, 512}}[:prove(1, 3)] {
		tab.Scheme(look.scheme)
		tab.Window(look.width, look.height)
		tab.Shoot(fmt.Sprintf("%s-%d%s", look.scheme, look.width, strings.NewReplacer("/", "-", "?", "-").Replace(path)))
		if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s at %d is %d px too wide", path, look.width, over)
		}
		for _, f := range tab.Findings() {
			t.Errorf("%s, %s, %d: %s", path, look.scheme, look.width, f)
		}
	}
	tab.Scheme("light")
	tab.Window(640, 512)
}

// walk goes through a page by Tab.
func walk(t *testing.T, tab *browser.Tab, path string) {
	t.Helper()
	all := browser.Eval[int](tab, `(() => {
		document.activeElement?.blur();
		const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("details:not([open]) > :not(summary)");
		const radios = new Set();
		window.__ways = [...document.querySelectorAll("a[href], button:not(:disabled), input:not(:disabled):not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((e) => {
			if (!seen(e) || e.ariaHidden === "true" && e.tabIndex < 0) return false; // what Enter presses, for nobody to reach
			if (e.type !== "radio") return true;
			const first = !radios.has(e.name); radios.add(e.name); return first;
		});
		return window.__ways.length;
	})()`)
	if all == 0 {
		t.Errorf("%s: nothing to reach", path)
	}
	for range min(2*all+20, 200) { // date fields take several
		tab.Press(browser.TabKey)
		fault := browser.Eval[string](tab, `(() => {
			const e = document.activeElement;
			if (!e || e === document.body) return "";
			e.__reached = true;
			if (e.type === "radio") for (const o of document.getElementsByName(e.name)) o.__reached = true;
			const look = [e, e.parentElement, e.nextElementSibling].filter(Boolean).map((x) => getComputedStyle(x));
			const drawn = look.some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none");
			const box = e.getBoundingClientRect();
			const name = e.tagName + " " + (e.id || e.name || e.textContent.trim().slice(0, 12));
			if (!drawn) return name + ": the focus is not to be seen";
			if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) return name + ": the focus is off the screen";
			return "";
		})()`)
		if fault != "" {
			t.Errorf("%s: %s", path, fault)
			break
		}
		if browser.Eval[int](tab, `window.__ways.filter((e) => !e.__reached).length`) == 0 {
			return
		}
	}
	if missed := browser.Eval[string](tab, `window.__ways.filter((e) => !e.__reached && e.isConnected).map((e) => e.tagName + " " + (e.id || e.name || e.textContent.trim().slice(0, 12))).slice(0, 5).join(", ")`); missed != "" {
		t.Errorf("%s: Tab does not reach %s", path, missed)
	}
}
