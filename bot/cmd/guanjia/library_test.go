package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"guanjia/bot/bottest/browser"
)

// An administrator finds, tries, previews, edits and puts back a guide; the
// citizens' answers follow at once; who saw an older version is told and loses
// nothing; what was asked in vain stands in the gaps without particulars.
func TestGuidesAreKept(t *testing.T) {
	d := serveAnew(t, newWheel(tuesday()).now)
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
	if got := admin.form("/knowledge/passport", "version", "1", "review_by", "明年", "deed", "save"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "存不了：复核期限：") {
		t.Errorf("a day that is none: %d", got.status)
	}
	if page := admin.get("/knowledge/passport"); !strings.Contains(page.text, "核到新收费") || !strings.Contains(page.text, "原：120元") {
		t.Error("the version is not shown with what it changed")
	}
	if got := admin.form("/knowledge/passport/restore", "version", "1", "to", "0"); got.status != http.StatusSeeOther || !strings.Contains(fee(), "120元") {
		t.Errorf("put back: %d %s", got.status, fee())
	}
	d.looksRight(t, "管理", map[string]string{"list": "/knowledge?try=护照多少钱&words=", "guide": "/knowledge/passport", "nothing": "/knowledge?words=zzz"})
}

// A guide begun at the desk is a draft that answers nobody, until its editor has
// written it and puts it in force.
func TestAGuideIsBegunAtTheDesk(t *testing.T) {
	d := serveAnew(t, newWheel(tuesday()).now)
	admin, supervisor := d.worker("管理", "administrator"), d.worker("班长", "supervisor")
	if got := supervisor.get("/knowledge/new"); got.status != http.StatusForbidden {
		t.Errorf("a supervisor begins a guide: %d", got.status)
	}
	if page := admin.get("/knowledge?words=養蜂"); !strings.Contains(page.text, "/knowledge/new?title=") {
		t.Error("who finds nothing is not shown how to write it")
	}
	for _, bad := range [][]string{{"title", "养蜂登记", "id", "养蜂"}, {"title", "养蜂登记", "id", "new"}, {"title", "", "id", "bees"}, {"title", "养蜂登记", "id", "passport"}, {"title", "普通护照", "id", "bees"}} {
		if got := admin.form("/knowledge/new", bad...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `role="alert"`) {
			t.Errorf("%v: %d", bad, got.status)
		}
	}
	if got := admin.form("/knowledge/new", "title", "养蜂登记", "id", "bees"); got.status != http.StatusSeeOther {
		t.Fatalf("begin: %d %s", got.status, got.text)
	}
	if page := admin.get("/knowledge/bees?told=created"); page.status != 200 || !strings.Contains(page.text, "还是草稿") || !strings.Contains(page.text, `<option value="draft" selected>`) {
		t.Errorf("the draft does not open: %d", page.status)
	}
	fee := func() string { return guanjia(t, "", "knowledge", "ask", "养蜂登记多少钱", "--data", d.dir).out }
	form := []string{"version", "1", "title", "养蜂登记", "fee", "17元", "source", "农业农村局公告 https://example.org/bees 2026-11-20", "note", "局里来文", "deed", "save"}
	if got := admin.form("/knowledge/bees", append(form, "status", "draft")...); got.status != http.StatusSeeOther {
		t.Fatalf("save the draft: %d %s", got.status, got.text)
	}
	if strings.Contains(fee(), "17元") {
		t.Errorf("a draft answers: %s", fee())
	}
	if page := admin.get("/knowledge/bees"); !strings.Contains(page.text, "<li>农业农村局公告 <small>https://example.org/bees · 2026-11-20 取") || !strings.Contains(page.text, "来源：农业农村局公告\n") && !strings.Contains(page.text, "来源：农业农村局公告<") {
		t.Errorf("the source that was written does not stand on the page:\n%s", page.text)
	}
	if page := admin.get("/knowledge/bees"); !strings.Contains(page.text, "费用：17元\n") {
		t.Error("the editor of a draft does not see what it will say")
	}
	form[1] = "2"
	if got := admin.form("/knowledge/bees", append(form, "status", "")...); got.status != http.StatusSeeOther {
		t.Fatalf("put in force: %d %s", got.status, got.text)
	}
	if !strings.Contains(fee(), "17元") {
		t.Errorf("not in force: %s", fee())
	}
	d.looksRight(t, "管理", map[string]string{"new": "/knowledge/new"})
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

// An administrator imports a table whose headings nobody could guess: the guess
// is shown, changed, every faulty row told, and nothing is in force before the
// yes; the file waits over leaving the page.
func TestGuidesAreImported(t *testing.T) {
	d := serveAnew(t, newWheel(tuesday()).now)
	admin, supervisor := d.worker("管理", "administrator"), d.worker("班长", "supervisor")
	const page = "/knowledge/import"
	says := func(got answer, status int, want ...string) {
		t.Helper()
		for _, w := range want {
			if got.status != status || !strings.Contains(got.text, w) {
				t.Fatalf("%d without %q:\n%s", got.status, w, got.text)
			}
		}
	}
	says(supervisor.get(page), 403, "管理员")
	says(admin.get("/knowledge"), 200, `href="/knowledge/import"`)
	says(admin.get(page), 200, "看看里面有什么", "要带的材料、", `href="/knowledge/sample.xlsx"`)
	says(admin.form(page, "deed", "take"), 409, "再选一次")
	says(admin.upload(page, "空.csv", nil), 422, "里面是空的")
	says(admin.upload(page, "旧.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00")), 422, "另存为“Excel 工作簿（.xlsx）”")
	says(admin.upload(page, "文.txt", []byte("养蜂登记怎么办\n: [")), 422, "不是表格", "看看里面有什么", "下载样表")
	says(admin.upload(page, "样表.xlsx", []byte(admin.get("/knowledge/sample.xlsx").text)), 200, "收下 1 条", "没有发现问题", "养犬登记（样例）", `<option value="time_limit" selected>`, "费用：免费")
	says(admin.form(page, "deed", "drop"), 303, "")
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("[{\"编号\":\"bee-9\",\"名称\":\"蜂场登记\"}]")
	if err != nil {
		t.Fatal(err)
	}
	says(admin.upload(page, "十六.json", []byte(utf16)), 200, "收下 1 条", "蜂场登记")
	table := "流水号,事项名称,俗称,工本费,备注\nbee-1,养蜂证办理,蜂证,免费,旧系统导出\nbee 2,坏编号,,,\n"
	says(admin.upload(page, "养蜂.csv", []byte(table)), 200, "养蜂.csv", "要有一列是“编号”", "流水号", "bee-1", `<option value="fee" selected>`)
	says(admin.get(page), 200, "养蜂.csv", "要有一列是“编号”")
	step := func(deed, note string, columns ...string) answer {
		form := url.Values{"deed": {deed}, "note": {note}, "column": columns}
		return admin.do("POST", page, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	}
	columns := []string{"id", "title", "aliases", "fee", "-"}
	says(step("look", "", columns...), 200, "收下 1 条", "养蜂证办理", "整行不收", "bee 2")
	says(step("take", " ", columns...), 422, "请写明为什么导入")
	asked := func() string {
		return guanjia(t, "", "knowledge", "ask", "蜂证怎么收费", "--data", d.dir).out
	}
	if strings.Contains(asked(), "养蜂证办理") {
		t.Fatal("in force before the yes")
	}
	says(step("take", "农业局来的表", columns...), 200, "收下了", "未收")
	if got := asked(); !strings.Contains(got, "免费") {
		t.Errorf("not in force: %s", got)
	}
	says(admin.get("/knowledge/bee-1"), 200, "农业局来的表", "管理")
	says(admin.get(page), 200, "看看里面有什么")
	says(admin.upload(page, "外面.jsonl", []byte(`{"代码":"bee-1","事项名称":"养蜂证办理","费用":"5元"}`)), 200, "外面.jsonl", "代码")
	says(step("look", "", "id", "title", "fee"), 200, "<dt>更新</dt><dd>1</dd>")
	d.looksRight(t, "管理", map[string]string{"import": page})
	says(admin.form(page, "deed", "drop"), 303, "")
	says(admin.upload(page, "我们的.yaml", []byte("guides:\n- {id: bee-3, title: 蜂箱补贴, fee: 免费}\n")), 200, "指南自己的格式", "收下 1 条")
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 {
		t.Errorf("audit verify: %+v", r)
	}
}
