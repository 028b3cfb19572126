package hotline

import (
	"context"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/speech"
)

// remark is something said between a caller and the operator who has them.
type remark struct {
	by       string // the operator; empty: the caller
	citizen  bot.CitizenID
	from     bot.Address
	sound    []int16
	rate     int
	language speech.Language
}

// mostOverheard is how much may wait to be written down: a recogniser that is
// slower than people talk costs words, not memory.
const mostOverheard = 16

// overhear listens to a frame of one of the two who talk to each other. It is
// called by the sound: it must not wait. What was said is written down by
// scribe.
func (t *talk) overhear(g *leg, ear *speech.Ear, by string, frame []int16) {
	if t.line.Ears == nil {
		return
	}
	t.earMu.Lock()
	ended := ear.Hear(frame) == speech.Ended
	s := remark{by: by, citizen: g.citizen, from: g.from, language: g.language}
	if ended {
		s.sound, s.rate = append([]int16(nil), ear.Talk()...), ear.Rate()
	}
	t.earMu.Unlock()
	if !ended {
		return
	}
	select {
	case t.overheard <- s:
	default:
		t.line.figures.unheard.Add(1)
	}
}

// scribe writes down what a caller and an operator say to each other, in the
// order in which it ended; what was said last also when the call is over.
func (t *talk) scribe(ctx context.Context) {
	after := context.WithoutCancel(ctx)
	for {
		select {
		case s := <-t.overheard:
			t.writeDown(after, s)
		case <-ctx.Done():
			last, stop := context.WithTimeout(after, t.line.Times.Answer)
			defer stop()
			for len(t.overheard) > 0 {
				t.writeDown(last, <-t.overheard)
			}
			return
		}
	}
}

// writeDown recognises what was said, and keeps it with the conversation.
func (t *talk) writeDown(ctx context.Context, s remark) {
	ctx, stop := context.WithTimeout(ctx, t.line.Times.Answer)
	defer stop()
	began := time.Now()
	text, err := t.line.Ears.Recognize(ctx, speech.WAV(s.sound, s.rate), s.language)
	t.line.figures.recognised(time.Since(began), err == nil && text != "")
	switch {
	case err != nil:
		t.line.Log.Warn("recogniser", "call", t.call.ID(), "error", err)
		return
	case isNoise(text):
		return
	case s.by == "":
		_, err = t.line.Engine.Receive(ctx, bot.Inbound{From: s.from, Text: text, Event: bot.EventOverheard})
	default:
		err = t.line.Desk.Said(ctx, s.citizen, s.by, text)
	}
	t.line.complain("write down what is said to a person", t.call.ID(), err)
}
