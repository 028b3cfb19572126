package speech

import (
	"encoding/binary"
	"errors"
	"math"
)

// WAV writes sound of so many samples a second as a RIFF file: 16 bit, one
// channel.
func WAV(samples []int16, rate int) []byte {
	b := make([]byte, 0, 44+2*len(samples))
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(36+2*len(samples)))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(samples)))
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}

// ErrNotWAV is a file that is no 16-bit RIFF sound.
var ErrNotWAV = errors.New("not a 16-bit WAV file")

// ReadWAV reads a RIFF file of 16-bit sound, brought to a rate and one channel.
// A size of its data that was never filled in means all that follows.
func ReadWAV(b []byte, to int) ([]int16, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, ErrNotWAV
	}
	channels, rate := 0, 0
	for at := 12; at+8 <= len(b); {
		name, size := string(b[at:at+4]), int(binary.LittleEndian.Uint32(b[at+4:]))
		body := b[at+8:]
		if size < 0 || size > len(body) {
			size = len(body)
		}
		switch name {
		case "fmt ":
			if size < 16 || binary.LittleEndian.Uint16(body) != 1 || binary.LittleEndian.Uint16(body[14:]) != 16 {
				return nil, ErrNotWAV
			}
			channels, rate = int(binary.LittleEndian.Uint16(body[2:])), int(binary.LittleEndian.Uint32(body[4:]))
		case "data":
			if channels == 0 || channels > 8 || rate < 4000 || rate > 192000 {
				return nil, ErrNotWAV
			}
			return Resample(FromBytes(body[:size], channels), rate, to), nil
		}
		at += 8 + size + size%2
	}
	return nil, ErrNotWAV
}

// FromBytes reads 16-bit little-endian samples, the first of so many channels.
func FromBytes(b []byte, channels int) []int16 {
	out := make([]int16, 0, len(b)/2/channels)
	for at := 0; at+2 <= len(b); at += 2 * channels {
		out = append(out, int16(binary.LittleEndian.Uint16(b[at:])))
	}
	return out
}

// taps is half the length of the filter, in samples of the slower side.
const taps = 16

// Resample changes the rate of sound, filtered to what both rates can carry
// (a windowed sinc).
func Resample(in []int16, from, to int) []int16 {
	if from == to || len(in) == 0 {
		return in
	}
	d := gcd(from, to)
	up, down := to/d, from/d
	// The filter's cutoff, against the rate of the input.
	cutoff := min(1, float64(to)/float64(from)) * 0.92
	half := int(math.Ceil(taps / cutoff))
	phases := make([][]float64, up)
	for p := range phases {
		phases[p] = filter(float64(p)/float64(up), cutoff, half)
	}
	out := make([]int16, len(in)*up/down)
	for n := range out {
		at := n * down
		i, h := at/up, phases[at%up]
		sum := 0.0
		for k, w := range h {
			if j := i + k - half + 1; j >= 0 && j < len(in) {
				sum += w * float64(in[j])
			}
		}
		out[n] = int16(min(max(math.Round(sum), -32768), 32767))
	}
	return out
}

// filter is the weights of the samples around a point that lies a fraction
// after one of them, scaled to let a steady tone through as it is.
func filter(fraction, cutoff float64, half int) []float64 {
	h := make([]float64, 2*half)
	sum := 0.0
	for k := range h {
		x := float64(k-half+1) - fraction
		w := 0.5 + 0.5*math.Cos(math.Pi*x/float64(half))
		v := cutoff
		if x != 0 {
			v = math.Sin(math.Pi*cutoff*x) / (math.Pi * x)
		}
		h[k] = v * w
		sum += h[k]
	}
	for k := range h {
		h[k] /= sum
	}
	return h
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
