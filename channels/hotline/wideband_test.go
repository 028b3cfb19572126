package hotline

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/speech"
)

// pitch is a recogniser that knows one tone, which a narrow telephone cannot
// carry.
type pitch struct{ heard atomic.Bool }

func (p *pitch) Recognize(_ context.Context, wav []byte, _ speech.Language) (string, error) {
	samples, err := speech.ReadWAV(wav, 2*speech.Rate)
	// Six of sixteen thousand is as three of eight.
	if err != nil || strength(samples, 3000) < .9 {
		return "", err
	}
	p.heard.Store(true)
	return "听到了", nil
}

// shrillest is the largest share of sound above 4.2 kHz in any 20 ms of what is
// loud, of 16,000 samples a second.
func shrillest(samples []int16) float64 {
	const size = 320
	best := 0.0
	for at := 0; at+size <= len(samples); at += size {
		high, all := 0.0, 0.0
		for bin := 1; bin < size/2; bin++ {
			var re, im float64
			for i, s := range samples[at : at+size] {
				x := 2 * math.Pi * float64(bin*i%size) / size
				re, im = re+float64(s)*math.Cos(x), im+float64(s)*math.Sin(x)
			}
			if all += re*re + im*im; bin > 84 {
				high += re*re + im*im
			}
		}
		if all > size*size*200*200 {
			best = max(best, high/all)
		}
	}
	return best
}

// TestWideband: with somebody else's telephone over G.722, the recogniser is
// sent and the caller is told what G.711 cannot carry.
func TestWideband(t *testing.T) {
	t.Parallel()
	high := tone(3000, 3) // played twice as fast: six thousand, for 1.5 s
	words := append(make([]int16, 3*2*speech.Rate), high...)
	s, ears := &script{answer: func(in bot.Inbound) bot.Turn { return reply("请问是什么事？") }}, &pitch{}
	l := openLine(t, s, func(c *Config) { c.Voice, c.Ears = espeakVoice(t), ears })
	phone := hotlinetest.NewBaresip(t, "13800000000", "G722", words)
	phone.Dial(l.uri())
	eventually(t, "the tone", func() bool { return slices.Contains(s.heard(), "听到了") })
	phone.Hangup()
	phone.Await("CALL_CLOSED")
	if !ears.heard.Load() {
		t.Error("the recogniser heard no wide sound")
	}
	if share := shrillest(phone.Heard()); share < .3 {
		t.Errorf("only %.2f of the shrillest sound is above 4.2 kHz", share)
	}
}
