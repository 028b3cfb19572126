package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/pressly/goose/v3"
)

// Every step is written twice under one number: for SQLite, and for PostgreSQL
// with BIGINT for INTEGER, BYTEA for BLOB and TEXT COLLATE "C" for TEXT, so that
// a row is the same row in both; TestSchemas compares what comes of them.
//
//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// ErrNewer says that a newer version of the program wrote the records. An older
// one would write without what the newer promised, so it does not open them.
var ErrNewer = errors.New("records were written by a newer version of the program: run that, or restore the backup made before upgrading")

// ErrOlder says that the records must be brought up to date, which reading them
// does not do.
var ErrOlder = errors.New("records are of an earlier version of the program: start the service once, which brings them up to date")

// migrate takes the steps of a folder that a database has not taken.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, dir string) error {
	steps, err := stepsOf(db, dialect, dir)
	if err != nil {
		return err
	}
	if _, err := steps.GetDBVersion(ctx); err != nil { // makes the table of steps where there is none
		return fmt.Errorf("read schema version: %w", err)
	}
	err = meets(ctx, db, steps)
	if !errors.Is(err, ErrOlder) {
		return err
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// current says whether a database that is only read has taken this program's
// steps: ErrNewer, ErrOlder or nil.
func current(ctx context.Context, db *sql.DB, dialect goose.Dialect, dir string) error {
	steps, err := stepsOf(db, dialect, dir)
	if err != nil {
		return err
	}
	return meets(ctx, db, steps)
}

// stepsOf reads the steps of a folder. Each is given to the database as it is
// written, all its statements at once: goose's reader takes a file apart with
// four megabytes of memory for each line, which made most of what a first start
// allocated.
func stepsOf(db *sql.DB, dialect goose.Dialect, dir string) (*goose.Provider, error) {
	files, err := migrations.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	known := make([]*goose.Migration, len(files))
	for i, file := range files {
		if known[i], err = step(dir, file.Name()); err != nil {
			return nil, err
		}
	}
	steps, err := goose.NewProvider(dialect, db, nil, goose.WithGoMigrations(known...), goose.WithAllowOutofOrder(true)) // numbers are given out ahead
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	return steps, nil
}

// step is the one of a file; there is no way back.
func step(dir, name string) (*goose.Migration, error) {
	number, err := goose.NumericComponent(name)
	if err != nil {
		return nil, fmt.Errorf("number of migration %s: %w", name, err)
	}
	raw, err := migrations.ReadFile(path.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("read migration: %w", err)
	}
	up, _, _ := strings.Cut(string(raw), "-- +goose Down")
	return goose.NewGoMigration(number, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, up); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}}, nil), nil
}

// meets compares the steps a database has taken with those this program knows:
// ErrNewer where it has taken others, ErrOlder where it lacks some.
func meets(ctx context.Context, db *sql.DB, steps *goose.Provider) error {
	taken, err := taken(ctx, db)
	if err != nil {
		return err
	}
	lacks := false
	for _, known := range steps.ListSources() {
		lacks = lacks || !taken[known.Version]
		delete(taken, known.Version)
	}
	switch {
	case len(taken) > 0:
		return ErrNewer
	case lacks:
		return ErrOlder
	}
	return nil
}

// taken are the numbers of the steps a database has taken.
func taken(ctx context.Context, db *sql.DB) (map[int64]bool, error) {
	rows, err := db.QueryContext(ctx, "SELECT version_id FROM goose_db_version WHERE version_id > 0")
	if err != nil {
		return nil, fmt.Errorf("read schema version: %w", err)
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("read schema version: %w", err)
		}
		out[n] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read schema version: %w", err)
	}
	return out, nil
}
