package knowledge

import (
	"slices"
	"strings"
)

// Situation is a question whose answer changes what a guide says (情形导办).
type Situation struct {
	ID      string   `yaml:"id" json:"id"`
	Ask     string   `yaml:"ask" json:"ask"`
	Why     string   `yaml:"why,omitempty" json:"why,omitempty"` // to operators
	Fields  []Field  `yaml:"fields" json:"fields"`               // that depend on it
	Options []Choice `yaml:"options" json:"options"`
}

// Choice is one answer to a situation's question.
type Choice struct {
	ID    string   `yaml:"id" json:"id"`
	Label string   `yaml:"label" json:"label"`
	Hears []string `yaml:"hears,omitempty" json:"hears,omitempty"` // citizens' words that mean it
	// Says is what holds then, by field: it is told before the field itself.
	Says map[Field]string `yaml:"says,omitempty" json:"says,omitempty"`
}

// Case is which choices of a guide's situations are known, by id.
type Case map[string]string

// String is a case as a button carries it: id=choice, joined by commas.
func (c Case) String() string {
	var parts []string
	for id, choice := range c {
		parts = append(parts, id+"="+choice)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// ParseCase reads what String wrote; what it cannot read it leaves out.
func ParseCase(s string) Case {
	c := Case{}
	for _, part := range strings.Split(s, ",") {
		if id, choice, ok := strings.Cut(part, "="); ok {
			c[id] = choice
		}
	}
	return c
}

// caseOf is what a question tells of the guide's situations, over what was
// known before.
func (x *index) caseOf(g *Guide, text string, known Case) Case {
	if len(g.Situations) == 0 {
		return nil
	}
	c := Case{}
	for _, s := range g.Situations {
		if choice, ok := known[s.ID]; ok && s.choice(choice) != nil {
			c[s.ID] = choice
		}
		if heard := x.heardIn(&s, text); heard != "" {
			c[s.ID] = heard
		}
	}
	return c
}

// heardIn is the one choice of a situation that a question names; none where it
// names several.
func (x *index) heardIn(s *Situation, text string) string {
	found := ""
	for _, o := range s.Options {
		if !slices.ContainsFunc(o.Hears, func(h string) bool { return strings.Contains(text, x.fold(h)) }) {
			continue
		}
		if found != "" {
			return ""
		}
		found = o.ID
	}
	return found
}

func (s *Situation) choice(id string) *Choice {
	for i := range s.Options {
		if s.Options[i].ID == id {
			return &s.Options[i]
		}
	}
	return nil
}

// applies says whether a material is wanted in a case: one that is bound to
// nothing always is, one bound to choices of which another was taken is not.
// What is not known yet keeps it.
func (m *Material) applies(c Case) bool {
	for _, when := range m.When {
		id, choice, _ := strings.Cut(when, "=")
		if taken, known := c[id]; !known || taken == choice {
			return true
		}
	}
	return len(m.When) == 0
}

// told are what holds in a case for a field, to be said first.
func (g *Guide) told(f Field, c Case) []string {
	var lines []string
	for _, s := range g.Situations {
		if o := s.choice(c[s.ID]); o != nil && o.Says[f] != "" {
			lines = append(lines, o.Says[f])
		}
	}
	return lines
}

// open is the first situation that changes one of the fields and is not known
// yet.
func (g *Guide) open(fields []Field, c Case) *Situation {
	for i := range g.Situations {
		s := &g.Situations[i]
		if _, known := c[s.ID]; known {
			continue
		}
		if slices.ContainsFunc(fields, func(f Field) bool { return slices.Contains(s.Fields, f) }) {
			return s
		}
	}
	return nil
}

// inCase is the guide as it is in a case: with the materials that are wanted
// then, and what holds told first.
func (g *Guide) inCase(c Case) *Guide {
	if len(c) == 0 {
		return g
	}
	own := *g
	own.Materials = nil
	for _, m := range g.Materials {
		if m.applies(c) {
			own.Materials = append(own.Materials, m)
		}
	}
	return &own
}
