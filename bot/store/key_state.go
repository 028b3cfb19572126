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
	Sealed   []SealedWith
}

// SealedWith is what is sealed with one cipher: citizens by their own key, and
// their records. What one cipher's key sealed stays so when the installation's
// is changed.
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
	tables, err := s.sealedTables(ctx)
	for last, n := "", rotateLot; err == nil && n == rotateLot; {
		last, n, err = s.countSealed(ctx, last, tables, state.Sealed)
	}
	if err != nil {
		return KeyState{}, fmt.Errorf("look at keys: %w", err)
	}
	return state, nil
}

// sealedTables counts the rows of citizens after $1 up to $2, in each table that
// holds something under their keys.
func (s *Store) sealedTables(ctx context.Context) ([]string, error) {
	with := func(column string) (names []string, err error) {
		err = s.rows(ctx, s.tables.dialect().having, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			names = append(names, name)
			return err
		}, column)
		return names, err
	}
	owned, err := with("citizen")
	if err != nil {
		return nil, err
	}
	sealed, err := with("body")
	queries := []string{"SELECT t.citizen, COUNT(*) FROM step s JOIN ticket t ON t.number = s.ticket WHERE t.citizen > $1 AND t.citizen <= $2 AND s.body IS NOT NULL GROUP BY t.citizen"}
	for _, table := range owned {
		if slices.Contains(sealed, table) {
			queries = append(queries, "SELECT citizen, COUNT(*) FROM "+table+" WHERE citizen > $1 AND citizen <= $2 AND body IS NOT NULL GROUP BY citizen")
		}
	}
	return queries, err
}

// countSealed counts those of some citizens, those that follow one.
func (s *Store) countSealed(ctx context.Context, after string, tables []string, sealed []SealedWith) (last string, n int, err error) {
	of := map[string]int{}
	last = after
	err = s.rows(ctx, "SELECT id, key FROM citizen WHERE id > $1 ORDER BY id LIMIT $2", func(scan func(...any) error) error {
		var wrapped []byte
		if err := scan(&last, &wrapped); err != nil {
			return err
		}
		if n++; len(wrapped) == 0 { // of a citizen who was forgotten
			return nil
		}
		key, err := s.ring.unwrap("citizen.key", last, wrapped)
		if err != nil {
			return fmt.Errorf("unwrap key of %s: %w", bot.CitizenID(last), err)
		}
		with, _ := suiteOf(key)
		of[last] = slices.IndexFunc(sealed, func(v SealedWith) bool { return v.Cipher == with.name })
		sealed[of[last]].Citizens++
		return nil
	}, after, rotateLot)
	for _, query := range tables {
		if err != nil || n == 0 {
			break
		}
		err = s.rows(ctx, query, func(scan func(...any) error) error {
			var citizen string
			var rows int
			err := scan(&citizen, &rows)
			if at, ok := of[citizen]; ok {
				sealed[at].Records += rows
			}
			return err
		}, after, last)
	}
	return last, n, err
}
