package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"

	"guanjia/bot/booking"
	"guanjia/bot/store/pgtest"
)

// BenchmarkPostgreSQL is BenchmarkBooking and the turns on PostgreSQL, which
// waits for the disk at each commit, and beside them in the same run on the
// same server what else could be had: a transaction for each booking. The
// processor time is that of this process, without the server.
func BenchmarkPostgreSQL(b *testing.B) {
	server := pgtest.Server{Durable: true}
	defer func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	}()
	c := openCityIn(b, server.Database(b, "city"))
	b.Run("uniform", func(b *testing.B) { closedLoop(b, clients, func() error { return c.book(false) }) })
	b.Run("hot", func(b *testing.B) { closedLoop(b, clients, func() error { return c.book(true) }) })
	b.Run("talk", func(b *testing.B) { closedLoop(b, clients, c.talk) })
	b.Run("commit", func(b *testing.B) {
		closedLoop(b, clients, func() error { return c.turn(c.request(false), 0) })
	})
	db := naiveCity(b, server.Database(b, "naive"))
	defer db.Close()
	for _, n := range []int{32, clients / 4} {
		for _, hot := range []bool{false, true} {
			b.Run(fmt.Sprintf("naive/%d/hot=%v", n, hot), func(b *testing.B) {
				db.SetMaxOpenConns(n)
				db.SetMaxIdleConns(n)
				closedLoop(b, n, func() error {
					opening := 0
					if !hot {
						opening = 1 + rand.IntN(weekOpenings)
					}
					return naivePostgres(db, opening, c.request(hot))
				})
			})
		}
	}
	c.balanced(b)
}

func naiveCity(b *testing.B, url string) *sql.DB {
	b.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []string{
		"CREATE TABLE opening (id INT PRIMARY KEY, remaining INT NOT NULL CHECK (remaining >= 0))",
		"CREATE TABLE appointment (id BIGSERIAL PRIMARY KEY, opening INT, person TEXT, body TEXT, key TEXT UNIQUE)",
		"CREATE INDEX appointment_person ON appointment(person)",
		"INSERT INTO opening SELECT i, CASE i WHEN 0 THEN 1 << 30 ELSE 20 END FROM generate_series(0, 1170662) i",
		"ANALYZE",
	} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	return db
}

func naivePostgres(db *sql.DB, opening int, r booking.Request) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	person := r.Name.Reveal() + r.Phone.Reveal()
	active := 0
	if err := tx.QueryRow("SELECT COUNT(*) FROM appointment WHERE person = $1", person).Scan(&active); err != nil || active >= 3 {
		return err
	}
	done, err := tx.Exec("UPDATE opening SET remaining = remaining - 1 WHERE id = $1 AND remaining > 0", opening)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	body := fmt.Sprintf(`{"name":%q,"phone":%q,"service":%q,"hall":%q,"date":%q,"time":%q,"status":"booked"}`,
		r.Name.Reveal(), r.Phone.Reveal(), r.Service, r.Hall, r.Date, r.Time)
	if _, err := tx.Exec("INSERT INTO appointment (opening, person, body, key) VALUES ($1, $2, $3, $4)", opening, person, body, r.Key); err != nil {
		return err
	}
	return tx.Commit()
}
