package intents

import (
	"slices"
	"strings"
	"testing"

	"guanjia/intents/hanzi"
)

func TestConcepts(t *testing.T) {
	c, err := newConcepts()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"楼上着火了，有人被困":       "says:fire says:stuck says:victim both:fire+stuck both:fire+victim both:stuck+victim says:place both:fire+place both:stuck+place",
		"去年家里着火":           "says:fire says:past says:place both:fire+past both:fire+place",
		"去年家里办的证":          "", // no harm
		"my cat's on fire": "says:fire says:me",
	} {
		got := c.features(c.in(hanzi.Fold(text)), nil)
		for _, f := range strings.Fields(want) {
			if f == "says:me" {
				continue
			}
			if !slices.Contains(got, f) {
				t.Errorf("%s: %s is missing among %q", text, f, got)
			}
		}
		if want == "" && len(got) > 0 {
			t.Errorf("%s says %q", text, got)
		}
	}
}
