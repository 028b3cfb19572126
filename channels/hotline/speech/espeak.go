package speech

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Espeak makes sound with the program espeak-ng, a process for each sentence:
// some 30 ms. Its voice cmn reads most Hanzi through English; the one used
// here is cmn-latn-pinyin, which also obeys pinyin within the text.
type Espeak struct {
	program string
	turns   chan struct{} // at most so many at once
}

// ErrNoEspeak is a machine without espeak-ng.
var ErrNoEspeak = errors.New("espeak-ng is not installed: apt-get install espeak-ng, or set openai_speech_model")

// espeakTime bounds one sentence.
const espeakTime = 10 * time.Second

// Words a minute.
const (
	usualPace   = 200
	slowPace    = 150
	englishPace = 160
)

// NewEspeak finds the program.
func NewEspeak() (*Espeak, error) {
	program, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, ErrNoEspeak
	}
	return &Espeak{program, make(chan struct{}, 2*runtime.NumCPU())}, nil
}

// Synthesize implements Synthesizer.
func (e *Espeak) Synthesize(ctx context.Context, text string, m Manner) ([]int16, error) {
	select {
	case e.turns <- struct{}{}:
		defer func() { <-e.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	out, err := e.run(ctx, text, m, "--stdout")
	if err != nil {
		return nil, err
	}
	samples, err := ReadWAV(out, m.Rate())
	if err != nil {
		return nil, fmt.Errorf("read what espeak-ng made: %w", err)
	}
	samples = trim(samples, m.Rate()/20)
	return append(samples, make([]int16, int(breath(m).Seconds()*float64(m.Rate())))...), nil
}

// breath is the pause behind a sentence. Without it the next one follows sooner
// than the program pauses at a comma, and who hears badly hears one word.
func breath(m Manner) time.Duration {
	if m.Slow {
		return 500 * time.Millisecond
	}
	return 250 * time.Millisecond
}

// Phonemes is how the program would say a text, for the lexicon's tests.
func (e *Espeak) Phonemes(ctx context.Context, text string, l Language) (string, error) {
	out, err := e.run(ctx, text, Manner{Language: l}, "-q", "-x")
	return strings.TrimSpace(string(out)), err
}

func (e *Espeak) run(ctx context.Context, text string, m Manner, flags ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, espeakTime)
	defer cancel()
	voice, pace := "cmn-latn-pinyin", usualPace
	switch m.Language {
	case Cantonese:
		voice = "yue"
	case English:
		voice, pace = "en-gb", englishPace
	}
	if m.Slow {
		pace = pace * slowPace / usualPace
	}
	cmd := exec.CommandContext(ctx, e.program, append(flags, "-b", "1", "-v", voice, "-s", strconv.Itoa(pace), "--stdin")...)
	cmd.Stdin = strings.NewReader(text)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run espeak-ng: %w", err)
	}
	return out.Bytes(), nil
}

// trim shortens the silence around sound to an edge.
func trim(samples []int16, edge int) []int16 {
	first, last := 0, len(samples)
	for first < last && samples[first] > -60 && samples[first] < 60 {
		first++
	}
	for last > first && samples[last-1] > -60 && samples[last-1] < 60 {
		last--
	}
	return samples[max(first-edge, 0):min(last+edge, len(samples))]
}
