// Package ways is how things get done without a queue: by post, at a machine,
// by somebody else, in another town, at the weekend, by the city itself. Each
// way answers three questions: can I do it from home, how, and if not, where.
//
// It refuses to promise what no source says: what is not known of a way stands
// in its gaps and is told as not known.
package ways

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"guanjia/knowledge/words"
)

//go:embed ways.yaml
var starter []byte

// Home is whether a thing can be done from home.
type Home string

// The answers.
const (
	Yes     Home = "yes"
	No      Home = "no"
	Depends Home = "depends" // on the matter
	Near    Home = "near"    // at a machine near by
	Auto    Home = "auto"    // nothing has to be done
)

// Words is the answer to "can I do it from home".
func (h Home) Words() string {
	switch h {
	case Yes:
		return "能"
	case No:
		return "不能"
	case Depends:
		return "看事项"
	case Near:
		return "就近办"
	case Auto:
		return "不用办"
	}
	return ""
}

// Way is one way of getting things done.
type Way struct {
	ID    string          `yaml:"id"`
	Title string          `yaml:"title"`
	Names []string        `yaml:"names"` // terms that mean this way and nothing else
	Asks  []words.Pattern `yaml:"asks"`  // how it is asked for, where no guide answers
	// Outright is how it is asked for whatever service is named beside: 公积金余额 asks
	// for no withdrawal.
	Outright  []words.Pattern `yaml:"outright"`
	Home      Home            `yaml:"home"`
	Answer    string          `yaml:"answer"`
	How       []string        `yaml:"how"`
	Otherwise string          `yaml:"otherwise"` // where to go when it cannot be
	Next      string          `yaml:"next"`      // what the citizen may say now
	Facts     []string        `yaml:"facts"`
	Guide     string          `yaml:"guide"`
	Themes    []string        `yaml:"themes"`
	Book      bool            `yaml:"book"` // a hall is gone to: an appointment is offered
	Gaps      []string        `yaml:"gaps"`
	SourceIDs []string        `yaml:"source"`
	AsOf      string          `yaml:"as_of"`

	Sources []string `yaml:"-"`
	names   []string // folded
}

// Catalogue holds the ways in order.
type Catalogue struct{ ways []*Way }

// Starter are the ways that come with the program.
func Starter() (*Catalogue, error) { return Parse(starter) }

// Parse reads ways strictly.
func Parse(raw []byte) (*Catalogue, error) {
	var f struct {
		Sources map[string]struct {
			Title string `yaml:"title"`
		} `yaml:"sources"`
		Ways []*Way `yaml:"ways"`
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("read ways: %w", err)
	}
	var faults []error
	seen := map[string]bool{}
	for _, w := range f.Ways {
		if w.ID == "" || seen[w.ID] || w.Title == "" || w.Home.Words() == "" || w.Answer == "" || len(w.How) == 0 || w.Otherwise == "" || w.AsOf == "" || len(w.SourceIDs) == 0 {
			faults = append(faults, fmt.Errorf("way %q: id, title, home, answer, how, otherwise, as_of and source are needed, once", w.ID))
		}
		seen[w.ID] = true
		w.names = words.FoldAll(w.Names)
		for _, id := range w.SourceIDs {
			s, ok := f.Sources[id]
			if !ok {
				faults = append(faults, fmt.Errorf("way %s: source %q is not among the sources", w.ID, id))
			}
			w.Sources = append(w.Sources, s.Title)
		}
	}
	return &Catalogue{f.Ways}, errors.Join(faults...)
}

// All are the ways in order.
func (c *Catalogue) All() []*Way { return c.ways }

// Way finds a way, nil if there is none of that id.
func (c *Catalogue) Way(id string) *Way {
	if i := slices.IndexFunc(c.ways, func(w *Way) bool { return w.ID == id }); i >= 0 {
		return c.ways[i]
	}
	return nil
}

// Named is the way a term in the words names, nil if none; of several the one
// told in most characters.
func (c *Catalogue) Named(text string) *Way {
	said := words.Fold(text)
	var best *Way
	longest := 0
	for _, w := range c.ways {
		if n := words.Longest(said, w.names); n > longest {
			best, longest = w, n
		}
	}
	return best
}

// Asked is the way the words ask for without naming it, nil if none.
func (c *Catalogue) Asked(text string) *Way {
	return c.fitting(text, func(w *Way) []words.Pattern { return w.Asks })
}

// Outright is the way the words ask for whatever service they name beside, nil if none.
func (c *Catalogue) Outright(text string) *Way {
	return c.fitting(text, func(w *Way) []words.Pattern { return w.Outright })
}

func (c *Catalogue) fitting(text string, patterns func(*Way) []words.Pattern) *Way {
	said := words.Fold(text)
	for _, w := range c.ways {
		if slices.ContainsFunc(patterns(w), func(p words.Pattern) bool { return p.In(said) }) {
			return w
		}
	}
	return nil
}
