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
