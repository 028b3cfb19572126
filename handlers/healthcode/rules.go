package healthcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
)

// Rules is a rule file of an emergency: what is said of the code while it
// holds, by whose notice and as of when.
type Rules struct {
	Title  string `yaml:"title"`
	Source string `yaml:"source"` // whose notice it is
	AsOf   string `yaml:"as_of"`  // the notice's day, 2026-11-24
	Lead   string `yaml:"lead"`   // said first, whoever asks
	LeadEN string `yaml:"lead_en"`
	Topics []Rule `yaml:"topics"`
}

// Rule is what is said to who asks with one of some words.
type Rule struct {
	Name  string   `yaml:"name"` // of the option offered
	Words []string `yaml:"words"`
	Say   string   `yaml:"say"`
	SayEN string   `yaml:"say_en"`
}

// Bounds of a rule file.
const (
	MaxRules   = 32 << 10 // bytes
	mostTopics = 40
	longest    = 400 // characters said
)

// ParseRules reads a rule file and says everything that is wrong with it.
func ParseRules(raw string, now time.Time) (*Rules, error) {
	if len(raw) > MaxRules {
		return nil, fmt.Errorf("the file has %d bytes, at most %d are taken", len(raw), MaxRules)
	}
	r := &Rules{}
	dec := yaml.NewDecoder(bytes.NewReader([]byte(raw)))
	dec.KnownFields(true)
	if err := dec.Decode(r); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		return nil, fmt.Errorf("read rule file: %w", err)
	}
	return r, r.fit(now)
}

func (r *Rules) fit(now time.Time) error {
	var faults []error
	wrong := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for name, text := range map[string]string{"title": r.Title, "source": r.Source, "lead": r.Lead} {
		if n := utf8.RuneCountInString(text); n == 0 || n > longest {
			wrong("%s: 1 to %d characters", name, longest)
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, r.AsOf, bot.Shanghai())
	if err != nil || day.After(now) {
		wrong("as_of: a day like 2026-11-24, not after today")
	}
	if len(r.Topics) > mostTopics {
		wrong("topics: at most %d", mostTopics)
	}
	for i, t := range r.Topics {
		n := utf8.RuneCountInString(t.Say)
		if t.Name == "" || n == 0 || n > longest || len(t.Words) == 0 || slices.Contains(t.Words, "") {
			wrong("topic %d: name, words and 1 to %d characters to say", i+1, longest)
		}
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// answer says what the rules say to a question.
func (r *Rules) answer(_ context.Context, q *bot.Query) (bot.Response, error) {
	text := strings.ToLower(q.Understanding.Norm)
	best, score := Rule{}, 0
	for _, t := range r.Topics {
		n := 0
		for _, w := range t.Words {
			if strings.Contains(text, strings.ToLower(w)) {
				n += len(w)
			}
		}
		if n > score {
			best, score = t, n
		}
	}
	body := q.Say(r.Lead, r.LeadEN)
	if score > 0 {
		body += q.Say("\n"+best.Say, "\n"+best.SayEN)
	}
	reply := bot.Reply{Text: body, Source: "来源：" + r.Source + "（" + r.AsOf + "）", Citations: []string{"health-code#emergency"}}
	if score > 0 {
		return bot.Response{Replies: []bot.Reply{reply}}, nil
	}
	var choices []bot.Choice
	for _, t := range r.Topics[:min(3, len(r.Topics))] {
		choices = append(choices, bot.Choice{Text: t.Name, Say: "健康码 " + t.Words[0]})
	}
	choices = append(choices, bot.Choice{Text: q.Say("转人工", "A person"), Flow: bot.TalkToOperator})
	return bot.Response{Replies: []bot.Reply{reply}, Choices: choices}, nil
}
