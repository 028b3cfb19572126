package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/intents"
)

// chatCommand is `guanjia chat`.
type chatCommand struct {
	JSON bool   `help:"A JSON object a line in, one out."`
	Now  string `help:"The clock's start; it then moves only by advance." placeholder:"RFC3339"`
}

func (c *chatCommand) run(ctx context.Context, p *program) (err error) {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
	o := opening{now: now, dir: p.settings.DataDir, alone: true}
	if !p.kept && p.house == nil { // without --data nothing is kept
		dir, remove, err := scratch()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
		o.dir = dir
		p.settings.DataKeyFile, p.settings.KMSURL, p.settings.DatabaseURL = "", "", ""
	}
	return p.withHouse(ctx, o, func(h *house) error {
		return chat(ctx, h, p, c.JSON)
	})
}

// understandCommand is `guanjia understand`.
type understandCommand struct{}

// utterance is a line into understand.
type utterance struct {
	Text  *string        `json:"text"`
	Now   string         `json:"now"`
	Asked bot.EntityType `json:"asked"`
}

func (c *understandCommand) run(ctx context.Context, p *program) error {
	mind, err := p.openMind(ctx)
	if err != nil {
		return err
	}
	return understandLines(mind, p.con)
}

func understandLines(mind bot.Understander, con console) error {
	out := bufio.NewWriter(con.out)
	lines := bufio.NewScanner(con.in)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		u, err := readUtterance(lines.Bytes())
		if err != nil {
			return errors.Join(fmt.Errorf("line %d: %w", n, err), out.Flush())
		}
		if err := printJSON(out, intents.ReportOf(mind.Understand(u))); err != nil {
			return err
		}
		if err := out.Flush(); err != nil { // a caller may wait for each answer
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return usagef("read input: %v", err)
	}
	return nil
}

func readUtterance(line []byte) (bot.Utterance, error) {
	var in utterance
	if err := json.Unmarshal(line, &in); err != nil {
		return bot.Utterance{}, usagef("not a JSON object as expected: %v", err)
	}
	if in.Text == nil {
		return bot.Utterance{}, usagef(`"text" is missing`)
	}
	now := bot.SystemClock()
	if in.Now != "" {
		t, err := time.Parse(time.RFC3339, in.Now)
		if err != nil {
			return bot.Utterance{}, usagef("now %q is not a time such as 2026-12-01T09:00:00+08:00", in.Now)
		}
		now = t.In(bot.Shanghai())
	}
	return bot.Utterance{Text: *in.Text, Now: now, Asked: in.Asked}, nil
}

// listCommand is `guanjia list`.
type listCommand struct {
	What   string `arg:"" help:"appointments, tickets, handoffs, wishes or openings"`
	JSON   bool   `help:"A JSON object a line."`
	Reveal bool   `help:"Particulars in full."`
	Now    string `help:"The clock." placeholder:"RFC3339"`
}

func (c *listCommand) run(ctx context.Context, p *program) error {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
	if !listable(c.What) {
		return usagef("cannot list %q: appointments, tickets, handoffs, wishes or openings", c.What)
	}
	guides, err := p.guidesNow(ctx)
	if err != nil {
		return err
	}
	return p.withRecords(ctx, func(s *store.Store) error {
		l, err := newLister(ctx, s, guides, clockAt(now), c.Reveal)
		if err != nil {
			return err
		}
		return l.list(ctx, p.con, c.What, c.JSON)
	})
}

// openingsCommand is `guanjia openings`.
type openingsCommand struct {
	Release  releaseCommand          `cmd:"" help:"Release what is due by now."`
	Simulate openingsSimulateCommand `cmd:"" help:"Rehearse a week of the city's size: fixed against dynamic release."`
}

type releaseCommand struct {
	Now string `help:"The clock." placeholder:"RFC3339"`
}

func (c *releaseCommand) run(ctx context.Context, p *program) error {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
	return p.withHouse(ctx, opening{now: now}, func(h *house) error {
		at := h.clock()
		if !now.IsZero() {
			at = now
		}
		days, err := h.store.ReleaseOpenings(ctx, at)
		if err != nil {
			return err
		}
		if p.house == nil { // opening the records has released what was due
			days = append(h.released, days...)
		}
		if len(days) == 0 {
			halls, err := h.store.Halls(ctx)
			if err == nil && len(halls) == 0 {
				fmt.Fprintln(p.con.out, "nothing to release: there are no halls yet")
			} else if err == nil {
				fmt.Fprintln(p.con.out, "nothing to release: all days up to the last released one are there")
			}
			return err
		}
		for _, day := range days {
			fmt.Fprintln(p.con.out, "released", day)
		}
		return nil
	})
}

// demoCommand is `guanjia demo`.
type demoCommand struct {
	Clear demoClearCommand `cmd:"" help:"Remove sample and simulated records."`
}

type demoClearCommand struct{}

func (c *demoClearCommand) run(ctx context.Context, p *program) error {
	if p.house == nil {
		p.settings.Demo = false // or opening would lay out the demo again
	}
	return p.withHouse(ctx, opening{}, func(h *house) error {
		n, err := h.store.ClearDemo(ctx)
		if err == nil {
			err = h.store.Audit(ctx, bot.AuditEntry{At: h.clock(), Actor: "command", Deed: bot.AuditDemoClear})
		}
		if err == nil {
			fmt.Fprintf(p.con.out, "removed %d sample records\n", n)
		}
		return err
	})
}

// checkCommand is `guanjia check`.
type checkCommand struct {
	JSON bool `help:"A JSON object."`
}

// finding is one thing check says.
type finding struct {
	Level   string `json:"level"` // error or warning
	Subject string `json:"subject"`
	Problem string `json:"problem"`
}

func (c *checkCommand) run(ctx context.Context, p *program) error {
	found, looked := p.check(ctx)
	faults := 0
	for _, f := range found {
		if f.Level == "error" {
			faults++
		}
	}
	if c.JSON {
		settings := map[string]string{}
		for _, l := range p.lines {
			settings[l.Key] = l.Value
		}
		if err := printJSON(p.con.out, map[string]any{"settings": settings, "findings": found, "faults": faults, "checked": looked}); err != nil {
			return err
		}
	} else {
		var text bytes.Buffer
		for _, l := range p.lines {
			fmt.Fprintf(&text, "%-24s %-34s %s\n", l.Key, l.Value, l.From)
		}
		for _, f := range found {
			fmt.Fprintf(&text, "%s: %s: %s\n", f.Level, f.Subject, f.Problem)
		}
		fmt.Fprintf(&text, "checked %s: %s, %s\n", strings.Join(looked, ", "), counted(faults, "fault"), counted(len(found)-faults, "warning"))
		if _, err := p.con.out.Write(text.Bytes()); err != nil {
			return err
		}
	}
	if faults > 0 {
		return usagef("%s", counted(faults, "fault"))
	}
	return nil
}

// counted is how many there are of something: no faults, 1 fault, 2 faults.
func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
