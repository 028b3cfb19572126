package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// agreedTo is what is sealed of a consent: what it is about may itself be
// sensitive.
type agreedTo struct {
	What  string `json:"what,omitempty"`
	Asked string `json:"asked,omitempty"`
}

// consentDeeds are the entries in the audit trail of a yes and of taking it back.
func consentDeeds(about bot.Separate) (given, withdrawn string) {
	if about == bot.OfSensitive {
		return bot.AuditSensitive, bot.AuditInsensitive
	}
	return bot.AuditConsent, bot.AuditWithdraw
}

// Consent implements bot.Tx.
func (t *Tx) Consent(c bot.SeparateConsent) error {
	var one int
	known, err := t.row("SELECT 1 FROM consent WHERE id = $1", []any{c.ID}, &one)
	if err != nil || known {
		return err
	}
	given, _ := consentDeeds(c.About)
	entry, _, err := t.audited(bot.AuditEntry{At: c.At, Actor: "citizen", Deed: given, Subject: string(c.Citizen), Reason: string(c.Errand)})
	if err != nil {
		return err
	}
	body, err := t.sealJSON(c.Citizen, "consent.body", c.ID, agreedTo{c.What.Reveal(), c.Asked})
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO consent (id, citizen, about, errand, key, who, channel, at, entry, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		c.ID, c.Citizen, c.About, c.Name, c.Key, c.By, c.Channel, millis(c.At), entry, body)
	return err
}

// Consents are a citizen's separate consents, oldest first.
func (s *Store) Consents(ctx context.Context, citizen bot.CitizenID) ([]privacy.Separate, error) {
	aead, err := s.key(ctx, citizen)
	if err != nil {
		return nil, fmt.Errorf("list separate consents: %w", err)
	}
	var out []privacy.Separate
	err = s.rows(ctx, "SELECT id, about, errand, who, channel, at, entry, withdrawn_at, body FROM consent WHERE citizen = $1 ORDER BY at, id", func(scan func(...any) error) error {
		var c privacy.Separate
		var at, withdrawn int64
		var body []byte
		if err := scan(&c.ID, &c.About, &c.Errand, &c.By, &c.Channel, &at, &c.Entry, &withdrawn, &body); err != nil {
			return err
		}
		c.At = fromMillis(at)
		if withdrawn > 0 {
			c.Withdrawn = fromMillis(withdrawn)
		}
		var to agreedTo
		if len(body) > 0 { // none from before there was one
			if err := openJSON(aead, "consent.body", c.ID, body, &to); err != nil {
				return err
			}
		}
		c.What, c.Asked = to.What, to.Asked
		out = append(out, c)
		return nil
	}, citizen)
	if err != nil {
		return nil, fmt.Errorf("list separate consents: %w", err)
	}
	return out, nil
}

// WithdrawConsent takes a separate consent back, with an entry in the audit
// trail as proof, in one commit. Of a guardian's what is under way on it is
// dropped; of one to sensitive particulars they go out of what was filed on it
// and is not over. What was done before stays done (个人信息保护法 article 15).
// privacy.ErrNobody where the citizen has no such yes that stands. The
// citizen's turn must be held.
func (s *Store) WithdrawConsent(ctx context.Context, citizen bot.CitizenID, id string, now time.Time) (privacy.Proof, error) {
	p := privacy.Proof{At: now}
	conv, err := s.Conversation(ctx, citizen)
	if err != nil {
		return p, fmt.Errorf("withdraw consent: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		var about bot.Separate
		var key string
		found, err := t.row("SELECT about, key FROM consent WHERE id = $1 AND citizen = $2 AND withdrawn_at = 0", []any{id, citizen}, &about, &key)
		if err == nil && !found {
			return privacy.ErrNobody
		}
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE consent SET withdrawn_at = $2 WHERE id = $1", id, millis(now)); err != nil {
			return err
		}
		var hash []byte
		_, withdrawn := consentDeeds(about)
		if p.Entry, hash, err = t.audited(bot.AuditEntry{At: now, Actor: "citizen", Deed: withdrawn, Subject: string(citizen)}); err != nil {
			return err
		}
		p.Hash = hex.EncodeToString(hash)
		if number, step, ok := privacy.AgreedTo(key); ok {
			return t.withholdAddition(number, step, now)
		}
		if about == bot.OfSensitive {
			return t.withhold(citizen, key, now)
		}
		kept := conv.Clone()
		kept.DropConsent(id)
		return t.SaveConversation(&kept)
	})
	if err != nil {
		return p, fmt.Errorf("withdraw consent: %w", err)
	}
	return p, nil
}

// struck stands where nothing is left of a telling.
const struck = "〔本人已撤回，不再留存〕"

// withhold takes sensitive particulars out of the tickets filed on an errand
// that are not over, and out of what was added to them.
func (t *Tx) withhold(citizen bot.CitizenID, key string, now time.Time) error {
	var numbers []string
	err := t.rows("SELECT number FROM ticket WHERE citizen = $1 AND (key = $2 OR key LIKE $3) AND status NOT IN ('rejected', 'closed', 'withdrawn', 'archived') ORDER BY number",
		[]any{citizen, key, key + "/%"}, func(scan func(...any) error) error {
			var number string
			err := scan(&number)
			numbers = append(numbers, number)
			return err
		})
	if err != nil {
		return fmt.Errorf("look for tickets of the errand: %w", err)
	}
	for _, number := range numbers {
		v, _, err := t.ticket("number = $1", number)
		if err != nil {
			return err
		}
		if err := t.withholdSteps(number, citizen, "action IN ('supplement', 'redo', 'urge')"); err != nil {
			return err
		}
		v.Text = without(v.Text)
		if err := t.withheld(v, now); err != nil {
			return err
		}
	}
	return nil
}

// withholdAddition takes sensitive particulars out of one addition to a ticket
// that is not over. The ticket may be somebody else's, with whose the citizen's
// own is dealt with.
func (t *Tx) withholdAddition(number, key string, now time.Time) error {
	v, found, err := t.ticket("number = $1", number)
	if err != nil || !found || !v.Open() {
		return err
	}
	if err := t.withholdSteps(number, v.Citizen, "key = $2", key); err != nil {
		return err
	}
	return t.withheld(v, now)
}

// withheld keeps a ticket from which something was taken out, and says so to
// who deals with it.
func (t *Tx) withheld(v ticket.Ticket, now time.Time) error {
	v.Life.Version, v.UpdatedAt = v.Life.Version+1, now
	if err := t.saveTicket(v); err != nil {
		return err
	}
	note := ticket.Step{At: now, Status: v.Status, By: "citizen", Action: ticket.DoNote, Note: "市民撤回了对敏感信息的同意，单子里相关的话已去掉", Holder: v.Life.Holder}
	if err := t.step(v.Number, v.Citizen, note); err != nil {
		return err
	}
	return t.Announce(bot.Change{At: now, Kind: bot.ChangeTicket, Citizen: v.Citizen, Ref: v.Number})
}

// withholdSteps does the same to what was added to a ticket, as far as a
// condition goes.
func (t *Tx) withholdSteps(number string, citizen bot.CitizenID, where string, more ...any) error {
	aead, err := t.key(citizen)
	if err != nil {
		return err
	}
	type added struct {
		id   int64
		body []byte
	}
	var all []added
	err = t.rows("SELECT id, body FROM step WHERE ticket = $1 AND "+where+" ORDER BY id", append([]any{number}, more...), func(scan func(...any) error) error {
		var a added
		err := scan(&a.id, &a.body)
		all = append(all, a)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for what was added: %w", err)
	}
	for _, a := range all {
		var note bot.Secret
		if err := openJSON(aead, "step.body", rowID(a.id), a.body, (*string)(&note)); err != nil {
			return err
		}
		if len(privacy.Sensitive(note.Reveal())) == 0 {
			continue
		}
		body, err := t.sealJSON(citizen, "step.body", rowID(a.id), without(note).Reveal())
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE step SET body = $2 WHERE id = $1", a.id, body); err != nil {
			return fmt.Errorf("strike from what was added: %w", err)
		}
	}
	return nil
}

func without(told bot.Secret) bot.Secret {
	return bot.Secret(cmp.Or(privacy.Without(told.Reveal()), struck))
}
