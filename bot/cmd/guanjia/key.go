package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"guanjia/bot/store"
)

// keyCommand is `guanjia key`.
type keyCommand struct {
	New    keyNewCommand    `cmd:"" help:"Make the installation's key and begin the records, before the service runs for the first time."`
	Rotate keyRotateCommand `cmd:"" help:"Put a new installation key in the place of the one there is, while the service goes on."`
	Reseal keyResealCommand `cmd:"" help:"Carry what was sealed before the cipher changed over to the one there is, while the service goes on; broken off, it goes on where it stopped."`
	State  keyStateCommand  `cmd:"" help:"Say what the records are sealed with: how many citizens and records under which cipher."`
}

type keyNewCommand struct {
	Cipher string `default:"sm4" help:"What the key seals with: aes, or sm4, and then look-ups and the audit trail are by HMAC-SM3 for good (GB/T 32907, 32905)."`
}

func (c *keyNewCommand) run(ctx context.Context, p *program) error {
	o, err := recordsOf(p.settings)
	if err != nil {
		return err
	}
	o.Cipher = c.Cipher
	s, err := store.Begin(ctx, o)
	if errors.Is(err, store.ErrBegun) || errors.Is(err, store.ErrCipher) || errors.Is(err, store.ErrLocked) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	state, err := s.Key()
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.con.out, "installation key: %s, digests of %s\nkeep a copy of the key apart from the backups: without it nothing opens\n", state.Cipher, state.Digests)
	return err
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
		if _, err := fmt.Fprintf(p.con.out, "installation key: %s, %s%s; digests of %s\n", state.Cipher, where, change, state.Digests); err != nil {
			return err
		}
		if state.Moving > 0 {
			if _, err := fmt.Fprintf(p.con.out, "of %d citizens the former keys are kept: a change of ciphers is going on, or broke off and goes on with `guanjia key reseal`\n", state.Moving); err != nil {
				return err
			}
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
			_, err = fmt.Fprintf(p.con.out, "the keys of %d citizens are sealed under a new installation key\nkeep a copy of the new key apart from the backups: who has only the old one cannot open what is written from now on\nbackups from before need the old key: keep it as long as them\n", moved)
		}
		if err == nil && c.Cipher != "" {
			_, err = fmt.Fprintln(p.con.out, "what was sealed with another cipher stays so until `guanjia key reseal`")
		}
		return err
	})
}

type keyResealCommand struct {
	After time.Duration `default:"1m" help:"How long after the last record went over the former keys are destroyed: until then what was read before still opens."`
}

func (c *keyResealCommand) run(ctx context.Context, p *program) error {
	return p.withHouse(ctx, opening{}, func(h *house) error {
		told, column := time.Now(), ""
		done, err := h.store.Reseal(ctx, h.clock(), c.After, func(at store.Resealing) {
			if at.Column != column || time.Since(told) > tellEvery {
				told, column = time.Now(), at.Column
				fmt.Fprintf(p.con.err, "%s: %d looked at, %d sealed anew\n", at.Column, at.Seen, at.Sealed)
			}
		})
		if errors.Is(err, store.ErrResealing) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		if done.Citizens == 0 {
			_, err = fmt.Fprintf(p.con.out, "nothing is sealed with another cipher than %s\n", done.Cipher)
			return err
		}
		values := 0
		for _, n := range done.Values {
			values += n
		}
		if _, err = fmt.Fprintf(p.con.out, "%d citizens and %d records went over to %s; their former keys are destroyed\n", done.Citizens, values, done.Cipher); err == nil && done.Unopened > 0 {
			_, err = fmt.Fprintf(p.con.out, "%d records open under no key of their citizen's and were left as they are\n", done.Unopened)
		}
		if err == nil {
			_, err = fmt.Fprintln(p.con.out, "backups from before hold the former keys: let them run out")
		}
		return err
	})
}
