package hotline

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/signal"
)

// Proof confirms that callers have the telephone whose number a trunk shows,
// where the trunk does not vouch for it.
type Proof interface {
	// Challenge sends a code to a number; false where none can be sent.
	Challenge(ctx context.Context, number string) (bool, error)
	// Proves says whether digits are that code, or the number of something
	// registered under the telephone number.
	Proves(ctx context.Context, number, digits string) (bool, error)
}

// Unproven begins the address of a caller whose number nobody vouches for:
// somebody of their own until they prove it.
const Unproven = "unproven:"

// mostProofs is how often in a call a number can be tried to be proven.
const mostProofs = 3

// trusts says whether the numbers that an address shows are believed.
func (l *Line) trusts(at netip.Addr) bool {
	for _, p := range l.Trust {
		if p.Contains(at.Unmap()) {
			return true
		}
	}
	return false
}

// caller is who calls: what the trunk asserts before what the telephone says.
// Without a number each call is somebody of its own, and so is a number that
// the trunk does not vouch for.
func (l *Line) caller(c *signal.Call) bot.Address {
	for _, p := range []signal.Party{c.Asserted(), c.From()} {
		n := number(p.User)
		switch {
		case n == "":
			continue
		case !l.trusts(c.Source().Addr()):
			n = Unproven + n
		}
		return bot.Address{Channel: bot.Hotline, ID: n}
	}
	return bot.Address{Channel: bot.Hotline, ID: "withheld:" + c.ID()}
}

// withheld says whether an address shows no number.
func withheld(a bot.Address) bool { return strings.HasPrefix(a.ID, "withheld:") }

// telephone is the number of an address of the line, as it is shown.
func telephone(a bot.Address) string { return strings.TrimPrefix(a.ID, Unproven) }

// unproven says whether the caller may still prove their number.
func (t *talk) unproven() bool {
	return t.line.Proof != nil && strings.HasPrefix(t.from.ID, Unproven) && t.proofs < mostProofs
}

// personal are the errands that show what is registered under a number.
func personal(i bot.Intent) bool {
	switch i {
	case bot.CheckAppointment, bot.RescheduleAppointment, bot.CancelAppointment, bot.CheckRequest:
		return true
	}
	return false
}

// offerProof tells, once, how to see what is registered under the number.
func (t *talk) offerProof(ctx context.Context, turn bot.Turn) {
	if t.hinted || !t.unproven() || !personal(turn.Trace.Intent) {
		return
	}
	t.hinted = true
	t.say(ctx, t.words().proof)
}

// startProof begins to prove the number: by the code that is sent to it, or by
// the number of something registered under it.
func (t *talk) startProof(ctx context.Context) {
	if !t.unproven() {
		return
	}
	t.proving = true
	t.give(task{challenge: true})
}

// challenge has a code sent, as labour.
func (t *talk) challenge(ctx context.Context, from bot.Address) (r result) {
	ctx, stop := context.WithTimeout(ctx, t.line.Times.Answer)
	defer stop()
	r.proof, r.err = t.line.Proof.Challenge(ctx, telephone(from))
	return r
}

// prove tries digits, as labour; where they prove the number the caller is who
// it belongs to, and the call begins anew for them.
func (t *talk) prove(ctx context.Context, from bot.Address, digits string) (r result) {
	wait, stop := context.WithTimeout(ctx, t.line.Times.Answer)
	defer stop()
	r.proof, r.err = t.line.Proof.Proves(wait, telephone(from), digits)
	return r
}

// proven acts on what came of a challenge or a proof.
func (t *talk) proven(ctx context.Context, r result) {
	w := t.words()
	switch {
	case r.err != nil:
		t.line.Log.Error("prove a caller's number", "call", t.call.ID(), "error", r.err)
		t.proving = false
		t.say(ctx, w.failed)
	case r.task.challenge && r.proof:
		t.say(ctx, w.codeSent)
	case r.task.challenge:
		t.say(ctx, w.noCode)
	case !r.proof:
		t.proofs++
		t.proving = t.unproven()
		t.say(ctx, w.notProven)
	default:
		t.becomes(ctx, bot.Address{Channel: bot.Hotline, ID: telephone(t.from)})
	}
	if !t.mouth.busy() {
		t.said(ctx, 0)
	}
}

// becomes goes on with the call as another address's: what is left open there
// is offered.
func (t *talk) becomes(ctx context.Context, proven bot.Address) {
	was := t.from
	t.proving, t.opening = false, true
	t.line.leave(t.citizen, t)
	t.citizen, t.from, t.offered, t.flow = "", proven, 0, ""
	t.owned.Go(func() {
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), t.line.Times.Answer)
		defer stop()
		_, err := t.line.Engine.Receive(last, bot.Inbound{From: was, Event: bot.EventHangup})
		t.line.complain("part with an unproven number", t.call.ID(), err)
	})
	t.say(ctx, t.words().isProven)
	t.give(task{in: bot.Inbound{Event: bot.EventCall}})
}

// Summaries tell people in writing what was done in a call.
type Summaries interface {
	// Summarise has a summary of what was done since a moment sent to whoever
	// called; nothing where nothing was.
	Summarise(ctx context.Context, citizen bot.CitizenID, from bot.Address, call string, since time.Time) error
}

// summarise ends a call: what was done in it is sent in writing.
func (t *talk) summarise(ctx context.Context) {
	if t.line.Summaries == nil || t.citizen == "" {
		return
	}
	t.line.complain("summarise a call", t.call.ID(), t.line.Summaries.Summarise(ctx, t.citizen, t.from, t.call.ID(), t.since))
}
