package terminal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
)

// Engine is what a terminal says things to, for a citizen and for an operator.
type Engine interface {
	Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error)
	Delivered(ctx context.Context, ids ...bot.OutgoingID) error
	Take(ctx context.Context, citizen bot.CitizenID, operator string) error
	Speak(ctx context.Context, citizen bot.CitizenID, by bot.Holder, said bot.Saying, key string) ([]bot.Outgoing, error)
	Finish(ctx context.Context, citizen bot.CitizenID, by bot.Holder, note string, back bool) ([]bot.Outgoing, error)
}

// Records name citizens and say who handles a conversation.
type Records interface {
	Enrol(ctx context.Context, citizen bot.CitizenID, at time.Time, addresses ...bot.Address) error
	Conversation(ctx context.Context, citizen bot.CitizenID) (bot.Conversation, error)
}

// Config is what a terminal is made of.
type Config struct {
	Engine  Engine
	Records Records
	Bag     *Mailbag
	Clock   bot.Clock
	// Move sets a standing clock; nil where the clock is the machine's.
	Move func(time.Time)
	// RunDue does the timed work that is due and then delivers; Deliver only
	// delivers.
	RunDue, Deliver func(ctx context.Context) error
	// Path makes a file's name as it was typed usable here.
	Path func(string) string
}

// Terminal carries on conversations of any number of citizens. It is not to
// be used by two goroutines at once.
type Terminal struct {
	Config
	last    bot.Trace // of the last turn
	enroled map[string]bool
}

// New makes a terminal.
func New(c Config) *Terminal { return &Terminal{Config: c, enroled: map[string]bool{}} }

// LastTrace is the full trace of the last turn.
func (t *Terminal) LastTrace() bot.Trace { return t.last }

// operatorName is who speaks for the operators.
const operatorName = "坐席"

// Turn carries out one line and says what came of it. What is wrong with the
// line itself wraps ErrInput.
func (t *Terminal) Turn(ctx context.Context, line Line) (Answer, error) {
	if err := line.settle(); err != nil {
		return Answer{}, err
	}
	if err := t.enrol(ctx, line.Citizen); err != nil {
		return Answer{}, err
	}
	if line.Advance != "" {
		if err := t.advance(ctx, line.Advance); err != nil {
			return Answer{}, err
		}
	}
	answer := Answer{Replies: []Reply{}, Trace: Trace{Slots: map[string]string{}, Citations: []string{}, Intent: bot.OutOfScope, Decision: bot.Accept}}
	t.collect(&answer, line.Citizen)
	switch {
	case line.Text == nil && line.Event == "":
		return answer, t.handling(ctx, line.Citizen, &answer)
	case strings.HasPrefix(line.Event, "operator:"):
		err := t.operate(ctx, line, &answer)
		return answer, err
	}
	return answer, t.receive(ctx, line, &answer)
}

// receive puts the citizen's line to the engine.
func (t *Terminal) receive(ctx context.Context, line Line, answer *Answer) error {
	in, err := t.inbound(line)
	if err != nil {
		return err
	}
	turn, err := t.Engine.Receive(ctx, in)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	ids := make([]bot.OutgoingID, 0, len(turn.Out))
	for _, out := range turn.Out {
		answer.Replies = append(answer.Replies, replyOf(out, line.Citizen))
		ids = append(ids, out.ID)
	}
	answer.Handling = turn.Handling
	answer.Trace = traceOf(turn.Trace)
	t.last = turn.Trace
	return t.Engine.Delivered(ctx, ids...)
}

func traceOf(t bot.Trace) Trace {
	out := Trace{Intent: t.Intent, Score: t.Score, Decision: t.Decision, Flow: t.Flow, Slots: t.Slots, Citations: t.Citations,
		Model: t.Model, Degraded: t.Degraded}
	if out.Slots == nil {
		out.Slots = map[string]string{}
	}
	if out.Citations == nil {
		out.Citations = []string{}
	}
	return out
}

func replyOf(out bot.Outgoing, to string) Reply {
	text := out.Reply.Text
	switch {
	case out.To.Channel == bot.Hotline && out.Reply.Spoken != "":
		text = out.Reply.Spoken // what a caller hears
	case out.Reply.Source != "":
		text += "\n" + out.Reply.Source
	case out.Reply.Picture != "":
		text = "［图片］"
	}
	r := Reply{Text: text, Options: []string{}, Proactive: out.Proactive}
	for _, o := range out.Reply.Options {
		r.Options = append(r.Options, o.Text)
	}
	if string(out.Citizen) != to {
		r.Citizen = string(out.Citizen)
	}
	return r
}

// enrol makes a citizen one person on every channel.
func (t *Terminal) enrol(ctx context.Context, citizen string) error {
	if t.enroled[citizen] {
		return nil
	}
	var addresses []bot.Address
	for _, ch := range []bot.Channel{bot.WeChat, bot.Hotline, bot.Web} {
		addresses = append(addresses, address(ch, citizen))
	}
	if err := t.Records.Enrol(ctx, bot.CitizenID(citizen), t.Clock(), addresses...); err != nil {
		return err
	}
	t.enroled[citizen] = true
	return nil
}

// prefix begins the ids of the terminal's citizens.
const prefix = "chat:"

func address(ch bot.Channel, citizen string) bot.Address {
	return bot.Address{Channel: ch, ID: prefix + citizen}
}

// advance moves the clock and runs what falls due, step by step so that
// everything happens at its own time.
func (t *Terminal) advance(ctx context.Context, by string) error {
	d, err := time.ParseDuration(by)
	if err != nil || d < 0 || d > 366*24*time.Hour {
		return inputf("advance %q is not a duration from 0 to 366 days", by)
	}
	if t.Move == nil {
		return inputf("the clock of a running service cannot be advanced")
	}
	end := t.Clock().Add(d)
	for now := t.Clock(); now.Before(end); now = t.Clock() {
		next := nextHour(now)
		if next.After(end) {
			next = end
		}
		t.Move(next)
		if err := t.RunDue(ctx); err != nil {
			return err
		}
	}
	return t.RunDue(ctx)
}

func nextHour(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) }

// collect adds what was sent of the service's own accord.
func (t *Terminal) collect(answer *Answer, citizen string) {
	for _, out := range t.Bag.take() {
		answer.Replies = append(answer.Replies, replyOf(out, citizen))
	}
}

// operate plays the operator's side.
func (t *Terminal) operate(ctx context.Context, line Line, answer *Answer) error {
	citizen := bot.CitizenID(line.Citizen)
	deed := strings.TrimPrefix(line.Event, "operator:")
	var err error
	switch {
	case deed == "take":
		err = t.Engine.Take(ctx, citizen, operatorName)
	case strings.HasPrefix(deed, "say:"):
		_, err = t.Engine.Speak(ctx, citizen, bot.Holder{Name: operatorName}, bot.Saying{Text: strings.TrimPrefix(deed, "say:")}, "")
	case deed == "close":
		_, err = t.Engine.Finish(ctx, citizen, bot.Holder{Name: operatorName}, "", false)
	default:
		return inputf("event %q is unknown", line.Event)
	}
	if errors.Is(err, bot.ErrNotHeld) || errors.Is(err, bot.ErrHeldElse) || errors.Is(err, bot.ErrOffered) || errors.Is(err, bot.ErrEmptyText) {
		return inputError{err}
	}
	if err != nil {
		return err
	}
	if err := t.Deliver(ctx); err != nil {
		return err
	}
	t.collect(answer, line.Citizen)
	return t.handling(ctx, line.Citizen, answer)
}

func (t *Terminal) handling(ctx context.Context, citizen string, answer *Answer) error {
	conv, err := t.Records.Conversation(ctx, bot.CitizenID(citizen))
	answer.Handling = conv.Handling
	return err
}
