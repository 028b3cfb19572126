package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// private is what is told in the service of these tests and must be found in
// no public page, no API and no log.
var private = []string{
	"陈美玲", "美玲", "李志强", "志强", "赵小红", "13812345678", "138 1234 5678", "13912345679", "13712345670", "440106198001011231",
	"新城路88号", "88号", "连升路12号", "3栋502", "王叔叔家",
}

// livedIn is a service in which people have told their particulars on every way
// in, and colleagues have dealt with some of it.
func livedIn(t *testing.T) (*running, string) {
	d := serve(t, newWheel(tuesday()).now)
	key := d.keyOf("市民应用", 100)
	d.speak("wechat", "c1", "投诉虎门镇连升路12号烧烤店半夜油烟大，我是陈美玲，电话13812345678", "确认")
	d.speak("wechat", "c2", "孩子想要一个书包，能不能登记微心愿，我在石龙镇，大概300元", "西湖社区新城路88号3栋502", "陈美玲 13812345678", "确认")
	eventually(t, "the wish to go out", func() bool { return d.list("tickets")[1]["status"] == "dispatched" })
	d.publish(d.worker("石龙", "town", "--town", "shilong"), d.worker("石社", "social_worker", "--town", "shilong"), d.list("tickets")[1]["number"].(string))
	d.speak("wechat", "c3", "我想认领一个微心愿", "1", "李志强 13912345679", "确认")
	d.speak("wechat", "c4", "举报沙田镇阇西村有工厂半夜偷排黑水，就在王叔叔家隔壁，电话13712345670，身份证440106198001011231", "跳过", "确认")
	c := newClient(t, d.public)
	for _, format := range []string{"xml", "json"} {
		if got := c.report(format, key, "service_code", "c0904", "description", "王叔叔家门口路灯不亮，找赵小红 13712345670", "address_string", "虎门镇连升路12号",
			"first_name", "小红", "last_name", "赵", "phone", "13712345670", "email", "xiaohong@example.com"); got.status != http.StatusCreated {
			t.Fatalf("report: %d %s", got.status, got.text)
		}
	}
	return d, key
}

// TestNobodyIsRecognisable goes through every public page, API and log of a
// service people have told their particulars, and looks for them.
func TestNobodyIsRecognisable(t *testing.T) {
	d, _ := livedIn(t)
	n := d.list("tickets")[0]["number"].(string)
	w := d.worker("程虎", "department", "--department", "cgj", "--town", "humen")
	eventually(t, "the dispatch", func() bool { return d.list("tickets")[0]["status"] == "dispatched" })
	w.step(n, "sign")
	w.step(n, "contact", "words", "电话联系陈美玲，约今晚到连升路12号")
	w.step(n, "reply", "words", "已到连升路12号处理，回复了陈美玲。")
	seen := crawl(t, d)
	for _, want := range []string{"/", "/h5/", "/h5/wishes", civic + "/requests.xml", civic + "/requests.json", civic + "/servicerequestupdates.xml", civic + "/services.json"} {
		if seen[want] == "" {
			t.Errorf("%s was not seen", want)
		}
	}
	wishes := 0
	for path, text := range seen {
		if strings.HasPrefix(path, "/h5/wishes/wish/") {
			wishes++
		}
		tells(t, path, text)
	}
	if wishes == 0 && !strings.Contains(seen["/h5/wishes"], "已认领") {
		t.Error("the list of wishes shows nothing")
	}
	everyRoute(t, d, seen)
	d.stop()
	tells(t, "the log", d.logged.String())
	for _, what := range []string{"tickets", "wishes", "handoffs"} {
		for _, row := range d.list(what) {
			tells(t, "list "+what, fmt.Sprint(row))
		}
	}
}

// everyRoute asks for what the crawl did not come to of the routes the public
// door has, with numbers of real records in the place of what a route leaves
// open, as a stranger.
func everyRoute(t *testing.T, d *running, seen map[string]string) {
	t.Helper()
	inside, _ := insideService(t)
	mux := inside.public()
	met := map[string]bool{}
	for path := range seen {
		_, pattern := mux.Handler(httptest.NewRequest("GET", path, nil))
		met[pattern] = true
	}
	stranger := newClient(t, d.public)
	open := regexp.MustCompile(`\{[^}]*\}`)
	for _, pattern := range patterns(t, mux) {
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = "GET", pattern
		}
		if met[pattern] || strings.HasSuffix(path, "/events") { // a stream of the browser's own chat
			continue
		}
		for _, row := range d.list("tickets") {
			at := open.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), row["number"].(string))
			got := stranger.do(method, at, strings.NewReader("words=x&key=12345678"), "Content-Type", "application/x-www-form-urlencoded")
			tells(t, method+" "+at, got.text+fmt.Sprint(got.header))
			if got.status >= 500 {
				t.Errorf("%s %s: %d", method, at, got.status)
			}
		}
	}
}

func tells(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range private {
		if strings.Contains(text, secret) {
			t.Errorf("%s tells %q", where, secret)
		}
	}
	if at := regexp.MustCompile(`1[3-9]\d{9}`).FindString(text); at != "" && at != "13800000000" {
		t.Errorf("%s holds what looks like a phone number: %s", where, at)
	}
}

// crawl reads the public door from its front pages along every link, as a
// stranger would, and the interface's resources one by one.
func crawl(t *testing.T, d *running) map[string]string {
	c := newClient(t, d.public)
	todo := []string{"/", "/h5/", "/h5/wishes", "/h5/mine", "/h5/wishes?town=humen", "/h5/wishes?need=schooling"}
	for _, f := range []string{"xml", "json"} {
		for _, p := range []string{"discovery", "services", "services/c0904", "requests", "requests?status=open", "servicerequestupdates", "requests/DG0"} {
			name, query, _ := strings.Cut(p, "?")
			todo = append(todo, strings.TrimSuffix(civic+"/"+name+"."+f+"?"+query, "?"))
		}
	}
	for _, row := range d.list("tickets") {
		todo = append(todo, civic+"/requests/"+row["number"].(string)+".json", "/h5/wishes/wish/"+row["number"].(string))
	}
	link := regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)"`)
	seen := map[string]string{}
	for len(todo) > 0 && len(seen) < 400 {
		path := strings.ReplaceAll(todo[0], "&amp;", "&")
		todo = todo[1:]
		if _, done := seen[path]; done {
			continue
		}
		got := c.get(path)
		seen[path] = got.text + fmt.Sprint(got.header)
		if !strings.Contains(got.header.Get("Content-Type"), "html") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(got.text, -1) {
			if !strings.HasPrefix(m[1], "/h5/book") { // calendars without end, of places and days only
				todo = append(todo, m[1])
			}
		}
	}
	return seen
}

// TestClaimOnThePublicPage claims a part of a wish by the form.
func TestClaimOnThePublicPage(t *testing.T) {
	d := serve(t, newWheel(tuesday()).now)
	d.speak("wechat", "c1", "孩子想要一张书桌，能不能登记微心愿，我在麻涌镇，大概800元", "跳过", "陈敏 13812345678", "确认")
	number := d.list("tickets")[0]["number"].(string)
	eventually(t, "the wish to go out", func() bool { return d.list("tickets")[0]["status"] == "dispatched" })
	d.publish(d.worker("麻涌", "town", "--town", "machong"), d.worker("麻社", "social_worker", "--town", "machong"), number)
	c := newClient(t, d.public)
	list := c.get("/h5/wishes?town=machong")
	if !strings.Contains(list.text, "麻涌镇一户家庭需要") || !strings.Contains(list.text, "<svg") || strings.Contains(c.get("/h5/wishes?town=humen").text, "一户家庭") {
		t.Fatalf("the list: %d", list.status)
	}
	page := "/h5/wishes/wish/" + number
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(c.get(page).text)[1]
	for fault, fields := range map[string][]string{
		"手机号好像不对":  {"name", "李强", "phone", "1391234", "key", key},
		"请写您的称呼":   {"name", "", "phone", "13912345678", "key", key},
		"金额要写成数字":  {"name", "李强", "phone", "13912345678", "share", "abc", "key", key},
		"出这么多就够了":  {"name", "李强", "phone", "13912345678", "share", "900", "key", key},
		"页面过期了，请重": {"name", "李强", "phone", "13912345678", "key", ""},
	} {
		if got := c.form(page, fields...); got.status == http.StatusOK || !strings.Contains(got.text, fault) {
			t.Errorf("%s: %d %s", fault, got.status, got.text)
		}
	}
	good := []string{"name", "利民公司", "phone", "139 1234 5678", "as", "firm", "share", "300", "key", key}
	for range 2 { // the button pressed twice
		if got := c.form(page, good...); got.status != http.StatusOK || !strings.Contains(got.text, "认领好了") || !strings.Contains(got.text, "您出 300 元（编号 "+number+"）") {
			t.Fatalf("claim: %d %s", got.status, got.text)
		}
	}
	if !strings.Contains(c.get("/h5/wishes").text, "还差 500 元") {
		t.Error("the rest is not told")
	}
	c.form("/h5/size", "size", "large", "here", page)
	if got := c.get(page); !strings.Contains(got.text, `data-size="large"`) {
		t.Error("who asked for large text does not have it here")
	}
	for range 2 { // the button pressed twice
		c.form("/h5/claims/" + number + "/back")
	}
	if !strings.Contains(c.get("/h5/claims/"+number).text, "已放回") || strings.Contains(c.get("/h5/wishes").text, "还差") {
		t.Error("a wish given up is not with others again")
	}
	if got := c.do("POST", page, strings.NewReader("name=x"), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site"); got.status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", got.status)
	}
	tab := browser.Start(t).Tab(t)
	for _, path := range []string{"/h5/wishes", page, "/h5/wishes/wish/DG0"} {
		for i, width := range []int64{320, 390, 1280, 1920} {
			tab.Scheme([]string{"light", "dark"}[i%2])
			tab.Window(width, 900)
			tab.Open(d.public + path)
			if wide := browser.Eval[int](tab, `document.documentElement.scrollWidth`); int64(wide) > width {
				t.Errorf("%s at %d is %d wide", path, width, wide)
			}
			if slices.Contains([]int64{320, 1280}, width) || path == page {
				for _, f := range tab.Findings() {
					t.Errorf("%s at %d: %s", path, width, f)
				}
			}
			tab.Shoot(fmt.Sprintf("wishes-%d-%d", len(path), width))
		}
	}
}
