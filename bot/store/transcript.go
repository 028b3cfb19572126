package store

import (
	"cmp"
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"guanjia/bot"
)

// spoken is what is sealed of a line.
type spoken struct {
	Text    string       `json:"text"`
	Options []bot.Option `json:"options,omitempty"`
	Source  string       `json:"source,omitempty"`
	Did     string       `json:"did,omitempty"`
}

// skew is how much later than it was said a line may be written: its time is
// read before the writer takes it. A clock that was set back goes further.
const skew = time.Minute

// said are the times of the last lines of conversations, of the last two minutes
// at most.
type said struct {
	began      time.Time
	now, older map[bot.CitizenID]time.Time
}

// after is when a line stands that was said at a time: no earlier than the line
// before it, which somebody else may have said at the same moment.
func (s *said) after(citizen bot.CitizenID, at time.Time) time.Time {
	if s.now == nil || time.Since(s.began) > skew {
		s.began, s.older, s.now = time.Now(), s.now, map[bot.CitizenID]time.Time{}
	}
	last, ok := s.now[citizen]
	if !ok {
		last = s.older[citizen]
	}
	if ahead := last.Sub(at); ahead > 0 && ahead < skew {
		at = last
	}
	s.now[citizen] = at
	return at
}

// Append implements bot.Tx.
func (t *Tx) Append(l bot.Line) (int64, error) {
	l.ID = t.w.next.line
	l.At = t.w.said.after(l.Citizen, l.At)
	body, err := t.sealJSON(l.Citizen, "line.body", rowID(l.ID), spoken{Text: l.Text, Options: l.Options, Source: l.Source, Did: l.Did})
	if err != nil {
		return 0, err
	}
	t.w.next.line++
	t.leave(&lineEntry{
		id: l.ID, citizen: l.Citizen, speaker: string(l.Speaker), name: l.Name, channel: string(l.Channel),
		event: string(l.Event), attachment: l.Attachment, at: millis(l.At), body: body,
	})
	l.At = fromMillis(millis(l.At)) // as it will be read back
	return l.ID, t.Announce(bot.Change{At: l.At, Kind: bot.ChangeLine, Citizen: l.Citizen, Ref: strconv.FormatInt(l.ID, 10), Line: &l})
}

// Announce implements bot.Tx. The change gets its number at the end of the
// batch, so that numbers have no gaps.
func (t *Tx) Announce(c bot.Change) error {
	t.changes = append(t.changes, c)
	return nil
}

// Recent implements bot.Store.
func (s *Store) Recent(ctx context.Context, citizen bot.CitizenID, limit int) ([]bot.Line, error) {
	return s.lines(ctx, citizen, wanted{notes: true, last: true}, limit)
}

// Lines are the lines of a conversation after one, oldest first.
func (s *Store) Lines(ctx context.Context, citizen bot.CitizenID, after int64, limit int) ([]bot.Line, error) {
	return s.lines(ctx, citizen, wanted{after: after, notes: true}, limit)
}

// Transcript are the lines of the person at an address after one, oldest
// first, without operators' notes; none if nobody is known there.
func (s *Store) Transcript(ctx context.Context, from bot.Address, after int64, limit int) ([]bot.Line, error) {
	return s.linesAt(ctx, from, wanted{after: after}, limit)
}

// Ending are the last lines of the person at an address, oldest first, without
// operators' notes; none if nobody is known there.
func (s *Store) Ending(ctx context.Context, from bot.Address, limit int) ([]bot.Line, error) {
	return s.linesAt(ctx, from, wanted{last: true}, limit)
}

func (s *Store) linesAt(ctx context.Context, from bot.Address, which wanted, limit int) ([]bot.Line, error) {
	citizen, err := s.whose(ctx, from)
	if errors.Is(err, ErrNoCitizen) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.lines(ctx, citizen, which, limit)
}

// wanted says which lines of a conversation are read: those with numbers
// between after and before, of which the first are taken, or the last.
type wanted struct {
	after, before int64 // 0: no end
	last          bool
	notes         bool // operators' notes too
}

func (v wanted) has(e *lineEntry) bool {
	return e.id > v.after && e.id < v.end() && (v.notes || e.speaker != string(bot.SpeakerNote))
}

func (v wanted) end() int64 {
	if v.before == 0 {
		return math.MaxInt64
	}
	return v.before
}

func (v wanted) query() string {
	query := "SELECT id, speaker, name, channel, at, event, attachment, body FROM line WHERE citizen = $1 AND id > $2 AND id < $3"
	if !v.notes {
		query += " AND speaker <> 'note'"
	}
	if v.last {
		return query + " ORDER BY id DESC LIMIT $4"
	}
	return query + " ORDER BY id LIMIT $4"
}

// lines are lines of a conversation, oldest first, whether they are in the
// tables or on their way there: who looks on must not make the disk wait.
func (s *Store) lines(ctx context.Context, citizen bot.CitizenID, which wanted, limit int) ([]bot.Line, error) {
	aead, err := s.key(ctx, citizen)
	if err != nil {
		return nil, err
	}
	fresh := s.unwritten.lines(citizen) // first: what is written meanwhile is in the tables
	var found []*lineEntry
	err = s.rowsOf(ctx, which.query(), func(scan func(...any) error) error {
		e := &lineEntry{citizen: citizen}
		found = append(found, e)
		return scan(&e.id, &e.speaker, &e.name, &e.channel, &e.at, &e.event, &e.attachment, &e.body)
	}, citizen, which.after, which.end(), limit)
	if err != nil {
		return nil, fmt.Errorf("read transcript: %w", err)
	}
	var lines []bot.Line
	for _, e := range merged(found, fresh, which, limit) {
		l, err := e.open(aead)
		if err != nil {
			return nil, fmt.Errorf("read transcript: %w", err)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// merged adds what is on its way to the tables to what was found there.
func merged(found, fresh []*lineEntry, which wanted, limit int) []*lineEntry {
	for _, e := range fresh {
		if which.has(e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *lineEntry) int { return cmp.Compare(a.id, b.id) })
	found = slices.CompactFunc(found, func(a, b *lineEntry) bool { return a.id == b.id })
	switch {
	case len(found) <= limit:
		return found
	case which.last:
		return found[len(found)-limit:]
	}
	return found[:limit]
}

// open opens a line's row.
func (e *lineEntry) open(aead cipher.AEAD) (bot.Line, error) {
	var sp spoken
	if err := openJSON(aead, "line.body", rowID(e.id), e.body, &sp); err != nil {
		return bot.Line{}, err
	}
	return bot.Line{
		ID: e.id, Citizen: e.citizen, Speaker: bot.Speaker(e.speaker), Name: e.name, Channel: bot.Channel(e.channel), At: fromMillis(e.at),
		Event: bot.EventKind(e.event), Attachment: e.attachment, Text: sp.Text, Options: sp.Options, Source: sp.Source, Did: sp.Did,
	}, nil
}

// Changes are the desk's happenings after a number, oldest first.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]bot.Change, error) {
	var changes []bot.Change
	err := s.rows(ctx, "SELECT seq, at, kind, citizen, ref FROM change WHERE seq > $1 ORDER BY seq LIMIT $2", func(scan func(...any) error) error {
		var c bot.Change
		var at int64
		if err := scan(&c.Seq, &at, &c.Kind, &c.Citizen, &c.Ref); err != nil {
			return err
		}
		c.At = fromMillis(at)
		changes = append(changes, c)
		return nil
	}, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	return changes, nil
}

// LastChange is the number of the newest change, 0 before the first.
func (s *Store) LastChange(ctx context.Context) (int64, error) {
	stmt, err := s.read(ctx, "SELECT COALESCE(MAX(seq), 0) FROM change")
	if err != nil {
		return 0, err
	}
	var seq int64
	return seq, stmt.QueryRowContext(ctx).Scan(&seq)
}

// LastAt is what the clock said at the newest change, zero before the first.
func (s *Store) LastAt(ctx context.Context) (time.Time, error) {
	stmt, err := s.read(ctx, "SELECT COALESCE((SELECT at FROM change ORDER BY seq DESC LIMIT 1), 0)")
	if err != nil {
		return time.Time{}, err
	}
	var ms int64
	err = stmt.QueryRowContext(ctx).Scan(&ms)
	return fromMillis(ms), err
}

// Keep implements bot.Tx.
func (t *Tx) Keep(citizen bot.CitizenID, a bot.Attachment, at time.Time) (string, error) {
	id := newID("f")
	body, err := t.sealJSON(citizen, "attachment.body", id, a)
	if err != nil {
		return "", err
	}
	_, err = t.exec("INSERT INTO attachment (id, citizen, kind, type, at, body) VALUES ($1, $2, $3, $4, $5, $6)",
		id, citizen, a.Kind, a.Type, millis(at), body)
	return id, err
}

// Attachment loads a kept file.
func (s *Store) Attachment(ctx context.Context, id string) (bot.Attachment, bot.CitizenID, error) {
	var a bot.Attachment
	var citizen bot.CitizenID
	var body []byte
	stmt, err := s.read(ctx, "SELECT citizen, body FROM attachment WHERE id = $1")
	if err != nil {
		return a, "", err
	}
	if err := stmt.QueryRowContext(ctx, id).Scan(&citizen, &body); err != nil {
		return a, "", fmt.Errorf("load attachment: %w", err)
	}
	aead, err := s.key(ctx, citizen)
	if err != nil {
		return a, "", err
	}
	return a, citizen, openJSON(aead, "attachment.body", id, body, &a)
}
