package store_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// childDir names the data directory of the process that is going to be killed.
const childDir = "GUANJIA_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := work(dir, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv(store.ResealingDir); dir != "" {
		fmt.Fprintln(os.Stderr, store.ResealForever(dir, os.Stdout))
		os.Exit(1)
	}
	code := m.Run()
	if err := store.Server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// killPlan is small, so that openings are full and people at their limit.
func killPlan() store.Plan {
	return store.Plan{
		Halls:    []booking.Hall{{ID: "city"}, {ID: "humen"}},
		Services: []booking.Service{{ID: "a"}, {ID: "b"}},
		Periods:  []store.Period{{Time: "11:00", Capacity: 3}, {Time: "15:00", Capacity: 3}, {Time: "16:00", Capacity: 3}},
	}
}

// work books, moves, cancels, files and says with many clients until the
// process is killed, and writes a line for everything it is about to do ("?")
// and everything that was acknowledged ("=").
func work(dir string, acks io.Writer) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute) // in case nobody kills it
	defer stop()
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	if err := s.SavePlan(ctx, killPlan()); err != nil {
		return err
	}
	if _, err := s.ReleaseOpenings(ctx, monday); err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(format string, args ...any) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := fmt.Fprintf(acks, format+"\n", args...)
		return err
	}
	faults := make(chan error, 32)
	for i := range cap(faults) {
		go func() { faults <- (&worker{s, say, fmt.Sprintf("%d-%d", os.Getpid(), i), "", ""}).run(ctx) }()
	}
	return <-faults
}

// worker is one client: it holds at most one appointment at a time.
type worker struct {
	*store.Store
	say    func(string, ...any) error
	name   string
	number string
	place  string
}

func (w *worker) run(ctx context.Context) error {
	for n := 0; ; n++ {
		if err := w.turn(ctx, n); err != nil {
			return err
		}
	}
}

// turn is a whole turn of a citizen: accepted, decided, committed.
func (w *worker) turn(ctx context.Context, n int) error {
	from := bot.Address{Channel: bot.WeChat, ID: fmt.Sprintf("o%d", rand.IntN(40))}
	c, err := w.Identify(ctx, from, monday)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s-%d", w.name, n)
	receipt, err := w.Accept(ctx, c.ID, bot.Inbound{From: from, Key: key, At: monday, Text: "约居住证"})
	if err != nil {
		return err
	}
	if err := w.Commit(ctx, func(tx bot.Tx) error { return tx.Kept(receipt.ID) }); err != nil { // then it is durable
		return err
	}
	if err := w.say("= message %s %s %d", from.ID, key, receipt.ID); err != nil {
		return err
	}
	var out bot.OutgoingID
	var filed string
	deed, before, after := w.deed(c, key)
	if err := before(); err != nil {
		return err
	}
	err = w.Commit(ctx, func(tx bot.Tx) error {
		if err := deed(tx); err != nil {
			return err
		}
		if filed = noTicket; n%2 == 0 { // with SQL of its own; otherwise the journal's
			return w.rest(tx, c, from, receipt.ID, &out)
		}
		v, err := w.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Kind: ticket.Report, Type: ticket.Complaint, Title: "噪音", Key: key, Text: "太吵了", CreatedAt: monday, DueAt: monday})
		if err != nil {
			return err
		}
		filed = v.Number
		return w.rest(tx, c, from, receipt.ID, &out)
	})
	switch {
	case refused(err):
		return nil
	case err != nil:
		return err
	}
	if err := after(); err != nil {
		return err
	}
	if err := w.say("= done %s %s %d %d", filed, key, receipt.ID, out); err != nil {
		return err
	}
	return w.chat(ctx, n)
}

// noTicket stands for the number of a turn that files nothing.
const noTicket = "-"

// rest is what every turn leaves: a line, a reply, the message answered.
func (w *worker) rest(tx bot.Tx, c bot.Citizen, from bot.Address, receipt int64, out *bot.OutgoingID) (err error) {
	if _, err := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: "约居住证"}); err != nil {
		return err
	}
	if *out, err = tx.Enqueue(receipt, bot.Outgoing{Citizen: c.ID, To: from, Due: monday, From: "bot", Reply: bot.Reply{Text: "好的"}}, time.Minute); err != nil {
		return err
	}
	return tx.Answered(receipt)
}

// chat is a turn that only talks, of a citizen nobody else talks as.
func (w *worker) chat(ctx context.Context, n int) error {
	from := bot.Address{Channel: bot.WeChat, ID: "own-" + w.name}
	c, err := w.Identify(ctx, from, monday)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("chat-%s-%d", w.name, n)
	receipt, err := w.Accept(ctx, c.ID, bot.Inbound{From: from, Key: key, At: monday, Text: key})
	if err != nil {
		return err
	}
	conv, err := w.Conversation(ctx, c.ID)
	if err != nil {
		return err
	}
	var out bot.OutgoingID
	err = w.Commit(ctx, func(tx bot.Tx) error {
		conv := conv.Clone()
		_, err1 := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: key})
		var err2 error
		out, err2 = tx.Enqueue(receipt.ID, bot.Outgoing{Citizen: c.ID, To: from, Due: monday, From: "bot", Reply: bot.Reply{Text: key}}, time.Minute)
		return errors.Join(err1, err2, tx.SaveConversation(&conv), tx.Answered(receipt.ID))
	})
	if err != nil {
		return err
	}
	return w.say("= chat %s %s %d %d", from.ID, key, conv.Version+1, out)
}

func refused(err error) bool {
	for _, r := range []error{booking.ErrFull, booking.ErrSameService, booking.ErrTooMany} {
		if errors.Is(err, r) {
			return true
		}
	}
	return false
}

// deed books, moves or cancels; before and after tell of it.
func (w *worker) deed(c bot.Citizen, key string) (deed func(bot.Tx) error, before, after func() error) {
	ctx := context.Background()
	service, hall := []string{"a", "b"}[rand.IntN(2)], []string{"city", "humen"}[rand.IntN(2)]
	date := []string{"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"}[rand.IntN(5)]
	clock := []string{"11:00", "15:00", "16:00"}[rand.IntN(3)]
	place := hall + "/" + date + "/" + clock
	nothing := func() error { return nil }
	ack := func() error { return w.say("= appointment %s %s", w.number, w.place) }
	if w.number == "" {
		var a booking.Appointment
		return func(tx bot.Tx) (err error) {
				a, err = w.Book(ctx, tx, booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: key, Service: service, Hall: hall, Date: date, Time: clock,
					Name: bot.Secret(fmt.Sprintf("人%d", rand.IntN(60))), Phone: "13800000000", Now: monday})
				return err
			}, nothing, func() error {
				w.number, w.place = a.Number, place
				return ack()
			}
	}
	number := w.number
	if rand.IntN(2) == 0 {
		return func(tx bot.Tx) error { _, err := w.Cancel(ctx, tx, number, monday); return err },
			func() error { return w.say("? appointment %s cancelled", number) },
			func() error {
				w.place = "cancelled"
				err := ack()
				w.number = ""
				return err
			}
	}
	return func(tx bot.Tx) error { _, err := w.Move(ctx, tx, number, hall, date, clock, monday); return err },
		func() error { return w.say("? appointment %s %s", number, place) },
		func() error { w.place = place; return ack() }
}

// told keeps what the killed processes acknowledged.
type acknowledged struct {
	appointments map[string]string   // number → where it is, or "cancelled"
	tried        map[string][]string // what may have been done besides
	messages     map[string][2]string
	tickets      map[string]bool
	replies      map[string]bool
	chats        map[string][]string // openid → keys of turns that only talked, in order
}

func (a *acknowledged) read(line string) {
	f := strings.Fields(line)
	switch {
	case len(f) == 4 && f[0] == "?":
		a.tried[f[2]] = append(a.tried[f[2]], f[3])
	case len(f) == 4 && f[1] == "appointment":
		a.appointments[f[2]] = f[3]
		delete(a.tried, f[2])
	case len(f) == 5 && f[1] == "message":
		a.messages[f[3]] = [2]string{f[2], f[4]}
	case len(f) == 6 && f[1] == "done":
		a.tickets[f[2]], a.replies[f[5]] = true, true
	case len(f) == 6 && f[1] == "chat":
		a.chats[f[2]] = append(a.chats[f[2]], f[3])
		a.replies[f[5]] = true
	}
}

// TestKill kills a booking process at random moments, again and again on the
// same records, and looks for everything it had acknowledged.
func TestKill(t *testing.T) {
	rounds := 4
	if os.Getenv("GUANJIA_PROVE") != "" {
		rounds = 200
	}
	total := 0
	for done := 0; done < rounds; {
		dir := t.TempDir()
		a := &acknowledged{map[string]string{}, map[string][]string{}, map[string][2]string{}, map[string]bool{}, map[string]bool{}, map[string][]string{}}
		for range min(20, rounds-done) {
			killOnce(t, dir, a)
			a.check(t, dir)
			if done++; t.Failed() {
				t.Fatalf("after kill %d", done)
			}
		}
		total += len(a.tickets)
	}
	if total < 10*rounds {
		t.Fatalf("%d turns acknowledged in %d rounds: too few to prove anything", total, rounds)
	}
	t.Logf("%d kills, %d turns acknowledged, none lost", rounds, total)
}

// killOnce starts a process, lets it work for a random while, and kills it.
func killOnce(t *testing.T, dir string, a *acknowledged) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	pipe, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(pipe)
	enough := 1 + rand.IntN(2000)
	for n := 0; lines.Scan(); n++ {
		a.read(lines.Text())
		if n == enough {
			must(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err == nil || complaint.Len() > 0 {
		t.Fatalf("the process ended by itself: %v: %s", err, complaint.String())
	}
}

// check opens the records that were left and holds them against what was
// acknowledged.
func (a *acknowledged) check(t *testing.T, dir string) {
	t.Helper()
	ctx := context.Background()
	s := open(t, dir)
	defer func() { must(t, s.Close()) }()
	a.checkAppointments(t, s)
	filed := map[string]bool{}
	all, err := s.AllTickets(ctx)
	must(t, err)
	for _, v := range all {
		filed[v.Number] = true
	}
	for number := range a.tickets {
		if !filed[number] && number != noTicket {
			t.Errorf("ticket %s is lost", number)
		}
	}
	for key, m := range a.messages {
		c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: m[0]}, monday)
		must(t, err)
		r, err := s.Accept(ctx, c.ID, bot.Inbound{From: bot.Address{Channel: bot.WeChat, ID: m[0]}, Key: key, At: monday})
		if err != nil || !r.Repeat || fmt.Sprint(r.ID) != m[1] {
			t.Errorf("message %s is lost: %+v %v", key, r, err)
		}
	}
	a.checkChats(t, s)
	a.checkFile(t, dir)
}

// checkChats: of turns that only talked every acknowledged one is there once,
// in order, with its answer; the last may be there without having been
// acknowledged.
func (a *acknowledged) checkChats(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	for openID, keys := range a.chats {
		from := bot.Address{Channel: bot.WeChat, ID: openID}
		c, err := s.Identify(ctx, from, monday)
		must(t, err)
		lines, err := s.Lines(ctx, c.ID, 0, 100_000)
		must(t, err)
		conv, err := s.Conversation(ctx, c.ID)
		if err != nil || len(lines) < len(keys) || len(lines) > len(keys)+1 || conv.Version != int64(len(lines)) {
			t.Errorf("%s has %d lines of %d acknowledged at version %d: %v", openID, len(lines), len(keys), conv.Version, err)
			continue
		}
		for i, key := range keys {
			if lines[i].Text != key {
				t.Errorf("%s's line %d is %q, not %q", openID, i, lines[i].Text, key)
			}
		}
		last := keys[len(keys)-1]
		r, err := s.Accept(ctx, c.ID, bot.Inbound{From: from, Key: last, At: monday})
		if err != nil || !r.Answered || len(r.Out) != 1 || r.Out[0].Reply.Text != last {
			t.Errorf("%s is answered %+v: %v", last, r, err)
		}
	}
	clear(a.chats) // the next process talks as others
}

func (a *acknowledged) checkAppointments(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	all, err := s.AllAppointments(ctx)
	must(t, err)
	at := map[string]string{}
	taken, active, sameDay := map[string]int{}, map[string]int{}, map[string]int{}
	for _, v := range all {
		at[v.Number] = v.Hall + "/" + v.Date + "/" + v.Time
		if v.Status == booking.Cancelled {
			at[v.Number] = "cancelled"
			continue
		}
		taken[v.Service+"/"+at[v.Number]]++
		active[v.Name.Reveal()]++
		if sameDay[v.Name.Reveal()+v.Service+v.Date]++; sameDay[v.Name.Reveal()+v.Service+v.Date] > 1 || active[v.Name.Reveal()] > 3 {
			t.Errorf("%s goes beyond the limits of the person served", v.Number)
		}
	}
	for number, where := range a.appointments {
		possible := append([]string{where}, a.tried[number]...)
		if got := at[number]; !strings.Contains(strings.Join(possible, " "), got) || got == "" {
			t.Errorf("appointment %s is %q, acknowledged was %q", number, got, possible)
		}
		a.appointments[number] = at[number] // nobody will touch it again
	}
	clear(a.tried)
	openings, err := s.Openings(ctx, booking.Query{})
	must(t, err)
	for _, o := range openings {
		if n := taken[o.Service+"/"+o.Hall+"/"+o.Date+"/"+o.Time]; n != o.Capacity-o.Remaining || n > o.Capacity {
			t.Errorf("%d appointments for %d places of %d at %v", n, o.Capacity-o.Remaining, o.Capacity, o)
		}
	}
}

// checkFile asks the database whether it is sound, and for the replies.
func (a *acknowledged) checkFile(t *testing.T, dir string) {
	t.Helper()
	db := database(t, dir)
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %s %v", verdict, err)
	}
	rows, err := db.Query("SELECT id FROM outbox")
	must(t, err)
	defer rows.Close()
	kept := map[string]bool{}
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		kept[id] = true
	}
	must(t, rows.Err())
	for id := range a.replies {
		if !kept[id] {
			t.Errorf("reply %s is lost", id)
		}
	}
}
