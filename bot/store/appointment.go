package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// served is what is sealed of an appointment.
type served struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	IDNumber string `json:"id_number,omitempty"`
	Relation string `json:"relation,omitempty"`
	Consent  *yes   `json:"consent,omitempty"`
}

// yes is a consent as it is sealed.
type yes struct {
	By  booking.ConsentBy `json:"by"`
	At  time.Time         `json:"at"`
	For string            `json:"for"`
}

func yesOf(c booking.Consent) *yes {
	if c.By == "" {
		return nil
	}
	return &yes{c.By, c.At, c.For.Reveal()}
}

func (y *yes) consent() booking.Consent {
	if y == nil {
		return booking.Consent{}
	}
	return booking.Consent{By: y.By, At: y.At, For: bot.Secret(y.For)}
}

func servedOf(r booking.Request) served {
	return served{Name: r.Name.Reveal(), Phone: r.Phone.Reveal(), IDNumber: r.IDNumber.Reveal(), Relation: r.Relation}
}

// Book implements booking.Ledger. The diary decides; the row is written at the
// end of the batch, and stands or falls with the caller's part of the commit.
func (s *Store) Book(ctx context.Context, tx bot.Tx, r booking.Request) (booking.Appointment, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appointment{}, err
	}
	rules := s.RulesFor(r.Service)
	if err := checkRequest(r, rules); err != nil {
		return booking.Appointment{}, err
	}
	t.exemptByAge(r)
	e, repeat, err := s.diary.Book(s.taking(r), func() (string, error) {
		serial, err := t.w.serials.next(t, "appointment", r.Now)
		if err != nil {
			return "", fmt.Errorf("number appointment: %w", err)
		}
		return bot.AppointmentNumber(r.Now.In(bot.Shanghai()), serial), nil
	})
	t.persist()
	if err != nil {
		return booking.Appointment{}, err
	}
	if repeat {
		return t.appointment(e.Number)
	}
	a := booking.Appointment{
		Number: e.Number, Citizen: r.Citizen, Channel: r.Channel, Service: r.Service, Hall: r.Hall, Date: r.Date, Time: r.Time,
		Name: r.Name, Phone: r.Phone, IDNumber: r.IDNumber, Relation: r.Relation, Consent: r.ConsentIn(rules),
		Places: e.Places, Status: booking.Booked, CreatedAt: r.Now,
	}
	if err := t.insertAppointment(a, e); err != nil {
		return booking.Appointment{}, err
	}
	return a, t.Announce(bot.Change{At: r.Now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: a.Number})
}

func (t *Tx) insertAppointment(a booking.Appointment, e booking.Entry) error {
	body, err := t.sealJSON(a.Citizen, "appointment.body", a.Number, served{
		Name: a.Name.Reveal(), Phone: a.Phone.Reveal(), IDNumber: a.IDNumber.Reveal(), Relation: a.Relation, Consent: yesOf(a.Consent)})
	if err != nil {
		return err
	}
	t.leave(&bookedEntry{[]any{a.Number, string(a.Citizen), string(a.Channel), a.Service, e.Group, a.Hall, a.Date, a.Time, int64(e.Places),
		e.Person[:], string(a.Status), e.Key, millis(a.CreatedAt), e.Demo, body}})
	t.w.fresh[a.Number] = a
	return nil
}

// person identifies who is served: by id number when given, else by name and
// phone together.
func (s *Store) person(r booking.Request) (p booking.Person) {
	hash := []byte(nil)
	if r.IDNumber != "" {
		hash = s.ring.blind("person.id", strings.ToUpper(r.IDNumber.Reveal()))
	} else {
		name := strings.ToLower(strings.ReplaceAll(r.Name.Reveal(), " ", ""))
		hash = s.ring.blind("person", name+"\x00"+r.Phone.Reveal())
	}
	copy(p[:], hash)
	return p
}

// Cancel implements booking.Ledger.
func (s *Store) Cancel(ctx context.Context, tx bot.Tx, number string, now time.Time) (booking.Appointment, error) {
	return s.alter(tx, number, now, func() (booking.Entry, error) { return s.diary.Cancel(number, now) })
}

// Move implements booking.Ledger.
func (s *Store) Move(ctx context.Context, tx bot.Tx, number, hall, date, clock string, now time.Time) (booking.Appointment, error) {
	return s.alter(tx, number, now, func() (booking.Entry, error) { return s.diary.Move(number, hall, date, clock, now) })
}

// Revoke cancels an appointment on the hall's side, whatever the limits.
func (s *Store) Revoke(ctx context.Context, tx bot.Tx, number string, now time.Time) (booking.Appointment, error) {
	return s.alter(tx, number, now, func() (booking.Entry, error) { return s.diary.Revoke(number, now) })
}

// alter changes an appointment's status or place. One that the diary has
// forgotten is over.
func (s *Store) alter(tx bot.Tx, number string, now time.Time, deed func() (booking.Entry, error)) (booking.Appointment, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appointment{}, err
	}
	a, err := t.appointment(number)
	if err != nil {
		return a, err
	}
	e, err := deed()
	t.persist()
	if errors.Is(err, booking.ErrNoAppointment) {
		err = booking.ErrNotActive
	}
	if err != nil {
		return a, err
	}
	changed := a.Status != e.Status || a.Hall != e.Hall || a.Date != e.Date || a.Time != e.Time
	a.Status, a.Hall, a.Date, a.Time = e.Status, e.Hall, e.Date, e.Time
	if _, fresh := t.w.fresh[number]; fresh {
		t.w.fresh[number] = a
	}
	if !changed {
		return a, nil
	}
	return a, t.Announce(bot.Change{At: now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: number})
}

// MarkNoShows records booked appointments of days gone by as missed, and
// forgets what can no longer count.
func (s *Store) MarkNoShows(ctx context.Context, now time.Time) (int64, error) {
	n := 0
	err := s.commitDeed(ctx, "mark no-shows", func(*Tx) error {
		n = s.diary.MarkNoShows(now)
		s.diary.Tidy(now.Add(-keyLife))
		return nil
	})
	return int64(n), err
}

const appointmentColumns = "SELECT number, citizen, channel, service, hall, date, time, places, status, rating, created_at, simulated, body FROM appointment"

type sealedAppointment struct {
	a    booking.Appointment
	body []byte
}

func scanAppointment(scan func(...any) error) (sealedAppointment, error) {
	var r sealedAppointment
	var created int64
	err := scan(&r.a.Number, &r.a.Citizen, &r.a.Channel, &r.a.Service, &r.a.Hall, &r.a.Date, &r.a.Time,
		&r.a.Places, &r.a.Status, &r.a.Rating, &created, &r.a.Simulated, &r.body)
	r.a.CreatedAt = fromMillis(created)
	return r, err
}

func (r sealedAppointment) open(key keyOf) (booking.Appointment, error) {
	aead, err := key(r.a.Citizen)
	if err != nil {
		return r.a, err
	}
	var v served
	if aead == nil {
		return r.a, nil // destroyed: only that it was remains
	}
	if err := openJSON(aead, "appointment.body", r.a.Number, r.body, &v); err != nil {
		return r.a, err
	}
	r.a.Name, r.a.Phone, r.a.IDNumber, r.a.Relation = bot.Secret(v.Name), bot.Secret(v.Phone), bot.Secret(v.IDNumber), v.Relation
	r.a.Consent = v.Consent.consent()
	return r.a, nil
}

// appointment is one as this commit has it so far.
func (t *Tx) appointment(number string) (booking.Appointment, error) {
	if a, ok := t.w.fresh[number]; ok {
		return a, nil
	}
	if f := t.w.flushing; t.w.pending.statements() || f != nil && f.statements() { // of commits before this one
		if err := t.sql(); err != nil {
			return booking.Appointment{}, err
		}
	}
	stmt, err := t.w.stmt(t.ctx, appointmentColumns+" WHERE number = $1")
	if err != nil {
		return booking.Appointment{}, err
	}
	r, err := scanAppointment(stmt.QueryRowContext(t.ctx, number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return booking.Appointment{}, booking.ErrNoAppointment
	}
	if err != nil {
		return booking.Appointment{}, fmt.Errorf("load appointment: %w", err)
	}
	return r.open(t.keyFunc)
}

// Appointments implements booking.Ledger.
func (s *Store) Appointments(ctx context.Context, citizen bot.CitizenID, active bool) ([]booking.Appointment, error) {
	where := " WHERE citizen = $1"
	if active {
		where += " AND status IN ('booked', 'checked_in')"
	}
	return s.appointments(ctx, where+" ORDER BY created_at DESC, number DESC", citizen)
}

// Appointment implements booking.Ledger.
func (s *Store) Appointment(ctx context.Context, number string) (booking.Appointment, error) {
	found, err := s.appointments(ctx, " WHERE number = $1", number)
	if err != nil {
		return booking.Appointment{}, err
	}
	if len(found) == 0 {
		return booking.Appointment{}, booking.ErrNoAppointment
	}
	return found[0], nil
}

// AllAppointments lists every appointment, oldest first.
func (s *Store) AllAppointments(ctx context.Context) ([]booking.Appointment, error) {
	return s.appointments(ctx, " ORDER BY created_at, number")
}

func (s *Store) appointments(ctx context.Context, where string, args ...any) ([]booking.Appointment, error) {
	var sealed []sealedAppointment
	if s.unwritten.others() { // lines and replies that wait are none of it
		if err := s.Settle(ctx); err != nil {
			return nil, fmt.Errorf("list appointments: %w", err)
		}
	}
	err := s.rowsOf(ctx, appointmentColumns+where, func(scan func(...any) error) error {
		r, err := scanAppointment(scan)
		sealed = append(sealed, r)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	out := make([]booking.Appointment, 0, len(sealed))
	for _, r := range sealed {
		a, err := r.open(s.keyFunc(ctx))
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
