package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"guanjia/bot/bottest/browser"
)

// TestSwitchesTakeTwoKeys proposes and approves on the page, sees it in force
// on the other doors at once, and in the trail.
func TestSwitchesTakeTwoKeys(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	first, second := newClient(t, d.inner), newClient(t, d.inner)
	first.signIn("admin", d.admin)
	d.hire("周敏", "administrator")
	second.signIn("周敏", theirPassword)
	o := d.colleague("小陈")

	off := []string{"kind", "topic_off", "topic", "book_appointment", "text", "系统检修，已约好的不受影响。", "hours", "2"}
	must(t, o.form("/desk/switches", off...), 403)
	must(t, o.get("/desk/switches"), 403)
	must(t, first.form("/desk/switches", "kind", "topic_off", "text", "系统检修", "hours", "2"), 422)
	must(t, first.form("/desk/switches", "kind", "topic_off", "topic", "talk_to_operator", "text", "系统检修", "hours", "2"), 422)
	must(t, first.form("/desk/switches", "kind", "announcement", "text", "", "hours", "2"), 422)
	must(t, first.form("/desk/switches", "kind", "health", "rules", "title: [", "hours", "2"), 422)
	must(t, first.form("/desk/switches", off...), 303)
	must(t, first.form("/desk/switches/1", "verdict", "approve"), 403) // both keys in one hand
	must(t, o.form("/desk/switches/1", "verdict", "approve"), 403)
	v := d.visitor()
	if said := v.says("message-1", "我要约下周三办居住证"); strings.Contains(text(said), "暂停") {
		t.Error("in force before it was approved")
	}
	for who, want := range map[*client]any{first: 0.0, second: 1.0, o: 0.0} { // who is to turn the second key is told at the desk
		if got := who.get("/desk/queue").json(t)["keys"]; got != want {
			t.Errorf("%v switches wait for this key, want %v", got, want)
		}
	}
	must(t, second.form("/desk/switches/1", "verdict", "approve"), 303)
	must(t, second.form("/desk/switches/1", "verdict", "approve"), 409)
	u := d.visitor()
	if said := u.says("message-1", "我要约下周三办居住证"); !strings.Contains(text(said), "暂停办理") {
		t.Errorf("in the chat: %v", said)
	}
	if page := v.get("/h5/"); !strings.Contains(page.text, "“预约办事”暂停办理") {
		t.Error("the citizens' pages do not say that the topic is off before it is filled in")
	}
	must(t, second.form("/desk/switches", "kind", "announcement", "text", "台风今天登陆，请不要出门。", "hours", "4"), 303)
	must(t, first.form("/desk/switches/2", "verdict", "approve"), 303)
	if page := v.get("/h5/"); !strings.Contains(page.text, "台风今天登陆") {
		t.Error("the citizens' pages do not show the notice")
	}
	admin := browser.Start(t).Tab(t)
	admin.Open(d.inner + "/desk/login")
	operator{admin}.signInAs("周敏", theirPassword)
	admin.Until(`document.querySelector(".pages")`)
	admin.Window(390, 844)
	admin.Until(`document.querySelector(".pages").getBoundingClientRect().right <= innerWidth`)
	if !browser.Eval[bool](admin, `((nav) => { nav.scrollLeft = 0; return nav.firstElementChild.getBoundingClientRect().left >= nav.getBoundingClientRect().left; })(document.querySelector(".pages"))`) {
		t.Error("on a telephone the first of the other pages cannot be reached")
	}
	const lines = `((...of) => new Set(of.map((e) => Math.round(e.getBoundingClientRect().top + e.offsetHeight / 2))).size)`
	for _, name := range []string{"周敏", "东莞市政务服务中心周敏"} { // the other pages stand beside who one is or below, never parted
		for _, width := range []int64{1024, 1280, 1920} {
			admin.Window(width, 800)
			admin.Until(`(document.querySelector(".me").textContent = "` + name + `", innerWidth === ` + strconv.FormatInt(width, 10) + `)`)
			if n := browser.Eval[int](admin, lines+`(...document.querySelectorAll(".pages a"))`); n != 1 {
				t.Errorf("at %d with %s the other pages stand on %d lines", width, name, n)
			}
			if n := browser.Eval[int](admin, lines+`(...[...document.querySelectorAll(".own button, .own a")].filter((e) => e.checkVisibility()))`); n != 1 {
				t.Errorf("at %d with %s what is one's own stands on %d lines", width, name, n)
			}
		}
	}
	admin.Open(d.inner + "/desk/switches")
	admin.Until(`document.querySelectorAll("main li.on").length === 2`)
	looks(t, admin, "desk-switches", 320, 390, 1280)
	admin.Open(d.inner + "/desk/people")
	admin.Until(`document.querySelectorAll("main details").length === 3`)
	browser.Eval[bool](admin, `document.querySelector("main li:last-child details").open = true`)
	looks(t, admin, "desk-people", 320, 1280)
	d.speak("wechat", "c1", "转人工")
	if got := second.get("/desk/reports/desk.xlsx"); got.status != 200 || !strings.HasPrefix(got.text, "PK") {
		t.Errorf("the report as Excel: %d", got.status)
	}
	admin.Open(d.inner + "/desk/reports")
	admin.Until(`document.querySelector(".chart") && document.querySelector("main").textContent.includes("微信")`)
	for width, drawn := range map[int64]string{390: "slim", 1280: "broad"} { // drawn for the width, and nothing beyond the edge
		admin.Window(width, 800)
		admin.Until(`[...document.querySelectorAll(".chart")].filter((c) => c.checkVisibility()).map((c) => c.classList[1]).join() === "` + drawn + `"`)
		admin.Until(`[...document.querySelectorAll(".wide")].every((w) => w.scrollWidth <= w.clientWidth)`)
	}
	looks(t, admin, "desk-reports", 320, 1280)
	admin.Open(d.inner + "/desk/state")
	admin.Until(`document.querySelectorAll("main dl div").length > 20`)
	looks(t, admin, "desk-state", 320, 1280)
	admin.Open(d.inner + "/desk/audit")
	admin.Until(`document.querySelectorAll("tbody tr").length > 5`)
	looks(t, admin, "desk-audit", 320, 1280)
	admin.Open(d.inner + "/desk/signins")
	admin.Until(`document.querySelectorAll("main li").length > 0`)
	looks(t, admin, "desk-signins", 320, 1280)

	w.turn(5 * time.Hour)
	if page := v.get("/h5/"); strings.Contains(page.text, "台风今天登陆") {
		t.Error("the notice is shown after its time")
	}
	trail := guanjia(t, "", "--data", d.dir, "audit", "list", "--json")
	for _, want := range []string{"switch_propose", "switch_approve"} {
		if n := strings.Count(trail.out, `"`+want+`"`); n != 2 {
			t.Errorf("%d × %s in the trail, want 2: %s", n, want, trail.out)
		}
	}
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 {
		t.Errorf("the trail: %s", r.err)
	}
}

// text is all that stands in a conversation.
func text(lines []any) string {
	var b strings.Builder
	for _, l := range lines {
		s, _ := l.(map[string]any)["text"].(string)
		b.WriteString(s + "\n")
	}
	return b.String()
}
