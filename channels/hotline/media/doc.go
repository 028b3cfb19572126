// Package media carries the sound of a call: RTP over UDP with G.711 or G.722,
// digits by RFC 4733, RTCP, and the session descriptions that arrange them.
//
// Sound is 8,000 samples a second, 16 bit, in frames of 20 ms; with G.722 it
// may be 16,000, and is brought from one to the other where the sides of a
// bridge differ. One goroutine a
// call sends a frame every 20 ms by an absolute schedule, silence where there
// is nothing to say, so that address translators and trunks keep the way open;
// another reads, puts packets in order, and hands frames and digits on.
//
// It refuses to know what is said, and who says it. It takes packets from one
// address only: the one the description named, or the first that was heard
// from, and locks to it.
package media

import "time"

// The sound of a call.
const (
	Rate      = 8000 // samples a second
	FrameTime = 20 * time.Millisecond
	Frame     = 160 // samples of one frame
)
