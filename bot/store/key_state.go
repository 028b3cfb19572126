package store

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// KeyState is what the records are sealed with.
type KeyState struct {
	Cipher   string // of the installation's key
	Digests  string // whose digests look-ups and the audit trail are by: see Options.Cipher
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
	return KeyState{Cipher: s.ring.wraps.Load().suite.name, Digests: s.ring.digests.name, Service: s.ring.keys != nil, Changing: len(strings.Fields(string(kept))) > 1}, nil
}

// KeyState counts what is sealed with which cipher. Whose a citizen's key is
// shows in how long it is, wrapped (see suiteOf), so that the tables are each
// gone through once, by the database.
func (s *Store) KeyState(ctx context.Context) (KeyState, error) {
	state, err := s.Key()
	if err != nil {
		return KeyState{}, err
	}
	at := map[int]*SealedWith{}
	state.Sealed = make([]SealedWith, len(suites()))
	for i, known := range suites() {
		state.Sealed[i].Cipher = known.name
		at[len(s.ring.wrap("citizen.key", "", known.mark(make([]byte, known.length))))] = &state.Sealed[i]
	}
	err = s.rows(ctx, "SELECT length(key), COUNT(*), COUNT(key_before) FROM citizen WHERE length(key) > 0 GROUP BY length(key)", func(scan func(...any) error) error {
		var length, citizens, moving int
		if err := scan(&length, &citizens, &moving); err != nil {
			return err
		}
		with := at[length]
		if with == nil {
			return fmt.Errorf("keys of %d citizens are %d bytes long, which no cipher's are", citizens, length)
		}
		with.Citizens, state.Moving = citizens, state.Moving+moving
		return nil
	})
	for _, column := range sealedColumns() {
		if err != nil {
			break
		}
		err = s.rows(ctx, column.counted(), func(scan func(...any) error) error {
			var length, rows int
			err := scan(&length, &rows)
			if with := at[length]; with != nil { // none: of citizens who were forgotten
				with.Records += rows
			}
			return err
		})
	}
	if err != nil {
		return KeyState{}, fmt.Errorf("look at keys: %w", err)
	}
	return state, nil
}
