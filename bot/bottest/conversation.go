// Package bottest plays whole conversations against the real engine and says
// where they went another way than expected. A conversation is a YAML file of
// cases; each case is what people say, step by step, and what must come of it.
//
// It refuses to stand in for the engine or the store: a Driver gives it the
// real ones, fresh for every case.
package bottest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
)

// File is a file of conversations.
type File struct {
	Name  string `yaml:"-"`
	Cases []Case `yaml:"test_cases"`
}

// Case is one conversation.
type Case struct {
	Name  string    `yaml:"name"`
	Tags  []string  `yaml:"tags"` // rows of the behaviour table: B3
	Now   time.Time `yaml:"now"`  // the clock's start
	Given Given     `yaml:"fixtures"`
	Steps []Step    `yaml:"steps"`
}

// Given is what holds before the conversation begins.
type Given struct {
	// Full are openings that somebody else has filled.
	Full []Place `yaml:"full"`
}

// Place names openings; an empty field names all.
type Place struct {
	Service string `yaml:"service"`
	Hall    string `yaml:"hall"`
	Date    string `yaml:"date"`
	Time    string `yaml:"time"`
}

// Step is one thing somebody says or does, with what must come of it.
type Step struct {
	User    *string     `yaml:"user"`
	Event   string      `yaml:"event"` // as in chat --json; image:photo sends a picture
	Advance string      `yaml:"advance"`
	Citizen string      `yaml:"citizen"`
	Channel bot.Channel `yaml:"channel"`
	Choose  int         `yaml:"choose"` // taps the n-th option of the last reply
	// Work is what somebody who deals with tickets does.
	Work *Work `yaml:"work"`
	// Switch is what an administrator does to a switch with two keys.
	Switch *Flip `yaml:"switch"`
	// Taken are openings others fill before this step.
	Taken []Place `yaml:"taken"`
	// Fault goes wrong during this step: commit (the first commit of the turn
	// fails), lost (it holds but says that it failed), slow (understanding
	// takes half a second), raced (others take the openings in Taken after
	// the turn has looked and before it commits).
	Fault  string   `yaml:"fault"`
	Expect []Expect `yaml:"expect"`
	Line   int      `yaml:"-"`
}

// Work is one step on a ticket by a department, a town, a village, social
// workers or the centre.
type Work struct {
	As        string  `yaml:"as"`     // a body as ticket.ParseBody reads it; empty: the centre
	Ticket    int     `yaml:"ticket"` // which, in the order of filing; 0: the first
	Do        string  `yaml:"do"`     // the action's name
	Words     string  `yaml:"words"`
	To        string  `yaml:"to"`    // dispatch: a body
	Until     string  `yaml:"until"` // extension: a date
	Into      int     `yaml:"into"`  // merge: which ticket
	Sort      string  `yaml:"sort"`  // a category's id
	Claim     int     `yaml:"claim"` // which claim on the ticket's wish, from 1: do is confirm, deliver or release
	Thanks    string  `yaml:"thanks"`
	Word      int     `yaml:"word"` // which word between the two sides of the wish, from 1: do is pass or keep
	Amount    float64 `yaml:"amount"`
	Way       string  `yaml:"way"`       // match, skip: policy, fund
	Finding   string  `yaml:"finding"`   // match: none, part, met
	Satisfied string  `yaml:"satisfied"` // yes, unreached
}

// Flip is one step on a switch: the one proposed last.
type Flip struct {
	By     string     `yaml:"by"`
	Do     string     `yaml:"do"` // propose, approve, refuse, end
	Kind   string     `yaml:"kind"`
	Topic  bot.Intent `yaml:"topic"`
	Text   string     `yaml:"text"`
	TextEN string     `yaml:"text_en"`
	For    string     `yaml:"for"` // how long it holds, a Go duration
}

// UnmarshalYAML keeps the line a step stands on, for messages.
func (s *Step) UnmarshalYAML(n *yaml.Node) error {
	type plain Step
	if err := knownKeys(n, reflect.TypeFor[Step]()); err != nil {
		return err
	}
	if err := n.Decode((*plain)(s)); err != nil {
		return err
	}
	s.Line = n.Line
	return nil
}

// UnmarshalYAML refuses what cannot be expected.
func (e *Expect) UnmarshalYAML(n *yaml.Node) error {
	type plain Expect
	if err := knownKeys(n, reflect.TypeFor[Expect]()); err != nil {
		return err
	}
	return n.Decode((*plain)(e))
}

// knownKeys refuses keys a type has no field for: decoding a node by itself
// forgets the decoder's strictness.
func knownKeys(n *yaml.Node, t reflect.Type) error {
	known := map[string]bool{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		known[name] = true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !known[key.Value] {
			return fmt.Errorf("line %d: key %q is unknown", key.Line, key.Value)
		}
	}
	return nil
}

// Expect is one thing that must hold after a step. Exactly one field is set.
type Expect struct {
	Says      string            `yaml:"says"` // stands in some reply
	SaysOnce  string            `yaml:"says_once"`
	SaysNot   string            `yaml:"says_not"` // stands in none
	Offers    string            `yaml:"offers"`   // stands in some option
	Silent    bool              `yaml:"silent"`   // nothing is said
	Intent    bot.Intent        `yaml:"intent"`
	Decision  bot.Decision      `yaml:"decision"`
	Flow      bot.Intent        `yaml:"flow"`
	Slots     map[string]string `yaml:"slots"`     // these values
	Unset     []string          `yaml:"unset"`     // these slots are empty
	Did       string            `yaml:"did"`       // the command was carried out: set_slot(date)
	DidNot    string            `yaml:"did_not"`   // it was not
	Handling  bot.Handling      `yaml:"handling"`  // who answers now
	Cites     string            `yaml:"cites"`     // a citation begins so
	Count     map[string]int    `yaml:"count"`     // how many records of a kind there are
	Record    *Record           `yaml:"record"`    // some record is so
	Proactive bool              `yaml:"proactive"` // something was said of our own accord
	Refused   string            `yaml:"refused"`   // the work was refused with these words
}

// Record is a record as list shows it.
type Record struct {
	Kind string            `yaml:"kind"` // appointments, tickets, handoffs
	Has  map[string]string `yaml:"has"`
}

// Parse reads a file strictly: an unknown key is an error.
func Parse(name string, raw []byte) (File, error) {
	f := File{Name: name}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	for i, c := range f.Cases {
		if c.Name == "" || len(c.Steps) == 0 {
			return f, fmt.Errorf("%s: case %d needs a name and steps", name, i+1)
		}
	}
	return f, nil
}
