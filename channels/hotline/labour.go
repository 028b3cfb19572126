package hotline

import (
	"context"
	"errors"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/speech"
)

// task is work that takes time: words to be recognised, a turn of the engine,
// sentences to be made.
type task struct {
	in     bot.Inbound
	from   bot.Address // who the caller was when it was given
	wav    []byte
	spoken speech.Language
	ended  time.Time
	say    []piece
	manner speech.Manner

	survey    bool   // words may say how it went
	challenge bool   // send a code that proves the caller's number
	proof     string // digits that are to prove it
}

// result is what came of a turn.
type result struct {
	turn       bot.Turn
	err        error
	text       string        // as recognised
	unheard    bool          // nothing was recognised
	wished     bool          // it is about the voice, not about an errand
	opinion    rune          // the key of how it went; 0: it is about something else
	recognised time.Duration // what the recogniser took
	proof      bool          // a code was sent, or the number is proven
	task       task
}

// give hands work to labour; sentences are made beside it.
func (t *talk) give(k task) {
	k.from = t.from
	if k.say == nil {
		t.pending++
		t.silentAt = time.Time{}
		if t.fillerAt.IsZero() && !t.opening {
			t.fillerAt = time.Now().Add(t.line.Times.Filler)
		}
	}
	queue := t.work
	if k.say != nil {
		queue = t.speeches
	}
	select {
	case queue <- k:
	default:
		t.line.Log.Error("a call has too much work waiting", "call", t.call.ID())
		t.ended = true
	}
}

// labour carries turns out in order. Sentences are made in order too, beside
// them: a slow turn does not hold up what is being said.
func (t *talk) labour(ctx context.Context) {
	t.owned.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case k := <-t.speeches:
				t.make(ctx, k.say, k.manner)
			}
		}
	})
	for {
		select {
		case <-ctx.Done():
			return
		case k := <-t.work:
			r := t.turn(ctx, k)
			select {
			case t.results <- r:
			case <-ctx.Done():
			}
		}
	}
}

// turn recognises where there is sound, and asks the engine.
func (t *talk) turn(ctx context.Context, k task) result {
	r := result{task: k}
	switch {
	case k.challenge:
		r = t.challenge(ctx, k.from)
	case k.proof != "":
		r = t.prove(ctx, k.from, k.proof)
	}
	if r.task = k; k.challenge || k.proof != "" {
		return r
	}
	if k.wav != nil {
		begin := time.Now()
		rctx, cancel := context.WithTimeout(ctx, t.line.Times.Answer)
		r.text, r.err = t.line.Ears.Recognize(rctx, k.wav, k.spoken)
		cancel()
		r.recognised = time.Since(begin)
		t.line.figures.recognised(r.recognised, r.err == nil && r.text != "")
		if r.err != nil || isNoise(r.text) {
			r.unheard = true
			return r
		}
		if r.wished = isVoiceWish(r.text); r.wished {
			return r
		}
		if k.survey {
			if r.opinion = opinion(r.text); r.opinion != 0 {
				return r
			}
		}
		k.in.Text, k.in.Event = r.text, bot.NoEvent
	}
	k.in.From = k.from
	tctx, cancel := context.WithTimeout(ctx, t.line.Times.Answer)
	defer cancel()
	r.turn, r.err = t.line.Engine.Receive(tctx, k.in)
	if r.err != nil {
		return r
	}
	if k.in.Event == bot.EventCall {
		t.going(tctx, r.turn.Citizen, "") // before anybody can take it
	}
	// They are ours from here: what a caller did not hear to its end is noted.
	if err := t.line.Engine.Delivered(tctx, ids(r.turn.Out)...); err != nil && !errors.Is(err, context.Canceled) {
		t.line.Log.Error("mark replies as said", "call", t.call.ID(), "error", err)
	}
	return r
}

// ids are those of what is to be said.
func ids(out []bot.Outgoing) []bot.OutgoingID {
	var all []bot.OutgoingID
	for _, o := range out {
		all = append(all, o.ID)
	}
	return all
}

// answered has what came of a turn.
func (t *talk) answered(ctx context.Context, r result) {
	if t.pending--; t.pending == 0 {
		t.fillerAt = time.Time{}
	}
	switch {
	case r.task.challenge || r.task.proof != "":
		t.proven(ctx, r)
		return
	case r.task.from != t.from: // before the caller's number was proven
		return
	case r.unheard:
		t.misheard(ctx, r)
		return
	case r.err != nil:
		if ctx.Err() == nil {
			t.line.Log.Error("turn of a call", "call", t.call.ID(), "error", r.err)
			t.say(ctx, t.words().failed)
		}
		return
	}
	if in := r.task.in; r.text != "" || in.Event == bot.EventDigits && in.EventKey != "*" {
		t.unheard = 0
	}
	if r.opinion != 0 && t.surveyed(ctx, r.opinion) {
		return
	}
	if r.wished {
		t.adopt(ctx, r.text)
		return
	}
	t.known(r.turn.Citizen)
	if r.text != "" {
		t.noteInterruption()
	}
	t.wasIn, t.flow = t.flow, r.turn.Trace.Flow
	if r.task.in.Event != bot.EventSilence {
		t.silences, t.nobody = 0, false
		t.replied()
	}
	was := t.handling
	t.handling = r.turn.Handling
	t.spoke = r.task.ended
	if !t.spoke.IsZero() {
		t.spoke = t.spoke.Add(r.recognised)
	}
	if t.surveying && r.text != "" {
		t.surveyOver(ctx) // they speak of something else
	}
	t.sayTurn(ctx, r.turn)
	t.opening = false
	t.offerProof(ctx, r.turn)
	t.follow(ctx, was, r)
	t.leadOn(ctx, r)
	if !t.mouth.busy() {
		t.said(ctx, 0)
	}
}

// known has who is on the line; operators' words find them from now on.
func (t *talk) known(citizen bot.CitizenID) {
	if t.citizen == "" {
		t.citizen = citizen
		t.passing.Store(citizen)
		t.line.join(citizen, t)
	}
}

// sayTurn says a turn's replies, the options of the last one with them. The
// opening question is not a menu: its options are read only where keys are all
// there is.
func (t *talk) sayTurn(ctx context.Context, turn bot.Turn) {
	for i, out := range turn.Out {
		last := i == len(turn.Out)-1
		if last {
			t.offered = len(out.Reply.Options)
		}
		if last && t.needsWords(turn) {
			continue
		}
		t.sayReply(ctx, out.Reply, last && !(t.opening && t.line.Ears != nil))
	}
	t.collect(turn)
}

// needsWords says whether a turn asks what only words answer of somebody who is
// not listened to.
func (t *talk) needsWords(turn bot.Turn) bool {
	if t.line.Ears != nil || t.placing != nil || turn.Handling != bot.ByBot || turn.Asked != bot.AskedSlot || len(turn.Out) == 0 {
		return false
	}
	last := turn.Out[len(turn.Out)-1].Reply
	return len(last.Options) == 0 && !asksNumber(last)
}

// leadOn keeps who is not listened to out of dead ends: a question that only
// words answer is a person's, and where an errand is over there is a menu again.
func (t *talk) leadOn(ctx context.Context, r result) {
	switch {
	case t.needsWords(r.turn):
		t.say(ctx, t.words().needsWords)
		t.give(task{in: bot.Inbound{Event: bot.EventDigits, EventKey: "0", ByLine: true}})
	case t.line.Ears == nil && t.placing == nil && r.turn.Handling == bot.ByBot && r.turn.Asked != bot.AskedSlot && t.offered == 0 && !t.parting && !t.surveying && (t.wasIn != "" || t.flow != ""):
		t.give(task{in: bot.Inbound{Event: bot.EventMenu, ByLine: true}})
	}
}

// follow rings a person where the engine queued the caller for one, and hangs
// up after a goodbye.
func (t *talk) follow(ctx context.Context, was bot.Handling, r result) {
	turn := r.turn
	if turn.Handling == bot.Queued && r.task.in.Event == bot.EventCall { // since an earlier call
		t.say(ctx, t.words().waited)
	}
	if turn.Handling == bot.Queued && (was != bot.Queued || turn.Trace.Intent == bot.TalkToOperator || turn.Trace.Decision == bot.Danger) {
		t.toPerson(ctx)
	}
	if turn.Trace.Intent == bot.Goodbye && turn.Trace.Flow == "" && t.offered == 0 {
		t.parting = true
	}
}
