package hall

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"guanjia/bot/booking"
)

const (
	mostTuned   = 20 // of each sort are shown at once
	mostBatches = 5
	releasePath = "/hall/release"
)

// Tuned is a change of release that the control proposed or made.
type Tuned struct {
	booking.Adjustment
	ID     int64
	At     time.Time
	Status string // proposed, applied, rejected, undone
	By     string
}

// tunedRow is one with its names.
type tunedRow struct {
	Tuned
	Place, Title, State string
}

// tunedList are those of one sort.
type tunedList struct {
	Title, None string
	Rows        []tunedRow
}

// batchRow is a decision over many, with its names.
type batchRow struct {
	booking.Batch
	What string
}

// tuning is the page of the dynamic release.
type tuning struct {
	Who         Clerk
	Control     booking.Control
	Bounds      []ruleField
	Kinds       []fact
	Halls       []booking.Hall
	Words       string // that choose businesses
	Scope       booking.Scope
	Chosen      string // what the scope is, in words; empty: all
	Sum         booking.Proposals
	Comes       string // what the proposals of the scope come to
	Batches     []batchRow
	Lists       []tunedList
	Said, Wrong string
}

// kinds are what an adjustment may do, in the words of the page.
func kinds() []fact {
	return []fact{{string(booking.Reserve), "放出预留"}, {string(booking.More), "增放"}, {string(booking.Less), "暂留"}}
}

func kindOf(k booking.Kind) string {
	for _, f := range kinds() {
		if f.Name == string(k) {
			return f.Value
		}
	}
	return "全部建议"
}

func (p *Pages) releasePage(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	names := namesOf(plan)
	v := tuning{Who: who, Kinds: kinds(), Halls: plan.Halls, Words: strings.TrimSpace(r.URL.Query().Get("business"))}
	v.Said, v.Wrong = p.told(w, r)
	v.Scope = scopeOf(r.URL.Query(), groupsOf(plan))
	if v.Scope.Groups != nil && len(v.Scope.Groups) == 0 {
		v.Wrong = cmp.Or(v.Wrong, "没有名字里有“"+shortened(v.Words)+"”的业务，换几个字试试。")
	}
	if v.Scope.Kind != "" || v.Scope.Hall != "" || v.Words != "" {
		v.Chosen = scopeWords(v.Scope, names)
	}
	var all []Tuned
	if v.Control, err = p.Keeper.Control(r.Context()); err == nil {
		all, err = p.Keeper.Tuned(r.Context(), v.Scope, mostTuned)
	}
	if err == nil {
		v.Sum, err = p.Keeper.Proposals(r.Context(), v.Scope)
	}
	if err == nil {
		err = p.fillBatches(r, &v, names)
	}
	if err != nil {
		p.failed(w, "read the dynamic release", err)
		return
	}
	v.Comes, v.Bounds = comesTo(v.Sum), boundsOf(v.Control)
	v.list(all, names)
	p.render(w, http.StatusOK, "release.html", v)
}

// list parts adjustments by what is to be done about them.
func (v *tuning) list(all []Tuned, names planNames) {
	v.Lists = []tunedList{
		{Title: "号不够的，等您决定", None: "没有号不够的业务。开了之后，紧张的业务会出现在这里。"},
		{Title: "做过的", None: "还没有做过调整。"},
		{Title: "号用不完的，等您决定", None: "没有号用不完的业务。"},
	}
	for _, a := range all {
		list := &v.Lists[0]
		switch {
		case a.Status != "proposed":
			list = &v.Lists[1]
		case a.Kind == booking.Less:
			list = &v.Lists[2]
		}
		list.Rows = append(list.Rows, tunedRow{a, names.hall(a.Hall), names.group(a.Group),
			map[string]string{"proposed": "等决定", "applied": "已执行", "rejected": "没采纳", "undone": "已撤回"}[a.Status]})
	}
	for i := range v.Lists {
		if len(v.Lists[i].Rows) == mostTuned {
			v.Lists[i].Title += fmt.Sprintf("（最近的 %d 条）", mostTuned)
		}
	}
}

func (p *Pages) fillBatches(r *http.Request, v *tuning, names planNames) error {
	all, err := p.Keeper.Batches(r.Context(), mostBatches)
	for _, b := range all {
		deed := "没采纳"
		if b.Applied {
			deed = "执行了"
		}
		v.Batches = append(v.Batches, batchRow{b, fmt.Sprintf("%s %d 条（%s，%d 个号）", deed, b.Count, scopeWords(b.Scope, names), b.Places)})
	}
	return err
}

// scopeOf reads which proposals a form means; words choose all businesses whose
// names have them.
func scopeOf(form url.Values, groups []fact) booking.Scope {
	s := booking.Scope{Kind: booking.Kind(form.Get("kind")), Hall: form.Get("hall")}
	s.UpTo, _ = strconv.ParseInt(form.Get("upto"), 10, 64)
	if words := strings.TrimSpace(form.Get("business")); words != "" {
		s.Groups = []string{}
		for _, g := range matching(groups, words) {
			s.Groups = append(s.Groups, g.Name)
		}
	}
	return s
}

// scopeWords says which proposals a scope means.
func scopeWords(s booking.Scope, names planNames) string {
	business := "全部业务"
	switch n := len(s.Groups); {
	case s.Groups == nil:
	case n == 1:
		business = names.group(s.Groups[0])
	default:
		business = fmt.Sprintf("%d 项业务", n)
	}
	return kindOf(s.Kind) + "，" + names.hall(s.Hall) + "，" + business
}

// comesTo says what proposals would do.
func comesTo(v booking.Proposals) string {
	var parts []string
	for _, k := range kinds() {
		if n := v.Places[booking.Kind(k.Name)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d 个号", k.Value, n))
		}
	}
	return strings.Join(parts, "，")
}

// tuneMany shows what it would mean to carry out or reject all proposals of a
// scope, and does it when it is meant.
func (p *Pages) tuneMany(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	if err := r.ParseForm(); err != nil {
		p.refuse(w, r, releasePath, "填写的内容太长。")
		return
	}
	scope := scopeOf(r.PostForm, groupsOf(plan))
	sum, err := p.Keeper.Proposals(r.Context(), scope)
	if err != nil {
		p.failed(w, "sum up proposals", err)
		return
	}
	apply, reason := r.PostFormValue("deed") == "apply", strings.TrimSpace(r.PostFormValue("reason"))
	title, effect := "不采纳这些建议", "号不变；同样的建议当天不再提"
	if apply {
		title, effect = "执行这些建议", comesTo(sum)+"；已经约的不受影响"
	}
	v := proposed{Who: who, Title: title, To: releasePath + "/many", Back: scopePath(r.PostForm), Reason: reason, Fields: r.PostForm,
		Facts: []fact{{"范围", scopeWords(scope, namesOf(plan))}, {"建议", fmt.Sprintf("%d 条", min(sum.Count, booking.MostDecided))}}, Impact: []string{effect}}
	if sum.Count > booking.MostDecided {
		v.Impact = append(v.Impact, fmt.Sprintf("一次最多 %d 条，号不够的在前；还有 %d 条，之后再办", booking.MostDecided, sum.Count-booking.MostDecided))
	}
	sure, status := r.PostFormValue("sure") == "yes", http.StatusOK
	switch {
	case sum.Count == 0:
		p.refuse(w, r, v.Back, "这些建议已经有人处理了，或者刚更新过，请再看一遍。")
		return
	case sure && reason != "" && len([]rune(reason)) <= longestReason:
		p.settleMany(w, r, v, scope, apply)
		return
	case sure:
		v.Wrong, status = "请写明为什么，不超过 100 字。", http.StatusUnprocessableEntity
	}
	v.Fields.Del("sure")
	v.Fields.Del("reason")
	p.render(w, status, "change.html", v)
}

func (p *Pages) settleMany(w http.ResponseWriter, r *http.Request, v proposed, scope booking.Scope, apply bool) {
	b, settled, err := p.Keeper.TuneMany(r.Context(), scope, apply, v.Who.Name, v.Reason)
	switch {
	case err != nil:
		p.failed(w, "settle many adjustments", err)
		return
	case !settled:
		p.refuse(w, r, v.Back, "这些建议已经有人处理了，或者刚更新过，请再看一遍。")
		return
	}
	deed := "没有采纳"
	if apply {
		deed = "已经执行"
	}
	p.tell(w, fmt.Sprintf("%s %d 条，可以整批撤回。", deed, b.Count), "")
	http.Redirect(w, r, v.Back, http.StatusSeeOther)
}

// scopePath is the page with the scope of a form chosen.
func scopePath(form url.Values) string {
	q := url.Values{}
	for _, name := range []string{"kind", "hall", "business"} {
		if v := form.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	if len(q) == 0 {
		return releasePath
	}
	return releasePath + "?" + q.Encode()
}

// undoMany takes a decision over many back.
func (p *Pages) undoMany(w http.ResponseWriter, r *http.Request, who Clerk) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		p.refuse(w, r, releasePath, "没有这一批。")
		return
	}
	settled, err := p.Keeper.UndoMany(r.Context(), id, who.Name, "整批撤回")
	switch {
	case err != nil:
		p.failed(w, "undo many adjustments", err)
		return
	case !settled:
		p.refuse(w, r, releasePath, "这一批已经撤回了。")
		return
	}
	p.tell(w, "整批撤回了：执行过的恢复原来的号，约好的不受影响；没采纳的重新等决定。", "")
	http.Redirect(w, r, releasePath, http.StatusSeeOther)
}

// bound is how one of the control's bounds is read and written on the page.
type bound struct {
	key, title, unit string
	at               func(*booking.Control) *float64 // a share, in percent on the page
}

func bounds() []bound {
	return []bound{
		{"step", "每次增减", "% 的号", func(c *booking.Control) *float64 { return &c.Step }},
		{"low_fill", "约满率低于多少算用不完", "%", func(c *booking.Control) *float64 { return &c.LowFill }},
		{"high_fill", "约满率到多少算不够", "%", func(c *booking.Control) *float64 { return &c.HighFill }},
		{"min_kept", "至少留给现场", "% 的号", func(c *booking.Control) *float64 { return &c.MinKept }},
		{"max_kept", "最多暂留", "% 的号", func(c *booking.Control) *float64 { return &c.MaxKept }},
		{"max_over", "最多放到窗口办得过来的", "%", func(c *booking.Control) *float64 { return &c.MaxOver }},
	}
}

func boundsOf(c booking.Control) []ruleField {
	all := []ruleField{{Key: "goal", Title: "要几天内约得上", Value: strconv.Itoa(c.Goal), Hint: "天"}}
	for _, b := range bounds() {
		all = append(all, ruleField{Key: b.key, Title: b.title, Value: strconv.FormatFloat(math.Round(1000*(*b.at(&c)))/10, 'f', -1, 64), Hint: b.unit})
	}
	return all
}

// control says what the dynamic release does with what it finds, and within
// which bounds.
func (p *Pages) control(w http.ResponseWriter, r *http.Request, who Clerk) {
	c, err := p.Keeper.Control(r.Context())
	if err != nil {
		p.failed(w, "read the dynamic release", err)
		return
	}
	c.Mode = booking.Mode(r.PostFormValue("mode"))
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	if reason == "" || len([]rune(reason)) > longestReason {
		p.refuse(w, r, releasePath, "请写明为什么改，不超过 100 字。")
		return
	}
	if goal := r.PostFormValue("goal"); goal != "" {
		if c.Goal, err = strconv.Atoi(goal); err != nil {
			p.refuse(w, r, releasePath, "要几天内约得上，写一个整数。")
			return
		}
	}
	for _, b := range bounds() {
		written := strings.TrimSpace(r.PostFormValue(b.key))
		percent, err := strconv.ParseFloat(cmp.Or(written, "0"), 64)
		if err != nil {
			p.refuse(w, r, releasePath, b.title+"，写一个数。")
			return
		}
		if written != "" {
			*b.at(&c) = percent / 100
		}
	}
	if err := c.Validate(); err != nil {
		p.refuse(w, r, releasePath, strings.ReplaceAll(err.Error(), "\n", "；")+"。")
		return
	}
	if err := p.Keeper.SaveControl(r.Context(), c, who.Name, reason); err != nil {
		p.failed(w, "save the control", err)
		return
	}
	p.tell(w, "已经改好，从下一个十分钟起。", "")
	http.Redirect(w, r, releasePath, http.StatusSeeOther)
}

// tune carries a proposal out, rejects it, or takes back what was done.
func (p *Pages) tune(w http.ResponseWriter, r *http.Request, who Clerk) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	deed := r.PostFormValue("deed")
	words := map[string]string{"apply": "已经执行。", "reject": "没有采纳，当天不再提同样的。", "undo": "已经撤回，约好的不受影响。"}
	if err != nil || words[deed] == "" {
		p.refuse(w, r, releasePath, "没有这一条。")
		return
	}
	back := scopePath(r.PostForm)
	settled, err := p.Keeper.Tune(r.Context(), id, deed, who.Name)
	switch {
	case err != nil:
		p.failed(w, "settle an adjustment", err)
		return
	case !settled:
		p.refuse(w, r, back, "这一条已经有人处理了。")
		return
	}
	p.tell(w, words[deed], "")
	http.Redirect(w, r, back, http.StatusSeeOther)
}
