package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"guanjia/bot"
)

// entry is one thing a light turn leaves: a row, or a change of one, as it
// stands in the journal until it is written into the tables. Words and
// particulars in it are sealed.
type entry interface {
	encode(b []byte) []byte
	decode(r *reader)
	merge(p *pending)
}

// The kinds of entries in the journal; their numbers stay.
const (
	kindLine         = 1
	kindChange       = 2
	kindLetter       = 3
	kindSettled      = 4
	kindConversation = 5
	kindMessage      = 6
	kindSerial       = 7
	kindBooked       = 8
	kindStatement    = 9
	kindCitizen      = 10
	kindDrop         = 11
)

func newEntry(kind byte) entry {
	switch kind {
	case kindLine:
		return &lineEntry{}
	case kindChange:
		return &changeEntry{}
	case kindLetter:
		return &letterEntry{}
	case kindSettled:
		return &settledEntry{}
	case kindConversation:
		return &conversationEntry{}
	case kindMessage:
		return &messageEntry{}
	case kindSerial:
		return &serialEntry{}
	case kindBooked:
		return &bookedEntry{}
	case kindStatement:
		return &statementEntry{}
	case kindCitizen:
		return &citizenEntry{}
	case kindDrop:
		return &dropEntry{}
	}
	return nil
}

// lineEntry is a new line of a transcript.
type lineEntry struct {
	id                                        int64
	citizen                                   bot.CitizenID
	speaker, name, channel, event, attachment string
	at                                        int64
	body                                      []byte
}

func (e *lineEntry) encode(b []byte) []byte {
	b = binary.AppendVarint(append(b, kindLine), e.id)
	b = appendTexts(b, string(e.citizen), e.speaker, e.name, e.channel, e.event, e.attachment)
	return appendBytes(binary.AppendVarint(b, e.at), e.body)
}

func (e *lineEntry) decode(r *reader) {
	e.id, e.citizen = r.number(), bot.CitizenID(r.text())
	e.speaker, e.name, e.channel, e.event, e.attachment = r.text(), r.text(), r.text(), r.text(), r.text()
	e.at, e.body = r.number(), r.bytes()
}

// changeEntry is a change for the desk.
type changeEntry struct{ bot.Change }

func (e *changeEntry) encode(b []byte) []byte {
	b = binary.AppendVarint(append(b, kindChange), e.Seq)
	return appendTexts(binary.AppendVarint(b, millis(e.At)), string(e.Kind), string(e.Citizen), e.Ref)
}

func (e *changeEntry) decode(r *reader) {
	e.Seq, e.At = r.number(), fromMillis(r.number())
	e.Kind, e.Citizen, e.Ref = bot.ChangeKind(r.text()), bot.CitizenID(r.text()), r.text()
}

// letterEntry is a new row of the outbox.
type letterEntry struct {
	id, turn, due, busy int64
	citizen             bot.CitizenID
	status              string // empty: waiting
	key, topic, speaker string
	proactive, unsaid   bool
	body                []byte
}

// The marks of a letter in the journal: one byte, in which earlier programs
// wrote 0 or proactive.
const (
	markProactive = 1 << iota
	markUnsaid
)

func (e *letterEntry) marks() (m byte) {
	if e.proactive {
		m |= markProactive
	}
	if e.unsaid {
		m |= markUnsaid
	}
	return m
}

func (e *letterEntry) encode(b []byte) []byte {
	b = appendNumbers(append(b, kindLetter), e.id, e.turn, e.due, e.busy)
	b = appendTexts(b, string(e.citizen), e.status, e.key, e.topic, e.speaker)
	return appendBytes(append(b, e.marks()), e.body)
}

func (e *letterEntry) decode(r *reader) {
	e.id, e.turn, e.due, e.busy = r.number(), r.number(), r.number(), r.number()
	e.citizen, e.status, e.key, e.topic, e.speaker = bot.CitizenID(r.text()), r.text(), r.text(), r.text(), r.text()
	if m := r.take(1); len(m) == 1 {
		e.proactive, e.unsaid = m[0]&markProactive != 0, m[0]&markUnsaid != 0
	}
	e.body = r.bytes()
}

// settledEntry says of a row of the outbox that it was sent, or that its lease
// ended without that.
type settledEntry struct {
	id   int64
	sent bool
}

func (e *settledEntry) encode(b []byte) []byte {
	return appendFlag(binary.AppendVarint(append(b, kindSettled), e.id), e.sent)
}

func (e *settledEntry) decode(r *reader) { e.id, e.sent = r.number(), r.flag() }

// conversationEntry is a conversation as it was saved.
type conversationEntry struct {
	citizen            bot.CitizenID
	version, at        int64
	handling, operator string
	state              []byte
}

func (e *conversationEntry) encode(b []byte) []byte {
	b = appendNumbers(append(b, kindConversation), e.version, e.at)
	return appendBytes(appendTexts(b, string(e.citizen), e.handling, e.operator), e.state)
}

func (e *conversationEntry) decode(r *reader) {
	e.version, e.at = r.number(), r.number()
	e.citizen, e.handling, e.operator, e.state = bot.CitizenID(r.text()), r.text(), r.text(), r.bytes()
}

// messageEntry is an inbound message: kept until it is answered, or answered.
type messageEntry struct {
	id       int64
	citizen  bot.CitizenID // empty: the row is in the table and was answered
	hash     []byte
	at       int64
	answered bool
	body     []byte // nil once answered
}

func (e *messageEntry) encode(b []byte) []byte {
	b = appendNumbers(append(b, kindMessage), e.id, e.at)
	b = appendBytes(appendTexts(b, string(e.citizen)), e.hash)
	return appendBytes(appendFlag(b, e.answered), e.body)
}

func (e *messageEntry) decode(r *reader) {
	e.id, e.at, e.citizen = r.number(), r.number(), bot.CitizenID(r.text())
	e.hash, e.answered, e.body = r.bytes(), r.flag(), r.bytes()
}

// serialEntry is the last number given in a series.
type serialEntry struct {
	series
	last int64
}

func (e *serialEntry) encode(b []byte) []byte {
	return binary.AppendVarint(appendTexts(append(b, kindSerial), e.kind, e.day), e.last)
}

func (e *serialEntry) decode(r *reader) { e.kind, e.day, e.last = r.text(), r.text(), r.number() }

// citizenEntry is what is known of a citizen.
type citizenEntry struct {
	id   bot.CitizenID
	body []byte
}

func (e *citizenEntry) encode(b []byte) []byte {
	return appendBytes(appendTexts(append(b, kindCitizen), string(e.id)), e.body)
}

func (e *citizenEntry) decode(r *reader) { e.id, e.body = bot.CitizenID(r.text()), r.bytes() }

// dropEntry removes a topic's rows from the outbox that have not left.
type dropEntry struct{ topic string }

func (e *dropEntry) encode(b []byte) []byte { return appendTexts(append(b, kindDrop), e.topic) }
func (e *dropEntry) decode(r *reader)       { e.topic = r.text() }

// bookedEntry is a new appointment's row.
type bookedEntry struct{ values []any }

func (e *bookedEntry) encode(b []byte) []byte { return appendValues(append(b, kindBooked), e.values) }
func (e *bookedEntry) decode(r *reader)       { e.values = r.values() }

// statementEntry is a write of any other table, kept in order.
type statementEntry struct {
	query string
	args  []any
}

func (e *statementEntry) encode(b []byte) []byte {
	return appendValues(appendTexts(append(b, kindStatement), e.query), e.args)
}

func (e *statementEntry) decode(r *reader) { e.query, e.args = r.text(), r.values() }

// last says whether an entry is written when a commit ends even where its part
// uses SQL: nothing the part reads depends on it.
func last(e entry) bool {
	switch e.(type) {
	case *bookedEntry, *statementEntry:
		return true
	}
	return false
}

// The types of values in the journal, those a database takes.
const (
	valueNull   = 0
	valueNumber = 1
	valueFloat  = 2
	valueText   = 3
	valueBytes  = 4
	valueFalse  = 5
	valueTrue   = 6
)

// appendValues writes values as database/sql/driver has them; times are
// numbers in all our tables.
func appendValues(b []byte, values []any) []byte {
	b = binary.AppendUvarint(b, uint64(len(values)))
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = binary.AppendVarint(append(b, valueNumber), v)
		case float64:
			b = binary.LittleEndian.AppendUint64(append(b, valueFloat), math.Float64bits(v))
		case string:
			b = appendTexts(append(b, valueText), v)
		case []byte:
			b = appendBytes(append(b, valueBytes), v)
		case bool:
			b = append(b, valueFalse)
			if v {
				b[len(b)-1] = valueTrue
			}
		default:
			b = append(b, valueNull)
		}
	}
	return b
}

func appendNumbers(b []byte, numbers ...int64) []byte {
	for _, n := range numbers {
		b = binary.AppendVarint(b, n)
	}
	return b
}

func appendTexts(b []byte, texts ...string) []byte {
	for _, text := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return b
}

func appendBytes(b, data []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(data))), data...)
}

func appendFlag(b []byte, flag bool) []byte {
	if flag {
		return append(b, 1)
	}
	return append(b, 0)
}

// reader takes entries apart; after the first fault it reads nothing but zeros.
type reader struct {
	rest  []byte
	fault bool
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fault, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) number() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.take(1 << 62)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// bytes are what appendBytes wrote, nil where it wrote none.
func (r *reader) bytes() []byte {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.take(1 << 62)
		return nil
	}
	r.rest = r.rest[n:]
	if v == 0 {
		return nil
	}
	return r.take(v)
}

func (r *reader) text() string { return string(r.bytes()) }

// values are what appendValues wrote; an empty blob comes back as one.
func (r *reader) values() []any {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(len(r.rest)) {
		r.take(1 << 62)
		return nil
	}
	r.rest = r.rest[size:]
	values := make([]any, 0, n)
	for range n {
		values = append(values, r.value())
	}
	return values
}

func (r *reader) value() any {
	kind := r.take(1)
	if len(kind) == 0 {
		return nil
	}
	switch kind[0] {
	case valueNumber:
		return r.number()
	case valueFloat:
		if bits := r.take(8); len(bits) == 8 {
			return math.Float64frombits(binary.LittleEndian.Uint64(bits))
		}
	case valueText:
		return r.text()
	case valueBytes:
		return append([]byte{}, r.bytes()...)
	case valueFalse, valueTrue:
		return kind[0] == valueTrue
	case valueNull:
	default:
		r.take(1 << 62)
	}
	return nil
}

func (r *reader) flag() bool {
	b := r.take(1)
	return len(b) == 1 && b[0] != 0
}

var errEntry = errors.New("record cannot be read")

// readEntries takes a record's payload apart.
func readEntries(payload []byte) ([]entry, error) {
	var entries []entry
	r := &reader{rest: payload}
	for len(r.rest) > 0 {
		kind := r.take(1)[0]
		e := newEntry(kind)
		if e == nil {
			return nil, fmt.Errorf("%w: unknown entry %d", errEntry, kind)
		}
		e.decode(r)
		if r.fault {
			return nil, errEntry
		}
		entries = append(entries, e)
	}
	return entries, nil
}
