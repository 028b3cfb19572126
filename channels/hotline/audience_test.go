package hotline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/media"
)

// listener is somebody who takes what they hear as it comes.
type listener struct {
	Listening
	sides [2][]int16 // the caller, the line
}

// until takes sound until it is as wished.
func (l *listener) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	eventually(t, what, func() bool {
		select {
		case piece, more := <-l.Sound:
			if !more {
				t.Fatalf("%s: the call is over", what)
			}
			for ; len(piece) > 0; piece = piece[sampleSize:] {
				for side := range l.sides {
					l.sides[side] = append(l.sides[side], int16(binary.LittleEndian.Uint16(piece[2*side:])))
				}
			}
		default:
		}
		return ok()
	})
}

func (l *listener) forget() { l.sides = [2][]int16{} }

// onlooker looks whether a call can be heard when told that it may have changed,
// and at no other time.
type onlooker struct {
	citizen bot.CitizenID
	line    atomic.Pointer[Line]
	hears   atomic.Bool
}

func (o *onlooker) moved(citizen bot.CitizenID) {
	if citizen == o.citizen {
		o.hears.Store(o.line.Load().Hearable(citizen))
	}
}

// TestListenedTo: who listens to a call hears the caller on one side and the
// bot, then the operator, on the other, until the call is over; who takes
// nothing of it loses the oldest sound and keeps nobody waiting; more than a few
// are not let in, and nobody is to a call whose caller was not told.
func TestListenedTo(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply(strings.Repeat("请问您要办什么事？", 20)) }}
	exchange := hotlinetest.NewPhone(t, 4)
	const citizen = bot.CitizenID("p-" + Unproven + "13800000000")
	told := &onlooker{citizen: citizen}
	l := openLine(t, s, func(c *Config) {
		c.Operators, c.Times, c.People = []string{exchange.URI("800")}, hurried(), phoneBook{"801": "甲"}
		c.Recordings, c.RecordTo = &shelf{}, t.TempDir()
		c.Moved = told.moved
	})
	told.line.Store(l)
	if _, err := l.Listen(citizen); !errors.Is(err, ErrOver) || l.Hearable(citizen) {
		t.Errorf("before the call: %v", err)
	}
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the call", func() bool { return l.Hearable(citizen) })
	eventually(t, "being told that there is something to hear", func() bool { return told.hears.Load() })
	var here []*listener
	for range mostListeners {
		heard, err := l.Listen(citizen)
		granted(t, err)
		here = append(here, &listener{Listening: heard})
	}
	if _, err := l.Listen(citizen); !errors.Is(err, ErrCrowded) {
		t.Errorf("one too many: %v", err)
	}
	here[3].End()
	here[3].End()
	again, err := l.Listen(citizen)
	granted(t, err)
	again.End()
	if head := here[0].Head; !bytes.HasPrefix(head, []byte("RIFF")) || len(head) != 44 {
		t.Errorf("%q is no head of a WAV file", head)
	}

	awake, asleep := here[0], here[1]
	call.Say(tone(700, 3))
	awake.until(t, "the caller's voice", func() bool { return strength(awake.sides[0], 700) > .9 })
	awake.until(t, "the bot's voice", func() bool { return strength(awake.sides[1], 300) > .9 })
	granted(t, l.Answer(t.Context(), citizen, "甲"))
	operator := exchange.Incoming()
	eventually(t, "the taking", func() bool { return slices.Contains(s.done(), "take") && l.Live()[0].Operator == "甲" })
	operator.Say(tone(1100, 3))
	call.Say(tone(500, 3))
	awake.forget()
	awake.until(t, "the operator's voice", func() bool { return strength(awake.sides[1], 1100) > .9 })
	awake.until(t, "the caller's voice again", func() bool { return strength(awake.sides[0], 500) > .9 })
	if strength(awake.sides[0], 1100) > .5 || strength(awake.sides[1], 500) > .5 {
		t.Error("the sides are not kept apart")
	}
	// Nothing was taken of this all the while, and it is there all the same.
	eventually(t, "the operator's voice at the caller's", func() bool { return strength(call.Heard(), 1100) > .9 })
	awake.until(t, "all that is kept for who takes nothing", func() bool { return len(asleep.Sound) == soundBehind })

	call.Hangup()
	eventually(t, "the end", func() bool {
		select {
		case _, more := <-awake.Sound:
			return !more
		default:
			return false
		}
	})
	if _, err := l.Listen(citizen); !errors.Is(err, ErrOver) || l.Hearable(citizen) {
		t.Errorf("after the call: %v", err)
	}
	eventually(t, "being told that there is nothing to hear", func() bool { return !told.hears.Load() })
	awake.End()

	untold := openLine(t, asking())
	hotlinetest.NewPhone(t, 2).MustDial(untold.uri(), "13800000000")
	eventually(t, "a call that is not recorded", func() bool { return len(untold.Live()) == 1 })
	if _, err := untold.Listen(citizen); !errors.Is(err, ErrUntold) || untold.Hearable(citizen) {
		t.Errorf("who was not told is listened to: %v", err)
	}
}

// TestSlowListener: of what is not taken the newest stays, and the sound's clock
// waits for nobody.
func TestSlowListener(t *testing.T) {
	t.Parallel()
	a := newAudience()
	slow, err := a.join()
	granted(t, err)
	const pieces = 50
	in, out := make([]int16, media.Frame), make([]int16, media.Frame)
	for n := range pieces {
		for range soundPiece / sampleSize / media.Frame {
			in[0], out[0] = int16(n), -int16(n)
			a.tap(in, out) // would not come back if it waited
		}
	}
	a.close()
	first := pieces - soundBehind
	for piece := range slow.Sound {
		if caller, line := int16(binary.LittleEndian.Uint16(piece)), int16(binary.LittleEndian.Uint16(piece[2:])); int(caller) != first || line != -caller {
			t.Errorf("piece %d of the caller, %d of the line, want %d", caller, line, first)
		}
		first++
	}
	if first != pieces {
		t.Errorf("ends with piece %d", first)
	}
}
