package media

import "encoding/binary"

// keypad are the digits by event number (RFC 4733, 3.2).
const keypad = "0123456789*#ABCD"

// digitEar finds the keys in a stream of telephone events. An event is told by
// its timestamp: however many of its packets are lost, repeated or late, the
// key is heard once, at the first packet of it that arrives.
type digitEar struct {
	heard    bool
	stamp    uint32 // of the event last heard
	event    uint8
	duration uint16
	ended    bool
	source   uint32
}

// hear returns the key a packet begins; 0 where it goes on with one.
func (d *digitEar) hear(p packet) rune {
	if len(p.payload) < 4 || int(p.payload[0]) >= len(keypad) {
		return 0
	}
	event, end := p.payload[0], p.payload[1]&0x80 != 0
	duration := binary.BigEndian.Uint16(p.payload[2:])
	same := d.heard && d.source == p.source
	if same && p.timestamp == d.stamp {
		d.duration, d.ended = max(d.duration, duration), d.ended || end
		return 0
	}
	if same && int32(p.timestamp-d.stamp) < 0 {
		return 0 // late
	}
	// A key held longer than its duration can say goes on under a new timestamp.
	goesOn := same && !d.ended && event == d.event && d.duration >= 0xff00 && p.timestamp-d.stamp <= 0x10000
	*d = digitEar{true, p.timestamp, event, duration, end, p.source}
	if goesOn {
		return 0
	}
	return rune(keypad[event])
}

// eventPayload is one packet of a key being pressed.
func eventPayload(digit rune, duration uint16, end bool) []byte {
	event := byte(0)
	for i, k := range keypad {
		if k == digit {
			event = byte(i)
		}
	}
	flags := byte(10) // −10 dBm0
	if end {
		flags |= 0x80
	}
	return binary.BigEndian.AppendUint16([]byte{event, flags}, duration)
}
