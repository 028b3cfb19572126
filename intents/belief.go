package intents

import (
	_ "embed" // the weights
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed belief.json
var beliefWeights []byte

// Belief weighs everything that speaks for danger and against it: how much
// nearer the wording is to emergencies than to talk that only sounds so and to
// every other wish, whether the lexicon sees a sign and of what, and what is said
// beside. Either finds what the others miss. The weights are learnt (see
// Fit) and stand in a file that can be read.
type Belief struct {
	Always float64           `json:"always"`
	Weighs map[string]Weight `json:"weighs"` // by clue
}

// Weight is what a clue adds to the belief in danger, and what it adds besides
// where the lexicon sees a sign.
type Weight struct {
	Alone  float64 `json:"alone,omitzero"`
	AtSign float64 `json:"at_sign,omitzero"`
}

func newBelief() (*Belief, error) {
	var b Belief
	if err := json.Unmarshal(beliefWeights, &b); err != nil {
		return nil, fmt.Errorf("read weights of danger: %w", err)
	}
	if len(b.Weighs) == 0 {
		return nil, fmt.Errorf("read weights of danger: there are none")
	}
	return &b, nil
}

// of is how much everything together speaks for danger.
func (b *Belief) of(c clues) float64 {
	z := b.Always
	c.each(func(name string, value float64) {
		w := b.Weighs[name]
		z += value * w.Alone
		if c.seen.sign != "" {
			z += value * w.AtSign
		}
	})
	return z
}

// clues are what is known of an utterance that may tell of danger.
type clues struct {
	verdict  Verdict
	seen     sighting
	features []string // as the classifier is given them
	length   int      // in characters
}

// What is short and long of an utterance, in characters.
const shortWords, longWords = 4, 24

// each names the clues with how strong they are.
func (c *clues) each(add func(name string, value float64)) {
	add("alarm", bounded(c.verdict.Alarm))
	add("nearer than calm", bounded(c.verdict.Danger-c.verdict.Calm))
	add("danger", bounded(c.verdict.Danger))
	add("whole", bounded(c.verdict.Whole))
	add("against calm", bounded(c.verdict.AgainstCalm))
	if len(c.verdict.Ranked) > 0 {
		add("nearer than others", bounded(c.verdict.Danger-c.verdict.Others))
		add("like "+string(c.verdict.Ranked[0].Intent), 1)
	}
	if c.seen.sign != "" {
		add("sign", 1)
		add("sign of "+string(c.seen.hazard), 1)
	}
	if c.seen.denied {
		add("sign denied", 1)
	}
	if c.length <= shortWords {
		add("short", 1)
	}
	if c.length >= longWords {
		add("long", 1)
	}
	harmless := true
	for _, f := range c.features {
		harmless = harmless && !strings.HasPrefix(f, saidConcept)
		add(f, 1)
	}
	if harmless {
		add("harmless", 1)
	}
}

// bounded keeps a difference of margins from outweighing all else.
func bounded(margin float64) float64 {
	const most = 1.5
	return min(most, max(-most, margin))
}
