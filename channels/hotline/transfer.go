package hotline

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
	"guanjia/channels/hotline/speech"
)

// Callbacks are calls we owe. The same caller is owed one a day.
type Callbacks interface {
	CallBack(ctx context.Context, caller bot.Address, why string) error
}

// leg is the way to an operator who accepted.
type leg struct {
	who    person
	call   *signal.Call
	sound  *media.Session
	open   atomic.Bool // the caller is put through
	held   atomic.Bool // and kept waiting
	byDesk bool        // because it was held at the desk; only run touches it

	// Who is put through, before they are.
	citizen  bot.CitizenID
	from     bot.Address
	language speech.Language
}

// close hangs up on the operator.
func (g *leg) close() {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	g.call.Hangup(ctx)
	g.sound.Close()
}

// operatorName is who takes calls by telephone, at the desk.
const operatorName = "电话坐席"

// toPerson begins to ring people, beside the conversation: the caller can go
// on talking to the bot meanwhile.
func (t *talk) toPerson(ctx context.Context) {
	if t.ringing || t.leg != nil || len(t.line.Operators) == 0 {
		return
	}
	if t.line.transferFor(t.call.Source()) == Refer {
		t.ringing = true
		t.owned.Go(func() { t.legs <- t.refer(ctx) })
		return
	}
	t.ringFor(ctx, nil)
}

// ringFor rings people in turn; nil: whoever answers for us.
func (t *talk) ringFor(ctx context.Context, people []person) {
	t.ringing = true
	t.owned.Go(func() {
		if people == nil {
			people = t.line.answering(ctx)
		}
		t.legs <- t.ring(ctx, people)
	})
}

// reached is what came of ringing.
type reached struct {
	leg    *leg
	passed bool // the trunk has passed the call on
}

// ring tries people in turn until one accepts.
func (t *talk) ring(ctx context.Context, people []person) reached {
	for _, who := range people {
		g, outcome := t.ringOne(ctx, who)
		t.line.figures.transfer(outcome)
		if g != nil {
			return reached{leg: g}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return reached{}
}

// ringOne calls one operator, whispers what it is about, and waits for 1 or 2.
func (t *talk) ringOne(ctx context.Context, who person) (*leg, string) {
	sound, err := media.Open(t.line.ports, t.call.HostFor(), t.line.pace)
	if err != nil {
		return nil, "no_ports"
	}
	dial, stop := context.WithTimeout(ctx, t.line.Times.Operator)
	defer stop()
	call, answer, err := t.line.endpoint.Dial(dial, signal.Placing{To: who.uri, Description: sound.Offer(t.rather()...), Headers: []string{"X-Case-Id", t.call.ID()},
		Renegotiate: func(offer []byte) ([]byte, bool) {
			a, err := sound.Answer(offer)
			select {
			case t.holds <- struct{}{}:
			default: // it will be looked at anyway
			}
			return a, err == nil
		},
	})
	if err == nil {
		err = sound.Agreed(answer)
	}
	if err != nil {
		sound.Close()
		if call != nil {
			call.Hangup(dial)
		}
		return nil, failed(ctx, err)
	}
	g := &leg{who: who, call: call, sound: sound}
	keys, ear := make(chan rune, buffer), speech.NewEar()
	sound.Begin(media.Ears{
		Wide: true,
		Heard: func(frame []int16) {
			if g.open.Load() && !g.held.Load() {
				t.sound.Pass(frame)
				t.overhear(g, ear, who.name, frame)
			}
		},
		Key: func(k rune) {
			select {
			case keys <- k:
			default:
			}
		},
	})
	if who.asked {
		return g, "accepted"
	}
	if outcome := t.whisper(ctx, g, keys); outcome != "accepted" {
		g.close()
		return nil, outcome
	}
	return g, "accepted"
}

// rather are the forms of sound an operator is offered before G.711: what the
// caller speaks.
func (t *talk) rather() []media.Law {
	if t.sound.Wide() {
		return []media.Law{media.G722}
	}
	return nil
}

// failed names why an operator was not reached.
func failed(ctx context.Context, err error) string {
	var f signal.Failure
	switch {
	case ctx.Err() != nil:
		return "caller_left"
	case errors.As(err, &f) && (f.Status == 486 || f.Status == 600):
		return "busy"
	case errors.As(err, &f) && f.Status == 603:
		return "declined"
	case errors.Is(err, context.DeadlineExceeded):
		return "unanswered"
	}
	return "unreachable"
}

// whisper tells the operator who waits and what for, and waits for their key.
func (t *talk) whisper(ctx context.Context, g *leg, keys <-chan rune) string {
	summary, err := t.line.Records.Summary(ctx, t.asked())
	if err != nil && ctx.Err() == nil {
		t.line.Log.Error("read the handover", "call", t.call.ID(), "error", err)
	}
	number := t.board.Load().Number // run may change who the caller is
	text := "一二三四五热线转接，来电" + number + "。" + summary + "。按一接听，按二拒绝。"
	if number == "" {
		text = "一二三四五热线转接，来电未显示号码。" + summary + "。按一接听，按二拒绝。"
	}
	making, enough := context.WithCancel(ctx)
	defer enough()
	t.owned.Go(func() {
		for range 3 {
			m := speech.Manner{Language: speech.Mandarin, Wide: g.sound.Wide()}
			for _, s := range speech.Sentences(text) {
				samples, err := t.line.Voice.Say(making, s, m)
				if err != nil {
					return
				}
				play(g.sound, 1, samples, m.Wide)
			}
			g.sound.Play(1, make([]int16, speech.Rate))
		}
	})
	limit := time.NewTimer(t.line.Times.Accept)
	defer limit.Stop()
	defer g.sound.Hush()
	for {
		var k rune
		select {
		case <-ctx.Done():
			return "caller_left"
		case <-g.call.Done():
			return "declined"
		case <-limit.C:
			return "not_accepted"
		case k = <-keys:
		case ev := <-g.call.Events():
			k = ev.Digit
		}
		switch k {
		case '1':
			return "accepted"
		case '2':
			return "declined"
		}
	}
}

// asked is the citizen whose call is handed over; run waits for no ring, so it
// is read from what ring was begun with.
func (t *talk) asked() bot.CitizenID { return t.passing.Load().(bot.CitizenID) }

// refer has the trunk call the operator instead of us.
func (t *talk) refer(ctx context.Context) reached {
	for _, uri := range t.line.Operators {
		wait, stop := context.WithTimeout(ctx, t.line.Times.Operator)
		status, err := t.call.Refer(wait, uri, "X-Case-Id", t.call.ID())
		stop()
		switch {
		case err == nil && status < 300:
			t.line.figures.transfer("referred")
			return reached{passed: true}
		case ctx.Err() != nil:
			t.line.figures.transfer("caller_left")
			return reached{}
		}
		t.line.figures.transfer("refer_failed")
	}
	return reached{}
}

// connect has what came of ringing.
func (t *talk) connect(ctx context.Context, r reached) {
	t.ringing = false
	switch {
	case r.passed:
		t.bridged, t.ended = true, true
	case t.leg != nil && r.leg == nil:
		t.noteFor(ctx, botName, "转给同事没有接通，电话还在"+t.leg.who.name+"手上")
	case t.leg != nil:
		t.handOver(ctx, r.leg)
	case r.leg == nil:
		t.nobody = true
		t.owe(ctx, "没有人接听")
		if withheld(t.from) {
			t.say(ctx, t.words().noNumber)
			return
		}
		t.say(ctx, t.words().noOperator)
	default:
		t.bridge(ctx, r.leg)
	}
}

// bridge puts the caller through. From now on the bot is silent.
func (t *talk) bridge(ctx context.Context, g *leg) {
	t.going(ctx, t.citizen, g.who.name)
	if err := t.line.Desk.Take(ctx, t.citizen, g.who.name); err != nil {
		t.line.Log.Error("give a call to an operator", "call", t.call.ID(), "error", err)
	}
	t.putThrough(g)
}

// handOver puts the caller through to a colleague of who has them.
func (t *talk) handOver(ctx context.Context, g *leg) {
	was := t.leg
	if err := t.line.Desk.Pass(ctx, t.citizen, bot.Holder{Name: was.who.name}, bot.Target{Operator: g.who.name}, "电话转给"+g.who.name); err != nil {
		t.line.Log.Error("pass a call to a colleague", "call", t.call.ID(), "error", err)
	}
	was.open.Store(false)
	t.toWrapUp(ctx, was)
	t.going(ctx, t.citizen, g.who.name)
	t.putThrough(g)
	t.owned.Go(was.close)
}

// putThrough joins the caller and an operator.
func (t *talk) putThrough(g *leg) {
	t.hush()
	t.cut, t.digits, t.digitsAt, t.silentAt = nil, "", time.Time{}, time.Time{}
	t.handling, t.bridged = bot.ByPerson, true
	t.leg = g
	g.citizen, g.from, g.language = t.citizen, t.from, t.manner.Language
	t.through.Store(g)
	g.open.Store(true)
	// For as long as the operator listens.
	t.owned.Go(func() {
		select {
		case <-g.call.Done():
		case <-t.over:
		}
		select {
		case t.left <- g:
		case <-t.over:
		}
	})
}

// operatorLeft is the operator hanging up: the bot takes over again and asks
// how it went.
func (t *talk) operatorLeft(ctx context.Context, g *leg) {
	if g != t.leg {
		return // they passed the caller on
	}
	t.through.Store(nil)
	t.leg, t.silentAt = nil, time.Time{}
	g.open.Store(false)
	t.owned.Go(g.close)
	t.handling = bot.ByBot
	if g.held.Load() {
		t.hush()
	}
	// What the engine has to say to this comes through the outbox. The caller
	// may hang up this moment: it is to be kept all the same.
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), t.line.Times.Answer)
	defer stop()
	if _, err := t.line.Desk.Finish(last, t.citizen, bot.Holder{Name: g.who.name}, "电话已接通", true); err != nil {
		t.line.Log.Error("take a call back from an operator", "call", t.call.ID(), "error", err)
	}
	t.toWrapUp(last, g)
	t.surveying = true
	t.say(ctx, t.words().back+t.words().survey)
}

// surveyOver ends the survey, answered or not; what the engine had to say to the
// taking back waited for it.
func (t *talk) surveyOver(ctx context.Context) {
	waited := t.waiting
	t.surveying, t.waiting = false, nil
	for _, s := range waited {
		t.relay(ctx, s)
	}
}

// toWrapUp has an operator who is known at the desk write the call up before
// they are rung again.
func (t *talk) toWrapUp(ctx context.Context, g *leg) {
	switch {
	case t.line.Calls == nil:
	case g.who.name == operatorName:
		t.going(ctx, t.citizen, "")
	default:
		t.line.complain("have a call written up", t.call.ID(), t.line.Calls.Left(ctx, t.call.ID(), t.citizen, g.who.name))
	}
}

// surveyed takes the key that answers how it went.
func (t *talk) surveyed(ctx context.Context, k rune) bool {
	if !t.surveying {
		return false
	}
	word := opinions[k]
	if word == "" {
		t.surveyOver(ctx)
		return false
	}
	t.hush()
	t.line.figures.survey(word)
	t.noteFor(ctx, botName, "电话人工服务评价："+word)
	t.say(ctx, t.words().thanks)
	t.surveyOver(ctx)
	return true
}

// opinions are how it went, by their keys.
var opinions = map[rune]string{'1': "满意", '2': "一般", '3': "不满意"}

// opinion is the key of how it went, where words say nothing else; 0 for others.
func opinion(text string) rune {
	switch strings.Trim(strings.ToLower(text), " ，。！,.!了的吧啊") {
	case "满意", "很满意", "非常满意", "好", "很好", "挺好", "几好", "满意，谢谢", "一", "按一", "satisfied":
		return '1'
	case "一般", "一般般", "还行", "麻麻地", "二", "按二", "so-so":
		return '2'
	case "不满意", "不太满意", "很不满意", "唔满意", "不好", "很差", "三", "按三", "not satisfied":
		return '3'
	}
	return 0
}

// noteFor leaves a line for operators, beside the conversation.
func (t *talk) noteFor(ctx context.Context, by, text string) {
	citizen := t.citizen
	if citizen == "" {
		return
	}
	t.owned.Go(func() {
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), t.line.Times.Answer)
		defer stop()
		t.line.complain("leave a note", t.call.ID(), t.line.Desk.Note(last, citizen, by, text))
	})
}

// owe notes that the caller is to be called back, where it is known at which
// number.
func (t *talk) owe(ctx context.Context, why string) {
	if t.line.Callbacks == nil || t.owed || withheld(t.from) {
		return
	}
	t.owed = true
	from := t.from
	t.owned.Go(func() {
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), t.line.Times.Answer)
		defer stop()
		if err := t.line.Callbacks.CallBack(last, from, why); err != nil {
			t.line.Log.Error("register a callback", "call", t.call.ID(), "error", err)
		}
	})
}

// missed is a call that found no free line.
func (l *Line) missed(from, asserted signal.Party) {
	l.figures.missed.Add(1)
	n := number(asserted.User)
	if n == "" {
		n = number(from.User)
	}
	if n == "" || l.Callbacks == nil {
		return
	}
	select {
	case l.owing <- bot.Address{Channel: bot.Hotline, ID: n}:
	default: // a storm of calls: the figures tell of it
	}
}

// registerMissed writes missed calls down, one at a time, until the line
// closes.
func (l *Line) registerMissed() {
	for {
		select {
		case <-l.life.Done():
			return
		case from := <-l.owing:
			ctx, stop := context.WithTimeout(context.WithoutCancel(l.life), l.Times.Answer)
			if err := l.Callbacks.CallBack(ctx, from, "线路忙，未接通"); err != nil {
				l.Log.Error("register a missed call", "error", err)
			}
			stop()
		}
	}
}

// ringTone is what a caller hears while somebody is rung: 450 Hz, as here.
var ringTone = func() []int16 {
	tone := make([]int16, speech.Rate)
	for i := range tone {
		tone[i] = int16(1500 * math.Sin(2*math.Pi*450*float64(i)/speech.Rate))
	}
	return tone
}()

// ringGap is the pause between ring tones.
const ringGap = 4 * time.Second

// holdTune is what a caller hears who is kept waiting: four soft notes, so that
// they know the line is there.
var holdTune = func() []int16 {
	var tune []int16
	for _, hertz := range []float64{523.25, 659.25, 783.99, 659.25} {
		const length = speech.Rate / 2
		for i := range length {
			fade := math.Sin(math.Pi * float64(i) / length)
			tune = append(tune, int16(1800*fade*math.Sin(2*math.Pi*hertz*float64(i)/speech.Rate)))
		}
	}
	return tune
}()

// holdGap is from one tune to the next.
const holdGap = 4 * time.Second
