package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot/bottest/browser"
)

// worker hires somebody who deals with tickets and signs them in.
func (d *running) worker(name, role string, body ...string) *client {
	d.t.Helper()
	args := append([]string{"staff", "add", "--data", d.dir, "--password", "--role", role, name}, body...)
	if got := guanjia(d.t, theirPassword+"\n", args...); got.status != 0 {
		d.t.Fatalf("staff add %s: %s", name, got.err)
	}
	c := newClient(d.t, d.inner)
	if got := c.signIn(name, theirPassword); got.status != http.StatusSeeOther {
		d.t.Fatalf("sign in %s: %d %s", name, got.status, got.text)
	}
	return c
}

// form posts a form at the desk.
func (c *client) form(path string, fields ...string) answer {
	c.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return c.do("POST", path, strings.NewReader(v.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

// step does one step on a ticket that must be allowed.
func (c *client) step(number, action string, fields ...string) {
	c.t.Helper()
	if got := c.form("/desk/work/ticket/"+number+"/"+action, fields...); got.status != http.StatusSeeOther {
		c.t.Fatalf("%s: %d %s", action, got.status, got.text)
	}
}

// staffed is a service with one of each who deal with tickets and four tickets
// that lie with different bodies.
type staffed struct {
	*running
	clock   *wheel
	people  map[string]*client
	tickets map[string]string // who has it → number
}

// staff hires those named, or one of each.
func staff(t *testing.T, who ...string) staffed {
	clock := newWheel(tuesday())
	d := serve(t, clock.now)
	s := staffed{running: d, clock: clock, people: map[string]*client{}, tickets: map[string]string{}}
	for key, account := range map[string][]string{
		"centre": {"钟心", "centre"}, "scj": {"施场", "department", "--department", "scj"}, "cgj": {"程管", "department", "--department", "cgj"},
		"cgj@humen":   {"程虎", "department", "--department", "cgj", "--town", "humen"},
		"cgj@changan": {"程安", "department", "--department", "cgj", "--town", "changan"}, "humen": {"胡门", "town", "--town", "humen"},
		"changan": {"常安", "town", "--town", "changan"}, "village": {"村长", "village", "--town", "humen", "--village", "北栅社区"},
		"social": {"佘工", "social_worker", "--town", "humen"}, "operator": {"坐席", "operator"},
	} {
		if len(who) == 0 || slices.Contains(who, key) {
			s.people[key] = d.worker(account[0], account[1], account[2:]...)
		}
	}
	d.speak("wechat", "c1", "投诉虎门镇连升路12号烧烤店半夜油烟大，楼上三十多户受不了，晚上八点后再打给我，电话13712345678", "确认")
	d.speak("wechat", "c2", "孩子想要一个书包，能不能登记微心愿，我在虎门镇，大概300元", "跳过", "陈敏 13812345678", "确认")
	d.speak("wechat", "c3", "我想求助，家里屋顶漏雨厉害，老人独居没钱修，在虎门，大概800元", "北栅社区新村路5号", "陈明 13912345678", "确认")
	rows := d.list("tickets")
	if len(rows) != 3 {
		t.Fatalf("%d tickets", len(rows))
	}
	for i, who := range []string{"cgj@humen", "humen", "village"} {
		s.tickets[who] = rows[i]["number"].(string)
	}
	eventually(t, "the tickets to go out", func() bool {
		return !slices.ContainsFunc(d.list("tickets"), func(o object) bool { return o["status"] != "dispatched" })
	})
	return s
}

// TestEachSeesOnlyTheirOwn holds everybody's inbox, pages and deeds to a
// matrix written out.
func TestEachSeesOnlyTheirOwn(t *testing.T) {
	s := staff(t)
	sees := map[string][]string{
		"centre": {"cgj@humen", "humen", "village"}, "scj": nil, "cgj": {"cgj@humen"}, "cgj@humen": {"cgj@humen"}, "cgj@changan": nil,
		"humen": {"humen", "village"}, "changan": nil, "village": {"village"}, "social": nil, "operator": nil,
	}
	for who, c := range s.people {
		inbox := c.get("/desk/work/?tab=all")
		for lies, number := range s.tickets {
			may := slices.Contains(sees[who], lies)
			if strings.Contains(inbox.text, number) != may {
				t.Errorf("%s's inbox shows what lies with %s: %v", who, lies, !may)
			}
			page := c.get("/desk/work/ticket/" + number)
			if (page.status == http.StatusOK) != may {
				t.Errorf("%s opens what lies with %s: %d", who, lies, page.status)
			}
			if !may && strings.Contains(page.text, "烧烤") {
				t.Errorf("%s reads what lies with %s", who, lies)
			}
			deed := c.form("/desk/work/ticket/"+number+"/note", "words", "看看")
			want := http.StatusNotFound
			switch {
			case who == "operator":
				want = http.StatusForbidden
			case may:
				want = http.StatusConflict // seen, and not in a state for notes
			}
			if deed.status != want {
				t.Errorf("%s writes a note on what lies with %s: %d, not %d", who, lies, deed.status, want)
			}
			if strings.Contains(page.text, "13712345678") || strings.Contains(page.text, "13812345678") {
				t.Errorf("%s sees a phone number without asking for it", who)
			}
		}
		if who == "operator" || who == "centre" {
			continue
		}
		for _, path := range []string{"/desk/queue", "/desk/conversation/c1", "/desk/events?after=0"} {
			if got := c.get(path); got.status != http.StatusForbidden {
				t.Errorf("%s gets %s of the conversations' desk: %d", who, path, got.status)
			}
		}
		for _, path := range []string{"/desk/work/report", "/desk/work/report.svg", "/desk/work/report.xlsx", "/desk/work/surges"} {
			if got := c.get(path); got.status != http.StatusForbidden {
				t.Errorf("%s gets %s: %d", who, path, got.status)
			}
		}
		if got := c.form("/desk/work/limits", "limits", "{}"); got.status != http.StatusForbidden {
			t.Errorf("%s changes the limits: %d", who, got.status)
		}
	}
	stranger := newClient(t, s.inner)
	if got := stranger.get("/desk/work/"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/login" {
		t.Errorf("without a sign-in: %d", got.status)
	}
	if got := stranger.form("/desk/work/ticket/" + s.tickets["humen"] + "/sign"); got.status != http.StatusUnauthorized {
		t.Errorf("a deed without a sign-in: %d", got.status)
	}
}

// TestWholeLifeOnThePages takes a report from signing to filing away by the
// forms, with a picture, a repeat, a stale form and a look at the number.
func TestWholeLifeOnThePages(t *testing.T) {
	s := staff(t, "cgj@humen", "centre", "humen")
	n, holder, centre := s.tickets["cgj@humen"], s.people["cgj@humen"], s.people["centre"]
	page := holder.get("/desk/work/ticket/" + n)
	for _, want := range []string{"半夜油烟大", "137****5678", "签收", "退单", "约 90 人", "<dd>晚上八点后再打给我</dd>", "分类把握", "依据“"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if got := holder.get("/desk/work/?number=" + strings.ToLower(n)); got.header.Get("Location") != "/desk/work/ticket/"+n {
		t.Errorf("a number typed in: %d %s", got.status, got.header.Get("Location"))
	}
	if got := holder.get("/desk/work/?number=" + s.tickets["humen"]); got.status != http.StatusOK || !strings.Contains(got.text, "清单里没有这一件") {
		t.Errorf("the number of what lies elsewhere: %d", got.status)
	}
	holder.step(n, "sign", "seen", "1")
	holder.step(n, "sign", "seen", "1") // the button pressed twice
	if got := holder.form("/desk/work/ticket/"+n+"/note", "seen", "1", "words", "看过现场"); got.status != http.StatusConflict || !strings.Contains(got.text, "看过现场") {
		t.Errorf("a stale form: %d, and its words are kept: %v", got.status, strings.Contains(got.text, "看过现场"))
	}
	if got := holder.form("/desk/work/ticket/"+n+"/contact", "seen", "2"); got.status != http.StatusConflict || !strings.Contains(got.text, "请写明") {
		t.Errorf("a contact without words: %d", got.status)
	}
	for _, reason := range []string{"", "好奇"} {
		if got := holder.form("/desk/work/ticket/"+n+"/reveal", "seen", "2", "reason", reason); got.status != http.StatusBadRequest || strings.Contains(got.text, "137 1234 5678") || !strings.Contains(got.text, "请选一个查看联系方式的原因") {
			t.Errorf("the number, asked for because of %q: %d", reason, got.status)
		}
	}
	if got := holder.form("/desk/work/ticket/"+n+"/reveal", "seen", "2", "reason", "联系市民办理"); !strings.Contains(got.text, "137 1234 5678") {
		t.Errorf("the number, asked for: %d", got.status)
	}
	holder.step(n, "contact", "words", "电话联系过，约今晚到现场")
	if got := holder.visit(n); got.status != http.StatusSeeOther {
		t.Fatalf("a visit with a picture: %d %s", got.status, got.text)
	}
	after := holder.get("/desk/work/ticket/" + n)
	at := strings.Index(after.text, "/picture/")
	if at < 0 {
		t.Fatal("the picture is not on the page")
	}
	id, _, _ := strings.Cut(after.text[at+len("/picture/"):], `"`)
	if got := holder.get("/desk/work/ticket/" + n + "/picture/" + id); got.status != http.StatusOK || strings.Contains(got.text, "GPS-22.82") {
		t.Errorf("the picture: %d, its place still in it: %v", got.status, strings.Contains(got.text, "GPS-22.82"))
	}
	if got := s.people["humen"].get("/desk/work/ticket/" + s.tickets["humen"] + "/picture/" + id); got.status != http.StatusNotFound {
		t.Errorf("another ticket's page shows the picture: %d", got.status)
	}
	holder.step(n, "reply", "words", "已责令装净化器。")
	if got := holder.form("/desk/work/ticket/"+n+"/approve", "seen", "6"); got.status != http.StatusConflict {
		t.Errorf("the holder approves: %d", got.status)
	}
	centre.step(n, "approve")
	eventually(t, "the closing", func() bool { return s.list("tickets")[0]["status"] == "closed" })
	centre.step(n, "follow_up", "satisfied", "yes", "words", "电话回访，市民满意")
	final := centre.get("/desk/work/ticket/" + n)
	for _, want := range []string{"签收", "首次联系", "走访", "查看联系方式", "审核通过", "回访", "谁知道了", "市民"} {
		if !strings.Contains(final.text, want) {
			t.Errorf("the record lacks %q", want)
		}
	}
}

// visit posts a visit note with a picture that carries its place.
func (c *client) visit(number string) answer {
	c.t.Helper()
	var picture, body bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 4000, 60)), nil); err != nil {
		c.t.Fatal(err)
	}
	raw := append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, 2 + byte(len("GPS-22.82"))}, []byte("GPS-22.82")...)
	raw = append(raw, picture.Bytes()[2:]...) // a comment segment, as cameras write
	form := multipart.NewWriter(&body)
	if err := form.WriteField("words", "现场核实，没有净化器"); err != nil {
		c.t.Fatal(err)
	}
	part, err := form.CreateFormFile("picture", "a.jpg")
	if err != nil {
		c.t.Fatal(err)
	}
	part.Write(raw)
	form.Close()
	return c.do("POST", "/desk/work/ticket/"+number+"/visit", &body, "Content-Type", form.FormDataContentType())
}

// publish has the town go the ways before the public list, and its social
// workers put the wish there.
func (d *running) publish(town, social *client, number string) {
	d.t.Helper()
	town.step(number, "sign")
	town.step(number, "contact", "words", "已联系")
	town.step(number, "match", "way", "policy", "finding", "none", "words", "没有对得上的")
	town.step(number, "skip", "way", "fund", "words", "数额小，先请人认领")
	if got := social.form("/desk/work/claims/"+number+"/publish", "words", "认不出是谁家"); got.status != http.StatusSeeOther {
		d.t.Fatalf("publish: %d %s", got.status, got.text)
	}
}

// TestClaimsOnThePages publishes a wish, confirms and delivers a claim by the forms.
func TestClaimsOnThePages(t *testing.T) {
	s := staff(t, "social", "changan", "cgj", "humen")
	n := s.tickets["humen"]
	social, stranger := s.people["social"], newClient(t, s.public)
	if page := social.get("/desk/work/claims"); !strings.Contains(page.text, "还没公开，先看现行政策和慈善资金") || strings.Contains(page.text, "/publish") {
		t.Errorf("a wish nobody looked at: %s", page.text)
	}
	if got := social.form("/desk/work/claims/"+n+"/publish", "words", "看过"); got.status != http.StatusConflict {
		t.Errorf("published out of turn: %d", got.status)
	}
	if got := stranger.get("/h5/wishes"); strings.Contains(got.text, "一户家庭需要") {
		t.Error("a wish nobody looked at is public")
	}
	if got := stranger.get("/h5/wishes/wish/" + n); got.status != http.StatusNotFound {
		t.Errorf("and has a page: %d", got.status)
	}
	s.publish(s.people["humen"], social, n)
	if got := stranger.get("/h5/wishes"); !strings.Contains(got.text, "一户家庭需要书包") {
		t.Error("the wish is not public")
	}
	s.speak("wechat", "c9", "我想认领一个微心愿", "1", "李强 13612345678", "确认")
	page := social.get("/desk/work/claims")
	if !strings.Contains(page.text, "李强") || !strings.Contains(page.text, "一户家庭需要") || strings.Contains(page.text, "陈敏") {
		t.Errorf("the social workers' list: %s", page.text)
	}
	if got := s.people["changan"].form("/desk/work/claims/" + n + "/1/confirm"); got.status != http.StatusNotFound {
		t.Errorf("another town confirms: %d", got.status)
	}
	if got := s.people["cgj"].get("/desk/work/claims"); got.status != http.StatusForbidden {
		t.Errorf("a department sees claims: %d", got.status)
	}
	for _, deed := range []string{"confirm", "deliver"} {
		if got := social.form("/desk/work/claims/"+n+"/1/"+deed, "words", "书包交到孩子手上"); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", deed, got.status, got.text)
		}
	}
	if w := s.list("wishes")[0]; w["status"] != "fulfilled" {
		t.Errorf("the wish is %v", w["status"])
	}
	s.speak("wechat", "c2", "道谢 "+n+" 谢谢您，我是陈敏，孩子天天背着，电话13812345678")
	page = social.get("/desk/work/claims")
	if !strings.Contains(page.text, "家里对帮忙的人说") || !strings.Contains(page.text, ">谢谢您，我是…，孩子天天背着，电话…</textarea>") {
		t.Errorf("the thanks: %s", page.text)
	}
	if got := social.form("/desk/work/claims/"+n+"/words/1/pass", "words", "谢谢您，陈敏"); got.status != http.StatusConflict {
		t.Errorf("a name is passed on: %d", got.status)
	}
	if got := s.people["changan"].form("/desk/work/claims/"+n+"/words/1/pass", "words", "谢谢您"); got.status != http.StatusNotFound {
		t.Errorf("another town passes it on: %d", got.status)
	}
	if got := social.form("/desk/work/claims/"+n+"/words/1/pass", "words", "谢谢您，孩子天天背着"); got.status != http.StatusSeeOther {
		t.Errorf("passing thanks on: %d %s", got.status, got.text)
	}
}

// TestClaimingByTheClock turns the clock of a running service: a claim nobody
// confirms comes back after 72 hours, after a day without another whoever in the
// pool can meet any of its needs is asked, after two the government sees to it.
// What is said of that stands in the transcripts as operators see them, once.
func TestClaimingByTheClock(t *testing.T) {
	s := staff(t, "social", "humen", "operator")
	s.speak("wechat", "c7", "我有一台闲置轮椅想捐给有需要的老人", "都可以", "王芳 13912345677", "确认")
	s.speak("wechat", "c8", "孩子想要一个书包，我爸瘫痪在床，还想要一张轮椅，大概900元，虎门镇，登记微心愿", "跳过", "陈姐 13812345678", "同意")
	row := func() object { return s.list("tickets")[3] }
	n := row()["number"].(string)
	eventually(t, "the wish to go out", func() bool { return row()["status"] == "dispatched" })
	s.publish(s.people["humen"], s.people["social"], n)
	for need, shown := range map[string]bool{"schooling": true, "aids": true, "goods": false} {
		if page := newClient(t, s.public).get("/h5/wishes?need=" + need); strings.Contains(page.text, "/h5/wishes/wish/"+n) != shown {
			t.Errorf("of the need %s the list shows the wish: %v", need, !shown)
		}
	}
	stands := func(status string) func() bool {
		return func() bool { return s.list("wishes")[0]["status"] == status }
	}
	s.speak("wechat", "c9", "认领 "+n, "李强 13612345678", "确认")
	eventually(t, "the claim", stands("claimed"))
	s.clock.turn(72*time.Hour + time.Minute)
	eventually(t, "the claim to come back", stands("open"))
	s.told("c9", "认领好了", "72 小时内没有确认，先放回")
	s.clock.turn(24*time.Hour + time.Minute)
	s.told("c7", "已记进爱心资源库", "您登记过愿意帮忙，谢谢您。现在虎门镇一户家庭需要书包、轮椅")
	s.clock.turn(24 * time.Hour)
	eventually(t, "the government", stands("government"))
	if page := newClient(t, s.public).get("/h5/wishes"); strings.Contains(page.text, n) {
		t.Error("what the government sees to is offered still")
	}
	s.people["humen"].signIn("胡门", theirPassword) // days have passed
	if page := s.people["humen"].get("/desk/work/ticket/" + n); !strings.Contains(page.text, "48 小时无人认领，由政府兜底") {
		t.Error("the town's page does not say that nobody claimed it")
	}
}

// told waits until a citizen's transcript at the desk holds some words of the
// service, in order and once each.
func (s staffed) told(citizen string, words ...string) {
	s.t.Helper()
	c := s.people["operator"]
	c.signIn("坐席", theirPassword)
	var heard []string
	held := func() bool {
		heard = nil
		for _, l := range c.talkLines(citizen) {
			for _, w := range words {
				if l["speaker"] == "bot" && strings.Contains(l["text"].(string), w) {
					heard = append(heard, w)
				}
			}
		}
		return len(heard) >= len(words)
	}
	if eventually(s.t, "what is said to "+citizen, held); !slices.Equal(heard, words) {
		s.t.Errorf("%s is told %q, not %q", citizen, heard, words)
	}
}

// TestReportPages reads the report, its chart and its sheet.
func TestReportPages(t *testing.T) {
	s := staff(t, "centre")
	c := s.people["centre"]
	for _, span := range []string{"day", "week"} {
		page := c.get("/desk/work/report?span=" + span)
		if page.status != http.StatusOK || !strings.Contains(page.text, "<svg") || !strings.Contains(page.text, "各单位") {
			t.Errorf("%s: %d", span, page.status)
		}
	}
	if got := c.get("/desk/work/report.svg"); got.header.Get("Content-Type") != "image/svg+xml; charset=utf-8" || !strings.HasPrefix(got.text, "<svg") {
		t.Errorf("the chart: %d %s", got.status, got.header.Get("Content-Type"))
	}
	if got := c.get("/desk/work/report.xlsx"); !strings.HasPrefix(got.text, "PK\x03\x04") {
		t.Errorf("the sheet: %d", got.status)
	}
	admin := newClient(t, s.inner)
	if got := admin.signIn("admin", s.admin); got.status != http.StatusSeeOther {
		t.Fatal(got.status)
	}
	limitsAreChanged(t, admin)
}

// limitsAreChanged: the limits stand in words, one at a time; what is changed is
// shown before it holds, what makes no sense is told beside it.
func limitsAreChanged(t *testing.T, admin *client) {
	t.Helper()
	const page = "/desk/work/limits"
	says := func(got answer, status int, want ...string) {
		t.Helper()
		for _, w := range want {
			if got.status != status || !strings.Contains(got.text, w) {
				t.Fatalf("%d without %q:\n%s", got.status, w, got.text)
			}
		}
	}
	says(admin.get(page), 200, `name="sign" value="4"`, `<option value="wh" selected>工作小时`, "签收", "投诉", "最多延到")
	same := []string{"sign", "4", "sign.unit", "wh"}
	says(admin.form(page, same...), 200, "没有改动")
	says(admin.form(page, "sign", "马上", "sign.unit", "wh"), 422, "“签收”要写成整数", `value="马上"`)
	says(admin.form(page, "bands.direct", "20000"), 422, "不合理")
	says(admin.form(page, "sign", "6", "sign.unit", "wh"), 200, "会这样改", "4 个工作小时", "6 个工作小时")
	says(admin.get(page), 200, `name="sign" value="4"`)
	yes := func(form ...string) answer { // to what that form was answered with
		_, after, _ := strings.Cut(admin.form(page, form...).text, `name="seen" value="`)
		seen, _, _ := strings.Cut(after, `"`)
		return admin.form(page, append(form, "sure", "yes", "seen", seen)...)
	}
	says(admin.form(page, "sign", "6", "sign.unit", "wh", "sure", "yes"), 200, "会这样改") // unseen
	says(yes("sign", "6", "sign.unit", "wh"), 303, "")
	says(admin.get(page), 200, `name="sign" value="6"`)
	says(yes(same...), 303, "")
}

// TestWorkPagesLook opens the pages narrow and wide, light and dark: nothing is
// wider than the window, and axe finds nothing serious.
func TestWorkPagesLook(t *testing.T) {
	s := staff(t, "centre", "humen", "social")
	s.publish(s.people["humen"], s.people["social"], s.tickets["humen"])
	s.speak("wechat", "c9", "我想认领一个微心愿", "1", "李强 13612345678", "确认")
	s.speak("wechat", "c8", "我爸瘫痪在床，想要一张轮椅，大概800元，虎门镇，登记微心愿", "跳过", "陈姐 13812345678", "同意")
	tab := browser.Start(t).Tab(t)
	tab.Open(s.inner + "/desk/login")
	tab.Focus("#name")
	tab.Write("钟心")
	tab.Focus("#password")
	tab.Write(theirPassword)
	tab.Press(browser.Enter)
	tab.Until(`!location.pathname.endsWith("/login")`)
	for name, path := range map[string]string{
		"inbox": "/desk/work/", "ticket": "/desk/work/ticket/" + s.tickets["humen"], "claims": "/desk/work/claims", "report": "/desk/work/report",
		"none": "/desk/work/?tab=review", "limits": "/desk/work/limits", "lost": "/desk/work/ticket/DG0",
	} {
		for _, scheme := range []string{"light", "dark"} {
			tab.Scheme(scheme)
			for _, width := range []int64{320, 390, 1280, 1920} {
				tab.Window(width, 900)
				tab.Open(s.inner + path)
				if wide := browser.Eval[int](tab, `document.documentElement.scrollWidth`); int64(wide) > width {
					t.Errorf("%s at %d is %d wide", name, width, wide)
				}
				if width == 320 || width == 1280 && scheme == "dark" {
					for _, f := range tab.Findings() {
						t.Errorf("%s at %d, %s: %s", name, width, scheme, f)
					}
					tab.Shoot(fmt.Sprintf("work-%s-%s-%d", name, scheme, width))
				}
			}
		}
	}
}
