package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrAlone means that the records can have one instance only: SQLite's.
var ErrAlone = errors.New("several instances need a PostgreSQL database (database_url)")

// Candidate is an instance beside the one that writes: it sees who that is,
// and takes over, by Open, when nobody is. It is asked by one goroutine.
type Candidate struct {
	db     *sql.DB
	ring   *keyring
	looked time.Time // for a session that is stuck
}

// Leader is the instance that writes, as the database knows it.
type Leader struct {
	Epoch   int64
	Address string // as in its Options
	Held    bool   // its session is there; otherwise whoever comes first may lead
}

// Stand makes an instance a candidate, with the key that all instances share.
// The first one of all makes the key, as Open does.
func Stand(ctx context.Context, o Options) (*Candidate, error) {
	if o.Database == "" {
		return nil, ErrAlone
	}
	p, err := newPostgres(o.Database)
	if err != nil {
		return nil, err
	}
	begun, err := p.begun(ctx)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := o.makeDir(); err != nil {
		return nil, err
	}
	ring, err := openKeyring(ctx, o, !begun)
	if err != nil {
		return nil, err
	}
	c := &Candidate{db: p.pool(map[string]string{"default_transaction_read_only": "on", "statement_timeout": milliseconds(connectTime)}), ring: ring}
	c.db.SetMaxOpenConns(1)
	if begun {
		if err := ring.prove(ctx, c.db, p.dialect(), false); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// Leader says who writes now.
func (c *Candidate) Leader(ctx context.Context) (l Leader, err error) {
	ctx, stop := context.WithTimeout(ctx, connectTime)
	defer stop()
	err = c.db.QueryRowContext(ctx, `SELECT epoch, address, EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2)
		FROM lease WHERE name = 'writer'`, int64(leaseClass), int64(writerLease)).Scan(&l.Epoch, &l.Address, &l.Held)
	if err == nil && l.Held && time.Since(c.looked) > handOverTime/4 {
		c.looked = time.Now()
		err = c.endStuck(ctx)
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == undefinedTable || refused.Code == undefinedColumn) {
		return Leader{}, nil // nobody has begun the records, or brought them up to date
	}
	if err != nil {
		return l, fmt.Errorf("ask who writes: %w", err)
	}
	return l, nil
}

// endStuck ends the session of who leads where the server has waited for it in
// the middle of a statement, which its own bounds on silence do not cover: it
// was stopped there, or cut off, for longer than twice what they allow.
func (c *Candidate) endStuck(ctx context.Context) error {
	_, err := c.db.ExecContext(ctx, `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.database = a.datid AND a.datname = current_database()
			AND l.classid::bigint = $1 AND l.objid::bigint = $2 AND l.objsubid = 2
			AND a.wait_event_type = 'Client' AND clock_timestamp() - a.state_change > make_interval(secs => $3)`,
		int64(leaseClass), int64(writerLease), (2 * handOverTime).Seconds())
	if err != nil {
		return fmt.Errorf("end a session that is stuck: %w", err)
	}
	return nil
}

// PostgreSQL's codes for what is not there.
const (
	undefinedTable  = "42P01"
	undefinedColumn = "42703"
)

// Secret is a key that the instances of these records share, and nobody else
// has. It outlives a change of the installation's key.
func (c *Candidate) Secret(purpose string) ([]byte, error) { return c.ring.secret(purpose) }

// Secret is Candidate.Secret of open records.
func (s *Store) Secret(purpose string) ([]byte, error) { return s.ring.secret(purpose) }

func (k *keyring) secret(purpose string) ([]byte, error) {
	return suites()[0].derived(k.index, 32, "guanjia "+purpose)
}

// Close ends the standing.
func (c *Candidate) Close() error { return c.db.Close() }
