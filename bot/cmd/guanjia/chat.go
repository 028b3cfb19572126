package main

import (
	"context"
	"errors"

	"guanjia/channels/terminal"
)

// newTerminal opens a conversation with the house; path makes names of files
// usable here.
func newTerminal(h *house, path func(string) string) *terminal.Terminal {
	return terminal.New(terminal.Config{
		Engine: h.engine, Records: h.store, Bag: h.bag, Clock: h.clock, Move: h.moveClock, RunDue: h.runDue, Path: path,
		Deliver: func(ctx context.Context) error {
			_, err := h.dispatcher.RunDue(ctx)
			return err
		},
	})
}

// chat carries on a conversation until the input ends.
func chat(ctx context.Context, h *house, p *program, asJSON bool) error {
	t := newTerminal(h, p.path)
	var err error
	if asJSON {
		err = t.PlayJSON(ctx, p.con.in, p.con.out)
	} else {
		err = t.PlayPlain(ctx, p.con.in, p.con.out, p.con.err)
	}
	if errors.Is(err, terminal.ErrInput) {
		return usageError{err}
	}
	return err
}
