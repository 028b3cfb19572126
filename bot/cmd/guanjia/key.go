package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// keyCommand is `guanjia key`.
type keyCommand struct {
	Rotate keyRotateCommand `cmd:"" help:"Put a new installation key in the place of the one there is, while the service goes on."`
}

type keyRotateCommand struct{}

func (c *keyRotateCommand) run(ctx context.Context, p *program) error {
	return p.withHouse(ctx, opening{}, func(h *house) error {
		moved := 0
		err := h.store.RotateKey(ctx, h.clock(), func(n int) { moved = n })
		if errors.Is(err, fs.ErrPermission) {
			return usageError{fmt.Errorf("the key file cannot be written here: %w", err)}
		}
		if err == nil {
			_, err = fmt.Fprintf(p.con.out, "the keys of %d citizens are sealed under a new installation key\nbackups from before need the old key: keep it as long as them\n", moved)
		}
		return err
	})
}
