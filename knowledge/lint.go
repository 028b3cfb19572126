package knowledge

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Level is how grave a finding is.
type Level string

// The levels. An Error makes answers wrong, a Warning makes them doubtful, a
// Note is for the one who keeps the guides.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelNote    Level = "note"
)

// Title is what a level is called to operators.
func (l Level) Title() string {
	switch l {
	case LevelError:
		return "错误"
	case LevelWarning:
		return "警告"
	}
	return "提示"
}

// Finding is something wrong with a guide.
type Finding struct {
	File    string `json:"file,omitempty"`
	ID      string `json:"id"`
	Title   string `json:"title"`
	Field   string `json:"field"`
	Level   Level  `json:"level"`
	Rule    Rule   `json:"rule"`
	Message string `json:"message"`
}

// reviewAfter is how long a guide may go unchecked.
const reviewAfter = 180 * 24 * time.Hour

// Lint checks guides by the rules of the trade: promise within the legal
// limit and in keeping with the kind, visits with their reason and in keeping with
// what can be done on the net, fee with its basis and standard, phones that can be
// dialled, permits told in full, people and theme that agree, results with a sample,
// addresses that can be opened, nothing expired or unchecked for 180 days, no alias
// on two guides, no placeholders. Dirt that an import kept out is found again here.
// Findings are in order of guides.
func Lint(guides []Guide, now time.Time) []Finding {
	l := &linter{now: now, names: map[string][]int{}}
	for i := range guides {
		for _, n := range append([]string{guides[i].Title}, guides[i].Aliases...) {
			key := squeeze(fold(n))
			if list := l.names[key]; !slices.Contains(list, i) {
				l.names[key] = append(list, i)
			}
		}
	}
	for i := range guides {
		l.guide(guides, i)
	}
	return l.found
}

type linter struct {
	now   time.Time
	names map[string][]int
	found []Finding
	at    *Guide
}

func (l *linter) find(field string, level Level, rule Rule, format string, args ...any) {
	l.found = append(l.found, Finding{File: l.at.File, ID: l.at.ID, Title: clip(l.at.Title, 40), Field: field, Level: level, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

func (l *linter) guide(guides []Guide, i int) {
	l.at = &guides[i]
	for _, f := range l.at.check() {
		l.find(f.Field, LevelError, RuleUnusable, "%s", f.Reason)
	}
	l.dirt()
	l.duplicates(guides, i)
	l.limits()
	l.visits()
	l.money()
	l.permit()
	l.people()
	l.links()
	l.phones()
	l.dates()
	l.gaps()
}

// dirt are the faults found at import, and placeholders that came otherwise.
func (l *linter) dirt() {
	for _, f := range l.at.Faults {
		l.find(f.Field, LevelWarning, f.Rule, "%q%s", f.Value, f.Reason)
	}
	for _, f := range Fields() {
		for _, line := range l.at.lines(f) {
			if placeholder(line) {
				l.find(string(f), LevelError, RulePlaceholder, "%q只占了位置，没有内容", line)
			}
		}
	}
}

func (l *linter) duplicates(guides []Guide, i int) {
	g := l.at
	for n, name := range append([]string{g.Title}, g.Aliases...) {
		for _, other := range l.names[squeeze(fold(name))] {
			if other == i {
				continue
			}
			field := "aliases"
			if n == 0 {
				field = "title"
			}
			l.find(field, LevelWarning, RuleDuplicate, "“%s”也是 %s 的名称", name, guides[other].ID)
			break
		}
	}
}

func (l *linter) limits() {
	g := l.at
	if g.Legally != nil && g.Promised != nil && g.Promised.calendar() > g.Legally.calendar() {
		l.find("promised_days", LevelError, RulePromise, "承诺的时间比法定的还长")
	}
	for _, d := range []*Days{g.Legally, g.Promised} {
		if d != nil && d.N > 366 {
			l.find("time_limit", LevelWarning, RuleLimit, "%d天，比一年还长", d.N)
		}
	}
	switch at := g.Promised; {
	case g.Kind == "即办件" && at != nil && at.N > 0:
		l.find("kind", LevelWarning, RuleKind, "即办件，承诺却是%d天", at.N)
	case g.Kind == "承诺件" && at != nil && at.N == 0:
		l.find("kind", LevelWarning, RuleKind, "承诺0天办好，应是即办件")
	case g.Kind != "" && g.Kind != "即办件" && g.Kind != "承诺件":
		l.find("kind", LevelWarning, RuleKind, "%q不是即办件，也不是承诺件", g.Kind)
	}
	if strings.Contains(g.TimeLimit, "即办") && g.Promised != nil && g.Promised.N > 1 {
		l.find("time_limit", LevelWarning, RuleLimit, "写着即办，承诺却是%d天", g.Promised.N)
	}
}

func (l *linter) visits() {
	g := l.at
	if n := g.VisitCount; n != nil {
		post := g.Express || strings.Contains(strings.Join(g.Result, ""), "寄")
		switch {
		case *n > 0 && len(g.Visits) == 0:
			l.find("visit_count", LevelWarning, RuleVisits, "要到场%d次，没写为什么", *n)
		case *n == 0 && len(g.Online) == 0 && !post:
			l.find("visit_count", LevelWarning, RuleNoWay, "说不用到现场，却没写网上或邮寄怎么办")
		}
		if g.OnlineDepth == "IV" && *n > 0 {
			l.find("online_depth", LevelWarning, RuleDepth, "网办深度IV级，却要到场%d次", *n)
		}
	}
	none := slices.ContainsFunc(g.Visits, func(s string) bool { return strings.HasSuffix(s, "次数：0") })
	if none && len(g.Online) == 0 && !strings.Contains(strings.Join(g.Result, ""), "支持物流快递") {
		l.find("visits", LevelWarning, RuleNoWay, "说不用到现场，却没写网上或邮寄怎么办")
	}
	if none && g.Where == "" && len(g.Online) == 0 {
		l.find("where", LevelWarning, RuleNoWay, "没有办理地点，也没有网上入口")
	}
}

func (l *linter) money() {
	fee := strings.Join(l.at.lines(Fee), "")
	for _, f := range l.at.Fees {
		if f.Amount == "" || f.Basis == "" {
			l.find("fees", LevelNote, RuleFeeBasis, "“%s”没写全：标准%s，依据%s", f.Item, firstOf(f.Amount, "没有"), firstOf(f.Basis, "没有"))
		}
	}
	if fee == "" {
		return
	}
	if l.at.PayOnline && strings.HasPrefix(fee, "免费") {
		l.find("pay_online", LevelWarning, RuleFreePay, "不收费，却写着可以网上缴费")
	}
	if strings.ContainsAny(fee, "0123456789") && strings.Contains(fee, "元") && len(l.at.Legal) == 0 && len(l.at.Sources) == 0 {
		l.find("fee", LevelWarning, RuleFeeBasis, "有金额，没有依据或来源")
	}
	if strings.Contains(fee, "待核") || strings.Contains(fee, "须核") {
		l.find("fee", LevelWarning, RuleUnknownFee, "金额还没核实")
	}
}

// A permit is told in at least so many steps, and at least one question on it is
// answered.
const (
	permitSteps = 5
	permitFAQ   = 1
)

func (l *linter) permit() {
	if g := l.at; g.Nature == "行政许可" && (len(g.Steps) < permitSteps || len(g.FAQ) < permitFAQ) {
		l.find("steps", LevelNote, RulePermit, "行政许可只写了%d步、%d条问答", len(g.Steps), len(g.FAQ))
	}
}

// people: who a guide is for agrees with its theme, and what one gets has a sample.
func (l *linter) people() {
	g := l.at
	firms := slices.ContainsFunc(g.Audience, func(a string) bool {
		return strings.Contains(a, "法人") || strings.Contains(a, "企业") || strings.Contains(a, "个体") || strings.Contains(a, "组织")
	})
	persons := slices.Contains(g.Audience, "自然人")
	for _, theme := range []struct {
		word string
		fits bool
		who  string
	}{
		{"企业", firms, "企业"}, {"婚姻", persons, "个人"}, {"民政", persons, "个人"}, {"养老", persons, "个人"}, {"入学", persons, "个人"},
		{"公安户政", persons, "个人"}, {"出入境", persons, "个人"}, {"残联", persons, "个人"}, {"入户", persons, "个人"},
	} {
		if len(g.Audience) > 0 && strings.Contains(g.Theme, theme.word) && !theme.fits {
			l.find("audience", LevelWarning, RuleAudience, "主题是%s，服务对象里却没有%s", g.Theme, theme.who)
		}
	}
	if paper := strings.Join(g.Result, ""); g.Sample == "" && (strings.Contains(paper, "证") || strings.Contains(paper, "批文")) {
		l.find("sample", LevelNote, RuleSample, "办理结果没有样本")
	}
}

// links are addresses that cannot be opened: no page, another machine's own, or
// left over from a draft.
func (l *linter) links() {
	g := l.at
	check := func(field string, level Level, address string) {
		if address != "" && !opens(address) {
			l.find(field, level, RuleDeadLink, "%q打不开", clip(address, 60))
		}
	}
	for _, c := range g.Channels {
		check("channels", LevelWarning, c.URL)
	}
	for _, m := range g.Materials {
		check("materials", LevelWarning, m.SampleURL)
	}
	check("sample", LevelWarning, g.Sample)
	for _, s := range g.Sources {
		for part := range strings.SplitSeq(s.URL, "; ") {
			check("source", LevelNote, part)
		}
	}
}

// opens says whether an address can be one of a page of the net.
func opens(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip != nil {
		return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsUnspecified()
	}
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".") && !strings.ContainsAny(host, " ") &&
		!strings.HasSuffix(host, "example.com") && !strings.HasSuffix(host, ".local") && !strings.Contains(host, "xxx")
}

var dialable = regexp.MustCompile(`^(\d{3}|1\d{4}|9\d{4}|0\d{2,3}[-－—–]?(\d{7,8}|1\d{4}|9\d{4})([-－—–转]\d{1,5}){0,3}|\d{7,8}|1\d{10}|400-?\d{3}-?\d{4})$`)

func (l *linter) phones() {
	g := l.at
	for _, list := range []struct {
		field   string
		numbers []string
	}{{"phone", g.Phone}, {"complain_phone", g.Complain}} {
		for _, p := range list.numbers {
			switch {
			case !strings.ContainsAny(p, "0123456789"):
				l.find(list.field, LevelNote, RulePhone, "%q没有号码可拨", p)
			case !dialable.MatchString(p):
				l.find(list.field, LevelWarning, RulePhone, "%q拨不通", p)
			case g.Home() && p[0] == '0' && !strings.HasPrefix(p, "0769"):
				l.find(list.field, LevelWarning, RuleAreaCode, "%q不是东莞的区号0769", p)
			}
		}
	}
	if len(g.Phone) > 0 && slices.Equal(g.Phone, g.Complain) {
		l.find("complain_phone", LevelNote, RuleSamePhone, "咨询和投诉是同一个号码")
	}
	if len(g.lines(Phone)) == 0 && g.Type != TypePolicy {
		l.find("phone", LevelWarning, RuleNoPhone, "没有电话可问")
	}
}

func (l *linter) dates() {
	g := l.at
	if to := g.EffectiveTo.Time(l.now.Location()); !to.IsZero() && l.now.After(to.AddDate(0, 0, 1)) {
		l.find("effective_to", LevelError, RuleExpired, "有效期到%s，已不再用来回答", g.EffectiveTo)
	}
	if by := g.ReviewBy.Time(l.now.Location()); !by.IsZero() && l.now.After(by) {
		l.find("review_by", LevelWarning, RuleReview, "应在%s前复核", g.ReviewBy)
	}
	if at := g.VerifiedAt.Time(l.now.Location()); !at.IsZero() && l.now.Sub(at) > reviewAfter {
		l.find("verified_at", LevelWarning, RuleUnverified, "上次核实在%s，过了180天", g.VerifiedAt)
	} else if at.IsZero() && len(g.Verify) == 0 && g.Confidence != "sourced" {
		l.find("verified_at", LevelNote, RuleUnverified, "还没有人核实过，事实时点：%s", firstOf(g.AsOf, "没有写"))
	}
	if g.VerifiedBy != "" && g.checker() == "" {
		l.find("verified_by", LevelWarning, RuleUnverified, "“%s”不像单位，答复里不说：请写单位，不写人名", g.VerifiedBy)
	}
	for _, d := range g.Verify {
		l.find("verify", LevelWarning, RuleDoubt, "%s", d.Note)
	}
}

// gaps are things a citizen will ask for and the guide does not have.
func (l *linter) gaps() {
	g := l.at
	if len(g.Sources) == 0 {
		l.find("source", LevelWarning, RuleNoSource, "没有来源")
	}
	if g.AsOf == "" {
		l.find("as_of", LevelWarning, RuleNoAsOf, "没有写事实是什么时候的")
	}
	if g.Type == TypePolicy {
		if g.Text == "" {
			l.find("text", LevelError, RuleEmpty, "政策没有正文")
		}
		return
	}
	if len(g.Aliases) == 0 {
		l.find("aliases", LevelNote, RuleNoAlias, "没有日常说法，市民不好找到它")
	}
	if g.Home() && g.Codes.Item == "" {
		l.find("codes", LevelNote, RuleNoField, "还不知道实施编码")
	}
	if g.Home() && g.ReviewBy == "" {
		l.find("review_by", LevelNote, RuleNoField, "没有定下次复核的日期")
	}
	for _, f := range []Field{Materials, Steps, TimeLimit, Fee, Where, Conditions} {
		if len(g.lines(f)) == 0 && g.Text == "" {
			l.find(string(f), LevelNote, RuleNoField, "没有写%s", f.Title())
		}
	}
}

// Summary counts findings by rule, the most frequent first.
func Summary(findings []Finding) []RuleCount {
	return countRules(findings, func(f Finding) Rule { return f.Rule })
}
