package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

var _ ticket.ClaimBooks = (*Store)(nil)

// promised is what is sealed of a claim or an offer, under the claimant's key.
type promised struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Words string `json:"words,omitempty"`
}

const claimColumns = "SELECT id, wish, citizen, claimant, share, status, at, confirmed_at, delivered_at, key, body FROM claim"

type sealedClaim struct {
	c    ticket.Claim
	body []byte
}

func scanClaim(scan func(...any) error) (sealedClaim, error) {
	var r sealedClaim
	var at, confirmed, delivered int64
	err := scan(&r.c.ID, &r.c.Wish, &r.c.By, &r.c.As, &r.c.Share, &r.c.Status, &at, &confirmed, &delivered, &r.c.Key, &r.body)
	r.c.At, r.c.ConfirmedAt, r.c.DeliveredAt = fromMillis(at), fromMillis(confirmed), fromMillis(delivered)
	return r, err
}

func openClaims(sealed []sealedClaim, key keyOf) ([]ticket.Claim, error) {
	out := make([]ticket.Claim, 0, len(sealed))
	for _, r := range sealed {
		aead, err := key(r.c.By)
		if err != nil {
			return nil, err
		}
		if aead != nil {
			var p promised
			if err := openJSON(aead, "claim.body", r.c.Wish+"/"+r.c.Key, r.body, &p); err != nil {
				return nil, err
			}
			r.c.Name, r.c.Phone, r.c.Words = bot.Secret(p.Name), bot.Secret(p.Phone), bot.Secret(p.Words)
		}
		out = append(out, r.c)
	}
	return out, nil
}

// EnterClaim implements ticket.ClaimBooks.
func (s *Store) EnterClaim(_ context.Context, tx bot.Tx, c ticket.Claim) (ticket.Claim, bool, error) {
	t, err := in(tx)
	if err != nil {
		return c, false, err
	}
	body, err := t.sealJSON(c.By, "claim.body", c.Wish+"/"+c.Key, promised{Name: c.Name.Reveal(), Phone: c.Phone.Reveal(), Words: c.Words.Reveal()})
	if err != nil {
		return c, false, err
	}
	n, err := t.exec(`INSERT INTO claim (wish, citizen, claimant, share, status, at, key, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (citizen, key) DO NOTHING`, c.Wish, c.By, c.As, c.Share, c.Status, millis(c.At), c.Key, body)
	if err != nil {
		return c, false, fmt.Errorf("insert claim: %w", err)
	}
	_, err = t.row("SELECT id FROM claim WHERE citizen = $1 AND key = $2", []any{c.By, c.Key}, &c.ID)
	return c, n == 0, err
}

// SaveClaim implements ticket.ClaimBooks.
func (s *Store) SaveClaim(_ context.Context, tx bot.Tx, c ticket.Claim) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE claim SET status = $2, confirmed_at = $3, delivered_at = $4 WHERE id = $1",
		c.ID, c.Status, millis(c.ConfirmedAt), millis(c.DeliveredAt)); err != nil {
		return fmt.Errorf("save claim: %w", err)
	}
	return nil
}

// HeldClaims implements ticket.ClaimBooks.
func (s *Store) HeldClaims(_ context.Context, tx bot.Tx, by bot.CitizenID) (int, error) {
	t, err := in(tx)
	if err != nil {
		return 0, err
	}
	n := 0
	_, err = t.row("SELECT COUNT(*) FROM claim WHERE citizen = $1 AND status IN ('held', 'confirmed')", []any{by}, &n)
	return n, err
}

// ClaimsHeldBefore implements ticket.ClaimBooks.
func (s *Store) ClaimsHeldBefore(ctx context.Context, before time.Time) ([]ticket.Claim, error) {
	return s.claims(ctx, " WHERE status = 'held' AND at <= $1 ORDER BY at LIMIT 500", millis(before))
}

// Claims are the claims on a wish, oldest first.
func (s *Store) Claims(ctx context.Context, wish string) ([]ticket.Claim, error) {
	return s.claims(ctx, " WHERE wish = $1 ORDER BY id", wish)
}

// ClaimsBy are a citizen's own claims, newest first.
func (s *Store) ClaimsBy(ctx context.Context, by bot.CitizenID, limit int) ([]ticket.Claim, error) {
	return s.claims(ctx, " WHERE citizen = $1 ORDER BY id DESC LIMIT $2", by, limit)
}

// ClaimsIn are the claims of a town's wishes that still bind, oldest first; of
// every town where none is given.
func (s *Store) ClaimsIn(ctx context.Context, town string, limit int) ([]ticket.Claim, error) {
	return s.claims(ctx, ` WHERE status IN ('held', 'confirmed') AND ($1 = '' OR wish IN (SELECT number FROM wish WHERE town = $1))
		ORDER BY at LIMIT $2`, town, limit)
}

func (s *Store) claims(ctx context.Context, where string, args ...any) ([]ticket.Claim, error) {
	var sealed []sealedClaim
	err := s.rows(ctx, claimColumns+where, func(scan func(...any) error) error {
		r, err := scanClaim(scan)
		sealed = append(sealed, r)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	return openClaims(sealed, s.keyFunc(ctx))
}

// AddDonor puts an offer in the donors' pool; the same key again changes
// nothing.
func (s *Store) AddDonor(_ context.Context, tx bot.Tx, o ticket.Offer) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	body, err := t.sealJSON(o.Citizen, "donor.body", o.Key, promised{Name: o.Name.Reveal(), Phone: o.Phone.Reveal(), Words: o.Words.Reveal()})
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO donor (citizen, key, claimant, town, needs, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (citizen, key) DO NOTHING`, o.Citizen, o.Key, o.As, o.Town, joinNeeds(o.Needs), millis(o.At), body); err != nil {
		return fmt.Errorf("insert donor: %w", err)
	}
	return nil
}

// Donors implements ticket.ClaimBooks.
func (s *Store) Donors(ctx context.Context, needs []string, town string, limit int) ([]ticket.Offer, error) {
	type sealed struct {
		o    ticket.Offer
		body []byte
	}
	var found []sealed
	args := []any{town, limit}
	fits := anyOf(needs, &args)
	err := s.rows(ctx, `SELECT citizen, key, claimant, town, needs, at, asked_at, body FROM donor
		WHERE ($1 = '' OR town IN ('', $1)) AND `+fits+` ORDER BY town <> $1, asked_at, at LIMIT $2`, func(scan func(...any) error) error {
		var r sealed
		var at, asked int64
		var met string
		err := scan(&r.o.Citizen, &r.o.Key, &r.o.As, &r.o.Town, &met, &at, &asked, &r.body)
		r.o.Needs = splitNeeds(met)
		r.o.At, r.o.AskedAt = fromMillis(at), fromMillis(asked)
		found = append(found, r)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list donors: %w", err)
	}
	out := make([]ticket.Offer, 0, len(found))
	for _, r := range found {
		aead, err := s.keyFunc(ctx)(r.o.Citizen)
		if err != nil {
			return nil, err
		}
		if aead != nil {
			var p promised
			if err := openJSON(aead, "donor.body", r.o.Key, r.body, &p); err != nil {
				return nil, err
			}
			r.o.Name, r.o.Phone, r.o.Words = bot.Secret(p.Name), bot.Secret(p.Phone), bot.Secret(p.Words)
		}
		out = append(out, r.o)
	}
	return out, nil
}

// AskedDonor implements ticket.ClaimBooks.
func (s *Store) AskedDonor(_ context.Context, tx bot.Tx, o ticket.Offer, at time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE donor SET asked_at = $3 WHERE citizen = $1 AND key = $2", o.Citizen, o.Key, millis(at)); err != nil {
		return fmt.Errorf("note that a donor was asked: %w", err)
	}
	return nil
}
