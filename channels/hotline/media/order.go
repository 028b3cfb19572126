package media

// patience is how many later packets are held while one is missing: 60 ms.
const patience = 3

// longestGap is how many lost packets are made up for; a longer gap is a
// stream that paused.
const longestGap = 10

// order puts packets in order. It is a few slots long: enough for packets that
// overtake each other, short enough not to be heard.
type order struct {
	begun bool
	next  uint16
	held  map[uint16]packet
	late  int
	lost  int
}

// put takes a packet in and hands on what is next, in order: packets, and nil
// for each one lost.
func (o *order) put(p packet, hand func(*packet)) {
	if !o.begun {
		o.begun, o.next, o.held = true, p.sequence, map[uint16]packet{}
	}
	ahead := int16(p.sequence - o.next)
	if ahead < 0 {
		if ahead > -100 {
			o.late++
			return
		}
		o.restart(p)
	} else if ahead > 1000 {
		o.restart(p)
	}
	if _, twice := o.held[p.sequence]; twice {
		return
	}
	if p.sequence != o.next { // kept until its turn: its bytes are the reader's
		p.payload = append([]byte(nil), p.payload...)
	}
	o.held[p.sequence] = p
	for len(o.held) > 0 {
		if q, ok := o.held[o.next]; ok {
			delete(o.held, o.next)
			o.next++
			hand(&q)
			continue
		}
		if len(o.held) <= patience {
			return
		}
		o.skip(hand)
	}
}

// skip gives up on what is missing before the first held packet.
func (o *order) skip(hand func(*packet)) {
	gap := uint16(0xffff)
	for s := range o.held {
		gap = min(gap, s-o.next)
	}
	for i := range gap {
		o.lost++
		if i < longestGap {
			hand(nil)
		}
	}
	o.next += gap
}

func (o *order) restart(p packet) {
	o.next = p.sequence
	clear(o.held)
}
