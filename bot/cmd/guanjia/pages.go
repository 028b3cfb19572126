package main

import (
	"context"
	"errors"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/notify"
	"guanjia/bot/store"
	"guanjia/channels/web"
	"guanjia/channels/web/h5"
	"guanjia/handlers/appointment"
)

// buildPages makes the citizens' pages.
func (s *service) buildPages() error {
	h := s.house
	var towns []h5.Town
	for _, t := range h.towns {
		towns = append(towns, h5.Town{ID: t.ID, Name: t.Short()})
	}
	c := h5.Config{
		Counter: counter{h}, Requests: requests{h.store, h}, People: people{h}, Data: ownData{h}, Finder: h.offered, Demo: s.settings.Demo, Popular: popular(h.base), Towns: towns, Where: h.where,
		Browser: s.chat.Browser, Host: web.Peer, PublicURL: s.settings.PublicURL, Tokens: web.Tokens(),
		Clock: h.clock, Log: s.log, Notices: h.urgentNotices, PhoneCounts: s.kept("phone", time.Hour), HostCounts: s.kept("code-host", time.Hour),
	}
	if s.account != nil {
		c.WeChat = s.account.api
	}
	if sms := h.textMessages(); sms != nil && sms.Templates[notify.Code] != "" {
		c.Messenger = codes{sms}
	}
	var err error
	s.pages, err = h5.New(c)
	return err
}

// counter is the ledger as the pages use it: each deed a commit.
type counter struct{ *house }

func (c counter) Services(ctx context.Context) ([]booking.Service, error) {
	return c.store.Services(ctx)
}

func (c counter) Halls(ctx context.Context) ([]booking.Hall, error) { return c.store.Halls(ctx) }

func (c counter) Openings(ctx context.Context, q booking.Query) ([]booking.Opening, error) {
	return c.store.Openings(ctx, q)
}

func (c counter) Appointments(ctx context.Context, id bot.CitizenID, active bool) ([]booking.Appointment, error) {
	return c.store.Appointments(ctx, id, active)
}

func (c counter) Appointment(ctx context.Context, number string) (booking.Appointment, error) {
	return c.store.Appointment(ctx, number)
}

func (c counter) Reserve(ctx context.Context, r booking.Request) (v booking.Hold, err error) {
	if err := c.paused(bot.BookAppointment); err != nil {
		return v, err
	}
	err = c.store.Commit(ctx, func(tx bot.Tx) error {
		v, err = c.store.Reserve(ctx, tx, r)
		return err
	})
	return v, err
}

// Book, Cancel and Move keep the reminders with the appointment, in its commit.
func (c counter) Book(ctx context.Context, r booking.Request) (a booking.Appointment, err error) {
	if err := c.paused(bot.BookAppointment); err != nil {
		return a, err
	}
	err = c.changing(ctx, r.Citizen, func(tx bot.Tx, to appointment.Reached) error {
		if a, err = c.store.Book(ctx, tx, r); err != nil {
			return err
		}
		return c.remind(tx, to, a)
	})
	return a, err
}

func (c counter) Cancel(ctx context.Context, number string) (a booking.Appointment, err error) {
	if err := c.paused(bot.CancelAppointment); err != nil {
		return a, err
	}
	was, err := c.store.Appointment(ctx, number)
	if err != nil {
		return was, err
	}
	err = c.changing(ctx, was.Citizen, func(tx bot.Tx, to appointment.Reached) error {
		if a, err = c.store.Cancel(ctx, tx, number, c.clock()); err != nil {
			return err
		}
		if err := c.bookings.Forget(tx, number); err != nil {
			return err
		}
		return c.bookings.TellCancelled(tx, to, c.clock(), a)
	})
	return a, err
}

func (c counter) Move(ctx context.Context, number, hall, date, clock string) (a booking.Appointment, err error) {
	if err := c.paused(bot.RescheduleAppointment); err != nil {
		return a, err
	}
	was, err := c.store.Appointment(ctx, number)
	if err != nil {
		return was, err
	}
	err = c.changing(ctx, was.Citizen, func(tx bot.Tx, to appointment.Reached) error {
		if a, err = c.store.Move(ctx, tx, number, hall, date, clock, c.clock()); err != nil {
			return err
		}
		if err := c.remind(tx, to, a); err != nil {
			return err
		}
		return c.bookings.TellMoved(tx, to, c.clock(), a)
	})
	return a, err
}

// changing is a commit that may have somebody to tell.
func (c counter) changing(ctx context.Context, id bot.CitizenID, do func(tx bot.Tx, to appointment.Reached) error) error {
	who, err := c.store.Citizen(ctx, id)
	if err != nil {
		return err
	}
	to := appointment.Reached{Language: who.Language}
	if to.To, err = c.reach(ctx, id); err != nil {
		return err
	}
	return c.store.Commit(ctx, func(tx bot.Tx) error { return do(tx, to) })
}

// remind leaves reminders where there is a conversation to leave them in.
func (c counter) remind(tx bot.Tx, to appointment.Reached, a booking.Appointment) error {
	if to.To.ID == "" {
		return nil
	}
	return c.bookings.Remind(tx, to, c.clock(), a)
}

func (c counter) Wait(ctx context.Context, r booking.Request) (v booking.Waiting, err error) {
	err = c.store.Commit(ctx, func(tx bot.Tx) error {
		v, err = c.store.Wait(ctx, tx, r)
		return err
	})
	return v, err
}

func (c counter) Leave(ctx context.Context, citizen bot.CitizenID, id int64) error {
	return c.store.Commit(ctx, func(tx bot.Tx) error {
		_, err := c.store.Leave(ctx, tx, citizen, id, c.clock())
		return err
	})
}

func (c counter) Waits(ctx context.Context, citizen bot.CitizenID) ([]booking.Line, error) {
	return c.store.Waits(ctx, citizen)
}

func (c counter) ArrivalOf(number string) (booking.Arrival, int, bool) {
	return c.store.ArrivalOf(number, c.clock())
}

// Rate keeps an opinion; who gave it here is not asked in the conversation.
func (c counter) Rate(ctx context.Context, number string, o booking.Opinion) error {
	o.At = c.clock()
	return c.store.Commit(ctx, func(tx bot.Tx) error {
		if err := c.store.Rate(ctx, tx, number, o); err != nil {
			return err
		}
		return tx.Drop(appointment.OpinionTopic(number))
	})
}

func (c counter) Appeal(ctx context.Context, a booking.Appeal) error {
	return c.store.Commit(ctx, func(tx bot.Tx) error { return c.store.Appeal(ctx, tx, a) })
}

func (c counter) RulesFor(service string) booking.Rules { return c.store.RulesFor(service) }

// people is who the pages are for.
type people struct{ *house }

func (p people) SignIn(ctx context.Context, token string, proven, browser bot.Address) (bot.CitizenID, error) {
	now := p.clock()
	return p.store.SignIn(ctx, token, proven, browser, now, now.Add(-h5.VisitLife))
}

func (p people) Visitor(ctx context.Context, token string) (bot.CitizenID, error) {
	id, err := p.store.Visitor(ctx, token, p.clock().Add(-h5.VisitLife))
	return id, noVisit(err, store.ErrNoVisit)
}

func (p people) SignOut(ctx context.Context, token string) error { return p.store.SignOut(ctx, token) }

func (p people) Known(ctx context.Context, browser bot.Address) (bot.CitizenID, error) {
	id, err := p.store.Known(ctx, browser)
	return id, noVisit(err, store.ErrNoCitizen)
}

func (p people) Citizen(ctx context.Context, id bot.CitizenID) (bot.Citizen, error) {
	return p.store.Citizen(ctx, id)
}

func (p people) Near(ctx context.Context, id bot.CitizenID) (booking.Spot, error) {
	conv, err := p.store.Conversation(ctx, id)
	if err != nil || !conv.Near.Holds(p.clock()) {
		return booking.Spot{}, err
	}
	return booking.Spot{Lat: conv.Near.Lat, Lng: conv.Near.Lng}, nil
}

func (p people) Phone(ctx context.Context, id bot.CitizenID) (string, error) {
	a, _, err := p.store.AddressOf(ctx, id, bot.Hotline)
	return a.ID, err
}

// noVisit puts the store's word for nobody into the pages' own.
func noVisit(err, nobody error) error {
	if errors.Is(err, nobody) {
		return h5.ErrNoVisit
	}
	return err
}
