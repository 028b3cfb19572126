package store

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"guanjia/bot"
)

// KeyState is what the records are sealed with.
type KeyState struct {
	Cipher   string // of the installation's key
	Service  bool   // a key service wrapped it
	Changing bool   // a change of it broke off, and goes on when it is asked for again
	Moving   int    // citizens whose records are going over to another key: see Reseal
	Sealed   []SealedWith
}

// SealedWith is what is sealed with one cipher: citizens by their own key, and
// their records. What one cipher's key sealed stays so when the installation's
// is changed, until Reseal. While a citizen's records go over, all are counted
// with the cipher they go to.
type SealedWith struct {
	Cipher   string
	Citizens int
	Records  int
}

// Key is the state of the installation's key alone; nothing is counted.
func (s *Store) Key() (KeyState, error) {
	kept, err := os.ReadFile(s.ring.file) // what memory still opens with says nothing
	if err != nil {
		return KeyState{}, fmt.Errorf("read installation key: %w", err)
	}
	return KeyState{Cipher: s.ring.wraps.Load().suite.name, Service: s.ring.keys != nil, Changing: len(strings.Fields(string(kept))) > 1}, nil
}

// KeyState counts what is sealed with which cipher, going through the citizens
// some at a time.
func (s *Store) KeyState(ctx context.Context) (KeyState, error) {
	state, err := s.Key()
	if err != nil {
		return KeyState{}, err
	}
	for _, known := range suites() {
		state.Sealed = append(state.Sealed, SealedWith{Cipher: known.name})
	}
	for last, n := "", rotateLot; err == nil && n == rotateLot; {
		last, n, err = s.countSealed(ctx, last, &state)
	}
	if err != nil {
		return KeyState{}, fmt.Errorf("look at keys: %w", err)
	}
	return state, nil
}

// countSealed counts those of some citizens, those that follow one.
func (s *Store) countSealed(ctx context.Context, after string, state *KeyState) (last string, n int, err error) {
	of := map[string]*SealedWith{}
	last = after
	err = s.rows(ctx, "SELECT id, key, key_before FROM citizen WHERE id > $1 ORDER BY id LIMIT $2", func(scan func(...any) error) error {
		var wrapped, before []byte
		if err := scan(&last, &wrapped, &before); err != nil {
			return err
		}
		if n++; len(wrapped) == 0 { // of a citizen who was forgotten
			return nil
		}
		_, with, err := s.ring.aead(bot.CitizenID(last), wrapped)
		if err != nil {
			return fmt.Errorf("key of %s: %w", last, err)
		}
		of[last] = &state.Sealed[slices.IndexFunc(state.Sealed, func(v SealedWith) bool { return v.Cipher == with.name })]
		of[last].Citizens++
		if before != nil {
			state.Moving++
		}
		return nil
	}, after, rotateLot)
	for _, column := range sealedColumns() {
		if err != nil || n == 0 {
			break
		}
		err = s.rows(ctx, column.counted(), func(scan func(...any) error) error {
			var citizen string
			var rows int
			err := scan(&citizen, &rows)
			if with := of[citizen]; with != nil {
				with.Records += rows
			}
			return err
		}, after, last)
	}
	return last, n, err
}
