package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/store/pgtest"
	"guanjia/bot/ticket"
)

// ledger is what clients were told about their bookings.
type ledger struct {
	mu      sync.Mutex
	told    map[string]bool // number → still booked
	maybe   map[string]bool // cancelled, or not
	unknown int             // bookings of which nothing is known
	failed  int
	last    error
}

// TestDatabaseLost takes the session away from the writer again and again, and
// kills the server, while clients book, cancel and file. What was acknowledged
// is there, what was refused is not, and what is decided in memory is what the
// tables say.
func TestDatabaseLost(t *testing.T) {
	server := pgtest.Server{Durable: true}
	defer func() { must(t, server.Stop()) }()
	url, dir := server.Database(t, t.Name()), t.TempDir()
	openHere := func() *store.Store {
		s, err := store.Open(context.Background(), store.Options{Dir: dir, Database: url})
		must(t, err)
		return s
	}
	s := openHere()
	plan := killPlan()
	for i := range plan.Periods {
		plan.Periods[i].Capacity = 100
	}
	must(t, s.SavePlan(t.Context(), plan))
	_, err := s.ReleaseOpenings(t.Context(), monday)
	must(t, err)
	l := &ledger{told: map[string]bool{}, maybe: map[string]bool{}}
	var stopped atomic.Bool
	var clients sync.WaitGroup
	for i := range 16 {
		c, err := s.Identify(t.Context(), bot.Address{Channel: bot.WeChat, ID: fmt.Sprint("o", i)}, monday)
		must(t, err)
		clients.Go(func() {
			for n := 0; !stopped.Load(); n++ {
				l.errand(s, c, fmt.Sprintf("%d-%d", i, n), n)
			}
		})
	}
	for round := range 12 {
		l.await(t, 20)
		if round%6 == 5 {
			must(t, server.Kill())
			must(t, server.Start())
			continue
		}
		_, err := server.Admin().Exec(`SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
			WHERE l.locktype = 'advisory' AND d.datname <> 'postgres'`)
		must(t, err)
	}
	l.await(t, 20) // it goes on
	stopped.Store(true)
	clients.Wait()
	l.check(t, s)
	must(t, s.Close())
	s = openHere()
	l.check(t, s)
	must(t, s.Close())
	t.Logf("%d bookings acknowledged, %d deeds failed, of %d it was not known whether they were done", len(l.told), l.failed, l.unknown+len(l.maybe))
}

// TestFailedOver has clients book and cancel over a slow line, and then the
// server die and a standby take its place. The same is true as of a server that
// comes back.
func TestFailedOver(t *testing.T) {
	var server pgtest.Server
	defer func() { must(t, server.Stop()) }()
	line := newWire(t, server.Database(t, t.Name()))
	standby := server.Standby(t)
	both, err := standby.Beside(line.url)
	must(t, err)
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: both})
	must(t, err)
	plan := killPlan()
	for i := range plan.Periods {
		plan.Periods[i].Capacity = 100
	}
	must(t, s.SavePlan(t.Context(), plan))
	_, err = s.ReleaseOpenings(t.Context(), monday)
	must(t, err)
	l := &ledger{told: map[string]bool{}, maybe: map[string]bool{}}
	var stopped atomic.Bool
	var clients sync.WaitGroup
	for i := range 16 {
		c, err := s.Identify(t.Context(), bot.Address{Channel: bot.WeChat, ID: fmt.Sprint("o", i)}, monday)
		must(t, err)
		clients.Go(func() {
			for n := 0; !stopped.Load(); n++ {
				l.errand(s, c, fmt.Sprintf("%d-%d", i, n), n)
			}
		})
	}
	l.await(t, 20)
	line.slow.Store(int64(100 * time.Millisecond))
	l.await(t, 20)
	if l.failed > 0 {
		t.Errorf("%d deeds failed for a slow line: %v", l.failed, l.last)
	}
	line.slow.Store(0)
	must(t, server.Kill())
	must(t, standby.Promote(t.Context()))
	l.await(t, 20)
	stopped.Store(true)
	clients.Wait()
	l.check(t, s)
	must(t, s.Close())
	t.Logf("%d bookings acknowledged, %d deeds failed, of %d it was not known whether they were done", len(l.told), l.failed, l.unknown+len(l.maybe))
}

// errand books and cancels, and files a ticket now and then.
func (l *ledger) errand(s *store.Store, c bot.Citizen, key string, n int) {
	ctx := context.Background()
	var a booking.Appointment
	err := s.Commit(ctx, func(tx bot.Tx) (err error) {
		a, err = s.Book(ctx, tx, booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: key, Service: "a", Hall: []string{"city", "humen"}[n%2],
			Date: []string{"2026-11-24", "2026-11-25", "2026-11-26"}[n%3], Time: "15:00", Name: bot.Secret(c.ID), Phone: "13800000000", Now: monday})
		if err != nil || n%4 > 0 {
			return err
		}
		_, err = s.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Kind: ticket.Report, Type: ticket.Complaint, Title: "噪音", Key: key, Text: "太吵了", CreatedAt: monday, DueAt: monday})
		return err
	})
	if l.note(err, func() { l.told[a.Number] = true }, func() { l.unknown++ }) != nil {
		return
	}
	for err := error(store.ErrLost); err != nil; { // as a citizen would who must get away
		err = s.Commit(ctx, func(tx bot.Tx) error { _, err := s.Cancel(ctx, tx, a.Number, monday); return err })
		if l.note(err, func() { l.told[a.Number] = false }, func() { l.maybe[a.Number] = true }) != nil && l.over(a.Number) {
			return
		}
	}
}

func (l *ledger) note(err error, done, unknown func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		done()
	case errors.Is(err, store.ErrUnknown):
		unknown()
	case !refused(err):
		l.failed++
		l.last = err
	}
	return err
}

// over says that a booking may have been cancelled by an earlier try.
func (l *ledger) over(number string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.maybe[number]
}

// await waits until so many more bookings were acknowledged.
func (l *ledger) await(t *testing.T, more int) {
	t.Helper()
	count := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.told)
	}
	for until, deadline := count()+more, time.Now().Add(2*time.Minute); count() < until; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bookings acknowledged, and no more for two minutes; last failure: %v", count(), l.last)
		}
	}
}

// check holds the records against what was told.
func (l *ledger) check(t *testing.T, s *store.Store) {
	t.Helper()
	all, err := s.AllAppointments(t.Context())
	must(t, err)
	taken, extra := map[[3]string]int{}, 0
	there := map[string]booking.Status{}
	for _, a := range all {
		there[a.Number] = a.Status
		if _, ok := l.told[a.Number]; !ok {
			extra++
		}
		if a.Status != booking.Cancelled {
			taken[[3]string{a.Hall, a.Date, a.Time}]++
		}
	}
	for number, booked := range l.told {
		status, ok := there[number]
		if !ok || !l.maybe[number] && booked != (status == booking.Booked) {
			t.Errorf("%s was acknowledged (booked: %v) and is %q", number, booked, status)
		}
	}
	if extra > l.unknown {
		t.Errorf("%d appointments nobody was told of, and only %d of which nothing was known", extra, l.unknown)
	}
	openings, err := s.Openings(t.Context(), booking.Query{Service: "a"})
	must(t, err)
	for _, o := range openings {
		if n := taken[[3]string{o.Hall, o.Date, o.Time}]; o.Capacity-o.Remaining != n {
			t.Errorf("%d places taken and %d appointments at %v", o.Capacity-o.Remaining, n, o)
		}
	}
}

// TestCommitInDoubt cuts the line while the database commits: whoever waits is
// told that it is not known, nobody is shown anything, and as soon as the line
// is there again the booking counts if it was committed and only then.
func TestCommitInDoubt(t *testing.T) {
	for _, committed := range []bool{true, false} {
		t.Run(fmt.Sprint("committed ", committed), func(t *testing.T) {
			url := store.Server.Database(t, t.Name())
			line := newWire(t, url)
			s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: line.url})
			must(t, err)
			defer func() { must(t, s.Close()) }()
			must(t, s.SavePlan(t.Context(), killPlan()))
			_, err = s.ReleaseOpenings(t.Context(), monday)
			must(t, err)
			c, err := s.Identify(t.Context(), bot.Address{Channel: bot.WeChat, ID: "o1"}, monday)
			must(t, err)
			db, err := sql.Open("pgx", url)
			must(t, err)
			defer db.Close()
			// A commit that takes long, and where it is to fail, fails.
			_, err = db.Exec(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				PERFORM pg_advisory_lock_shared(1); PERFORM pg_advisory_unlock_shared(1);
				IF ` + fmt.Sprint(!committed) + ` THEN RAISE 'no'; END IF; RETURN NULL; END $$;
				CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON appointment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`)
			must(t, err)
			gate, err := db.Conn(t.Context())
			must(t, err)
			_, err = gate.ExecContext(t.Context(), "SELECT pg_advisory_lock(1)")
			must(t, err)
			request := booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: "k", Service: "a", Hall: "city", Date: "2026-11-24", Time: "15:00",
				Name: "陈女士", Phone: "13800000000", Now: monday}
			told := make(chan error, 1)
			go func() {
				told <- s.Commit(context.Background(), func(tx bot.Tx) error { _, err := s.Book(context.Background(), tx, request); return err })
			}()
			eventually(t, "the commit waits", func() bool {
				var n int
				must(t, db.QueryRow("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").Scan(&n))
				return n > 0
			})
			line.cut(t)
			if err := <-told; !errors.Is(err, store.ErrUnknown) {
				t.Fatalf("who waited was told %v", err)
			}
			left := func() int {
				all, err := s.Openings(t.Context(), booking.Query{Service: "a", Hall: "city", Date: "2026-11-24"})
				must(t, err)
				return all[1].Remaining // at 15:00
			}
			if n := left(); n != 3 {
				t.Errorf("%d places are shown while it is not known", n)
			}
			_, err = gate.ExecContext(t.Context(), "SELECT pg_advisory_unlock(1)") // the database goes on, without us
			must(t, err)
			must(t, gate.Close())
			eventually(t, "the session before has ended", func() bool {
				var n int
				must(t, db.QueryRow("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'").Scan(&n))
				return n == 0
			})
			line.mend(t)
			want := 3
			if committed {
				want = 2
			}
			must(t, s.Commit(t.Context(), func(tx bot.Tx) error { return nil })) // whatever comes next finds out
			if n := left(); n != want {
				t.Errorf("%d places left, want %d", n, want)
			}
			var all []booking.Appointment
			eventually(t, "the pool finds out that the line was cut", func() bool {
				all, err = s.AllAppointments(t.Context())
				return err == nil
			})
			if len(all) != 3-want {
				t.Errorf("%d appointments, want %d", len(all), 3-want)
			}
		})
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// wire stands between the store and the database, and can be cut.
type wire struct {
	url, server string
	mu          sync.Mutex
	listener    net.Listener
	open        []net.Conn
	slow        atomic.Int64 // how long everything is on the way, each time
}

func newWire(t *testing.T, address string) *wire {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	w := &wire{server: u.Host}
	w.mend(t)
	t.Cleanup(func() { w.cut(t) })
	u.Host = w.listener.Addr().String()
	w.url = u.String()
	return w
}

// mend lets connections through, at the same address as before.
func (w *wire) mend(t *testing.T) {
	t.Helper()
	at := "127.0.0.1:0"
	if w.listener != nil {
		at = w.listener.Addr().String()
	}
	l, err := net.Listen("tcp", at)
	must(t, err)
	w.listener = l
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", w.server)
			if err != nil {
				here.Close()
				continue
			}
			w.mu.Lock()
			w.open = append(w.open, here, there)
			w.mu.Unlock()
			go w.carry(there, here)
			go w.carry(here, there)
		}
	}()
}

// carry passes on what comes until either end is closed.
func (w *wire) carry(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		time.Sleep(time.Duration(w.slow.Load()))
		if _, failed := to.Write(buf[:n]); failed != nil || err != nil {
			return
		}
	}
}

func (w *wire) cut(t *testing.T) {
	t.Helper()
	w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.open {
		c.Close()
	}
	w.open = nil
}
