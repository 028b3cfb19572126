package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// taking puts a request into the diary's words.
func (s *Store) taking(r booking.Request) booking.Taking {
	return booking.Taking{Citizen: r.Citizen, Key: r.Key, Person: s.person(r), Service: r.Service, Hall: r.Hall,
		Date: r.Date, Time: r.Time, Places: r.Places, Now: r.Now}
}

// Reserve implements booking.Ledger.
func (s *Store) Reserve(ctx context.Context, tx bot.Tx, r booking.Request) (booking.Hold, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Hold{}, err
	}
	h, err := s.diary.HoldFor(s.taking(r))
	t.persist()
	return h, err
}

// GiveBack implements booking.Ledger.
func (s *Store) GiveBack(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, key string, now time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	s.diary.GiveBack(citizen, key, now)
	t.persist()
	return nil
}

// ExpireHolds ends holds and waits whose time is over and passes the places on
// to who waits. It says how many ended.
func (s *Store) ExpireHolds(ctx context.Context, now time.Time) (int, error) {
	n := 0
	err := s.writer.commit(ctx, func(t *Tx) error {
		n = s.diary.Expire(now)
		t.persist()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("end holds: %w", err)
	}
	return n, nil
}

// BookNow books in a commit of its own. What memory knows to be full is
// refused without asking the writer.
func (s *Store) BookNow(ctx context.Context, r booking.Request) (booking.Appointment, error) {
	if s.diary.Full(booking.Taking{Citizen: r.Citizen, Key: r.Key, Service: r.Service, Hall: r.Hall, Date: r.Date, Time: r.Time, Places: r.Places, Now: r.Now}) {
		return booking.Appointment{}, booking.ErrFull
	}
	var a booking.Appointment
	err := s.writer.commit(ctx, func(t *Tx) error {
		var err error
		a, err = s.Book(ctx, t, r)
		return err
	})
	return a, err
}

// RulesFor implements booking.Ledger.
func (s *Store) RulesFor(service string) booking.Rules { return *s.diary.Rules().For(service) }

// checkRequest holds a request to the rules that are about what was told.
func checkRequest(r booking.Request, rules booking.Rules) error {
	other := r.Relation != "" && r.Relation != "本人"
	switch {
	case rules.Identity && r.IDNumber == "":
		return booking.ErrIdentity
	case other && !rules.Others:
		return booking.ErrOthers
	case other && rules.Consent && !r.Consent:
		return booking.ErrConsent
	}
	return nil
}

// commitDeed runs one deed of the diary in a commit of its own.
func (s *Store) commitDeed(ctx context.Context, what string, deed func(t *Tx) error) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		if err := deed(t); err != nil {
			return err
		}
		t.persist()
		return nil
	})
	var problem *bot.Problem
	if err == nil || errors.As(err, &problem) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Held implements booking.Ledger.
func (s *Store) Held(citizen bot.CitizenID) []booking.Hold { return s.diary.Held(citizen) }

// Changeable implements booking.Ledger.
func (s *Store) Changeable(number string, now time.Time) error {
	return s.diary.Changeable(number, now)
}
