package hotline

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"sync/atomic"

	"guanjia/bot"
	"guanjia/channels/hotline/media"
)

// Why a call cannot be listened to.
var (
	ErrCrowded = errors.New("as many as may listen to the call already")
	ErrUntold  = errors.New("the caller was not told that somebody may listen")
)

// Listening is a call as one person hears it while it goes on: a WAV file
// without an end, the caller left, whoever talks with them right.
type Listening struct {
	Head []byte
	// Sound are its samples, a piece each tenth of a second; closed when the
	// call is over. What is not taken in time is lost, the oldest first.
	Sound <-chan []byte
	// End gives the place up, once or more often.
	End func()
}

// Bounds of an audience.
const (
	mostListeners = 4                            // of one call
	soundPiece    = 5 * media.Frame * sampleSize // a tenth of a second
	soundBehind   = 6                            // pieces that wait for a slow listener
	sampleSize    = 2 * 2                        // of both sides, 16 bits each
)

// audience is those who listen to a call while it goes on. What they hear is
// kept nowhere, and the call waits for none of them.
type audience struct {
	there atomic.Bool // somebody listens: the sound's clock need not lock to know
	mu    sync.Mutex
	seats map[chan []byte]bool
	piece []byte
	over  bool
}

func newAudience() *audience { return &audience{seats: map[chan []byte]bool{}} }

// Listen has somebody listen to the call a citizen is on.
func (l *Line) Listen(citizen bot.CitizenID) (Listening, error) {
	switch t := l.talkOf(citizen); {
	case t == nil:
		return Listening{}, ErrOver
	case t.audience == nil:
		return Listening{}, ErrUntold
	default:
		return t.audience.join()
	}
}

// Hearable says whether a citizen is on a call that can be listened to.
func (l *Line) Hearable(citizen bot.CitizenID) bool {
	t := l.talkOf(citizen)
	return t != nil && t.audience != nil && t.audience.open()
}

func (a *audience) open() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.over
}

func (a *audience) join() (Listening, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.over:
		return Listening{}, ErrOver
	case len(a.seats) == mostListeners:
		return Listening{}, ErrCrowded
	case len(a.seats) == 0:
		a.piece = nil // what is left from those who were here before
	}
	seat := make(chan []byte, soundBehind)
	a.seats[seat] = true
	a.there.Store(true)
	return Listening{Head: endless(), Sound: seat, End: func() { a.leave(seat) }}, nil
}

func (a *audience) leave(seat chan []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.seats, seat)
	a.there.Store(len(a.seats) > 0)
}

// tap takes 20 ms of both sides. The sound's clock calls it: it does not wait
// for anybody who listens.
func (a *audience) tap(in, out []int16) {
	if !a.there.Load() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range in {
		a.piece = binary.LittleEndian.AppendUint16(a.piece, uint16(in[i]))
		a.piece = binary.LittleEndian.AppendUint16(a.piece, uint16(out[i]))
	}
	if len(a.piece) < soundPiece {
		return
	}
	for seat := range a.seats {
		offer(seat, a.piece)
	}
	a.piece = make([]byte, 0, soundPiece)
}

// offer puts a piece before a listener, in the place of the oldest that waits
// where there is no room. Nobody else puts any there.
func offer(seat chan []byte, piece []byte) {
	select {
	case seat <- piece:
		return
	default:
	}
	select {
	case <-seat:
	default: // it was taken this moment
	}
	seat <- piece
}

// close sends everybody home: the call is over.
func (a *audience) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.there.Store(false)
	for seat := range a.seats {
		close(seat)
	}
	clear(a.seats)
}

// endless is the head of a WAV file that goes on for as long as a call does.
func endless() []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), math.MaxUint32)
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(b, 1) // samples as they are
	b = le.AppendUint16(b, 2)
	b = le.AppendUint32(b, media.Rate)
	b = le.AppendUint32(b, media.Rate*sampleSize)
	b = le.AppendUint16(b, sampleSize)
	b = le.AppendUint16(b, 16)
	return le.AppendUint32(append(b, "data"...), math.MaxUint32)
}
