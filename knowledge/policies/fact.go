package policies

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
	"guanjia/knowledge/words"
)

// Values are the values of a condition; a file may write a single one plainly.
type Values []string

// UnmarshalYAML takes a list or a single value.
func (v *Values) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*v = Values{n.Value}
		return nil
	}
	return n.Decode((*[]string)(v))
}

// Fact is something conditions read, and how it is asked for.
type Fact struct {
	ID      string   `yaml:"-"`
	Ask     string   `yaml:"ask"`
	Label   string   `yaml:"label"`
	Why     string   `yaml:"why"`
	Options []Option `yaml:"options"`
	Number  string   `yaml:"number"` // the unit, where the answer is a number
	YesNo   bool     `yaml:"yesno"`
	// Counts tells of what the number may be heard without being asked: 我们公司30人.
	Counts Counting `yaml:"counts"`
	// Scope is for whom one asks who tells the fact, where only they would.
	Scope string `yaml:"scope"`
	// HearsYes and HearsNo are words that tell it without being asked.
	HearsYes []string `yaml:"hears_yes"`
	HearsNo  []string `yaml:"hears_no"`
}

// Counting is how a number is told of something unasked: with one of these units
// behind it, and nothing else said or one of these words beside it, and none of others
// that tell of another count.
type Counting struct {
	Units []string `yaml:"units"`
	Of    []string `yaml:"of"`
	Not   []string `yaml:"not"`
}

// Option is one answer that is offered.
type Option struct {
	ID    string   `yaml:"id"`
	Text  string   `yaml:"text"`
	Hears []string `yaml:"hears"`

	said []string
}

// prepare fills in the answers of a yes-or-no fact and folds what is compared.
func (f *Fact) prepare(id string) {
	f.ID = id
	for _, of := range []*[]string{&f.Counts.Units, &f.Counts.Of, &f.Counts.Not} {
		*of = words.FoldAll(*of)
	}
	if f.YesNo {
		f.Options = []Option{{ID: "yes", Text: "是", Hears: f.HearsYes}, {ID: "no", Text: "不是", Hears: f.HearsNo}}
	}
	for i := range f.Options {
		o := &f.Options[i]
		o.said = words.FoldAll(o.Hears)
		if text := words.Fold(o.Text); utf8.RuneCountInString(text) >= 3 && f.Number == "" {
			o.said = append(o.said, text)
		}
	}
}

// hear is what folded words tell of the fact without being asked, empty if
// nothing; several options that are told are joined.
func (f *Fact) hear(said string) string {
	if f.Number != "" || f.ID != "person.identity" {
		best, longest := "", 0
		for _, o := range f.Options {
			if n := words.Affirmed(said, o.said); n > longest {
				best, longest = o.ID, n
			}
		}
		if best == "" {
			best = f.counted(said)
		}
		return best
	}
	var all []string
	for _, o := range f.Options {
		if words.Affirmed(said, o.said) > 0 {
			all = append(all, o.ID)
		}
	}
	return strings.Join(all, ",")
}

// counted is the number that folded words tell of the fact unasked, empty if none.
func (f *Fact) counted(said string) string {
	n, bare, ok := words.Count(said, f.Counts.Units...)
	if !ok || words.ContainsAny(said, f.Counts.Not) || !bare && !words.ContainsAny(said, f.Counts.Of) {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// Answer is the value that words mean as an answer to the fact's question,
// empty if none.
func (f *Fact) Answer(text string) string {
	said := words.Fold(text)
	for _, o := range f.Options {
		if said == words.Fold(o.Text) {
			return o.ID
		}
	}
	if words.Unsure(said) {
		return Unsure
	}
	if f.Number != "" {
		return f.number(said)
	}
	if v := f.hear(said); v != "" {
		return v
	}
	if f.YesNo {
		return words.YesNo(said)
	}
	return ""
}

// number reads a number with or without its unit: 20人, 一年半 in months, 三百万.
func (f *Fact) number(said string) string {
	if len([]rune(said)) > 10 || f.Number != "人" && strings.ContainsAny(said, "人名") {
		return ""
	}
	scale := 1.0
	switch {
	case f.Number == "个月" && strings.Contains(said, "年"):
		scale = 12
	case f.Number == "万元" && strings.Contains(said, "亿"):
		scale = 10_000
	case f.Number == "万元" && !strings.Contains(said, "万") && strings.Contains(said, "元"):
		scale = 0.0001
	}
	half := 0.0
	if strings.Contains(said, "半") {
		half = 0.5
	}
	rest := strings.NewReplacer("个月", "", "月", "", "年", "", "人", "", "名", "", "个", "", "岁", "", "万元", "", "万", "", "亿", "", "元", "", "%", "", "招了", "", "有", "", "大概", "", "大约", "", "左右", "", "多", "", "满", "", "半", "", "了", "", "约", "").Replace(said)
	if rest == "" && half > 0 {
		return strconv.FormatFloat(half*scale, 'f', -1, 64)
	}
	n, err := strconv.ParseFloat(rest, 64)
	if err != nil {
		var ok bool
		if n, ok = hanzi.Number(rest); !ok {
			return ""
		}
	}
	return strconv.FormatFloat((n+half)*scale, 'f', -1, 64)
}

// Show is a value as a citizen sees it.
func (f *Fact) Show(value string) string {
	if value == Unsure {
		return "不确定"
	}
	var shown []string
	for _, v := range strings.Split(value, ",") {
		for _, o := range f.Options {
			if o.ID == v || o.ID == value {
				shown = append(shown, o.Text)
				break
			}
		}
	}
	if len(shown) == 0 {
		return value + f.Number
	}
	if strings.Contains(value, ",") && len(shown) > 1 && shown[0] == shown[1] {
		shown = shown[:1]
	}
	return strings.Join(shown, "、")
}
