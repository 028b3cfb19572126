// Package speech turns words into sound and finds words in sound for the
// telephone: Synthesizer and Recognizer are the two things it needs from
// outside, Espeak is the Synthesizer every installation has, and Voice is one
// with spelling out, a lexicon, recorded prompts and a cache around it. Ear
// tells speech from noise, and when somebody began and stopped to speak.
//
// It refuses to recognise words itself: whoever has no Recognizer has a line
// served by keys, and says so.
package speech

import (
	"context"
	"time"
)

// Language is what is spoken.
type Language string

// The languages of the line.
const (
	Mandarin  Language = "cmn"
	Cantonese Language = "yue"
	English   Language = "en"
)

// Manner is how something is said.
type Manner struct {
	Language Language
	// Slow is speech for elders, and for whoever asks for it: three quarters
	// of the usual pace.
	Slow bool
	// Wide is sound of twice as many samples a second.
	Wide bool
}

// Rate is the samples a second of telephone sound, 16 bit, one channel; where
// it is wide there are twice as many.
const Rate = 8000

// Rate is the samples a second that are made.
func (m Manner) Rate() int {
	if m.Wide {
		return 2 * Rate
	}
	return Rate
}

// Synthesizer makes sound of words that are spelled out already. It may be
// called by many at once; ctx bounds it.
type Synthesizer interface {
	Synthesize(ctx context.Context, text string, m Manner) ([]int16, error)
}

// Recognizer writes down what was said. wav is a RIFF file; the empty text means that there were no words in it.
type Recognizer interface {
	Recognize(ctx context.Context, wav []byte, l Language) (string, error)
}

// Duration is how long sound lasts.
func Duration(samples []int16) time.Duration {
	return time.Duration(len(samples)) * time.Second / Rate
}
