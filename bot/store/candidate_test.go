package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"guanjia/bot/store"
)

// TestStoppedAmidAStatement has who leads fall silent in the middle of a
// statement, where the server's bounds on idle sessions do not hold: who stands
// by is told that nobody leads all the same.
func TestStoppedAmidAStatement(t *testing.T) {
	t.Parallel()
	o := store.Options{Dir: t.TempDir(), Database: store.Server.Database(t, t.Name()), Address: "127.0.0.1:1"}
	s, err := store.Open(t.Context(), o)
	must(t, err)
	must(t, s.Close())
	c, err := pgconn.Connect(t.Context(), o.Database)
	must(t, err)
	defer c.Close(t.Context())
	// The lease, with bounds that would hold for who is idle.
	_, err = c.Exec(t.Context(), "SET idle_session_timeout = 500; SET idle_in_transaction_session_timeout = 500; SELECT pg_advisory_lock(1735745902, 0)").ReadAll()
	must(t, err)
	c.Frontend().SendParse(&pgproto3.Parse{Query: "SELECT 1"})
	c.Frontend().Send(&pgproto3.Flush{})
	must(t, c.Frontend().Flush()) // and no Sync
	candidate, err := store.Stand(t.Context(), o)
	must(t, err)
	defer candidate.Close()
	time.Sleep(time.Second) // in which an idle session would have ended
	leader, err := candidate.Leader(t.Context())
	must(t, err)
	if !leader.Held {
		t.Fatal("the session ended by itself: this test tests nothing")
	}
	for end := time.Now().Add(2 * time.Minute); leader.Held; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("who is stopped amid a statement keeps the lease")
		}
		leader, err = candidate.Leader(t.Context())
		must(t, err)
	}
}
