package knowledge

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
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

// Finding is something wrong with a guide.
type Finding struct {
	File    string `json:"file,omitempty"`
	ID      string `json:"id"`
	Field   string `json:"field"`
	Level   Level  `json:"level"`
	Rule    string `json:"rule"` // a short stable name of the rule
	Message string `json:"message"`
}

// reviewAfter is how long a guide may go unchecked.
const reviewAfter = 180 * 24 * time.Hour

// Lint checks guides by the rules of the trade: promise within the legal
// limit, fee with its basis, phones that can be dialled, nothing expired or
// unchecked for 180 days, no alias on two guides, no placeholders. Dirt that
// an import kept out is found again here. Findings are in order of guides.
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

func (l *linter) find(field string, level Level, rule, format string, args ...any) {
	l.found = append(l.found, Finding{File: l.at.File, ID: l.at.ID, Field: field, Level: level, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

func (l *linter) guide(guides []Guide, i int) {
	l.at = &guides[i]
	for _, f := range l.at.check() {
		l.find(f.Field, LevelError, "unusable", "%s", f.Reason)
	}
	l.dirt()
	l.duplicates(guides, i)
	l.limits()
	l.visits()
	l.money()
	l.phones()
	l.dates()
	l.gaps()
}

// dirt are the faults found at import, and placeholders that came otherwise.
func (l *linter) dirt() {
	for _, f := range l.at.Faults {
		rule := "refused-value"
		switch {
		case strings.HasPrefix(f.Reason, "placeholder"):
			rule = "placeholder"
		case strings.Contains(f.Reason, "promise is longer"):
			rule = "promise-over-legal"
		case strings.Contains(f.Reason, "phone"), strings.Contains(f.Reason, "made-up number"):
			rule = "phone"
		case strings.Contains(f.Reason, "area code"):
			rule = "area-code"
		}
		level := LevelWarning
		if rule == "placeholder" {
			level = LevelNote
		}
		l.find(f.Field, level, rule, "%q %s", f.Value, f.Reason)
	}
	for _, f := range Fields() {
		for _, line := range l.at.lines(f) {
			if placeholder(line) {
				l.find(string(f), LevelError, "placeholder", "%q fills the field and says nothing", line)
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
			l.find(field, LevelWarning, "duplicate-name", "%q is a name of %s too", name, guides[other].ID)
			break
		}
	}
}

func (l *linter) limits() {
	g := l.at
	if g.Legally != nil && g.Promised != nil && g.Promised.calendar() > g.Legally.calendar() {
		l.find("promised_days", LevelError, "promise-over-legal", "the promise is longer than the legal limit")
	}
	for _, d := range []*Days{g.Legally, g.Promised} {
		if d != nil && d.N > 366 {
			l.find("time_limit", LevelWarning, "odd-limit", "%d days are longer than a year", d.N)
		}
	}
	if strings.Contains(g.TimeLimit, "即办") && g.Promised != nil && g.Promised.N > 1 {
		l.find("time_limit", LevelWarning, "at-once", "said to be done at once with a promise of %d days", g.Promised.N)
	}
}

func (l *linter) visits() {
	g := l.at
	none := slices.ContainsFunc(g.Visits, func(s string) bool { return strings.HasSuffix(s, "次数：0") })
	if none && len(g.Online) == 0 && !strings.Contains(strings.Join(g.Result, ""), "支持物流快递") {
		l.find("visits", LevelWarning, "no-way", "no visit is needed and no way online or by post is named")
	}
	if none && g.Where == "" && len(g.Online) == 0 {
		l.find("where", LevelWarning, "no-way", "neither a place nor a way online")
	}
}

func (l *linter) money() {
	fee := strings.Join(l.at.lines(Fee), "")
	if fee == "" {
		return
	}
	if strings.ContainsAny(fee, "0123456789") && strings.Contains(fee, "元") && len(l.at.Legal) == 0 && len(l.at.Sources) == 0 {
		l.find("fee", LevelWarning, "fee-basis", "an amount without a legal basis or source")
	}
	if strings.Contains(fee, "待核") || strings.Contains(fee, "须核") {
		l.find("fee", LevelWarning, "unknown-fee", "the amount is still to be checked")
	}
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
				l.find(list.field, LevelNote, "phone", "%q is not a number to dial", p)
			case !dialable.MatchString(p):
				l.find(list.field, LevelWarning, "phone", "%q cannot be dialled", p)
			case g.Home() && p[0] == '0' && !strings.HasPrefix(p, "0769"):
				l.find(list.field, LevelWarning, "area-code", "%q is not in the city's area, 0769", p)
			case regexp.MustCompile(`^0\d{2,3}-?1[12]\d{3}`).MatchString(p):
				l.find(list.field, LevelNote, "area-code", "%q has an area code before a short number", p)
			}
		}
	}
	if len(g.Phone) > 0 && slices.Equal(g.Phone, g.Complain) {
		l.find("complain_phone", LevelNote, "same-phone", "consulting and complaining have the same number")
	}
	if len(g.lines(Phone)) == 0 && g.Type != TypePolicy {
		l.find("phone", LevelWarning, "no-phone", "no number to ask")
	}
}

func (l *linter) dates() {
	g := l.at
	if to := g.EffectiveTo.Time(l.now.Location()); !to.IsZero() && l.now.After(to.AddDate(0, 0, 1)) {
		l.find("effective_to", LevelError, "expired", "no longer in force since %s; it does not answer", g.EffectiveTo)
	}
	if by := g.ReviewBy.Time(l.now.Location()); !by.IsZero() && l.now.After(by) {
		l.find("review_by", LevelWarning, "review-due", "was to be reviewed by %s", g.ReviewBy)
	}
	switch at := g.VerifiedAt.Time(l.now.Location()); {
	case at.IsZero():
		l.find("verified_at", LevelNote, "unverified", "nobody has checked it; as of %s", firstOf(g.AsOf, "an unknown time"))
	case l.now.Sub(at) > reviewAfter:
		l.find("verified_at", LevelWarning, "unverified", "last checked on %s, more than 180 days ago", g.VerifiedAt)
	}
	for _, d := range g.Verify {
		l.find("verify", LevelNote, "doubt", "still to be checked: %s", d.Note)
	}
}

// gaps are things a citizen will ask for and the guide does not have.
func (l *linter) gaps() {
	g := l.at
	if len(g.Sources) == 0 {
		l.find("source", LevelWarning, "no-source", "no source")
	}
	if g.AsOf == "" {
		l.find("as_of", LevelWarning, "no-as-of", "not said when the facts held")
	}
	if g.Type == TypePolicy {
		if g.Text == "" {
			l.find("text", LevelError, "empty", "a policy without text")
		}
		return
	}
	if len(g.Aliases) == 0 {
		l.find("aliases", LevelNote, "no-alias", "no everyday name; citizens will not find it")
	}
	for _, f := range []Field{Materials, Steps, TimeLimit, Fee, Where, Conditions} {
		if len(g.lines(f)) == 0 && g.Text == "" {
			l.find(string(f), LevelNote, "no-field", "nothing on %s", f.Title())
		}
	}
}

// Summary counts findings by rule, the most frequent first.
func Summary(findings []Finding) []RuleCount {
	counts := map[string]int{}
	for _, f := range findings {
		counts[f.Rule]++
	}
	out := make([]RuleCount, 0, len(counts))
	for rule, n := range counts {
		out = append(out, RuleCount{rule, n})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].N > out[j].N || out[i].N == out[j].N && out[i].Rule < out[j].Rule })
	return out
}

// RuleCount is how often a rule was broken.
type RuleCount struct {
	Rule string `json:"rule"`
	N    int    `json:"n"`
}
