package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/outcall"
	"guanjia/bot/outreach"
	"guanjia/bot/ticket"
)

// TestSealedColumns: each column that can hold bytes is declared as sealed
// under citizens' keys, or is named here with what else it holds; and what the
// package seals is what is declared.
func TestSealedColumns(t *testing.T) {
	others := map[string]string{
		"installation.body": "the installation's key", "citizen.key": "the installation's key", "citizen.key_before": "the installation's key",
		"factor.secret": "the installation's key", "upload.body": "the installation's key",
		"identity.hash": "a blind index", "inbox.hash": "a blind index", "lesson.digest": "a blind index", "place.hash": "a blind index",
		"appointment.person": "a blind index", "waiting.person": "a blind index", "appeal.person": "a blind index", "pardon.person": "a blind index",
		"outcall.phone": "a blind index", "outcall_try.phone": "a blind index", "no_call.phone": "a blind index",
		"session.hash": "of a random token", "visit.hash": "of a random token", "recovery.hash": "of a random code", "api_key.hash": "of a random key",
		"api_request.token": "of a random token", "audit.hash": "the chain", "release.plan": "of halls, services and periods", "passkey.id": "public",
	}
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var declared []string
	for _, c := range sealedColumns() {
		declared = append(declared, c.name())
	}
	slices.Sort(declared)
	var sealed []string
	for table, columns := range columnsOf(t, s.reads, `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'BLOB' ORDER BY m.name, c.cid`) {
		for _, column := range columns {
			name := table + "." + column
			if others[name] == "" {
				sealed = append(sealed, name)
			}
			delete(others, name)
		}
	}
	slices.Sort(sealed)
	if !slices.Equal(sealed, declared) {
		t.Errorf("the schema has %v\nsealedColumns    %v", sealed, declared)
	}
	if len(others) > 0 {
		t.Errorf("not in the schema: %v", slices.Collect(maps.Keys(others)))
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`\bsealJSON\([^,]+, "([^"]+)"`).FindAllStringSubmatch(read(t, file), -1) {
			used[m[1]] = true
		}
	}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, declared) {
		t.Errorf("sealed are   %v\nsealedColumns %v", got, declared)
	}
}

// sealedOf are all values under citizens' keys, opened: with the key alone, or
// with the former one too.
func sealedOf(t *testing.T, s *Store, alone bool) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, c := range sealedColumns() {
		query := strings.Replace(c.page(true, 100_000), "CASE WHEN c.key_before IS NOT NULL THEN t."+c.column+" END", "t."+c.column, 1)
		keys, bound := len(c.key), len(c.bound())
		err := s.rows(t.Context(), query, func(scan func(...any) error) error {
			values := make([]any, keys+bound)
			into := make([]any, len(values))
			for i := range values {
				into[i] = &values[i]
			}
			var citizen bot.CitizenID
			var value, key, before []byte
			if err := scan(append(into, &citizen, &value, &key, &before)...); err != nil {
				return err
			}
			if len(value) == 0 || len(key) == 0 {
				return nil
			}
			if alone && before != nil {
				return fmt.Errorf("the former key of %s is still there", citizen)
			}
			ciphers, err := s.ring.unwrapped(citizen, key, before)
			if err != nil {
				return err
			}
			row := rowOf(values[keys:])
			plain, err := unseal(ciphers.AEAD, c.name(), row, value)
			if err != nil && ciphers.before != nil {
				plain, err = unseal(ciphers.before, c.name(), row, value)
			}
			if err != nil {
				return fmt.Errorf("%s of %s: %w", c.name(), row, err)
			}
			all[c.name()+" "+rowOf(values)+" "+string(citizen)] = string(plain)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// tellAll puts something into every sealed column.
func tellAll(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.SavePlan(ctx, Plan{Halls: []booking.Hall{{ID: "humen"}}, Services: []booking.Service{{ID: "permit"}}, Periods: []Period{{Time: "11:00", Capacity: 1}, {Time: "15:00", Capacity: 1}}}))
	from := bot.Address{Channel: bot.WeChat, ID: "openid"}
	c, err := s.Identify(ctx, from, journalMonday)
	must(err)
	c.Name, c.Phone = "欧阳小荷", "13912345678"
	request := func(key, date, clock string, now time.Time) booking.Request {
		return booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: key, Service: "permit", Hall: "humen", Date: date, Time: clock, Name: c.Name, Phone: c.Phone, Now: now}
	}
	book := func(r booking.Request) (a booking.Appointment) {
		t.Helper()
		_, err := s.ReleaseOpenings(ctx, r.Now)
		must(err)
		must(s.Commit(ctx, func(tx bot.Tx) error { a, err = s.Book(ctx, tx, r); return err }))
		return a
	}
	now := journalMonday
	for i := range 3 { // missed, so that there is something to appeal against
		book(request(fmt.Sprint("missed", i), now.AddDate(0, 0, 1).Format(time.DateOnly), "15:00", now))
		now = now.AddDate(0, 0, 7)
		_, err := s.MarkNoShows(ctx, now)
		must(err)
	}
	day := now.AddDate(0, 0, 1).Format(time.DateOnly)
	other := request("served", day, "15:00", now)
	other.Name = "另一位"
	number := book(other).Number
	open := now.AddDate(0, 0, 1)
	v, err := s.CheckIn(ctx, number, "humen", open.Add(5*time.Hour))
	must(err)
	_, err = s.CallNext(ctx, "humen", "1", nil, open.Add(5*time.Hour))
	must(err)
	_, err = s.EndArrival(ctx, v.ID, booking.ArrivalServed, open.Add(6*time.Hour))
	must(err)
	full := request("wait", now.AddDate(0, 0, 2).Format(time.DateOnly), "11:00", now)
	full.Name = "第三位"
	book(full)
	full.Name, full.Key = "第四位", "wait2"
	_, err = s.Accept(ctx, c.ID, bot.Inbound{From: from, Key: "m1", At: now, Text: "还没回答"})
	must(err)
	must(s.Commit(ctx, func(tx bot.Tx) error {
		must(s.Rate(ctx, tx, number, booking.Opinion{Stars: 5, Words: "办得快", At: now}))
		_, err := s.Wait(ctx, tx, full)
		must(err)
		must(s.Appeal(ctx, tx, booking.Appeal{Citizen: c.ID, Name: c.Name, Phone: c.Phone, Words: "那天住院了", At: now}))
		filed, err := s.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Kind: ticket.Help, Type: ticket.Assistance, Category: "aids", Title: "急难求助", Key: "k",
			Town: "humen", Text: "轮椅坏了", Address: "虎门大道88号", Name: c.Name, Phone: c.Phone, CreatedAt: now, DueAt: now})
		must(err)
		_, err = (&ticket.Office{Books: s}).DoIn(ctx, tx, filed.Number, ticket.Command{Action: ticket.DoUrge, By: ticket.Actor{Role: ticket.RoleCitizen}, At: now, Words: "还没人来"})
		must(err)
		must(s.KeepWish(ctx, tx, ticket.Wish{Number: filed.Number, Town: "humen", Category: "aids", Needs: []string{"aids"}, Text: "一把轮椅", Status: ticket.WishOpen, CreatedAt: now}))
		_, _, err = s.EnterClaim(ctx, tx, ticket.Claim{Wish: filed.Number, By: c.ID, As: ticket.Resident, Status: ticket.ClaimHeld, Name: c.Name, Phone: c.Phone, At: now, Key: "c1"})
		must(err)
		must(s.AddDonor(ctx, tx, ticket.Offer{Citizen: c.ID, As: ticket.Resident, Needs: []string{"aids"}, Name: c.Name, Phone: c.Phone, At: now, Key: "d1"}))
		_, _, err = s.EnterWord(ctx, tx, ticket.Word{Wish: filed.Number, By: c.ID, Text: "谢谢", Status: ticket.WordWaiting, At: now, Key: "w1"})
		must(err)
		_, err = tx.Keep(c.ID, bot.Attachment{Kind: "image", Type: "image/png", Bytes: []byte("picture")}, now)
		must(err)
		_, err = tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: now, Text: "轮椅坏了"})
		must(err)
		_, err = tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, To: from, Due: now, From: "bot", Reply: bot.Reply{Text: "记下了"}}, 0)
		must(err)
		_, err = tx.OpenHandoff(bot.Handoff{Citizen: c.ID, Channel: bot.WeChat, Reason: bot.ReasonAsked, Summary: "想问轮椅", At: now})
		must(err)
		must(tx.Consent(bot.SeparateConsent{ID: "consent1", Citizen: c.ID, About: bot.OfSensitive, Errand: bot.RequestHelp, What: "病情", Asked: "可以写吗", Channel: bot.WeChat, At: now}))
		must(tx.(*Tx).KeepLesson(bot.Lesson{Citizen: c.ID, Text: "椅子", Was: bot.FileReport, Intent: bot.RequestHelp, At: now}))
		must(s.Miss(ctx, tx, bot.Missed{Citizen: c.ID, Channel: bot.WeChat, Reason: bot.MissNoGuide, Words: "轮椅去哪领", At: now}))
		must(s.FollowPolicies(ctx, tx, outreach.Subscription{Citizen: c.ID, Profile: map[string]string{"size": "small"}, To: from, CreatedAt: now}))
		must(s.OrderCall(ctx, tx, outcall.Order{Key: "call1", Citizen: c.ID, Kind: outcall.FollowUp, Ref: filed.Number, Phone: c.Phone, Text: "回访", State: outcall.Waiting, NextAt: now, Until: now, At: now}))
		conv := bot.Conversation{Citizen: c.ID, Handling: bot.ByBot, Address: from, LastAt: now}
		return errors.Join(tx.SaveConversation(&conv), tx.SaveCitizen(c))
	}))
	must(s.SaveSample(ctx, bot.Sample{Handoff: 1, Citizen: c.ID, Operator: "amy", By: "sun", At: now, Marks: []int{5}, Words: "多问一句"}))
}

// TestReseal carries what is sealed in every column from AES to SM4 and back,
// while citizens talk, and somebody else is forgotten: what was said is there
// word for word, under the new key alone.
func TestReseal(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { testReseal(t, "") })
	t.Run("postgresql", func(t *testing.T) {
		ModelSchema(t)
		testReseal(t, Server.Database(t, t.Name()))
	})
}

func testReseal(t *testing.T, database string) {
	ctx, dir := t.Context(), t.TempDir()
	open := func(o Options) *Store {
		o.Dir, o.Database = dir, database
		s, err := Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open(Options{})
	defer func() { s.Close() }()
	tellAll(t, s)
	gone := talk(t, s, "gone")
	gone.turn(0)
	if err := s.Forget(ctx, gone.id); err != nil {
		t.Fatal(err)
	}
	var said [3]*talker
	for i := range said {
		said[i] = talk(t, s, fmt.Sprintf("talker%d", i))
		for n := range 20 {
			said[i].turn(n)
		}
	}
	before := sealedOf(t, s, true)
	turns := 20
	for _, cipher := range []string{"sm4", "aes"} {
		if err := s.RotateKey(ctx, journalMonday, cipher, nil); err != nil {
			t.Fatal(err)
		}
		reader := open(Options{ReadOnly: true})
		if _, err := reader.Lines(ctx, said[0].id, 0, 10); err != nil { // its cipher is the former key's from now on
			t.Fatal(err)
		}
		var talking sync.WaitGroup
		for _, c := range said {
			talking.Go(func() {
				for n := range 20 {
					if _, err := c.try(turns + n); err != nil {
						t.Errorf("turn %d beside it: %v", turns+n, err)
					}
					if _, err := s.Lines(ctx, c.id, 0, 1000); err != nil {
						t.Errorf("reading beside it: %v", err)
					}
				}
			})
		}
		done, err := s.Reseal(ctx, journalMonday, time.Millisecond, nil)
		if err != nil {
			t.Fatal(err)
		}
		talking.Wait()
		turns += 20
		if done.Cipher != cipher || done.Citizens != 1+len(said) || done.Unopened != 0 {
			t.Errorf("%+v", done)
		}
		if len(done.Values) != len(sealedColumns()) {
			t.Errorf("%d columns were gone through", len(done.Values))
		}
		for column, n := range done.Values {
			if n == 0 && !slices.Contains([]string{"inbox.body", "conversation.state"}, column) {
				t.Errorf("to %s: nothing of %s went over", cipher, column)
			}
		}
		after := sealedOf(t, s, true)
		for value, plain := range before {
			if strings.HasPrefix(value, "conversation.state") || strings.HasPrefix(value, "inbox.body") {
				continue // talking changed them
			}
			if after[value] != plain {
				t.Errorf("to %s: %s is %q instead of %q", cipher, value, after[value], plain)
			}
		}
		if lines, err := reader.Lines(ctx, said[0].id, 0, 10); err != nil || len(lines) != 10 || lines[0].Text != "第0句" {
			t.Errorf("another process, with the former key: %d lines: %v", len(lines), err)
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
		if state, err := s.KeyState(ctx); err != nil || state.Moving != 0 || state.Sealed[slices.IndexFunc(state.Sealed, func(v SealedWith) bool { return v.Cipher == cipher })].Citizens != 1+len(said) {
			t.Errorf("%+v: %v", state, err)
		}
		if again, err := s.Reseal(ctx, journalMonday, time.Millisecond, nil); err != nil || again.Citizens != 0 {
			t.Errorf("again: %+v: %v", again, err)
		}
	}
	for _, c := range said {
		lines, err := s.Lines(ctx, c.id, 0, 1000)
		if err != nil || len(lines) != turns {
			t.Errorf("%d lines: %v", len(lines), err)
		}
	}
	if _, err := s.Lines(ctx, gone.id, 0, 1); !errors.Is(err, ErrForgotten) {
		t.Errorf("who was forgotten: %v", err)
	}
	if _, _, err := s.VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
	if last, found, err := s.LastDeed(ctx, bot.AuditReseal); err != nil || !found || last.Subject != "aes" {
		t.Errorf("in the trail: %+v %v: %v", last, found, err)
	}
}

// ResealingDir names the data directory of a process that changes its cipher
// until it is killed.
const ResealingDir = "GUANJIA_RESEAL_DIR"

// ResealForever lets citizens talk while what they said goes to and fro between
// the ciphers, and writes a line for each turn that was acknowledged.
func ResealForever(dir string, acks io.Writer) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute) // in case nobody kills it
	defer stop()
	s, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	faults := make(chan error, 5)
	for i := range 4 {
		go func() {
			from := bot.Address{Channel: bot.WeChat, ID: fmt.Sprintf("own-%d-%d", os.Getpid(), i)}
			c, err := s.Identify(ctx, from, journalMonday)
			for n := 0; err == nil; n++ {
				if _, err = (&talker{nil, s, c.ID, from}).try(n); err == nil {
					mu.Lock()
					_, err = fmt.Fprintln(acks, from.ID, n)
					mu.Unlock()
				}
			}
			faults <- err
		}()
	}
	go func() {
		for i := 0; ; i++ {
			err := s.RotateKey(ctx, journalMonday, []string{"sm4", "aes"}[i%2], nil)
			if err == nil {
				_, err = s.Reseal(ctx, journalMonday, time.Millisecond, nil)
			}
			if err != nil {
				faults <- err
				return
			}
		}
	}()
	return <-faults
}

// TestKillReseal kills a process that carries its records from cipher to cipher,
// again and again on the same records: all that was acknowledged opens, and
// going on brings the records to one cipher.
func TestKillReseal(t *testing.T) {
	rounds := 4
	if os.Getenv("GUANJIA_PROVE") != "" {
		rounds = 100
	}
	ctx, dir, heard, moving := t.Context(), t.TempDir(), map[string]int{}, 0
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range rounds {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), ResealingDir+"="+dir)
		var complaint strings.Builder
		cmd.Stderr = &complaint
		pipe, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(pipe)
		enough := 50 + rand.IntN(200)
		for n := 0; lines.Scan(); n++ {
			var who string
			var turn int
			if _, err := fmt.Sscan(lines.Text(), &who, &turn); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			if heard[who] = turn + 1; n == enough {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || complaint.Len() > 0 {
			t.Fatalf("the process ended by itself: %v: %s", err, complaint.String())
		}
		s, err := Open(ctx, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		sealedOf(t, s, false)
		for who, turns := range heard {
			c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: who}, journalMonday)
			if err != nil {
				t.Fatal(err)
			}
			if said, err := s.Lines(ctx, c.ID, 0, 10_000); err != nil || len(said) < turns {
				t.Fatalf("%s: %d lines of %d: %v", who, len(said), turns, err)
			}
		}
		state, err := s.KeyState(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if state.Changing {
			if err := s.RotateKey(ctx, journalMonday, "", nil); err != nil {
				t.Fatal(err)
			}
		}
		if moving += state.Moving; rand.IntN(2) == 0 { // otherwise the next process finds it half done
			if done, err := s.Reseal(ctx, journalMonday, time.Millisecond, nil); err != nil || done.Unopened > 0 {
				t.Fatalf("going on: %+v: %v", done, err)
			}
			sealedOf(t, s, true)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d citizens met on the way", rounds, moving)
}
