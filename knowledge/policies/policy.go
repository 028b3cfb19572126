package policies

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/knowledge/words"
)

// Status is what the source says of a policy's dates.
type Status string

// The states.
const (
	Until      Status = "active_until"           // its last day is known
	Open       Status = "active_open"            // it began; no last day is known
	Undated    Status = "dates_unknown"          // nobody found its dates
	Lapsed     Status = "expired_unless_renewed" // the last day passed; no renewal was found
	Unverified Status = "unverified"             // common knowledge only
	Superseded Status = "superseded"             // another took its place
)

// Policy is one measure.
type Policy struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	For     []string `yaml:"for"` // firm, founder, person
	Aliases []string `yaml:"aliases"`
	// Tells are patterns of how it is asked for without its name.
	Tells      []words.Pattern `yaml:"tells"`
	Who        string          `yaml:"who"`
	Status     Status          `yaml:"status"`
	Logic      string          `yaml:"logic"` // any: one condition is enough; else all
	Conditions []Condition     `yaml:"conditions"`
	Benefit    string          `yaml:"benefit"`
	Apply      string          `yaml:"apply"`
	Where      string          `yaml:"where"`
	Online     []string        `yaml:"online"`
	Guide      string          `yaml:"guide"` // the service guide of its application
	Theme      string          `yaml:"theme"` // the 一件事 it belongs to
	From       string          `yaml:"from"`
	To         string          `yaml:"to"` // the last day it holds
	ApplyUntil string          `yaml:"apply_until"`
	Published  string          `yaml:"published"` // when we took it up; followers are told of it then
	Basis      []string        `yaml:"basis"`
	Old        []string        `yaml:"old"`         // earlier versions, kept as such
	ReplacedBy string          `yaml:"replaced_by"` // with Superseded
	Gaps       []string        `yaml:"gaps"`
	SourceIDs  []string        `yaml:"source"`
	AsOf       string          `yaml:"as_of"`

	Sources []string `yaml:"-"`
	File    string   `yaml:"-"`
	names   []string // folded title and aliases
}

// Condition is one rule over a fact.
type Condition struct {
	Fact  string `yaml:"fact"`
	Op    string `yaml:"op"` // == >= <= > in not_in any
	Value Values `yaml:"value"`
	// ByGender takes the place of Value where the line differs (age).
	ByGender map[string]float64 `yaml:"by_gender"`
	Text     string             `yaml:"text"` // what it asks, to citizens
	Or       []Condition        `yaml:"or"`   // any of these will do instead
}

// Profile is what is known of a firm or person, by fact. Several values of one
// fact are joined by commas; a fact that is absent or Unsure is not known.
type Profile map[string]string

// Unsure is the answer of who does not know.
const Unsure = "unsure"

// Truth is whether a condition holds.
type Truth int

// The truths.
const (
	No Truth = iota
	Unknown
	Yes
)

// Under says whether the condition holds for a profile.
func (c Condition) Under(p Profile) Truth {
	best := c.plain(p)
	for _, o := range c.Or {
		best = max(best, o.Under(p))
	}
	return best
}

func (c Condition) plain(p Profile) Truth {
	given := p[c.Fact]
	if given == "" || given == Unsure {
		return Unknown
	}
	values := strings.Split(given, ",")
	switch c.Op {
	case "in", "any", "==":
		return truth(slices.ContainsFunc(values, c.holds))
	case "not_in":
		return truth(!slices.ContainsFunc(values, c.holds))
	}
	n, err := strconv.ParseFloat(given, 64)
	if err != nil {
		return Unknown
	}
	if c.ByGender != nil {
		return c.byGender(n, p["person.gender"])
	}
	line, err := strconv.ParseFloat(c.Value[0], 64)
	if err != nil {
		return Unknown
	}
	return c.compare(n, line)
}

func (c Condition) holds(v string) bool { return slices.Contains(c.Value, v) }

func truth(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

func (c Condition) compare(n, line float64) Truth {
	switch c.Op {
	case ">=":
		return truth(n >= line)
	case "<=":
		return truth(n <= line)
	case ">":
		return truth(n > line)
	}
	return Unknown
}

// byGender compares with the line of the gender told; where none was told, it
// is known only if both lines say the same.
func (c Condition) byGender(n float64, gender string) Truth {
	if line, ok := c.ByGender[gender]; ok {
		return c.compare(n, line)
	}
	var all []Truth
	for _, line := range c.ByGender {
		all = append(all, c.compare(n, line))
	}
	if len(all) == 0 || slices.Min(all) != slices.Max(all) {
		return Unknown
	}
	return all[0]
}

// facts are the facts a condition reads.
func (c Condition) facts() []string {
	out := []string{c.Fact}
	if c.ByGender != nil {
		out = append(out, "person.gender")
	}
	for _, o := range c.Or {
		out = append(out, o.facts()...)
	}
	return out
}

// Standing is how a policy stands on a day.
type Standing struct {
	Current bool   // it may be told as in force
	Words   string // how it stands, to citizens; never empty
}

// Standing says how the policy stands.
func (p *Policy) Standing(now time.Time) Standing {
	today := now.Format(time.DateOnly)
	switch {
	case p.Status == Superseded:
		return Standing{Words: "已经被新政策取代，不再执行"}
	case p.To != "" && p.To < today:
		until := p.To
		if p.ApplyUntil >= today {
			return Standing{Words: "政策到 " + until + " 止，申请可以到 " + p.ApplyUntil + "，请先核实"}
		}
		return Standing{Words: "执行到 " + until + " 为止，没有查到延续，今年有没有请先问 12345"}
	case p.From > today:
		return Standing{Words: p.From + " 起才执行"}
	case p.Status == Lapsed:
		return Standing{Words: "往年有过，没有查到延续，今年有没有请先问 12345"}
	case p.Status == Undated:
		return Standing{Words: "起止日期没有查到（资料是" + p.AsOf + "的），申请前请先核实还在不在"}
	case p.Status == Unverified:
		return Standing{Words: "只是听说，没有查到来源，不能当准"}
	case p.To != "":
		return Standing{Current: true, Words: "现行，到 " + p.To}
	}
	return Standing{Current: true, Words: "现行，" + p.From + " 起，没有写止期"}
}

// Ends is the last day one can count on, empty if none is known.
func (p *Policy) Ends() string {
	if p.ApplyUntil > p.To {
		return p.ApplyUntil
	}
	return p.To
}

// Suits says whether the policy is for such askers; an empty scope is all.
func (p *Policy) Suits(scope string) bool {
	return scope == "" || scope == Unsure || slices.Contains(p.For, scope)
}

func (p *Policy) prepare() {
	p.names = words.FoldAll(append([]string{p.Title}, p.Aliases...))
}

func (p *Policy) check(facts map[string]Fact) error {
	if p.ID == "" || p.Title == "" || p.Benefit == "" || len(p.For) == 0 || len(p.Conditions) == 0 || p.AsOf == "" {
		return fmt.Errorf("%s: %s: id, title, for, conditions, benefit and as_of are needed", p.File, p.ID)
	}
	for _, c := range p.Conditions {
		if err := c.check(facts); err != nil {
			return fmt.Errorf("%s: %s: %w", p.File, p.ID, err)
		}
	}
	for _, d := range []string{p.From, p.To, p.ApplyUntil, p.Published} {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			return fmt.Errorf("%s: %s: %q is no day", p.File, p.ID, d)
		}
	}
	if !slices.Contains([]Status{Until, Open, Undated, Lapsed, Unverified, Superseded}, p.Status) {
		return fmt.Errorf("%s: %s: status %q is unknown", p.File, p.ID, p.Status)
	}
	if p.Status == Until && p.To == "" || p.Status == Superseded && p.ReplacedBy == "" {
		return fmt.Errorf("%s: %s: status %s without the day or policy it names", p.File, p.ID, p.Status)
	}
	return nil
}

func (c Condition) check(facts map[string]Fact) error {
	if _, ok := facts[c.Fact]; !ok {
		return fmt.Errorf("fact %q is unknown", c.Fact)
	}
	if !slices.Contains([]string{"==", ">=", "<=", ">", "in", "not_in", "any"}, c.Op) || c.Text == "" {
		return fmt.Errorf("condition on %s wants an operator and its text", c.Fact)
	}
	if len(c.Value) == 0 && c.ByGender == nil {
		return fmt.Errorf("condition on %s has no value", c.Fact)
	}
	for _, o := range c.Or {
		if err := o.check(facts); err != nil {
			return err
		}
	}
	return nil
}
