// Package notify sees to it that what the service says of its own accord — a
// confirmation, a reminder, a change by the hall, a place freed — reaches the
// citizen: by the channel the conversation is on where that is allowed, and
// otherwise by a subscription message or a text message to their phone.
//
// It refuses to decide what is said, and to say anything twice: a notice that
// one way took is not sent by another.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"guanjia/bot"
)

// Notice is what is to reach a citizen, in parts: the ways besides the
// conversation take templates that were approved, not free words.
type Notice struct {
	Kind    Kind
	Citizen bot.CitizenID
	OpenID  string // of WeChat, empty if not known
	Phone   bot.Secret
	Service string // 居住证
	Hall    string
	When    string     // 2026年12月2日 15:00
	Number  string     // of the appointment
	Key     string     // of the message it stands for
	Text    bot.Secret // as the message says it, for ways that take words
	Page    string     // address of the citizen's page, empty if there is none
}

// Kind is what a notice is about.
type Kind string

// The kinds of notice.
const (
	Reminder  Kind = "reminder"
	Promotion Kind = "promotion" // a place is kept for who waited
	Changed   Kind = "changed"   // the hall changed or closed something
	Code      Kind = "code"      // a sign-in code, in Number
	Summary   Kind = "summary"   // what was done in a call: its numbers, in Number
)

// ErrNoWay means that a way cannot reach this citizen: no phone, no consent.
var ErrNoWay = errors.New("citizen cannot be reached this way")

// Way is one way to reach a citizen besides the conversation. An error wraps
// ErrNoWay where another way may, bot.ErrUnknownOutcome where the notice may
// have arrived, and anything else where it may be tried again.
type Way interface {
	Name() string
	Notify(ctx context.Context, n Notice) error
}

// Describe puts a reply into a notice's parts; false where it is none of those
// that go other ways.
type Describe func(ctx context.Context, out bot.Outgoing) (Notice, bool, error)

// Relay is a channel's sender with other ways behind it: what the channel may
// not say now goes by the first way that can.
type Relay struct {
	Channel  bot.Sender
	Ways     []Way
	Describe Describe
	Log      *slog.Logger
}

// Send implements bot.Sender.
func (r *Relay) Send(ctx context.Context, out bot.Outgoing) error {
	err := r.Channel.Send(ctx, out)
	if err == nil || !out.Proactive || len(r.Ways) == 0 || !errors.Is(err, bot.ErrHold) && !errors.Is(err, bot.ErrPermanent) {
		return err
	}
	n, ok, describeErr := r.Describe(ctx, out)
	if describeErr != nil {
		return fmt.Errorf("describe notice: %w", describeErr)
	}
	if !ok {
		return err
	}
	for _, way := range r.Ways {
		wayErr := way.Notify(ctx, n)
		switch {
		case wayErr == nil:
			r.Log.Info("notice went another way", "outgoing", out.ID, "citizen", out.Citizen, "way", way.Name())
			return nil
		case errors.Is(wayErr, ErrNoWay):
		case errors.Is(wayErr, bot.ErrUnknownOutcome):
			return fmt.Errorf("notify by %s: %w", way.Name(), wayErr)
		default:
			r.Log.Warn("notice refused", "outgoing", out.ID, "way", way.Name(), "error", wayErr)
		}
	}
	return err // it is said when the citizen writes again
}

// noWayIf turns errors of one kind into ErrNoWay.
func noWayIf(err, kind error) error {
	if errors.Is(err, kind) {
		return fmt.Errorf("%w: %w", ErrNoWay, err)
	}
	return err
}
