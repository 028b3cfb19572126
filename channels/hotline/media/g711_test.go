package media

import (
	"math"
	"testing"
)

// TestCompanding compares both laws with values of ITU-T G.711 and bounds the
// error of a round.
func TestCompanding(t *testing.T) {
	for _, c := range []struct {
		law    Law
		sample int16
		want   byte
	}{
		{PCMA, 0, 0xd5}, {PCMA, 32767, 0xaa}, {PCMA, -32768, 0x2a}, {PCMA, -1, 0x55},
		{PCMU, 0, 0xff}, {PCMU, 32767, 0x80}, {PCMU, -32768, 0x00}, {PCMU, -8, 0x7e},
	} {
		var out [1]byte
		c.law.Encode(out[:], []int16{c.sample})
		if out[0] != c.want {
			t.Errorf("%s of %d is %#x, not %#x", c.law, c.sample, out[0], c.want)
		}
	}
	for _, law := range []Law{PCMA, PCMU} {
		for s := -32000; s <= 32000; s += 7 {
			var b [1]byte
			var back [1]int16
			law.Encode(b[:], []int16{int16(s)})
			law.Decode(back[:], b[:])
			if diff := math.Abs(float64(s) - float64(back[0])); diff > 20+math.Abs(float64(s))/16 {
				t.Fatalf("%s: %d comes back as %d", law, s, back[0])
			}
			var again [1]byte
			law.Encode(again[:], back[:])
			if again[0] != b[0] && !(law == PCMU && b[0] == 0x7f) {
				t.Fatalf("%s: %#x becomes %#x when passed on", law, b[0], again[0])
			}
		}
	}
}
