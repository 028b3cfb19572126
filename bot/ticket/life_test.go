package ticket

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
)

// holidays is a calendar with the National Day week of 2026 off and Saturday
// the tenth made a working day.
type holidays struct{}

func (holidays) IsWorkday(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	switch {
	case err != nil || day >= "2026-10-01" && day <= "2026-10-07":
		return false
	case day == "2026-10-10":
		return true
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

func rules() Rules {
	l := StandardLimits()
	return Rules{Limits: l, Clock: NewClock(holidays{}, l)}
}

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, bot.Shanghai())
	if err != nil {
		panic(err)
	}
	return t
}

func TestClocks(t *testing.T) {
	c := rules().Clock
	for _, test := range []struct{ from, span, want string }{
		{"2026-09-30 16:30", "24h", "2026-10-01 16:30"}, // natural time runs on
		{"2026-09-30 16:30", "30m", "2026-09-30 17:00"},
		{"2026-09-30 16:30", "4wh", "2026-10-08 12:30"}, // half an hour, then after the holiday
		{"2026-10-02 11:00", "1wh", "2026-10-08 10:00"},
		{"2026-10-09 16:00", "2wh", "2026-10-10 10:00"}, // a Saturday that is worked
		{"2026-10-08 07:00", "8wh", "2026-10-08 17:00"},
		{"2026-09-30 08:00", "2wd", "2026-10-09 23:59"},
		{"2026-09-30 23:00", "3wd", "2026-10-10 23:59"},
		{"2026-09-30 08:00", "1mo", "2026-10-30 08:00"},
		{"2026-09-30 08:00", "7d", "2026-10-07 08:00"},
	} {
		span, err := ParseSpan(test.span)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.After(at(test.from), span).Format("2006-01-02 15:04"); got != test.want {
			t.Errorf("%s after %s is %s, not %s", test.span, test.from, got, test.want)
		}
	}
	for _, bad := range []string{"", "5", "wd", "-1wd", "5 wd", "99999h", "1year"} {
		if _, err := ParseSpan(bad); err == nil {
			t.Errorf("%q is taken for a span", bad)
		}
	}
}

// actors that touch the sample ticket, which lies with 虎门.
func cast() map[string]Actor {
	return map[string]Actor{
		"centre": {Role: RoleCentre, Name: "amy"}, "citizen": {Role: RoleCitizen}, "bot": {Role: RoleBot},
		"holder": {Role: RoleTown, Name: "li", Body: Body{Town: "humen"}}, "other": {Role: RoleTown, Name: "wu", Body: Body{Town: "changan"}},
		"department": {Role: RoleDepartment, Name: "he", Body: Body{Department: "scj"}}, "nobody": {Role: "operator", Name: "o"},
	}
}

func sample(s Status) Ticket {
	t := Ticket{Number: "DG1", Kind: Help, Type: Assistance, Status: s, Town: "humen", Amount: 800, Urgency: Normal, Phone: "1",
		CreatedAt: at("2026-09-28 10:00"), DueAt: at("2026-10-12 23:59")}
	t.Life.Holder, t.Life.DispatchedAt, t.Life.Version = Body{Town: "humen"}, at("2026-09-28 10:00"), 7
	if s == Accepted || s == Returned || s == Reopened {
		t.Life.Holder = Body{}
	}
	if s == Replied || s == Reviewed || s == Closed || s == Processing {
		t.Life.ContactedAt = at("2026-09-28 11:00")
	}
	if s == Closed {
		t.Life.ClosedAt = at("2026-09-28 12:00")
	}
	if s == Processing { // the first way was gone, so that money and an answer are in their turn
		found(&t, WayPolicy, Unmet, Actor{Role: RoleTown, Name: "li"}, at("2026-09-28 11:30"))
	}
	return t
}

// TestLaws holds the whole life cycle to a table written out: what each may
// do in each state.
func TestLaws(t *testing.T) {
	want := map[Status]map[string]string{
		Accepted:           {"centre": "reject dispatch sort merge withdraw urge supervise reveal", "citizen": "withdraw urge supplement"},
		Dispatched:         {"centre": "dispatch sort admit merge withdraw urge supervise works reveal", "holder": "dispatch sign return admit works reveal", "citizen": "withdraw urge supplement"},
		Signed:             {"centre": "sort admit contact match skip merge withdraw urge supervise works reveal", "holder": "return admit contact note visit verify match skip extend works reveal", "citizen": "withdraw urge supplement"},
		Returned:           {"centre": "reject dispatch sort merge withdraw urge supervise reveal", "citizen": "withdraw urge supplement"},
		Processing:         {"centre": "sort admit contact match skip merge withdraw urge supervise works reveal", "holder": "admit contact note visit verify match skip pay extend reply works reveal", "citizen": "withdraw urge supplement"},
		ExtensionRequested: {"centre": "sort contact match skip grant refuse withdraw urge supervise reveal", "holder": "contact note visit match skip reveal", "citizen": "withdraw urge supplement"},
		Replied:            {"centre": "sort approve send_back redo withdraw urge supervise reveal", "holder": "reveal", "citizen": "redo withdraw urge supplement"},
		Reviewed:           {"centre": "close reveal", "holder": "reveal"},
		Closed:             {"centre": "follow_up redo archive reveal", "holder": "reveal", "citizen": "follow_up redo"},
		Reopened:           {"centre": "dispatch sort merge withdraw urge supervise reveal", "citizen": "withdraw urge supplement"},
		Rejected:           {}, Withdrawn: {}, Merged: {},
	}
	now := at("2026-09-28 14:00")
	for status, by := range want {
		for name, actor := range cast() {
			if name == "bot" {
				continue
			}
			var got []string
			for _, a := range Allowed(sample(status), actor, rules(), now) {
				got = append(got, string(a))
			}
			if strings.Join(got, " ") != by[name] {
				t.Errorf("%s in %s may %q, not %q", name, status, strings.Join(got, " "), by[name])
			}
		}
	}
}

// TestConfidentialHelp stays off the public list, but whoever brings it sees
// whom to.
func TestConfidentialHelp(t *testing.T) {
	v := sample(Signed)
	v.Kind, v.Confidential, v.Category, v.Phone = Help, true, "goods", "13812345678"
	if !cast()["holder"].SeesCaller(v) {
		t.Error("the town does not see the household it helps")
	}
	if Claimable(v, StandardLimits()) {
		t.Error("it is published")
	}
}

// TestRefusals tries what the rules forbid beyond states and roles.
func TestRefusals(t *testing.T) {
	c := cast()
	now := at("2026-09-28 14:00")
	with := func(s Status, change func(*Ticket)) Ticket {
		v := sample(s)
		change(&v)
		return v
	}
	same := func(*Ticket) {}
	for name, test := range map[string]struct {
		t Ticket
		c Command
	}{
		"return without a reason": {sample(Dispatched), Command{Action: DoReturn, By: c["holder"]}},
		"return a second time":    {with(Dispatched, func(v *Ticket) { v.Life.ReturnedBy = []string{"t:humen"} }), Command{Action: DoReturn, By: c["holder"], Words: "不归我们"}},
		"return too late":         {sample(Signed), Command{Action: DoReturn, By: c["holder"], Words: "不归我们", At: at("2026-09-30 10:00")}},
		"extend a second time":    {with(Processing, func(v *Ticket) { v.Life.Extended = 1 }), Command{Action: DoExtend, By: c["holder"], Words: "等材料", Until: at("2026-10-14 10:00")}},
		"extend when overdue":     {sample(Processing), Command{Action: DoExtend, By: c["holder"], Words: "等材料", Until: at("2026-10-20 10:00"), At: at("2026-10-13 10:00")}},
		"extend too far":          {sample(Processing), Command{Action: DoExtend, By: c["holder"], Words: "等材料", Until: at("2026-12-20 10:00")}},
		"extend backwards":        {sample(Processing), Command{Action: DoExtend, By: c["holder"], Words: "等材料", Until: at("2026-09-30 10:00")}},
		"reply before contact":    {with(Processing, func(v *Ticket) { v.Life.ContactedAt = time.Time{} }), Command{Action: DoReply, By: c["holder"], Words: "办好了"}},
		"reply unverified":        {with(Processing, func(v *Ticket) { v.Amount = 5000 }), Command{Action: DoReply, By: c["holder"], Words: "办好了"}},
		"pay unverified":          {with(Processing, func(v *Ticket) { v.Amount = 5000 }), Command{Action: DoPay, By: c["holder"], Words: "拨付", Amount: 5000}},
		"pay without a meeting": {with(Processing, func(v *Ticket) { v.Amount, v.Life.Verified = 30000, now }),
			Command{Action: DoPay, By: c["holder"], Words: "拨付", Amount: 30000}},
		"pay too much":            {sample(Processing), Command{Action: DoPay, By: c["holder"], Words: "拨付", Amount: 900}},
		"verify a report":         {with(Signed, func(v *Ticket) { v.Kind = Report }), Command{Action: DoVerify, By: c["holder"], Words: "属实"}},
		"contact a secret caller": {with(Signed, func(v *Ticket) { v.Kind, v.Confidential = Report, true }), Command{Action: DoContact, By: c["holder"], Words: "联系了"}},
		"see a secret caller":     {with(Signed, func(v *Ticket) { v.Kind, v.Confidential = Report, true }), Command{Action: DoReveal, By: c["holder"]}},
		"redo a third time":       {with(Closed, func(v *Ticket) { v.Life.Redone = 2 }), Command{Action: DoRedo, By: c["citizen"], Words: "没解决"}},
		"redo too late":           {sample(Closed), Command{Action: DoRedo, By: c["citizen"], Words: "没解决", At: at("2026-10-20 10:00")}},
		"follow up after filing":  {with(Closed, func(v *Ticket) { v.Life.ArchivedAt = now }), Command{Action: DoFollowUp, By: c["centre"], Satisfied: Yes}},
		"unsatisfied, not redone": {sample(Closed), Command{Action: DoFollowUp, By: c["centre"], Satisfied: No}},
		"dispatch to nobody":      {sample(Accepted), Command{Action: DoDispatch, By: c["centre"]}},
		"dispatch sideways":       {sample(Dispatched), Command{Action: DoDispatch, By: c["holder"], To: Body{Town: "changan"}}},
		"dispatch again to whom returned it": {with(Returned, func(v *Ticket) { v.Life.ReturnedBy = []string{"t:humen"} }),
			Command{Action: DoDispatch, By: c["centre"], To: Body{Town: "humen"}}},
		"the bot dispatches what was returned": {sample(Returned), Command{Action: DoDispatch, By: c["bot"], To: Body{Town: "humen"}}},
		"work on what was merged":              {with(Signed, func(v *Ticket) { v.Life.Root = "DG0" }), Command{Action: DoNote, By: c["centre"], Words: "看过"}},
		"merge into itself":                    {sample(Accepted), Command{Action: DoMerge, By: c["centre"], Into: "DG1"}},
		"a long note":                          {sample(Signed), Command{Action: DoNote, By: c["holder"], Words: bot.Secret(strings.Repeat("长", 2001))}},
		"no such action":                       {with(Signed, same), Command{Action: "burn", By: c["centre"]}},
		"what lies elsewhere":                  {sample(Signed), Command{Action: DoNote, By: c["other"], Words: "看过"}},
		"an operator of the desk":              {sample(Signed), Command{Action: DoNote, By: c["nobody"], Words: "看过"}},
	} {
		if test.c.At.IsZero() {
			test.c.At = now
		}
		o, err := Decide(test.t, test.c, rules())
		var no *Refusal
		if !errors.As(err, &no) || !errors.Is(err, ErrRefused) || no.Text == "" || strings.ContainsAny(no.Text, "!！") {
			t.Errorf("%s: %v %+v", name, err, o.Ticket.Status)
		}
	}
	if _, err := Decide(sample(Signed), Command{Action: DoNote, By: c["holder"], Words: "看过", Seen: 6}, rules()); !errors.Is(err, ErrStale) {
		t.Errorf("a step on an older version: %v", err)
	}
}

// TestAlarms follows an unanswered report over the holiday: what time says,
// when, and to whom.
func TestAlarms(t *testing.T) {
	r := rules()
	v := Ticket{Number: "DG1", Kind: Report, Type: Inquiry, Category: "c0101", DepartmentID: "rsj", Status: Accepted, Urgency: Normal, CreatedAt: at("2026-09-29 10:00")}
	v.DueAt = Due(v, r.Limits, r.Clock)
	if got := v.DueAt.Format(time.DateOnly); got != "2026-10-08" {
		t.Fatalf("due %s", got)
	}
	var heard []string
	for range 20 {
		all := Alarms(v, r)
		if len(all) == 0 {
			break
		}
		o, err := Decide(v, Answer(v, all[0], all[0].At), r)
		if err != nil {
			t.Fatal(err)
		}
		v = o.Ticket
		heard = append(heard, all[0].At.Format("01-02 15:04")+" "+string(all[0].Kind)+" "+fmt.Sprint(v.Life.Level.Title(), len(o.Notices)))
	}
	want := []string{
		"09-29 10:00 out 1", "09-29 14:00 sign 2", "10-06 02:59 yellow 黄牌1", "10-07 23:59 warn 黄牌1",
		"10-09 00:00 red 红牌3", "10-09 23:59 press 督办2", "10-14 23:59 report 通报2",
	}
	if strings.Join(heard, "\n") != strings.Join(want, "\n") {
		t.Errorf("heard\n%s\nwant\n%s", strings.Join(heard, "\n"), strings.Join(want, "\n"))
	}
}

func TestBodies(t *testing.T) {
	bodies := []string{"", "d:scj", "d:scj@humen", "t:humen", "v:humen/北栅社区", "s:humen", "t:changan", "d:gaj@humen"}
	over := map[string]string{
		"":      strings.Join(bodies, " "),
		"d:scj": "d:scj d:scj@humen", "d:scj@humen": "d:scj@humen", "t:humen": "t:humen v:humen/北栅社区 s:humen",
		"v:humen/北栅社区": "v:humen/北栅社区", "s:humen": "s:humen", "t:changan": "t:changan", "d:gaj@humen": "d:gaj@humen",
	}
	for _, a := range bodies {
		b, err := ParseBody(a)
		if err != nil || b.String() != a {
			t.Fatalf("%q is read as %q: %v", a, b, err)
		}
		var got []string
		for _, o := range bodies {
			if other, _ := ParseBody(o); b.Over(other) {
				got = append(got, o)
			}
		}
		if strings.Join(got, " ") != over[a] {
			t.Errorf("%q is over %q, not %q", a, got, over[a])
		}
	}
	for _, bad := range []string{"x", "d:", "v:humen", "z:1", "t:"} {
		if _, err := ParseBody(bad); err == nil {
			t.Errorf("%q is taken for a body", bad)
		}
	}
}

func TestPlaces(t *testing.T) {
	near := func(a, b Ticket) bool {
		own, _ := Places(a, 200)
		_, beside := Places(b, 200)
		for _, o := range own {
			for _, k := range beside {
				if o == k {
					return true
				}
			}
		}
		return false
	}
	address := func(s string) Ticket { return Ticket{Town: "humen", Address: bot.Secret(s)} }
	place := func(lat, lng float64) Ticket { return Ticket{Town: "humen", Latitude: lat, Longitude: lng} }
	for _, c := range []struct {
		a, b Ticket
		want bool
	}{
		{address("连升路海韵花园3栋"), address("在海韵花园门口"), true},
		{address("虎门大道88号旁边"), address("虎门大道88号"), true},
		{address("虎门大道88号"), address("虎门大道2号"), false},
		{address("虎门大道88号"), address("虎门大道86号对面"), true},
		{address("虎门大道88号"), address("虎门大道98号"), false},
		{address("连升路"), address("就在连升路那边"), true},
		{address("海韵花园"), address("丽江花园"), false},
		{address("南栅社区民昌路15号"), address("南栅民昌路15号烧烤档"), true},
		{address("新民一路15号"), address("富民一路15号"), false},
		{place(22.8200, 113.6700), place(22.8205, 113.6704), true},
		{place(22.8200, 113.6700), place(22.8300, 113.6700), false},
		{address(""), address(""), false},
	} {
		if near(c.a, c.b) != c.want {
			t.Errorf("%q %v and %q %v: near is not %v", c.a.Address.Reveal(), c.a.Latitude, c.b.Address.Reveal(), c.b.Latitude, c.want)
		}
	}
	for address, want := range map[string]string{"西湖社区新城路8号": "西湖社区", "阇西村河边": "阇西村", "连升路1号": "", "": ""} {
		if got := VillageOf(address); got != want {
			t.Errorf("%s: village %q, not %q", address, got, want)
		}
	}
}

// TestExtensionsEndOnWorkdays: an extension to a day off ends with the next
// working day, help never later than the last working day within a month.
func TestExtensionsEndOnWorkdays(t *testing.T) {
	by := cast()["holder"]
	for _, test := range []struct{ received, until, want string }{
		{"2026-09-28 10:00", "2026-10-24 23:59", "2026-10-26"}, // a Saturday
		{"2026-09-28 10:00", "2026-10-22 23:59", "2026-10-22"},
		{"2026-09-25 10:00", "2026-10-23 23:59", "2026-10-23"}, // the month ends on a Sunday
		{"2026-09-25 10:00", "2026-10-24 23:59", ""},           // Monday would be beyond it
		{"2026-09-07 10:00", "2026-10-10 12:00", ""},           // the month ends in the holiday
	} {
		v := sample(Processing)
		v.CreatedAt, v.DueAt = at(test.received), at("2026-09-30 23:59")
		o, err := Decide(v, Command{Action: DoExtend, By: by, Words: "等材料", Until: at(test.until), At: at("2026-09-29 10:00")}, rules())
		got := ""
		if err == nil {
			got = o.Ticket.Life.Until.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("received %s, until %s: ends %q, not %q (%v)", test.received, test.until, got, test.want, err)
		}
	}
}
