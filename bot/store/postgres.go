package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

var (
	// ErrUnreachable means that the database does not answer.
	ErrUnreachable = errors.New("the database cannot be reached")
	// ErrRefused means that the database lets nobody in with these names and
	// this password.
	ErrRefused = errors.New("the database refuses who asks")
)

const postgresSteps = "migrations/postgres"

// Bounds of waiting for the server.
const (
	connectTime   = 5 * time.Second
	statementTime = 30 * time.Second // the server ends what takes longer
	// silentTime is how long the writer's session may say nothing before the
	// server ends it, and with it the lease: the owner was stopped or cut off.
	silentTime = 20 * time.Second
	// handOverTime is the same where another instance waits to take over: with
	// it a message that came to the silent one is answered by WeChat's third try.
	handOverTime = 6 * time.Second
	// changeTime is the same while the tables are brought up to date, when
	// nobody waits for who does it.
	changeTime = 5 * time.Minute
	idleTime   = 50 * time.Millisecond // after it a connection is asked whether it lives before it is used
	pulseTime  = 5 * time.Second       // how often an idle owner says something, at least four times in its silence
)

var postgresDialect = &dialect{
	bind:  func(query string) string { return query },
	begin: "BEGIN",
	// What is acknowledged is on the disk, whatever the server does for others.
	setUp: "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
	having: `SELECT table_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND column_name = $1 ORDER BY table_name`,
	casts: true, leased: true, claim: " FOR UPDATE OF o SKIP LOCKED",
	// One writer holds the lease and looks for a hash before it takes a message.
	keepMessages: bulk{head: messageColumns, width: 6,
		tail: ` ON CONFLICT (id) DO UPDATE SET answered = 1, body = NULL WHERE excluded.answered = 1`},
}

// postgres keeps the tables in a PostgreSQL database, beyond one machine.
type postgres struct {
	config *pgx.ConnConfig
	silent time.Duration // how long who writes may say nothing
}

// newPostgres reads the database's address, which holds its password and must
// not be shown.
func newPostgres(url string) (postgres, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return postgres{}, errors.New("database_url cannot be read as postgres://user:password@host:port/name")
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > connectTime {
		config.ConnectTimeout = connectTime
	}
	for _, other := range config.Fallbacks {
		if other.Host != config.Host || other.Port != config.Port { // only one of them is to be written to
			config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
		}
	}
	set := config.RuntimeParams
	if set["application_name"] == "" {
		set["application_name"] = "guanjia"
	}
	set["statement_timeout"] = milliseconds(statementTime)
	set["tcp_keepalives_idle"], set["tcp_keepalives_interval"], set["tcp_keepalives_count"] = "5", "5", "3"
	return postgres{config: config, silent: silentTime}, nil
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

func (postgres) dialect() *dialect { return postgresDialect }

func (p postgres) begun(ctx context.Context) (bool, error) {
	db := p.pool(nil)
	defer db.Close()
	if err := ping(ctx, db); err != nil {
		return false, err
	}
	return recorded(ctx, db)
}

// recorded says whether a database holds records, or tables that are no
// guanjia's: the proof of the key is the first record there is.
func recorded(ctx context.Context, db *sql.DB) (some bool, err error) {
	var table sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT to_regclass('installation')::text").Scan(&table); err != nil || !table.Valid {
		return false, err
	}
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM installation)").Scan(&some)
	return some, err
}

// open connects the one who writes.
func (p postgres) open(ctx context.Context) (*sql.DB, error) {
	db := p.ending(p.silent)
	err := ping(ctx, db)
	if err == nil {
		err = p.upToDate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (p postgres) openReads(ctx context.Context) (*sql.DB, error) {
	db := p.pool(map[string]string{"default_transaction_read_only": "on"})
	db.SetMaxOpenConns(max(8, 2*runtime.NumCPU()))
	db.SetMaxIdleConns(max(4, runtime.NumCPU()))
	db.SetConnMaxIdleTime(time.Minute)
	err := ping(ctx, db)
	if err == nil {
		err = p.known(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// pool makes a pool whose sessions are set so.
func (p postgres) pool(set map[string]string) *sql.DB {
	config := p.config.Copy()
	for name, value := range set {
		config.RuntimeParams[name] = value
	}
	alive := stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool { return p.IdleDuration > idleTime })
	return stdlib.OpenDB(*config, alive, stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
		m := conn.TypeMap()
		m.RegisterType(&pgtype.Type{Name: "text", OID: pgtype.TextOID, Codec: textCodec{}})
		m.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{boolsAsIntegers}, m.TryWrapEncodePlanFuncs...)
		return nil
	}))
}

// ping finds out whether the database answers, and says plainly why not.
func ping(ctx context.Context, db *sql.DB) error {
	ctx, stop := context.WithTimeout(ctx, 2*connectTime)
	defer stop()
	err := db.PingContext(ctx)
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && (strings.HasPrefix(refused.Code, "28") || refused.Code == "3D000" || refused.Code == "42501"):
		return fmt.Errorf("%w: %s", ErrRefused, refused.Message)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// ending makes a pool whose sessions the server ends when they are silent for
// so long. Reading the diary and bringing tables up to date may take long; a
// group has its own bound.
func (p postgres) ending(silent time.Duration) *sql.DB {
	db := p.pool(map[string]string{
		"idle_in_transaction_session_timeout": milliseconds(silent), "idle_session_timeout": milliseconds(silent), "statement_timeout": "0",
		"guanjia.writer": "on", // for the outbox's trigger
	})
	db.SetMaxIdleConns(0) // the writer's connection is held, others are for a moment
	return db
}

// upToDate brings the schema up to date, while nobody else can be writing. Where
// it is, whoever opens is in nobody's way.
func (p postgres) upToDate(ctx context.Context) error {
	db := p.ending(changeTime)
	defer db.Close()
	if err := current(ctx, db, goose.DialectPostgres, postgresSteps); err == nil || errors.Is(err, ErrNewer) {
		return err
	}
	c, err := connect(ctx, db, postgresDialect)
	if err != nil {
		return err
	}
	if err := new(lease).lock(ctx, c, 0); err != nil {
		return errors.Join(err, c.close())
	}
	err = migrate(ctx, db, goose.DialectPostgres, postgresSteps)
	_, unlocked := c.exec(ctx, "SELECT pg_advisory_unlock($1, $2)", leaseClass, writerLease)
	return errors.Join(err, unlocked, c.close())
}

// known fails unless the tables are there and of this version: who only reads
// changes nothing.
func (p postgres) known(ctx context.Context, db *sql.DB) error {
	some, err := recorded(ctx, db)
	if err != nil {
		return fmt.Errorf("look for records: %w", err)
	}
	if !some {
		return fmt.Errorf("the database holds no records: %w", fs.ErrNotExist)
	}
	return current(ctx, db, goose.DialectPostgres, postgresSteps)
}

// boolsAsIntegers encodes booleans for the integers that the tables keep them
// in.
func boolsAsIntegers(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	b, ok := value.(bool)
	if !ok {
		return nil, nil, false
	}
	return &boolPlan{}, boolInteger(b), true
}

type boolPlan struct{ next pgtype.EncodePlan }

func (p *boolPlan) SetNext(next pgtype.EncodePlan) { p.next = next }

func (p *boolPlan) Encode(value any, buf []byte) ([]byte, error) {
	return p.next.Encode(boolInteger(value.(bool)), buf)
}

func boolInteger(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// textCodec encodes text that PostgreSQL takes: where somebody's words are not
// UTF-8, or hold a zero, which it refuses, the replacement character stands.
type textCodec struct{ pgtype.TextCodec }

func (c textCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(string); ok {
		return textPlan{}
	}
	return c.TextCodec.PlanEncode(m, oid, format, value)
}

type textPlan struct{}

func (textPlan) Encode(value any, buf []byte) ([]byte, error) {
	return append(buf, cleanText(value.(string))...), nil
}

func cleanText(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
