package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"guanjia/bot"
	"guanjia/bot/store"
)

// TestOutboxOfOthers has another session of PostgreSQL look at the outbox by
// hand, as whoever runs the database may: what it holds is passed over, and
// holds up nobody but its citizen, whose later replies do not overtake it; and
// what it puts back wakes the dispatcher, which the writer's own commits do not
// pay for.
func TestOutboxOfOthers(t *testing.T) {
	store.ModelSchema(t)
	ctx, url := t.Context(), store.Server.Database(t, t.Name())
	s, err := store.Open(context.Background(), store.Options{Dir: t.TempDir(), Database: url})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	put := func(openID, text string) {
		c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: openID}, monday)
		must(t, err)
		must(t, s.Commit(ctx, func(tx bot.Tx) error {
			_, err := tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, To: bot.Address{Channel: bot.WeChat, ID: openID}, Due: monday, From: "bot", Reply: bot.Reply{Text: text}}, 0)
			return err
		}))
	}
	due := func(now time.Time) (texts []string, ids []bot.OutgoingID) {
		rows, err := s.LeaseDue(ctx, now, time.Minute, 10)
		must(t, err)
		for _, r := range rows {
			texts, ids = append(texts, r.Reply.Text), append(ids, r.ID)
		}
		return texts, ids
	}
	for i := range 2 {
		put("oHeld", fmt.Sprint("held ", i))
		put("oFree", fmt.Sprint("free ", i))
	}
	db, err := sql.Open("pgx", url)
	must(t, err)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	must(t, err)
	var first int64
	must(t, tx.QueryRowContext(ctx, "SELECT id FROM outbox ORDER BY id LIMIT 1 FOR UPDATE").Scan(&first))
	for _, want := range []string{"free 0", "free 1"} {
		got, ids := due(monday)
		if !slices.Equal(got, []string{want}) {
			t.Fatalf("beside a session that holds a row, due are %q, want %q", got, want)
		}
		must(t, s.Sent(ctx, ids...))
	}
	if got, _ := due(monday); len(got) > 0 {
		t.Errorf("it overtakes what is held: %q", got)
	}
	must(t, tx.Rollback())
	got, ids := due(monday)
	if !slices.Equal(got, []string{"held 0"}) {
		t.Fatalf("afterwards due are %q", got)
	}
	must(t, s.Bury(ctx, ids[0], "the platform says no"))
	awake := func() bool {
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			select {
			case <-s.OutboxWake():
				return true
			default:
			}
		}
		return false
	}
	quiet := func() {
		for drained := false; !drained; {
			select {
			case <-s.OutboxWake():
			case <-time.After(time.Second):
				drained = true
			}
		}
	}
	quiet()
	other, err := pgx.Connect(ctx, url)
	must(t, err)
	defer other.Close(ctx)
	_, err = other.Exec(ctx, "LISTEN guanjia_outbox")
	must(t, err)
	_, err = db.ExecContext(ctx, "UPDATE outbox SET status = 'waiting', busy_until = 0 WHERE id = $1", first)
	must(t, err)
	if !awake() {
		t.Error("nobody was woken by what another session put back")
	}
	if got, _ := due(monday); !slices.Equal(got, []string{"held 0"}) {
		t.Errorf("put back, due are %q", got)
	}
	put("oNew", "new")
	_, err = db.ExecContext(ctx, "NOTIFY guanjia_outbox, 'the last'")
	must(t, err)
	var notices []string
	for waiting := true; waiting; {
		n, err := other.WaitForNotification(ctx)
		must(t, err)
		notices = append(notices, n.Payload)
		waiting = n.Payload == ""
	}
	if !slices.Equal(notices, []string{"", "the last"}) {
		t.Errorf("notices %q, want one of the other session and none of the writer's", notices)
	}
}
