package speech

import (
	"testing"
	"time"
)

// TestBreath: a sentence is followed by a pause that is heard as one, by a
// longer one where it is said slowly.
func TestBreath(t *testing.T) {
	e, err := NewEspeak()
	if err != nil {
		t.Fatal(err)
	}
	silence := func(m Manner) time.Duration {
		samples, err := e.Synthesize(t.Context(), Spell("请问您要办什么事？", Mandarin), m)
		if err != nil {
			t.Fatal(err)
		}
		last := len(samples)
		for last > 0 && samples[last-1] > -60 && samples[last-1] < 60 {
			last--
		}
		return Duration(samples[last:])
	}
	usual, slow := silence(Manner{Language: Mandarin}), silence(Manner{Language: Mandarin, Slow: true})
	if usual < 200*time.Millisecond || slow < usual+200*time.Millisecond {
		t.Errorf("%v behind a sentence, %v where it is slow", usual, slow)
	}
}
