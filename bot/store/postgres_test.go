package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guanjia/bot/store/pgtest"
)

// Server is the PostgreSQL server of this package's tests; TestMain stops it.
var Server pgtest.Server

// ModelSchema lets the server's databases begin with the tables, which saves
// making them for each.
func ModelSchema(t *testing.T) {
	t.Helper()
	p, err := newPostgres(Server.Database(t, "schema"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := p.open(t.Context())
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	Server.Model("schema")
}

// TestSchemas holds the two databases to one schema: the same tables with the
// same columns, that may be empty or not alike, in the same order.
func TestSchemas(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ours := columnsOf(t, s.reads, `SELECT m.name, c.name || CASE c.type WHEN 'INTEGER' THEN ' bigint' WHEN 'REAL' THEN ' double precision'
			WHEN 'BLOB' THEN ' bytea' ELSE ' text' END || CASE WHEN c."notnull" OR c.pk THEN ' NOT NULL' ELSE '' END
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`)
	url := Server.Database(t, t.Name())
	p, err := Open(t.Context(), Options{Dir: t.TempDir(), Database: url})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	theirs := columnsOf(t, p.reads, `SELECT table_name, column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
		FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`)
	delete(ours, "goose_db_version")
	delete(theirs, "goose_db_version")
	delete(theirs, "lease")
	for _, table := range slices.Sorted(maps.Keys(ours)) {
		if !slices.Equal(ours[table], theirs[table]) {
			t.Errorf("%s differs\nSQLite     %v\nPostgreSQL %v", table, ours[table], theirs[table])
		}
		delete(theirs, table)
	}
	if len(theirs) > 0 {
		t.Errorf("only PostgreSQL has %v", slices.Collect(maps.Keys(theirs)))
	}
	lite := columnsOf(t, s.reads, `SELECT m.name, i.name || ' ' || i."unique" FROM sqlite_master m JOIN pragma_index_list(m.name) i
		WHERE m.type = 'table' AND i.origin = 'c' ORDER BY m.name, i.name`)
	post := columnsOf(t, p.reads, `SELECT t.relname, i.relname || ' ' || x.indisunique::int FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
		JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
		WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid) ORDER BY t.relname, i.relname COLLATE "C"`)
	if !maps.EqualFunc(lite, post, slices.Equal) {
		t.Errorf("indexes differ\nSQLite     %v\nPostgreSQL %v", lite, post)
	}
}

func columnsOf(t *testing.T, db *sql.DB, query string) map[string][]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	if err := eachRow(rows, func(scan func(...any) error) error {
		var table, column string
		err := scan(&table, &column)
		columns[table] = append(columns[table], column)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return columns
}

// TestMigrations holds both databases to the same migrations after the first
// one of PostgreSQL, which is the whole schema as it was then.
func TestMigrations(t *testing.T) {
	lite, err := fs.ReadDir(migrations, sqliteSteps)
	if err != nil {
		t.Fatal(err)
	}
	post, err := fs.ReadDir(migrations, postgresSteps)
	if err != nil {
		t.Fatal(err)
	}
	since := post[0].Name()[:5]
	var want, got []string
	for _, f := range lite {
		if f.Name()[:5] > since {
			want = append(want, f.Name()[:5])
		}
	}
	for _, f := range post[1:] {
		got = append(got, f.Name()[:5])
	}
	if !slices.Equal(got, want) {
		t.Errorf("after %s SQLite has the migrations %v, PostgreSQL %v", since, want, got)
	}
}

// TestDoors tells apart why a database cannot be used.
func TestDoors(t *testing.T) {
	url := Server.Database(t, t.Name())
	refusedBy := func(url string, o Options) error {
		o.Database = url
		if o.Dir == "" {
			o.Dir = t.TempDir()
		}
		s, err := Open(context.Background(), o)
		if err == nil {
			s.Close()
		}
		return err
	}
	if err := refusedBy(strings.Replace(url, ":gate", ":fate", 1), Options{}); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "fate") {
		t.Errorf("with a wrong password: %v", err)
	}
	if err := refusedBy("postgres://guanjia:secret-word@127.0.0.1:1/none", Options{}); !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("where nobody listens: %v", err)
	}
	if err := refusedBy("postgres://guanjia:secret-word@127.0.0.1:port/none", Options{}); err == nil || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("at no address: %v", err)
	}
	if err := refusedBy(url, Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading before anything is there: %v", err)
	}
	lite := t.TempDir()
	if s, err := Open(t.Context(), Options{Dir: lite}); err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	if err := refusedBy(url, Options{Dir: lite}); !errors.Is(err, ErrElsewhere) {
		t.Errorf("beside records in SQLite: %v", err)
	}
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir, Database: url})
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "data.key")
	if err := refusedBy(url, Options{KeyFile: key}); !errors.Is(err, ErrLocked) {
		t.Errorf("beside the owner: %v", err)
	}
	if err := refusedBy(url, Options{KeyFile: key, ReadOnly: true}); err != nil {
		t.Errorf("reading beside the owner: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := refusedBy(url, Options{Dir: other}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("without the key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(other, "data.key")); err == nil {
		t.Error("a key was made beside records sealed with another")
	}
	db := postgresOf(t, url)
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)"); err != nil {
		t.Fatal(err)
	}
	for _, only := range []bool{false, true} {
		if err := refusedBy(url, Options{KeyFile: key, ReadOnly: only}); !errors.Is(err, ErrNewer) {
			t.Errorf("with the tables of a later program, reading %v: %v", only, err)
		}
	}
	if _, err := db.Exec("DELETE FROM goose_db_version WHERE version_id IN (99999, 150)"); err != nil {
		t.Fatal(err)
	}
	if err := refusedBy(url, Options{KeyFile: key, ReadOnly: true}); !errors.Is(err, ErrOlder) {
		t.Errorf("reading the tables of an earlier program: %v", err)
	}
}

func postgresOf(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
