package store

import (
	"context"
	"encoding/json"
	"fmt"

	"guanjia/bot/booking"
)

// ruleBody is a version of the rules as it is kept.
type ruleBody struct {
	Default booking.Rules              `json:"default"`
	Own     map[string]json.RawMessage `json:"own,omitempty"`
}

// readRuleBook is the latest version of the rules, or those given.
func readRuleBook(ctx context.Context, read query, initial booking.Rules) (*booking.RuleBook, error) {
	book := &booking.RuleBook{Default: initial}
	err := read(ctx, "SELECT version, body FROM rulebook ORDER BY version DESC LIMIT 1", func(scan func(...any) error) error {
		var version int64
		var raw string
		if err := scan(&version, &raw); err != nil {
			return err
		}
		body := ruleBody{Default: booking.DefaultRules()}
		if err := json.Unmarshal([]byte(raw), &body); err != nil {
			return fmt.Errorf("decode version %d: %w", version, err)
		}
		var err error
		if book, err = booking.NewRuleBook(body.Default, body.Own); err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
		book.Version = version
		return nil
	})
	return book, err
}

// SaveRules puts another version of the rules in force. Rules that cannot be
// kept are refused with everything that is wrong with them.
func (s *Store) SaveRules(ctx context.Context, all booking.Rules, own map[string]json.RawMessage, who Author) (*booking.RuleBook, error) {
	book, err := booking.NewRuleBook(all, own)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(ruleBody{all, own})
	if err != nil {
		return nil, fmt.Errorf("encode rules: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		if _, err := t.row("SELECT COALESCE(MAX(version), 0) + 1 FROM rulebook", nil, &book.Version); err != nil {
			return err
		}
		if _, err := t.exec("INSERT INTO rulebook (version, at, by, reason, body) VALUES ($1, $2, $3, $4, $5)",
			book.Version, millis(who.At), who.By, who.Reason, string(raw)); err != nil {
			return err
		}
		t.s.diary.SetRules(book)
		subject := fmt.Sprintf("rules:%d", book.Version)
		if err := t.recordChange(subject, who, ruleBody{all, own}); err != nil {
			return err
		}
		return t.auditPlan(subject, who)
	})
	if err != nil {
		return nil, fmt.Errorf("save rules: %w", err)
	}
	return book, nil
}

// RuleBook is the rules in force.
func (s *Store) RuleBook() *booking.RuleBook { return s.diary.Rules() }
