package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// visitor is a tab on the citizens' pages.
type visitor struct{ *browser.Tab }

// goes presses the link or button with these words and waits for the page
// with that heading.
func (v visitor) goes(words, heading string) {
	at := fmt.Sprintf(`([...document.querySelectorAll("a, button")].find((e) => e.textContent.includes(%q) || (e.ariaLabel ?? "").includes(%q)))`, words, words)
	v.Until(at)
	browser.Eval[bool](v.Tab, at+`.setAttribute("data-next", "") === undefined`)
	v.Click("[data-next]")
	v.on(heading)
}

func (v visitor) on(heading string) {
	v.Until(fmt.Sprintf(`document.querySelector("h1").textContent.includes(%q)`, heading))
}

func (v visitor) fill(field, text string) {
	v.Focus("#" + field)
	browser.Eval[bool](v.Tab, fmt.Sprintf(`document.getElementById(%q).select() === undefined`, field))
	v.Write(text)
}

// signIn signs in by the code that stands on the page in the demo.
func (v visitor) signIn(phone, heading string) {
	v.on("登录")
	v.fill("phone", phone)
	v.goes("发验证码", "登录")
	v.Until(`document.getElementById("shown")`)
	v.fill("code", browser.Eval[string](v.Tab, `document.getElementById("shown").textContent`))
	browser.Eval[bool](v.Tab, `document.querySelector("main form").requestSubmit() === undefined`)
	v.on(heading)
}

// TestBookByTaps books on the pages in four taps, changes the time, finds it
// again in the chat of the same browser, and cancels it; every page is looked
// at on the way.
func TestBookByTaps(t *testing.T) {
	d := serve(t, going(tuesday()))
	v := visitor{browser.Start(t).Tab(t)}
	v.Open(d.public)
	v.Until(`document.querySelectorAll(".msg.bot").length > 0`)
	v.Open(d.public + "/h5/")
	looks(t, v.Tab, "h5-home", 320, 1280)
	v.goes("居住证申领", "去哪个大厅")
	v.Open(d.public + "/h5/book/residence-permit?town=humen")
	v.Until(`document.querySelector(".halls strong").textContent.includes("虎门") && document.querySelector(".near").textContent.includes("公里") && document.querySelectorAll(".strip").length === 8 && document.querySelector("main .plain").textContent.includes("其余")`)
	looks(t, v.Tab, "h5-halls", 320, 1280)
	v.goes("号多的排前面", "去哪个大厅")
	v.goes("虎门镇政务服务中心", "选日期和时段")
	looks(t, v.Tab, "h5-week", 320, 1280)
	cell := `2026年11月25日（周三） 15:00`
	browser.Eval[bool](v.Tab, fmt.Sprintf(`[...document.querySelectorAll("td a")].find((a) => a.ariaLabel.includes(%q)).click() === undefined`, cell))
	v.signIn("138 0013 8000", "确认预约")
	v.goes("确认预约", "请看一看")
	looks(t, v.Tab, "h5-wrong", 320)
	v.fill("name", "陈小明")
	v.fill("phone", "１３８００１３８０００")
	browser.Eval[bool](v.Tab, `(relation.value = "母亲", places.value = "3") === ""`)
	v.goes("确认预约", "请看一看")
	v.Until(`document.getElementById("agreed-wrong").textContent.includes("本人同意")`)
	browser.Eval[bool](v.Tab, `agreed.click() === undefined`)
	looks(t, v.Tab, "h5-confirm", 320)
	v.goes("确认预约", "约好了")
	v.Until(`document.querySelector(".facts").textContent.includes("3 人")`)
	looks(t, v.Tab, "h5-show", 320)
	v.Until(`document.querySelector(".code img").naturalWidth > 100`)

	v.goes("改时间", "选日期和时段")
	browser.Eval[bool](v.Tab, `[...document.querySelectorAll("td a")].find((a) => a.ariaLabel.includes("11月26日") && a.ariaLabel.includes("10:00")).click() === undefined`)
	v.on("改时间")
	v.goes("确认改时间", "改好了")
	v.Until(`document.querySelector(".facts").textContent.includes("11月26日（周四） 10:00")`)
	number := browser.Eval[string](v.Tab, `document.querySelector(".number").textContent`)

	chat := citizen{v.Another()}
	chat.Open(d.public)
	chat.Until(`document.querySelectorAll(".msg.bot").length > 0`)
	chat.menu("我的预约", number)

	v.goes("我的数据", "我的数据")
	looks(t, v.Tab, "h5-data", 320, 1280)
	v.goes("删除我的数据", "删除我的数据")
	looks(t, v.Tab, "h5-erase", 320)
	v.Click("[name=sure]")
	v.goes("删除我的数据", "还有事情没办完")
	looks(t, v.Tab, "h5-open", 320)
	v.goes("预约 "+number, "预约 "+number)

	v.goes("取消预约", "取消预约")
	looks(t, v.Tab, "h5-cancel", 320)
	v.goes("取消预约", "预约 "+number)
	v.Until(`document.querySelector(".state").textContent === "已取消"`)
	v.goes("我的预约", "我的预约")
	looks(t, v.Tab, "h5-mine", 320)
	v.goes("大字", "我的预约")
	v.Until(`document.documentElement.dataset.size === "large"`)
	looks(t, v.Tab, "h5-mine-large", 320)
	v.Open(d.public + "/h5/mine/" + number)
	if lines := browser.Eval[int](v.Tab, `(() => { const r = document.createRange(); r.selectNodeContents(document.querySelector(".facts .number")); return r.getClientRects().length })()`); lines != 1 {
		t.Errorf("the number stands on %d lines in large text at 320 px", lines)
	}
	v.Open(d.public + "/h5/book/residence-permit/humen")
	looks(t, v.Tab, "h5-week-large", 320)
	v.goes("我的数据", "我的数据")
	leaves(t, d, v, number)
}

// leaves corrects a citizen's name, takes a copy, has everything deleted and
// holds the proof against the audit trail.
func leaves(t *testing.T, d *running, v visitor, number string) {
	t.Helper()
	v.fill("name", " ")
	v.goes("保存姓名", "我的数据")
	v.Until(`document.getElementById("name-wrong")`)
	v.fill("name", "陈明明")
	v.goes("保存姓名", "我的数据")
	v.Until(`document.querySelector("[role=status]")`)
	copied := v.copied(t, d)["我的数据.json"]
	for _, part := range []string{"陈明明", "陈小明", "13800138000", number, `"by": "person"`, `"cancelled"`, `"speaker": "bot"`} {
		if !strings.Contains(copied, part) {
			t.Errorf("the copy lacks %q", part)
		}
	}
	v.goes("删除我的数据", "删除我的数据")
	v.Click("[name=sure]")
	v.goes("删除我的数据", "已经删除")
	looks(t, v.Tab, "h5-erased", 320)
	hash := browser.Eval[string](v.Tab, `document.querySelectorAll(".facts dd")[2].textContent`)
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); !strings.Contains(r.out, hash) {
		t.Errorf("the trail is %q, the proof %q", r.out, hash)
	}
	v.Open(d.public + "/h5/mine")
	v.on("登录")
}

// copied are the files of the copy that a press of the button brings, by name.
func (v visitor) copied(t *testing.T, d *running) map[string]string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", d.public+"/h5/data/copy", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Cookies() {
		r.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("the copy is %s: %v", res.Header.Get("Content-Type"), err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

// TestPagesKeepStrangersOut asks for another's appointment, with a made-up
// visit, from another site, and with faulty forms.
func TestPagesKeepStrangersOut(t *testing.T) {
	d := serve(t, going(tuesday()))
	b := browser.Start(t)
	v := visitor{b.Tab(t)}
	v.Open(d.public + "/h5/book/residence-permit/city/2026-11-25/15:00")
	v.signIn("13800138000", "确认预约")
	v.fill("name", "陈小明")
	v.fill("phone", "13800138000")
	v.goes("确认预约", "约好了")
	number := browser.Eval[string](v.Tab, `document.querySelector(".number").textContent`)

	v.Open(d.public + "/h5/appeal")
	v.on("停约申诉")
	v.fill("words", "病了")
	v.goes("提交申诉", "请看一看")
	looks(t, v.Tab, "h5-appeal", 320)
	v.fill("name", "陈小明")
	v.fill("phone", "13800138000")
	v.fill("words", "那天病了没能去成")
	v.goes("提交申诉", "没有办成")
	v.Until(`document.body.innerText.includes("没有被停约")`)

	other := visitor{b.Tab(t)}
	other.Open(d.public + "/h5/mine/" + number)
	other.signIn("13900139000", "没有找到这个预约")
	if text := browser.Eval[string](other.Tab, `document.body.innerText`); strings.Contains(text, "居住证") {
		t.Errorf("a stranger reads %q", text)
	}
	get := func(path string, headers ...string) int {
		r, err := http.NewRequest("GET", d.public+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := stay.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	for path, want := range map[string]int{
		"/h5/mine/" + number: 303, "/h5/mine/" + number + "/code.png": 303, "/h5/mine/" + number + "/calendar.ics": 303,
		"/h5/data": 303, "/h5/data/erase": 303, "/h5/nothing": 404, "/h5/book/nothing": 404, "/h5/book/residence-permit/nowhere": 404,
		"/h5/signin/wechat": 404, "/h5/signin/wechat/back?code=x&state=y": 403,
	} {
		if got := get(path, "Cookie", "guanjia_visit=made-up"); got != want {
			t.Errorf("GET %s answers %d, want %d", path, got, want)
		}
	}
	r, err := http.NewRequest("POST", d.public+"/h5/mine/"+number+"/cancel", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 403 {
		t.Errorf("a form of another site is answered %d", res.StatusCode)
	}
}

// TestWaitByTaps waits for a full period, is given the place somebody gives
// back, takes it, and is told the queue number after checking in.
func TestWaitByTaps(t *testing.T) {
	d := serve(t, going(tuesday()))
	for i := range 10 {
		d.speak("wechat", fmt.Sprintf("c%d", i), "我想预约办居住证", "虎门", "11月25日", "15:00", "陈小明", fmt.Sprintf("138000000%02d", i), "确认")
	}
	if n := len(d.list("appointments")); n != 10 {
		t.Fatalf("%d appointments fill the period of ten", n)
	}
	v := visitor{browser.Start(t).Tab(t)}
	v.Open(d.public + "/h5/book/residence-permit/humen")
	looks(t, v.Tab, "h5-week-full", 320)
	v.goes("候补", "登录")
	v.signIn("13800138000", "登记候补")
	v.fill("name", "陈小红")
	v.goes("登记候补", "我的预约")
	v.Until(`document.querySelector(".card .state").textContent === "下一位就是您"`)
	looks(t, v.Tab, "h5-waiting", 320)
	d.speak("wechat", "c3", "取消预约", "是的", "确认")
	v.Open(d.public + "/h5/mine")
	v.Until(`document.querySelector(".card .state").textContent === "有号了"`)
	looks(t, v.Tab, "h5-promoted", 320)
	v.goes("前确认", "确认预约")
	v.goes("确认预约", "约好了")
	v.Until(`document.querySelector(".facts").textContent.includes("11月25日（周三） 15:00")`)
}
