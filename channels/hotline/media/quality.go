package media

import "time"

// Quality is how a call's sound arrived.
type Quality struct {
	Received, Lost, Late int64
	Jitter               time.Duration // interarrival (RFC 3550, 6.4.1)
	RoundTrip            time.Duration // by RTCP; 0: not known
	TheirLoss            float64       // share the other side reports lost
	MOS                  float64       // estimate, 1 to 4.4
}

// Loss is the share of packets that never came.
func (q Quality) Loss() float64 {
	if q.Received+q.Lost == 0 {
		return 0
	}
	return float64(q.Lost) / float64(q.Received+q.Lost)
}

// mos estimates the mean opinion by the E-model (ITU-T G.107) for G.711 whose
// lost packets are made up for (G.113: Ie 0, Bpl 25.1).
func mos(loss float64, delay time.Duration) float64 {
	d := float64(delay) / float64(time.Millisecond)
	delayed := 0.024 * d
	if d > 177.3 {
		delayed += 0.11 * (d - 177.3)
	}
	percent := 100 * loss
	r := 93.2 - delayed - 95*percent/(percent+25.1)
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return 1 + 0.035*r + r*(r-60)*(100-r)*7e-6
}
