package knowledge

import (
	"strings"
	"testing"
)

// TestAskingsAreFound: every phrase of every product ends in a cue, its own
// field's unless another list or an earlier asking has the phrase, and all of
// them together take few states.
func TestAskingsAreFound(t *testing.T) {
	l := newLexicon()
	listed := map[string]Field{}
	for f, phrases := range fieldPhrases() {
		for _, p := range strings.Fields(phrases) {
			listed[string(fold(p))] = f
		}
	}
	found := 0
	for _, a := range askings() {
		each(a.parts, "", func(phrase string) {
			text := fold(phrase)
			if len(text) == 0 {
				return
			}
			at := l.root
			for _, r := range text {
				if at = at.step(r); at == nil {
					t.Errorf("%s leads nowhere", phrase)
					return
				}
			}
			if at.cue == nil {
				t.Errorf("%s says nothing", phrase)
				return
			}
			if f, ok := listed[string(text)]; ok && at.cue.field != f {
				t.Errorf("%s asks for %s, its list says %s", phrase, at.cue.field, f)
			} else if !ok && at.cue.field == a.field {
				found++
			}
			listed[string(text)] = at.cue.field
		})
	}
	if found < 50_000 {
		t.Errorf("only %d phrases ask for their asking's field", found)
	}
	if n := reached(l.root, map[*state]bool{}); n > 20_000 {
		t.Errorf("%d states for %d phrases", n, found)
	} else {
		t.Logf("%d states for %d phrases", n, found)
	}
}

// each calls f for every phrase of a product.
func each(parts []string, before string, f func(string)) {
	if len(parts) == 0 {
		f(before)
		return
	}
	for _, p := range strings.Fields(parts[0]) {
		each(parts[1:], before+strings.TrimPrefix(p, "-"), f)
	}
}

func reached(s *state, seen map[*state]bool) int {
	if seen[s] {
		return 0
	}
	seen[s] = true
	n := 1
	for _, to := range s.next {
		n += reached(to, seen)
	}
	return n
}
