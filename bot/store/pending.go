package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"guanjia/bot"
)

// pending is what light turns left and is not in the tables yet, each row once
// and as it stands now: what was enqueued and sent meanwhile is written as
// sent. It belongs to the writer.
type pending struct {
	lines         []*lineEntry
	changes       []*changeEntry
	letters       []*letterEntry
	byID          map[int64]*letterEntry
	byKey         map[string]int64
	byTopic       map[string][]*letterEntry
	settled       map[int64]bool // rows of the table; true: sent, false: released
	conversations map[bot.CitizenID]*conversationEntry
	messages      map[int64]*messageEntry
	citizens      map[bot.CitizenID]*citizenEntry
	drops         map[string]bool // topics whose rows in the table are to go
	serials       map[series]int64
	booked        []*bookedEntry
	later         []*statementEntry
}

func newPending() *pending {
	return &pending{
		byID: map[int64]*letterEntry{}, byKey: map[string]int64{}, byTopic: map[string][]*letterEntry{}, settled: map[int64]bool{},
		conversations: map[bot.CitizenID]*conversationEntry{}, messages: map[int64]*messageEntry{}, serials: map[series]int64{},
		citizens: map[bot.CitizenID]*citizenEntry{}, drops: map[string]bool{},
	}
}

func (p *pending) empty() bool {
	return len(p.lines)+len(p.changes)+len(p.letters)+len(p.settled)+len(p.conversations)+len(p.messages)+
		len(p.citizens)+len(p.drops)+len(p.serials)+len(p.booked)+len(p.later) == 0
}

// statements says whether rows of other tables are pending, which no reader
// looks for here.
func (p *pending) statements() bool { return len(p.booked)+len(p.later) > 0 }

// clear makes p as new, keeping its room.
func (p *pending) clear() {
	clear(p.lines)
	clear(p.changes)
	clear(p.letters)
	p.lines, p.changes, p.letters = p.lines[:0], p.changes[:0], p.letters[:0]
	clear(p.byID)
	clear(p.byKey)
	clear(p.byTopic)
	clear(p.settled)
	clear(p.conversations)
	clear(p.messages)
	clear(p.citizens)
	clear(p.drops)
	clear(p.serials)
	clear(p.booked)
	clear(p.later)
	p.booked, p.later = p.booked[:0], p.later[:0]
}

func (e *lineEntry) merge(p *pending)         { p.lines = append(p.lines, e) }
func (e *changeEntry) merge(p *pending)       { p.changes = append(p.changes, e) }
func (e *conversationEntry) merge(p *pending) { p.conversations[e.citizen] = e }
func (e *citizenEntry) merge(p *pending)      { p.citizens[e.id] = e }
func (e *serialEntry) merge(p *pending)       { p.serials[e.series] = e.last }
func (e *bookedEntry) merge(p *pending)       { p.booked = append(p.booked, e) }
func (e *statementEntry) merge(p *pending)    { p.later = append(p.later, e) }

func (e *letterEntry) merge(p *pending) {
	p.letters = append(p.letters, e)
	p.byID[e.id] = e
	if e.key != "" {
		p.byKey[e.key] = e.id
	}
	if e.topic != "" {
		p.byTopic[e.topic] = append(p.byTopic[e.topic], e)
	}
}

func (e *settledEntry) merge(p *pending) {
	l := p.byID[e.id]
	switch {
	case l == nil:
		p.settled[e.id] = e.sent || p.settled[e.id]
	case e.sent:
		l.status = letterSent
	default:
		l.busy = 0
	}
}

func (e *dropEntry) merge(p *pending) {
	p.drops[e.topic] = true
	for _, l := range p.byTopic[e.topic] {
		if l.status == letterSent {
			continue
		}
		l.status = letterDropped
		delete(p.byID, l.id)
		if l.key != "" {
			delete(p.byKey, l.key)
		}
	}
	delete(p.byTopic, e.topic)
}

func (e *messageEntry) merge(p *pending) {
	if before := p.messages[e.id]; before == nil || !before.answered {
		p.messages[e.id] = e
	}
}

// What the tables take from the journal, many rows with one statement. A
// message that was kept before it was answered is there already.
var (
	insertLines   = bulk{"INSERT INTO line (id, citizen, speaker, name, channel, at, event, attachment, body) VALUES ", "", 9, ""}
	insertChanges = bulk{"INSERT INTO change (seq, at, kind, citizen, ref) VALUES ", "", 5, ""}
	insertLetters = bulk{"INSERT INTO outbox (id, citizen, turn, status, due, busy_until, key, topic, proactive, unsaid, speaker, body) VALUES ", "", 12, ""}
	markSent      = bulk{"UPDATE outbox SET status = 'sent' WHERE status <> 'sent' AND id IN (VALUES ", ")", 1, "bigint"}
	markReleased  = bulk{"UPDATE outbox SET busy_until = 0 WHERE status = 'waiting' AND id IN (VALUES ", ")", 1, "bigint"}
	dropLetters   = bulk{"DELETE FROM outbox WHERE topic <> '' AND status IN ('waiting', 'held') AND topic IN (VALUES ", ")", 1, ""}
	saveCitizens  = bulk{"UPDATE citizen SET body = v.column2 FROM (VALUES ", ") AS v WHERE citizen.id = v.column1", 2, "text bytea"}
	markAnswered  = bulk{"UPDATE inbox SET answered = 1, body = NULL WHERE id IN (VALUES ", ")", 1, "bigint"}
	insertBooked  = bulk{`INSERT INTO appointment
		(number, citizen, channel, service, grp, hall, date, time, places, person, status, key, created_at, demo, body) VALUES `, "", 15, ""}
	saveSerials       = bulk{"INSERT INTO serial (kind, day, last) VALUES ", " ON CONFLICT (kind, day) DO UPDATE SET last = excluded.last", 3, ""}
	saveConversations = bulk{"INSERT INTO conversation (citizen, version, handling, operator, updated_at, state) VALUES ",
		` ON CONFLICT (citizen) DO UPDATE SET version = excluded.version, handling = excluded.handling,
			operator = excluded.operator, updated_at = excluded.updated_at, state = excluded.state`, 6, ""}
)

// write writes p into the tables, in a connection's open transaction.
func (p *pending) write(ctx context.Context, c *connection) error {
	for _, part := range []struct {
		what   string
		into   bulk
		values []any
	}{
		{"keep messages", c.keepMessages, p.keptMessages()},
		{"mark answered", markAnswered, p.answeredMessages()},
		{"append lines", insertLines, p.lineValues()},
		{"mark sent", markSent, p.settledIDs(true)},
		{"mark released", markReleased, p.settledIDs(false)},
		{"drop replies", dropLetters, p.droppedTopics()}, // but those that have left
		{"enqueue replies", insertLetters, p.letterValues()},
		{"save citizens", saveCitizens, p.citizenValues()},
		{"save conversations", saveConversations, p.conversationValues()},
		{"announce changes", insertChanges, p.changeValues()},
		{"save serials", saveSerials, p.serialValues()},
		{"insert appointments", insertBooked, p.bookedValues()},
	} {
		if err := c.insert(ctx, part.into, part.values); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
	}
	for _, e := range p.later {
		if _, err := c.exec(ctx, e.query, e.args...); err != nil {
			return fmt.Errorf("write what was left for later: %w", err)
		}
	}
	return nil
}

func (p *pending) droppedTopics() []any {
	var topics []any
	for topic := range p.drops {
		topics = append(topics, topic)
	}
	return topics
}

func (p *pending) citizenValues() []any {
	var values []any
	for _, e := range p.citizens {
		values = append(values, string(e.id), e.body)
	}
	return values
}

func (p *pending) serialValues() []any {
	var values []any
	for s, last := range p.serials {
		values = append(values, s.kind, s.day, last)
	}
	return values
}

func (p *pending) bookedValues() []any {
	values := make([]any, 0, len(p.booked)*insertBooked.width)
	for _, e := range p.booked {
		values = append(values, e.values...)
	}
	return values
}

func (p *pending) lineValues() []any {
	values := make([]any, 0, len(p.lines)*insertLines.width)
	for _, e := range p.lines {
		values = append(values, e.id, string(e.citizen), e.speaker, e.name, e.channel, e.at, e.event, e.attachment, e.body)
	}
	return values
}

func (p *pending) changeValues() []any {
	values := make([]any, 0, len(p.changes)*insertChanges.width)
	for _, e := range p.changes {
		values = append(values, e.Seq, millis(e.At), string(e.Kind), string(e.Citizen), e.Ref)
	}
	return values
}

func (p *pending) letterValues() []any {
	values := make([]any, 0, len(p.letters)*insertLetters.width)
	for _, e := range p.letters {
		if e.status == letterDropped {
			continue
		}
		status, key := letterWaiting, any(nil)
		if e.status != "" {
			status = e.status
		}
		if e.key != "" {
			key = e.key
		}
		values = append(values, e.id, string(e.citizen), e.turn, status, e.due, e.busy, key, e.topic, e.proactive, e.unsaid, e.speaker, e.body)
	}
	return values
}

func (p *pending) settledIDs(sent bool) []any {
	var ids []any
	for id, s := range p.settled {
		if s == sent {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *pending) conversationValues() []any {
	values := make([]any, 0, len(p.conversations)*saveConversations.width)
	for _, citizen := range slices.Sorted(maps.Keys(p.conversations)) {
		e := p.conversations[citizen]
		values = append(values, string(e.citizen), e.version, e.handling, e.operator, e.at, e.state)
	}
	return values
}

// keptMessages are in the order of their numbers: a table that only grows at
// its end keeps its pages full.
func (p *pending) keptMessages() []any {
	values := make([]any, 0, 6*len(p.messages))
	for _, id := range slices.Sorted(maps.Keys(p.messages)) {
		if e := p.messages[id]; e.citizen != "" {
			values = append(values, e.id, string(e.citizen), e.hash, e.at, e.answered, e.body)
		}
	}
	return values
}

func (p *pending) answeredMessages() []any {
	var ids []any
	for _, e := range p.messages {
		if e.citizen == "" {
			ids = append(ids, e.id)
		}
	}
	return ids
}

// unwritten shows readers what is durable in the journal and not in the tables
// yet: what came last, and what the flusher writes.
type unwritten struct {
	mu           sync.Mutex
	now, leaving shown
}

// shown is what readers look for.
type shown struct {
	some          bool
	waiting       bool  // some replies wait
	due           int64 // when the first of them may leave
	statements    bool  // rows of other tables
	conversations map[bot.CitizenID]*conversationEntry
	lines         map[bot.CitizenID][]*lineEntry
	citizens      map[bot.CitizenID]bool // whose record changed
	answered      map[int64]bool         // messages whose rows are in the table, unanswered
}

func newShown() shown {
	return shown{conversations: map[bot.CitizenID]*conversationEntry{}, lines: map[bot.CitizenID][]*lineEntry{}, citizens: map[bot.CitizenID]bool{}, answered: map[int64]bool{}}
}

func newUnwritten() *unwritten { return &unwritten{now: newShown(), leaving: newShown()} }

// add shows entries that have become durable.
func (u *unwritten) add(entries []entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := &u.now
	s.some = s.some || len(entries) > 0
	for _, e := range entries {
		switch e := e.(type) {
		case *conversationEntry:
			s.conversations[e.citizen] = e
		case *lineEntry:
			s.lines[e.citizen] = append(s.lines[e.citizen], e)
		case *letterEntry:
			s.leaves(max(e.due, e.busy))
		case *settledEntry:
			if !e.sent {
				s.leaves(0)
			}
		case *citizenEntry:
			s.citizens[e.id] = true
		case *messageEntry:
			if e.answered && e.citizen == "" {
				s.answered[e.id] = true
			}
		case *bookedEntry, *statementEntry:
			s.statements = true
		}
	}
}

func (s *shown) leaves(at int64) {
	if !s.waiting || at < s.due {
		s.due, s.waiting = at, true
	}
}

func (s *shown) clear() {
	s.some, s.waiting, s.statements, s.due = false, false, false, 0
	clear(s.conversations)
	clear(s.lines)
	clear(s.citizens)
	clear(s.answered)
}

// handOver is called when what came is given to the flusher.
func (u *unwritten) handOver() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now, u.leaving = u.leaving, u.now
	u.now.clear()
}

// flushed is called when the flusher has written that.
func (u *unwritten) flushed() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.leaving.clear()
}

// clear is called when everything is in the tables.
func (u *unwritten) clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now.clear()
	u.leaving.clear()
}

func (u *unwritten) rows() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.now.some || u.leaving.some
}

func (u *unwritten) others() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.now.statements || u.leaving.statements
}

// departs says whether a reply may leave by now that the table does not show.
func (u *unwritten) departs(now int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.now.waiting && u.now.due <= now || u.leaving.waiting && u.leaving.due <= now
}

func (u *unwritten) citizen(id bot.CitizenID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.now.citizens[id] || u.leaving.citizens[id]
}

func (u *unwritten) answers(message int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.now.answered[message] || u.leaving.answered[message]
}

func (u *unwritten) conversation(id bot.CitizenID) *conversationEntry {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.now.conversations[id]; e != nil {
		return e
	}
	return u.leaving.conversations[id]
}

// lines are a citizen's lines that are not in the tables, in no order.
func (u *unwritten) lines(id bot.CitizenID) []*lineEntry {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Concat(u.leaving.lines[id], u.now.lines[id])
}
