package procedure

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/knowledge"
)

// now is an hour when everything in the starter set is in force.
func now() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) }

// talk is a citizen asking, turn by turn, with what the engine keeps between.
type talk struct {
	t     *testing.T
	base  *knowledge.Base
	topic bot.Topic
	last  bot.Response
	query bot.Query
	hall  func(guide, town string) (Hall, bool)
}

func newTalk(t *testing.T, guides []knowledge.Guide) *talk {
	t.Helper()
	if guides == nil {
		var err error
		if guides, err = knowledge.Starter(); err != nil {
			t.Fatal(err)
		}
	}
	return &talk{t: t, base: knowledge.New(guides)}
}

func (c *talk) turn(u bot.Understanding, chosen string) bot.Response {
	c.t.Helper()
	q := c.query
	q.Form = bot.NewForm(bot.Citizen{}, bot.WeChat, now(), &bot.Frame{})
	q.Understanding, q.Topic, q.Chosen = u, c.topic, chosen
	r, err := New(Config{Base: c.base, Hall: c.hall}).reply(c.t.Context(), &q)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(r.Replies) != 1 {
		c.t.Fatalf("%d replies", len(r.Replies))
	}
	c.topic, c.last = r.Topic, r
	c.topic.At = now()
	return r
}

func (c *talk) say(text string) string {
	c.t.Helper()
	return c.turn(bot.Understanding{Text: text, Norm: text}, "").Replies[0].Text
}

// choose takes the option of that name, as a tap does.
func (c *talk) choose(text string) string {
	c.t.Helper()
	for _, o := range c.last.Choices {
		if o.Text == text {
			return c.turn(bot.Understanding{Text: text, Norm: text}, o.Value.Value).Replies[0].Text
		}
	}
	c.t.Fatalf("%q is not offered: %v", text, c.offers())
	return ""
}

func (c *talk) offers() []string {
	var names []string
	for _, o := range c.last.Choices {
		names = append(names, o.Text)
	}
	return names
}

func TestAnswersFitAPhoneAndShowTheirSource(t *testing.T) {
	c := newTalk(t, nil)
	for _, g := range c.base.Guides() {
		text := c.say("我想了解" + g.Title)
		reply := c.last.Replies[0]
		if n := utf8.RuneCountInString(text); n > 420 {
			t.Errorf("%s: %d characters", g.ID, n)
		}
		if c.last.Clarify {
			continue
		}
		if !strings.HasPrefix(reply.Source, "来源：") || len(reply.Citations) == 0 || reply.Spoken == "" {
			t.Errorf("%s: source %q, citations %v, spoken %q", g.ID, reply.Source, reply.Citations, reply.Spoken)
		}
	}
}

func TestLongListsAreCutWithAWayToTheRest(t *testing.T) {
	c := newTalk(t, nil)
	text := c.say("低保怎么申请")
	if !strings.Contains(text, "还有 2 步") || strings.Contains(text, "下个月起按月发") {
		t.Errorf("%q", text)
	}
	if text = c.choose("看全部"); !strings.Contains(text, "下个月起按月发") || strings.Contains(text, "还有") {
		t.Errorf("all of it: %q", text)
	}
	if said := c.last.Replies[0].Spoken; strings.Contains(said, "还有呢") || !strings.HasSuffix(said, "就这些。") {
		t.Errorf("the rest is said as %q", said)
	}
	if slices.Contains(c.offers(), "看全部") {
		t.Error("offers the whole again")
	}
	c.say("低保怎么申请")
	if text = c.say("还有呢"); !strings.Contains(text, "下个月起按月发") {
		t.Errorf("by word: %q", text)
	}
}

func TestBookingIsOfferedWhereAWindowCanBeBooked(t *testing.T) {
	c := newTalk(t, nil)
	c.say("居住证要带什么材料")
	at := slices.IndexFunc(c.last.Choices, func(o bot.Choice) bool { return o.Flow == bot.BookAppointment })
	if at < 0 || c.last.Choices[at].Slot != "service" || c.last.Choices[at].Value.Value != "residence-permit" {
		t.Fatalf("%+v", c.last.Choices)
	}
	c.say("驾驶证到期怎么换")
	if slices.ContainsFunc(c.last.Choices, func(o bot.Choice) bool { return o.Flow == bot.BookAppointment }) {
		t.Error("a booking is offered for what no window takes")
	}
	c.query.During = bot.FileReport
	c.say("居住证要带什么材料")
	if len(c.last.Choices) > 0 {
		t.Errorf("options amid another flow: %v", c.offers())
	}
}

func TestFollowUpsKeepTheGuide(t *testing.T) {
	c := newTalk(t, nil)
	c.say("身份证丢了要带什么")
	if text := c.say("那要多少钱？"); !strings.Contains(text, "40元") {
		t.Errorf("%q", text)
	}
	c.topic.At = now().Add(-time.Hour)
	if text := c.say("那要多少钱？"); strings.Contains(text, "40元") {
		t.Errorf("an hour later it still answers: %q", text)
	}
}

func TestAsksBackOnce(t *testing.T) {
	c := newTalk(t, []knowledge.Guide{
		{ID: "a", Title: "民宿开业备案", Fee: "免费", Phone: []string{"12345"}},
		{ID: "b", Title: "民宿停业备案", Fee: "10元", Phone: []string{"12345"}},
	})
	c.say("民宿备案多少钱")
	if !c.last.Clarify || len(c.last.Choices) != 2 {
		t.Fatalf("%+v", c.last)
	}
	if text := c.choose("民宿停业备案"); !strings.Contains(text, "10元") || c.last.Clarify {
		t.Errorf("%q", text)
	}
	c.topic, c.query.During = bot.Topic{}, bot.FileReport
	if c.say("民宿备案多少钱"); !c.last.Clarify || len(c.last.Choices) != 2 {
		t.Errorf("amid another flow the titles must be offered too: %+v", c.last)
	}
}

func TestNotKnownIsSaid(t *testing.T) {
	c := newTalk(t, nil)
	text := c.say("烟花爆竹经营许可怎么办")
	if !c.last.Unknown || !strings.Contains(text, "12345") || !slices.Contains(c.offers(), "转人工") {
		t.Errorf("%q %v", text, c.offers())
	}
	if len(c.last.Replies[0].Citations) > 0 || c.last.Replies[0].Source != "" {
		t.Errorf("cites: %+v", c.last.Replies[0])
	}
}

func TestExpiredAndMissingAreSaidWithAPhone(t *testing.T) {
	c := newTalk(t, []knowledge.Guide{
		{ID: "a", Title: "民宿开业备案", Fee: "77元", EffectiveTo: "2026-10-31", Phone: []string{"0769-22001234"}},
		{ID: "b", Title: "龙舟下水登记", Where: "水务中心", Phone: []string{"0769-22005678"}},
	})
	text := c.say("民宿开业备案多少钱")
	if strings.Contains(text, "77") || !strings.Contains(text, "2026-10-31") || !strings.Contains(text, "0769-22001234") {
		t.Errorf("expired: %q", text)
	}
	text = c.say("龙舟下水登记多少钱")
	if !strings.Contains(text, "未写明收费") || !strings.Contains(text, "0769-22005678") || c.last.Replies[0].Source != "" {
		t.Errorf("missing: %q", text)
	}
}

func TestTheMenuOpensWithExamples(t *testing.T) {
	c := newTalk(t, nil)
	if text := c.turn(bot.Understanding{}, "").Replies[0].Text; !strings.Contains(text, "您想问") || len(c.last.Choices) == 0 {
		t.Errorf("%q", text)
	}
}

// kept are the misses of a test.
type kept struct{ all []bot.Missed }

func (k *kept) Miss(_ context.Context, _ bot.Tx, m bot.Missed) error {
	k.all = append(k.all, m)
	return nil
}

// What is not answered well is noted with why, and what a citizen says of an
// answer with the guide it came from; particulars are not in it.
func TestMissesAreNoted(t *testing.T) {
	guides, err := knowledge.Starter()
	if err != nil {
		t.Fatal(err)
	}
	notes := &kept{}
	e := New(Config{Base: knowledge.New(guides), Misses: notes})
	ask := func(text, chosen string, topic bot.Topic) bot.Response {
		t.Helper()
		q := &bot.Query{Form: bot.NewForm(bot.Citizen{ID: "c1"}, bot.WeChat, time.Now(), &bot.Frame{}), Topic: topic, Chosen: chosen,
			Understanding: bot.Understanding{Text: text, Norm: text}}
		r, err := e.reply(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if r.Keep != nil {
			if err := r.Keep(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	ask("养蜂许可证怎么办理", "", bot.Topic{})
	ask("护照几点下班", "", bot.Topic{})
	ask("身份证怎么办", "", bot.Topic{})
	answered := ask("护照多少钱", "", bot.Topic{})
	if n := len(notes.all); n != 3 {
		t.Fatalf("%d noted: %+v", n, notes.all)
	}
	answered.Topic.At = time.Now()
	ask("", markDown, answered.Topic)
	ask("答非所问", "", answered.Topic)
	ask("", markUp, answered.Topic)
	for i, want := range []struct {
		reason bot.MissReason
		guide  string
	}{{bot.MissNoGuide, ""}, {bot.MissNoField, "passport"}, {bot.MissLowMargin, ""}, {bot.MissDown, "passport"}, {bot.MissDown, "passport"}, {bot.MissUp, "passport"}} {
		if got := notes.all[i]; got.Reason != want.reason || want.guide != "" && got.Guide != want.guide {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
}

// An option that leaves several guides asks which of them, with the field kept.
func TestAsksAmongAThemesGuides(t *testing.T) {
	c := newTalk(t, nil)
	several := choice(knowledge.Option{Text: "出入境", Field: knowledge.Fee, Among: []string{"passport", "hk-macau-permit"}})
	r := c.turn(bot.Understanding{}, several.Value.Value)
	if !r.Clarify || len(r.Choices) != 2 || r.Choices[0].Value.Value != "passport#fee" {
		t.Fatalf("%+v", r)
	}
	if r = c.turn(bot.Understanding{}, r.Choices[0].Value.Value); r.Clarify || !strings.Contains(r.Replies[0].Text, "120元") {
		t.Errorf("%+v", r.Replies)
	}
	if r = c.turn(bot.Understanding{}, amongMark+"no-such#fee"); r.Clarify || !r.Unknown || r.Replies[0].Text == "" {
		t.Errorf("%+v", r)
	}
}

// Where a question names a town, its hall is told with what staff have entered of it,
// and the booking that is offered is there; a guide that no hall has says that it knows
// no address there.
func TestTownsHall(t *testing.T) {
	c := newTalk(t, nil)
	c.hall = func(guide, town string) (Hall, bool) {
		return Hall{ID: "humen", Name: "虎门镇政务服务中心", Address: "某路1号"}, guide == "residence-permit" && town == "humen"
	}
	ask := func(text string) bot.Response {
		return c.turn(bot.Understanding{Text: text, Norm: text, Entities: []bot.Entity{{Type: bot.Town, Text: "虎门", Value: "humen"}}}, "")
	}
	r := ask("在虎门怎么办居住证")
	if told := r.Replies[0].Text; !strings.Contains(told, "虎门镇政务服务中心能预约这一项的窗口，地址：某路1号。它的电话、时间还没有登记") {
		t.Error(told)
	}
	if at := slices.IndexFunc(r.Choices, func(c bot.Choice) bool { return c.Flow == bot.BookAppointment }); at < 0 || r.Choices[at].Also["hall"].Value != "humen" {
		t.Errorf("%+v", r.Choices)
	}
	if told := ask("在虎门怎么办结婚登记").Replies[0].Text; !strings.Contains(told, "虎门的具体地址和电话，指南没有写") {
		t.Error(told)
	}
	if told := c.say("居住证怎么办"); strings.Contains(told, "虎门") { // another question names none
		t.Error(told)
	}
}
