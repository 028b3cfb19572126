package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// An administrator finds, tries, previews, edits and puts back a guide; the
// citizens' answers follow at once; who saw an older version is told and loses
// nothing; what was asked in vain stands in the gaps without particulars.
func TestGuidesAreKept(t *testing.T) {
	d := serve(t, newWheel(tuesday()).now)
	admin, operator, supervisor := d.worker("管理", "administrator"), d.worker("坐席", "operator"), d.worker("班长", "supervisor")
	if got := operator.get("/knowledge"); got.status != http.StatusForbidden {
		t.Errorf("an operator opens the guides: %d", got.status)
	}
	d.speak("wechat", "c1", "养蜂许可证怎么办理", "护照几点下班", "护照多少钱", "没用")
	page := admin.get("/knowledge?try=互照几錢&words=护照")
	for _, want := range []string{"普通护照", "会回答", "120元", "养蜂许可证怎么办理", "没有指南", "市民说没用", `href="/knowledge/passport#f-hours"`, `href="#h-gaps"`} {
		if !strings.Contains(page.text, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if strings.Contains(page.text, "把“养蜂许可证”") {
		t.Error("another matter is proposed as an alias")
	}
	if page := admin.get("/knowledge/passport?alias=蓝本本"); !strings.Contains(page.text, "“蓝本本”已写进别名，还没有存") || !strings.Contains(page.text, "\n蓝本本</textarea>") {
		t.Error("an alias that was taken up does not stand in the form")
	}
	form := []string{"version", "0", "fee", "121元", "note", "核到新收费"}
	if got := admin.form("/knowledge/passport", append(form, "deed", "preview")...); got.status != 200 || !strings.Contains(got.text, "121元") || !strings.Contains(got.text, "还没有存") {
		t.Errorf("preview: %d", got.status)
	}
	fee := func() string {
		return guanjia(t, "", "knowledge", "ask", "护照多少钱", "--data", d.dir).out
	}
	if strings.Contains(fee(), "121元") {
		t.Error("a preview is in force")
	}
	if got := supervisor.form("/knowledge/passport", append(form, "deed", "save")...); got.status != http.StatusForbidden {
		t.Errorf("a supervisor saves: %d", got.status)
	}
	if got := admin.form("/knowledge/passport", append(form, "deed", "save")...); got.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", got.status, got.text)
	}
	if !strings.Contains(fee(), "121元") {
		t.Errorf("not in force: %s", fee())
	}
	late := admin.form("/knowledge/passport", "version", "0", "fee", "122元", "deed", "save")
	if late.status != http.StatusConflict || !strings.Contains(late.text, "122元") || !strings.Contains(late.text, "之前改了") {
		t.Errorf("over an older version: %d", late.status)
	}
	if got := admin.form("/knowledge/passport", "version", "1", "title", "", "deed", "save"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("without a title: %d", got.status)
	}
	if page := admin.get("/knowledge/passport"); !strings.Contains(page.text, "核到新收费") || !strings.Contains(page.text, "原：120元") {
		t.Error("the version is not shown with what it changed")
	}
	if got := admin.form("/knowledge/passport/restore", "version", "1", "to", "0"); got.status != http.StatusSeeOther || !strings.Contains(fee(), "120元") {
		t.Errorf("put back: %d %s", got.status, fee())
	}
	d.looksRight(t, "管理", map[string]string{"list": "/knowledge?try=护照多少钱&words=", "guide": "/knowledge/passport", "nothing": "/knowledge?words=zzz"})
}

// looksRight opens pages narrow and wide, light and dark: nothing is wider than
// the window, axe finds nothing serious.
func (d *running) looksRight(t *testing.T, who string, pages map[string]string) {
	t.Helper()
	tab := browser.Start(t).Tab(t)
	tab.Open(d.inner + "/desk/login")
	tab.Focus("#name")
	tab.Write(who)
	tab.Focus("#password")
	tab.Write(theirPassword)
	tab.Press(browser.Enter)
	tab.Until(`!location.pathname.endsWith("/login")`)
	for name, path := range pages {
		for _, at := range []struct {
			width  int64
			scheme string
		}{{320, "light"}, {390, "dark"}, {1280, "light"}, {1920, "dark"}} {
			tab.Scheme(at.scheme)
			tab.Window(at.width, 900)
			tab.Open(d.inner + path)
			if wide := browser.Eval[int](tab, `document.documentElement.scrollWidth`); int64(wide) > at.width {
				t.Errorf("%s at %d is %d wide", name, at.width, wide)
			}
			for _, f := range tab.Findings() {
				t.Errorf("%s at %d, %s: %s", name, at.width, at.scheme, f)
			}
			tab.Shoot(fmt.Sprintf("knowledge-%s-%s-%d", name, at.scheme, at.width))
		}
	}
}
