package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrDiffers means that a row that was moved is not what it was.
var ErrDiffers = errors.New("a row differs from what was moved")

// movedSuffix is what the SQLite file is called by once its records are
// elsewhere, so that nobody opens it by mistake.
const movedSuffix = ".moved"

// Moving is how far a move has come: so many rows of a table copied or held
// against the original.
type Moving struct {
	Table         string
	Copied, Equal int64
	Rows          int64
}

// Move copies the records of a data directory from SQLite into a PostgreSQL
// database that has none, holds every row there against the original, and only
// then lets the database have them. Nobody else may have either open. Afterwards
// the file in the directory has another name. It returns how many rows there
// were.
func Move(ctx context.Context, o Options, progress func(Moving)) (rows int64, err error) {
	to, err := newPostgres(o.Database)
	if err != nil {
		return 0, err
	}
	file := filepath.Join(o.Dir, databaseFile)
	if _, err := os.Stat(file); err != nil && wasMoved(o.Dir) {
		return 0, fmt.Errorf("move records: %w", ErrMoved)
	} else if err != nil {
		return 0, fmt.Errorf("move records: %w", err)
	}
	o.Database = ""
	from, err := Open(ctx, o) // it is ours then, and its journal is in its tables
	if err != nil {
		return 0, fmt.Errorf("move records: %w", err)
	}
	rows, err = from.moveTo(ctx, to, progress)
	if err = errors.Join(err, from.Close()); err != nil {
		return 0, fmt.Errorf("move records: %w", err)
	}
	if err := errors.Join(os.Rename(file, file+movedSuffix), syncDir(o.Dir)); err != nil {
		return rows, fmt.Errorf("the records are moved, and the file they were in is still there: %w", err)
	}
	return rows, nil
}

// wasMoved says whether the records of a directory are elsewhere.
func wasMoved(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, databaseFile+movedSuffix))
	return err == nil
}

func (s *Store) moveTo(ctx context.Context, to postgres, progress func(Moving)) (rows int64, err error) {
	if there, err := to.begun(ctx); err != nil || there {
		return 0, errors.Join(err, onlyIf(there, ErrRecordsThere))
	}
	db, err := to.open(ctx)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	c, err := connect(ctx, db, postgresDialect)
	if err != nil {
		return 0, err
	}
	defer c.close()
	if err := new(lease).lock(ctx, c, 0); err != nil {
		return 0, err
	}
	err = c.conn.Raw(func(driver any) error {
		conn := driver.(*stdlib.Conn).Conn()
		if _, err := conn.Exec(ctx, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			rows, err = s.moveTables(ctx, tx, progress)
			return err
		})
	})
	return rows, err
}

func onlyIf(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// moveTables copies every table and then compares it.
func (s *Store) moveTables(ctx context.Context, tx pgx.Tx, progress func(Moving)) (rows int64, err error) {
	tables, err := s.movable(ctx)
	if err != nil {
		return 0, err
	}
	for _, t := range tables {
		if err := t.copy(ctx, s.reads, tx, progress); err != nil {
			return rows, fmt.Errorf("copy %s: %w", t.name, err)
		}
		rows += t.rows
	}
	for _, t := range tables {
		if err := t.compare(ctx, s.reads, tx, progress); err != nil {
			return rows, fmt.Errorf("compare %s: %w", t.name, err)
		}
	}
	_, err = tx.Exec(ctx, `DO $$ DECLARE c record; BEGIN
		FOR c IN SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES' LOOP
			EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), COALESCE(MAX(%I), 0) + 1, false) FROM %I', c.table_name, c.column_name, c.column_name, c.table_name);
		END LOOP; END $$`)
	if err != nil {
		return rows, fmt.Errorf("go on numbering: %w", err)
	}
	return rows, nil
}

// table is one that moves.
type table struct {
	name          string
	columns, keys []string
	kinds         []string // of the columns, as SQLite declares them
	rows          int64
}

// movable are the tables in an order in which each comes after those it refers
// to. How far the journal is in the tables is SQLite's own matter.
func (s *Store) movable(ctx context.Context) ([]*table, error) {
	var all []*table
	err := s.rows(ctx, `SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT IN ('goose_db_version', 'applied') ORDER BY m.name, c.cid`, func(scan func(...any) error) error {
		var name, column, kind string
		var key int
		if err := scan(&name, &column, &kind, &key); err != nil {
			return err
		}
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, &table{name: name})
		}
		t := all[len(all)-1]
		t.columns, t.kinds = append(t.columns, column), append(t.kinds, kind)
		if key > 0 {
			t.keys = append(t.keys, quoted(column))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	refers := map[string][]string{}
	err = s.rows(ctx, `SELECT m.name, f."table" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`, func(scan func(...any) error) error {
		var name, to string
		err := scan(&name, &to)
		refers[name] = append(refers[name], to)
		return err
	})
	var depth func(name string) int
	depth = func(name string) int {
		d := 0
		for _, to := range refers[name] {
			d = max(d, 1+depth(to))
		}
		return d
	}
	slices.SortStableFunc(all, func(a, b *table) int { return depth(a.name) - depth(b.name) })
	return all, err
}

func quoted(name string) string { return `"` + name + `"` }

// query reads a table in the order of its key, which both databases compare
// byte by byte.
func (t *table) query() string {
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = quoted(c)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + quoted(t.name) + " ORDER BY " + strings.Join(t.keys, ", ")
}

// progressRows is after how many rows it is told how far a table is.
const progressRows = 10_000

func (t *table) copy(ctx context.Context, from *sql.DB, tx pgx.Tx, progress func(Moving)) error {
	if err := from.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+quoted(t.name)).Scan(&t.rows); err != nil {
		return err
	}
	rows, err := from.QueryContext(ctx, t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	done := int64(0)
	n, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromFunc(func() ([]any, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		if done++; done%progressRows == 0 {
			progress(Moving{Table: t.name, Copied: done, Rows: t.rows})
		}
		return t.scan(rows)
	}))
	if err != nil {
		return err
	}
	if n != t.rows {
		return fmt.Errorf("%w: %d rows of %d", ErrDiffers, n, t.rows)
	}
	progress(Moving{Table: t.name, Copied: n, Rows: t.rows})
	return nil
}

// scan reads a row of SQLite as the values PostgreSQL keeps for it.
func (t *table) scan(rows *sql.Rows) ([]any, error) {
	values := make([]any, len(t.columns))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			if values[i] = cleanText(v); t.kinds[i] == "BLOB" {
				values[i] = []byte(v)
			}
		case []byte:
			if t.kinds[i] == "TEXT" {
				values[i] = cleanText(string(v))
			}
		case int64:
			if t.kinds[i] == "REAL" {
				values[i] = float64(v)
			}
		}
	}
	return values, nil
}

// compare holds every row in the database against the original.
func (t *table) compare(ctx context.Context, from *sql.DB, tx pgx.Tx, progress func(Moving)) error {
	here, err := from.QueryContext(ctx, t.query())
	if err != nil {
		return err
	}
	defer here.Close()
	there, err := tx.Query(ctx, t.query())
	if err != nil {
		return err
	}
	defer there.Close()
	equal := int64(0)
	for here.Next() {
		want, err := t.scan(here)
		if err != nil {
			return err
		}
		if !there.Next() {
			return errors.Join(fmt.Errorf("%w: row %d is missing", ErrDiffers, equal+1), there.Err())
		}
		got, err := there.Values()
		if err != nil {
			return err
		}
		for i := range want {
			if !sameValue(want[i], got[i]) {
				return fmt.Errorf("%w: row %d, column %s", ErrDiffers, equal+1, t.columns[i])
			}
		}
		if equal++; equal%progressRows == 0 {
			progress(Moving{Table: t.name, Copied: t.rows, Equal: equal, Rows: t.rows})
		}
	}
	if err := here.Err(); err != nil {
		return err
	}
	if there.Next() {
		return fmt.Errorf("%w: there are more than %d rows", ErrDiffers, equal)
	}
	progress(Moving{Table: t.name, Copied: t.rows, Equal: equal, Rows: t.rows})
	return there.Err()
}

func sameValue(a, b any) bool {
	x, isBytes := a.([]byte)
	if !isBytes {
		return a == b
	}
	y, ok := b.([]byte)
	return ok && bytes.Equal(x, y)
}
