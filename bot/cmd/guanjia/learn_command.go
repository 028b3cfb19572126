package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"guanjia/bot"
	"guanjia/channels/desk"
)

// intentsLearnCommand is `guanjia intents learn`.
type intentsLearnCommand struct {
	Accept []int64 `help:"Accept lessons by number." placeholder:"ID"`
	Reject []int64 `help:"Reject lessons by number." placeholder:"ID"`
	Intent string  `help:"With --accept: the intent, where it is another than proposed."`
	Text   string  `help:"With --accept: the words, where they are to be learnt otherwise."`
	List   bool    `help:"Only show; take up nothing."`
	JSON   bool    `help:"A JSON object a lesson, and one of the result."`
}

// listedLesson is a lesson as it is shown.
type listedLesson struct {
	ID     int64            `json:"id"`
	Text   string           `json:"text"`
	Was    bot.Intent       `json:"was"`
	Intent bot.Intent       `json:"intent"`
	Times  int              `json:"times"`
	By     string           `json:"by"` // an operator, or "citizen"
	Status bot.LessonStatus `json:"status"`
}

func (c *intentsLearnCommand) run(ctx context.Context, p *program) error {
	if c.Intent != "" && !slices.Contains(bot.Intents(), bot.Intent(c.Intent)) {
		return usagef("--intent %q is not an intent", c.Intent)
	}
	if len(c.Accept) == 0 && (c.Intent != "" || c.Text != "") {
		return usagef("--intent and --text go with --accept")
	}
	if c.Text != "" && len(c.Accept) > 1 {
		return usagef("--text goes with one --accept")
	}
	return p.withHouse(ctx, opening{}, func(h *house) error {
		if err := c.decide(ctx, h); err != nil {
			return err
		}
		if err := c.list(ctx, h, p.con.out); err != nil || c.List {
			return err
		}
		r, err := h.school.relearn(ctx, "command")
		if err != nil {
			return err
		}
		if err := c.tell(p.con.out, r); err != nil {
			return err
		}
		if len(r.Refused) > 0 {
			return errors.New("not taken up: on the held-back examples the new model does worse")
		}
		return nil
	})
}

// decide accepts and rejects what is named.
func (c *intentsLearnCommand) decide(ctx context.Context, h *house) error {
	for _, id := range c.Accept {
		if err := verdict(ctx, h, id, bot.Verdict{Accept: true, Intent: bot.Intent(c.Intent), Text: c.Text, By: "command"}); err != nil {
			return err
		}
	}
	for _, id := range c.Reject {
		if err := verdict(ctx, h, id, bot.Verdict{By: "command"}); err != nil {
			return err
		}
	}
	return nil
}

// verdict decides one lesson; a wrong number is the caller's mistake.
func verdict(ctx context.Context, h *house, id int64, v bot.Verdict) error {
	err := h.school.Decide(ctx, id, v)
	if errors.Is(err, desk.ErrNoLesson) {
		return usagef("lesson %d: %v", id, err)
	}
	return err
}

// list shows what is open and what waits to be taken up.
func (c *intentsLearnCommand) list(ctx context.Context, h *house, out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, status := range []bot.LessonStatus{bot.LessonOpen, bot.LessonAccepted} {
		lessons, err := h.store.Lessons(ctx, status, 1000)
		if err != nil {
			return err
		}
		for _, l := range lessons {
			by := l.By
			if by == "" {
				by = "citizen"
			}
			if c.JSON {
				if err := printJSON(out, listedLesson{l.ID, l.Text, l.Was, l.Intent, l.Times, by, l.Status}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(t, "%d\t%s\t%s → %s\t%d×\t%s\t%s\n", l.ID, l.Status, l.Was, orUnknown(l.Intent), l.Times, by, l.Text)
		}
	}
	return t.Flush()
}

func orUnknown(i bot.Intent) bot.Intent {
	if i == "" {
		return "?"
	}
	return i
}

// tell says what came of taking up.
func (c *intentsLearnCommand) tell(out io.Writer, r learning) error {
	if c.JSON {
		return printJSON(out, r)
	}
	switch {
	case len(r.Refused) > 0:
		for _, why := range r.Refused {
			fmt.Fprintln(out, " ", why)
		}
	case r.Before.Cases == 0:
		fmt.Fprintln(out, "nothing to take up")
	default:
		fmt.Fprintf(out, "%d learnt, in service now: %.1f %% right on %d held-back examples, %.1f %% before\n", r.Learnt, 100*r.After.Accuracy, r.After.Cases, 100*r.Before.Accuracy)
	}
	return nil
}
