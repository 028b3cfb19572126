package knowledge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Type tells service guides from policy texts; they are ranked and answered
// differently.
type Type string

// The types of the contract's corpus.
const (
	TypeGuide  Type = "guide"
	TypePolicy Type = "policy"
)

// Status is where a guide stands in its life. Only Active ones answer.
type Status string

// The states.
const (
	Active    Status = "" // the default, so that a plain file needs no word for it
	Draft     Status = "draft"
	Withdrawn Status = "withdrawn"
)

// Guide is one service guide or policy text as its source words it. Dates and
// numbers keep the source's form; a field that is empty is not known, and is
// said to be not known.
type Guide struct {
	ID         string   `yaml:"id" json:"id"`
	Title      string   `yaml:"title" json:"title"`
	Aliases    []string `yaml:"aliases,omitempty" json:"aliases,omitempty"` // citizens' own words for it
	Said       []string `yaml:"said,omitempty" json:"said,omitempty"`       // how citizens tell of their case; found by, never shown
	Type       Type     `yaml:"type,omitempty" json:"type,omitempty"`       // empty: guide
	Theme      string   `yaml:"theme,omitempty" json:"theme,omitempty"`
	Area       string   `yaml:"area,omitempty" json:"area,omitempty"` // whose guide it is; empty: 东莞市
	Department string   `yaml:"department,omitempty" json:"department,omitempty"`
	Audience   []string `yaml:"audience,omitempty" json:"audience,omitempty"`
	Bookable   bool     `yaml:"bookable,omitempty" json:"bookable,omitempty"` // a hall's window can be booked for it
	Codes      Codes    `yaml:"codes,omitempty" json:"codes,omitzero"`
	Nature     string   `yaml:"nature,omitempty" json:"nature,omitempty"` // 行政许可, 行政确认 …
	Kind       string   `yaml:"kind,omitempty" json:"kind,omitempty"`     // 即办件, 承诺件
	Only       []string `yaml:"only,omitempty" json:"only,omitempty"`     // towns it is for alone, by id; empty: the whole city
	// General are the fields this guide answers where a question names nothing
	// of its own: when the halls are open.
	General []Field `yaml:"general,omitempty" json:"general,omitempty"`

	Who        string     `yaml:"who,omitempty" json:"who,omitempty"`
	Conditions Lines      `yaml:"conditions,omitempty" json:"conditions,omitempty"`
	Materials  []Material `yaml:"materials,omitempty" json:"materials,omitempty"`
	Steps      Lines      `yaml:"steps,omitempty" json:"steps,omitempty"`
	TimeLimit  string     `yaml:"time_limit,omitempty" json:"time_limit,omitempty"`
	Legally    *Days      `yaml:"legal_days,omitempty" json:"legal_days,omitempty"`
	Promised   *Days      `yaml:"promised_days,omitempty" json:"promised_days,omitempty"`
	Fee        string     `yaml:"fee,omitempty" json:"fee,omitempty"`
	Where      string     `yaml:"where,omitempty" json:"where,omitempty"`
	Hours      Lines      `yaml:"hours,omitempty" json:"hours,omitempty"`
	Online     Lines      `yaml:"online,omitempty" json:"online,omitempty"`
	Visits     Lines      `yaml:"visits,omitempty" json:"visits,omitempty"`
	Proxy      Lines      `yaml:"proxy,omitempty" json:"proxy,omitempty"`
	Result     Lines      `yaml:"result,omitempty" json:"result,omitempty"`
	Legal      Lines      `yaml:"legal,omitempty" json:"legal,omitempty"`
	Phone      []string   `yaml:"phone,omitempty" json:"phone,omitempty"`
	Complain   []string   `yaml:"complain_phone,omitempty" json:"complain_phone,omitempty"`
	Tips       Lines      `yaml:"tips,omitempty" json:"tips,omitempty"`

	Scope       string             `yaml:"scope,omitempty" json:"scope,omitempty"` // 受理范围, 通办范围
	Fees        []FeeItem          `yaml:"fees,omitempty" json:"fees,omitempty"`
	Places      []Place            `yaml:"places,omitempty" json:"places,omitempty"`
	Towns       map[string]Overlay `yaml:"towns,omitempty" json:"towns,omitempty"` // by town id, see Overlay
	VisitCount  *int               `yaml:"visit_count,omitempty" json:"visit_count,omitempty"`
	OnlineDepth string             `yaml:"online_depth,omitempty" json:"online_depth,omitempty"` // I to IV
	Channels    []Channel          `yaml:"channels,omitempty" json:"channels,omitempty"`
	Express     bool               `yaml:"express,omitempty" json:"express,omitempty"` // papers or results go by post
	PayOnline   bool               `yaml:"pay_online,omitempty" json:"pay_online,omitempty"`
	SelfService bool               `yaml:"self_service,omitempty" json:"self_service,omitempty"`
	Sample      string             `yaml:"sample,omitempty" json:"sample,omitempty"` // of the result, an address
	Remedy      string             `yaml:"remedy,omitempty" json:"remedy,omitempty"` // 行政复议, 诉讼
	FAQ         []QA               `yaml:"faq,omitempty" json:"faq,omitempty"`
	Plain       map[Field]string   `yaml:"plain,omitempty" json:"plain,omitempty"` // 白话, said before the official line
	// Formal are sentences as offices word them, beside the plain ones that say the same:
	// an answer that rests on one quotes it.
	Formal     Lines       `yaml:"formal,omitempty" json:"formal,omitempty"`
	Situations []Situation `yaml:"situations,omitempty" json:"situations,omitempty"`
	Text       string      `yaml:"text,omitempty" json:"text,omitempty"` // what stands under no label; a policy's whole text
	// Wording holds fields exactly as an imported text worded them; where
	// present it is quoted instead of a composed line.
	Wording map[Field]string `yaml:"wording,omitempty" json:"wording,omitempty"`

	Verify     []Doubt  `yaml:"verify,omitempty" json:"verify,omitempty"` // what an operator still has to check
	AsOf       string   `yaml:"as_of,omitempty" json:"as_of,omitempty"`   // when the facts held, in the source's words
	SourceIDs  []string `yaml:"source,omitempty" json:"source,omitempty"` // ids in the file's sources
	Sources    []Source `yaml:"sources,omitempty" json:"sources,omitempty"`
	Confidence string   `yaml:"confidence,omitempty" json:"confidence,omitempty"` // sourced, mixed, known, imported

	EffectiveFrom Date   `yaml:"effective_from,omitempty" json:"effective_from,omitempty"`
	EffectiveTo   Date   `yaml:"effective_to,omitempty" json:"effective_to,omitempty"` // the last day it holds
	VerifiedAt    Date   `yaml:"verified_at,omitempty" json:"verified_at,omitempty"`
	VerifiedBy    string `yaml:"verified_by,omitempty" json:"verified_by,omitempty"` // the body that checked it: citizens are told no person's name
	ReviewBy      Date   `yaml:"review_by,omitempty" json:"review_by,omitempty"`
	Status        Status `yaml:"status,omitempty" json:"status,omitempty"`
	Version       int    `yaml:"version,omitempty" json:"version,omitempty"`

	// Faults is dirt found at import and kept out of answers; lint reports it.
	Faults []Fault `yaml:"faults,omitempty" json:"faults,omitempty"`
	// Extra keeps what the source has and we have no field for.
	Extra map[string]string `yaml:"extra,omitempty" json:"extra,omitempty"`

	File string `yaml:"-" json:"-"` // where it was read from, for messages
}

// Material is one thing to bring.
type Material struct {
	Name string `yaml:"name" json:"name"`
	Note string `yaml:"note,omitempty" json:"note,omitempty"` // when it is needed, what may stand in for it

	Form      string   `yaml:"form,omitempty" json:"form,omitempty"`     // 纸质, 电子
	Source    string   `yaml:"source,omitempty" json:"source,omitempty"` // who makes it
	Original  int      `yaml:"original,omitempty" json:"original,omitempty"`
	Copies    int      `yaml:"copies,omitempty" json:"copies,omitempty"`
	Required  string   `yaml:"required,omitempty" json:"required,omitempty"` // 必要, 非必要, 容缺
	Waive     Waiver   `yaml:"waive,omitempty" json:"waive,omitempty"`
	Licence   string   `yaml:"licence,omitempty" json:"licence,omitempty"` // code of the electronic licence
	SampleURL string   `yaml:"sample_url,omitempty" json:"sample_url,omitempty"`
	When      []string `yaml:"when,omitempty" json:"when,omitempty"` // situation=choice; any of them
}

// Days is a time limit as a number, for comparing and sorting; what citizens
// read is TimeLimit.
type Days struct {
	N       int  `yaml:"n" json:"n"`
	Working bool `yaml:"working,omitempty" json:"working,omitempty"` // 工作日, otherwise calendar days
}

// Doubt is something about a guide that nobody has checked yet. Fields names
// what it touches; answers on those are worded with care.
type Doubt struct {
	Note   string  `yaml:"note" json:"note"`
	Fields []Field `yaml:"fields,omitempty" json:"fields,omitempty"`
}

// UnmarshalYAML takes a doubt written as a plain sentence too; then the
// sentence itself says which fields it touches.
func (d *Doubt) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*d = Doubt{Note: n.Value, Fields: fieldsInDoubt(n.Value)}
		return nil
	}
	type plain Doubt
	return n.Decode((*plain)(d))
}

// Source is where facts come from.
type Source struct {
	Title string `yaml:"title" json:"title"`
	URL   string `yaml:"url,omitempty" json:"url,omitempty"`

	Publisher string `yaml:"publisher,omitempty" json:"publisher,omitempty"`
	FetchedAt Date   `yaml:"fetched_at,omitempty" json:"fetched_at,omitempty"`
	// SHA256 is of the text the facts were taken from; where it is not given, of the
	// row or entry that was read in, which is what we hold.
	SHA256 string `yaml:"sha256,omitempty" json:"sha256,omitempty"`
}

// line is a source as its editors write it: its title, where it is, and the day
// it was fetched, what is not known left out.
func (s Source) line() string {
	parts := []string{s.Title}
	for _, part := range []string{s.URL, string(s.FetchedAt)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// sourceIn reads a line of an editor.
func sourceIn(line string) Source {
	var s Source
	words := strings.Fields(line)
	if n := len(words); n > 1 && Date(words[n-1]).check() == nil {
		s.FetchedAt, words = Date(words[n-1]), words[:n-1]
	}
	if n := len(words); n > 1 && (strings.HasPrefix(words[n-1], "https://") || strings.HasPrefix(words[n-1], "http://")) {
		s.URL, words = words[n-1], words[:n-1]
	}
	s.Title = strings.Join(words, " ")
	return s
}

// seal notes on each source that has no digest yet that of what was read in.
func (g *Guide) seal(held []byte) {
	sum := sha256.Sum256(held)
	digest := hex.EncodeToString(sum[:])
	for i := range g.Sources {
		if g.Sources[i].SHA256 == "" {
			g.Sources[i].SHA256 = digest
		}
	}
}

// Fault is a value that was refused at import, and why.
type Fault struct {
	Field  string `yaml:"field" json:"field"` // as the source calls it
	Value  string `yaml:"value,omitempty" json:"value,omitempty"`
	Rule   Rule   `yaml:"rule" json:"rule"`
	Reason string `yaml:"reason" json:"reason"` // to operators
}

// placeholderFault is a cell that was filled with a word for nothing.
func placeholderFault(field, value string) Fault {
	return Fault{Field: field, Value: clip(value, 80), Rule: RulePlaceholder, Reason: "是占位词，当作空"}
}

// Lines is a list of short sentences; a file may write a single one plainly.
type Lines []string

// UnmarshalYAML takes a list or a single sentence.
func (l *Lines) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*l = Lines{n.Value}
		return nil
	}
	return n.Decode((*[]string)(l))
}

// Date is a day, written 2026-11-24; empty is unknown.
type Date string

// Time is the beginning of the day in the zone, or the zero time.
func (d Date) Time(zone *time.Location) time.Time {
	if d == "" {
		return time.Time{} // most guides have no such day
	}
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (d Date) check() error {
	if d == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("%q不是 2026-11-24 这样的日期", string(d))
	}
	return nil
}

// Current tells whether the guide may answer at a moment: active, in force
// and not past its last day. The last day itself still counts.
func (g *Guide) Current(now time.Time) bool {
	if g.Status != Active {
		return false
	}
	if now.IsZero() {
		return true
	}
	if from := g.EffectiveFrom.Time(now.Location()); !from.IsZero() && now.Before(from) {
		return false
	}
	to := g.EffectiveTo.Time(now.Location())
	return to.IsZero() || now.Before(to.AddDate(0, 0, 1))
}

// Home tells whether the guide is the city's own. Guides of the province or
// of another city are imported too, and are never passed off as ours.
func (g *Guide) Home() bool { return g.Area == "" || g.Area == "东莞市" || g.Area == "东莞" }

// doubted says whether an unchecked fact touches the field.
func (g *Guide) doubted(f Field) bool {
	for _, d := range g.Verify {
		if len(d.Fields) == 0 {
			return true
		}
		for _, x := range d.Fields {
			if x == f {
				return true
			}
		}
	}
	return false
}
