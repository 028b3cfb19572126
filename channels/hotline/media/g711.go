package media

// Law is the form sound is sent in, a G.711 companding law or G.722; its value
// is the static RTP payload type.
type Law uint8

// The laws.
const (
	PCMU Law = 0
	PCMA Law = 8
	G722 Law = 9 // its clock is 8,000 a second all the same (RFC 3551, 4.5.2)
)

// String names the law as a session description does.
func (l Law) String() string {
	switch l {
	case PCMU:
		return "PCMU"
	case G722:
		return "G722"
	}
	return "PCMA"
}

// tables are the two laws written out: decoding by byte, encoding by the upper
// 13 (A) and 14 (µ) bits of a sample.
type tables struct {
	fromA, fromU [256]int16
	toA          [1 << 13]byte
	toU          [1 << 14]byte
}

var g711 = makeTables()

func makeTables() *tables {
	t := &tables{}
	for i := range 256 {
		t.fromA[i], t.fromU[i] = expandA(byte(i)), expandU(byte(i))
	}
	for i := range t.toA {
		t.toA[i] = compressA(int16(i << 3))
	}
	for i := range t.toU {
		t.toU[i] = compressU(int16(i << 2))
	}
	return t
}

// Encode compands samples into out, which must be as long; not for G722.
func (l Law) Encode(out []byte, samples []int16) {
	if l == PCMU {
		for i, s := range samples {
			out[i] = g711.toU[uint16(s)>>2]
		}
		return
	}
	for i, s := range samples {
		out[i] = g711.toA[uint16(s)>>3]
	}
}

// Decode expands companded bytes into out, which must be as long; not for G722.
func (l Law) Decode(out []int16, from []byte) {
	table := &g711.fromA
	if l == PCMU {
		table = &g711.fromU
	}
	for i, b := range from {
		out[i] = table[b]
	}
}

// expandA is one byte of A-law (ITU-T G.711, even bits inverted).
func expandA(b byte) int16 {
	b ^= 0x55
	v := int(b&0x0f)<<4 + 8
	if seg := int(b&0x70) >> 4; seg > 0 {
		v = (v + 0x100) << (seg - 1)
	}
	if b&0x80 == 0 {
		v = -v
	}
	return int16(v)
}

// compressA is expandA the other way.
func compressA(s int16) byte {
	v, sign := int(s)>>3, byte(0xd5)
	if v < 0 {
		v, sign = -v-1, 0x55
	}
	seg := 0
	for top := 0x1f; seg < 8 && v > top; seg++ {
		top = top<<1 | 1
	}
	if seg >= 8 {
		return 0x7f ^ sign
	}
	shift := max(seg, 1)
	return (byte(seg<<4) | byte(v>>shift)&0x0f) ^ sign
}

// muBias is added before µ-law's logarithm.
const muBias = 0x84

// expandU is one byte of µ-law (all bits inverted).
func expandU(b byte) int16 {
	b = ^b
	v := (int(b&0x0f)<<3 + muBias) << (b & 0x70 >> 4)
	if b&0x80 != 0 {
		return int16(muBias - v)
	}
	return int16(v - muBias)
}

// compressU is expandU the other way.
func compressU(s int16) byte {
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, 32635) + muBias
	seg := 7
	for mask := 0x4000; seg > 0 && v&mask == 0; mask >>= 1 {
		seg--
	}
	return ^(sign | byte(seg<<4) | byte(v>>(seg+3))&0x0f)
}
