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
	a, refusal := t.appoint(r)
	if refusal != nil {
		// Whatever stands against a new appointment, a repeat gets its first.
		if first, found, err := t.appointment("citizen = $1 AND key = $2", r.Citizen, r.Key); err != nil || found {
			return first, err
		}
		return booking.Appointment{}, refusal
	}
	// The row stands before its place is taken: should that fail, the caller's
	// part of the commit is rolled back with it.
	if err := t.takePlace(placeOf(a)); err != nil {
		return booking.Appointment{}, err
	}
	return a, t.Announce(bot.Change{At: r.Now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: a.Number})
}

// errRepeat means the key has made an appointment before.
var errRepeat = errors.New("key was used before")

// appoint inserts a new appointment after reading all that can stand against
// it. An error from it means that nothing was written.
func (t *Tx) appoint(r booking.Request) (booking.Appointment, error) {
	person := t.s.personHash(r)
	if err := t.bookable(place{r.Service, r.Hall, r.Date, r.Time}, r.Now); err != nil {
		return booking.Appointment{}, err
	}
	if err := t.allowed(person, r.Service, r.Date, "", r.Now); err != nil {
		return booking.Appointment{}, err
	}
	serial, err := t.w.serials.next(t, "appointment", r.Now)
	if err != nil {
		return booking.Appointment{}, fmt.Errorf("number appointment: %w", err)
	}
	a := booking.Appointment{
		Number: bot.AppointmentNumber(r.Now.In(bot.Shanghai()), serial), Citizen: r.Citizen, Channel: r.Channel,
		Service: r.Service, Hall: r.Hall, Date: r.Date, Time: r.Time, Name: r.Name, Phone: r.Phone,
		IDNumber: r.IDNumber, Relation: r.Relation, Status: booking.Booked, CreatedAt: r.Now,
	}
	return a, t.insertAppointment(a, person, r.Key)
}

func (t *Tx) insertAppointment(a booking.Appointment, person []byte, key string) error {
	body, err := t.sealJSON(a.Citizen, "appointment.body", a.Number, served{
		Name: a.Name.Reveal(), Phone: a.Phone.Reveal(), IDNumber: a.IDNumber.Reveal(), Relation: a.Relation})
	if err != nil {
		return err
	}
	n, err := t.exec(`INSERT INTO appointment (number, citizen, channel, service, hall, date, time, person, status, key, created_at, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (citizen, key) DO NOTHING`,
		a.Number, a.Citizen, a.Channel, a.Service, a.Hall, a.Date, a.Time, person, a.Status, key, millis(a.CreatedAt), body)
	if err != nil {
		return fmt.Errorf("insert appointment: %w", err)
	}
	if n == 0 {
		return errRepeat
	}
	return nil
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

// place is where openings and appointments meet.
type place struct{ service, hall, date, clock string }

const atPlace = " WHERE service = $1 AND hall = $2 AND date = $3 AND time = $4"

func (p place) args() []any { return []any{p.service, p.hall, p.date, p.clock} }

// bookable says why a place cannot be taken: it is not there, its period has
// begun, or nothing is left.
func (t *Tx) bookable(p place, now time.Time) error {
	var remaining int
	found, err := t.row("SELECT remaining FROM opening"+atPlace, p.args(), &remaining)
	switch {
	case err != nil:
		return fmt.Errorf("find opening: %w", err)
	case !found:
		return booking.ErrNoOpening
	case !booking.At(p.date, p.clock).After(now):
		return booking.ErrBegun
	case remaining == 0:
		return booking.ErrFull
	}
	return nil
}

// allowed holds the person served to the rules, not counting one appointment.
func (t *Tx) allowed(person []byte, service, date, except string, now time.Time) error {
	var own []booking.Standing
	err := t.rows("SELECT service, date, status FROM appointment WHERE person = $1 AND date >= $2 AND number <> $3",
		[]any{person, t.s.rules.Since(now), except}, func(scan func(...any) error) error {
			var s booking.Standing
			err := scan(&s.Service, &s.Date, &s.Status)
			own = append(own, s)
			return err
		})
	if err != nil {
		return fmt.Errorf("read the person's appointments: %w", err)
	}
	return t.s.rules.Allow(own, service, date, now)
}

func (t *Tx) takePlace(p place) error {
	n, err := t.exec("UPDATE opening SET remaining = remaining - 1"+atPlace+" AND remaining > 0", p.args()...)
	if err != nil {
		return fmt.Errorf("take place: %w", err)
	}
	if n == 0 {
		return booking.ErrFull
	}
	return nil
}

func (t *Tx) freePlace(p place) error {
	if _, err := t.exec("UPDATE opening SET remaining = remaining + 1"+atPlace+" AND remaining < capacity", p.args()...); err != nil {
		return fmt.Errorf("free place: %w", err)
	}
	return nil
}

// active finds an appointment that can still be cancelled or moved.
func (t *Tx) active(number string, now time.Time) (booking.Appointment, error) {
	a, found, err := t.appointment("number = $1", number)
	switch {
	case err != nil:
		return a, err
	case !found:
		return a, booking.ErrNoAppointment
	case a.Status != booking.Booked:
		return a, booking.ErrNotActive
	case !t.s.rules.Changeable(a.Starts(), now):
		return a, booking.ErrTooLate
	}
	return a, nil
}

func placeOf(a booking.Appointment) place { return place{a.Service, a.Hall, a.Date, a.Time} }

// Cancel implements booking.Ledger.
func (s *Store) Cancel(ctx context.Context, tx bot.Tx, number string, now time.Time) (booking.Appointment, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appointment{}, err
	}
	a, err := t.active(number, now)
	if err != nil {
		return a, err
	}
	if _, err := t.exec("UPDATE appointment SET status = 'cancelled' WHERE number = $1", number); err != nil {
		return a, fmt.Errorf("cancel appointment: %w", err)
	}
	if err := t.freePlace(placeOf(a)); err != nil {
		return a, err
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
	a, err := t.active(number, now)
	if err != nil {
		return a, err
	}
	to := place{a.Service, hall, date, clock}
	if placeOf(a) == to {
		return a, nil
	}
	if err := t.movable(number, to, now); err != nil {
		return a, err
	}
	if err := t.takePlace(to); err != nil {
		return a, err
	}
	if err := t.freePlace(placeOf(a)); err != nil {
		return a, err
	}
	if _, err := t.exec("UPDATE appointment SET hall = $2, date = $3, time = $4 WHERE number = $1", number, hall, date, clock); err != nil {
		return a, fmt.Errorf("move appointment: %w", err)
	}
	a.Hall, a.Date, a.Time = hall, date, clock
	return a, t.Announce(bot.Change{At: now, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: number})
}

// movable says why an appointment cannot go to another place; the limits do
// not count where it is now.
func (t *Tx) movable(number string, to place, now time.Time) error {
	if err := t.bookable(to, now); err != nil {
		return err
	}
	var person []byte
	if _, err := t.row("SELECT person FROM appointment WHERE number = $1", []any{number}, &person); err != nil {
		return fmt.Errorf("find person served: %w", err)
	}
	return t.allowed(person, to.service, to.date, number, now)
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
	if aead == nil {
		return r.a, nil // destroyed: only that it was remains
	}
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
	a, err := r.open(t.keyFunc)
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
