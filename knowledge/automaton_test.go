package knowledge

import "testing"

// An automaton says what the expression says, of every question we have and of
// its ends and middles.
func TestAutomatonIsTheExpression(t *testing.T) {
	patterns := []*pattern{&mustBring, &forOther, &sendOther, &deadline, &trips, &stepwise, &byOther, &howTo, &howToClaim, &lapsed, &idle}
	for i := range hints {
		patterns = append(patterns, &hints[i].form)
	}
	for i := range phrasings {
		patterns = append(patterns, &phrasings[i].form)
	}
	forms := []string{`^ab?$|c`, `a.{2,3}b`, `^`, `x*$`, `[^ab]{2}c`, `^(a|b)*c$`, `(ab|a)(c|bcd)$`}
	for _, f := range forms {
		p := newPattern(f)
		patterns = append(patterns, &p)
	}
	texts := []string{"", "a", "ab", "abc", "abcd", "xxabc", "acb", "axxb", "axxxb", "axxxxb", "xyc", "a\nb", "aab aab"}
	for _, q := range ownQuestions(t) {
		texts = append(texts, q.Q)
	}
	fitted := 0
	for _, p := range patterns {
		for _, text := range texts {
			whole := fold(text)
			for _, part := range [][]rune{whole, whole[len(whole)/3:], whole[:len(whole)-len(whole)/3]} {
				fits := p.form.MatchString(string(part))
				if fits {
					fitted++
				}
				if got := p.auto.in(part); got != fits {
					t.Errorf("%s in %q: %v, not %v", p.form, string(part), got, fits)
				}
			}
		}
	}
	if fitted < 1000 {
		t.Errorf("only %d fitted", fitted)
	}
}
