package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"guanjia/bot"
)

// ErrStale means another commit came between reading and writing.
var ErrStale = errors.New("conversation changed meanwhile")

// kept is a conversation as it is sealed.
type kept struct {
	bot.Conversation
	Address bot.Address `json:"address"`
}

// Conversation implements bot.Store.
func (s *Store) Conversation(ctx context.Context, citizen bot.CitizenID) (bot.Conversation, error) {
	fresh := bot.Conversation{Citizen: citizen, Handling: bot.ByBot}
	stmt, err := s.read(ctx, "SELECT version, handling, operator, state FROM conversation WHERE citizen = $1")
	if err != nil {
		return fresh, err
	}
	var (
		version            int64
		handling, operator string
		state              []byte
	)
	err = stmt.QueryRowContext(ctx, citizen).Scan(&version, &handling, &operator, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return fresh, nil
	}
	if err != nil {
		return fresh, fmt.Errorf("load conversation: %w", err)
	}
	aead, err := s.key(ctx, citizen)
	if err != nil {
		return fresh, err
	}
	var k kept
	if err := openJSON(aead, "conversation.state", string(citizen), state, &k); err != nil {
		return fresh, err
	}
	conv := k.Conversation
	conv.Citizen, conv.Version, conv.Address = citizen, version, k.Address
	conv.Handling, conv.Operator = bot.Handling(handling), operator
	return conv, nil
}

// SaveConversation implements bot.Tx.
func (t *Tx) SaveConversation(c *bot.Conversation) error {
	state, err := t.sealJSON(c.Citizen, "conversation.state", string(c.Citizen), kept{Conversation: *c, Address: c.Address})
	if err != nil {
		return err
	}
	var n int64
	if c.Version == 0 {
		n, err = t.exec(`INSERT INTO conversation (citizen, version, handling, operator, updated_at, state)
			VALUES ($1, 1, $2, $3, $4, $5) ON CONFLICT (citizen) DO NOTHING`,
			c.Citizen, c.Handling, c.Operator, millis(c.LastAt), state)
	} else {
		n, err = t.exec(`UPDATE conversation SET version = version + 1, handling = $3, operator = $4, updated_at = $5, state = $6
			WHERE citizen = $1 AND version = $2`,
			c.Citizen, c.Version, c.Handling, c.Operator, millis(c.LastAt), state)
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrStale
	}
	c.Version++
	return nil
}
