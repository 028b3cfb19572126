package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// outboxChannel is where PostgreSQL tells of replies that another session than
// the writer's has put into the outbox.
const outboxChannel = "guanjia_outbox"

// askTime is how long a session that listens hears nothing before it asks
// whether the server is still there.
const askTime = 30 * time.Second

// listen implements database: nobody else writes to the file.
func (sqlite) listen(context.Context, func()) {}

// listen implements database. While the session is lost nothing is heard, and
// the dispatcher finds what is due by looking; with the next session it looks at
// once.
func (p postgres) listen(ctx context.Context, heard func()) {
	for ctx.Err() == nil {
		// What ended the session is the database's failure, which the writer tells of.
		_ = p.hear(ctx, heard)
		select {
		case <-time.After(connectTime):
		case <-ctx.Done():
		}
	}
}

// hear listens with one session, until that is lost or ctx ends.
func (p postgres) hear(ctx context.Context, heard func()) error {
	connecting, stop := context.WithTimeout(ctx, connectTime)
	defer stop()
	conn, err := pgx.ConnectConfig(connecting, p.config.Copy())
	if err != nil {
		return fmt.Errorf("connect to listen: %w", err)
	}
	defer func() {
		// When ctx is over nobody waits for a server that may be cut off.
		closing, stop := context.WithTimeout(ctx, connectTime)
		defer stop()
		conn.Close(closing)
	}()
	if _, err := conn.Exec(connecting, "LISTEN "+outboxChannel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		heard()
		if err := notice(ctx, conn); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
}

// notice waits for a notice, and asks now and then whether the server is still
// there.
func notice(ctx context.Context, conn *pgx.Conn) error {
	for {
		waiting, stop := context.WithTimeout(ctx, askTime)
		_, err := conn.WaitForNotification(waiting)
		asks := waiting.Err() != nil
		stop()
		if err == nil || ctx.Err() != nil || !asks {
			return err
		}
		asking, stop := context.WithTimeout(ctx, connectTime)
		err = conn.Ping(asking)
		stop()
		if err != nil {
			return err
		}
	}
}
