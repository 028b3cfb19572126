package hotline

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
	"guanjia/channels/hotline/speech"
)

// talk is one call's conversation. Everything that happens comes to run, one
// thing at a time; only the channels and the ear are touched by others.
type talk struct {
	line  *Line
	call  *signal.Call
	sound *media.Session
	from  bot.Address
	over  chan struct{} // closed when run has ended
	owned sync.WaitGroup

	keys     chan rune
	voice    chan utterance
	played   chan int
	clips    chan clip
	results  chan result
	sayings  chan saying
	leaving  chan struct{} // the service closes
	work     chan task     // turns
	speeches chan task     // sentences
	wishes   chan wish     // of the desk
	began    time.Time
	board    atomic.Pointer[Live]
	once     sync.Once

	holds   chan struct{} // the operator's telephone held the call, or took it back
	legs    chan reached
	left    chan *leg
	through atomic.Pointer[leg] // where frames of the caller go
	passing atomic.Value        // bot.CitizenID, for those beside run

	audience *audience // nil: the caller was not told of one

	earMu     sync.Mutex
	ear       *speech.Ear
	overheard chan remark // between the caller and an operator

	// Only run touches what follows.
	citizen  bot.CitizenID
	manner   speech.Manner
	gain     int
	mouth    mouth
	digits   string
	digitsAt time.Time // when the number is taken for complete
	offered  int       // options of the last question
	opening  bool      // the reply to the call itself is on its way
	pending  int       // tasks given out and not come back
	fillerAt time.Time
	silentAt time.Time
	silences int
	unheard  int
	handling bot.Handling
	cut      []piece // what an interruption left unsaid
	spoke    time.Time
	parting  bool  // hang up when all is said
	lonely   bool  // because nobody was heard
	tape     *tape // nil: not recorded
	ringing  bool  // somebody is being rung
	leg      *leg  // the operator the caller is put through to
	bridged  bool  // a person was reached in this call
	owed     bool  // a callback is registered
	nobody   bool  // took the call, and nothing was said or pressed since
	// surveying is set while the next key says how it went.
	surveying bool
	waiting   []saying   // until the survey is over
	placing   *placing   // nil: they called us
	proving   bool       // the next keys are to prove the number
	proofs    int        // tries that failed
	hinted    bool       // how to prove it was told
	since     time.Time  // when the call began, by the service's clock
	flow      bot.Intent // under way after the last turn
	wasIn     bot.Intent // before it
	ended     bool
}

// utterance is what the ear noticed.
type utterance struct {
	what   speech.Happening
	sound  []int16
	rate   int       // of its samples
	ended  time.Time // when the voice stopped
	voiced time.Duration
}

// saying is a reply that comes from outside the caller's turns.
type saying struct {
	reply bot.Reply
	done  chan struct{}
}

// buffers of the channels: far more than a call brings in the time run takes.
const buffer = 64

func (l *Line) newTalk(c *signal.Call, sound *media.Session, from bot.Address) *talk {
	t := &talk{
		line: l, call: c, sound: sound, from: from, over: make(chan struct{}), ear: speech.NewEar(), gain: usualGain,
		keys: make(chan rune, buffer), voice: make(chan utterance, buffer), played: make(chan int, buffer), clips: make(chan clip, buffer),
		results: make(chan result, buffer), sayings: make(chan saying), leaving: make(chan struct{}), work: make(chan task, buffer), speeches: make(chan task, buffer), wishes: make(chan wish), began: time.Now(), since: l.Clock(),
		holds: make(chan struct{}, 1), overheard: make(chan remark, mostOverheard), legs: make(chan reached, 1), left: make(chan *leg),
	}
	t.passing.Store(bot.CitizenID(""))
	t.board.Store(&Live{})
	return t
}

// Loudness in eighths.
const (
	usualGain = 8
	loudGain  = 13
)

// run is the conversation. It ends when the call does, or when there is
// nothing more to say.
func (t *talk) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	t.owned.Go(func() { t.labour(ctx) })
	t.owned.Go(func() { t.scribe(ctx) })
	t.record()
	t.sound.Begin(media.Ears{Heard: t.hear, Wide: true, Key: t.press, Played: t.playedTo, Tap: t.tapping()})
	t.begin(ctx)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for !t.ended {
		t.putUp()
		timer.Reset(time.Until(t.next()))
		select {
		case <-ctx.Done():
			t.ended = true
		case k := <-t.keys:
			t.key(ctx, k)
		case ev := <-t.call.Events():
			if ev.Digit != 0 {
				t.key(ctx, ev.Digit)
			}
		case u := <-t.voice:
			t.heard(ctx, u)
		case c := <-t.clips:
			t.utter(c)
		case mark := <-t.played:
			t.said(ctx, mark)
		case r := <-t.results:
			t.answered(ctx, r)
		case s := <-t.sayings:
			t.relay(ctx, s)
		case r := <-t.legs:
			t.connect(ctx, r)
		case g := <-t.left:
			t.operatorLeft(ctx, g)
		case w := <-t.wishes:
			w.answer <- t.grant(ctx, w)
		case <-t.holds:
			t.keepWaiting(ctx)
		case <-t.leaving:
			t.part(ctx)
		case <-timer.C:
			t.due(ctx)
		}
	}
	t.finish(ctx, cancel)
}

// begin tells the engine that somebody calls, or says why we do.
func (t *talk) begin(ctx context.Context) {
	t.mannersOf(ctx)
	if t.placing != nil {
		t.open(ctx)
		return
	}
	t.opening = true
	t.say(ctx, t.greeting())
	t.give(task{in: bot.Inbound{Event: bot.EventCall}})
}

// mannersOf reads how whoever is on the line wants to be spoken to.
func (t *talk) mannersOf(ctx context.Context) {
	p, err := t.line.Records.Preference(ctx, t.from)
	if err != nil && ctx.Err() == nil {
		t.line.Log.Error("read a caller's preference", "call", t.call.ID(), "error", err)
	}
	t.manner = speech.Manner{Language: p.Language, Slow: p.Slow}
	if t.manner.Language == "" {
		t.manner.Language = speech.Mandarin
	}
	if p.Slow {
		t.louder(loudGain)
	}
}

// finish ends the talk: the engine learns that the caller is gone, and what
// was cut short is noted.
func (t *talk) finish(ctx context.Context, cancel context.CancelFunc) {
	cut := t.hush()
	cancel()
	close(t.over)
	if t.audience != nil {
		t.audience.close()
		t.line.Moved(t.citizen)
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), t.line.Times.Answer)
	defer stop()
	if t.call.Cause() != signal.CauseUs && len(cut) > 0 {
		t.noteCut(last, t.citizen, "市民挂断", cut)
	}
	if t.handling == bot.Queued && !t.bridged {
		t.owe(last, "等待人工时挂断")
	}
	t.parted(last)
	t.owned.Wait()
	if _, err := t.line.Engine.Receive(last, bot.Inbound{From: t.from, Event: bot.EventHangup}); err != nil {
		t.line.Log.Error("tell the engine of a hang-up", "call", t.call.ID(), "error", err)
	}
	t.summarise(last)
	t.gone(last)
	if t.citizen != "" {
		t.line.leave(t.citizen, t)
	}
	t.sound.Close() // before the tape: its clock writes there
	if t.tape != nil {
		t.line.shelvers.Go(t.shelve)
	}
}

// record begins a recording, and lets in those who listen: callers are told of
// both at once. A disk that is full costs the recording, not the call.
func (t *talk) record() {
	if t.line.Recordings == nil {
		return
	}
	var err error
	if t.tape, err = newTape(t.line.RecordTo, t.call.ID(), time.Now()); err != nil {
		t.line.Log.Error("record a call", "call", t.call.ID(), "error", err)
		return
	}
	t.audience = newAudience()
}

func (t *talk) tapping() func(in, out []int16) {
	if t.tape == nil {
		return nil
	}
	return func(in, out []int16) {
		t.tape.tap(in, out)
		t.audience.tap(in, out)
	}
}

// shelve ends the recording and has its key kept. It has a time of its own:
// what the hang-up took of the answer's would be lost to it, and with the key
// the recording.
func (t *talk) shelve() {
	ctx, stop := context.WithTimeout(t.line.shelf, t.line.Times.Shelve)
	defer stop()
	err := t.tape.close()
	if err == nil && t.citizen != "" {
		err = t.line.Recordings.Keep(ctx, t.citizen, t.tape.name, t.tape.key, t.tape.lasted())
	}
	if err != nil {
		t.line.Log.Error("keep a recording", "call", t.call.ID(), "error", err)
	}
	if lost := t.tape.lost.Load(); lost > 0 {
		t.line.Log.Warn("a recording has gaps", "call", t.call.ID(), "pieces", lost)
	}
}

// parted hangs up on operators: the one the caller talked to, and one who
// accepted at the last moment.
func (t *talk) parted(ctx context.Context) {
	if g := t.leg; g != nil {
		g.close()
		t.line.complain("end an operator's call", t.call.ID(), t.line.finishAlone(ctx, t.citizen, g.who.name, "市民已挂断"))
		t.toWrapUp(ctx, g)
	}
	if t.ringing {
		if r := <-t.legs; r.leg != nil { // ctx is over: it comes at once
			r.leg.close()
		}
	}
}

// farewell asks the talk to end kindly; it may be called by anybody, once.
func (t *talk) farewell() { t.once.Do(func() { close(t.leaving) }) }

// part says goodbye and hangs up.
func (t *talk) part(ctx context.Context) {
	t.leaving = nil // it is heard once
	t.parting = true
	if g := t.leg; g != nil { // what is passed on drowns what is said
		t.through.Store(nil)
		g.open.Store(false)
	}
	t.hush()
	t.say(ctx, t.words().closing)
}

// next is when something is due.
func (t *talk) next() time.Time {
	next := time.Now().Add(t.line.Times.Dead / 4)
	for _, at := range []time.Time{t.digitsAt, t.fillerAt, t.silentAt} {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next
}

// due does what its time has come for.
func (t *talk) due(ctx context.Context) {
	now := time.Now()
	if !t.digitsAt.IsZero() && !now.Before(t.digitsAt) {
		t.send(ctx)
	}
	if !t.fillerAt.IsZero() && !now.Before(t.fillerAt) {
		t.fillerAt = time.Time{}
		if t.pending > 0 && !t.mouth.busy() {
			t.say(ctx, t.words().moment)
		}
	}
	if !t.silentAt.IsZero() && !now.Before(t.silentAt) {
		t.silentAt = time.Time{}
		t.silent(ctx)
	}
	if t.sound.Silent() > t.line.Times.Dead && !t.sound.Held() {
		t.line.Log.Info("a call went dead", "call", t.call.ID())
		t.ended = true
	}
}

// mostSilences is how often a caller is asked again before we hang up.
const mostSilences = 5

// silent is the caller saying nothing after a prompt.
func (t *talk) silent(ctx context.Context) {
	if t.waits() {
		t.sound.Play(0, holdTune)
		t.silentAt = time.Now().Add(holdGap)
		return
	}
	if t.earTalking() {
		t.listen() // somebody speaks this moment
		return
	}
	switch {
	case t.handling == bot.ByPerson:
		return
	case t.ringing:
		t.sound.Play(0, ringTone)
		t.silentAt = time.Now().Add(ringGap)
		return
	}
	if t.untroubled(ctx) {
		return
	}
	if t.surveying {
		t.surveyOver(ctx)
		t.listen()
		return
	}
	if t.nobody && t.owed && t.flow == "" { // they know that they are called back
		t.parting, t.lonely = true, true
		t.say(ctx, t.words().later)
		return
	}
	if t.silences++; t.silences > mostSilences {
		t.parting, t.lonely = true, true
		t.say(ctx, t.words().nobody)
		return
	}
	t.give(task{in: bot.Inbound{Event: bot.EventSilence}})
}

// back is the caller being heard after all: we stay.
func (t *talk) back() {
	if t.lonely {
		t.parting, t.lonely, t.silences = false, false, 0
	}
}

func (t *talk) earTalking() bool {
	t.earMu.Lock()
	defer t.earMu.Unlock()
	return t.ear.Talking()
}

// listen waits for the caller from now on.
func (t *talk) listen() {
	if t.waits() && !t.mouth.busy() {
		t.silentAt = time.Now().Add(holdGap / 8)
		return
	}
	if t.pending == 0 && !t.mouth.busy() && t.handling != bot.ByPerson && !t.parting {
		t.silentAt = time.Now().Add(t.line.Times.Silence)
		if t.ringing {
			t.silentAt = time.Now().Add(ringGap / 4)
		}
	}
}

// relay reads out what an operator wrote, or what is due by the clock.
func (t *talk) relay(ctx context.Context, s saying) {
	if t.surveying {
		t.waiting = append(t.waiting, s)
		return
	}
	t.mouth.waiting = append(t.mouth.waiting, s.done)
	t.offered = len(s.reply.Options)
	t.sayReply(ctx, s.reply, true)
	if t.placing != nil {
		t.placing.saying = true
	}
	if len(t.mouth.pieces) == 0 {
		t.mouth.release()
	}
}

// prefer remembers how the caller wants to be spoken to.
func (t *talk) prefer() {
	if t.citizen == "" {
		return
	}
	p := Preference{Language: t.manner.Language, Slow: t.manner.Slow}
	citizen := t.citizen
	t.owned.Go(func() {
		ctx, stop := context.WithTimeout(context.Background(), t.line.Times.Answer)
		defer stop()
		if err := t.line.Records.Prefer(ctx, citizen, p); err != nil {
			t.line.Log.Error("keep a caller's preference", "call", t.call.ID(), "error", err)
		}
	})
}

func (t *talk) louder(eighths int) {
	t.gain = eighths
	t.sound.Louder(eighths)
}

// noteCut, which may run beside run and touches none of its state,
// leaves a line for operators on what the caller heard of a reply.
func (t *talk) noteCut(ctx context.Context, citizen bot.CitizenID, how string, left []piece) {
	if citizen == "" || t.line.Desk == nil {
		return
	}
	var rest []string
	for _, p := range left {
		rest = append(rest, p.text)
	}
	text := how + "，没听到：" + strings.Join(rest, "")
	if err := t.line.Desk.Note(ctx, citizen, botName, text); err != nil && ctx.Err() == nil {
		t.line.Log.Error("note what was heard", "call", t.call.ID(), "error", err)
	}
}

// botName signs notes of the line itself.
const botName = "热线"
