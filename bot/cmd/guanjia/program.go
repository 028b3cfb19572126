package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/wechat"
	"guanjia/config"
	"guanjia/knowledge"
)

// program is what a command runs with: its terminal, its settings, and, in
// the process that owns the data directory, the open house.
type program struct {
	args     []string
	cwd      string // what file names are relative to
	env      []string
	con      console
	settings config.Settings
	lines    []config.Line
	faults   error // of the settings
	kept     bool  // the data directory was named
	log      *slog.Logger
	house    *house        // only in the owner
	clock    bot.Clock     // of serve; nil: the machine's
	waits    wechat.Times  // of WeChat's five seconds; zero but in tests
	lenience float64       // of the school; zero but in tests
	sip      string        // where tests want the hotline; empty: nowhere
	pulse    time.Duration // of timed work; zero but in tests
	lent     *house        // see opening; nil but in tests
}

// path makes a file's name as the caller gave it usable here.
func (p *program) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.cwd, name)
}

// instant reads --now; empty is the machine's clock.
func instant(now string) (time.Time, error) {
	if now == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, now)
	if err != nil {
		return t, usagef("--now %q is not a time such as 2026-12-01T09:00:00+08:00", now)
	}
	return t.In(bot.Shanghai()), nil
}

// clockAt is the machine's clock, or one that stands at now.
func clockAt(now time.Time) time.Time {
	if now.IsZero() {
		return bot.SystemClock()
	}
	return now
}

// withHouse runs a deed on the open data directory. Where another process
// owns the directory, the whole command runs there and here is only its
// terminal.
func (p *program) withHouse(ctx context.Context, o opening, deed func(*house) error) error {
	if p.house != nil {
		return deed(p.house)
	}
	o.settings, o.log, o.lent = p.settings, p.log, p.lent
	if o.dir == "" {
		o.dir = p.settings.DataDir
	}
	h, err := openHouse(ctx, o)
	if errors.Is(err, store.ErrLocked) {
		if away := throughOwner(ctx, o.dir, call{Args: p.args, Dir: p.cwd}, p.con); !errors.Is(away, errNoOwner) {
			return away
		}
		return usageError{err} // it is elsewhere
	}
	if err != nil {
		return err
	}
	return errors.Join(deed(h), h.close())
}

// openRecords opens the records for reading, beside their owner.
func (p *program) openRecords(ctx context.Context) (*store.Store, error) {
	o, err := recordsOf(p.settings)
	if err != nil {
		return nil, err
	}
	o.ReadOnly = true
	return store.Open(ctx, o)
}

// withRecords runs a deed on the records of the data directory, which another
// process may own: reading only. A directory without records is empty.
func (p *program) withRecords(ctx context.Context, deed func(*store.Store) error) error {
	s, err := p.openRecords(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(p.con.err, "no records in", p.settings.DataDir)
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(deed(s), s.Close())
}

// withGuides opens the guides of the data directory for reading, with or
// without records there.
func (p *program) withGuides(ctx context.Context, deed func(*knowledge.Store) error) error {
	if p.house != nil {
		return deed(p.house.guides)
	}
	s, err := p.openRecords(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		guides, err := knowledge.Open(ctx, p.settings.DataDir, nil)
		if err != nil {
			return err
		}
		return deed(guides)
	}
	if err != nil {
		return err
	}
	guides, err := knowledge.Open(ctx, p.settings.DataDir, s)
	if err == nil {
		err = deed(guides)
	}
	return errors.Join(err, s.Close())
}

// guidesNow are the guides of the data directory as they are now.
func (p *program) guidesNow(ctx context.Context) (*knowledge.Base, error) {
	var base *knowledge.Base
	err := p.withGuides(ctx, func(s *knowledge.Store) error {
		base = s.Base()
		return nil
	})
	return base, err
}

// scratch makes a directory that is gone when the command ends.
func scratch() (dir string, remove func() error, err error) {
	dir, err = os.MkdirTemp("", "guanjia-")
	if err != nil {
		return "", nil, fmt.Errorf("make a throw-away directory: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}
