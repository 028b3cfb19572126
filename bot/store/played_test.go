package store

import (
	"testing"
	"time"
)

// TestAPlayedTalkGoesAtAPersonsPace lays talks of a played day out: slower, in
// their order, and none beyond now.
func TestAPlayedTalkGoesAtAPersonsPace(t *testing.T) {
	now := time.UnixMilli(10_000_000_000)
	from, to := now.Add(-10*time.Hour), now.Add(-time.Minute)
	day := PlayedDay{Began: now.Add(-10 * time.Minute), Now: now, Slower: 10, At: func(part float64) time.Time { return from.Add(time.Duration(part * float64(to.Sub(from)))) }}
	began, ended := millis(day.Began), millis(now.Add(-time.Minute))
	for name, c := range map[string]struct {
		talk       playedTalk
		part       float64
		at, slower int64
	}{
		"the first":              {playedTalk{"c1", began, began + 30_000}, 0, millis(from), 10_000},
		"one that goes on":       {playedTalk{"c1", ended, millis(now)}, 1, millis(now) - 62_000, 1000},
		"one that would be late": {playedTalk{"c1", ended, ended + 28_000}, 1, millis(to), 2000},
	} {
		if at, slower := day.lay(c.talk, c.part); at != c.at || slower != c.slower {
			t.Errorf("%s begins at %d and is %d slower, want %d and %d", name, at, slower, c.at, c.slower)
		}
	}
}
