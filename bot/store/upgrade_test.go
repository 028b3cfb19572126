package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
)

// TestUpgradeFromEach takes a database of every earlier schema, with a row in
// every table, to the newest: no migration fails over rows, none loses any, and
// what comes out is what a new installation has.
func TestUpgradeFromEach(t *testing.T) {
	ctx := context.Background()
	fresh := emptyDatabase(t)
	if err := migrate(ctx, fresh, goose.DialectSQLite3, sqliteSteps); err != nil {
		t.Fatal(err)
	}
	want := schemaOf(t, fresh)
	steps := provider(t, fresh).ListSources()
	for _, from := range steps[:len(steps)-1] {
		t.Run(fmt.Sprint(from.Version), func(t *testing.T) {
			db := emptyDatabase(t)
			if _, err := provider(t, db).UpTo(ctx, from.Version); err != nil {
				t.Fatal(err)
			}
			fill(t, db)
			before := rowsOf(t, db)
			if err := migrate(ctx, db, goose.DialectSQLite3, sqliteSteps); err != nil {
				t.Fatal(err)
			}
			if got := schemaOf(t, db); !slices.Equal(got, want) {
				t.Errorf("the schema differs from a new one's: %v", differing(got, want))
			}
			after := rowsOf(t, db)
			after["opening"] = after["sheet"]    // since 20 a day's openings lie on a sheet
			after["guardian"] = after["consent"] // since 305
			for table, n := range before {
				if after[table] < n {
					t.Errorf("%s had %d rows and has %d", table, n, after[table])
				}
			}
		})
	}
}

// TestRefusesNewerRecords opens records that a newer program has written, and
// reads records that nobody has brought up to date.
func TestRefusesNewerRecords(t *testing.T) {
	ctx := context.Background()
	o := Options{Dir: t.TempDir()}
	open := func(o Options) error {
		s, err := Open(ctx, o)
		if err == nil {
			err = s.Close()
		}
		return err
	}
	change := func(query string) {
		t.Helper()
		db, err := sql.Open("sqlite3", filepath.Join(o.Dir, databaseFile))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(o); err != nil {
		t.Fatal(err)
	}
	reading := Options{Dir: o.Dir, ReadOnly: true}
	change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	for _, o := range []Options{o, reading} {
		if err := open(o); !errors.Is(err, ErrNewer) {
			t.Errorf("records of a newer program open with %v", err)
		}
	}
	change("DELETE FROM goose_db_version WHERE version_id = 99999 OR version_id = 150")
	if err := open(reading); !errors.Is(err, ErrOlder) {
		t.Errorf("records of an earlier program are read with %v", err)
	}
}

func provider(t *testing.T, db *sql.DB) *goose.Provider {
	t.Helper()
	p, err := stepsOf(db, goose.DialectSQLite3, sqliteSteps)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func emptyDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "a.db")+"?_sync=0")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// schemaOf is every table with its columns and every index, in order.
func schemaOf(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return texts(t, db, `SELECT 'table ' || m.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk
		FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'
		UNION ALL SELECT type || ' ' || name || ' ' || tbl_name FROM sqlite_master WHERE type <> 'table' ORDER BY 1`)
}

func tablesOf(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return texts(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'")
}

// fill puts a row into every table that has none.
func fill(t *testing.T, db *sql.DB) {
	t.Helper()
	for table, n := range rowsOf(t, db) {
		if n > 0 {
			continue
		}
		values := texts(t, db, `SELECT CASE type WHEN 'INTEGER' THEN '7' WHEN 'BLOB' THEN 'x''07''' WHEN 'REAL' THEN '0.7' ELSE '''x' || cid || '''' END
			FROM pragma_table_info($1) ORDER BY cid`, table)
		if _, err := db.Exec(fmt.Sprintf("INSERT INTO %q VALUES (%s)", table, strings.Join(values, ", "))); err != nil {
			t.Fatalf("fill %s: %v", table, err)
		}
	}
}

func rowsOf(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, table := range tablesOf(t, db) {
		var n int
		if err := db.QueryRow(fmt.Sprintf("SELECT COUNT(*) FROM %q", table)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}

func texts(t *testing.T, db *sql.DB, query string, args ...any) (out []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func differing(a, b []string) (out []string) {
	for _, v := range a {
		if !slices.Contains(b, v) {
			out = append(out, "+ "+v)
		}
	}
	for _, v := range b {
		if !slices.Contains(a, v) {
			out = append(out, "- "+v)
		}
	}
	return out
}
