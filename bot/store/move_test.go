package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// TestMove moves an installation into a database: what it shows afterwards is
// what it showed before, it goes on numbering, and a row that comes out
// otherwise stops the move, which then leaves nothing.
func TestMove(t *testing.T) {
	dir, url := t.TempDir(), store.Server.Database(t, t.Name())
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	must(t, err)
	must(t, s.SavePlan(t.Context(), killPlan()))
	_, err = s.ReleaseOpenings(t.Context(), monday)
	must(t, err)
	shut := func(s *store.Store, i int) error {
		return s.Change(t.Context(), booking.Change{Closure: &booking.Closure{Hall: "humen", From: fmt.Sprint("2026-12-0", i+1), To: "2026-12-09", Reason: "检修"}}, store.Author{By: "test", Reason: "检修", At: monday})
	}
	number := ""
	for i := range 3 {
		c, err := s.Identify(t.Context(), bot.Address{Channel: bot.WeChat, ID: fmt.Sprint("o", i)}, monday)
		must(t, err)
		must(t, s.Commit(t.Context(), func(tx bot.Tx) error {
			a, err := s.Book(t.Context(), tx, booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: "k", Service: "a", Hall: "city", Date: "2026-11-24", Time: "15:00",
				Name: bot.Secret(fmt.Sprint("人", i)), Phone: "13800000000", Now: monday})
			if err != nil {
				return err
			}
			number = a.Number
			_, err = s.File(t.Context(), tx, ticket.Ticket{Citizen: c.ID, Kind: ticket.Report, Type: ticket.Complaint, Title: "噪\x00音\xff", Key: "k", Text: "太吵了", CreatedAt: monday, DueAt: monday})
			return err
		}))
		must(t, s.Audit(t.Context(), bot.AuditEntry{At: monday, Actor: "command", Deed: "test"}))
		must(t, shut(s, i))
	}
	shows := func(s *store.Store) []any {
		appointments, err := s.AllAppointments(t.Context())
		must(t, err)
		tickets, err := s.AllTickets(t.Context())
		must(t, err)
		for i := range tickets {
			tickets[i].Title = "" // its bytes are no text, see below
		}
		openings, err := s.Openings(t.Context(), booking.Query{Service: "a"})
		must(t, err)
		who, err := s.Identify(t.Context(), bot.Address{Channel: bot.WeChat, ID: "o1"}, monday)
		must(t, err)
		return []any{appointments, tickets, openings, who}
	}
	before := shows(s)
	must(t, s.Close())

	db, err := sql.Open("pgx", url)
	must(t, err)
	defer db.Close()
	o := store.Options{Dir: dir, Database: url}
	told := map[string]store.Moving{}
	progress := func(m store.Moving) { told[m.Table] = m }
	// A database that keeps something else than it was given.
	s, err = store.Open(t.Context(), store.Options{Dir: t.TempDir(), Database: url})
	must(t, err)
	must(t, s.Close())
	if _, err := store.Move(t.Context(), o, progress); !errors.Is(err, store.ErrRecordsThere) {
		t.Fatalf("into records: %v", err)
	}
	_, err = db.Exec(`TRUNCATE installation; CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.town := 'elsewhere'; RETURN NEW; END $$;
		CREATE TRIGGER other BEFORE INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION other()`)
	must(t, err)
	if _, err := store.Move(t.Context(), o, progress); !errors.Is(err, store.ErrDiffers) {
		t.Fatalf("with a row that comes out otherwise: %v", err)
	}
	var left int
	must(t, db.QueryRow("SELECT (SELECT COUNT(*) FROM citizen) + (SELECT COUNT(*) FROM installation)").Scan(&left))
	if left != 0 {
		t.Fatalf("%d rows were left by a move that failed", left)
	}
	_, err = db.Exec("DROP TRIGGER other ON ticket")
	must(t, err)

	rows, err := store.Move(t.Context(), o, progress)
	must(t, err)
	if _, err := store.Open(t.Context(), store.Options{Dir: dir}); !errors.Is(err, store.ErrMoved) {
		t.Errorf("without the database they are in: %v", err)
	}
	if _, err := store.Move(t.Context(), o, progress); !errors.Is(err, store.ErrMoved) {
		t.Errorf("moved again: %v", err)
	}
	if m := told["appointment"]; m != (store.Moving{Table: "appointment", Copied: 3, Equal: 3, Rows: 3}) || rows < 20 {
		t.Errorf("%d rows, progress %+v", rows, m)
	}
	if _, err := os.Stat(filepath.Join(dir, "guanjia.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file with the records is still where it is opened from")
	}
	s, err = store.Open(t.Context(), o)
	must(t, err)
	defer s.Close()
	if after := shows(s); !reflect.DeepEqual(after, before) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	all, err := s.AllTickets(t.Context())
	must(t, err)
	if all[0].Title != "噪\uFFFD音\uFFFD" {
		t.Errorf("what is no text became %q", all[0].Title)
	}
	must(t, shut(s, 3)) // under the next number
	must(t, s.Commit(t.Context(), func(tx bot.Tx) error { _, err := s.Cancel(t.Context(), tx, number, monday); return err }))
	_, _, err = s.VerifyAudit(t.Context())
	must(t, err)
}
