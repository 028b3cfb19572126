package media

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"testing"
)

// wild is sound of every kind a codec can meet, made of whole numbers so that
// it is the same everywhere: silence, noise of rising loudness, the two
// extremes in turn, and slow and quick triangles.
func wild() []int16 {
	const part = 16000
	out := make([]int16, 0, 6*part)
	seed := uint32(722)
	noise := func() int {
		seed = seed*1664525 + 1013904223
		return int(int32(seed)) >> 16
	}
	for i := range part {
		out = append(out, int16(i%2))
	}
	for i := range part {
		out = append(out, int16(noise()*i/part))
	}
	for i := range part {
		out = append(out, int16(math.MaxInt16-(i/(1+i/1000)%2)*math.MaxUint16))
	}
	for i := range 2 * part {
		period := 1000 - 960*i/(2*part)
		phase := i % period
		out = append(out, int16(max(-32768, 32767-131068*min(phase, period-phase)/period)))
	}
	for range part {
		out = append(out, int16(noise()/64))
	}
	return out
}

// anyCodes are codes of every value, as a broken or hostile stream has them.
func anyCodes() []byte {
	out := make([]byte, 48000)
	seed := uint32(64)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = byte(seed >> 24)
	}
	return out
}

func coded(samples []int16) []byte {
	var q splitter
	var e g722Encoder
	low, high := make([]int, len(samples)/2), make([]int, len(samples)/2)
	for i := range low {
		low[i], high[i] = q.split(samples[2*i], samples[2*i+1])
	}
	out := make([]byte, len(low))
	e.encode(out, low, high)
	return out
}

func decoded(codes []byte) (narrow, wide []int16) {
	var d g722Decoder
	narrow, wide = make([]int16, len(codes)), make([]int16, 2*len(codes))
	d.decode(narrow, wide, codes)
	return narrow, wide
}

func sum(samples []int16) string {
	h := sha256.New()
	for _, s := range samples {
		h.Write([]byte{byte(s), byte(s >> 8)})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// TestG722 holds the codec to the ITU-T's own implementation (G.191, g722demo
// 3.0), bit by bit: what that makes of the same sound and the same codes, by
// its sums. The vectors that come with it (48,768 codes, 97,536 samples) were
// compared too, and none differed.
func TestG722(t *testing.T) {
	codes := sha256.Sum256(coded(wild()))
	_, own := decoded(coded(wild()))
	_, others := decoded(anyCodes())
	for what, got := range map[string][2]string{
		"the codes of wild sound": {hex.EncodeToString(codes[:]), "13948bdc77a3b66c18423cce562709426be2912a0ef06218a07057b310fd56c3"},
		"the sound of its codes":  {sum(own), "9242b384fa3795129d73c5655509c570b59dbb62dc92314b20b63bcf69a6e1ae"},
		"the sound of any codes":  {sum(others), "cb5d802ef41373eb05b26a8b1f38018008f58d5812dc214131e26b04c069627e"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s comes to %s, not %s", what, got[0], got[1])
		}
	}
}

// TestBridgedRates: wide sound is heard by who has a narrow telephone, without
// what that cannot carry, and narrow sound by who has a wide one.
func TestBridgedRates(t *testing.T) {
	sine := func(hertz float64, n, rate int) []int16 {
		out := make([]int16, n)
		for i := range out {
			out[i] = int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
		}
		return out
	}
	loudness := func(samples []int16) float64 {
		all := 0.0
		for _, s := range samples {
			all += float64(s) * float64(s)
		}
		return math.Sqrt(2 * all / float64(len(samples)))
	}
	for hertz, want := range map[float64]float64{1000: 8000, 6000: 0} {
		o, heard := &sender{}, []int16(nil)
		for frames := sine(hertz, 10*wideFrame, 2*Rate); len(frames) > 0; frames = frames[wideFrame:] {
			heard = append(heard, o.bands(append([]int16(nil), frames[:wideFrame]...), false)...)
		}
		if got := loudness(heard[Frame:]); math.Abs(got-want) > 200 {
			t.Errorf("%v Hz is heard with %.0f, not %v", hertz, got, want)
		}
	}
	o, codes := &sender{}, []byte(nil)
	for frames := sine(1000, 10*Frame, Rate); len(frames) > 0; frames = frames[Frame:] {
		o.bands(append([]int16(nil), frames[:Frame]...), true)
		codes = append(codes, make([]byte, Frame)...)
		o.encode(codes[len(codes)-Frame:])
	}
	narrow, wide := decoded(codes)
	for what, got := range map[string]float64{"narrow": loudness(narrow[2*Frame:]), "wide": loudness(wide[4*Frame:])} {
		if math.Abs(got-8000) > 600 {
			t.Errorf("a narrow tone is heard with %.0f as %s sound, not 8000", got, what)
		}
	}
}

// BenchmarkG722 is one frame of 20 ms, coded and decoded.
func BenchmarkG722(b *testing.B) {
	var low, high [Frame]int
	var q splitter
	var e g722Encoder
	var d g722Decoder
	sound, codes := wild(), make([]byte, Frame)
	narrow, wide := make([]int16, Frame), make([]int16, wideFrame)
	for i := range b.N {
		frame := sound[i*wideFrame%(len(sound)-wideFrame):]
		for j := range low {
			low[j], high[j] = q.split(frame[2*j], frame[2*j+1])
		}
		e.encode(codes, low[:], high[:])
		d.decode(narrow, wide, codes)
	}
}
