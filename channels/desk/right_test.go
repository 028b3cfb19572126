package desk

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
)

// TestWhoReachesWhom asks every route about a conversation as every role.
func TestWhoReachesWhom(t *testing.T) {
	h, d, do := open(t, false)
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	d.Clock = func() time.Time { return now }
	closed := func(by string, ago time.Duration) bot.Handoff {
		return bot.Handoff{Status: bot.HandoffClosed, Operator: by, ClosedAt: now.Add(-ago)}
	}
	for name, c := range map[string]struct {
		role string
		last bot.Handoff
		want int
	}{
		"operator, waiting":                {"operator", bot.Handoff{Status: bot.HandoffWaiting}, 200},
		"operator, a colleague's":          {"operator", bot.Handoff{Status: bot.HandoffTaken, Operator: "小李"}, 200},
		"operator, never handed over":      {"operator", bot.Handoff{}, 404},
		"operator, theirs yesterday":       {"operator", closed("小陈", 24*time.Hour), 200},
		"operator, theirs last month":      {"operator", closed("小陈", 30*24*time.Hour), 404},
		"operator, somebody's yesterday":   {"operator", closed("小李", 24*time.Hour), 404},
		"supervisor, never handed over":    {"supervisor", bot.Handoff{}, 200},
		"administrator, somebody's":        {"administrator", closed("小李", time.Hour), 200},
		"department, waiting":              {"department", bot.Handoff{Status: bot.HandoffWaiting}, 403},
		"village, theirs by the same name": {"village", closed("小陈", time.Hour), 403},
		"no role at all":                   {"", bot.Handoff{Status: bot.HandoffWaiting}, 403},
	} {
		h.account.Role, h.handoff = c.role, c.last
		d.lasts.lost()
		for _, route := range [][2]string{
			{"GET", "/desk/conversation/c1"}, {"GET", "/desk/conversation/c1/earlier?before=9"}, {"GET", "/desk/attachment/f1"},
			{"POST", "/desk/conversation/c1/take"}, {"POST", "/desk/conversation/c1/note"}, {"POST", "/desk/conversation/c1/tag"},
		} {
			w := do(route[0], route[1], `{"text":"看过了","name":"回访","key":"12345678"}`)
			if w.Code != c.want {
				t.Errorf("%s: %s %s answers %d, want %d: %s", name, route[0], route[1], w.Code, c.want, w.Body)
			}
		}
	}
	for role, want := range map[string][2]int{"operator": {200, 403}, "supervisor": {200, 200}, "administrator": {200, 200}, "department": {403, 403}} {
		h.account.Role = role
		for _, path := range []string{"/desk/queue", "/desk/quick", "/desk/colleagues", "/desk/guides?q=x"} {
			if w := do("GET", path, ""); w.Code != want[0] {
				t.Errorf("%s: %s answers %d", role, path, w.Code)
			}
		}
		for _, path := range []string{"/desk/wall", "/desk/wall/figures", "/desk/reports", "/desk/reports/desk.csv", "/desk/reports/open.csv"} {
			if w := do("GET", path, ""); w.Code != want[1] {
				t.Errorf("%s: %s answers %d", role, path, w.Code)
			}
		}
		if w := do("POST", "/desk/quick", `{"title":"问好","text":"您好"}`); w.Code != want[1] {
			t.Errorf("%s writes a quick reply: %d", role, w.Code)
		}
	}
	h.account.Role = "operator"
	if w := do("POST", "/desk/conversation/c1/pass", `{"to":"小李"}`); w.Code == http.StatusOK {
		t.Error("passed to a colleague who is not there")
	}
}

func TestTheShiftIsCounted(t *testing.T) {
	_, d, _ := open(t, false)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, bot.Shanghai())
	now, midnight := at.Add(time.Hour), at.Add(-9*time.Hour)
	h := func(citizen string, status bot.HandoffStatus, by string, begun, taken time.Duration) bot.Handoff {
		v := bot.Handoff{Citizen: bot.CitizenID(citizen), Channel: bot.WeChat, Reason: bot.ReasonAsked, Priority: 1, Status: status, Operator: by, At: at.Add(begun)}
		if taken > 0 {
			v.TakenAt = v.At.Add(taken)
		}
		return v
	}
	unasked := h("d", bot.HandoffClosed, "小陈", 0, time.Second) // nobody waited
	unasked.Reason = bot.ReasonTaken
	f := d.count(bot.Shift{Conversations: 10, Handoffs: []bot.Handoff{
		unasked,
		h("old", bot.HandoffTaken, "小李", -10*time.Hour, time.Second),
		h("a", bot.HandoffClosed, "小陈", 0, 10*time.Second), h("b", bot.HandoffClosed, "小陈", 0, 40*time.Second),
		h("c", bot.HandoffClosed, "", 0, 0), h("a", bot.HandoffWaiting, "", 50*time.Minute, 0),
	}}, midnight, now)
	want := figures{At: now, Waiting: 1, Held: 1, Longest: 600, Offered: 5, Taken: 3, Unasked: 1, Abandoned: 1, Within15: 1, WaitP50: 40, WaitP90: 40, Conversations: 10, BotAlone: 6}
	if !slices.Contains(f.Reasons, tally{Name: "坐席主动接入", Day: 1}) || f.Unasked != want.Unasked {
		t.Errorf("taken unasked: %d of %+v", f.Unasked, f.Reasons)
	}
	f.Operators, f.Channels, f.Towns, f.Reasons, f.Hours = nil, nil, nil, nil, nil
	if f.Waiting != want.Waiting || f.Held != want.Held || f.Longest != want.Longest || f.Offered != want.Offered || f.Taken != want.Taken ||
		f.Abandoned != want.Abandoned || f.Within15 != want.Within15 || f.WaitP50 != want.WaitP50 || f.BotAlone != want.BotAlone {
		t.Errorf("the wall shows %+v, want %+v", f, want)
	}
}

// TestGistsAreNeverOld reads a conversation while it changes.
func TestGistsAreNeverOld(t *testing.T) {
	g := newHeld[gist]()
	words := "old"
	get := func(during func()) string {
		v, err := g.of("c1", func() (gist, error) {
			read := gist{last: words}
			if during != nil {
				during()
			}
			return read, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return v.last
	}
	get(func() { words = "new"; g.changed("c1") })
	if got := get(nil); got != "new" {
		t.Errorf("after a change while reading the queue shows %q", got)
	}
	words = "newer"
	if got := get(nil); got != "new" {
		t.Errorf("nothing changed, and it was read again: %q", got)
	}
	g.lost()
	if got := get(nil); got != "newer" {
		t.Errorf("after missed changes the queue shows %q", got)
	}
}

// TestGistHearsWhatItWouldRead holds that taking lines in one by one shows what
// reading them at once shows.
func TestGistHearsWhatItWouldRead(t *testing.T) {
	at := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	said := func(id int64, speaker bot.Speaker, name, text string) bot.Line {
		return bot.Line{ID: id, Citizen: "c1", Speaker: speaker, Name: name, Text: text, At: at.Add(time.Duration(id) * time.Second)}
	}
	g := gist{holder: "小陈"}
	for _, step := range []struct {
		line       bot.Line
		last, note string
		unanswered bool
	}{
		{said(1, bot.SpeakerCitizen, "", "转人工"), "转人工", "", true},
		{said(2, bot.SpeakerCitizen, "", "我想问居住证要带什么材料，电话13812345678"), "我想问居住证要带什么材料，电话****5678", "", true},
		{said(3, bot.SpeakerBot, "", "好的"), "我想问居住证要带什么材料，电话****5678", "", false},
		{said(4, bot.SpeakerNote, "班长", "问一下他的户籍"), "我想问居住证要带什么材料，电话****5678", "班长：问一下他的户籍", false},
		{said(5, bot.SpeakerCitizen, "", "好"), "我想问居住证要带什么材料，电话****5678", "班长：问一下他的户籍", true},
		{said(6, bot.SpeakerOperator, "小陈", "请问户籍在哪里"), "我想问居住证要带什么材料，电话****5678", "", false},
		{said(5, bot.SpeakerCitizen, "", "好"), "我想问居住证要带什么材料，电话****5678", "", false}, // told again
	} {
		g.hear(step.line)
		if g.last != step.last || g.note != step.note || (g.unanswered != nil) != step.unanswered {
			t.Errorf("after line %d: %q, note %q, unanswered %v", step.line.ID, g.last, g.note, g.unanswered)
		}
	}
}

// TestEveryDeedHasAName holds that no deed of the trail is shown by its code.
func TestEveryDeedHasAName(t *testing.T) {
	raw, err := os.ReadFile("../../bot/audit.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`\bAudit\w+ += "(\w+)"`).FindAllSubmatch(raw, -1)
	if len(codes) < 40 {
		t.Fatalf("only %d deeds are found", len(codes))
	}
	for _, c := range codes {
		if code := string(c[1]); deedTitle(code) == code {
			t.Errorf("%s has no name", code)
		}
	}
	if got := deedTitle("dispatch ticket"); got != "诉求：派单" {
		t.Errorf("a ticket's deed is %q", got)
	}
}

// TestWordsComeWithTheirChange holds that a page is told a new line at once,
// but no more of it than the account may see.
func TestWordsComeWithTheirChange(t *testing.T) {
	h, d, _ := open(t, false)
	if _, err := d.gistOf(t.Context(), bot.Handoff{Citizen: "c1", Operator: "小陈"}); err != nil {
		t.Fatal(err)
	}
	seq := int64(10)
	tell := func(who Account) *told {
		seq++
		c := bot.Change{Seq: seq, Kind: bot.ChangeLine, Citizen: "c1", Line: &bot.Line{ID: seq, Citizen: "c1", Speaker: bot.SpeakerCitizen, Text: "我的电话是13812345678", At: time.Now()}}
		d.heard(c)
		d.board.changed(c)
		v, err := d.toldTo(t.Context(), who, c)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	who := Account{Name: "小陈", Role: "operator"}
	if v := tell(who); v.News == nil || v.News.Last != "我的电话是****5678" || v.News.Unanswered == nil || v.Line != nil {
		t.Errorf("who has it in the list is told %+v", v)
	}
	d.around.opens("c1", "小陈")
	if v := tell(who); v.News == nil || v.Line == nil || v.Line.Text != "我的电话是13812345678" || v.Line.ID != seq {
		t.Errorf("who has it open is told %+v", v)
	}
	if v := tell(Account{Name: "小陈", Role: "operator", Town: "humen"}); v != nil { // it is of no town
		t.Errorf("another town is told %+v", v)
	}
	d.lasts.lost()
	h.handoff = bot.Handoff{Status: bot.HandoffClosed, Operator: "小李", ClosedAt: time.Now()}
	if v := tell(who); v == nil || v.News != nil || v.Line != nil {
		t.Errorf("whose it is no longer is told %+v", v)
	}
}

// TestTheLineNotesQuietly: what the telephone line notes by itself is no
// colleague's note, and shows so.
func TestTheLineNotesQuietly(t *testing.T) {
	for name, want := range map[string]bool{"热线": true, "小陈": false} {
		if got := lineOf(bot.Line{Speaker: bot.SpeakerNote, Name: name, Channel: bot.Hotline, Text: "市民打断，没听到：请问哪天去？"}); got.Quiet != want {
			t.Errorf("a note by %s is quiet: %v", name, got.Quiet)
		}
	}
	if lineOf(bot.Line{Speaker: bot.SpeakerOperator, Name: "热线", Channel: bot.Hotline}).Quiet {
		t.Error("somebody's words are quiet")
	}
}
