package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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
	conv, fresh, mark := bot.Conversation{Citizen: citizen, Handling: bot.ByBot}, false, s.recent.mark()
	e := s.unwritten.conversation(citizen)
	if e == nil {
		var err error
		if e, err = s.savedConversation(ctx, citizen); err != nil {
			return conv, err
		}
		fresh = s.tables.dialect().leased // the tables lack nothing
	}
	if e != nil {
		var err error
		if conv, err = s.openConversation(ctx, citizen, e); err != nil {
			return conv, err
		}
	}
	if fresh { // its version need not be asked for again when it is saved
		read := conv.Clone()
		s.recent.keep(&read, mark)
	}
	return conv, nil
}

// openConversation opens a conversation's row.
func (s *Store) openConversation(ctx context.Context, citizen bot.CitizenID, e *conversationEntry) (bot.Conversation, error) {
	fresh := bot.Conversation{Citizen: citizen, Handling: bot.ByBot}
	aead, err := s.key(ctx, citizen)
	if err != nil {
		return fresh, err
	}
	var k kept
	if err := openJSON(aead, "conversation.state", string(citizen), e.state, &k); err != nil {
		return fresh, err
	}
	conv := k.Conversation
	conv.Citizen, conv.Version, conv.Address = citizen, e.version, k.Address
	conv.Handling, conv.Operator = bot.Handling(e.handling), e.operator
	return conv, nil
}

// savedConversation is a conversation's row, nil if there is none.
func (s *Store) savedConversation(ctx context.Context, citizen bot.CitizenID) (*conversationEntry, error) {
	stmt, err := s.readTables(ctx, "SELECT version, handling, operator, state FROM conversation WHERE citizen = $1")
	if err != nil {
		return nil, err
	}
	var e conversationEntry
	err = stmt.QueryRowContext(ctx, citizen).Scan(&e.version, &e.handling, &e.operator, &e.state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load conversation: %w", err)
	}
	return &e, nil
}

// SaveConversation implements bot.Tx.
func (t *Tx) SaveConversation(c *bot.Conversation) error {
	version, err := t.version(c.Citizen)
	if err != nil {
		return err
	}
	if version != c.Version {
		return ErrStale
	}
	t.w.saving = kept{Conversation: *c, Address: c.Address}
	state, err := t.sealJSON(c.Citizen, "conversation.state", string(c.Citizen), &t.w.saving)
	t.w.saving = kept{}
	if err != nil {
		return err
	}
	c.Version++
	t.leave(&conversationEntry{
		citizen: c.Citizen, version: c.Version, at: millis(c.LastAt), handling: string(c.Handling), operator: c.Operator, state: state,
	})
	saved := c.Clone()
	t.saved = append(t.saved, &saved)
	return nil
}

// version is a conversation's version as this part of the commit finds it, 0
// if there is none.
func (t *Tx) version(citizen bot.CitizenID) (int64, error) {
	for _, c := range slices.Backward(t.saved) {
		if c.Citizen == citizen {
			return c.Version, nil
		}
	}
	if e := t.w.pending.conversations[citizen]; e != nil {
		return e.version, nil
	}
	if f := t.w.flushing; f != nil && f.conversations[citizen] != nil {
		return f.conversations[citizen].version, nil
	}
	if !t.w.open { // what the open transaction did is not among the recent
		if v, ok := t.s.recent.version(citizen); ok {
			return v, nil
		}
	}
	var version int64
	_, err := t.w.row(t.ctx, "SELECT version FROM conversation WHERE citizen = $1", []any{citizen}, &version)
	return version, err
}

// mostRecent is how many conversations are held in memory, a few kilobytes each.
const mostRecent = 8192

// recent holds conversations as they were last committed, so that a citizen's
// next turn need not read, open and decode its own. The process owns the
// records and its writer puts conversations in, in the order of commits, or who
// read one puts it in where no commit can have come between: what is here is
// what the database says. Which one makes room is left to chance.
type recent struct {
	mu   sync.Mutex
	last map[bot.CitizenID]*bot.Conversation
	// The conversations that left, the last of them by their numbers.
	left int64
	gone [1024]bot.CitizenID
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

func (r *recent) version(id bot.CitizenID) (int64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if conv := r.last[id]; conv != nil {
		return conv.Version, true
	}
	return 0, false
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
		r.leave(id)
		return
	}
}

func (r *recent) leave(id bot.CitizenID) {
	delete(r.last, id)
	r.gone[r.left%int64(len(r.gone))] = id
	r.left++
}

func (r *recent) drop(id bot.CitizenID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leave(id)
}

// mark is taken before a conversation is read from the tables.
func (r *recent) mark() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// keep takes over a conversation that was read since a mark, unless it was
// committed meanwhile: then it is here, or has left since.
func (r *recent) keep(c *bot.Conversation, mark int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left-mark > int64(len(r.gone)) || r.last[c.Citizen] != nil {
		return
	}
	for n := mark; n < r.left; n++ {
		if r.gone[n%int64(len(r.gone))] == c.Citizen {
			return
		}
	}
	if len(r.last) >= mostRecent {
		r.dropAny()
	}
	r.last[c.Citizen] = c
}

// clear leaves reading to the database, as after a commit of unknown outcome.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.last)
	r.left += int64(len(r.gone)) + 1 // whatever was read before may be one of them
}
