package hall

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot/booking"
)

// boardCell is how full a hall's day is.
type boardCell struct {
	There    bool
	Percent  int
	Taken    int
	Capacity int
	Heat     int // 0 to 4
}

type boardRow struct {
	Hall  booking.Hall
	Cells []boardCell
	Said  booking.Satisfaction
}

// closureRow is a closure with its names.
type closureRow struct {
	booking.Closure
	Place, Title string
}

// filled is the board of how full the halls are.
type filled struct {
	Who        Clerk
	Days       []string
	Rows       []boardRow
	Service    fact   // whose openings are counted; empty: all
	Businesses []fact // what a browser suggests
	Closures   []closureRow
	Halls      []booking.Hall
	Opinions   []opinionRow
	sums       map[string]booking.Satisfaction
	Today      string
	Said       string
	Wrong      string
}

const boardPath = "/hall/board"

func (p *Pages) board(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	groups := groupsOf(plan)
	service, ok := p.business(w, r, who, named{Form: boardPath, To: boardPath, Field: "service", All: groups})
	if !ok {
		return
	}
	names := namesOf(plan)
	v := filled{Who: who, Today: p.today(), Halls: plan.Halls, Businesses: suggestions(groups)}
	if title, known := names.groups[service]; known {
		v.Service = fact{service, title}
	}
	for _, c := range plan.Closures {
		if c.To >= v.Today {
			v.Closures = append(v.Closures, closureRow{c, names.hall(c.Hall), names.group(c.Group)})
		}
	}
	v.Said, v.Wrong = p.told(w, r)
	if err := p.fillOpinions(r.Context(), &v, plan.Services); err != nil {
		p.failed(w, "read opinions", err)
		return
	}
	v.lay(p.Ledger.Filled(v.Service.Name, p.Clock()))
	p.render(w, http.StatusOK, "board.html", v)
}

// lay puts the sums by hall and day into rows.
func (v *filled) lay(fills []booking.Fill) {
	type key struct{ hall, date string }
	sums := map[key]boardCell{}
	for _, o := range fills {
		sums[key{o.Hall, o.Date}] = boardCell{There: true, Capacity: o.Capacity, Taken: o.Capacity - o.Remaining}
		if !slices.Contains(v.Days, o.Date) {
			v.Days = append(v.Days, o.Date)
		}
	}
	slices.Sort(v.Days)
	taken := map[string]int{}
	for _, h := range v.Halls {
		row := boardRow{Hall: h, Said: v.sums[h.ID]}
		for _, d := range v.Days {
			c := sums[key{h.ID, d}]
			if c.Capacity > 0 {
				c.Percent = 100 * c.Taken / c.Capacity
				c.Heat = min(4, (c.Percent+19)/20)
			}
			taken[h.ID] += c.Taken
			row.Cells = append(row.Cells, c)
		}
		v.Rows = append(v.Rows, row)
	}
	slices.SortStableFunc(v.Rows, func(a, b boardRow) int { return cmp.Compare(taken[b.Hall.ID], taken[a.Hall.ID]) })
}

// shut closes a hall, or one business there, for some days or hours, after
// showing whom it concerns.
func (p *Pages) shut(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	names := namesOf(plan)
	group, ok := p.business(w, r, who, named{Form: boardPath, To: "/hall/closures", Field: "group", All: groupsOf(plan)})
	if !ok {
		return
	}
	c := booking.Closure{Hall: r.PostFormValue("hall"), Group: group, From: r.PostFormValue("from"),
		To:    cmp.Or(r.PostFormValue("to"), r.PostFormValue("from")),
		Start: strings.TrimSpace(r.PostFormValue("start")), End: strings.TrimSpace(r.PostFormValue("end")), Reason: strings.TrimSpace(r.PostFormValue("told"))}
	from, err := time.Parse(time.DateOnly, c.From)
	to, err2 := time.Parse(time.DateOnly, c.To)
	badHour := func(clock string) bool { return clock != "" && booking.At("2026-01-05", clock).IsZero() }
	switch {
	case err != nil || err2 != nil || to.Before(from) || c.From < p.today() || to.Sub(from) > 366*24*time.Hour:
		p.refuse(w, r, boardPath, "日期不对：从今天起，最长一年。")
		return
	case badHour(c.Start) || badHour(c.End) || c.End != "" && c.End <= c.Start:
		p.refuse(w, r, boardPath, "时间写成 09:00 这样，结束要晚于开始；不写为全天。")
		return
	case c.Hall != "" && names.halls[c.Hall] == "" || c.Group != "" && names.groups[c.Group] == "":
		p.refuse(w, r, boardPath, "请重新选大厅和业务。")
		return
	case c.Reason == "" || len([]rune(c.Reason)) > longestReason:
		p.refuse(w, r, boardPath, "请写明原因，市民会看到，不超过 100 字。")
		return
	}
	hours := "全天"
	if c.Start != "" || c.End != "" {
		hours = cmp.Or(c.Start, "开门") + " 到 " + cmp.Or(c.End, "关门")
	}
	p.make(w, r, proposed{Who: who, Title: "停办", Back: boardPath, Facts: []fact{{"大厅", names.hall(c.Hall)}, {"业务", names.group(c.Group)},
		{"日期", fullDay(c.From) + " 到 " + fullDay(c.To)}, {"时间", hours}, {"对市民说", c.Reason}}},
		booking.Change{Closure: &c}, "已经停办，约了的人会收到改约的消息。")
}

func (p *Pages) reopen(w http.ResponseWriter, r *http.Request, who Clerk) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil {
		err = p.Keeper.Change(r.Context(), booking.Change{NoClosure: id}, who.Name, "恢复办理")
	}
	if err != nil {
		p.failed(w, "end a closure", err)
		return
	}
	p.tell(w, "已经恢复办理。", "")
	http.Redirect(w, r, boardPath, http.StatusSeeOther)
}

// ruling is the page of the rules.
type ruling struct {
	Who     Clerk
	Version int64
	Fields  []ruleField
	Own     []fact // services with rules of their own: id and title
	More    int    // of those not shown
	Changes []ruleChange
	Wrong   string
	Said    string
	Reason  string
}

// ruleField is a rule as it is edited.
type ruleField struct {
	Key, Title, Value, Hint, Mode string
	Bool                          bool
}

// ruleChange is what saving would change.
type ruleChange struct{ Title, Was, Becomes, Effect string }

func (p *Pages) rulesPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	book := p.Ledger.RuleBook()
	v := ruling{Who: who, Version: book.Version, Fields: fieldsOf(book.Default)}
	v.Said, v.Wrong = p.told(w, r)
	services, err := p.Ledger.Services(r.Context())
	if err != nil {
		p.failed(w, "list services", err)
		return
	}
	for _, s := range services {
		switch {
		case book.Own[s.ID] == nil:
		case len(v.Own) == mostServices:
			v.More++
		default:
			v.Own = append(v.Own, fact{s.ID, s.Title})
		}
	}
	p.render(w, http.StatusOK, "rules.html", v)
}

// rules shows what would change, and changes it when it is meant.
func (p *Pages) rules(w http.ResponseWriter, r *http.Request, who Clerk) {
	book := p.Ledger.RuleBook()
	v := ruling{Who: who, Version: book.Version, Reason: strings.TrimSpace(r.PostFormValue("reason"))}
	wanted, err := rulesFrom(r.PostFormValue, book.Default)
	v.Fields = fieldsOf(wanted)
	if err == nil {
		_, err = booking.NewRuleBook(wanted, book.Own)
	}
	if err != nil {
		v.Wrong = err.Error()
		p.render(w, http.StatusUnprocessableEntity, "rules.html", v)
		return
	}
	v.Changes = changesOf(book.Default, wanted)
	switch {
	case len(v.Changes) == 0:
		v.Said = "没有改动。"
	case r.PostFormValue("sure") != "yes":
	case v.Reason == "":
		v.Wrong = "请写明为什么改。"
	default:
		if _, err := p.Keeper.SaveRules(r.Context(), wanted, book.Own, who.Name, v.Reason); err != nil {
			p.failed(w, "save rules", err)
			return
		}
		p.tell(w, "新规则已经生效。", "")
		http.Redirect(w, r, "/hall/rules", http.StatusSeeOther)
		return
	}
	p.render(w, http.StatusOK, "rules.html", v)
}

// rule is how one of the rules is read and written on the page.
type rule struct {
	key, title, hint, effect string
	get                      func(booking.Rules) string
	set                      func(*booking.Rules, string) error
	isBool                   bool
}

func number(at func(*booking.Rules) *int) (func(booking.Rules) string, func(*booking.Rules, string) error) {
	return func(r booking.Rules) string { return strconv.Itoa(*at(&r)) }, func(r *booking.Rules, s string) error {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return fmt.Errorf("%q 不是整数", s)
		}
		*at(r) = n
		return nil
	}
}

func minutes(at func(*booking.Rules) *time.Duration) (func(booking.Rules) string, func(*booking.Rules, string) error) {
	return func(r booking.Rules) string { return strconv.Itoa(int(at(&r).Minutes())) }, func(r *booking.Rules, s string) error {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return fmt.Errorf("%q 不是分钟数", s)
		}
		*at(r) = time.Duration(n) * time.Minute
		return nil
	}
}

// days are for what lasts so long that nobody counts its minutes; half a day is
// 0.5.
func days(at func(*booking.Rules) *time.Duration) (func(booking.Rules) string, func(*booking.Rules, string) error) {
	const day = 24 * time.Hour
	return func(r booking.Rules) string { return strconv.FormatFloat(float64(*at(&r))/float64(day), 'f', -1, 64) }, func(r *booking.Rules, s string) error {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) > 1e5 {
			return fmt.Errorf("%q 不是天数", s)
		}
		*at(r) = time.Duration(n * float64(day)).Round(time.Second)
		return nil
	}
}

// clock is for a time of day: 09:00.
func clock(at func(*booking.Rules) *time.Duration) (func(booking.Rules) string, func(*booking.Rules, string) error) {
	return func(r booking.Rules) string {
			m := int(at(&r).Minutes())
			return fmt.Sprintf("%02d:%02d", m/60, m%60)
		}, func(r *booking.Rules, s string) error {
			t, err := time.Parse("15:04", strings.ReplaceAll(strings.TrimSpace(s), "：", ":"))
			if err != nil {
				return fmt.Errorf("%q 不是几点几分，要写成 09:00", s)
			}
			*at(r) = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
			return nil
		}
}

func flag(at func(*booking.Rules) *bool) (func(booking.Rules) string, func(*booking.Rules, string) error) {
	return func(r booking.Rules) string {
			if *at(&r) {
				return "yes"
			}
			return ""
		}, func(r *booking.Rules, s string) error {
			*at(r) = s == "yes"
			return nil
		}
}

// ruleList are the rules in the order the page shows them.
func ruleList() []rule {
	var all []rule
	add := func(key, title, hint, effect string, isBool bool, get func(booking.Rules) string, set func(*booking.Rules, string) error) {
		all = append(all, rule{key, title, hint, effect, get, set, isBool})
	}
	n := func(key, title, effect string, at func(*booking.Rules) *int) {
		get, set := number(at)
		add(key, title, "", effect, false, get, set)
	}
	m := func(key, title, effect string, at func(*booking.Rules) *time.Duration) {
		get, set := minutes(at)
		add(key, title, "分钟", effect, false, get, set)
	}
	d := func(key, title, effect string, at func(*booking.Rules) *time.Duration) {
		get, set := days(at)
		add(key, title, "天", effect, false, get, set)
	}
	c := func(key, title, effect string, at func(*booking.Rules) *time.Duration) {
		get, set := clock(at)
		add(key, title, "", effect, false, get, set)
	}
	b := func(key, title, effect string, at func(*booking.Rules) *bool) {
		get, set := flag(at)
		add(key, title, "", effect, true, get, set)
	}
	n("active", "每人最多同时几个预约", "约好的不受影响，之后再约按新的数", func(r *booking.Rules) *int { return &r.Active })
	n("per_service_day", "每人同一天同一业务最多几个", "约好的不受影响", func(r *booking.Rules) *int { return &r.PerServiceDay })
	n("per_day", "每人一天最多几个（0 为不限）", "约好的不受影响", func(r *booking.Rules) *int { return &r.PerDay })
	n("max_places", "一个预约最多几人", "约好的不受影响", func(r *booking.Rules) *int { return &r.MaxPlaces })
	m("book_before", "至少提前多久约", "马上按新的收", func(r *booking.Rules) *time.Duration { return &r.BookBefore })
	m("cancel_before", "开始前多久不能改和取消", "已约的也按新的算", func(r *booking.Rules) *time.Duration { return &r.CancelBefore })
	n("no_shows", "几次没到就停约（0 为不停）", "按过去的记录马上重新算", func(r *booking.Rules) *int { return &r.NoShows })
	d("no_show_window", "多长时间里算", "按过去的记录马上重新算", func(r *booking.Rules) *time.Duration { return &r.NoShowWindow })
	d("ban", "停约多久", "正在停约的也按新的算", func(r *booking.Rules) *time.Duration { return &r.Ban })
	n("exempt_age", "几岁以上不停约（按身份证号，0 为不看年龄）", "马上按新的算", func(r *booking.Rules) *int { return &r.ExemptAge })
	c("release_at", "每天几点放号（如 09:00）", "从下一次放号起", func(r *booking.Rules) *time.Duration { return &r.ReleaseAt })
	n("release_days", "放第几天的号", "变大时马上补放；变小时已放的不收回", func(r *booking.Rules) *int { return &r.ReleaseDays })
	m("hold_for", "确认时给市民留号多久", "正在留的不变", func(r *booking.Rules) *time.Duration { return &r.HoldFor })
	m("promoted_for", "候补到号后留多久", "正在留的不变", func(r *booking.Rules) *time.Duration { return &r.PromotedFor })
	n("waits", "每人最多几个候补", "已登记的不受影响", func(r *booking.Rules) *int { return &r.Waits })
	m("check_in_early", "提前多久可以取号", "马上按新的算", func(r *booking.Rules) *time.Duration { return &r.CheckInEarly })
	m("check_in_late", "迟到多久以内还算预约号", "马上按新的算", func(r *booking.Rules) *time.Duration { return &r.CheckInLate })
	n("walk_ins", "留给现场的比例（%）", "从之后放的号起", func(r *booking.Rules) *int { return &r.WalkIns })
	b("identity", "预约要填身份证号", "之后约的都要填", func(r *booking.Rules) *bool { return &r.Identity })
	b("others", "可以替别人约", "之后约的按新的", func(r *booking.Rules) *bool { return &r.Others })
	b("consent", "替别人约要说明本人同意", "之后约的按新的", func(r *booking.Rules) *bool { return &r.Consent })
	return all
}

// keysFor is which keys a phone shows for a value.
func keysFor(value, unit string) string {
	switch {
	case strings.Contains(value, ":"):
		return "text"
	case unit == "天":
		return "decimal"
	}
	return "numeric"
}

func fieldsOf(r booking.Rules) []ruleField {
	var out []ruleField
	for _, f := range ruleList() {
		out = append(out, ruleField{Key: f.key, Title: f.title, Value: f.get(r), Hint: f.hint, Mode: keysFor(f.get(r), f.hint), Bool: f.isBool})
	}
	return out
}

// rulesFrom reads the rules of a form over those in force.
func rulesFrom(value func(string) string, now booking.Rules) (booking.Rules, error) {
	for _, f := range ruleList() {
		if err := f.set(&now, value(f.key)); err != nil {
			return now, fmt.Errorf("%s：%w", f.title, err)
		}
	}
	return now, nil
}

// changesOf says what differs and what that does.
func changesOf(was, becomes booking.Rules) []ruleChange {
	var out []ruleChange
	show := func(f rule, r booking.Rules) string {
		v := f.get(r)
		switch {
		case f.isBool && v == "":
			return "否"
		case f.isBool:
			return "是"
		}
		return v + f.hint
	}
	for _, f := range ruleList() {
		if f.get(was) != f.get(becomes) {
			out = append(out, ruleChange{f.title, show(f, was), show(f, becomes), f.effect})
		}
	}
	return out
}
