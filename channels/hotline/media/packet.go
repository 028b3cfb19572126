package media

import "encoding/binary"

// packet is an RTP packet (RFC 3550, 5.1).
type packet struct {
	marker    bool
	kind      uint8 // payload type
	sequence  uint16
	timestamp uint32
	source    uint32
	payload   []byte
}

const headerSize = 12

// parsePacket reads a packet; false where it is none.
func parsePacket(raw []byte) (packet, bool) {
	if len(raw) < headerSize || raw[0]>>6 != 2 {
		return packet{}, false
	}
	p := packet{
		marker: raw[1]&0x80 != 0, kind: raw[1] & 0x7f, sequence: binary.BigEndian.Uint16(raw[2:]),
		timestamp: binary.BigEndian.Uint32(raw[4:]), source: binary.BigEndian.Uint32(raw[8:]),
	}
	at := headerSize + 4*int(raw[0]&0x0f)
	if raw[0]&0x10 != 0 { // a header extension
		if len(raw) < at+4 {
			return packet{}, false
		}
		at += 4 + 4*int(binary.BigEndian.Uint16(raw[at+2:]))
	}
	end := len(raw)
	if raw[0]&0x20 != 0 {
		end -= int(raw[end-1])
	}
	if at > end {
		return packet{}, false
	}
	p.payload = raw[at:end]
	return p, true
}

// appendPacket writes a packet's header.
func appendPacket(out []byte, p packet) []byte {
	second := p.kind
	if p.marker {
		second |= 0x80
	}
	out = append(out, 0x80, second)
	out = binary.BigEndian.AppendUint16(out, p.sequence)
	out = binary.BigEndian.AppendUint32(out, p.timestamp)
	return binary.BigEndian.AppendUint32(out, p.source)
}
