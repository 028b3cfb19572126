package main

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/channels/wechat/wechattest"
)

// onePerson is a citizen who talks on WeChat and opens the pages there, and the
// clerk of the hall they go to.
type onePerson struct {
	*official
	open  string // their openid
	page  *client
	clerk *client
}

// meets opens a service for one person.
func meets(t *testing.T, w *wheel) *onePerson {
	t.Helper()
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	settings := append(accountSettings(api, testKey), "GUANJIA_PUBLIC_URL=http://127.0.0.1")
	d := launch(t, t.TempDir(), &program{env: settings, waits: patient(), clock: w.now, lent: stand(t).house})
	o := &official{d, api, accountAt(d.public, api)}
	o.account.Deadline = time.Minute
	o.account.Now = w.now
	p := &onePerson{official: o, open: "oChen", page: newClient(t, d.public)}
	r := p.page.get("/h5/signin/wechat?to=/h5/mine")
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || to.Query().Get("appid") != testAppID {
		t.Fatalf("signing in leads to %q: %v", r.header.Get("Location"), err)
	}
	back := url.Values{"code": {api.Code(p.open)}, "state": {to.Query().Get("state")}}
	if r := p.page.get("/h5/signin/wechat/back?" + back.Encode()); r.status != http.StatusSeeOther || r.header.Get("Location") != "/h5/mine" {
		t.Fatalf("signing in through WeChat: %d %s", r.status, r.text)
	}
	p.clerk = d.worker("小叶", roleHall, "--town", "humen")
	return p
}

// press posts a form and says where it leads.
func (c *client) press(path string, form url.Values) string {
	c.t.Helper()
	r := c.do("POST", path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	if r.status != http.StatusSeeOther {
		c.t.Fatalf("POST %s: %d %s", path, r.status, r.text)
	}
	return r.header.Get("Location")
}

// agree holds what conversation, page, hall and records say of an appointment
// against each other: each must say all of its own words.
func (p *onePerson) agree(number, date string, conversation, page, hall []string) {
	p.t.Helper()
	p.hears(p.open, "查预约 "+number, conversation...)
	hold := func(who, text string, want []string) {
		p.t.Helper()
		for _, words := range want {
			no := strings.TrimPrefix(words, "没有")
			if strings.Contains(text, no) == (no != words) {
				p.t.Errorf("%s: %s says otherwise than %q:\n%s", number, who, words, text)
			}
		}
	}
	hold("the page", p.page.get("/h5/mine/"+number).text, page)
	row := ""
	for _, r := range regexp.MustCompile(`(?s)<tr>.*?</tr>`).FindAllString(p.clerk.get("/hall/humen?date="+date).text, -1) {
		if strings.Contains(r, number) {
			row = r
		}
	}
	if hall == nil {
		hall = []string{"没有" + number}
	}
	hold("the hall", row, hall)
}

// isTold waits for a message of the account that says all the words.
func (p *onePerson) isTold(words ...string) {
	p.t.Helper()
	eventually(p.t, "the conversation to say "+strings.Join(words, " "), func() bool {
		return slices.ContainsFunc(p.api.Sent(), func(s wechattest.Sent) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.Text, w) })
		})
	})
}

// TestOnePersonAgrees: what somebody books, moves and cancels in the
// conversation is on their page and in the hall's list the moment after, what
// they do on the page is in the conversation and in the hall, and what the
// clerk does is in both; the whole way through their day.
func TestOnePersonAgrees(t *testing.T) {
	w := newWheel(tuesday())
	p := meets(t, w)
	const today, tomorrow = "2026-11-24", "2026-11-25"

	p.hears(p.open, "预约今天下午两点虎门办居住证，我叫陈小明，电话13812345678", "请核对")
	said := p.hears(p.open, "确认", "约好了")
	permit := regexp.MustCompile(`YY\d{10}`).FindString(said)
	if permit == "" {
		t.Fatalf("no number in %q", said)
	}
	p.agree(permit, today, []string{"14:00", "已预约"}, []string{"已约好", "14:00", "没有15:00"}, []string{"14:00", "未到", "没有15:00"})

	// Moved on the page.
	p.page.press("/h5/mine/"+permit+"/move", url.Values{"hall": {"humen"}, "date": {today}, "time": {"15:00"}})
	p.isTold("您在网页上改好了", permit, "15:00")
	p.agree(permit, today, []string{"15:00", "已预约"}, []string{"已约好", "15:00", "没有14:00"}, []string{"15:00", "没有14:00"})

	file := func(number string, want ...string) {
		t.Helper()
		text := p.page.get("/h5/mine/" + number + "/calendar.ics").text
		for _, line := range want {
			if !strings.Contains(text, line+"\r\n") {
				t.Errorf("the calendar file of %s lacks %q:\n%s", number, line, text)
			}
		}
	}
	file(permit, "METHOD:PUBLISH", "UID:"+permit+"@guanjia", "DTSTART:20261124T070000Z", "STATUS:CONFIRMED", "LOCATION:虎门镇政务服务中心", "TRIGGER:-PT2H")

	// Booked on the page, moved and cancelled in the conversation.
	at := "/h5/book/social-card/humen/" + today + "/16:00"
	form := p.page.get(at).text
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(form)
	if key == nil || !strings.Contains(form, `value="陈小明"`) {
		t.Fatalf("the page does not know who the conversation booked for: %s", form)
	}
	to := p.page.press(at, url.Values{"key": {key[1]}, "name": {"陈小明"}, "phone": {"13812345678"}, "relation": {"本人"}, "places": {"1"}})
	card := regexp.MustCompile(`YY\d{10}`).FindString(to)
	p.agree(card, today, []string{"16:00", "已预约"}, []string{"已约好", "16:00"}, []string{"16:00", "未到"})
	p.hears(p.open, "我的预约", permit, card, "15:00", "16:00")
	p.hears(p.open, "把"+card+"改到明天上午十点", "请核对", "10:00")
	p.hears(p.open, "确认", "改好了")
	p.agree(card, today, []string{"11月25日", "10:00"}, []string{"11月25日", "10:00", "没有16:00"}, nil)
	p.agree(card, tomorrow, []string{"10:00"}, []string{"10:00"}, []string{"10:00", "未到"})
	p.hears(p.open, "取消预约"+card, "确认取消")
	p.hears(p.open, "确认", "已取消")
	p.agree(card, tomorrow, []string{"已取消"}, []string{"已取消"}, nil)

	// Cancelled on the page, booked anew in the conversation.
	p.hears(p.open, "预约明天上午九点虎门办社保卡，我叫陈小明，电话13812345678", "请核对")
	again := regexp.MustCompile(`YY\d{10}`).FindString(p.hears(p.open, "确认", "约好了"))
	p.agree(again, tomorrow, []string{"09:00"}, []string{"已约好", "09:00"}, []string{"09:00", "未到"})
	p.page.press("/h5/mine/"+again+"/cancel", nil)
	p.isTold("您在网页上取消了", again, "09:00")
	p.agree(again, tomorrow, []string{"已取消"}, []string{"已取消", "从手机日历里去掉"}, nil)
	file(again, "METHOD:CANCEL", "UID:"+again+"@guanjia", "STATUS:CANCELLED")

	// At the hall.
	for w.now().Before(tuesday().Add(4*time.Hour + 35*time.Minute)) { // the clerk looks now and then
		w.turn(20 * time.Minute)
		p.clerk.get("/hall/humen")
	}
	p.agree(permit, today, []string{"现在可以取号"}, []string{"已约好"}, []string{"未到", "取号"})
	p.clerk.press("/hall/humen/checkin", url.Values{"number": {permit}})
	p.agree(permit, today, []string{"已取号", "A001"}, []string{"已取号", "A001", "没有取消预约"}, []string{"已取号"})
	if said := p.say(p.open, "取消预约"+permit); strings.Contains(said, "确认取消") {
		t.Errorf("who has drawn a number is let cancel: %s", said)
	}
	p.clerk.press("/hall/humen/call", url.Values{"window": {"3"}})
	p.agree(permit, today, []string{"A001", "3 窗口"}, []string{"A001", "3 号窗口"}, []string{"已取号"})
	served := regexp.MustCompile(`/hall/humen/arrival/\d+/served`).FindString(p.clerk.get("/hall/humen").text)
	p.clerk.press(served, nil)
	p.agree(permit, today, []string{"已办理"}, []string{"已办完", "提交评价"}, []string{"已办完"})
	p.page.press("/h5/mine/"+permit+"/rate", url.Values{"stars": {"5"}})
	p.agree(permit, today, []string{"已办理"}, []string{"您评了 5 分", "没有提交评价"}, []string{"已办完", "5 分"})

	status := map[any]any{}
	for _, a := range p.list("appointments") {
		status[a["number"]] = a["status"]
	}
	want := map[any]any{permit: "served", card: "cancelled", again: "cancelled"}
	if !maps.Equal(status, want) {
		t.Errorf("the records say %v", status)
	}
}
