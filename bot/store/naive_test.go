package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"guanjia/bot/booking"
)

// naive books as a first draft would: a pool of connections, one transaction
// for each booking, plain particulars, no change for the desk.
func naive(b *testing.B, c *city, n int, hot bool) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "naive.db")+
		"?_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_busy_timeout=60000")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	for _, q := range []string{
		"CREATE TABLE opening (id INTEGER PRIMARY KEY, remaining INTEGER NOT NULL CHECK (remaining >= 0))",
		"CREATE TABLE appointment (id INTEGER PRIMARY KEY, opening INTEGER, person TEXT, body TEXT, key TEXT UNIQUE)",
		"CREATE INDEX appointment_person ON appointment(person)",
		`INSERT INTO opening WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1170662)
			SELECT i, CASE i WHEN 0 THEN 1 << 30 ELSE 20 END FROM n`,
	} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	closedLoop(b, n, func() error {
		opening := 0
		if !hot {
			opening = 1 + rand.IntN(weekOpenings)
		}
		return naiveBook(db, opening, c.request(hot))
	})
}

func naiveBook(db *sql.DB, opening int, r booking.Request) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	person := r.Name.Reveal() + r.Phone.Reveal()
	active := 0
	if err := tx.QueryRow("SELECT COUNT(*) FROM appointment WHERE person = ?", person).Scan(&active); err != nil || active >= 3 {
		return err
	}
	done, err := tx.Exec("UPDATE opening SET remaining = remaining - 1 WHERE id = ? AND remaining > 0", opening)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	body := fmt.Sprintf(`{"name":%q,"phone":%q,"service":%q,"hall":%q,"date":%q,"time":%q,"status":"booked"}`,
		r.Name.Reveal(), r.Phone.Reveal(), r.Service, r.Hall, r.Date, r.Time)
	if _, err := tx.Exec("INSERT INTO appointment (opening, person, body, key) VALUES (?, ?, ?, ?)", opening, person, body, r.Key); err != nil {
		return err
	}
	return tx.Commit()
}

// fdatasync appends a page and waits until the disk has it.
func fdatasync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "pages"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	closedLoop(b, 1, func() error {
		if _, err := f.Write(page); err != nil {
			return err
		}
		return syscall.Fdatasync(int(f.Fd()))
	})
}
