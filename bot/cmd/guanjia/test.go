package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/bottest"
	"guanjia/channels/terminal"
)

// testCommand is `guanjia test`.
type testCommand struct {
	Files    []string `arg:"" optional:"" help:"Files of conversations; those built in when none is named."`
	Coverage bool     `help:"Say which slots, commands and behaviours were met."`
}

func (c *testCommand) run(ctx context.Context, p *program) error {
	files, err := c.conversations(p)
	if err != nil {
		return err
	}
	t, err := newTester(ctx, p)
	if err != nil {
		return err
	}
	report := bottest.NewReport()
	for _, f := range files {
		if err := report.Play(ctx, f, t.open); err != nil {
			return errors.Join(err, t.close())
		}
	}
	if err := t.close(); err != nil {
		return err
	}
	return c.tell(p.con, report)
}

// conversations reads the files named, or those built in.
func (c *testCommand) conversations(p *program) ([]bottest.File, error) {
	var files []bottest.File
	var faults []error
	if len(c.Files) == 0 {
		return bottest.Conversations()
	}
	for _, name := range c.Files {
		raw, err := os.ReadFile(p.path(name))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		f, err := bottest.Parse(filepath.Base(name), raw)
		if err != nil {
			faults = append(faults, err)
		}
		files = append(files, f)
	}
	if len(faults) > 0 {
		return nil, usageError{errors.Join(faults...)}
	}
	return files, nil
}

func (c *testCommand) tell(con console, r *bottest.Report) error {
	for _, f := range r.Failures {
		fmt.Fprintln(con.out, "FAIL", f)
	}
	if c.Coverage {
		for _, tag := range slices.Sorted(maps.Keys(r.Tags)) {
			fmt.Fprintf(con.out, "behaviour %s: %d of %d passed\n", tag, r.Tags[tag][0], r.Tags[tag][1])
		}
		for _, name := range slices.Sorted(maps.Keys(r.Commands)) {
			fmt.Fprintf(con.out, "command %s: %d\n", name, r.Commands[name])
		}
		for _, name := range slices.Sorted(maps.Keys(r.Steps)) {
			fmt.Fprintf(con.out, "slot %s: %d\n", name, r.Steps[name])
		}
		for _, name := range slices.Sorted(maps.Keys(r.Moves)) {
			fmt.Fprintf(con.out, "ticket %s: %d\n", name, r.Moves[name])
		}
	}
	fmt.Fprintf(con.out, "%d passed, %d failed, %d wrong commits\n", r.Passed, r.Failed, r.Wrong)
	if left := unlived(r.Moves); c.Coverage && len(c.Files) == 0 && len(left) > 0 {
		return fmt.Errorf("no conversation lives: %s", strings.Join(left, ", "))
	}
	if r.Failed > 0 {
		return fmt.Errorf("%d conversations failed", r.Failed)
	}
	return nil
}

// tester opens a fresh service for every conversation. What all have in
// common at one time of the clock, the halls and their openings, is laid out
// once and copied.
type tester struct {
	p    *program
	dir  string
	done func() error
	mu   sync.Mutex        // guards what follows
	laid map[string]string // clock's start → data directory to copy
	lent *house            // whose knowledge and understanding all use
	n    int
}

func newTester(_ context.Context, p *program) (*tester, error) {
	dir, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	return &tester{p: p, dir: dir, laid: map[string]string{}, lent: p.lent, done: remove}, nil
}

func (t *tester) close() error { return t.done() }

// testsBegin is the clock's start of a case that names none: a Tuesday.
func testsBegin() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) }

// open implements bottest.Opener.
func (t *tester) open(ctx context.Context, c bottest.Case) (bottest.Driver, error) {
	now := c.Now.In(bot.Shanghai())
	if c.Now.IsZero() {
		now = testsBegin()
	}
	dir, err := t.lay(ctx, now)
	if err != nil {
		return nil, err
	}
	fault := &faulty{}
	h, err := t.house(ctx, dir, now, fault)
	if err != nil {
		return nil, err
	}
	d := &player{house: h, terminal: newTerminal(h, t.photo(dir)), dir: dir, fault: fault}
	for _, full := range c.Given.Full {
		if err := d.fill(ctx, full); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// photo makes the picture that cases send under the name of photo; other names
// are files as they were typed.
func (t *tester) photo(dir string) func(name string) string {
	return func(name string) string {
		if name != "photo" {
			return t.p.path(name)
		}
		var b bytes.Buffer
		path := filepath.Join(dir, "photo.png")
		if err := errors.Join(png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
			t.p.log.Error("make a picture", "error", err)
		}
		return path
	}
}

// lay copies the records of a fresh service at a time of the clock to a folder
// of their own.
func (t *tester) lay(ctx context.Context, now time.Time) (string, error) {
	from, dir, err := t.ground(ctx, now)
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		return "", fmt.Errorf("copy the laid-out records: %w", err)
	}
	return dir, nil
}

// ground is the folder to copy, laid out once, and a name for the copy.
func (t *tester) ground(ctx context.Context, now time.Time) (from, dir string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
	dir = filepath.Join(t.dir, fmt.Sprintf("case-%d", t.n))
	if from, ok := t.laid[now.String()]; ok {
		return from, dir, nil
	}
	from = filepath.Join(t.dir, fmt.Sprintf("laid-%d", len(t.laid)))
	h, err := t.house(ctx, from, now, nil)
	if err != nil {
		return "", "", err
	}
	if err := h.close(); err != nil {
		return "", "", err
	}
	if t.lent == nil {
		t.lent = h // what is lent outlives the closing of its store
	}
	t.laid[now.String()] = from
	return from, dir, nil
}

func (t *tester) house(ctx context.Context, dir string, now time.Time, fault *faulty) (*house, error) {
	settings := t.p.settings
	settings.Demo, settings.DataKeyFile, settings.KMSURL, settings.DatabaseURL = true, "", "", ""
	return openHouse(ctx, opening{settings: settings, dir: dir, now: now, log: t.p.log, lent: t.lent, faulty: fault})
}

// player is one fresh service under test.
type player struct {
	house    *house
	terminal *terminal.Terminal
	dir      string
	fault    *faulty
	people   int // how many of the crowd have come
}

// prepare lets others take what they take and arms what goes wrong in a step.
func (d *player) prepare(ctx context.Context, s bottest.Step) error {
	if !knownFault(s.Fault) {
		return usagef("line %d: fault %q is unknown", s.Line, s.Fault)
	}
	others := func(ctx context.Context) error {
		if len(s.Taken) > 0 { // what the citizen held has run out by then
			if _, err := d.house.store.ExpireHolds(ctx, d.house.clock().Add(time.Hour)); err != nil {
				return err
			}
		}
		for _, p := range s.Taken {
			if err := d.fill(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}
	d.fault.arm(s.Fault, others)
	if s.Fault == "raced" {
		return nil
	}
	return others(ctx)
}

// Do implements bottest.Driver.
func (d *player) Do(ctx context.Context, s bottest.Step) (bottest.Said, error) {
	if err := d.prepare(ctx, s); err != nil {
		return bottest.Said{}, err
	}
	refusal := ""
	if s.Work != nil {
		var err error
		if refusal, err = d.work(ctx, *s.Work); err != nil {
			return bottest.Said{}, err
		}
		s.Advance = "0s" // what is to be said is said
	}
	if s.Switch != nil {
		var err error
		if refusal, err = d.flip(ctx, *s.Switch); err != nil {
			return bottest.Said{}, err
		}
		s.Advance = "0s"
	}
	a, err := d.terminal.Turn(ctx, terminal.Line{Text: s.User, Citizen: s.Citizen, Channel: s.Channel, Event: s.Event, Advance: s.Advance})
	if err != nil {
		return bottest.Said{}, err
	}
	said := bottest.Said{Handling: a.Handling, Trace: d.terminal.LastTrace(), Refused: refusal}
	for _, r := range a.Replies {
		said.Replies = append(said.Replies, bottest.Heard{Text: r.Text, Options: r.Options, Proactive: r.Proactive})
	}
	return said, nil
}

// Records implements bottest.Driver.
func (d *player) Records(ctx context.Context, kind string) ([]map[string]any, error) {
	h := d.house
	l, err := newLister(ctx, h.store, h.base, h.clock(), true)
	if err != nil {
		return nil, err
	}
	rows, err := l.rows(ctx, kind)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, r := range rows {
		raw, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		var row map[string]any
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, err
		}
		if citizen, _ := row["citizen"].(string); !strings.HasPrefix(citizen, crowd) {
			out = append(out, row)
		}
	}
	return out, nil
}

// crowd begins the names of the people who fill openings.
const crowd = "crowd-"

// Close implements bottest.Driver.
func (d *player) Close() error {
	return errors.Join(d.house.close(), os.RemoveAll(d.dir))
}

// fill books every place of the openings named, by people who are nobody
// else's business.
func (d *player) fill(ctx context.Context, p bottest.Place) error {
	s := d.house.store
	open, err := s.Openings(ctx, booking.Query{Service: p.Service, Hall: p.Hall, Date: p.Date, After: d.house.clock()})
	if err != nil {
		return err
	}
	for _, o := range open {
		if p.Time != "" && o.Time != p.Time {
			continue
		}
		if err := d.fillOne(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func (d *player) fillOne(ctx context.Context, o booking.Opening) error {
	h := d.house
	for range o.Remaining {
		d.people++
		citizen := bot.CitizenID(fmt.Sprintf("%s%d", crowd, d.people))
		if err := h.store.Enrol(ctx, citizen, h.clock(), bot.Address{Channel: bot.Web, ID: string(citizen)}); err != nil {
			return err
		}
		err := h.store.Commit(ctx, func(tx bot.Tx) error {
			_, err := h.store.Book(ctx, tx, booking.Request{
				Citizen: citizen, Key: string(citizen), Service: o.Service, Hall: o.Hall, Date: o.Date, Time: o.Time,
				Name: "路人", Phone: bot.Secret(fmt.Sprintf("139%08d", d.people)), Now: h.clock(),
			})
			return err
		})
		if err != nil {
			return fmt.Errorf("fill %s %s %s: %w", o.Hall, o.Date, o.Time, err)
		}
	}
	return nil
}
