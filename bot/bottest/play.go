package bottest

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"guanjia/bot"
)

// Said is what came of a step.
type Said struct {
	Replies  []Heard
	Trace    bot.Trace
	Handling bot.Handling
	// Refused says why a Work step was not allowed, empty if it was.
	Refused string
}

// Heard is one reply as the citizen sees it.
type Heard struct {
	Text      string
	Options   []string
	Proactive bool
}

// Driver is one fresh service under test.
type Driver interface {
	// Do carries out a step.
	Do(ctx context.Context, s Step) (Said, error)
	// Records lists the records of a kind, as list --json --reveal does.
	Records(ctx context.Context, kind string) ([]map[string]any, error)
	// Moves are what was done to tickets, each with the state it was done in.
	Moves(ctx context.Context) ([]string, error)
	Close() error
}

// Opener makes the service for a case. It may be called for several at once.
type Opener func(ctx context.Context, c Case) (Driver, error)

// Report is what came of a file.
type Report struct {
	Passed, Failed int
	Wrong          int // commits without a yes, in all
	Failures       []string
	// Tags counts the cases passed and in all by tag.
	Tags map[string][2]int
	// Commands counts the commands met; Steps the slots asked or filled by flow.
	Commands map[string]int
	Steps    map[string]int
	// Moves counts what was done to tickets, and in which state: "sign dispatched".
	Moves map[string]int
}

// NewReport makes an empty report.
func NewReport() *Report {
	return &Report{Tags: map[string][2]int{}, Commands: map[string]int{}, Steps: map[string]int{}, Moves: map[string]int{}}
}

// together is how many cases are played side by side: they mostly wait for
// their own databases.
const together = 8

// Play runs every case of a file and adds to the report, in the file's order.
func (r *Report) Play(ctx context.Context, f File, open Opener) error {
	outcomes := make([]outcome, len(f.Cases))
	var wg sync.WaitGroup
	turns := make(chan struct{}, together)
	for i, c := range f.Cases {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			outcomes[i] = play(ctx, c, open)
		})
	}
	wg.Wait()
	for i, c := range f.Cases {
		if err := outcomes[i].err; err != nil {
			return fmt.Errorf("%s: %s: %w", f.Name, c.Name, err)
		}
		r.add(f, c, outcomes[i])
	}
	return nil
}

// outcome is what came of one case.
type outcome struct {
	faults []string
	traces []bot.Trace
	moves  []string
	wrong  int   // commits without a yes
	err    error // it could not be played
}

func (r *Report) add(f File, c Case, o outcome) {
	for _, t := range o.traces {
		r.count(t)
	}
	for _, m := range o.moves {
		r.Moves[m]++
	}
	r.Wrong += o.wrong
	passed := len(o.faults) == 0
	for _, tag := range c.Tags {
		n := r.Tags[tag]
		n[1]++
		if passed {
			n[0]++
		}
		r.Tags[tag] = n
	}
	if passed {
		r.Passed++
		return
	}
	r.Failed++
	for _, fault := range o.faults {
		r.Failures = append(r.Failures, fmt.Sprintf("%s: %s: %s", f.Name, c.Name, fault))
	}
}

func play(ctx context.Context, c Case, open Opener) (o outcome) {
	d, err := open(ctx, c)
	if err != nil {
		return outcome{err: err}
	}
	defer func() {
		if closeErr := d.Close(); o.err == nil {
			o.err = closeErr
		}
	}()
	var last []string
	kept := 0
	for _, step := range c.Steps {
		if step.Choose > 0 {
			if step.Choose > len(last) {
				o.faults = append(o.faults, fmt.Sprintf("line %d: option %d was not offered, only %q", step.Line, step.Choose, last))
				return o
			}
			step.User = &last[step.Choose-1]
		}
		said, err := d.Do(ctx, step)
		if err != nil {
			o.err = fmt.Errorf("line %d: %w", step.Line, err)
			return o
		}
		o.traces = append(o.traces, said.Trace)
		if n := len(said.Replies); n > 0 {
			last = said.Replies[n-1].Options
		}
		if kept, err = o.watch(ctx, step, said, d, kept); err != nil {
			o.err = fmt.Errorf("line %d: %w", step.Line, err)
			return o
		}
		if said.Refused != "" && !slices.ContainsFunc(step.Expect, func(e Expect) bool { return e.Refused != "" }) {
			o.faults = append(o.faults, fmt.Sprintf("line %d: refused: %s", step.Line, said.Refused))
		}
		for _, e := range step.Expect {
			if fault := e.check(ctx, said, d); fault != "" {
				o.faults = append(o.faults, fmt.Sprintf("line %d: %s (said %s; commands %v)", step.Line, fault, said.words(), said.Trace.Commands))
			}
		}
	}
	o.moves, o.err = d.Moves(ctx)
	return o
}

// mostReplies is how much is said in a row.
const mostReplies = 3

// watch holds every turn to what always holds: nothing is booked or filed
// without a yes, few messages, answers offered under the last only, a calm
// voice. kept is how many records there were before.
func (o *outcome) watch(ctx context.Context, step Step, said Said, d Driver, kept int) (int, error) {
	now := 0
	for _, kind := range []string{"appointments", "tickets"} {
		rows, err := d.Records(ctx, kind)
		if err != nil {
			return kept, err
		}
		now += len(rows)
	}
	fault := func(what string) {
		o.faults = append(o.faults, fmt.Sprintf("line %d: %s (said %s; commands %v)", step.Line, what, said.words(), said.Trace.Commands))
	}
	if now > kept && step.Fault != "lost" && !slices.Contains(said.Trace.Commands, "confirm") && !slices.Contains(said.Trace.Commands, "choose(1)") {
		o.wrong++
		fault("committed without a yes")
	}
	spoken := slices.DeleteFunc(slices.Clone(said.Replies), func(h Heard) bool { return h.Proactive })
	if len(spoken) > mostReplies {
		fault(fmt.Sprintf("%d messages in a row", len(spoken)))
	}
	for i, h := range spoken {
		if i+1 < len(spoken) && len(h.Options) > 0 {
			fault("offered answers before the last message")
		}
		if strings.ContainsAny(h.Text, "!！") {
			fault("raised its voice")
		}
	}
	return now, nil
}

func (r *Report) count(t bot.Trace) {
	for _, c := range t.Commands {
		r.Commands[c]++
	}
	for slot := range t.Slots {
		r.Steps[string(t.Flow)+"."+slot]++
	}
}

func (s Said) words() string {
	var parts []string
	for _, r := range s.Replies {
		parts = append(parts, fmt.Sprintf("%q %q", r.Text, r.Options))
	}
	return strings.Join(parts, " ")
}

// check returns what is wrong, empty if it holds.
func (e Expect) check(ctx context.Context, s Said, d Driver) string {
	text, options := s.all()
	switch {
	case e.Refused != "" && !strings.Contains(s.Refused, e.Refused):
		return fmt.Sprintf("refused with %q, not %q", s.Refused, e.Refused)
	case e.Says != "" && !strings.Contains(text, e.Says):
		return fmt.Sprintf("did not say %q", e.Says)
	case e.SaysOnce != "" && strings.Count(text, e.SaysOnce) != 1:
		return fmt.Sprintf("said %q %d times", e.SaysOnce, strings.Count(text, e.SaysOnce))
	case e.SaysNot != "" && strings.Contains(text, e.SaysNot):
		return fmt.Sprintf("said %q", e.SaysNot)
	case e.Offers != "" && !strings.Contains(options, e.Offers):
		return fmt.Sprintf("did not offer %q", e.Offers)
	case e.Silent && len(s.Replies) > 0:
		return "was not silent"
	case e.Proactive && !slices.ContainsFunc(s.Replies, func(h Heard) bool { return h.Proactive }):
		return "said nothing of its own accord"
	case e.Cites != "" && !slices.ContainsFunc(s.Trace.Citations, func(c string) bool { return strings.HasPrefix(c, e.Cites) }):
		return fmt.Sprintf("cited %v, not %q", s.Trace.Citations, e.Cites)
	case e.Did != "" && !slices.Contains(s.Trace.Commands, e.Did):
		return fmt.Sprintf("did not %s", e.Did)
	case e.DidNot != "" && slices.Contains(s.Trace.Commands, e.DidNot):
		return fmt.Sprintf("did %s", e.DidNot)
	}
	if fault := e.checkTrace(s); fault != "" {
		return fault
	}
	return e.checkRecords(ctx, d)
}

func (s Said) all() (text, options string) {
	for _, r := range s.Replies {
		text += r.Text + "\n"
		options += strings.Join(r.Options, "\n") + "\n"
	}
	return text, options
}

func (e Expect) checkTrace(s Said) string {
	for _, c := range []struct{ what, want, got string }{
		{"intent", string(e.Intent), string(s.Trace.Intent)},
		{"decision", string(e.Decision), string(s.Trace.Decision)},
		{"flow", string(e.Flow), string(s.Trace.Flow)},
		{"handling", string(e.Handling), string(s.Handling)},
	} {
		if c.want != "" && c.want != c.got {
			return fmt.Sprintf("%s is %q, not %q", c.what, c.got, c.want)
		}
	}
	names := make([]string, 0, len(e.Slots))
	for name := range e.Slots {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if got := s.Trace.Slots[name]; got != e.Slots[name] {
			return fmt.Sprintf("slot %s is %q, not %q", name, got, e.Slots[name])
		}
	}
	for _, name := range e.Unset {
		if got := s.Trace.Slots[name]; got != "" {
			return fmt.Sprintf("slot %s is %q, not empty", name, got)
		}
	}
	return ""
}

func (e Expect) checkRecords(ctx context.Context, d Driver) string {
	for kind, want := range e.Count {
		rows, err := d.Records(ctx, kind)
		if err != nil {
			return err.Error()
		}
		if len(rows) != want {
			return fmt.Sprintf("%d %s, not %d", len(rows), kind, want)
		}
	}
	if e.Record == nil {
		return ""
	}
	rows, err := d.Records(ctx, e.Record.Kind)
	if err != nil {
		return err.Error()
	}
	for _, row := range rows {
		if matches(row, e.Record.Has) {
			return ""
		}
	}
	return fmt.Sprintf("no record of %s with %v among %v", e.Record.Kind, e.Record.Has, rows)
}

func matches(row map[string]any, want map[string]string) bool {
	for key, v := range want {
		if fmt.Sprint(row[key]) != v {
			return false
		}
	}
	return true
}
