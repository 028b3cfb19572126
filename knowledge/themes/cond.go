package themes

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Answers are what the citizen told, by question; absent or Unsure is open.
type Answers map[string]string

// Truth is what holds under answers that may be incomplete.
type Truth int

// The truths, in their order: No < Maybe < Yes.
const (
	No Truth = iota
	Maybe
	Yes
)

// Cond is a condition over answers: any of its rows, of which all entries hold.
// A row names questions and the options that satisfy it. The empty condition
// always holds.
type Cond []map[string][]string

// UnmarshalYAML takes a single row or a list of rows.
func (c *Cond) UnmarshalYAML(n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		var row map[string][]string
		if err := n.Decode(&row); err != nil {
			return err
		}
		*c = Cond{row}
		return nil
	case yaml.SequenceNode:
		return n.Decode((*[]map[string][]string)(c))
	}
	return fmt.Errorf("line %d: a condition is a table or a list of tables", n.Line)
}

// Under says whether the condition holds under the answers.
func (c Cond) Under(a Answers) Truth {
	if len(c) == 0 {
		return Yes
	}
	best := No
	for _, row := range c {
		all := Yes
		for q, options := range row {
			all = min(all, answered(a[q], options))
		}
		best = max(best, all)
	}
	return best
}

func answered(given string, options []string) Truth {
	switch {
	case given == "" || given == Unsure:
		return Maybe
	case slices.Contains(options, given):
		return Yes
	}
	return No
}
