package store

import (
	"context"
	"fmt"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// appealBody is what is sealed of an appeal.
type appealBody struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	IDNumber string `json:"id_number,omitempty"`
	Words    string `json:"words"`
	Answer   string `json:"answer,omitempty"`
}

func personOf(a booking.Appeal) booking.Request {
	return booking.Request{Name: a.Name, Phone: a.Phone, IDNumber: a.IDNumber}
}

// Banned implements booking.Ledger.
func (s *Store) Banned(r booking.Request) (booking.Ban, bool) {
	if _, exempt := s.RulesFor(r.Service).ExemptByAge(r.IDNumber.Reveal(), r.Now); exempt {
		return booking.Ban{}, false
	}
	return s.diary.Banned(s.person(r), r.Service, r.Now)
}

// Appeal implements booking.Ledger.
func (s *Store) Appeal(ctx context.Context, tx bot.Tx, a booking.Appeal) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	person := s.person(personOf(a))
	ban, banned := s.diary.Banned(person, "", a.At)
	if !banned {
		return booking.ErrNotBanned
	}
	var id int64
	found, err := t.row("SELECT id FROM appeal WHERE person = $1 AND status = 'open'", []any{person[:]}, &id)
	if err != nil {
		return fmt.Errorf("find appeal: %w", err)
	}
	if found {
		return booking.ErrAppealed
	}
	if _, err := t.row("SELECT COALESCE(MAX(id), 0) FROM appeal", nil, &id); err != nil {
		return fmt.Errorf("number appeal: %w", err)
	}
	body, err := t.sealJSON(a.Citizen, "appeal.body", rowID(id+1), appealBody{Name: a.Name.Reveal(), Phone: a.Phone.Reveal(), IDNumber: a.IDNumber.Reveal(), Words: a.Words.Reveal()})
	if err != nil {
		return err
	}
	if _, err := t.exec("INSERT INTO appeal (id, citizen, person, at, until, missed, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		id+1, a.Citizen, person[:], millis(a.At), millis(ban.Until), ban.Missed, body); err != nil {
		return fmt.Errorf("keep appeal: %w", err)
	}
	return t.Announce(bot.Change{At: a.At, Kind: bot.ChangeBooking, Citizen: a.Citizen, Ref: "appeal"})
}

// Appeals lists the open ones, oldest first, then the latest decided.
func (s *Store) Appeals(ctx context.Context, limit int) ([]booking.Appeal, error) {
	return s.appeals(ctx, "ORDER BY status <> 'open', CASE status WHEN 'open' THEN id ELSE -decided_at END LIMIT $1", limit)
}

// AppealOf implements booking.Ledger.
func (s *Store) AppealOf(ctx context.Context, citizen bot.CitizenID) (booking.Appeal, bool, error) {
	latest, err := s.appeals(ctx, "WHERE citizen = $1 ORDER BY id DESC LIMIT 1", citizen)
	if err != nil || len(latest) == 0 {
		return booking.Appeal{}, false, err
	}
	return latest[0], true, nil
}

func (s *Store) appeals(ctx context.Context, where string, args ...any) ([]booking.Appeal, error) {
	type sealed struct {
		booking.Appeal
		body []byte
	}
	var found []sealed
	err := s.rows(ctx, "SELECT id, citizen, at, until, missed, status, by, decided_at, body FROM appeal "+where, func(scan func(...any) error) error {
		var v sealed
		var at, until, decided int64
		err := scan(&v.ID, &v.Citizen, &at, &until, &v.Ban.Missed, &v.Status, &v.By, &decided, &v.body)
		v.At, v.Ban.Until, v.Decided = fromMillis(at), fromMillis(until), fromMillis(decided)
		found = append(found, v)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list appeals: %w", err)
	}
	var out []booking.Appeal
	for _, v := range found {
		aead, err := s.keyFunc(ctx)(v.Citizen)
		if err != nil {
			return nil, err
		}
		var body appealBody
		if aead != nil {
			if err := openJSON(aead, "appeal.body", rowID(v.ID), v.body, &body); err != nil {
				return nil, err
			}
		}
		v.Name, v.Phone, v.IDNumber = bot.Secret(body.Name), bot.Secret(body.Phone), bot.Secret(body.IDNumber)
		v.Words, v.Answer = bot.Secret(body.Words), bot.Secret(body.Answer)
		out = append(out, v.Appeal)
	}
	return out, nil
}

// DecideAppeal settles an open appeal: granted, what was missed so far no
// longer counts; exempt, nothing missed ever will. It returns the appeal as it
// stands then, and is kept in the audit trail.
func (s *Store) DecideAppeal(ctx context.Context, tx bot.Tx, id int64, status booking.AppealStatus, answer bot.Secret, who Author) (booking.Appeal, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Appeal{}, err
	}
	var a booking.Appeal
	var person, sealed []byte
	found, err := t.row("SELECT citizen, person, body FROM appeal WHERE id = $1 AND status = 'open'", []any{id}, &a.Citizen, &person, &sealed)
	if err != nil {
		return a, fmt.Errorf("find appeal: %w", err)
	}
	if !found {
		return a, booking.ErrNoAppeal
	}
	aead, err := t.keyFunc(a.Citizen)
	if err != nil {
		return a, err
	}
	if aead == nil {
		return a, booking.ErrNoAppeal // they are forgotten
	}
	var body appealBody
	if err := openJSON(aead, "appeal.body", rowID(id), sealed, &body); err != nil {
		return a, err
	}
	body.Answer = answer.Reveal()
	if sealed, err = t.sealJSON(a.Citizen, "appeal.body", rowID(id), body); err != nil {
		return a, err
	}
	if _, err := t.exec("UPDATE appeal SET status = $2, by = $3, decided_at = $4, body = $5 WHERE id = $1", id, status, who.By, millis(who.At), sealed); err != nil {
		return a, fmt.Errorf("decide appeal: %w", err)
	}
	if status != booking.AppealRefused {
		t.pardon(booking.Person(person), status == booking.AppealExempt, who)
	}
	a.ID, a.Status, a.By, a.Answer, a.Decided = id, status, who.By, answer, who.At
	a.Name, a.Phone = bot.Secret(body.Name), bot.Secret(body.Phone)
	return a, t.Audit(bot.AuditEntry{At: who.At, Actor: who.By, Deed: "appeal_" + string(status), Subject: "appeal:" + rowID(id), Reason: who.Reason})
}

// Exempt keeps no-shows from ever stopping the person an appointment is for.
func (s *Store) Exempt(ctx context.Context, number string, who Author) error {
	return s.commitDeed(ctx, "exempt a person", func(t *Tx) error {
		var person []byte
		found, err := t.row("SELECT person FROM appointment WHERE number = $1", []any{number}, &person)
		if err != nil {
			return err
		}
		if !found {
			return booking.ErrNoAppointment
		}
		t.pardon(booking.Person(person), true, who)
		return t.Audit(bot.AuditEntry{At: who.At, Actor: who.By, Deed: "exempt_person", Subject: number, Reason: who.Reason})
	})
}

// pardon takes what a person missed so far out of the count.
func (t *Tx) pardon(p booking.Person, exempt bool, who Author) {
	t.s.diary.Pardon(p, who.At, exempt)
	t.later(`INSERT INTO pardon (person, at, exempt, reason, by) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (person) DO UPDATE SET at = excluded.at, exempt = CASE WHEN excluded.exempt > pardon.exempt THEN excluded.exempt ELSE pardon.exempt END, reason = excluded.reason, by = excluded.by`,
		p[:], millis(who.At), exempt, who.Reason, who.By)
}

// exemptByAge keeps no-shows from stopping who is as old as the rules say.
func (t *Tx) exemptByAge(r booking.Request) {
	why, exempt := t.s.RulesFor(r.Service).ExemptByAge(r.IDNumber.Reveal(), r.Now)
	if !exempt {
		return
	}
	p := t.s.person(r)
	if _, banned := t.s.diary.Banned(p, r.Service, r.Now); banned {
		t.pardon(p, true, Author{By: "rules", Reason: why, At: r.Now})
	}
}
