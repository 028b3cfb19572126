package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/notify"
	"guanjia/bot/outcall"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/channels/hotline/signal"
)

// placer has the line place calls of our own: follow-ups of closed tickets and
// reminders of appointments.
type placer struct{ *house }

// callLease is longer than any call lasts.
const callLease = 30 * time.Minute

// answerTime is how long after a call began its question can be answered.
const answerTime = 15 * time.Minute

// followedFor is how long after its closing a ticket is asked about.
const followedFor = 8 * 24 * time.Hour

// callingName signs what the service's own calls come to.
const callingName = "外呼"

// placeCalls has the line place calls, where there is a trunk for it.
func (s *service) placeCalls() (signal.Trunk, error) {
	trunk, err := signal.ParseTrunk(s.settings.SIPOutbound.Reveal())
	if err != nil {
		return trunk, fmt.Errorf("sip_outbound: %w", err)
	}
	return trunk, nil
}

// orderFollowUps is timed work: every closing of a ticket is asked about once,
// where its citizen may be rung.
func (c placer) orderFollowUps(ctx context.Context, now time.Time) error {
	rules, err := c.store.CallRules(ctx)
	if err != nil || !rules.FollowUps {
		return err
	}
	closed, err := c.store.Unfollowed(ctx, now.Add(-followedFor), now.Add(-time.Duration(rules.Wait)*time.Hour), 200)
	if err != nil {
		return fmt.Errorf("list tickets to follow up: %w", err)
	}
	var errs []error
	for _, v := range closed {
		o := outcall.Order{Key: fmt.Sprintf("follow_up:%s:%d", v.Number, v.Life.Redone), Citizen: v.Citizen, Kind: outcall.FollowUp, Ref: v.Number,
			Phone: v.Phone, State: outcall.Waiting, NextAt: now, At: now, Until: v.Life.ClosedAt.Add(followedFor)}
		if !callable(v) {
			o.State = outcall.Dropped
		}
		errs = append(errs, c.order(ctx, o))
	}
	return errors.Join(errs...)
}

// order keeps a call to be placed; to who said no it is kept as one that is not.
func (c placer) order(ctx context.Context, o outcall.Order) error {
	err := c.store.Commit(ctx, func(tx bot.Tx) error { return c.store.OrderCall(ctx, tx, o) })
	if errors.Is(err, outcall.ErrSaidNo) {
		o.State = outcall.Dropped
		err = c.store.Commit(ctx, func(tx bot.Tx) error { return c.store.OrderCall(ctx, tx, o) })
	}
	return err
}

// unanswered says whether it is still to be asked how a ticket came out.
func unanswered(v ticket.Ticket) bool {
	return v.Status == ticket.Closed && v.Life.Satisfied == ticket.Unasked && v.Life.ArchivedAt.IsZero()
}

// callable says whether who filed a ticket may be rung about it.
func callable(v ticket.Ticket) bool {
	_, ok := outcall.Number(v.Phone.Reveal())
	return ok && unanswered(v) && !v.Anonymous && !unwilling(v.ContactWish.Reveal())
}

// unwilling hears the wish not to be telephoned.
func unwilling(wish string) bool {
	for _, w := range []string{"不要打", "别打", "不用打", "唔好打", "不要给我打", "别给我打", "不要电话", "别电话", "不用电话", "发短信", "回短信", "发微信", "回微信"} {
		if strings.Contains(wish, w) {
			return true
		}
	}
	return false
}

// Next implements hotline.Orders. What was settled meanwhile is not rung about.
func (c placer) Next(ctx context.Context) (outcall.Order, bool, error) {
	rules, err := c.store.CallRules(ctx)
	if err != nil {
		return outcall.Order{}, false, err
	}
	for {
		o, found, err := c.store.NextCall(ctx, rules, c.clock(), callLease)
		if err != nil || !found {
			return o, false, err
		}
		wanted, err := c.wanted(ctx, o)
		if err != nil {
			return o, false, err
		}
		after := o
		switch {
		case !wanted:
			after.State, after.Last, after.Attempts = outcall.Dropped, "", o.Attempts-1 // nobody is rung
		case o.State != outcall.Failed:
			return o, true, nil
		}
		if err := c.end(ctx, o, after); err != nil {
			return o, false, err
		}
	}
}

// wanted says whether there is still a reason to ring.
func (c placer) wanted(ctx context.Context, o outcall.Order) (bool, error) {
	if o.Kind == outcall.Reminder {
		a, err := c.store.Appointment(ctx, o.Ref)
		return err == nil && a.Status == booking.Booked, err
	}
	v, _, err := c.store.Ticket(ctx, o.Ref)
	return err == nil && unanswered(v), err
}

// AtOnce implements hotline.Orders.
func (c placer) AtOnce(ctx context.Context) (int, error) {
	rules, err := c.store.CallRules(ctx)
	return rules.AtOnce, err
}

// Whose implements hotline.Orders.
func (c placer) Whose(ctx context.Context, at bot.Address) (bot.CitizenID, error) {
	citizen, err := c.store.Identify(ctx, at, c.clock())
	return citizen.ID, err
}

// topicOf groups what is said in the calls of an order.
func topicOf(o outcall.Order) string { return "outcall:" + o.Key }

// Ask implements hotline.Orders.
func (c placer) Ask(ctx context.Context, o outcall.Order, at bot.Address) error {
	var q bot.Inquiry
	if o.Kind == outcall.Reminder {
		q = c.bookings.Reminding(o.Text.Reveal())
	} else {
		v, _, err := c.store.Ticket(ctx, o.Ref)
		if err != nil {
			return err
		}
		q = c.progress.Inquiry(v)
	}
	var err error
	if q.Citizen, err = c.Whose(ctx, at); err != nil {
		return err
	}
	q.To, q.Called, q.Topic, q.Until = at, true, topicOf(o), c.clock().Add(answerTime)
	q.Key = fmt.Sprintf("outcall:%s:%d", o.Key, c.clock().UnixMilli())
	return c.engine.Inquire(ctx, q)
}

// End implements hotline.Orders. Who talked about something else has not
// answered; who said no is not tried again.
func (c placer) End(ctx context.Context, o outcall.Order, what outcall.Outcome) error {
	rules, err := c.store.CallRules(ctx)
	if err != nil {
		return err
	}
	no, err := c.store.RefusesCalls(ctx, o.Phone.Reveal())
	if err != nil {
		return err
	}
	if o.Kind == outcall.FollowUp && !no {
		open, err := c.wanted(ctx, o)
		switch {
		case err != nil:
			return err
		case !open:
			what = outcall.Answered
		case what == outcall.Answered:
			what = outcall.Listened
		}
	}
	after := rules.After(o, what, c.clock(), c.calendar)
	if no {
		after.State = outcall.Dropped
	}
	return c.end(ctx, o, after)
}

// end keeps what came of an order, and where it failed goes another way, in
// one commit.
func (c placer) end(ctx context.Context, leased, after outcall.Order) error {
	return c.store.Commit(ctx, func(tx bot.Tx) error {
		if err := c.store.EndCall(ctx, tx, leased, after, c.clock()); err != nil {
			return err
		}
		if err := tx.Drop(topicOf(after)); err != nil || after.State != outcall.Failed {
			return err
		}
		return c.instead(ctx, tx, after)
	})
}

// instead is what happens where nobody was reached: the ticket says so, and the
// question goes to WeChat where they are known there, else people are asked to
// ring; likewise with a reminder.
func (c placer) instead(ctx context.Context, tx bot.Tx, o outcall.Order) error {
	if o.Kind == outcall.FollowUp {
		_, err := c.office.DoIn(ctx, tx, o.Ref, ticket.Command{Action: ticket.DoFollowUp, By: ticket.Actor{Role: ticket.RoleCentre, Name: callingName},
			At: c.clock(), Satisfied: ticket.Unheard, Words: bot.Secret(fmt.Sprintf("电话回访 %d 次，没有联系上", o.Attempts)), Key: o.Key})
		var no *ticket.Refusal
		if err != nil && !errors.As(err, &no) {
			return err
		}
		to, known, err := c.store.AddressOf(ctx, o.Citizen, bot.WeChat)
		if err != nil {
			return err
		}
		if known {
			text := "打您电话没打通。您的诉求 " + o.Ref + " 已经办结，满意吗？没解决请告诉我原因，可以重新办理。"
			return bot.Tell(tx, c.clock(), bot.Outgoing{Citizen: o.Citizen, To: to, Key: "instead:" + o.Key, Topic: "ticket:" + o.Ref,
				Reply: bot.Reply{Text: text, Options: []bot.Option{{Text: "满意 " + o.Ref}, {Text: "没解决 " + o.Ref}}}})
		}
	}
	now := c.clock()
	_, err := c.store.File(ctx, tx, ticket.Ticket{
		Citizen: o.Citizen, Channel: bot.Hotline, Kind: ticket.Report, Type: ticket.Inquiry, Title: o.Kind.Title() + "未接通",
		Text:       bot.Secret(fmt.Sprintf("%s电话 %d 次未接通，请人工联系市民：%s", o.Kind.Title(), o.Attempts, o.Ref)),
		Department: "12345热线", Phone: o.Phone, Urgency: ticket.Normal, Status: ticket.Accepted, Key: "instead:" + o.Key, CreatedAt: now,
	})
	return err
}

// Name implements notify.Way.
func (c placer) Name() string { return "call" }

// Notify implements notify.Way: the notice is read out in a call that is placed
// as soon as it may be.
func (c placer) Notify(ctx context.Context, n notify.Notice) error {
	rules, err := c.store.CallRules(ctx)
	if err != nil {
		return err
	}
	_, ok := outcall.Number(n.Phone.Reveal())
	if !ok || !rules.Reminders || n.Kind != notify.Reminder && n.Kind != notify.Changed || n.Text == "" {
		return notify.ErrNoWay
	}
	a, err := c.store.Appointment(ctx, n.Number)
	if err != nil {
		return err
	}
	now := c.clock()
	o := outcall.Order{Key: "reminder:" + n.Key, Citizen: n.Citizen, Kind: outcall.Reminder, Ref: n.Number, Phone: n.Phone, Text: n.Text,
		State: outcall.Waiting, NextAt: now, At: now, Until: a.Starts()}
	err = c.store.Commit(ctx, func(tx bot.Tx) error { return c.store.OrderCall(ctx, tx, o) })
	switch {
	case errors.Is(err, outcall.ErrSaidNo):
		return fmt.Errorf("%w: %w", notify.ErrNoWay, err)
	case errors.Is(err, store.ErrForgotten):
		return notify.ErrNoWay
	}
	return err
}
