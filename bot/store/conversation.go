package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

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
	if conv, ok := s.recent.get(citizen); ok {
		return conv, nil
	}
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
	saved := c.Clone()
	t.saved = append(t.saved, &saved)
	return nil
}

// mostRecent is how many conversations are held in memory, a few kilobytes each.
const mostRecent = 4096

// recent holds conversations as they were last committed, so that a citizen's
// next turn need not read, open and decode its own. The process owns the
// records and its writer alone puts conversations in, in the order of commits:
// what is here is what the database says. Which one makes room is left to
// chance.
type recent struct {
	mu   sync.Mutex
	last map[bot.CitizenID]*bot.Conversation
}

func newRecent() *recent { return &recent{last: map[bot.CitizenID]*bot.Conversation{}} }

func (r *recent) get(id bot.CitizenID) (bot.Conversation, bool) {
	r.mu.Lock()
	conv := r.last[id]
	r.mu.Unlock()
	if conv == nil {
		return bot.Conversation{}, false
	}
	return conv.Clone(), true // what is held is never changed
}

// put takes over conversations that were just committed.
func (r *recent) put(saved []*bot.Conversation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range saved {
		if _, known := r.last[c.Citizen]; !known && len(r.last) >= mostRecent {
			r.dropAny()
		}
		r.last[c.Citizen] = c
	}
}

func (r *recent) dropAny() {
	for id := range r.last {
		delete(r.last, id)
		return
	}
}

func (r *recent) drop(id bot.CitizenID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, id)
}

// clear leaves reading to the database, as after a commit of unknown outcome.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.last)
}
