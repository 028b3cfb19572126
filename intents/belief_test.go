package intents

import (
	"testing"

	"guanjia/intents/hanzi"
)

// Of the same alarm and sign, what is over or denied is believed less than what
// happens now.
func TestBelief(t *testing.T) {
	b, err := newBelief()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newConcepts()
	if err != nil {
		t.Fatal(err)
	}
	belief := func(text string) float64 {
		folded := hanzi.Fold(text)
		return b.of(clues{
			verdict: Verdict{Alarm: 0.2, Danger: -0.2, Calm: -0.4, Others: -0.5}, seen: sighting{sign: "着火了", hazard: "fire"},
			features: c.features(c.in(folded), nil), length: len(folded),
		})
	}
	now := belief("着火了，快来人")
	for _, text := range []string{"去年着火了", "新闻说着火了", "没有着火", "如果着火了", "着火证明怎么申请"} {
		if belief(text) >= now-1 {
			t.Errorf("%s is believed (%.1f) about as much as a fire (%.1f)", text, belief(text), now)
		}
	}
}
