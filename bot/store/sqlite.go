package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "github.com/mattn/go-sqlite3" // the database driver
	"github.com/pressly/goose/v3"
)

// databaseFile is the name of the records in the data directory.
const databaseFile = "guanjia.db"

// sqliteSteps is where the steps of its schema lie.
const sqliteSteps = "migrations/sqlite"

// sqlite keeps the tables in a file of the data directory.
type sqlite struct{ dir string }

func (sqlite) dialect() *dialect { return sqliteDialect }

func (d sqlite) begun(context.Context) (bool, error) {
	_, err := os.Stat(filepath.Join(d.dir, databaseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (d sqlite) open(ctx context.Context) (*sql.DB, error) {
	if err := d.makeFile(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", d.dsn("_mutex=no&_txlock=immediate&_synchronous=FULL&_journal_mode=WAL&_busy_timeout=5000&_foreign_keys=on&_secure_delete=FAST&_cache_size=-65536"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2) // the writer's and the flusher's
	if err := migrate(ctx, db, goose.DialectSQLite3, sqliteSteps); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// makeFile makes the database's file readable by its owner only; SQLite gives
// its log the same mode.
func (d sqlite) makeFile() error {
	f, err := os.OpenFile(filepath.Join(d.dir, databaseFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make database file: %w", err)
	}
	return f.Close()
}

func (d sqlite) openReads(ctx context.Context) (*sql.DB, error) {
	reads, err := sql.Open("sqlite3", d.dsn("mode=ro&_mutex=no&_query_only=true&_busy_timeout=5000"))
	if err != nil {
		return nil, err
	}
	reads.SetMaxOpenConns(max(4, runtime.NumCPU()))
	reads.SetMaxIdleConns(max(4, runtime.NumCPU()))
	if err := current(ctx, reads, goose.DialectSQLite3, sqliteSteps); err != nil {
		return nil, errors.Join(err, reads.Close())
	}
	return reads, nil
}

func (d sqlite) dsn(params string) string {
	return "file:" + (&url.URL{Path: filepath.Join(d.dir, databaseFile)}).EscapedPath() + "?" + params
}
