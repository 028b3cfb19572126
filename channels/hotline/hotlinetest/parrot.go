package hotlinetest

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"guanjia/channels/hotline/speech"
)

// Parrot stands in for a transcription endpoint: it knows some recordings by
// heart and tells which of them it hears, by the energy of sixteen tones over
// time. It shows that speech was found in the sound of a call, cut out whole,
// and sent as the endpoint wants it. It says nothing about recognition: a
// sentence it has not heard before is no words to it.
type Parrot struct {
	*httptest.Server
	t      testing.TB
	mu     sync.Mutex
	known  map[string][][]float64
	asked  int
	status int           // instead of an answer; 0: answer
	delay  time.Duration // before it
}

// NewParrot teaches one what it is to tell apart.
func NewParrot(t testing.TB, recordings map[string][]int16) *Parrot {
	t.Helper()
	p := &Parrot{t: t, known: map[string][][]float64{}}
	for text, samples := range recordings {
		p.known[text] = print(samples)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", p.serve)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// Misbehave has it answer with a status, or late; 0 and 0 as usual.
func (p *Parrot) Misbehave(status int, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.delay = status, delay
}

// Asked is how often it was asked.
func (p *Parrot) Asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *Parrot) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked++
	status, delay := p.status, p.delay
	p.mu.Unlock()
	time.Sleep(delay)
	if status != 0 {
		http.Error(w, "out of order", status)
		return
	}
	file, _, err := r.FormFile("file")
	if err != nil || r.FormValue("model") == "" {
		http.Error(w, "no file or no model", http.StatusBadRequest)
		return
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	samples, err := speech.ReadWAV(raw, speech.Rate)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"text": p.Recognise(samples)})
}

// alike is how much two prints must agree to be the same recording.
const alike = .75

// Recognise names the recording; empty for any other sound.
func (p *Parrot) Recognise(samples []int16) string {
	heard, best, name := print(samples), alike, ""
	for text, known := range p.known {
		if score := compare(heard, known); score > best {
			best, name = score, text
		}
	}
	return name
}

// tones of the print, in hertz.
const (
	printTones = 16
	printFirst = 250.0
	printStep  = 200.0
)

// print is the energies of tones, frame by frame.
func print(samples []int16) [][]float64 {
	var out [][]float64
	for at := 0; at+160 <= len(samples); at += 160 {
		frame := make([]float64, printTones)
		for b := range frame {
			w := 2 * math.Pi * (printFirst + printStep*float64(b)) / speech.Rate
			var re, im float64
			for i, s := range samples[at : at+160] {
				re += float64(s) * math.Cos(w*float64(i))
				im += float64(s) * math.Sin(w*float64(i))
			}
			frame[b] = math.Log(1e7 + re*re + im*im)
		}
		out = append(out, frame)
	}
	return out
}

// compare is the best agreement of two prints over all shifts, 1 for the same.
func compare(a, b [][]float64) float64 {
	best := -1.0
	for shift := -50; shift <= len(a); shift += 1 {
		if score := agreement(a, b, shift); score > best {
			best = score
		}
	}
	return best
}

// agreement is the correlation of b, laid shift frames into a.
func agreement(a, b [][]float64, shift int) float64 {
	var x, y []float64
	for i := range b {
		if j := i + shift; j >= 0 && j < len(a) {
			x, y = append(x, a[j]...), append(y, b[i]...)
		}
	}
	if len(x) < len(b)*printTones*3/4 || len(b) < len(a)/3 {
		return -1
	}
	return correlation(x, y)
}

func correlation(x, y []float64) float64 {
	var mx, my float64
	for i := range x {
		mx, my = mx+x[i], my+y[i]
	}
	mx, my = mx/float64(len(x)), my/float64(len(y))
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// Utterance makes somebody say a sentence: another voice than the line's.
func Utterance(t testing.TB, text string) []int16 {
	t.Helper()
	e, err := speech.NewEspeak()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := e.Synthesize(t.Context(), speech.NewVoice(e, nil).Spell(text, speech.Mandarin), speech.Manner{Language: speech.Mandarin, Slow: true})
	if err != nil {
		t.Fatal(err)
	}
	return samples
}
