package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// keyOf finds a citizen's cipher; none when their key was destroyed.
type keyOf func(bot.CitizenID) (cipher.AEAD, error)

func (s *Store) keyFunc(ctx context.Context) keyOf {
	return func(id bot.CitizenID) (cipher.AEAD, error) { return unlessForgotten(s.key(ctx, id)) }
}

func (t *Tx) keyFunc(id bot.CitizenID) (cipher.AEAD, error) { return unlessForgotten(t.key(id)) }

func unlessForgotten(aead cipher.AEAD, err error) (cipher.AEAD, error) {
	if errors.Is(err, ErrForgotten) {
		return nil, nil
	}
	return aead, err
}

// told is what is sealed of a ticket.
type told struct {
	Text         string   `json:"text"`
	Address      string   `json:"address,omitempty"`
	Name         string   `json:"name,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	Relation     string   `json:"relation,omitempty"`
	Anonymous    bool     `json:"anonymous,omitempty"`
	Confidential bool     `json:"confidential,omitempty"`
	Amount       float64  `json:"amount,omitempty"`
	Latitude     float64  `json:"latitude,omitempty"`
	Longitude    float64  `json:"longitude,omitempty"`
	Attachments  []string `json:"attachments,omitempty"`
	Answer       string   `json:"answer,omitempty"`
	Needs        []string `json:"needs,omitempty"`
	Affected     int      `json:"affected,omitempty"`
	ContactWish  string   `json:"contact_wish,omitempty"`
	Reasons      []string `json:"reasons,omitempty"`
}

// lived is what is kept of a ticket's life beside its columns; it holds no
// particulars.
type lived struct {
	ticket.Life
	Village      string `json:"village,omitempty"`
	DepartmentID string `json:"department_id,omitempty"`
	TownBranch   bool   `json:"town_branch,omitempty"`
	Works        bool   `json:"works,omitempty"`
	Hidden       bool   `json:"hidden,omitempty"` // confidential: never shown in public
}

// File implements ticket.Ledger.
func (s *Store) File(ctx context.Context, tx bot.Tx, v ticket.Ticket) (ticket.Ticket, error) {
	t, err := in(tx)
	if err != nil {
		return v, err
	}
	if old, found, err := t.ticket("citizen = $1 AND key = $2", v.Citizen, v.Key); err != nil || found {
		return old, err
	}
	serial, err := t.w.serials.next(t, "ticket", v.CreatedAt)
	if err != nil {
		return v, fmt.Errorf("number ticket: %w", err)
	}
	v.Number = bot.TicketNumber(v.CreatedAt.In(bot.Shanghai()), serial)
	if v.Status == "" {
		v.Status = ticket.Accepted
	}
	rules := s.TicketRules()
	if v.DueAt.IsZero() {
		v.DueAt = ticket.Due(v, rules.Limits, rules.Clock)
	}
	v.UpdatedAt, v.Life.Band = v.CreatedAt, ticket.BandOf(v.Amount, rules.Limits.Bands)
	if v.Kind != ticket.Help {
		v.Life.Band = ticket.BandUnknown
	}
	if err := t.link(&v, rules); err != nil {
		return v, err
	}
	v.Life.NextAt = ticket.Next(v, rules)
	if err := t.insertTicket(v); err != nil {
		return v, err
	}
	first := ticket.Step{At: v.CreatedAt, Status: v.Status, By: "bot", Action: ticket.DoFile}
	if v.Life.Root != "" {
		first.Action, first.Note = ticket.DoMerge, bot.Secret("并入 "+v.Life.Root)
	}
	if err := t.step(v.Number, v.Citizen, first); err != nil {
		return v, err
	}
	return v, t.Announce(bot.Change{At: v.CreatedAt, Kind: bot.ChangeTicket, Citizen: v.Citizen, Ref: v.Number})
}

func (t *Tx) insertTicket(v ticket.Ticket) error {
	body, err := t.sealTicket(v)
	if err != nil {
		return err
	}
	life, err := lifeOf(v)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO ticket (number, citizen, channel, kind, type, category, title, town, urgency, department, status, key,
			due_at, created_at, simulated, body, holder, root, next_at, updated_at, life)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		v.Number, v.Citizen, v.Channel, v.Kind, v.Type, v.Category, v.Title, v.Town, v.Urgency, v.Department, v.Status, v.Key,
		millis(v.DueAt), millis(v.CreatedAt), v.Simulated, body, v.Life.Holder.String(), v.Life.Root, millis(v.Life.NextAt), millis(v.UpdatedAt), life)
	if err != nil {
		return fmt.Errorf("insert ticket: %w", err)
	}
	return nil
}

func livedOf(raw string) (l lived, err error) {
	if err := json.Unmarshal([]byte(raw), &l); err != nil {
		return l, fmt.Errorf("decode life: %w", err)
	}
	return l, nil
}

func lifeOf(v ticket.Ticket) (string, error) {
	raw, err := json.Marshal(lived{Life: v.Life, Village: v.Village, DepartmentID: v.DepartmentID, TownBranch: v.TownBranch, Works: v.Works, Hidden: v.Confidential})
	if err != nil {
		return "", fmt.Errorf("encode life: %w", err)
	}
	return string(raw), nil
}

func (t *Tx) sealTicket(v ticket.Ticket) ([]byte, error) {
	return t.sealJSON(v.Citizen, "ticket.body", v.Number, told{
		Text: v.Text.Reveal(), Address: v.Address.Reveal(), Name: v.Name.Reveal(), Phone: v.Phone.Reveal(),
		Relation: v.Relation, Anonymous: v.Anonymous, Confidential: v.Confidential, Amount: v.Amount,
		Latitude: v.Latitude, Longitude: v.Longitude, Attachments: v.Attachments, Answer: v.Answer.Reveal(),
		Needs: v.Needs, Affected: v.Affected, ContactWish: v.ContactWish.Reveal(), Reasons: v.Reasons,
	})
}

func (t *Tx) step(number string, citizen bot.CitizenID, s ticket.Step) error {
	id := t.w.next.step
	body, err := t.sealJSON(citizen, "step.body", rowID(id), s.Note.Reveal())
	if err != nil {
		return err
	}
	t.w.next.step++
	if _, err := t.exec(`INSERT INTO step (id, ticket, at, status, speaker, body, action, holder, attachment, key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, number, millis(s.At), s.Status, s.By, body, s.Action, s.Holder.String(), s.Attachment, s.Key); err != nil {
		return fmt.Errorf("insert step: %w", err)
	}
	return nil
}

const ticketColumns = `SELECT number, citizen, channel, kind, type, category, title, town, urgency, department, status, key,
	due_at, created_at, simulated, body, version, holder, root, next_at, linked, updated_at, life FROM ticket`

type sealedTicket struct {
	v    ticket.Ticket
	body []byte
}

func scanTicket(scan func(...any) error) (sealedTicket, error) {
	var r sealedTicket
	var due, created, version, nextAt, updated int64
	var linked int
	var holder, root, life string
	if err := scan(&r.v.Number, &r.v.Citizen, &r.v.Channel, &r.v.Kind, &r.v.Type, &r.v.Category, &r.v.Title, &r.v.Town,
		&r.v.Urgency, &r.v.Department, &r.v.Status, &r.v.Key, &due, &created, &r.v.Simulated, &r.body,
		&version, &holder, &root, &nextAt, &linked, &updated, &life); err != nil {
		return r, err
	}
	r.v.DueAt, r.v.CreatedAt, r.v.UpdatedAt = fromMillis(due), fromMillis(created), fromMillis(updated)
	l, err := livedOf(life)
	if err != nil {
		return r, fmt.Errorf("ticket %s: %w", r.v.Number, err)
	}
	r.v.Life, r.v.Village, r.v.DepartmentID, r.v.TownBranch, r.v.Works = l.Life, l.Village, l.DepartmentID, l.TownBranch, l.Works
	r.v.Life.Holder, err = ticket.ParseBody(holder)
	r.v.Life.Version, r.v.Life.Root, r.v.Life.NextAt, r.v.Life.Linked = version, root, fromMillis(nextAt), linked
	return r, err
}

func (r sealedTicket) open(key keyOf) (ticket.Ticket, error) {
	aead, err := key(r.v.Citizen)
	if err != nil {
		return r.v, err
	}
	if aead == nil {
		return r.v, nil // destroyed: only that it was remains
	}
	var b told
	if err := openJSON(aead, "ticket.body", r.v.Number, r.body, &b); err != nil {
		return r.v, err
	}
	v := r.v
	v.Text, v.Address, v.Name, v.Phone = bot.Secret(b.Text), bot.Secret(b.Address), bot.Secret(b.Name), bot.Secret(b.Phone)
	v.Relation, v.Anonymous, v.Confidential, v.Amount = b.Relation, b.Anonymous, b.Confidential, b.Amount
	v.Latitude, v.Longitude, v.Attachments, v.Answer = b.Latitude, b.Longitude, b.Attachments, bot.Secret(b.Answer)
	v.Needs, v.Affected, v.ContactWish, v.Reasons = b.Needs, b.Affected, bot.Secret(b.ContactWish), b.Reasons
	return v, nil
}

func (t *Tx) ticket(where string, args ...any) (ticket.Ticket, bool, error) {
	stmt, err := t.w.stmt(t.ctx, ticketColumns+" WHERE "+where)
	if err != nil {
		return ticket.Ticket{}, false, err
	}
	r, err := scanTicket(stmt.QueryRowContext(t.ctx, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Ticket{}, false, nil
	}
	if err != nil {
		return ticket.Ticket{}, false, fmt.Errorf("load ticket: %w", err)
	}
	v, err := r.open(t.keyFunc)
	return v, err == nil, err
}

// Tickets implements ticket.Ledger.
func (s *Store) Tickets(ctx context.Context, citizen bot.CitizenID, limit int) ([]ticket.Ticket, error) {
	return s.tickets(ctx, " WHERE citizen = $1 ORDER BY created_at DESC, number DESC LIMIT $2", citizen, limit)
}

// Ticket implements ticket.Ledger.
func (s *Store) Ticket(ctx context.Context, number string) (ticket.Ticket, []ticket.Step, error) {
	found, err := s.tickets(ctx, " WHERE number = $1", number)
	if err != nil {
		return ticket.Ticket{}, nil, err
	}
	if len(found) == 0 {
		return ticket.Ticket{}, nil, ticket.ErrNoTicket
	}
	v := found[0]
	aead, err := s.keyFunc(ctx)(v.Citizen)
	if err != nil {
		return v, nil, err
	}
	var steps []ticket.Step
	err = s.rows(ctx, "SELECT id, at, status, speaker, body, action, holder, attachment FROM step WHERE ticket = $1 ORDER BY id", func(scan func(...any) error) error {
		var id, at int64
		var body []byte
		var st ticket.Step
		var holder string
		if err := scan(&id, &at, &st.Status, &st.By, &body, &st.Action, &holder, &st.Attachment); err != nil {
			return err
		}
		var err error
		if st.Holder, err = ticket.ParseBody(holder); err != nil {
			return err
		}
		var note string
		if aead != nil {
			if err := openJSON(aead, "step.body", rowID(id), body, &note); err != nil {
				return err
			}
		}
		st.At, st.Note = fromMillis(at), bot.Secret(note)
		steps = append(steps, st)
		return nil
	}, number)
	if err != nil {
		return v, nil, fmt.Errorf("list steps: %w", err)
	}
	return v, steps, nil
}

// AllTickets lists every ticket, oldest first.
func (s *Store) AllTickets(ctx context.Context) ([]ticket.Ticket, error) {
	return s.tickets(ctx, " ORDER BY created_at, number")
}

func (s *Store) tickets(ctx context.Context, where string, args ...any) ([]ticket.Ticket, error) {
	var sealed []sealedTicket
	err := s.rows(ctx, ticketColumns+where, func(scan func(...any) error) error {
		r, err := scanTicket(scan)
		sealed = append(sealed, r)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	out := make([]ticket.Ticket, 0, len(sealed))
	for _, r := range sealed {
		v, err := r.open(s.keyFunc(ctx))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
