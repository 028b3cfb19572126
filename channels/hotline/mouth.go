package hotline

import (
	"context"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/speech"
)

// piece is a sentence on its way to the caller.
type piece struct {
	mark int
	text string
	firm bool // not stopped by a voice: notices and danger
}

// clip is a sentence made.
type clip struct {
	piece   piece
	samples []int16
	wide    bool
	err     error
}

// mouth is what is being said: pieces in order, each made, then played.
type mouth struct {
	marks   int
	pieces  []piece         // not yet played to the end; the first is being played
	waiting []chan struct{} // told when all is said
}

func (m *mouth) busy() bool { return len(m.pieces) > 0 }

// firm says whether what is being said must not be talked over.
func (m *mouth) firm() bool { return len(m.pieces) > 0 && m.pieces[0].firm }

func (m *mouth) release() {
	for _, done := range m.waiting {
		close(done)
	}
	m.waiting = nil
}

// say queues words of the line's own.
func (t *talk) say(ctx context.Context, text string) { t.utterAll(ctx, text, false) }

// utterAll queues sentences and begins to make them.
func (t *talk) utterAll(ctx context.Context, text string, firm bool) {
	var pieces []piece
	if text = aloud(t.line.Simplify(text)); t.line.Ears == nil {
		text = byKeys(text)
	}
	for _, s := range speech.Sentences(text) {
		t.mouth.marks++
		pieces = append(pieces, piece{t.mouth.marks, s, firm})
	}
	t.queue(ctx, pieces)
}

// queue makes pieces, in order, beside the conversation; each is played as
// soon as it is made.
func (t *talk) queue(ctx context.Context, pieces []piece) {
	if len(pieces) == 0 {
		return
	}
	t.silentAt = time.Time{}
	t.mouth.pieces = append(t.mouth.pieces, pieces...)
	m := t.manner
	m.Wide = t.sound.Wide()
	t.give(task{say: pieces, manner: m})
}

// maker makes sentences in order until ctx ends.
func (t *talk) make(ctx context.Context, pieces []piece, m speech.Manner) {
	for _, p := range pieces {
		samples, err := t.line.Voice.Say(ctx, p.text, m)
		select {
		case t.clips <- clip{p, samples, m.Wide, err}:
		case <-ctx.Done():
			return
		}
	}
}

// utter plays a sentence that was made, unless it is no longer wanted.
func (t *talk) utter(c clip) {
	wanted := false
	for _, p := range t.mouth.pieces {
		wanted = wanted || p.mark == c.piece.mark
	}
	if !wanted {
		return
	}
	if c.err != nil || len(c.samples) == 0 {
		if c.err != nil {
			t.line.figures.mute.Add(1)
			t.line.Log.Error("make a sentence", "call", t.call.ID(), "error", c.err)
		}
		t.playedTo(c.piece.mark)
		return
	}
	if !t.spoke.IsZero() {
		t.line.figures.answeredIn(time.Since(t.spoke))
		t.spoke = time.Time{}
	}
	play(t.sound, c.piece.mark, c.samples, c.wide)
}

func play(s *media.Session, mark int, samples []int16, wide bool) {
	if wide {
		s.PlayWide(mark, samples)
		return
	}
	s.Play(mark, samples)
}

// playedTo is called by the sound's clock.
func (t *talk) playedTo(mark int) {
	select {
	case t.played <- mark:
	default:
	}
}

// said moves on when a piece was heard to its end.
func (t *talk) said(ctx context.Context, mark int) {
	for i, p := range t.mouth.pieces {
		if p.mark == mark {
			t.mouth.pieces = append([]piece(nil), t.mouth.pieces[i+1:]...)
			break
		}
	}
	if t.mouth.busy() {
		return
	}
	t.mouth.release()
	if t.placing != nil && t.placing.saying {
		t.placing.heardOut = true
	}
	switch {
	case t.pending > 0:
	case t.parting:
		t.ended = true
	default:
		t.listen()
	}
}

// hush stops what is being said and returns what was not heard to its end.
func (t *talk) hush() []piece {
	t.sound.Hush()
	left := t.mouth.pieces
	t.mouth.pieces = nil
	t.mouth.release()
	return left
}

// sayReply says one of the engine's replies. firm replies are not stopped by
// a voice.
func (t *talk) sayReply(ctx context.Context, r bot.Reply, options bool) {
	text := r.Text
	if r.Spoken != "" {
		text = r.Spoken
	}
	if options && len(r.Options) > 0 {
		text += "\n" + t.choices(r.Options)
	}
	t.utterAll(ctx, text, r.Urgent)
}

// choices reads options with the keys that choose them.
func (t *talk) choices(options []bot.Option) string {
	w := t.words()
	var parts []string
	for i, o := range options {
		if o.URL != "" || i >= 99 {
			continue
		}
		parts = append(parts, w.press(o.Text, i+1))
	}
	return strings.Join(parts, w.between) + w.stop
}
