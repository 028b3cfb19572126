package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"guanjia/bot/store"
)

// keyCommand is `guanjia key`.
type keyCommand struct {
	Rotate keyRotateCommand `cmd:"" help:"Put a new installation key in the place of the one there is, while the service goes on."`
	State  keyStateCommand  `cmd:"" help:"Say what the records are sealed with: how many citizens and records under which cipher."`
}

type keyStateCommand struct {
	JSON bool `help:"A JSON object."`
}

func (c *keyStateCommand) run(ctx context.Context, p *program) error {
	return p.withHouse(ctx, opening{}, func(h *house) error {
		state, err := h.store.KeyState(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p.con.out, state)
		}
		where, change := "in the key file", ""
		if state.Service {
			where = "wrapped by the key service"
		}
		if state.Changing {
			change = "; a change of it broke off: run `guanjia key rotate` again"
		}
		if _, err := fmt.Fprintf(p.con.out, "installation key: %s, %s%s\n", state.Cipher, where, change); err != nil {
			return err
		}
		for _, v := range state.Sealed {
			if _, err := fmt.Fprintf(p.con.out, "%s\t%d citizens\t%d records\n", v.Cipher, v.Citizens, v.Records); err != nil {
				return err
			}
		}
		return nil
	})
}

type keyRotateCommand struct {
	Cipher string `help:"What the new key seals with: aes, or sm4 with SM3 (GB/T 32907, 32905); empty: as before."`
}

func (c *keyRotateCommand) run(ctx context.Context, p *program) error {
	return p.withHouse(ctx, opening{}, func(h *house) error {
		moved := 0
		err := h.store.RotateKey(ctx, h.clock(), c.Cipher, func(n int) { moved = n })
		if errors.Is(err, fs.ErrPermission) {
			return usageError{fmt.Errorf("the key file cannot be written here: %w", err)}
		}
		if errors.Is(err, store.ErrCipher) {
			return usageError{err}
		}
		if err == nil {
			_, err = fmt.Fprintf(p.con.out, "the keys of %d citizens are sealed under a new installation key\nbackups from before need the old key: keep it as long as them\n", moved)
		}
		return err
	})
}
