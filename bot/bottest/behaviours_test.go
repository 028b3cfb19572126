package bottest

import (
	"fmt"
	"testing"
)

// behaviours is how many rows the table of dialogue behaviours has: slot
// filling, over-informative answers, correction, negation without a value,
// digression, answer and question, switching, cancelling, disambiguation, the
// ladder, confirmation, skipping, repeating, resuming, several channels,
// handover, danger, abuse, small talk, language, bursts and media, voice,
// faults behind, injection, third parties, several errands, looking up, and
// what comes when all is done.
const behaviours = 28

// TestEveryBehaviourIsPlayed holds each row of the table, B1 to B28, to at least
// three conversations that name it; with -v it prints which.
func TestEveryBehaviourIsPlayed(t *testing.T) {
	files, err := Conversations()
	if err != nil {
		t.Fatal(err)
	}
	played := map[string][]string{}
	for _, f := range files {
		for _, c := range f.Cases {
			for _, tag := range c.Tags {
				played[tag] = append(played[tag], c.Name)
			}
		}
	}
	for n := 1; n <= behaviours; n++ {
		row := fmt.Sprintf("B%d", n)
		if len(played[row]) < 3 {
			t.Errorf("%s is played by %d conversations, three are asked for: %q", row, len(played[row]), played[row])
		}
		t.Logf("%s: %q", row, played[row])
	}
}
