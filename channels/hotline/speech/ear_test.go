package speech

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// noise is hiss of a loudness in dB of full scale.
func noise(db float64, d time.Duration) []int16 {
	r := rand.New(rand.NewPCG(1, 2))
	amplitude := 32768 * math.Pow(10, db/20) * math.Sqrt(3)
	out := make([]int16, int(d*Rate/time.Second))
	for i := range out {
		out[i] = int16((2*r.Float64() - 1) * amplitude)
	}
	return out
}

// over lays sound over hiss.
func over(samples []int16, db float64) []int16 {
	hiss := noise(db, Duration(samples)+time.Millisecond)
	out := make([]int16, len(samples))
	for i := range out {
		out[i] = int16(max(min(int(samples[i])+int(hiss[i]), 32767), -32768))
	}
	return out
}

// listen feeds sound to an ear and returns when what happened, in frames.
func listen(e *Ear, samples []int16) map[Happening][]int {
	out := map[Happening][]int{}
	for i := 0; (i+1)*160 <= len(samples); i++ {
		if h := e.Hear(samples[i*160 : (i+1)*160]); h != Nothing {
			out[h] = append(out[h], i)
		}
	}
	return out
}

// sentence is what a caller says, without the breath behind it.
func sentence(t *testing.T, text string) []int16 {
	t.Helper()
	m := Manner{Language: Mandarin}
	samples, err := espeak(t).Synthesize(t.Context(), Spell(text, Mandarin), m)
	if err != nil {
		t.Fatal(err)
	}
	return samples[:len(samples)-int(breath(m).Seconds()*float64(m.Rate()))]
}

// TestEar: a sentence is found whole, once, over silence and over the hiss of
// bad lines.
func TestEar(t *testing.T) {
	said := sentence(t, "我想预约下周三上午到虎门办居住证")
	second := make([]int16, Rate)
	for _, db := range []float64{-90, -60, -50, -40, -35} {
		e := NewEar()
		line := over(append(append(append(append([]int16(nil), second...), second...), said...), append(second, second...)...), db)
		got := listen(e, line)
		if len(got[Began]) != 1 || len(got[Lasting]) != 1 || len(got[Ended]) != 1 {
			t.Errorf("at %v dB: %v", db, got)
			continue
		}
		start, end := 2*time.Second, 2*time.Second+Duration(said)
		began, lasting, ended := at(got[Began][0]), at(got[Lasting][0]), at(got[Ended][0])
		if began < start-50*time.Millisecond || began > start+250*time.Millisecond {
			t.Errorf("at %v dB: began %v after the voice", db, began-start)
		}
		if lasting > start+550*time.Millisecond {
			t.Errorf("at %v dB: an interruption after %v", db, lasting-start)
		}
		if late := ended - end; late < Endpoint-300*time.Millisecond || late > Endpoint+200*time.Millisecond {
			t.Errorf("at %v dB: ended %v after the voice", db, late)
		}
	}
}

func at(frame int) time.Duration { return time.Duration(frame) * FrameTime }

// TestEarNoise: hiss is no speech, however loud, once it is known; and a voice
// is heard again after the line became louder.
func TestEarNoise(t *testing.T) {
	e := NewEar()
	listen(e, noise(-38, 25*time.Second))
	if got := listen(e, noise(-38, 20*time.Second)); len(got[Ended]) != 0 {
		t.Errorf("hiss that goes on is taken for speech: %v", got)
	}
	said := sentence(t, "喂，听得到吗，我想办居住证")
	line := append(over(append(said, make([]int16, Rate)...), -38), noise(-38, time.Second)...)
	if got := listen(e, line); len(got[Ended]) != 1 {
		t.Errorf("a voice over hiss: %v", got)
	}
}

// TestEarClicks: clicks are no speech.
func TestEarClicks(t *testing.T) {
	e := NewEar()
	line := make([]int16, 10*Rate)
	for i := range 8 {
		for j := range 80 {
			line[(i+1)*Rate+j] = 20000
		}
	}
	if got := listen(e, line); len(got[Ended])+len(got[Lasting]) != 0 {
		t.Errorf("%v", got)
	}
}

// TestEarPatience: digits told with pauses are one utterance where a number is
// awaited.
func TestEarPatience(t *testing.T) {
	part := sentence(t, "一三八零")
	var line []int16
	for range 3 {
		line = append(append(line, part...), make([]int16, Rate)...)
	}
	line = append(line, make([]int16, 2*Rate)...)
	patient := NewEar()
	patient.Patience = DigitPause
	if got := listen(patient, line); len(got[Ended]) != 1 {
		t.Errorf("patient: %v", got)
	}
	if got := listen(NewEar(), line); len(got[Ended]) != 3 {
		t.Errorf("usual: %v", got)
	}
}

func TestResample(t *testing.T) {
	in := make([]int16, 22050)
	for i := range in {
		in[i] = int16(10000*math.Sin(2*math.Pi*1000*float64(i)/22050) + 10000*math.Sin(2*math.Pi*6000*float64(i)/22050))
	}
	out := Resample(in, 22050, 8000)
	if len(out) != 8000 {
		t.Fatalf("%d samples", len(out))
	}
	power := func(hertz float64) float64 {
		var re, im float64
		for i, s := range out[1000:7000] {
			x := 2 * math.Pi * hertz * float64(i) / 8000
			re, im = re+float64(s)*math.Cos(x), im+float64(s)*math.Sin(x)
		}
		return 2 * math.Hypot(re, im) / 6000
	}
	if p := power(1000); p < 9500 || p > 10500 {
		t.Errorf("a tone of 10000 comes out as %.0f", p)
	}
	if p := power(2000); p > 100 { // where 6000 Hz would fold to
		t.Errorf("what 8000 a second cannot carry folds in with %.0f", p)
	}
	back, err := ReadWAV(WAV(out, Rate), Rate)
	if err != nil || len(back) != len(out) {
		t.Errorf("%d %v", len(back), err)
	}
}

// BenchmarkSay is a sentence of 46 characters made anew.
func BenchmarkSay(b *testing.B) {
	e, err := NewEspeak()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Synthesize(b.Context(), Spell("请问您要办什么事？直接说就行，比如预约下周三办居住证，身份证丢了怎么补，按零转人工。", Mandarin), Manner{Language: Mandarin}); err != nil {
			b.Fatal(err)
		}
	}
}
