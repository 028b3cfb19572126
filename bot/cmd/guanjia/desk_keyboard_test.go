package main

import (
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// TestDeskPagesByKeyboard looks at every page of the desk at 200 % of a screen
// 1280 wide: nothing is too wide, axe finds nothing serious, and Tab alone
// reaches everything, in order, with the focus to be seen, and leaves again.
func TestDeskPagesByKeyboard(t *testing.T) {
	d := serve(t, newWheel(tuesday()).now)
	d.speak("wechat", "c1", "我想预约办居住证", "虎门", "转人工")
	tab := browser.Start(t).Tab(t)
	tab.Window(640, 512)
	tab.Open(d.inner + "/desk/login")
	operator{tab}.signInAs("admin", d.admin)
	tab.Until(`document.querySelectorAll("#rows .row").length === 1`)
	for _, path := range []string{
		"/desk/", "/desk/wall", "/desk/reports", "/desk/samples", "/desk/people", "/desk/shifts", "/desk/learn", "/desk/policies", "/desk/switches", "/desk/signins", "/desk/password", "/desk/factor/enrol", "/desk/phone", "/desk/calls", "/desk/calls/rules",
		"/knowledge", "/knowledge/id-card-lost", "/desk/work/", "/desk/work/report", "/desk/work/limits", "/desk/work/keys",
	} {
		tab.Open(d.inner + path)
		tab.Until(`document.readyState === "complete" && (location.pathname !== "/desk/" || document.querySelectorAll("#rows .row").length === 1)`)
		if path == "/desk/wall" {
			tab.Until(`document.querySelectorAll("#big dd").length > 0 && document.getElementById("state").textContent === "实时"`)
		}
		tab.Shoot("zoom" + strings.ReplaceAll(path, "/", "-"))
		if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %d px too wide", path, over)
		}
		for _, f := range tab.Findings() {
			t.Errorf("%s: %s", path, f)
		}
		walk(t, tab, path)
	}
}

// walk goes through a page by Tab.
func walk(t *testing.T, tab *browser.Tab, path string) {
	t.Helper()
	all := browser.Eval[int](tab, `(() => {
		document.activeElement?.blur();
		const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("details:not([open]) > :not(summary)");
		const radios = new Set();
		window.__ways = [...document.querySelectorAll("a[href], button:not(:disabled), input:not(:disabled):not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((e) => {
			if (!seen(e)) return false;
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
