package intents

import "testing"

// The nearer to danger the wording lies, the more it is believed; and a sign that
// is denied is believed less than one that stands.
func TestBelief(t *testing.T) {
	b, err := newBelief()
	if err != nil {
		t.Fatal(err)
	}
	fire := sighting{sign: "着火了", hazard: "fire"}
	belief := func(seen sighting, margin float64) float64 {
		return b.of(clues{verdict: Verdict{Alarm: margin, Danger: margin, Whole: margin, AgainstCalm: margin}, seen: seen, length: 8})
	}
	if near, far := belief(fire, 0.5), belief(fire, -0.5); near < far+2 {
		t.Errorf("near to danger %.1f is believed, far from it %.1f", near, far)
	}
	if stands, denied := belief(fire, 0.1), belief(sighting{hazard: "none", denied: true}, 0.1); stands < denied+1 {
		t.Errorf("a sign that is denied is believed %.1f, one that stands %.1f", denied, stands)
	}
}
