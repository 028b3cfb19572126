package store

import (
	"testing"
	"time"
)

// TestAPlayedTalkGoesAtAPersonsPace lays talks of a played day out: slower, in
// their order, and none beyond now.
func TestAPlayedTalkGoesAtAPersonsPace(t *testing.T) {
	now := time.UnixMilli(10_000_000_000)
	day := PlayedDay{Began: now.Add(-10 * time.Minute), Ended: now.Add(-time.Minute), From: now.Add(-10 * time.Hour), To: now.Add(-time.Minute), Now: now, Slower: 10}
	began := millis(day.Began)
	for name, c := range map[string]struct {
		talk       playedTalk
		at, slower int64
	}{
		"the first":              {playedTalk{began, began + 30_000}, millis(day.From), 10_000},
		"one that goes on":       {playedTalk{millis(day.Ended), millis(now)}, millis(day.To), 1000},
		"one that would be late": {playedTalk{millis(day.Ended), millis(day.Ended) + 28_000}, millis(day.To), 2000},
	} {
		if at, slower := day.lay(c.talk); at != c.at || slower != c.slower {
			t.Errorf("%s begins at %d and is %d slower, want %d and %d", name, at, slower, c.at, c.slower)
		}
	}
}
