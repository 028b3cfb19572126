package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
)

// ErrRecordsThere means that records would be overwritten.
var ErrRecordsThere = errors.New("records are there already")

// ErrBackup means that a file is no sound backup.
var ErrBackup = errors.New("backup is not sound")

// ErrDatabase means that the records are in PostgreSQL, which has means of its
// own for this.
var ErrDatabase = errors.New("the records are in PostgreSQL: back up and restore them with its own means (pg_dump, pg_basebackup), and keep the installation's key apart")

// Backup writes everything that is acknowledged now into a new file, while the
// service goes on: a database of its own, compact, mode 0600, without the
// installation's key. It returns the file's SHA-256 in hex. The file appears
// under its name only when it is whole and on the disk.
func (s *Store) Backup(ctx context.Context, path string) (digest string, err error) {
	if _, ok := s.tables.(sqlite); !ok {
		return "", ErrDatabase
	}
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("write backup: %s: %w", path, os.ErrExist)
	}
	s.rotating.Lock() // a backup opens with one key
	defer s.rotating.Unlock()
	if err := s.Settle(ctx); err != nil { // what the journal holds is in the tables then
		return "", fmt.Errorf("write backup: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return "", fmt.Errorf("write backup: %w", err)
	}
	defer os.Remove(part.Name()) // its name is gone when all went well
	if err := part.Close(); err != nil {
		return "", fmt.Errorf("write backup: %w", err)
	}
	if err := s.vacuumInto(ctx, part.Name()); err != nil {
		return "", fmt.Errorf("write backup: %w", err)
	}
	if digest, err = synced(part.Name()); err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return "", fmt.Errorf("write backup: %w", err)
	}
	return digest, nil
}

// vacuumInto copies one state of the database into an empty file. It reads
// beside the writer, who does not wait for it.
func (s *Store) vacuumInto(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite3", sqlite{s.dir}.dsn("mode=ro&_busy_timeout=5000"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, db.Close())
}

// synced puts a file on the disk and digests it.
func synced(path string) (digest string, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close())
}

// Restore puts a backup into the data directory of the options, which holds no
// records, after proving that it is whole and that the installation's key opens
// it. Records that are there are never overwritten.
func Restore(ctx context.Context, backup string, o Options) error {
	dir := o.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	s := &Store{dir: dir}
	if err := s.own(); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer s.lock.Close()
	for _, name := range []string{databaseFile, databaseFile + "-wal", journalFiles[0], journalFiles[1]} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Size() > 0 {
			return fmt.Errorf("restore: %s: %w", filepath.Join(dir, name), ErrRecordsThere)
		}
	}
	if err := sound(ctx, backup, o); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := copyFile(backup, filepath.Join(dir, databaseFile)); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return syncDir(dir)
}

// sound holds a backup against SQLite's own check and the key.
func sound(ctx context.Context, path string, o Options) error {
	if _, err := os.Stat(path); err != nil { // SQLite says the same of a file that is not there and of one that is spoilt
		return err
	}
	ring, err := openKeyring(ctx, o, false)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrBackup, verdict)
	}
	return ring.prove(ctx, db, sqliteDialect, false)
}

// copyFile copies onto a name that appears when all of it is on the disk.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	part, err := os.CreateTemp(filepath.Dir(to), ".restore-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = io.Copy(part, in)
	if err = errors.Join(err, part.Chmod(0o600), part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), to)
}
