package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
)

// Consent implements bot.Tx.
func (t *Tx) Consent(g bot.Guardian) error {
	var one int
	known, err := t.row("SELECT 1 FROM guardian WHERE id = $1", []any{g.ID}, &one)
	if err != nil || known {
		return err
	}
	entry, _, err := t.audited(bot.AuditEntry{At: g.At, Actor: "citizen", Deed: bot.AuditConsent, Subject: string(g.Citizen), Reason: string(g.Errand)})
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO guardian (id, citizen, errand, who, channel, at, entry) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		g.ID, g.Citizen, g.Name, g.By, g.Channel, millis(g.At), entry)
	return err
}

// Guardians are the yeses that were given for a child, oldest first.
func (s *Store) Guardians(ctx context.Context, citizen bot.CitizenID) ([]privacy.Guardian, error) {
	var out []privacy.Guardian
	err := s.rows(ctx, "SELECT id, errand, who, channel, at, entry, withdrawn_at FROM guardian WHERE citizen = $1 ORDER BY at, id", func(scan func(...any) error) error {
		var g privacy.Guardian
		var at, withdrawn int64
		err := scan(&g.ID, &g.Errand, &g.By, &g.Channel, &at, &g.Entry, &withdrawn)
		g.At = fromMillis(at)
		if withdrawn > 0 {
			g.Withdrawn = fromMillis(withdrawn)
		}
		out = append(out, g)
		return err
	}, citizen)
	if err != nil {
		return nil, fmt.Errorf("list guardians' consents: %w", err)
	}
	return out, nil
}

// WithdrawGuardian takes a guardian's yes back, with an entry in the audit
// trail as proof: what is under way on it is dropped in the same commit, what
// was done before stays done (个人信息保护法 article 15). privacy.ErrNobody
// where the citizen has no such yes that stands. The citizen's turn must be
// held.
func (s *Store) WithdrawGuardian(ctx context.Context, citizen bot.CitizenID, id string, now time.Time) (privacy.Proof, error) {
	p := privacy.Proof{At: now}
	conv, err := s.Conversation(ctx, citizen)
	if err != nil {
		return p, fmt.Errorf("withdraw guardian's consent: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE guardian SET withdrawn_at = $3 WHERE id = $1 AND citizen = $2 AND withdrawn_at = 0", id, citizen, millis(now))
		if err == nil && n == 0 {
			return privacy.ErrNobody
		}
		if err != nil {
			return err
		}
		var hash []byte
		if p.Entry, hash, err = t.audited(bot.AuditEntry{At: now, Actor: "citizen", Deed: bot.AuditWithdraw, Subject: string(citizen)}); err != nil {
			return err
		}
		p.Hash = hex.EncodeToString(hash)
		kept := conv.Clone()
		kept.DropConsent(id)
		return t.SaveConversation(&kept)
	})
	if err != nil {
		return p, fmt.Errorf("withdraw guardian's consent: %w", err)
	}
	return p, nil
}
