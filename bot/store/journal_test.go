package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
)

var journalMonday = time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())

// lagging is a store whose tables lag behind its journal until they are told.
func lagging(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir, settleTime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// talker is a citizen who has light turns.
type talker struct {
	t    *testing.T
	s    *Store
	id   bot.CitizenID
	from bot.Address
}

func talk(t *testing.T, s *Store, openID string) *talker {
	t.Helper()
	from := bot.Address{Channel: bot.WeChat, ID: openID}
	c, err := s.Identify(context.Background(), from, journalMonday)
	if err != nil {
		t.Fatal(err)
	}
	return &talker{t, s, c.ID, from}
}

// turn is a whole light turn; what is said is its number.
func (c *talker) turn(n int) bot.OutgoingID {
	c.t.Helper()
	out, err := c.try(n)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *talker) try(n int) (out bot.OutgoingID, err error) {
	ctx, text := context.Background(), fmt.Sprintf("第%d句", n)
	r, err := c.s.Accept(ctx, c.id, bot.Inbound{From: c.from, Key: text + c.from.ID, At: journalMonday, Text: text})
	if err != nil {
		return 0, err
	}
	conv, err := c.s.Conversation(ctx, c.id)
	if err != nil {
		return 0, err
	}
	err = c.s.Commit(ctx, func(tx bot.Tx) error {
		conv := conv.Clone()
		conv.Digits = text
		_, err1 := tx.Append(bot.Line{Citizen: c.id, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: journalMonday, Text: text})
		var err2 error
		out, err2 = tx.Enqueue(r.ID, bot.Outgoing{Citizen: c.id, To: c.from, Due: journalMonday, From: "bot", Reply: bot.Reply{Text: "答" + text}}, time.Minute)
		return errors.Join(err1, err2, tx.SaveConversation(&conv), tx.Answered(r.ID))
	})
	return out, err
}

// hasTurns fails unless turns 0 to n-1 are there, each once and nothing else.
func (c *talker) hasTurns(s *Store, n int) {
	c.t.Helper()
	ctx := context.Background()
	lines, err1 := s.Lines(ctx, c.id, 0, 1000)
	conv, err2 := s.Conversation(ctx, c.id)
	last, err3 := s.LastChange(ctx)
	changes, err4 := s.Changes(ctx, 0, 1000)
	open, err5 := s.Outstanding(ctx, journalMonday.Add(time.Hour))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		c.t.Fatal(err)
	}
	if len(lines) != n || conv.Version != int64(n) || len(open) != 0 || last != int64(len(changes)) {
		c.t.Fatalf("%d turns: %d lines, version %d, %d unanswered, %d changes up to %d", n, len(lines), conv.Version, len(open), len(changes), last)
	}
	for i, l := range lines {
		text := fmt.Sprintf("第%d句", i)
		r, err := s.Accept(ctx, c.id, bot.Inbound{From: c.from, Key: text + c.from.ID, At: journalMonday, Text: text})
		if err != nil || l.Text != text || !r.Answered || len(r.Out) != 1 || r.Out[0].Reply.Text != "答"+text {
			c.t.Fatalf("turn %d is %+v with %+v: %v", i, l, r, err)
		}
	}
}

// crashed copies a directory as a machine that stops leaves it, and returns
// the copy.
func crashed(t *testing.T, dir string) string {
	t.Helper()
	at := t.TempDir()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "lock" || strings.HasSuffix(f.Name(), "-shm") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(at, f.Name()), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return at
}

// TestCrashBeforeTheTables: turns that are in the journal alone are all there
// after a crash, once, and after the next crash too.
func TestCrashBeforeTheTables(t *testing.T) {
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	for round := range 3 {
		for n := range 4 {
			out := c.turn(4*round + n)
			if n%2 == 0 {
				if err := s.Sent(context.Background(), out); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 2 {
			left := crashed(t, dir)
			after := lagging(t, left)
			c.hasTurns(after, 4*(round+1))
			again := lagging(t, crashed(t, left)) // it died in the tables' turn
			c.hasTurns(again, 4*(round+1))
			due, err := again.LeaseDue(context.Background(), journalMonday.Add(time.Hour), time.Minute, 10)
			if err != nil || len(due) != 1 || due[0].Reply.Text != "答第1句" {
				t.Fatalf("due are %+v: %v", due, err)
			}
		}
		if err := s.Settle(context.Background()); err != nil {
			t.Fatal(err)
		}
		c.hasTurns(lagging(t, crashed(t, dir)), 4*(round+1))
	}
	c.hasTurns(s, 12)
}

// TestReadingAfterACrash: who only reads finds what the owner that crashed had
// acknowledged; beside an owner that lives they wait for it.
func TestReadingAfterACrash(t *testing.T) {
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	c.turn(0)
	read := func(dir string) int {
		t.Helper()
		reader, err := Open(context.Background(), Options{Dir: dir, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		lines, err := reader.Lines(context.Background(), c.id, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(lines)
	}
	if n := read(crashed(t, dir)); n != 1 {
		t.Errorf("%d lines after the crash", n)
	}
	if n := read(dir); n != 0 {
		t.Errorf("%d lines beside the owner, whose tables lag", n)
	}
	if err := s.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := read(dir); n != 1 {
		t.Errorf("%d lines beside the owner", n)
	}
}

// TestTornJournal cuts the last record at every byte, and changes each: the
// turn before it is there, and nothing of it.
func TestTornJournal(t *testing.T) {
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	c.turn(0)
	first := int(s.writer.journal.length())
	c.turn(1)
	raw, err := os.ReadFile(filepath.Join(dir, journalFiles[0]))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := scanJournal(raw, s.writer.applied)
	if err != nil || len(whole) != 2 {
		t.Fatalf("%d records: %v", len(whole), err)
	}
	for at := first; at < len(raw); at++ {
		changed := bytes.Clone(raw)
		changed[at] ^= 0x40
		for _, torn := range [][]byte{raw[:at], changed, append(bytes.Clone(raw[:at]), make([]byte, len(raw)-at)...)} {
			got, err := scanJournal(torn, s.writer.applied)
			if err != nil || len(got) != 1 || !bytes.Equal(got[0].payload, whole[0].payload) {
				t.Fatalf("torn at %d of %d to %d: %d records, %v", at, first, len(raw), len(got), err)
			}
		}
	}
	left := crashed(t, dir)
	if err := os.Truncate(filepath.Join(left, journalFiles[0]), int64(len(raw)-1)); err != nil {
		t.Fatal(err)
	}
	after := lagging(t, left)
	c.hasTurns(after, 1)
	talk(t, after, "o1").turn(1)
	c.hasTurns(after, 2)
}

// TestDamagedJournal: what was acknowledged and cannot be read is not passed
// over in silence.
func TestDamagedJournal(t *testing.T) {
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	for n := range 3 {
		c.turn(n)
	}
	left := crashed(t, dir)
	path := filepath.Join(left, journalFiles[0])
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[recordHeader+5] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{Dir: left}); !errors.Is(err, ErrJournal) {
		t.Fatalf("a damaged record: %v", err)
	}
	if _, err := recordsAfter(s.writer.applied, raw[bytes.LastIndex(raw, recordStart):]); !errors.Is(err, ErrJournal) {
		t.Fatalf("a journal that begins late: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c.hasTurns(lagging(t, left), 0) // without it the records open
}

// TestJournalFails: when the journal cannot be written the tables take the
// turns; when those cannot either, nothing is acknowledged and nothing kept.
func TestJournalFails(t *testing.T) {
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	c.turn(0)
	whole := s.writer.journal.files
	readOnly, err := os.Open(filepath.Join(dir, journalFiles[0]))
	if err != nil {
		t.Fatal(err)
	}
	s.writer.journal.files = [2]*os.File{readOnly, readOnly}
	c.turn(1)
	c.turn(2)
	c.hasTurns(s, 3)
	s.writer.journal.files = whole
	if err := readOnly.Close(); err != nil {
		t.Fatal(err)
	}
	c.turn(3)
	lock := func(on string) {
		t.Helper()
		if _, err := s.writer.conn.ExecContext(context.Background(), "PRAGMA query_only = "+on); err != nil {
			t.Fatal(err)
		}
	}
	lock("on")
	c.turn(4) // the journal alone
	if err := s.Settle(context.Background()); err == nil {
		t.Fatal("tables that take nothing took it")
	}
	if _, err := c.try(5); err == nil {
		t.Fatal("a turn was acknowledged that may be nowhere")
	}
	c.hasTurns(lagging(t, crashed(t, dir)), 5)
	lock("off")
	c.turn(5)
	c.hasTurns(s, 6)
	c.hasTurns(lagging(t, crashed(t, dir)), 6)
}

// TestForgottenInTheJournal: what the journal holds of a citizen goes with
// them, message and turn.
func TestForgottenInTheJournal(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := lagging(t, dir)
	c, other := talk(t, s, "o1"), talk(t, s, "o2")
	c.turn(0)
	other.turn(0)
	if _, err := s.Accept(ctx, c.id, bot.Inbound{From: c.from, Key: "m", At: journalMonday, Text: "还没答"}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, journalFiles[0]))
	if err != nil || !bytes.Contains(raw, []byte(c.id)) || bytes.Contains(raw, []byte("第0句")) {
		t.Fatalf("the journal of %d bytes: %v", len(raw), err)
	}
	if err := s.Forget(ctx, c.id); err != nil {
		t.Fatal(err)
	}
	if raw, err = os.ReadFile(filepath.Join(dir, journalFiles[0])); err != nil || len(raw) != 0 {
		t.Fatalf("%d bytes are left of it: %v", len(raw), err)
	}
	after := lagging(t, crashed(t, dir))
	if open, err := after.Outstanding(ctx, journalMonday.Add(time.Hour)); err != nil || len(open) != 0 {
		t.Fatalf("unanswered: %v, %v", open, err)
	}
	if lines, err := after.Lines(ctx, other.id, 0, 10); err != nil || len(lines) != 1 {
		t.Fatalf("the other's lines: %v, %v", lines, err)
	}
}

// TestEntries come back from the journal as they went in.
func TestEntries(t *testing.T) {
	all := []entry{
		&lineEntry{id: 7, citizen: "p1", speaker: "bot", name: "n", channel: "web", event: "image", attachment: "f1", at: -5, body: []byte{1, 0, 2}},
		&changeEntry{bot.Change{Seq: 9, At: journalMonday, Kind: bot.ChangeLine, Citizen: "p1", Ref: "7"}},
		&letterEntry{id: 3, turn: 4, due: 5, busy: 6, citizen: "p2", status: "sent", key: "k", topic: "t", speaker: "bot", proactive: true, unsaid: true, body: []byte("b")},
		&letterEntry{id: 1 << 60},
		&settledEntry{id: 3, sent: true}, &settledEntry{id: 4},
		&conversationEntry{citizen: "p1", version: 12, at: 13, handling: "bot", operator: "amy", state: []byte("s")},
		&messageEntry{id: 5, citizen: "p1", hash: []byte{9}, at: 8, body: []byte("b")}, &messageEntry{id: 6, answered: true},
		&serialEntry{series{"ticket", "2026-11-23"}, 41}, &citizenEntry{"p1", []byte("b")}, &dropEntry{"appointment:1"},
		&bookedEntry{[]any{"YY1", int64(-1), true, false, []byte{1}, nil, 1.5}}, &statementEntry{"DELETE FROM hold WHERE id = $1", []any{"h"}},
	}
	var payload []byte
	for _, e := range all {
		payload = e.encode(payload)
	}
	got, err := readEntries(payload)
	if err != nil || !reflect.DeepEqual(got, all) {
		t.Fatalf("%+v: %v", got, err)
	}
	for n := range payload {
		if got, err := readEntries(payload[:n]); err == nil && len(got) >= len(all) {
			t.Fatalf("all of %d bytes in %d", len(payload), n)
		}
	}
}

// FuzzJournal reads damaged journals: what comes back is a beginning of what
// was written, whatever was done to it.
func FuzzJournal(f *testing.F) {
	var payloads [][]byte
	j := &journal{}
	var raw []byte
	for seq := range uint64(5) {
		e := &lineEntry{id: int64(seq), citizen: "p1", body: bytes.Repeat([]byte{byte(seq)}, 20)}
		j.seq = seq + 1
		record := j.encode(func(b []byte) []byte { return e.encode(b) })
		payloads = append(payloads, bytes.Clone(record[recordHeader:]))
		raw = append(raw, record...)
	}
	f.Add(raw, 0, byte(0), 0)
	f.Add(raw, 30, byte(1), 90)
	f.Add([]byte("gjl1"), 3, byte(255), 4)
	f.Fuzz(func(t *testing.T, own []byte, at int, with byte, cut int) {
		if _, err := recordsAfter(0, own); err != nil && !errors.Is(err, ErrJournal) {
			t.Fatal(err)
		}
		if _, err := readEntries(own); err != nil && !errors.Is(err, errEntry) {
			t.Fatal(err)
		}
		damaged := bytes.Clone(raw)
		if at >= 0 && at < len(damaged) {
			damaged[at] ^= with
		}
		if cut >= 0 && cut < len(damaged) {
			damaged = append(damaged[:cut], own...)
		}
		got, err := recordsAfter(0, damaged)
		if err != nil {
			return
		}
		for i, p := range got {
			if i >= len(payloads) || !bytes.Equal(p, payloads[i]) {
				t.Fatalf("record %d of %d was never written", i, len(got))
			}
		}
	})
}

// TestSeen: of messages that were taken none is called new, before the table
// was read and after; of new ones nearly all are.
func TestSeen(t *testing.T) {
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	for n := range 50 {
		c.turn(n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = lagging(t, dir)
	c.hasTurns(s, 50) // perhaps while it is read
	s.work.Wait()
	if !s.seen.whole {
		t.Fatal("the table was not read")
	}
	c.hasTurns(s, 50)
	old := 0
	for n := range 1000 {
		if hash := s.ring.blind("message:wechat", fmt.Sprint("new", n)); !s.seen.never(hash) {
			old++
		} else if s.seen.never(hash) {
			t.Fatal("what was taken is called new")
		}
	}
	if old > 50 {
		t.Errorf("%d of 1000 new messages are called old", old)
	}
}

// TestDropInTheJournal: what falls away before its row is written is not
// written, its key is free again, and what had left stays.
func TestDropInTheJournal(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	put := func(text, key string) (id bot.OutgoingID) {
		t.Helper()
		if err := s.Commit(ctx, func(tx bot.Tx) (err error) {
			id, err = tx.Enqueue(0, bot.Outgoing{Citizen: c.id, To: c.from, Due: journalMonday, From: "bot", Topic: "t", Key: key, Reply: bot.Reply{Text: text}}, 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	drop := func() {
		t.Helper()
		if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.Drop("t") }); err != nil {
			t.Fatal(err)
		}
	}
	sent := put("寄出的", "k0")
	if err := s.Sent(ctx, sent); err != nil {
		t.Fatal(err)
	}
	first := put("一", "k1")
	if again := put("一", "k1"); again != first {
		t.Fatalf("the same key made %d after %d", again, first)
	}
	drop()
	second := put("二", "k1")
	if second == first {
		t.Fatal("a dropped row's key is still taken")
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if again := put("二", "k1"); again != second {
		t.Fatalf("the same key made %d after %d", again, second)
	}
	drop() // a row of the table now
	third := put("三", "k1")
	if third == second {
		t.Fatal("a dropped row's key is still taken")
	}
	if again := put("寄出的", "k0"); again != sent {
		t.Fatal("what was sent can be sent again")
	}
	for _, s := range []*Store{lagging(t, crashed(t, dir)), s} {
		due, err := s.LeaseDue(ctx, journalMonday, time.Minute, 10)
		if err != nil || len(due) != 1 || due[0].ID != third || due[0].Reply.Text != "三" {
			t.Fatalf("due are %+v: %v", due, err)
		}
	}
}

// busy takes the database's write lock as another process might, until the
// function it returns is called.
func busy(t *testing.T, dir string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, databaseFile)+"?_txlock=immediate&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTurnsGoOnWhileTablesWait: while the flusher cannot write, turns are
// acknowledged all the same, see what waits in both lots, and survive a crash;
// when it can, everything is in the tables once.
func TestTurnsGoOnWhileTablesWait(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Open(ctx, Options{Dir: dir, settleTime: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := talk(t, s, "o1")
	put := func(key string) (id bot.OutgoingID) {
		t.Helper()
		if err := s.Commit(ctx, func(tx bot.Tx) (err error) {
			id, err = tx.Enqueue(0, bot.Outgoing{Citizen: c.id, To: c.from, Due: journalMonday.AddDate(0, 0, 1), From: "bot", Topic: "t", Key: key}, 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	release := busy(t, dir)
	message := bot.Inbound{From: c.from, Key: "m", At: journalMonday}
	waits, err := s.Accept(ctx, c.id, message)
	if err != nil {
		t.Fatal(err)
	}
	c.turn(0)
	first := put("k")
	waitFor(t, "the flusher to have the first lot", func() bool {
		s.unwritten.mu.Lock()
		defer s.unwritten.mu.Unlock()
		return s.unwritten.leaving.some
	})
	for n := 1; n < 4; n++ {
		c.turn(n)
		if r, err := s.Accept(ctx, c.id, message); err != nil || r.ID != waits.ID || !r.Repeat || r.Answered {
			t.Fatalf("a message of the first lot again: %+v, %v", r, err)
		}
	}
	if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.Answered(waits.ID) }); err != nil {
		t.Fatal(err)
	}
	if again := put("k"); again != first {
		t.Errorf("the key of the first lot made %d after %d", again, first)
	}
	if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.Drop("t") }); err != nil {
		t.Fatal(err)
	}
	second := put("k")
	if second == first {
		t.Error("the key of a dropped reply of the first lot is still taken")
	}
	left := crashed(t, dir)
	release()
	for _, s := range []*Store{lagging(t, left), s} {
		c.hasTurns(s, 4)
		var n int
		if err := s.reads.QueryRowContext(ctx, "SELECT COUNT(*) FROM outbox WHERE key = 'k' AND id = ?", second).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d rows of the second reply: %v", n, err)
		}
		if err := s.reads.QueryRowContext(ctx, "SELECT COUNT(*) FROM outbox").Scan(&n); err != nil || n != 5 {
			t.Errorf("%d replies: %v", n, err)
		}
	}
}

// TestAnsweredWhileItsRowIsWritten: a message whose row leaves for the table
// unanswered, and which is answered meanwhile, is known as answered before its
// row says so.
func TestAnsweredWhileItsRowIsWritten(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	message := bot.Inbound{From: c.from, Key: "m", At: journalMonday}
	receipt, err := s.Accept(ctx, c.id, message)
	if err != nil {
		t.Fatal(err)
	}
	var release func()
	if err := s.writer.between(ctx, func(context.Context) error {
		release = busy(t, dir)
		s.writer.handOver()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.Answered(receipt.ID) }); err != nil {
		t.Fatal(err)
	}
	release()
	waitFor(t, "the row to be in the table", func() bool {
		var rows int
		if err := s.reads.QueryRowContext(ctx, "SELECT COUNT(*) FROM inbox WHERE answered = 0").Scan(&rows); err != nil {
			t.Fatal(err)
		}
		s.unwritten.mu.Lock()
		defer s.unwritten.mu.Unlock()
		return rows == 1 && !s.unwritten.leaving.some
	})
	if again, err := s.Accept(ctx, c.id, message); err != nil || again.ID != receipt.ID || !again.Answered {
		t.Errorf("the same message again: %+v, %v", again, err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Accept(ctx, c.id, message); err != nil || again.ID != receipt.ID || !again.Answered || s.received.some() {
		t.Errorf("the same message after all is written: %+v, %v", again, err)
	}
}

// TestAnsweredAfterItsRowWasWritten: a message whose row went into the table
// while its turn was under way is known as answered before its row says so.
func TestAnsweredAfterItsRowWasWritten(t *testing.T) {
	ctx := context.Background()
	s := lagging(t, t.TempDir())
	c := talk(t, s, "o1")
	message := bot.Inbound{From: c.from, Key: "m", At: journalMonday}
	receipt, err := s.Accept(ctx, c.id, message)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Accept(ctx, c.id, message); err != nil || again.ID != receipt.ID || again.Answered {
		t.Fatalf("the same message before its answer: %+v, %v", again, err)
	}
	if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.Answered(receipt.ID) }); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Accept(ctx, c.id, message); err != nil || again.ID != receipt.ID || !again.Answered {
		t.Errorf("the same message again: %+v, %v", again, err)
	}
}

// TestFlusherFails: what the flusher could not write is written by the next
// group, once.
func TestFlusherFails(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Open(ctx, Options{Dir: dir, settleTime: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := talk(t, s, "o1")
	if _, err := s.writer.flusher.connection.conn.ExecContext(ctx, "PRAGMA query_only = on"); err != nil {
		t.Fatal(err)
	}
	for n := range 6 {
		c.turn(n)
		if n%2 == 0 {
			time.Sleep(60 * time.Millisecond) // for the flusher to try
		}
	}
	c.hasTurns(lagging(t, crashed(t, dir)), 6)
	c.hasTurns(s, 6)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.hasTurns(lagging(t, dir), 6)
}

// TestTrailInTheJournal: the audit trail is one chain whichever way its entries
// went, whoever's part was refused between them, after a crash, and after
// tables that took nothing.
func TestTrailInTheJournal(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := lagging(t, dir)
	c := talk(t, s, "o1")
	note := func(deed string) bot.AuditEntry {
		return bot.AuditEntry{At: journalMonday, Actor: "陈静", Deed: deed, Subject: string(c.id)}
	}
	stands := func(s *Store, want int64) {
		t.Helper()
		if n, _, err := s.VerifyAudit(ctx); n != want || err != nil {
			t.Fatalf("the trail has %d entries of %d: %v", n, want, err)
		}
	}
	part := func(do func(*Tx) error) error {
		return s.Commit(ctx, func(tx bot.Tx) error { return do(tx.(*Tx)) })
	}
	written := int64(0)
	light := func() {
		t.Helper()
		if err := s.Audit(ctx, note("light")); err != nil {
			t.Fatal(err)
		}
		written++
	}
	light()
	light()
	err := part(func(tx *Tx) error { return errors.Join(tx.Audit(note("refused")), ErrStale) })
	if !errors.Is(err, ErrStale) {
		t.Fatalf("a refused part: %v", err)
	}
	light()
	stands(lagging(t, crashed(t, dir)), written)
	for _, refused := range []error{nil, ErrStale} {
		err := part(func(tx *Tx) error {
			_, err := tx.exec("DELETE FROM mention WHERE citizen = $1", c.id)
			return errors.Join(err, tx.Audit(note("heavy")), tx.Audit(note("heavy again")), refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
	}
	written += 2
	light()
	stands(lagging(t, crashed(t, dir)), written)

	var together sync.WaitGroup
	var done atomic.Int64
	for i := range 60 {
		together.Go(func() {
			err := part(func(tx *Tx) error {
				if i%3 == 0 {
					if _, err := tx.exec("DELETE FROM mention WHERE citizen = $1", c.id); err != nil {
						return err
					}
				}
				if err := tx.Audit(note("together")); err != nil || i%4 == 0 {
					return errors.Join(err, ErrStale)
				}
				return nil
			})
			if err == nil {
				done.Add(1)
			}
		})
	}
	together.Wait()
	if written += done.Load(); done.Load() != 45 {
		t.Fatalf("%d of 45 parts", done.Load())
	}
	stands(lagging(t, crashed(t, dir)), written)

	lock := func(on string) {
		t.Helper()
		if _, err := s.writer.conn.ExecContext(ctx, "PRAGMA query_only = "+on); err != nil {
			t.Fatal(err)
		}
	}
	lock("on")
	light() // the journal alone
	if err := s.Settle(ctx); err == nil {
		t.Fatal("tables that take nothing took it")
	}
	if err := s.Audit(ctx, note("lost")); err == nil {
		t.Fatal("an entry that may be nowhere was acknowledged")
	}
	lock("off")
	light()
	stands(s, written)
	stands(lagging(t, crashed(t, dir)), written)
}

// TestTurnOfAClearedCitizen: a turn that was begun before its simulated citizen
// was cleared away is refused, in the same group and in the next, and takes
// nobody else's down with it.
func TestTurnOfAClearedCitizen(t *testing.T) {
	ctx := context.Background()
	s := lagging(t, t.TempDir())
	c := talk(t, s, "o1")
	for _, together := range []bool{true, false} {
		from := bot.Address{Channel: bot.WeChat, ID: "simulated"}
		if err := s.EnrolSimulated(ctx, journalMonday, []bot.Address{from}); err != nil {
			t.Fatal(err)
		}
		their := talk(t, s, from.ID)
		their.turn(0)
		conv, err := s.Conversation(ctx, their.id)
		if err != nil {
			t.Fatal(err)
		}
		held, letGo := make(chan struct{}), make(chan struct{})
		var parts sync.WaitGroup
		if together {
			parts.Go(func() {
				if err := s.writer.between(ctx, func(context.Context) error { close(held); <-letGo; return nil }); err != nil {
					t.Error(err)
				}
			})
			<-held
		}
		parts.Go(func() {
			if _, err := s.ClearDemo(ctx); err != nil {
				t.Errorf("clear: %v", err)
			}
		})
		if together {
			waitFor(t, "the clearing to be queued", func() bool { return len(s.writer.jobs) == 1 })
		} else {
			parts.Wait()
		}
		parts.Go(func() {
			err := s.Commit(ctx, func(tx bot.Tx) error { return tx.SaveConversation(&conv) })
			if !errors.Is(err, ErrStale) && !errors.Is(err, ErrNoCitizen) {
				t.Errorf("together %v: a turn of nobody: %v", together, err)
			}
		})
		if together {
			waitFor(t, "the turn to be queued", func() bool { return len(s.writer.jobs) == 2 })
			close(letGo)
		}
		parts.Wait()
	}
	c.turn(0)
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if lines, err := s.Lines(ctx, c.id, 0, 10); err != nil || len(lines) != 1 {
		t.Errorf("%d lines of who stays: %v", len(lines), err)
	}
}

// TestReadInACommit: a part that reads what the pool has, as those do who look up
// whom to tell, waits for nobody, whatever is on its way to the tables.
func TestReadInACommit(t *testing.T) {
	s := lagging(t, t.TempDir())
	c := talk(t, s, "o1")
	c.turn(0)
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	for name, read := range map[string]func() error{
		"address":  func() error { _, _, err := s.AddressOf(ctx, c.id, bot.WeChat); return err },
		"citizens": func() error { _, err := s.DemoRecords(ctx); return err },
		"settle":   func() error { return s.Settle(ctx) },
	} {
		if err := s.Commit(ctx, func(bot.Tx) error { return read() }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.turn(1)
	c.hasTurns(s, 2)
}

// TestReadWithoutTheTables: the lines of a conversation are read whole, in
// order and once while those that came last are on their way to the tables,
// and reading them does not wait for the tables.
func TestReadWithoutTheTables(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := lagging(t, dir)
	c, other := talk(t, s, "o1"), talk(t, s, "o2")
	for n := range 3 {
		c.turn(n)
		other.turn(n)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	release := busy(t, dir)
	for n := 3; n < 6; n++ {
		c.turn(n)
		other.turn(n)
	}
	all, err := s.Lines(ctx, c.id, 0, 100)
	if err != nil || len(all) != 6 {
		t.Fatalf("%d lines: %v", len(all), err)
	}
	for i, l := range all {
		if l.Text != fmt.Sprintf("第%d句", i) || i > 0 && l.ID <= all[i-1].ID {
			t.Fatalf("line %d is %+v", i, l)
		}
	}
	for name, ask := range map[string]struct {
		read     func() ([]bot.Line, error)
		from, to int
	}{
		"first two":           {func() ([]bot.Line, error) { return s.Lines(ctx, c.id, 0, 2) }, 0, 2},
		"across, after one":   {func() ([]bot.Line, error) { return s.Lines(ctx, c.id, all[1].ID, 3) }, 2, 5},
		"after the tables":    {func() ([]bot.Line, error) { return s.Lines(ctx, c.id, all[3].ID, 100) }, 4, 6},
		"last four":           {func() ([]bot.Line, error) { return s.Recent(ctx, c.id, 4) }, 2, 6},
		"their own last":      {func() ([]bot.Line, error) { return s.Ending(ctx, c.from, 1) }, 5, 6},
		"before one":          {func() ([]bot.Line, error) { return s.Earlier(ctx, c.id, all[4].ID, 2) }, 2, 4},
		"before the first":    {func() ([]bot.Line, error) { return s.Earlier(ctx, c.id, all[0].ID, 2) }, 0, 0},
		"as the citizen sees": {func() ([]bot.Line, error) { return s.Transcript(ctx, c.from, all[2].ID, 2) }, 3, 5},
	} {
		if got, err := ask.read(); err != nil || !slices.EqualFunc(got, all[ask.from:ask.to], func(a, b bot.Line) bool { return a.ID == b.ID && a.Text == b.Text }) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	release()
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	c.hasTurns(s, 6)
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
