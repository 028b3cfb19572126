package store

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
)

// mostCopied bounds how many records of a kind one copy holds.
const mostCopied = 100_000

// Account says how much there is of a citizen, by kind.
func (s *Store) Account(ctx context.Context, id bot.CitizenID) ([]privacy.Held, error) {
	if err := s.Settle(ctx); err != nil {
		return nil, fmt.Errorf("account for citizen: %w", err)
	}
	var held []privacy.Held
	for _, q := range []struct {
		kind  privacy.Kind
		query string
	}{
		{privacy.Profile, "SELECT COUNT(*), MIN(created_at) FROM citizen WHERE id = $1"},
		{privacy.Words, "SELECT COUNT(*), MIN(at) FROM line WHERE citizen = $1 AND speaker <> 'note'"},
		{privacy.Attachments, "SELECT COUNT(*), MIN(at) FROM attachment WHERE citizen = $1"},
		{privacy.Appointments, "SELECT COUNT(*), MIN(created_at) FROM appointment WHERE citizen = $1"},
		{privacy.Tickets, "SELECT COUNT(*), MIN(created_at) FROM ticket WHERE citizen = $1"},
		{privacy.Claims, "SELECT COUNT(*), MIN(at) FROM claim WHERE citizen = $1"},
		{privacy.Policies, "SELECT COUNT(*), MIN(created_at) FROM policy_subscription WHERE citizen = $1"},
		{privacy.LookUps, "SELECT COUNT(*), MIN(at) FROM city_query WHERE citizen = $1"},
		{privacy.Ratings, "SELECT COUNT(*), MIN(at) FROM rating WHERE citizen = $1"},
		{privacy.Consents, "SELECT COUNT(*), MIN(at) FROM consent WHERE citizen = $1"},
	} {
		h := privacy.Held{Kind: q.kind}
		err := s.rows(ctx, q.query, func(scan func(...any) error) error {
			var since *int64
			err := scan(&h.Count, &since)
			if since != nil {
				h.Since = fromMillis(*since)
			}
			return err
		}, id)
		if err != nil {
			return nil, fmt.Errorf("account for %s: %w", q.kind, err)
		}
		held = append(held, h)
	}
	return held, nil
}

// CopyOf is everything a citizen may read of what is kept of them, with one
// entry in the audit trail.
func (s *Store) CopyOf(ctx context.Context, id bot.CitizenID, now time.Time) (privacy.Copy, error) {
	c := privacy.Copy{At: now}
	if err := s.Settle(ctx); err != nil {
		return c, fmt.Errorf("copy citizen's records: %w", err)
	}
	for _, part := range []func(context.Context, bot.CitizenID, *privacy.Copy) error{
		s.copyPerson, s.copyFiles, s.copyWords, s.copyAppointments, s.copyTickets, s.copyClaims, s.copyPolicies, s.copyLookUps, s.copyRatings, s.copyConsents,
	} {
		if err := part(ctx, id, &c); err != nil {
			return c, fmt.Errorf("copy citizen's records: %w", err)
		}
	}
	return c, s.Audit(ctx, bot.AuditEntry{At: now, Actor: "citizen", Deed: bot.AuditCopy, Subject: string(id)})
}

func (s *Store) copyPerson(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	who, err := s.Citizen(ctx, id)
	if err != nil {
		return err
	}
	c.Citizen = privacy.Person{ID: id, Since: who.CreatedAt, Name: who.Name.Reveal(), Phone: who.Phone.Reveal()}
	return s.rows(ctx, "SELECT channel FROM identity WHERE citizen = $1 ORDER BY channel", func(scan func(...any) error) error {
		var channel string
		err := scan(&channel)
		c.Citizen.Addresses = append(c.Citizen.Addresses, channel)
		return err
	}, id)
}

// copyFiles leaves the keys of calls' recordings out: they open a file that
// the citizen does not have.
func (s *Store) copyFiles(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	aead, err := s.key(ctx, id)
	if err != nil {
		return err
	}
	return s.rows(ctx, "SELECT id, type, at, body FROM attachment WHERE citizen = $1 AND kind <> 'recording' ORDER BY at, id LIMIT $2", func(scan func(...any) error) error {
		var f privacy.File
		var at int64
		var body []byte
		if err := scan(&f.ID, &f.Type, &at, &body); err != nil {
			return err
		}
		var a bot.Attachment
		if err := openJSON(aead, "attachment.body", f.ID, body, &a); err != nil {
			return err
		}
		f.At, f.Data, f.Name = fromMillis(at), a.Bytes, f.ID+extension(f.Type)
		c.Attachments = append(c.Attachments, f)
		return nil
	}, id, mostCopied)
}

// extension is how a file of a media type is named at its end.
func extension(mediaType string) string {
	switch mediaType {
	case "image/jpeg":
		return ".jpg"
	case "audio/amr":
		return ".amr"
	}
	if all, err := mime.ExtensionsByType(mediaType); err == nil && len(all) > 0 {
		return all[0]
	}
	return ".bin"
}

func (s *Store) copyWords(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	lines, err := s.lines(ctx, id, wanted{}, mostCopied)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, f := range c.Attachments {
		names[f.ID] = f.Name
	}
	for _, l := range lines {
		c.Words = append(c.Words, privacy.Word{At: l.At, Speaker: l.Speaker, Channel: l.Channel, Text: l.Text, File: names[l.Attachment]})
	}
	return nil
}

func (s *Store) copyAppointments(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	all, err := s.Appointments(ctx, id, false)
	if err != nil {
		return err
	}
	services, err1 := s.Services(ctx)
	halls, err2 := s.Halls(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	names := map[string]string{}
	for _, v := range services {
		names[v.ID] = v.Title
	}
	places := map[string]string{}
	for _, h := range halls {
		places[h.ID] = h.Name
	}
	for _, a := range all {
		v := privacy.Appointment{
			Number: a.Number, Service: names[a.Service], Hall: places[a.Hall], Date: a.Date, Time: a.Time,
			Name: a.Name.Reveal(), Phone: a.Phone.Reveal(), Relation: a.Relation, Status: string(a.Status), Created: a.CreatedAt,
		}
		if a.Consent.By != "" {
			v.Consent = &privacy.Consent{By: string(a.Consent.By), At: a.Consent.At, For: a.Consent.For.Reveal()}
		}
		c.Appointments = append(c.Appointments, v)
	}
	return nil
}

func (s *Store) copyTickets(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	all, err := s.Tickets(ctx, id, mostCopied)
	if err != nil {
		return err
	}
	for _, v := range all {
		c.Tickets = append(c.Tickets, privacy.Ticket{
			Number: v.Number, Kind: string(v.Kind), Title: v.Title, Text: v.Text.Reveal(), Address: v.Address.Reveal(),
			Name: v.Name.Reveal(), Phone: v.Phone.Reveal(), Department: v.Department, Status: string(v.Status), Created: v.CreatedAt,
		})
	}
	return nil
}

func (s *Store) copyClaims(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	all, err := s.ClaimsBy(ctx, id, mostCopied)
	if err != nil {
		return err
	}
	for _, v := range all {
		c.Claims = append(c.Claims, privacy.Claim{Wish: v.Wish, Share: v.Share, Status: string(v.Status), At: v.At})
	}
	words, err := s.words(ctx, " WHERE citizen = $1 ORDER BY id LIMIT $2", id, mostCopied)
	for _, w := range words {
		c.Thanks = append(c.Thanks, privacy.Thanks{Wish: w.Wish, Text: w.Text.Reveal(), Passed: w.Passed.Reveal(), Status: string(w.Status), At: w.At})
	}
	return err
}

func (s *Store) copyPolicies(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	var err error
	if c.Policies.Subscribed, err = s.FollowsPolicies(ctx, id); err != nil {
		return err
	}
	told, err := s.PolicyNotices(ctx, id, mostCopied)
	if err != nil {
		return err
	}
	for _, n := range told {
		c.Policies.Notices = append(c.Policies.Notices, privacy.PolicyOf{Policy: n.Policy, At: n.At})
	}
	return nil
}

func (s *Store) copyLookUps(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	all, err := s.CityQueries(ctx, id)
	if err != nil {
		return err
	}
	for _, q := range all {
		c.LookUps = append(c.LookUps, privacy.LookUp{At: q.At, Kind: q.Kind, Purpose: q.Purpose, Outcome: q.Outcome})
	}
	return nil
}

func (s *Store) copyRatings(ctx context.Context, id bot.CitizenID, c *privacy.Copy) error {
	return s.rows(ctx, "SELECT at, channel, score FROM rating WHERE citizen = $1 ORDER BY id LIMIT $2", func(scan func(...any) error) error {
		var r privacy.Rating
		var at int64
		err := scan(&at, &r.Channel, &r.Score)
		r.At = fromMillis(at)
		c.Ratings = append(c.Ratings, r)
		return err
	}, id, mostCopied)
}

func (s *Store) copyConsents(ctx context.Context, id bot.CitizenID, c *privacy.Copy) (err error) {
	c.Consents, err = s.Consents(ctx, id)
	return err
}

// Rename corrects a citizen's name. The citizen's turn must be held.
func (s *Store) Rename(ctx context.Context, id bot.CitizenID, name bot.Secret, now time.Time) error {
	who, err := s.Citizen(ctx, id)
	if err != nil {
		return fmt.Errorf("correct name: %w", err)
	}
	who.Name = name
	err = s.writer.commit(ctx, func(t *Tx) error {
		if err := t.SaveCitizen(who); err != nil {
			return err
		}
		return t.Audit(bot.AuditEntry{At: now, Actor: "citizen", Deed: bot.AuditCorrect, Subject: string(id)})
	})
	if err != nil {
		return fmt.Errorf("correct name: %w", err)
	}
	return nil
}
