package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/ticket"
)

// ErrLocked means that another process owns the data directory.
var ErrLocked = errors.New("data directory is in use by another process")

// ErrElsewhere means that the directory holds records in SQLite and the
// database none: they are to be moved there before anything is begun anew.
var ErrElsewhere = errors.New("the records of this data directory are still in SQLite; `guanjia migrate-data` moves them into the database")

// ErrMoved means that the directory's records were moved into a database, and
// none is named.
var ErrMoved = errors.New("the records of this data directory were moved into PostgreSQL: set database_url to where they are")

// Options open a store.
type Options struct {
	Dir string // the data directory; made if missing
	// Database is the address of a PostgreSQL database, postgres://…; empty:
	// SQLite in Dir. The key and the socket are in Dir in any case.
	Database string
	KeyFile  string // the installation's key; made in Dir if empty and missing
	// Keys wraps the key in the key file from the next rotation on, or from the
	// beginning; nil: the file holds the key itself.
	Keys KeyService
	// Cipher is what a key that is made seals with, aes or sm4; empty: aes. Records
	// begun with sm4 have their digests by SM3, those of others stay with SHA-256.
	Cipher string
	// Address is where other instances on the same database reach this one.
	// With it a writer that falls silent loses the lease sooner. Empty: there
	// are no others.
	Address string
	// ReadOnly opens beside the owner, for listing.
	ReadOnly bool
	Rules    booking.Rules
	// Now is the time the diary of appointments is opened for: days gone by
	// stay on disk. Zero: all days are read.
	Now time.Time
	// Calendar tells working days; nil: weekends only.
	Calendar Workdays
	// Names tell bodies in the words of citizens, for what tickets say.
	Names ticket.Names
	// Notify is called after each commit with the changes it announced, in
	// order, from the writer: it must be quick.
	Notify func([]bot.Change)

	settleTime time.Duration // in tests: how long the tables lag behind the journal
}

// Workdays tells working days.
type Workdays interface {
	IsWorkday(day string) bool // 2026-12-02
}

// Store is an open installation.
type Store struct {
	dir       string
	address   string // where other instances reach this one
	tables    database
	lock      *os.File
	reads     *sql.DB
	writer    *writer
	ring      *keyring
	rotating  sync.Mutex
	resealing sync.Mutex
	recent    *recent
	// What is accepted or durable and not in the tables yet.
	received   *received
	unwritten  *unwritten
	people     *people
	seen       *seen
	keys       *seen          // of replies; nil where asking the table costs little
	work       sync.WaitGroup // what reads beside the callers
	stop       context.CancelFunc
	settleTime time.Duration
	rules      booking.Rules
	days       Workdays
	diary      *booking.Diary // nil where the store only reads
	laid       string         // what was released last, see releaseKey
	planned    atomic.Int64   // grows with every change of the plan
	serial     struct{ waiting, arrival int64 }
	notify     func([]bot.Change)
	laws       atomic.Pointer[ticket.Rules]
	switches   struct { // what may be in force
		mu  sync.Mutex
		all atomic.Pointer[[]bot.Switch]
	}

	mu      sync.Mutex
	known   map[string]bot.CitizenID // blind index of an address → citizen
	wakeOut chan struct{}
	queries sync.Map // SQL → *sql.Stmt of the read pool
}

// ErrBegun means that an installation has its key already.
var ErrBegun = errors.New("there is an installation key already: `guanjia key rotate` puts another in its place")

// Begin begins an installation with a key of its own, of the options' cipher. The
// error is ErrBegun where there is a key already.
func Begin(ctx context.Context, o Options) (*Store, error) {
	if _, err := os.Stat(o.keyFile()); err == nil {
		return nil, ErrBegun
	}
	return Open(ctx, o)
}

// Open opens or begins an installation and brings its schema up to date. It
// returns ErrLocked when another process owns the directory and ErrWrongKey
// when the records were sealed with another key.
func Open(ctx context.Context, o Options) (*Store, error) {
	tables, err := o.tables()
	if err != nil {
		return nil, err
	}
	s := &Store{dir: o.Dir, address: o.Address, tables: tables, rules: o.Rules, days: o.Calendar, notify: o.Notify, recent: newRecent(),
		settleTime: o.settleTime, received: newReceived(), unwritten: newUnwritten(), people: newPeople(),
		known: map[string]bot.CitizenID{}, wakeOut: make(chan struct{}, 1)}
	s.switches.all.Store(new([]bot.Switch))
	if s.rules.ReleaseDays == 0 {
		s.rules = booking.DefaultRules()
	}
	if o.ReadOnly {
		if err := s.openReading(ctx, o); err != nil {
			return s, err
		}
		return s, s.readLaws(ctx, o)
	}
	if err := o.makeDir(); err != nil {
		return nil, err
	}
	if err := s.own(); err != nil {
		return nil, err
	}
	if err := s.openWriting(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := errors.Join(s.readLaws(ctx, o), s.readSwitches(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// tables is the database that is asked for.
func (o Options) tables() (database, error) {
	if o.Database == "" {
		return sqlite{o.Dir}, nil
	}
	p, err := newPostgres(o.Database)
	if o.Address != "" {
		p.silent = handOverTime
	}
	return p, err
}

func (o Options) makeDir() error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	return nil
}

func (s *Store) openReading(ctx context.Context, o Options) error {
	if o.Database == "" {
		if _, err := os.Stat(filepath.Join(s.dir, databaseFile)); err != nil {
			return fmt.Errorf("open records: %w", err) // fs.ErrNotExist where there are none yet
		}
		if err := s.takeOver(ctx, o); err != nil {
			return err
		}
	}
	var err error
	if s.reads, err = s.tables.openReads(ctx); err != nil {
		if _, lite := os.Stat(filepath.Join(s.dir, databaseFile)); o.Database != "" && errors.Is(err, fs.ErrNotExist) && lite == nil {
			return ErrElsewhere
		}
		return fmt.Errorf("open records: %w", err)
	}
	if s.ring, err = openKeyring(ctx, o, false); err == nil {
		s.ring.find = s.wrappedKeys
		err = s.ring.prove(ctx, s.reads, s.tables.dialect(), false)
	}
	if err != nil {
		return errors.Join(err, s.reads.Close())
	}
	return nil
}

// takeOver writes into the tables what an owner that crashed left in the
// journal. An owner that lives does so itself.
func (s *Store) takeOver(ctx context.Context, o Options) error {
	size := int64(0)
	for _, name := range journalFiles {
		if info, err := os.Stat(filepath.Join(s.dir, name)); err == nil {
			size += info.Size()
		}
	}
	if size == 0 {
		return nil // closed in order, or records from before there was one
	}
	o.ReadOnly, o.Notify = false, nil
	owner, err := Open(ctx, o)
	if errors.Is(err, ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	return owner.Close()
}

func (s *Store) openWriting(ctx context.Context, o Options) error {
	begun, err := s.tables.begun(ctx)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, databaseFile)); err == nil && !begun {
		return ErrElsewhere
	}
	if o.Database == "" && !begun && wasMoved(s.dir) { // nothing is begun anew beside them
		return ErrMoved
	}
	ring, err := openKeyring(ctx, o, !begun)
	if err != nil {
		return err
	}
	s.ring, ring.find = ring, s.wrappedKeys
	db, err := s.tables.open(ctx)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := ring.prove(ctx, db, s.tables.dialect(), true); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.writer, err = newWriter(ctx, s, db, o.Now); err != nil {
		return err
	}
	if s.tables.dialect().leased {
		s.keys = newSeen(s.writer.next.outbox)
	}
	if s.reads, err = s.tables.openReads(ctx); err != nil {
		return fmt.Errorf("open database for reading: %w", err)
	}
	var work context.Context
	work, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.work.Go(func() { s.tables.listen(work, s.wakeOutbox) })
	s.seen = newSeen(s.received.next.Load())
	// What they do not know is looked up.
	s.work.Go(func() { s.learn(work, s.seen, "SELECT id, hash FROM inbox WHERE 1 = 1", messageHash) })
	if s.keys != nil {
		s.work.Go(func() {
			s.learn(work, s.keys, "SELECT id, key FROM outbox WHERE key <> ''", func(key []byte) []byte { return keyHash(string(key)) })
		})
	}
	return nil
}

func (o Options) keyFile() string {
	if o.KeyFile != "" {
		return o.KeyFile
	}
	return filepath.Join(o.Dir, "data.key")
}

// own takes the directory's lock for the life of the process.
func (s *Store) own() error {
	f, err := os.OpenFile(filepath.Join(s.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(ErrLocked, f.Close())
	}
	s.lock = f
	return nil
}

// Close stops the writer after what is queued and closes everything.
func (s *Store) Close() error {
	var errs []error
	if s.stop != nil {
		s.stop()
		s.work.Wait()
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	s.queries.Range(func(_, v any) bool {
		if err := v.(*sql.Stmt).Close(); !s.tables.dialect().leased {
			errs = append(errs, err)
		}
		return true
	})
	if s.reads != nil {
		errs = append(errs, s.reads.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Settle writes everything that is durable into the tables, where other
// processes, and this one's own queries, find it. They have it a moment later
// in any case.
//
// Asked by a part of a commit it does nothing: the writer would wait for itself,
// and everybody for the writer.
func (s *Store) Settle(ctx context.Context) error {
	if s.writer == nil || !s.unwritten.rows() && !s.received.some() || committing() {
		return nil
	}
	return s.writer.commit(ctx, s.flush)
}

// committing says whether the caller is a part of a commit. Parts are called with
// what only their callers know, so that nothing but the stack tells; it is looked
// at where a commit would be waited for otherwise.
func committing() bool {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "store.(*writer).commitGroup") {
			return true
		}
		if !more {
			return false
		}
	}
}

// flush keeps the messages that wait for their answer, and with them all that
// is pending goes into the tables.
func (s *Store) flush(t *Tx) error {
	if err := s.keepOpen(t); err != nil {
		return err
	}
	return t.sql()
}

// keepOpen leaves the messages that wait for their answer.
func (s *Store) keepOpen(t *Tx) error {
	for _, m := range s.received.open() {
		err := t.keep(m)
		if errors.Is(err, ErrForgotten) || errors.Is(err, ErrNoCitizen) {
			s.received.written([]int64{m.id}) // nobody may read it
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// OutboxWake is signalled when the outbox has something new to look at.
func (s *Store) OutboxWake() <-chan struct{} { return s.wakeOut }

func (s *Store) wakeOutbox() {
	select {
	case s.wakeOut <- struct{}{}:
	default: // a wake that waits is enough
	}
}

// Rules are the booking rules in force where a service has none of its own.
func (s *Store) Rules() booking.Rules {
	if s.diary == nil {
		return s.rules
	}
	return s.diary.Rules().Default
}

// read prepares a query of the read pool that sees everything that is durable:
// what the tables lack is written first.
func (s *Store) read(ctx context.Context, query string) (*sql.Stmt, error) {
	if s.unwritten.rows() {
		if err := s.Settle(ctx); err != nil {
			return nil, fmt.Errorf("settle records: %w", err)
		}
	}
	return s.readTables(ctx, query)
}

// readTables prepares a query of the read pool once. It sees the tables as
// they are, which may lack what is pending.
func (s *Store) readTables(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := s.queries.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := s.reads.PrepareContext(ctx, s.tables.dialect().bind(query))
	if err != nil {
		return nil, fmt.Errorf("prepare query: %w", err)
	}
	if other, loaded := s.queries.LoadOrStore(query, stmt); loaded {
		return other.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

// rows runs a query of the read pool and calls each for every row.
func (s *Store) rows(ctx context.Context, query string, each func(scan func(...any) error) error, args ...any) error {
	stmt, err := s.read(ctx, query)
	if err != nil {
		return err
	}
	return rowsBy(ctx, stmt, each, args...)
}

// rowsOf is rows on the tables as they are.
func (s *Store) rowsOf(ctx context.Context, query string, each func(scan func(...any) error) error, args ...any) error {
	stmt, err := s.readTables(ctx, query)
	if err != nil {
		return err
	}
	return rowsBy(ctx, stmt, each, args...)
}

// anyOf says whether a query of the tables as they are has a row.
func (s *Store) anyOf(ctx context.Context, query string, args ...any) (found bool, err error) {
	err = s.rowsOf(ctx, query, func(func(...any) error) error { found = true; return nil }, args...)
	return found, err
}

func rowsBy(ctx context.Context, stmt *sql.Stmt, each func(scan func(...any) error) error, args ...any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return eachRow(rows, each)
}

func eachRow(rows *sql.Rows, each func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
