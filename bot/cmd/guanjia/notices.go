package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/notify"
	"guanjia/bot/store"
	"guanjia/handlers/appointment"
)

// tellPromoted puts the booking of a freed place to everybody it is held for.
func (h *house) tellPromoted(ctx context.Context, _ time.Time) error {
	lines, err := h.store.Promoted(ctx)
	if err != nil {
		return fmt.Errorf("list promoted: %w", err)
	}
	var errs []error
	for _, l := range lines {
		errs = append(errs, h.promoted(ctx, l))
	}
	return errors.Join(errs...)
}

func (h *house) promoted(ctx context.Context, l booking.Line) error {
	p := h.bookings.Proposal(l)
	var err error
	if p.To, err = h.reach(ctx, l.Citizen); err != nil {
		return fmt.Errorf("find address: %w", err)
	}
	p.Note = func(ctx context.Context, tx bot.Tx) error { return h.store.Told(ctx, tx, l.ID) }
	err = h.engine.Propose(ctx, p)
	if errors.Is(err, bot.ErrNoAddress) { // nobody to tell: the place passes on in time
		return h.store.Commit(ctx, func(tx bot.Tx) error { return p.Note(ctx, tx) })
	}
	return err
}

// tellAffected tells the holders of appointments whose openings were shut, each
// in one message with the nearest place there is instead.
func (h *house) tellAffected(ctx context.Context, now time.Time) error {
	affected, err := h.store.Affected(ctx, now)
	if err != nil {
		return fmt.Errorf("list affected appointments: %w", err)
	}
	var errs []error
	for _, a := range affected {
		errs = append(errs, h.affected(ctx, a))
	}
	return errors.Join(errs...)
}

func (h *house) affected(ctx context.Context, a store.Affected) error {
	key := appointment.ClosedKey(a.Appointment)
	if _, done := h.told.Load(key); done {
		return nil
	}
	p, found, err := h.bookings.Rebooking(ctx, a.Appointment, a.Reason, h.clock)
	if err != nil {
		return err
	}
	if p.To, err = h.reach(ctx, a.Citizen); err != nil {
		return err
	}
	if found {
		err = h.engine.Propose(ctx, p)
	} else {
		err = h.store.Commit(ctx, func(tx bot.Tx) error {
			return bot.Tell(tx, h.clock(), bot.Outgoing{Citizen: a.Citizen, To: p.To, Reply: bot.Reply{Text: h.bookings.Shut(a.Appointment, a.Reason)},
				Key: key, Topic: "appointment:" + a.Number})
		})
	}
	if err == nil || errors.Is(err, bot.ErrNoAddress) {
		h.told.Store(key, true)
		return nil
	}
	return err
}

// How long after a visit it is asked about, and how long the answer is awaited.
const (
	askWithin  = 24 * time.Hour
	askedUntil = 3 * 24 * time.Hour
)

// askServed asks everybody who was served once how it was, where they can be
// written to. Others find the question on the page of their appointment.
func (h *house) askServed(ctx context.Context, now time.Time) error {
	since := now.Add(-askWithin)
	served, err := h.store.Unasked(ctx, since.In(bot.Shanghai()).Format(time.DateOnly), since)
	if err != nil {
		return fmt.Errorf("list who was served: %w", err)
	}
	errs := []error{h.store.EndAsking(ctx, now.Add(-askedUntil), appointment.OpinionTopic)}
	for _, a := range served {
		errs = append(errs, h.askHow(ctx, a, now))
	}
	return errors.Join(errs...)
}

func (h *house) askHow(ctx context.Context, a booking.Appointment, now time.Time) error {
	q := h.bookings.Inquiry(a)
	q.Until = now.Add(askedUntil)
	q.Note = func(ctx context.Context, tx bot.Tx) error { return h.store.Asked(ctx, tx, a, now) }
	to, err := h.reach(ctx, a.Citizen)
	if err != nil {
		return fmt.Errorf("find address: %w", err)
	}
	q.To = to
	switch err = h.engine.Inquire(ctx, q); {
	case errors.Is(err, bot.ErrWithPerson): // later, when they have done talking
		return nil
	case errors.Is(err, bot.ErrNoAddress):
		return h.store.Commit(ctx, func(tx bot.Tx) error { return q.Note(ctx, tx) })
	}
	return err
}

// reach is where a citizen is written to who has no conversation yet: of those
// known by telephone only it is the line, behind which text messages stand.
// Empty if nowhere.
func (h *house) reach(ctx context.Context, citizen bot.CitizenID) (bot.Address, error) {
	for _, channel := range []bot.Channel{bot.WeChat, bot.Web, bot.Hotline} {
		to, found, err := h.store.AddressOf(ctx, citizen, channel)
		if err != nil || found {
			return to, err
		}
	}
	return bot.Address{}, nil
}

// notice puts what the service says of its own accord into the parts that
// templates take.
func (h *house) notice(ctx context.Context, out bot.Outgoing) (notify.Notice, bool, error) {
	n := notify.Notice{Citizen: out.Citizen, Key: out.Key, Text: bot.Secret(out.Reply.Text)}
	if out.To.Channel == bot.WeChat {
		n.OpenID = out.To.ID
	}
	names, err := newLister(ctx, h.store, h.base, h.clock(), false)
	if err != nil {
		return n, false, err
	}
	number, about := strings.CutPrefix(out.Topic, "appointment:")
	switch {
	case about:
		a, err := h.store.Appointment(ctx, number)
		if err != nil {
			return n, false, err
		}
		n.Kind = notify.Reminder
		if strings.Contains(out.Key, "closed:") {
			n.Kind = notify.Changed
		}
		n.Phone, n.Service, n.Hall, n.Number, n.When = a.Phone, names.title(a.Service), names.hall(a.Hall), a.Number, whenOf(a.Date, a.Time)
		return n, true, nil
	case strings.HasPrefix(out.Key, "propose:"):
		lines, err := h.store.Waits(ctx, out.Citizen)
		for _, l := range lines {
			if "propose:"+l.Key == out.Key && l.Status == booking.WaitHeld {
				n.Kind, n.Phone, n.Service, n.Hall, n.Number = notify.Promotion, l.Phone, names.title(l.Service), names.hall(l.Hall), "-"
				n.When = whenOf(l.Place.Date, l.Place.Time)
				return n, true, nil
			}
		}
		return n, false, err
	}
	return n, false, nil
}

func whenOf(date, clock string) string {
	t := booking.At(date, clock)
	return t.Format("2006年1月2日 15:04")
}

// relayed puts the other ways that are configured behind a channel.
func (h *house) relayed(channel bot.Sender, api notify.Subscriber) bot.Sender {
	var ways []notify.Way
	s := h.settings
	if templates := templatesOf(s.WeChatTemplates); len(templates) > 0 && api != nil {
		ways = append(ways, &notify.Subscribed{To: api, Templates: templates})
	}
	if sms := h.textMessages(); sms != nil {
		ways = append(ways, sms)
	}
	if s.SIPOutbound != "" {
		ways = append(ways, placer{h})
	}
	if len(ways) == 0 {
		return channel
	}
	return &notify.Relay{Channel: channel, Ways: ways, Describe: h.notice, Log: h.log}
}

// byPhone sends to who is known by telephone: while they are on the line they
// hear it, otherwise it goes as a text message where there is a template, and
// the rest waits for their next call.
func (h *house) byPhone(line bot.Sender) bot.Sender {
	return besideTerminal{h.relayed(line, nil), h.bag}
}

// textMessages are those of the operator configured; nil if none is.
func (h *house) textMessages() *notify.SMS {
	s := h.settings
	if s.SMSSecretID == "" {
		return nil
	}
	return &notify.SMS{URL: s.SMSURL, SecretID: s.SMSSecretID, SecretKey: s.SMSSecretKey.Reveal(), AppID: s.SMSAppID, Sign: s.SMSSign,
		Templates: templatesOf(s.SMSTemplates), Client: &http.Client{Timeout: 10 * time.Second}, Clock: h.clock}
}

// codes sends sign-in codes as text messages.
type codes struct{ sms *notify.SMS }

// SendCode implements h5.Messenger.
func (c codes) SendCode(ctx context.Context, phone, code string) error {
	return c.sms.Notify(ctx, notify.Notice{Kind: notify.Code, Phone: bot.Secret(phone), Number: code})
}

// templatesOf reads "reminder=1001 changed=1002 promotion=1003 code=1004".
func templatesOf(text string) map[notify.Kind]string {
	templates := map[notify.Kind]string{}
	for _, part := range strings.Fields(text) {
		if kind, id, ok := strings.Cut(part, "="); ok {
			templates[notify.Kind(kind)] = id
		}
	}
	return templates
}

// every does a task at most once in a while, at the first call after it.
func every(while time.Duration, do func(context.Context, time.Time) error) func(context.Context, time.Time) error {
	var mu sync.Mutex
	var last time.Time
	return func(ctx context.Context, now time.Time) error {
		mu.Lock()
		defer mu.Unlock()
		if now.Truncate(while).Equal(last.Truncate(while)) {
			return nil
		}
		last = now
		return do(ctx, now)
	}
}
