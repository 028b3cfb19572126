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
}

// Book implements booking.Ledger. Everything it writes stands or falls with
// the caller's part of the commit.
func (s *Store) Book(ctx context.Context, tx bot.Tx, r booking.Request) (booking.Appointment, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appointment{}, err
	}
	if a, found, err := t.appointment("key = $1", r.Key); err != nil || found {
		return a, err
	}
	person := s.personHash(r)
	opening, err := t.bookable(r.Service, r.Hall, r.Date, r.Time, r.Now)
	if err != nil {
		return booking.Appointment{}, err
	}
	if err := t.allowed(person, r.Service, r.Date, "", r.Now); err != nil {
		return booking.Appointment{}, err
	}
	if err := t.takePlace(opening); err != nil {
		return booking.Appointment{}, err
	}
	serial, err := t.serial("appointment", r.Now)
	if err != nil {
		return booking.Appointment{}, err
	}
	a := booking.Appointment{
		Number: bot.AppointmentNumber(r.Now.In(bot.Shanghai()), serial), Citizen: r.Citizen, Channel: r.Channel,
		Service: r.Service, Hall: r.Hall, Date: r.Date, Time: r.Time, Name: r.Name, Phone: r.Phone,
		IDNumber: r.IDNumber, Relation: r.Relation, Status: booking.Booked, CreatedAt: r.Now,
	}
	body, err := t.sealJSON(a.Citizen, "appointment.body", a.Number, served{
		Name: a.Name.Reveal(), Phone: a.Phone.Reveal(), IDNumber: a.IDNumber.Reveal(), Relation: a.Relation})
	if err != nil {
		return booking.Appointment{}, err
	}
	if _, err := t.exec(`INSERT INTO appointment (number, citizen, channel, opening, service, hall, date, time, person, status, key, created_at, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		a.Number, a.Citizen, a.Channel, opening, a.Service, a.Hall, a.Date, a.Time, person, a.Status, r.Key, millis(r.Now), body); err != nil {
		return booking.Appointment{}, fmt.Errorf("insert appointment: %w", err)
	}
	return a, t.Announce(bot.Change{At: r.Now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: a.Number})
}

// personHash identifies the person served: by id number when given, else by
// name and phone together.
func (s *Store) personHash(r booking.Request) []byte {
	if r.IDNumber != "" {
		return s.ring.blind("person.id", strings.ToUpper(r.IDNumber.Reveal()))
	}
	name := strings.ToLower(strings.ReplaceAll(r.Name.Reveal(), " ", ""))
	return s.ring.blind("person", name+"\x00"+r.Phone.Reveal())
}

// bookable finds the opening, if it is there and has not begun.
func (t *Tx) bookable(service, hall, date, clock string, now time.Time) (int64, error) {
	var id int64
	found, err := t.row("SELECT id FROM opening WHERE service = $1 AND hall = $2 AND date = $3 AND time = $4",
		[]any{service, hall, date, clock}, &id)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, booking.ErrNoOpening
	}
	if !booking.At(date, clock).After(now) {
		return 0, booking.ErrBegun
	}
	return id, nil
}

// allowed checks the limits of the person served, not counting one appointment.
func (t *Tx) allowed(person []byte, service, date, except string, now time.Time) error {
	rules := t.s.rules
	now = now.In(bot.Shanghai())
	var same, active, missed int
	var lastMissed string
	if _, err := t.row(`SELECT COALESCE(SUM(service = $2 AND date = $3), 0), COUNT(*) FROM appointment
		WHERE person = $1 AND date >= $4 AND status IN ('booked', 'checked_in') AND number <> $5`,
		[]any{person, service, date, now.Format(time.DateOnly), except}, &same, &active); err != nil {
		return fmt.Errorf("count appointments: %w", err)
	}
	if same >= rules.PerServiceDay {
		return booking.ErrSameService
	}
	if active >= rules.Active {
		return booking.ErrTooMany
	}
	if _, err := t.row(`SELECT COUNT(*), COALESCE(MAX(date), '') FROM appointment
		WHERE person = $1 AND date >= $2 AND status = 'no_show'`,
		[]any{person, now.Add(-rules.NoShowWindow).Format(time.DateOnly)}, &missed, &lastMissed); err != nil {
		return fmt.Errorf("count no-shows: %w", err)
	}
	if missed >= rules.NoShows && booking.At(lastMissed, "23:59").Add(rules.Ban).After(now) {
		return booking.ErrBanned
	}
	return nil
}

func (t *Tx) takePlace(opening int64) error {
	n, err := t.exec("UPDATE opening SET remaining = remaining - 1 WHERE id = $1 AND remaining > 0", opening)
	if err != nil {
		return fmt.Errorf("take place: %w", err)
	}
	if n == 0 {
		return booking.ErrFull
	}
	return nil
}

func (t *Tx) freePlace(opening int64) error {
	_, err := t.exec("UPDATE opening SET remaining = remaining + 1 WHERE id = $1 AND remaining < capacity", opening)
	return err
}

// serial is the next number of a kind on the day of at.
func (t *Tx) serial(kind string, at time.Time) (int, error) {
	var n int
	_, err := t.row(`INSERT INTO serial (kind, day, last) VALUES ($1, $2, 1)
		ON CONFLICT (kind, day) DO UPDATE SET last = last + 1 RETURNING last`,
		[]any{kind, at.In(bot.Shanghai()).Format(time.DateOnly)}, &n)
	return n, err
}

// active finds an appointment that can still be cancelled or moved.
func (t *Tx) active(number string, now time.Time) (booking.Appointment, int64, []byte, error) {
	var opening int64
	var person []byte
	a, found, err := t.appointment("number = $1", number)
	if err != nil {
		return a, 0, nil, err
	}
	if !found {
		return a, 0, nil, booking.ErrNoAppointment
	}
	if a.Status != booking.Booked {
		return a, 0, nil, booking.ErrNotActive
	}
	if now.After(a.Starts().Add(-t.s.rules.CancelBefore)) {
		return a, 0, nil, booking.ErrTooLate
	}
	_, err = t.row("SELECT opening, person FROM appointment WHERE number = $1", []any{number}, &opening, &person)
	return a, opening, person, err
}

// Cancel implements booking.Ledger.
func (s *Store) Cancel(ctx context.Context, tx bot.Tx, number string, now time.Time) (booking.Appointment, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appointment{}, err
	}
	a, opening, _, err := t.active(number, now)
	if err != nil {
		return a, err
	}
	if _, err := t.exec("UPDATE appointment SET status = 'cancelled' WHERE number = $1", number); err != nil {
		return a, fmt.Errorf("cancel appointment: %w", err)
	}
	if err := t.freePlace(opening); err != nil {
		return a, fmt.Errorf("free place: %w", err)
	}
	a.Status = booking.Cancelled
	return a, t.Announce(bot.Change{At: now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: number})
}

// Move implements booking.Ledger.
func (s *Store) Move(ctx context.Context, tx bot.Tx, number, hall, date, clock string, now time.Time) (booking.Appointment, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appointment{}, err
	}
	a, old, person, err := t.active(number, now)
	if err != nil {
		return a, err
	}
	if a.Hall == hall && a.Date == date && a.Time == clock {
		return a, nil
	}
	opening, err := t.bookable(a.Service, hall, date, clock, now)
	if err != nil {
		return a, err
	}
	if err := t.allowed(person, a.Service, date, number, now); err != nil {
		return a, err
	}
	if err := t.takePlace(opening); err != nil {
		return a, err
	}
	if err := t.freePlace(old); err != nil {
		return a, fmt.Errorf("free old place: %w", err)
	}
	if _, err := t.exec("UPDATE appointment SET opening = $2, hall = $3, date = $4, time = $5 WHERE number = $1",
		number, opening, hall, date, clock); err != nil {
		return a, fmt.Errorf("move appointment: %w", err)
	}
	a.Hall, a.Date, a.Time = hall, date, clock
	return a, t.Announce(bot.Change{At: now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: number})
}

// MarkNoShows records booked appointments of days gone by as missed.
func (s *Store) MarkNoShows(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := s.writer.commit(ctx, func(t *Tx) error {
		var err error
		n, err = t.exec("UPDATE appointment SET status = 'no_show' WHERE status = 'booked' AND date < $1",
			now.In(bot.Shanghai()).Format(time.DateOnly))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("mark no-shows: %w", err)
	}
	return n, nil
}

const appointmentColumns = "SELECT number, citizen, channel, service, hall, date, time, status, created_at, simulated, body FROM appointment"

type sealedAppointment struct {
	a    booking.Appointment
	body []byte
}

func scanAppointment(scan func(...any) error) (sealedAppointment, error) {
	var r sealedAppointment
	var created int64
	err := scan(&r.a.Number, &r.a.Citizen, &r.a.Channel, &r.a.Service, &r.a.Hall, &r.a.Date, &r.a.Time,
		&r.a.Status, &created, &r.a.Simulated, &r.body)
	r.a.CreatedAt = fromMillis(created)
	return r, err
}

func (r sealedAppointment) open(key keyOf) (booking.Appointment, error) {
	aead, err := key(r.a.Citizen)
	if err != nil {
		return r.a, err
	}
	var v served
	if err := openJSON(aead, "appointment.body", r.a.Number, r.body, &v); err != nil {
		return r.a, err
	}
	r.a.Name, r.a.Phone, r.a.IDNumber, r.a.Relation = bot.Secret(v.Name), bot.Secret(v.Phone), bot.Secret(v.IDNumber), v.Relation
	return r.a, nil
}

func (t *Tx) appointment(where string, args ...any) (booking.Appointment, bool, error) {
	stmt, err := t.w.stmt(t.ctx, appointmentColumns+" WHERE "+where)
	if err != nil {
		return booking.Appointment{}, false, err
	}
	r, err := scanAppointment(stmt.QueryRowContext(t.ctx, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return booking.Appointment{}, false, nil
	}
	if err != nil {
		return booking.Appointment{}, false, fmt.Errorf("load appointment: %w", err)
	}
	a, err := r.open(t.key)
	return a, err == nil, err
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
	err := s.rows(ctx, appointmentColumns+where, func(scan func(...any) error) error {
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
