package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"guanjia/bot"
	"guanjia/bot/store"
)

// backupCommand is `guanjia backup`.
type backupCommand struct {
	File string `arg:"" help:"A new file."`
}

func (c *backupCommand) run(ctx context.Context, p *program) error {
	return p.withHouse(ctx, opening{}, func(h *house) error {
		path := p.path(c.File)
		digest, err := h.store.Backup(ctx, path)
		if errors.Is(err, store.ErrDatabase) || errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist) {
			return usageError{err}
		}
		if err == nil {
			err = h.store.Audit(ctx, bot.AuditEntry{At: h.clock(), Actor: "command", Deed: bot.AuditBackup, Subject: digest})
		}
		if err == nil {
			_, err = fmt.Fprintf(p.con.out, "%s  %s\nthe installation's key is not in it: keep that apart\n", digest, path)
		}
		return err
	})
}

// restoreCommand is `guanjia restore`.
type restoreCommand struct {
	File string `arg:"" help:"A file that backup wrote."`
}

func (c *restoreCommand) run(ctx context.Context, p *program) error {
	if p.house != nil {
		return usagef("stop the service first: what it holds would be overwritten")
	}
	if p.settings.DatabaseURL != "" {
		return usageError{store.ErrDatabase}
	}
	o, err := recordsOf(p.settings)
	if err != nil {
		return err
	}
	err = store.Restore(ctx, p.path(c.File), o)
	for _, refusal := range []error{store.ErrLocked, store.ErrRecordsThere, store.ErrBackup, store.ErrWrongKey, os.ErrNotExist} {
		if errors.Is(err, refusal) {
			return usageError{err}
		}
	}
	if err == nil {
		_, err = fmt.Fprintln(p.con.out, "restored into", p.settings.DataDir)
	}
	return err
}
