package intents

import (
	"slices"
	"testing"

	"guanjia/intents/hanzi"
)

func TestTopics(t *testing.T) {
	known, err := newTopics()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text   string
		served bool
		want   []string
	}{
		{"帮我取消昨天的外卖", false, []string{"about:shops", "only:shops"}},
		{"我湖南的，想办居住证", true, []string{"about:city", "about:elsewhere"}},
		{"外卖员撞了人，我要投诉", false, []string{"about:city", "about:shops"}},
		{"明天去办", false, nil},
		{"book a table for two", false, []string{"about:shops", "only:shops"}},
		{"constable", false, nil}, // no table stands in it
	} {
		if got := known.features(hanzi.Fold(c.text), c.served, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.text, got, c.want)
		}
	}
}
