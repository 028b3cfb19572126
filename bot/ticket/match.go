package ticket

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
)

// Way is one of the ways a need can be met.
type Way string

// The ways.
const (
	WayPolicy Way = "policy" // what is there by law
	WayFund   Way = "fund"   // the charity fund
	WayClaim  Way = "claim"  // neighbours and firms, by the public list
)

// Title names a way.
func (w Way) Title() string {
	return map[Way]string{WayPolicy: "现行政策", WayFund: "慈善资金", WayClaim: "社会认领"}[w]
}

// Name is a way as a citizen reads it.
func (w Way) Name(l bot.Language) string {
	en := map[Way]string{WayPolicy: "present policies", WayFund: "charity fund", WayClaim: "public claiming"}[w]
	return l.Say(w.Title(), en)
}

// Finding is what going a way came to.
type Finding string

// The findings.
const (
	Unmet    Finding = "none"    // there is nothing for this need
	Partly   Finding = "part"    // it helps, not with all of it
	Met      Finding = "met"     // nothing more is needed
	Skipped  Finding = "skipped" // passed over, with a reason
	Underway Finding = "open"    // of claiming: the wish is public
)

// Title says what was found.
func (f Finding) Title() string {
	return map[Finding]string{Unmet: "没有能帮上的", Partly: "能帮一部分", Met: "够了", Skipped: "跳过", Underway: "正在公开认领"}[f]
}

// Tried is a way that was gone. Why is told by the step of that moment.
type Tried struct {
	Way     Way       `json:"way"`
	Finding Finding   `json:"finding"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// MatchRules say how help is matched; data, like all limits.
type MatchRules struct {
	Order   []Way  `json:"order"`   // where money or things are needed
	Service []Way  `json:"service"` // where hands and company are: no fund is asked for what costs nothing
	Ahead   []Way  `json:"ahead"`   // what an immediate need need not wait its turn for
	Skip    []Role `json:"skip"`    // who may pass a way over, with a reason
	Publish []Role `json:"publish"` // who may put a wish on the public list
}

// standardMatch is the order of 民生大莞家: present policy, the charity fund,
// social claiming. Who is in immediate need gets money first; the policies are
// looked at before the answer all the same.
func standardMatch() MatchRules {
	return MatchRules{
		Order: []Way{WayPolicy, WayFund, WayClaim}, Service: []Way{WayPolicy, WayClaim}, Ahead: []Way{WayFund},
		Skip: []Role{RoleCentre, RoleTown}, Publish: []Role{RoleCentre, RoleTown, RoleVillage, RoleSocial},
	}
}

// check says what is wrong with rules somebody wrote.
func (m MatchRules) check() error {
	for name, ways := range map[string][]Way{"order": m.Order, "service": m.Service, "ahead": m.Ahead} {
		seen := map[Way]bool{}
		for _, w := range ways {
			if w.Title() == "" || seen[w] {
				return fmt.Errorf("match: %s names %q, which is no way or stands there twice", name, w)
			}
			seen[w] = true
		}
	}
	if len(m.Order) == 0 || len(m.Service) == 0 {
		return fmt.Errorf("match: order and service must name a way")
	}
	for name, roles := range map[string][]Role{"skip": m.Skip, "publish": m.Publish} {
		if len(roles) == 0 {
			return fmt.Errorf("match: %s must name a role", name)
		}
		for _, r := range roles {
			if !slices.Contains([]Role{RoleCentre, RoleTown, RoleVillage, RoleSocial, RoleDepartment}, r) {
				return fmt.Errorf("match: %s names %q, who does not deal with help", name, r)
			}
		}
	}
	return nil
}

// OrderFor are the ways for a request, in the order they are gone; none for
// public works, which are the town's own to plan and pay.
func (m MatchRules) OrderFor(t Ticket) []Way {
	if t.Works || t.Category == NeedWorks {
		return nil
	}
	if NeedByID(t.Category).Service && t.Amount == 0 {
		return m.Service
	}
	return m.Order
}

// Found is what a way came to; its zero where it was not gone.
func (t Ticket) Found(w Way) Tried {
	for _, v := range t.Life.Tried {
		if v.Way == w {
			return v
		}
	}
	return Tried{}
}

// NextWay is the first that was not gone; empty where all were, or one has
// met the need.
func (t Ticket) NextWay(m MatchRules) Way {
	for _, w := range m.OrderFor(t) {
		switch t.Found(w).Finding {
		case "":
			return w
		case Met:
			return ""
		}
	}
	return ""
}

// inTurn refuses a way before those that come first were gone.
func inTurn(t Ticket, w Way, m MatchRules) *Refusal {
	order := m.OrderFor(t)
	at := slices.Index(order, w)
	if at < 0 {
		return refused("这一类求助不走"+w.Title()+"。", "%s is no way for it", w)
	}
	if t.Urgency != Normal && slices.Contains(m.Ahead, w) {
		return nil
	}
	for _, first := range order[:at] {
		switch t.Found(first).Finding {
		case "":
			return refused("按顺序先看"+first.Title()+"，记下结果再走"+w.Title()+"；不适用的由镇街或中心写明理由跳过。", "%s was not gone before %s", first, w)
		case Met:
			return refused(first.Title()+"已经够了，不用再走"+w.Title()+"。", "%s met the need", first)
		}
	}
	return nil
}

// mayMatch: one way after the other; of claiming the public list tells itself.
func mayMatch(t Ticket, c Command, r Rules) *Refusal {
	switch {
	case t.Kind != Help:
		return helpOnly(t, c, r)
	case !slices.Contains([]Finding{Unmet, Partly, Met}, c.Finding):
		return refused("请选结果：没有能帮上的、能帮一部分或够了。", "no finding")
	case c.Way == WayClaim && c.By.Role != RoleBot:
		return refused("公开认领的结果由认领情况决定。", "claiming is told by the list")
	case c.Way == WayClaim:
		return nil
	}
	return inTurn(t, c.Way, r.Limits.Match)
}

// maySkip: by whom the rules name, never out of turn.
func maySkip(t Ticket, c Command, r Rules) *Refusal {
	switch {
	case t.Kind != Help:
		return helpOnly(t, c, r)
	case !slices.Contains(r.Limits.Match.Skip, c.By.Role):
		return refused("跳过一步要由镇街或 12345 中心决定。", "%s may not skip", c.By.Role)
	case t.Found(c.Way).Finding != "":
		return refused(c.Way.Title()+"已经看过了。", "%s was gone", c.Way)
	}
	return inTurn(t, c.Way, r.Limits.Match)
}

// mayPublish: what the household may stand for in public, once a person of the
// town has taken it on and the ways before have been gone.
func mayPublish(t Ticket, c Command, r Rules) *Refusal {
	m := r.Limits.Match
	switch {
	case t.Kind != Help:
		return helpOnly(t, c, r)
	case !slices.Contains(m.Publish, c.By.Role):
		return refused("公开认领由镇街、村（社区）或社工决定。", "%s may not publish", c.By.Role)
	case keptPrivate(t, r.Limits) != "":
		return refused("这一件不能公开："+keptPrivate(t, r.Limits)+"。", "not claimable")
	case t.Life.AdmittedAt.IsZero():
		return refused("还没有反馈受理意见，也没有联系过，先联系再公开。", "nobody has spoken with the household")
	case t.Found(WayClaim).Finding == Underway:
		return refused("已经在公开认领了。", "public already")
	case t.Found(WayClaim).Finding == Met:
		return refused("心愿已经实现了。", "fulfilled")
	}
	return inTurn(t, WayClaim, m)
}

// keptPrivate says why a request never stands on the public list; empty where
// it may.
func keptPrivate(t Ticket, l Limits) string {
	switch {
	case len(l.Match.OrderFor(t)) == 0:
		return "是便民小工程，由镇街办"
	case Claimable(t, l):
		return ""
	case t.Confidential || t.Anonymous:
		return "要求保密"
	case t.Urgency != Normal:
		return "是急件，直接办"
	case t.Amount > l.Bands.Joint:
		return "金额太大，由联席会议定"
	}
	return "不是旁人帮得上的事"
}

// found keeps what a way came to, in the place of what it came to before.
func found(t *Ticket, w Way, f Finding, by Actor, at time.Time) {
	t.Life.Tried = slices.DeleteFunc(slices.Clone(t.Life.Tried), func(v Tried) bool { return v.Way == w })
	t.Life.Tried = append(t.Life.Tried, Tried{Way: w, Finding: f, By: by.signature(), At: at})
}

func matched(t *Ticket, c Command, _ Rules) { found(t, c.Way, c.Finding, c.By, c.At) }

func skipped(t *Ticket, c Command, _ Rules) { found(t, c.Way, Skipped, c.By, c.At) }

func published(t *Ticket, c Command, _ Rules) { found(t, WayClaim, Underway, c.By, c.At) }

// paid notes the money, and that the fund was gone by it.
func paid(t *Ticket, c Command, _ Rules) {
	t.Life.Paid += c.Amount
	f := Partly
	if t.Amount == 0 || t.Life.Paid >= t.Amount {
		f = Met
	}
	found(t, WayFund, f, c.By, c.At)
}

// hidden takes a household out of public sight for good.
func hidden(t *Ticket, c Command, _ Rules) {
	t.Confidential = true
	if t.Found(WayClaim).Finding == Underway {
		found(t, WayClaim, Skipped, c.By, c.At)
	}
}

// WishOf is a request as the public list shows it: what is still needed, in
// our words.
func WishOf(t Ticket, names Names, at time.Time) Wish {
	left := max(0, t.Amount-t.Life.Paid)
	return Wish{
		Number: t.Number, Town: t.Town, Category: t.Category, Needs: IDs(Shared(NeedsIn(t))), Amount: left, Status: WishOpen, CreatedAt: at, OpenSince: at,
		Text: WishText(names.Towns[t.Town], NeedsIn(t), t.Text.Reveal(), left),
	}
}

// Stage is a way with how far it has been gone and what speaks for it.
type Stage struct {
	Way    Way
	Tried  Tried
	Points []string // what whoever goes it should know
	Next   bool     // the one to go now
}

// Stages are how a request for help is matched, in order, and where it stands.
// pool are those in the donors' pool whom it fits.
func Stages(t Ticket, l Limits, pool []Offer) []Stage {
	next := t.NextWay(l.Match)
	if !t.Open() || next == WayClaim && keptPrivate(t, l) != "" {
		next = "" // nothing more is gone
	}
	var out []Stage
	for _, w := range l.Match.OrderFor(t) {
		s := Stage{Way: w, Tried: t.Found(w), Next: w == next}
		switch w {
		case WayPolicy:
			s.Points = policyPoints(t)
		case WayFund:
			s.Points = []string{fundPoint(t, l)}
		case WayClaim:
			s.Points = claimPoints(t, l, pool)
		}
		out = append(out, s)
	}
	return out
}

func policyPoints(t Ticket) []string {
	var out []string
	for _, s := range Suggest(t.Text.Reveal() + "\n" + NeedByID(t.Category).Name) {
		out = append(out, s.Policy.Name+"："+s.Why())
	}
	if len(out) == 0 {
		out = append(out, "按所说的情况没有对得上的，核查时再问")
	}
	return out
}

func fundPoint(t Ticket, l Limits) string {
	if t.Life.Paid > 0 {
		return "已拨付 " + yuan(t.Life.Paid) + " 元"
	}
	switch BandOf(t.Amount, l.Bands) {
	case BandDirect:
		return "不超过 " + yuan(l.Bands.Direct) + " 元，村（社区）直接办"
	case BandVerify:
		return "超过 " + yuan(l.Bands.Direct) + " 元，先核查再拨付"
	case BandJoint:
		return "超过 " + yuan(l.Bands.Joint) + " 元，核查后开联席会议"
	}
	return "金额还不清楚，先核查"
}

func claimPoints(t Ticket, l Limits, pool []Offer) []string {
	if keptPrivate(t, l) != "" {
		return nil // Private says why
	}
	near := 0
	for _, o := range pool {
		if o.Town == t.Town {
			near++
		}
	}
	out := []string{"公开只写镇街、类别、要什么和大概金额，不写姓名、电话和地址"}
	if len(pool) > 0 {
		out = append(out, fmt.Sprintf("爱心资源库有 %d 位登记过能帮这件事，本镇街 %d 位；没人认领满 %s会问他们", len(pool), near, l.Claim.Ask.Title()))
	}
	return out
}

// State is how far a way has been gone, as the household reads it.
func (s Stage) State(t Ticket, r Rules, l bot.Language) string {
	if s.Way == WayClaim && s.Tried.Finding == "" {
		return Private(t, r, l)
	}
	switch s.Tried.Finding {
	case Underway:
		until := r.Clock.After(s.Tried.At, r.Limits.Claim.Wait)
		return l.Say("正在公开请人认领，"+until.Format("1月2日 15:04")+"前没人认领由镇街继续办", "public since "+s.Tried.At.In(bot.Shanghai()).Format("01-02 15:04"))
	case Unmet:
		return l.Say("看过了，没有能帮上的", "looked at, nothing fits")
	case Partly:
		return l.Say("看过了，能帮一部分", "helps with a part")
	case Met:
		return l.Say("能解决", "meets the need")
	case Skipped:
		return l.Say("这一步不用走", "passed over")
	}
	if s.Next && !t.Life.Holder.Centre() {
		return l.Say(r.Names.Body(t.Life.Holder)+"在看", "being looked at")
	}
	return l.Say("还没到这一步", "not yet")
}

// Private says why a wish is not, or not yet, public; empty where it is.
func Private(t Ticket, r Rules, l bot.Language) string {
	if why := keptPrivate(t, r.Limits); why != "" {
		return l.Say("不公开："+why, "not made public")
	}
	if t.Found(WayClaim).Finding == Underway {
		return ""
	}
	var first []string
	for _, w := range r.Limits.Match.OrderFor(t) {
		f := t.Found(w).Finding
		if f == Met {
			return l.Say("不用公开，"+w.Title()+"能解决", "not needed")
		}
		if w != WayClaim && f == "" {
			first = append(first, w.Title())
		}
	}
	if len(first) > 0 {
		return l.Say("还没公开，先看"+strings.Join(first, "和"), "not public yet: present policies and the fund come first")
	}
	return l.Say("还没公开，等社工核对", "not public yet: a worker looks at it first")
}

// WayOf is which way a step of matching or of passing over went and what that came
// to: 现行政策，能帮一部分. Empty for any other step. A way is gone once, so what was
// kept of it at the time of the step is of that step.
func (t Ticket) WayOf(s Step) string {
	if s.Action != DoMatch && s.Action != DoSkip {
		return ""
	}
	for _, v := range t.Life.Tried {
		if v.By == s.By && (v.Finding == Skipped) == (s.Action == DoSkip) && v.At.Sub(s.At).Abs() < time.Second {
			return v.Way.Title() + "，" + v.Finding.Title()
		}
	}
	return ""
}
