package examples

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxText is the longest example, in runes. Longer ones are stories, not
// utterances, and drown the wording that tells intents apart.
const maxText = 300

// file is one file being read.
type file struct {
	name   string
	held   bool
	intent string
	kind   string
	list   []Example
	faults []error
}

func (f *file) fault(n *yaml.Node, format string, args ...any) {
	f.faults = append(f.faults, fmt.Errorf("%s:%d: %s", f.name, n.Line, fmt.Sprintf(format, args...)))
}

func (f *file) read(root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		f.fault(root, "expected the keys intent and examples")
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch key.Value {
		case "intent":
			if value.Kind != yaml.ScalarNode || value.Value == "" || strings.Trim(value.Value, "abcdefghijklmnopqrstuvwxyz_") != "" {
				f.fault(value, "intent must be a name of small letters and _")
				continue
			}
			f.intent = value.Value
		case "kind":
			f.kind = value.Value
		case "examples":
			f.utterances(value, f.held)
		case "held":
			f.utterances(value, true)
		case "phrasings":
			f.phrasings(value)
		default:
			f.fault(key, "unknown key %q, expected intent, kind, examples, held or phrasings", key.Value)
		}
	}
	if f.intent == "" {
		f.fault(root, "no intent is named")
	}
	for i := range f.list {
		f.list[i].Intent, f.list[i].Kind = f.intent, f.kind
	}
}

func (f *file) utterances(list *yaml.Node, held bool) {
	if list.Kind != yaml.SequenceNode {
		f.fault(list, "expected a list of utterances")
		return
	}
	for _, n := range list.Content {
		e := Example{File: f.name, Line: n.Line, Held: held, Lang: "zh-Hans"}
		switch n.Kind {
		case yaml.ScalarNode:
			e.Text = n.Value
		case yaml.MappingNode:
			f.fields(n, &e)
		default:
			f.fault(n, "expected an utterance, or {text: …}")
			continue
		}
		e.Text = strings.TrimSpace(e.Text)
		switch runes := len([]rune(e.Text)); {
		case runes == 0:
			f.fault(n, "an utterance is empty")
		case runes > maxText:
			f.fault(n, "an utterance has %d characters, at most %d are read", runes, maxText)
		default:
			f.list = append(f.list, e)
		}
	}
}

// phrasings reads what makes several utterances each. They are one hand's: what
// comes of one phrasing is never told apart from its like in validation.
func (f *file) phrasings(list *yaml.Node) {
	if list.Kind != yaml.SequenceNode {
		f.fault(list, "expected a list of phrasings")
		return
	}
	for _, n := range list.Content {
		texts, err := uttered(n.Value)
		if err != nil {
			f.fault(n, "%v", err)
			continue
		}
		for _, text := range texts {
			e := Example{Text: strings.TrimSpace(text), File: f.name, Line: n.Line, Held: f.held, Lang: langOf(text), Author: fmt.Sprintf("phrasing %d", n.Line), Made: true}
			f.list = append(f.list, e)
		}
	}
}

// langOf tells the language of an utterance that was made.
func langOf(text string) string {
	switch {
	case !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x2E80 }):
		return "en"
	case strings.ContainsAny(text, "嘅喺冇嚟咗哋啲睇畀佢嗰啱嘢㗎唔係"):
		return "yue"
	}
	return "zh-Hans"
}

func (f *file) fields(n *yaml.Node, e *Example) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode {
			f.fault(value, "%s must be a single value", key.Value)
			continue
		}
		switch key.Value {
		case "text":
			e.Text = value.Value
		case "lang":
			e.Lang = value.Value
			switch value.Value {
			case "zh-Hans", "zh-Hant", "yue", "en":
			default:
				f.fault(value, "unknown lang %q, expected zh-Hans, zh-Hant, yue or en", value.Value)
			}
		case "author":
			e.Author = value.Value
		case "source":
			e.Source = value.Value
		case "added":
		default:
			f.fault(key, "unknown key %q, expected text, lang, author, source or added", key.Value)
		}
	}
}
