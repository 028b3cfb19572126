package store

import (
	"fmt"
	"testing"

	"guanjia/bot"
)

// TestRecentKeepsNothingStale offers what was read before a commit came
// between, in every way in which the commit's own may be gone again.
func TestRecentKeepsNothingStale(t *testing.T) {
	at := func(version int64) *bot.Conversation { return &bot.Conversation{Citizen: "c", Version: version} }
	for name, between := range map[string]func(*recent){
		"committed":                func(r *recent) { r.put([]*bot.Conversation{at(2)}) },
		"committed and forgotten":  func(r *recent) { r.put([]*bot.Conversation{at(2)}); r.drop("c") },
		"committed and taken back": func(r *recent) { r.put([]*bot.Conversation{at(2)}); r.clear() },
		"committed and made room for": func(r *recent) {
			r.put([]*bot.Conversation{at(2)})
			for n := 0; r.last["c"] != nil; n++ {
				r.put([]*bot.Conversation{{Citizen: bot.CitizenID(fmt.Sprint(n)), Version: 1}})
			}
		},
	} {
		r := newRecent()
		mark := r.mark()
		between(r)
		r.keep(at(1), mark)
		if v, known := r.version("c"); known && v != 2 {
			t.Errorf("%s: version %d is taken for the last", name, v)
		}
	}
	r := newRecent()
	mark := r.mark()
	r.put([]*bot.Conversation{{Citizen: "other", Version: 7}})
	r.drop("other")
	r.keep(at(1), mark)
	if v, known := r.version("c"); !known || v != 1 {
		t.Error("what was read is not kept")
	}
}
