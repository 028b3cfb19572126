package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"guanjia/bot/store"
)

// moveCommand is `guanjia migrate-data`.
type moveCommand struct{}

// tellEvery is how often the move says how far it is.
const tellEvery = time.Second

func (c *moveCommand) run(ctx context.Context, p *program) error {
	if p.settings.DatabaseURL == "" {
		return usagef("set database_url to the PostgreSQL database the records of %s are to move into", p.settings.DataDir)
	}
	if p.house != nil {
		return usagef("stop the service first: what it writes meanwhile would not move")
	}
	o, err := recordsOf(p.settings)
	if err != nil {
		return err
	}
	told := time.Time{}
	rows, err := store.Move(ctx, o, func(m store.Moving) {
		if m.Rows > 0 && m.Equal == m.Rows || time.Since(told) > tellEvery {
			told = time.Now()
			fmt.Fprintf(p.con.err, "%s: %d of %d rows copied, %d compared\n", m.Table, m.Copied, m.Rows, m.Equal)
		}
	})
	if errors.Is(err, store.ErrLocked) {
		return usagef("stop the service first: what it writes meanwhile would not move (%w)", err)
	}
	for _, refusal := range []error{store.ErrRecordsThere, store.ErrWrongKey, store.ErrUnreachable, store.ErrRefused, store.ErrNewer, store.ErrMoved, fs.ErrNotExist} {
		if errors.Is(err, refusal) {
			return usageError{err}
		}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.con.out, "%d rows moved, each held against the original; keep %s, its key stays in use\n", rows, p.settings.DataDir)
	return err
}
