package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// watched records what a page asks of the browser: notices that are shown,
// tones that are played, and whether somebody is asked to allow notices. The
// seconds between alarms are shortened.
const watched = `(() => {
	window.shown = []; window.asked = 0; window.tones = 0; window.away = false;
	const real = Notification;
	window.Notification = class extends real {
		constructor(title, how) { super(title, how); shown.push({ tag: how.tag, words: title + how.body + JSON.stringify(how.data ?? ""), notice: this }); }
		static requestPermission() { asked++; return real.requestPermission(); }
	};
	document.hasFocus = () => !away; // a browser without a screen has the focus at all times
	const start = OscillatorNode.prototype.start;
	OscillatorNode.prototype.start = function (at) { if (this.context.state === "running") tones++; return start.call(this, at); };
	const every = setInterval;
	window.setInterval = (f, ms) => every(f, ms / 20);
	return true;
})()`

// TestDeskNotices (C7): sound and notices are armed at the first touch after
// signing in; whoever waits is heard in the page that has the focus as in one
// that has not, an emergency until somebody looks; away from the page a notice
// tells it too, holds nothing of the citizen and leads to the conversation; a
// browser that refuses notices is said to.
func TestDeskNotices(t *testing.T) {
	d := serve(t, going(tuesday()))
	b := browser.Start(t)
	o := d.operator(b, "小陈")
	reload := func(answer string) {
		t.Helper()
		o.Notices(answer)
		o.Reload()
		o.Until(`document.getElementById("state").textContent === "在线"`)
		browser.Eval[bool](o.Tab, watched)
	}
	reads := func(words string) {
		t.Helper()
		o.Until(fmt.Sprintf(`document.getElementById("notices").textContent === %q`, words))
	}

	reload("prompt")
	reads("提醒未开")
	if n := browser.Eval[int](o.Tab, `asked`); n != 0 {
		t.Error("asked before anybody touched the page")
	}
	o.Letters("jj") // Escape is no touch to a browser
	o.Until(`asked === 1 && document.getElementById("sound").textContent === "声音已开"`)

	reload("denied")
	reads("提醒被拦")
	o.Click("#notices")
	o.Until(`document.getElementById("notices-refused").open`)
	o.Shoot("desk-notices-refused")
	o.Press(browser.Escape)
	o.Until(`!document.getElementById("notices-refused").open`)
	d.speak("wechat", "c1", "我叫陈小明，身上没钱吃饭了，转人工")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 1 && tones === 1`) // heard all the same, in the page one looks at
	if n := browser.Eval[int](o.Tab, `shown.length + asked`); n != 0 {
		t.Error("who refused is asked again, or shown notices")
	}

	reload("granted")
	reads("提醒已开")
	o.Letters("j")
	o.Until(`document.getElementById("sound").textContent === "声音已开"`)
	browser.Eval[bool](o.Tab, `(away = true)`)
	told := func(kind string) { t.Helper(); o.Until(fmt.Sprintf(`shown.some((n) => n.tag === "desk-%s")`, kind)) }
	d.speak("wechat", "c2", "转人工")
	told("waiting")
	o.Letters("a")
	o.Until(`document.getElementById("holding").textContent.includes("您在接待")`)
	d.speak("wechat", "c1", "还有人吗") // c1 was first in line
	told("reply")
	d.visitor().says("message-1", "我家着火了，虎门镇连升路12号")
	told("urgent")
	before := browser.Eval[int](o.Tab, `tones`)
	o.Until(fmt.Sprintf(`tones >= %d`, before+6)) // again, and again
	o.Shoot("desk-notices")
	words := browser.Eval[[]string](o.Tab, `shown.map((n) => n.words)`)
	for _, w := range words {
		if slices.ContainsFunc([]string{"陈", "小明", "着火", "连升", "虎门", "饭", "还有人"}, func(s string) bool { return strings.Contains(w, s) }) {
			t.Errorf("a notice says %q", w)
		}
	}
	browser.Eval[bool](o.Tab, `(away = false, shown.at(-1).notice.dispatchEvent(new Event("click")))`)
	o.hears("我家着火了，虎门镇连升路12号")
	o.Until(`document.getElementById("alarm").hidden`)
	heard := browser.Eval[int](o.Tab, `tones`)
	if now := browser.Eval[int](o.Tab, `new Promise((done) => setTimeout(() => done(tones), 900))`); now != heard { // two alarms would fit
		t.Error("the alarm goes on after somebody looked")
	}
	browser.Eval[bool](o.Tab, `(away = true)`)
	d.speak("wechat", "c3", "转人工")
	boss := newClient(t, d.inner)
	boss.signIn("admin", d.admin)
	must(t, boss.post("/desk/conversation/c3/assign", object{"to": "小陈"}), 200)
	told("given") // and nobody asked for it
	browser.Eval[bool](o.Tab, `(away = false)`)
	o.Click("#notices")
	reads("提醒未开")
	n := browser.Eval[int](o.Tab, `(away = true, shown.length)`)
	d.visitor().says("message-1", "转人工")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length >= 3`)
	if got := browser.Eval[int](o.Tab, `shown.length`); got != n {
		t.Error("notices that were switched off are shown")
	}
}
