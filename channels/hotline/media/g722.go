package media

import "math"

// G.722 at 64 kbit/s (ITU-T G.722, mode 1): sound of 16,000 samples a second,
// parted into two bands of 8,000, six bits for each sample of the lower one and
// two for the upper. Its names are the recommendation's. Held to the vectors of
// the ITU's own implementation, bit by bit.

// wideFrame is the samples of one frame of wideband sound.
const wideFrame = 2 * Frame

// mirror is half of the filter that parts and joins the bands; the other half
// is the same backwards.
var mirror = [12]int{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11}

// splitter parts wideband sound into its bands.
type splitter struct{ past [24]int }

// split takes two samples and gives one of each band.
func (q *splitter) split(first, second int16) (low, high int) {
	copy(q.past[:], q.past[2:])
	q.past[22], q.past[23] = int(first), int(second)
	even, odd := 0, 0
	for i, c := range mirror {
		odd += q.past[2*i] * c
		even += q.past[2*i+1] * mirror[11-i]
	}
	return clamp15((even + odd) >> 14), clamp15((even - odd) >> 14)
}

// joiner is a splitter's other way.
type joiner struct{ past [24]int }

func (q *joiner) join(low, high int) (first, second int16) {
	copy(q.past[:], q.past[2:])
	q.past[22], q.past[23] = low+high, low-high
	a, b := 0, 0
	for i, c := range mirror {
		b += q.past[2*i] * c
		a += q.past[2*i+1] * mirror[11-i]
	}
	return int16(clamp16(a >> 11)), int16(clamp16(b >> 11))
}

func clamp16(v int) int { return min(max(v, math.MinInt16), math.MaxInt16) }
func clamp15(v int) int { return min(max(v, -16384), 16383) }

// g722Encoder is the state of one direction of a call.
type g722Encoder struct {
	begun     bool
	low, high predictor
}

// encode writes a byte for each pair of samples of the bands.
func (e *g722Encoder) encode(out []byte, low, high []int) {
	if !e.begun {
		e.begun, e.low.step, e.high.step = true, 32, 8
	}
	for i := range out {
		out[i] = e.lower(low[i]) | e.upper(high[i])<<6
	}
}

func (e *g722Encoder) lower(x int) byte {
	diff := clamp16(x - e.low.guess)
	size := diff
	if diff < 0 {
		size = -(diff + 1)
	}
	level := 1
	for level < 30 && size >= lowLevels[level]*e.low.step>>12 {
		level++
	}
	code := lowCode(level, diff < 0)
	e.low.adaptLow(int(code >> 2))
	return code
}

// lowCode is the code of a level: the first two, when negative, stand apart.
func lowCode(level int, negative bool) byte {
	switch {
	case !negative:
		return byte(62 - level)
	case level <= 2:
		return byte(64 - level)
	}
	return byte(34 - level)
}

func (e *g722Encoder) upper(x int) byte {
	diff := clamp16(x - e.high.guess)
	size, code := diff, 3
	if diff < 0 {
		size, code = -(diff + 1), 1
	}
	if size >= 564*e.high.step>>12 {
		code--
	}
	e.high.adaptHigh(code)
	return byte(code)
}

// g722Decoder is the state of the other direction.
type g722Decoder struct {
	begun     bool
	low, high predictor
	joiner    joiner
}

// decode gives a sample of the lower band for each byte, at the loudness of
// narrowband sound, and two of wideband sound.
func (d *g722Decoder) decode(narrow, wide []int16, from []byte) {
	if !d.begun {
		d.begun, d.low.step, d.high.step = true, 32, 8
	}
	for i, b := range from {
		code := int(b & 0x3f)
		low := clamp15(d.low.guess + d.low.step*lowValue(code)>>15)
		d.low.adaptLow(code >> 2)
		code = int(b >> 6)
		high := clamp15(d.high.guess + d.high.step*highValues[code]>>15)
		d.high.adaptHigh(code)
		narrow[i] = int16(2 * low)
		wide[2*i], wide[2*i+1] = d.joiner.join(low, high)
	}
}

// predictor is the adaptive part of one band: two poles and six zeros that
// guess the next sample, and the step of the quantiser.
type predictor struct {
	guess, zeros int    // of the next sample; what the zeros give of it
	step, scale  int    // the step, and its logarithm
	pole         [2]int // coefficients
	zero         [6]int
	rebuilt      [2]int // samples as they were rebuilt, the newest first
	partly       [2]int // by the zeros alone
	diffs        [6]int // quantised differences
}

// adaptLow follows the lower band by the upper four bits of its code.
func (p *predictor) adaptLow(code int) {
	diff := p.step * lowDiffs[code] >> 15
	p.rescale(lowScale[lowGroup[code]], 18432, 8)
	p.follow(diff)
}

// adaptHigh follows the upper band.
func (p *predictor) adaptHigh(code int) {
	diff := p.step * highValues[code] >> 15
	p.rescale(highScale[code&1], 22528, 10)
	p.follow(diff)
}

// rescale makes the step longer after large differences and shorter after small
// ones.
func (p *predictor) rescale(by, most, shift int) {
	p.scale = min(max(p.scale*127>>7+by, 0), most)
	mantissa := powers[p.scale>>6&31]
	if s := shift - p.scale>>11; s < 0 {
		p.step = mantissa << -s << 2
	} else {
		p.step = mantissa >> s << 2
	}
}

// follow adapts the coefficients to a difference and guesses the next sample.
func (p *predictor) follow(diff int) {
	rebuilt, partly := clamp16(p.guess+diff), clamp16(p.zeros+diff)
	p.adaptPoles(partly)
	gain := 128
	if diff == 0 {
		gain = 0
	}
	for i := range p.zero {
		p.zero[i] = clamp16(p.zero[i]*32640>>15 + signed(gain, diff, p.diffs[i]))
	}
	copy(p.diffs[1:], p.diffs[:5])
	p.rebuilt[1], p.partly[1], p.diffs[0] = p.rebuilt[0], p.partly[0], diff
	p.rebuilt[0], p.partly[0] = rebuilt, partly
	poles := clamp16(p.pole[0]*clamp16(2*p.rebuilt[0])>>15 + p.pole[1]*clamp16(2*p.rebuilt[1])>>15)
	p.zeros = 0
	for i, c := range p.zero {
		p.zeros += c * clamp16(2*p.diffs[i]) >> 15
	}
	p.zeros = clamp16(p.zeros)
	p.guess = clamp16(poles + p.zeros)
}

// adaptPoles moves the poles and keeps them stable.
func (p *predictor) adaptPoles(partly int) {
	second := min(signed(clamp16(4*p.pole[0]), ^partly, p.partly[0]), math.MaxInt16)>>7 + signed(128, partly, p.partly[1]) + p.pole[1]*32512>>15
	second = min(max(second, -12288), 12288)
	first := clamp16(signed(192, partly, p.partly[0]) + p.pole[0]*32640>>15)
	bound := clamp16(15360 - second)
	p.pole[0], p.pole[1] = min(max(first, -bound), bound), second
}

// signed is v, negative where a and b have different signs.
func signed(v, a, b int) int {
	if (a < 0) != (b < 0) {
		return -v
	}
	return v
}

// lowLevels are the decision levels of the lower band (q6 of table 7).
var lowLevels = [30]int{0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
	1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919}

// lowDiffs are the values of the lower band's upper four bits.
var lowDiffs = [16]int{0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0}

// lowValues are those of all six bits, of the codes from 32 on: positive. The
// last four are the smallest of both signs.
var lowValues = [32]int{24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
	4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136}

// lowValue is the value of a code; the first four are used in no stream of ours.
func lowValue(code int) int {
	switch {
	case code >= 32:
		return lowValues[code-32]
	case code < 4:
		return -136
	}
	return -lowValues[code-4]
}

// lowGroup and lowScale say how the step follows the lower band.
var (
	lowGroup = [16]int{0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0}
	lowScale = [8]int{-60, -30, 58, 172, 334, 538, 1198, 3042}
)

// highValues and highScale are those of the upper band.
var (
	highValues = [4]int{-7408, -1616, 7408, 1616}
	highScale  = [2]int{798, -214}
)

// powers are 2048 · 2^(i/32).
var powers = [32]int{2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
	2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008}
