package intents

import (
	"slices"
	"testing"

	"guanjia/intents/hanzi"
)

// TestActsComeInOneOrder holds words of several acts to one order of them,
// however often the words are made ready: a conversation replayed in another
// process must go the same way.
func TestActsComeInOneOrder(t *testing.T) {
	first, several := newActs(), 0
	for range 20 {
		again := newActs()
		for _, words := range actWords() {
			for _, w := range words {
				text := hanzi.Fold(w)
				_, want := first.longest(text, 0)
				if _, got := again.longest(text, 0); !slices.Equal(got, want) {
					t.Fatalf("%s: %v, and made ready again %v", w, want, got)
				}
				if len(want) > 1 {
					several++
				}
			}
		}
	}
	if several == 0 {
		t.Error("no word has several acts: there was nothing to compare")
	}
}
