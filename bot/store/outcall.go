package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"guanjia/bot"
	"guanjia/bot/outcall"
	"guanjia/bot/ticket"
)

// ruleCalls is the name under which an administrator's rules of calls are kept.
const ruleCalls = "calls"

// CallRules are the rules of calls in force.
func (s *Store) CallRules(ctx context.Context) (outcall.Rules, error) {
	rules := outcall.StandardRules()
	stmt, err := s.read(ctx, "SELECT body FROM rule WHERE name = $1")
	if err != nil {
		return rules, err
	}
	var body string
	err = stmt.QueryRowContext(ctx, ruleCalls).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return rules, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &rules)
	}
	if err != nil {
		return rules, fmt.Errorf("read rules of calls: %w", err)
	}
	return rules, nil
}

// SaveCallRules puts other rules in force, for every call from now on.
func (s *Store) SaveCallRules(ctx context.Context, rules outcall.Rules, by string, at time.Time) error {
	if err := rules.Check(); err != nil {
		return err
	}
	body, err := json.Marshal(rules)
	if err != nil {
		return fmt.Errorf("encode rules of calls: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO rule (name, body, changed_at, changed_by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
			ruleCalls, string(body), millis(at), by)
		if err != nil {
			return err
		}
		return t.Audit(bot.AuditEntry{At: at, Actor: by, Deed: outcall.AuditRules, Subject: "rule:" + ruleCalls})
	})
	if err != nil {
		return fmt.Errorf("save rules of calls: %w", err)
	}
	return nil
}

// ordered is what is sealed of an order.
type ordered struct {
	Phone string `json:"phone"`
	Text  string `json:"text,omitempty"`
}

// OrderCall keeps a call to be placed; the same key again changes nothing. A
// number that said no is ErrSaidNo.
func (s *Store) OrderCall(_ context.Context, tx bot.Tx, o outcall.Order) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	hash := t.s.phoneHash(o.Phone.Reveal())
	if o.State != outcall.Dropped {
		if no, err := t.saidNo(hash); err != nil || no {
			return errors.Join(err, outcall.ErrSaidNo)
		}
	}
	var body []byte // of what is not to be placed nothing is kept
	if o.State != outcall.Dropped {
		if body, err = t.sealJSON(o.Citizen, "outcall.body", o.Key, ordered{o.Phone.Reveal(), o.Text.Reveal()}); err != nil {
			return err
		}
	}
	_, err = t.exec(`INSERT INTO outcall (key, citizen, kind, ref, state, next_at, until, at, phone, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (key) DO UPDATE SET at = excluded.at`,
		o.Key, o.Citizen, o.Kind, o.Ref, o.State, millis(o.NextAt), millis(o.Until), millis(o.At), hash, body)
	if err != nil {
		return fmt.Errorf("order a call: %w", err)
	}
	return nil
}

func (s *Store) phoneHash(phone string) []byte { return s.ring.blind("call", phone) }

func (t *Tx) saidNo(hash []byte) (bool, error) {
	var one int
	return t.row("SELECT 1 FROM no_call WHERE phone = $1", []any{hash}, &one)
}

// RefuseCalls implements outcall.Refusals.
func (s *Store) RefuseCalls(_ context.Context, tx bot.Tx, phone string, at time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	hash := s.phoneHash(phone)
	if _, err := t.exec("INSERT INTO no_call (phone, at) VALUES ($1, $2) ON CONFLICT (phone) DO NOTHING", hash, millis(at)); err != nil {
		return fmt.Errorf("keep who said no: %w", err)
	}
	if _, err := t.exec("UPDATE outcall SET state = 'dropped' WHERE phone = $1 AND state = 'waiting'", hash); err != nil {
		return fmt.Errorf("drop calls: %w", err)
	}
	return t.Audit(bot.AuditEntry{At: at, Actor: "citizen", Deed: outcall.AuditNo})
}

// RefusesCalls says whether a number said no.
func (s *Store) RefusesCalls(ctx context.Context, phone string) (bool, error) {
	no := false
	err := s.rows(ctx, "SELECT 1 FROM no_call WHERE phone = $1", func(func(...any) error) error { no = true; return nil }, s.phoneHash(phone))
	return no, err
}

const orderColumns = "SELECT key, citizen, kind, ref, state, attempts, last, next_at, until, at, phone, body FROM outcall"

// sealedOrder is an order as its row has it.
type sealedOrder struct {
	o    outcall.Order
	hash []byte
	body []byte
}

func scanOrder(scan func(...any) error) (r sealedOrder, err error) {
	var next, until, at int64
	err = scan(&r.o.Key, &r.o.Citizen, &r.o.Kind, &r.o.Ref, &r.o.State, &r.o.Attempts, &r.o.Last, &next, &until, &at, &r.hash, &r.body)
	r.o.NextAt, r.o.Until, r.o.At = fromMillis(next), fromMillis(until), fromMillis(at)
	return r, err
}

// open reads what is sealed; of who was forgotten nothing is.
func (r sealedOrder) open(key keyOf) (outcall.Order, error) {
	aead, err := key(r.o.Citizen)
	if err != nil || aead == nil || len(r.body) == 0 {
		return r.o, err
	}
	var v ordered
	if err := openJSON(aead, "outcall.body", r.o.Key, r.body, &v); err != nil {
		return r.o, err
	}
	r.o.Phone, r.o.Text = bot.Secret(v.Phone), bot.Secret(v.Text)
	return r.o, nil
}

// dueOrders is the condition of the partial index outcall_due, word for word.
const dueOrders = "state IN ('waiting', 'ringing')"

// callsLooked is how many due orders are looked at together.
const callsLooked = 50

// NextCall leases the next call that may be placed now and counts the try; no
// order is leased again before it is ended or lease is over. An order that is
// of no use any more comes out Failed, for its citizen to be told another way.
func (s *Store) NextCall(ctx context.Context, rules outcall.Rules, now time.Time, lease time.Duration) (o outcall.Order, found bool, err error) {
	const due = " WHERE " + dueOrders + " AND next_at <= $1 AND busy_until <= $1"
	some := false
	err = s.rows(ctx, "SELECT 1 FROM outcall"+due+" LIMIT 1", func(func(...any) error) error { some = true; return nil }, millis(now))
	if err != nil || !some {
		return o, false, err
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		var all []sealedOrder
		err := t.rows(orderColumns+due+" ORDER BY next_at LIMIT $2", []any{millis(now), callsLooked}, func(scan func(...any) error) error {
			r, err := scanOrder(scan)
			all = append(all, r)
			return err
		})
		for _, r := range all {
			if err != nil || found {
				break
			}
			o, found, err = t.lease(r, rules, now, lease)
		}
		return err
	})
	if err != nil {
		return o, false, fmt.Errorf("look for a call to place: %w", err)
	}
	return o, found, nil
}

// lease takes an order where it may be placed now; otherwise it is put off.
func (t *Tx) lease(r sealedOrder, rules outcall.Rules, now time.Time, lease time.Duration) (o outcall.Order, ok bool, err error) {
	no, err := t.saidNo(r.hash)
	if err != nil {
		return o, false, err
	}
	day := now.In(bot.Shanghai())
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, bot.Shanghai())
	var today int
	if _, err := t.row("SELECT COUNT(*) FROM outcall_try WHERE phone = $1 AND at >= $2", []any{r.hash, millis(midnight)}, &today); err != nil {
		return o, false, err
	}
	next := rules.Next(r.o.Kind, now, t.s.days)
	if today >= rules.PerDay {
		next = rules.Next(r.o.Kind, midnight.AddDate(0, 0, 1), t.s.days)
	}
	switch {
	case no:
		_, err = t.exec("UPDATE outcall SET state = 'dropped' WHERE key = $1", r.o.Key)
		return o, false, err
	case next.IsZero(): // switched off: looked at again in an hour
		_, err = t.exec("UPDATE outcall SET busy_until = $2 WHERE key = $1", r.o.Key, millis(now.Add(time.Hour)))
		return o, false, err
	case !r.o.Until.IsZero() && next.After(r.o.Until):
		r.o.State = outcall.Failed
	case next.After(now):
		_, err = t.exec("UPDATE outcall SET next_at = $2 WHERE key = $1", r.o.Key, millis(next))
		return o, false, err
	default:
		r.o.State = outcall.Ringing
		r.o.Attempts++
		if _, err := t.exec("INSERT INTO outcall_try (id, phone, at) VALUES ($1, $2, $3)", tryOf(r.o, now), r.hash, millis(now)); err != nil {
			return o, false, err
		}
		r.o.NextAt = now
	}
	if _, err := t.exec("UPDATE outcall SET state = 'ringing', attempts = $2, busy_until = $3, next_at = $4 WHERE key = $1",
		r.o.Key, r.o.Attempts, millis(now.Add(lease)), millis(r.o.NextAt)); err != nil {
		return o, false, err
	}
	o, err = r.open(t.keyFunc)
	return o, err == nil, err
}

// tryOf names the try that an order was leased for.
func tryOf(o outcall.Order, at time.Time) string {
	return o.Key + "@" + strconv.FormatInt(millis(at), 10)
}

// EndCall keeps what came of a try, with an entry in the audit trail. A try
// that rang nobody does not count.
func (s *Store) EndCall(_ context.Context, tx bot.Tx, leased, after outcall.Order, now time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if after.Last == outcall.Unreachable || after.Last == "" {
		if _, err := t.exec("DELETE FROM outcall_try WHERE id = $1", tryOf(leased, leased.NextAt)); err != nil {
			return err
		}
	}
	n, err := t.exec("UPDATE outcall SET state = $2, attempts = $3, last = $4, next_at = $5, busy_until = 0 WHERE key = $1 AND state = 'ringing'",
		after.Key, after.State, after.Attempts, after.Last, millis(after.NextAt))
	if err != nil || n == 0 || after.Last == "" {
		return err
	}
	return t.Audit(bot.AuditEntry{At: now, Actor: "system", Deed: outcall.AuditCall, Subject: after.Subject(), Reason: string(after.Last)})
}

// CallOrders lists orders, the newest first.
func (s *Store) CallOrders(ctx context.Context, limit int) ([]outcall.Order, error) {
	var all []sealedOrder
	err := s.rows(ctx, orderColumns+" ORDER BY at DESC, key LIMIT $1", func(scan func(...any) error) error {
		r, err := scanOrder(scan)
		all = append(all, r)
		return err
	}, limit)
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	out := make([]outcall.Order, 0, len(all))
	for _, r := range all {
		o, err := r.open(s.keyFunc(ctx))
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// Unfollowed are tickets closed in a period about which no follow-up call was
// ordered since, whatever is to come of that.
func (s *Store) Unfollowed(ctx context.Context, since, until time.Time, limit int) ([]ticket.Ticket, error) {
	return s.tickets(ctx, ` WHERE status = 'closed' AND updated_at >= $1 AND updated_at <= $2 AND NOT EXISTS (
		SELECT 1 FROM outcall o WHERE o.ref = ticket.number AND o.at >= ticket.updated_at) ORDER BY updated_at LIMIT $3`, millis(since), millis(until), limit)
}
