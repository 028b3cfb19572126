// Package examples holds the labelled utterances the intent classifier learns
// from, one YAML file an intent, and reads such files.
//
//	intent: book_appointment
//	examples:
//	  - 我想预约办居住证
//	  - {text: 我想約聽日去莞城辦身份證, lang: yue, author: elder}
//	held:
//	  - 帮我妈约个号
//
// What stands under held, or in a file of the folder held or of one within it
// (one a hand), is kept for scoring and never learnt from. Under phrasings, in
// the folder of that name, a line makes several utterances (see uttered); kind
// says what sort of emergency all of a file are. What is labelled Calm is no
// intent. The package refuses what would spoil either: empty and
// repeated utterances, one utterance under two intents, one both learnt and
// held, unknown keys. It neither trains nor scores.
package examples

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// Calm is what utterances are labelled that only sound like an emergency,
// whatever else is wanted. It is learnt to tell emergencies by and is no intent:
// Intents leaves it out.
const Calm = "calm"

// Intents are the examples of intents.
func Intents(list []Example) []Example {
	return slices.DeleteFunc(slices.Clone(list), func(e Example) bool { return e.Intent == Calm })
}

// Example is one labelled utterance.
type Example struct {
	Intent string
	Kind   string // of the intent, where it has kinds: what sort of emergency
	Text   string
	Lang   string // zh-Hans unless said otherwise; yue, zh-Hant, en
	Author string // whose hand or manner, empty when unknown
	Source string // where from, empty when written for this set
	Held   bool   // kept for scoring
	Made   bool   // by a phrasing
	File   string // and Line: where it stands
	Line   int
}

// madeWeight is what a mistake about an utterance that a phrasing made costs
// beside one about an utterance somebody wrote: a hundred of one mould prove
// little more than one.
const madeWeight = 0.4

// Weight is what the example counts in learning.
func (e Example) Weight() float32 {
	if e.Made {
		return madeWeight
	}
	return 1
}

// Place is where the example stands, as file:line.
func (e Example) Place() string { return fmt.Sprintf("%s:%d", e.File, e.Line) }

// Load reads every *.yml file of the root, of phrasings, of fifth_read and wide, of the folder held and of the folders
// within it, one a hand, in alphabetical order. The error names every fault found, each with file and
// line; with an error nothing is returned.
func Load(fsys fs.FS) ([]Example, error) {
	files, err := Files(fsys)
	if err != nil {
		return nil, err
	}
	var list []Example
	var faults []error
	for _, f := range files {
		read, err := Parse(f.Name, f.Raw)
		list = append(list, read...)
		faults = append(faults, err)
	}
	list, again := repeated(list)
	faults = append(faults, again...)
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("load examples: %w", err)
	}
	return list, nil
}

// File is a file of examples as it is written.
type File struct {
	Name string
	Raw  []byte
}

// Held says whether all of the file is kept for scoring.
func (f File) Held() bool {
	folder := path.Dir(f.Name)
	return folder == "held" || path.Dir(folder) == "held"
}

// Files reads what Load parses, in the same order.
func Files(fsys fs.FS) ([]File, error) {
	var out []File
	for _, pattern := range []string{"*.yml", "held/*.yml", "held/*/*.yml", "fifth_read/*.yml", "wide/*.yml", "phrasings/*.yml"} {
		names, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, fmt.Errorf("load examples: %w", err)
		}
		for _, name := range names {
			raw, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, fmt.Errorf("load examples: %w", err)
			}
			out = append(out, File{name, raw})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("load examples: no *.yml files")
	}
	return out, nil
}

// Parse reads one file; name is used in errors and, by its folder, to tell
// whether all of it is held.
func Parse(name string, raw []byte) ([]Example, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &file{name: name, held: File{Name: name}.Held()}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("%s:1: the file is empty", name)
	}
	f.read(document.Content[0])
	return f.list, errors.Join(f.faults...)
}

// Split parts what is learnt from what is held.
func Split(list []Example) (learn, held []Example) {
	for _, e := range list {
		if e.Held {
			held = append(held, e)
		} else {
			learn = append(learn, e)
		}
	}
	return learn, held
}

// CheckCounts fails when an intent of least has fewer examples to learn from
// than it asks for, or when there are examples of an intent not in least.
func CheckCounts(list []Example, least map[string]int) error {
	count, unknown := make(map[string]int), make(map[string]bool)
	var faults []error
	for _, e := range list {
		if _, known := least[e.Intent]; !known && !unknown[e.Intent] {
			unknown[e.Intent] = true
			faults = append(faults, fmt.Errorf("%s: unknown intent %q", e.Place(), e.Intent))
		}
		if !e.Held {
			count[e.Intent]++
		}
	}
	for intent, n := range least {
		if count[intent] < n {
			faults = append(faults, fmt.Errorf("intent %s has %d examples, at least %d are needed", intent, count[intent], n))
		}
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("count examples: %w", err)
	}
	return nil
}

// repeated finds utterances that stand twice; spaces, case and punctuation at
// the end do not make a difference. What a phrasing made of another's words is
// left out of the list instead.
func repeated(list []Example) (once []Example, faults []error) {
	first, written := make(map[string]Example, len(list)), make(map[string]bool, len(list))
	for _, e := range list {
		if !e.Made {
			written[lettersOf(e.Text)] = true
		}
	}
	for _, e := range list {
		key := strings.ToLower(strings.Join(strings.Fields(strings.TrimRight(e.Text, "。.！!？?～~，, ")), " "))
		if key == "" {
			key = e.Text
		}
		before, stands := first[key]
		if !stands {
			first[key] = e
		}
		switch {
		case e.Made && (stands || written[lettersOf(e.Text)]):
		case !stands:
			once = append(once, e)
		case before.Intent != e.Intent:
			faults = append(faults, fmt.Errorf("%s: %q is an example of %s, and of %s at %s", e.Place(), e.Text, e.Intent, before.Intent, before.Place()))
		case before.Held != e.Held:
			faults = append(faults, fmt.Errorf("%s: %q is both learnt and held, see %s", e.Place(), e.Text, before.Place()))
		default:
			faults = append(faults, fmt.Errorf("%s: %q stands already at %s", e.Place(), e.Text, before.Place()))
		}
	}
	return once, faults
}

// lettersOf is a text without spaces and punctuation, in small letters.
func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
