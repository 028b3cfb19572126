package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/bottest"
	"guanjia/bot/store"
	"guanjia/config"
)

// talked is a fresh service to talk to, with its house at hand.
type talked struct {
	*player
	t *testing.T
}

func talking(t *testing.T) *talked {
	t.Helper()
	g := stand(t)
	tester, err := newTester(context.Background(), &program{log: slog.New(slog.DiscardHandler), cwd: t.TempDir(), lent: g.house})
	if err != nil {
		t.Fatal(err)
	}
	tester.laid[testsBegin().String()] = g.dir(t)
	d, err := tester.open(context.Background(), bottest.Case{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := tester.close(); err != nil {
			t.Error(err)
		}
	})
	return &talked{d.(*player), t}
}

// say is what the service answers to a citizen, all of it.
func (d *talked) say(citizen, text, advance string) string {
	d.t.Helper()
	step := bottest.Step{Citizen: citizen, Advance: advance}
	if text != "" {
		step.User = &text
	}
	said, err := d.Do(context.Background(), step)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, r := range said.Replies {
		all = append(all, r.Text)
	}
	return strings.Join(all, "\n")
}

func (d *talked) expect(answer string, words ...string) {
	d.t.Helper()
	for _, w := range words {
		if !strings.Contains(answer, w) {
			d.t.Fatalf("%q does not say %q", answer, w)
		}
	}
}

// stands holds a transcript to some words of the service, in order and once each.
func (d *talked) stands(citizen bot.CitizenID, words ...string) {
	d.t.Helper()
	lines, err := d.house.store.Recent(context.Background(), citizen, 200)
	if err != nil {
		d.t.Fatal(err)
	}
	var found []string
	for _, l := range lines {
		for _, w := range words {
			if l.Speaker == bot.SpeakerBot && strings.Contains(l.Text, w) {
				found = append(found, w)
			}
		}
	}
	if !slices.Equal(found, words) {
		d.t.Errorf("the transcript holds %q, not %q", found, words)
	}
}

// TestShutHall: a hall that closes tells who is booked there in one message,
// with the nearest place instead, and a yes moves the appointment; one whose
// answer never comes is nobody's no-show.
func TestShutHall(t *testing.T) {
	d := talking(t)
	ctx := context.Background()
	for _, c := range []string{"c1", "c2"} {
		d.say(c, fmt.Sprintf("预约明天上午十点虎门办居住证，我叫张%s，电话1380013800%s", map[string]string{"c1": "三", "c2": "四"}[c], c[1:]), "")
		d.expect(d.say(c, "确认", ""), "约好了")
	}
	now := d.house.clock()
	if err := d.house.store.Shut(ctx, booking.Closure{Hall: "humen", From: "2026-11-25", To: "2026-11-25", Reason: "停电检修"}, store.Author{By: "admin", Reason: "停电", At: now}); err != nil {
		t.Fatal(err)
	}
	said := d.say("c1", "", "1m")
	d.expect(said, "停电检修", "张三", "改到：2026年11月26日", "虎门")
	if again := d.say("c1", "", "1m"); strings.Contains(again, "停电检修") {
		t.Fatalf("it is told twice: %s", again)
	}
	d.expect(d.say("c1", "好的", ""), "改好了")
	d.say("c2", "", "48h")
	rows, err := d.Records(ctx, "appointments")
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d appointments: %v", len(rows), err)
	}
	for _, r := range rows {
		if r["citizen"] == "c1" && (r["status"] != "no_show" && r["status"] != "booked" || r["date"] != "2026-11-26") {
			t.Errorf("the one moved is %v", r)
		}
		if r["citizen"] == "c2" && r["status"] != "cancelled" {
			t.Errorf("the one without an answer is %v", r)
		}
	}
}

// TestSaturday: a weekend that a hall opens can be talked about and booked.
func TestSaturday(t *testing.T) {
	d := talking(t)
	plan := store.Plan{Schedules: []booking.Schedule{{Hall: "humen", Weekdays: "6", Time: "09:00", Capacity: 2}}}
	if err := d.house.store.SavePlan(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	d.say("c1", "", "1m")
	d.expect(d.say("c1", "预约这周六上午九点虎门办居住证，我叫张三，电话13800138001", ""), "2026年11月28日（周六） 09:00", "确认")
	d.expect(d.say("c1", "确认", ""), "约好了")
	d.expect(d.say("c2", "预约这周六上午九点长安办居住证", ""), "是周末，没有放号")
}

// TestHallAgrees: what a citizen booked in the conversation, the hall sees and
// numbers at once, and the conversation knows of the number.
func TestHallAgrees(t *testing.T) {
	d := talking(t)
	ctx := context.Background()
	d.say("c1", "预约今天下午两点虎门办居住证，我叫张三，电话13800138001", "")
	d.expect(d.say("c1", "确认", ""), "约好了")
	day, err := d.house.store.Day(ctx, "humen", "2026-11-24")
	if err != nil || len(day) != 1 || day[0].Name != bot.Secret("张三") {
		t.Fatalf("the hall's list: %+v %v", day, err)
	}
	d.expect(d.say("c1", "", "3h35m"), "提醒您")
	d.stands(day[0].Citizen, "约好了", "提醒您")
	v, err := d.house.store.CheckIn(ctx, day[0].Number, "humen", d.house.clock())
	if err != nil {
		t.Fatal(err)
	}
	d.expect(d.say("c1", "我的预约", ""), v.Number, "前面还有 0 位")
	if _, err := d.house.store.CallNext(ctx, "humen", "5", nil, d.house.clock()); err != nil {
		t.Fatal(err)
	}
	d.expect(d.say("c1", "我的预约", ""), "5 窗口")
	if _, err := d.house.store.EndArrival(ctx, v.ID, booking.ArrivalServed, d.house.clock()); err != nil {
		t.Fatal(err)
	}
	rows, err := d.Records(ctx, "appointments")
	if err != nil || rows[0]["status"] != "served" {
		t.Fatalf("in the end: %v %v", rows, err)
	}
}

// served lets a citizen book for today and be served at the hall.
func (d *talked) served(citizen, name string) string {
	d.t.Helper()
	ctx, s := context.Background(), d.house.store
	d.say(citizen, "预约今天下午两点虎门办居住证，我叫"+name+"，电话1380013800"+citizen[1:], "")
	d.expect(d.say(citizen, "确认", ""), "约好了")
	day, err := s.Day(ctx, "humen", "2026-11-24")
	if err != nil || len(day) == 0 {
		d.t.Fatalf("the hall's day: %v %v", day, err)
	}
	number := day[len(day)-1].Number
	at := booking.At("2026-11-24", "13:40")
	if v, err := s.CheckIn(ctx, number, "humen", at); err != nil {
		d.t.Fatal(err)
	} else if _, err := s.CallNext(ctx, "humen", "5", nil, at); err != nil {
		d.t.Fatal(err)
	} else if _, err := s.EndArrival(ctx, v.ID, booking.ArrivalServed, at); err != nil {
		d.t.Fatal(err)
	}
	return number
}

// TestAskedHowItWas: who was served is asked once how it was; the answer is
// kept and shown to the hall, and disturbs no errand under way.
func TestAskedHowItWas(t *testing.T) {
	d := talking(t)
	ctx := context.Background()
	first := d.served("c1", "张三")
	asked := d.say("c1", "", "1m")
	d.expect(asked, "居住证", "办得怎么样")
	if again := d.say("c1", "", "2m"); strings.Contains(again, "办得怎么样") {
		t.Fatalf("asked twice: %s", again)
	}
	d.expect(d.say("c1", "挺好的，就是等了半个小时", ""), "谢谢您的评价")

	second := d.served("c2", "李四")
	d.say("c2", "我想预约办社保卡", "")
	d.expect(d.say("c2", "虎门", ""), "哪天")
	d.expect(d.say("c2", "", "1m"), "办得怎么样")
	d.expect(d.say("c2", "后天", ""), "时段") // the errand goes on as if nothing had been asked
	answer := d.say("c2", "2分，窗口只开了一个", "")
	d.expect(answer, "转给大厅", "时段")
	d.say("c2", "上午十点", "")
	d.expect(d.say("c2", "我叫李四，电话13800138002", ""), "请核对", "11月26日", "10:00")
	d.expect(d.say("c2", "确认", ""), "约好了")

	d.served("c3", "王五")
	d.expect(d.say("c3", "", "1m"), "办得怎么样")
	d.expect(d.say("c3", "1", ""), "哪里没办好")
	d.expect(d.say("c3", "材料退了两次都没说清楚", ""), "转给大厅")

	said, err := d.house.store.Opinions(ctx, "humen", 10)
	if err != nil || len(said) != 3 {
		t.Fatalf("kept: %+v %v", said, err)
	}
	for _, o := range said {
		switch o.Number {
		case first:
			if o.Stars != 4 || o.Words != "挺好的，就是等了半个小时" {
				t.Errorf("the first said %+v", o)
			}
		case second:
			if o.Stars != 2 || o.Words != "2分，窗口只开了一个" {
				t.Errorf("the second said %+v", o)
			}
		default:
			if o.Stars != 1 || o.Words != "材料退了两次都没说清楚" {
				t.Errorf("the third said %+v", o)
			}
		}
	}
	if sums, err := d.house.store.Satisfaction(ctx, "2026-11-01"); err != nil || sums["humen"].Said() != 3 {
		t.Errorf("summed up: %+v %v", sums, err)
	}
	d.served("c4", "赵六")
	d.expect(d.say("c4", "", "1m"), "办得怎么样")
	d.say("c4", "身份证丢了怎么补办", "") // something else, and no answer
	if said, _ := d.house.store.Opinions(ctx, "humen", 10); len(said) != 3 {
		t.Errorf("a question was taken for an opinion: %+v", said)
	}
}

// TestSeveralPeople: one appointment for several people, as many as the
// service's rules allow, changed on the way, and what it takes of an opening.
func TestSeveralPeople(t *testing.T) {
	d := talking(t)
	ctx := context.Background()
	d.expect(d.say("c1", "帮我们三个人预约明天上午十点虎门办居住证，我叫张三，电话13800138001", ""), "人数：3 人", "确认")
	d.expect(d.say("c1", "改成四个人", ""), "人数：4 人")
	d.expect(d.say("c1", "12个人", ""), "最多 5 人", "请核对")
	d.expect(d.say("c1", "5个人", ""), "人数：5 人")
	d.expect(d.say("c1", "确认", ""), "5 人一个预约号")
	open, err := d.house.store.Openings(ctx, booking.Query{Service: "residence-permit", Hall: "humen", Date: "2026-11-25"})
	if err != nil || open[1].Time != "10:00" || open[1].Remaining != 5 {
		t.Fatalf("left of the opening: %+v %v", open, err)
	}
	d.expect(d.say("c1", "我的预约", ""), "5 人")
	d.say("c2", "帮我们5个人预约明天上午十点虎门办居住证，我叫李四，电话13800138002", "")
	d.expect(d.say("c2", "确认", ""), "约好了")
	if said := d.say("c3", "我们两个人预约明天上午十点虎门办居住证，我叫王五，电话13800138003", ""); !strings.Contains(said, "满") {
		t.Errorf("with nothing left: %s", said)
	}
	d.say("c1", "改到后天下午三点", "")
	d.expect(d.say("c1", "确认", ""), "改好了", "5 人")
	if left, _ := d.house.store.Openings(ctx, booking.Query{Service: "residence-permit", Hall: "humen", Date: "2026-11-26"}); left[4].Remaining != 5 {
		t.Errorf("after moving: %+v", left[4])
	}
	rules, _ := booking.NewRuleBook(booking.DefaultRules(), nil)
	rules.Default.MaxPlaces = 1
	if _, err := d.house.store.SaveRules(ctx, rules.Default, nil, store.Author{By: "admin", Reason: "试", At: d.house.clock()}); err != nil {
		t.Fatal(err)
	}
	d.expect(d.say("c4", "我们三个人预约后天上午十点虎门办居住证，我叫赵六，电话13800138004", ""), "只办一人")
}

// TestAppeal: who missed three appointments is told why and until when nothing
// can be booked, appeals in the conversation, is told the outcome, and books;
// an exemption lasts; who is old by their id number is never stopped.
func TestAppeal(t *testing.T) {
	d := talking(t)
	ctx, s := context.Background(), d.house.store
	miss := func(c string) {
		t.Helper()
		who := "，我叫" + map[string]string{"c1": "张三", "c2": "李四"}[c] + "，电话1380013800" + c[1:]
		for _, what := range []string{"九点虎门办居住证", "十点虎门办社保卡", "十一点虎门办护照"} {
			d.say(c, "预约明天上午"+what+who, "")
			d.expect(d.say(c, "确认", ""), "约好了")
		}
	}
	miss("c1")
	miss("c2")
	d.say("c1", "", "48h")
	said := d.say("c1", "预约明天上午九点虎门办居住证，我叫张三，电话13800138001", "")
	d.expect(said, "3 次约了没来", "停到2026年12月25日", "申诉")
	d.expect(d.say("c1", "申诉", ""), "为什么没来")
	d.expect(d.say("c1", "那天我爸住院，全家都在医院，手机没电没来得及取消", ""), "请核对申诉", "张三", "住院")
	d.expect(d.say("c1", "确认", ""), "申诉收到了")
	d.expect(d.say("c1", "我要申诉停约", ""), "为什么没来")
	d.say("c1", "还是那个原因，请尽快看看", "")
	d.expect(d.say("c1", "确认", ""), "已经收到")
	d.expect(d.say("c1", "我的预约", ""), "暂停到2026年12月25日")
	keep := keeper{d.house}
	appeals, err := s.Appeals(ctx, 10)
	if err != nil || len(appeals) != 1 || appeals[0].Status != booking.AppealOpen || !strings.Contains(appeals[0].Words.Reveal(), "住院") || appeals[0].Ban.Missed != 3 {
		t.Fatalf("appeals: %+v %v", appeals, err)
	}
	if err := keep.DecideAppeal(ctx, appeals[0].ID, booking.AppealGranted, "admin", "住院证明已看"); err != nil {
		t.Fatal(err)
	}
	if err := keep.DecideAppeal(ctx, appeals[0].ID, booking.AppealRefused, "admin", "再看"); err == nil {
		t.Error("an appeal was decided twice")
	}
	d.expect(d.say("c1", "", "1m"), "申诉通过了", "住院证明已看")
	d.stands(appeals[0].Citizen, "申诉通过了")
	d.expect(d.say("c1", "我的申诉怎么样了", ""), "申诉通过了", "住院证明已看")
	d.say("c1", "预约明天上午九点虎门办居住证，我叫张三，电话13800138001", "")
	d.expect(d.say("c1", "确认", ""), "约好了")
	if said := d.say("c1", "停约申诉", ""); !strings.Contains(said, "没有被停约") {
		t.Errorf("an appeal against nothing: %s", said)
	}

	rows, err := s.AllAppointments(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d.expect(d.say("c2", "预约明天上午十点虎门办居住证，我叫李四，电话13800138002", ""), "3 次约了没来")
	for _, a := range rows {
		if a.Name == "李四" {
			if err := keep.Exempt(ctx, a.Number, "admin", "残疾人证已核对"); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	d.expect(d.say("c2", "预约明天上午十点虎门办居住证，我叫李四，电话13800138002", ""), "请核对")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(ctx, store.Options{Dir: d.dir, Rules: booking.DefaultRules(), Calendar: d.house.calendar, Now: d.house.clock()})
	if err != nil {
		t.Fatal(err)
	}
	d.house.store = again // closed by the fixture
	for name, phone := range map[bot.Secret]bot.Secret{"张三": "13800138001", "李四": "13800138002"} {
		if ban, banned := again.Banned(booking.Request{Name: name, Phone: phone, Now: d.house.clock()}); banned {
			t.Errorf("after a restart %s is stopped: %+v", name, ban)
		}
	}
	if n, _, err := again.VerifyAudit(ctx); err != nil || n != 2 {
		t.Errorf("%d entries of the audit trail: %v", n, err)
	}
}

// TestRemindedByTextMessage: who booked on a page and is known by telephone
// only is reminded by text message, and told so of what the hall shuts.
func TestRemindedByTextMessage(t *testing.T) {
	d := talking(t)
	ctx, h := context.Background(), d.house
	var mu sync.Mutex
	var sent []string
	operator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			PhoneNumberSet, TemplateParamSet []string
			TemplateId                       string
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, in.TemplateId+" "+strings.Join(append(in.PhoneNumberSet, in.TemplateParamSet...), " "))
		fmt.Fprint(w, `{"Response":{"SendStatusSet":[{"Code":"Ok","Message":"send success"}],"RequestId":"r"}}`)
	}))
	defer operator.Close()
	h.settings.SMSURL, h.settings.SMSSecretID, h.settings.SMSSecretKey = operator.URL, "id", "key"
	h.settings.SMSAppID, h.settings.SMSSign, h.settings.SMSTemplates = "1400", "莞家政务", "reminder=1001 changed=1002"
	h.dispatcher.Senders[bot.Hotline] = h.byPhone(nobody{})

	id, err := people{h}.SignIn(ctx, "visit", bot.Address{Channel: bot.Hotline, ID: "13800138000"}, bot.Address{})
	if err != nil {
		t.Fatal(err)
	}
	book := func(key, service, date string) booking.Appointment {
		a, err := counter{h}.Book(ctx, booking.Request{Citizen: id, Channel: bot.Web, Key: key, Service: service, Hall: "humen", Date: date, Time: "10:00",
			Name: "陈小明", Phone: "13800138000", Now: h.clock()})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a, shut := book("k1", "residence-permit", "2026-11-26"), book("k2", "social-card", "2026-11-27")
	if err := h.store.Shut(ctx, booking.Closure{Hall: "humen", Group: "social-card", From: "2026-11-27", To: "2026-11-27", Reason: "停电"}, store.Author{By: "admin", Reason: "停电", At: h.clock()}); err != nil {
		t.Fatal(err)
	}
	d.say("c9", "", "1m")
	d.say("c9", "", "30h")
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(sent, "\n")
	d.expect(all, "1001 +8613800138000", a.Number, "虎门镇政务服务中心 "+a.Number, "1002 +8613800138000", shut.Number)
	if n := strings.Count(all, "1001 +8613800138000"); n != 1 {
		t.Errorf("%d reminders by then:\n%s", n, all)
	}
}

// TestNearestHalls: who sends their position is offered the halls nearest to it.
func TestNearestHalls(t *testing.T) {
	d := talking(t)
	d.say("c1", "我想预约办居住证", "")
	said, err := d.Do(context.Background(), bottest.Step{Citizen: "c1", Event: "location:22.82,113.67"})
	if err != nil || len(said.Replies) == 0 {
		t.Fatalf("%+v %v", said, err)
	}
	options := said.Replies[len(said.Replies)-1].Options
	if len(options) < 2 || !strings.Contains(options[0], "虎门") {
		t.Errorf("offered at 虎门: %q", options)
	}
	at, err := people{d.house}.Near(context.Background(), "c1")
	if err != nil || at.Lat != 22.82 {
		t.Errorf("the pages know %+v: %v", at, err)
	}
}

// TestReleaseIsDecidedByPeople: what the dynamic release proposes is carried
// out, or taken back, by who runs booking, once.
func TestReleaseIsDecidedByPeople(t *testing.T) {
	d := talking(t)
	ctx, k := context.Background(), keeper{d.house}
	c, err := k.Control(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c.Mode = booking.Propose
	if err := k.SaveControl(ctx, c, "admin", "试"); err != nil {
		t.Fatal(err)
	}
	if err := d.fill(ctx, bottest.Place{Service: "residence-permit", Hall: "humen"}); err != nil {
		t.Fatal(err)
	}
	d.say("c1", "", "11m")
	all, err := k.Tuned(ctx, booking.Scope{}, 10)
	if err != nil || len(all) == 0 || all[0].Status != "proposed" || all[0].Why == "" {
		t.Fatalf("proposed: %+v %v", all, err)
	}
	for _, step := range []struct {
		deed    string
		settled bool
		status  string
	}{{"apply", true, "applied"}, {"reject", false, "applied"}, {"undo", true, "undone"}, {"undo", false, "undone"}} {
		settled, err := k.Tune(ctx, all[0].ID, step.deed, "admin")
		now, _ := k.Tuned(ctx, booking.Scope{}, 10)
		if err != nil || settled != step.settled || now[0].Status != step.status {
			t.Errorf("%s: %v %v, %s", step.deed, settled, err, now[0].Status)
		}
	}
}

// TestServicesByTheirNames: a service made by staff, without a guide, is found
// by its name and by what people call it the moment it is there, under its new
// name when it has one, and no more when it has ended; so is a new hall.
func TestServicesByTheirNames(t *testing.T) {
	d := talking(t)
	ctx, keep := context.Background(), keeper{d.house}
	change := func(c booking.Change) {
		t.Helper()
		if err := keep.Change(ctx, c, "admin", "试"); err != nil {
			t.Fatal(err)
		}
	}
	s := booking.Service{ID: "adoption", Title: "收养登记（中国公民）", Department: "民政局", Aliases: []string{"领养孩子", "抱养"}}
	change(booking.Change{NewService: &s})
	d.expect(d.say("c1", "预约明天上午十点虎门办收养登记，我叫张三，电话13800138001", ""), "请核对", "收养登记（中国公民）", "虎门", "11月25日")
	d.expect(d.say("c1", "确认", ""), "约好了")
	d.expect(d.say("c2", "我想约个号领养孩子", ""), "哪个大厅")
	d.say("c2", "算了，先不约", "")
	d.say("c3", "我要预约", "")
	d.expect(d.say("c3", "抱养", ""), "哪个大厅")
	d.say("c4", "我要预约", "")
	d.expect(d.say("c4", "公民收养的登记", ""), "是下面哪一项")
	second := booking.Hall{ID: "humen-2", Name: "虎门二厅"}
	change(booking.Change{NewHall: &second})
	d.expect(d.say("c5", "预约后天上午十点去虎门二厅办领养孩子，我叫王五，电话13800138005", ""), "请核对", "虎门二厅")
	s.Title, s.Aliases = "收养子女登记", nil
	change(booking.Change{Service: &s})
	d.expect(d.say("c6", "预约明天上午十点虎门办收养子女登记", ""), "姓名")
	s.Retired = true
	change(booking.Change{Service: &s})
	d.say("c7", "我要预约", "")
	if said := d.say("c7", "收养子女登记", ""); !strings.Contains(said, "没有找到这项业务") && !strings.Contains(said, "是下面哪一项") || strings.Contains(said, "哪个大厅") {
		t.Errorf("a service that has ended: %s", said)
	}
}

// TestTheYearAsEntered: the words for working days follow the table that the
// administrator entered.
func TestTheYearAsEntered(t *testing.T) {
	d := talking(t)
	day := func(citizen string) string {
		t.Helper()
		return d.say(citizen, "预约元旦后第一个工作日上午十点虎门办居住证", "2m")
	}
	d.expect(day("c1"), "1月4日")
	d.expect(d.say("c3", "2027年1月4日上班吗", ""), "1月4日（周一）上班", "还没有公布")
	d.expect(d.say("c3", "下周六上班吗", ""), "12月5日（周六）是周末", "周末延时")
	year := booking.Year{Year: 2027, Days: []booking.Holiday{{Date: "2027-01-01", Name: "元旦"}, {Date: "2027-01-02", Work: true, Name: "元旦"}, {Date: "2027-01-04", Name: "元旦"}}}
	if err := (keeper{d.house}).Change(context.Background(), booking.Change{Year: &year}, "admin", "国务院办公厅通知"); err != nil {
		t.Fatal(err)
	}
	d.expect(day("c2"), "1月2日")
	d.expect(d.say("c3", "2027年1月4日上班吗", ""), "1月4日（周一）是元旦假期", "第一个工作日是2027年1月5日（周二）")
	d.expect(d.say("c3", "1月2号上班吗", ""), "1月2日（周六）上班", "调休")
	d.expect(d.say("c3", "明天大厅开门吗", ""), "11月25日（周三）上班")
}

// TestCheckMissesTheYear: from November on the table of the coming year is
// missed, until it is entered.
func TestCheckMissesTheYear(t *testing.T) {
	dir := t.TempDir()
	missed := func(now time.Time) bool {
		p := &program{settings: config.Settings{DataDir: dir, Demo: true}}
		found, _ := p.checkRecords(context.Background(), now)
		return slices.ContainsFunc(found, func(f finding) bool {
			return f.Level == "warning" && f.Subject == "calendar" && strings.Contains(f.Problem, "2027") && strings.Contains(f.Problem, "/hall/calendar")
		})
	}
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Rules: booking.DefaultRules(), Calendar: newWorkdays()})
	if err != nil {
		t.Fatal(err)
	}
	november := tuesday()
	if err := s.Close(); err != nil || !missed(november) || missed(november.AddDate(0, -3, 0)) {
		t.Errorf("in November: %v, in August: %v, %v", missed(november), missed(november.AddDate(0, -3, 0)), err)
	}
	if s, err = store.Open(context.Background(), store.Options{Dir: dir, Rules: booking.DefaultRules(), Calendar: newWorkdays()}); err != nil {
		t.Fatal(err)
	}
	year := booking.Year{Year: 2027, Days: []booking.Holiday{{Date: "2027-01-01", Name: "元旦"}}}
	err = s.Change(context.Background(), booking.Change{Year: &year}, store.Author{By: "admin", Reason: "通知", At: november})
	if err2 := s.Close(); err != nil || err2 != nil || missed(november) {
		t.Errorf("with the table: %v, %v %v", missed(november), err, err2)
	}
}
