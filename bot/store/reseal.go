package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// ErrResealing means that what was sealed is being sealed anew already.
var ErrResealing = errors.New("the records are being sealed anew already")

// resealLot is how many values are sealed anew in the first commit of a column,
// mostResealed in any, and largeLot how many of those that may be pictures or
// recordings.
const resealLot, mostResealed, largeLot = 64, 1024, 2

// resealHold is how long a commit of them may hold the writer, before its flush:
// lots grow and shrink towards it, for a flush costs as much for few as for many.
const resealHold = 10 * time.Millisecond

// Resealing is how far it has come: in the column that is gone through, how many
// values were looked at and how many sealed anew.
type Resealing struct {
	Column       string
	Seen, Sealed int
}

// Resealed is what was done: how many citizens' former keys were destroyed, how many
// values of each column went over to it, and how many opened under no key of
// their citizen's and were left as they are.
type Resealed struct {
	Cipher   string
	Citizens int
	Values   map[string]int
	Unopened int
}

// Reseal carries over to the installation's cipher what was sealed before that
// was changed, while the service goes on: each citizen whose key is of another
// gets one of it beside the former, everything under the former is sealed
// anew, some values in each commit, and when a whole look finds nothing more,
// and some time after it, the former keys are destroyed. Until then both open,
// also in other processes; the time is for who still holds rows from before.
// When it is interrupted, calling it again goes on. Backups from before keep the
// former keys.
func (s *Store) Reseal(ctx context.Context, now time.Time, after time.Duration, tell func(Resealing)) (Resealed, error) {
	done := Resealed{Values: map[string]int{}}
	for _, c := range sealedColumns() {
		done.Values[c.name()] = 0
	}
	if !s.resealing.TryLock() {
		return done, ErrResealing
	}
	defer s.resealing.Unlock()
	for {
		done.Cipher = s.ring.wraps.Load().suite.name
		err := s.rekeyCitizens(ctx, done.Cipher)
		if err != nil {
			return done, fmt.Errorf("give new keys: %w", err)
		}
		some, err := s.formerKeys(ctx)
		if err != nil || !some { // the second time round there is nothing left
			return done, errors.Join(err, s.resealed(ctx, now, done))
		}
		if err := s.carryOver(ctx, &done, tell); err != nil {
			return done, err
		}
		if err := rest(ctx, after); err != nil {
			return done, err
		}
		if err := s.dropFormerKeys(ctx, &done); err != nil {
			return done, fmt.Errorf("destroy former keys: %w", err)
		}
	}
}

// resealed notes in the trail that it was done, and clears the log of what was
// written over.
func (s *Store) resealed(ctx context.Context, now time.Time, done Resealed) error {
	if done.Citizens == 0 {
		return nil
	}
	if err := s.writer.emptyLog(ctx); err != nil {
		return err
	}
	return s.Audit(ctx, bot.AuditEntry{At: now, Actor: "command", Deed: bot.AuditReseal, Subject: done.Cipher})
}

// rekeyed is a citizen with another key.
type rekeyed struct {
	id  bot.CitizenID
	key []byte // that was read
}

// rekeyCitizens gives a key of a cipher to each citizen whose own is of another.
func (s *Store) rekeyCitizens(ctx context.Context, cipher string) error {
	last := ""
	for {
		var others []rekeyed
		n := 0
		err := s.rowsOf(ctx, fmt.Sprintf("SELECT id, key, key_before FROM citizen WHERE id > $1 ORDER BY id LIMIT %d", rotateLot), func(scan func(...any) error) error {
			var v rekeyed
			var before []byte
			if err := scan(&v.id, &v.key, &before); err != nil {
				return err
			}
			n, last = n+1, string(v.id)
			if len(v.key) == 0 || len(before) > 0 { // forgotten, or on the way already
				return nil
			}
			_, with, err := s.ring.aead(v.id, v.key)
			if err == nil && with.name != cipher {
				others = append(others, v)
			}
			return err
		}, last)
		if err == nil && len(others) > 0 {
			err = s.writer.commit(ctx, func(t *Tx) error { return t.rekey(others) })
		}
		if err != nil || n < rotateLot {
			return err
		}
	}
}

// rekey gives citizens new keys beside those they have. Whatever is sealed for
// them after it, in this group of commits too, is sealed under the new one:
// what was left before it is in the tables, for it uses SQL.
func (t *Tx) rekey(others []rekeyed) (err error) {
	var given []bot.CitizenID
	defer func() {
		if err != nil {
			for _, id := range given {
				delete(t.w.rekeyed, id)
			}
		}
	}()
	for _, v := range others {
		c, key, err := t.s.ring.newKey(v.id)
		if err != nil {
			return err
		}
		if c.before, _, err = t.s.ring.aead(v.id, v.key); err != nil {
			return err
		}
		changed, err := t.exec("UPDATE citizen SET key = $1, key_before = key WHERE id = $2 AND key = $3 AND key_before IS NULL", key, v.id, v.key)
		if err != nil {
			return err
		}
		if changed == 1 { // nobody was forgotten, no key changed meanwhile
			t.w.rekeyed[v.id], given = c, append(given, v.id)
		}
	}
	return nil
}

// rekeyKnown is called when it is known, or about to be, whether a group that
// gave new keys was committed: ciphers are read anew either way.
func (w *writer) rekeyKnown() {
	if len(w.rekeyed) == 0 {
		return
	}
	ids := make([]bot.CitizenID, 0, len(w.rekeyed))
	for id := range w.rekeyed {
		ids = append(ids, id)
	}
	w.store.ring.changed(ids)
	if w.limbo == nil {
		clear(w.rekeyed)
	}
}

// formerKeys says whether some are kept.
func (s *Store) formerKeys(ctx context.Context) (some bool, err error) {
	err = s.rowsOf(ctx, "SELECT EXISTS (SELECT 1 FROM citizen WHERE key_before IS NOT NULL)", func(scan func(...any) error) error { return scan(&some) })
	return some, err
}

// carryOver goes through all columns until a whole look finds nothing under a
// former key: it is that look which allows destroying them.
func (s *Store) carryOver(ctx context.Context, done *Resealed, tell func(Resealing)) error {
	for {
		sealed, unopened := 0, 0
		for _, c := range sealedColumns() {
			p := &passage{s: s, column: c, now: Resealing{Column: c.name()}}
			if err := p.through(ctx, tell); err != nil {
				return fmt.Errorf("seal %s anew: %w", c.name(), err)
			}
			sealed, unopened = sealed+p.now.Sealed, unopened+p.unopened
			done.Values[c.name()] += p.now.Sealed
		}
		if done.Unopened = unopened; sealed == 0 {
			return nil
		}
	}
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passage is one look through a column.
type passage struct {
	s        *Store
	column   sealedColumn
	behind   []any // the key of the last row
	now      Resealing
	unopened int
	// The citizen whose ciphers were made last.
	citizen bot.CitizenID
	ciphers citizenCipher
}

// exchange is a value that is put in the place of another.
type exchange struct {
	key      []any
	old, new []byte
}

func (p *passage) through(ctx context.Context, tell func(Resealing)) error {
	lot := resealLot
	if p.column.large {
		lot = largeLot
	}
	for {
		began := time.Now()
		n, exchanges, err := p.next(ctx, lot)
		var held time.Duration
		if err == nil && len(exchanges) > 0 {
			err = p.s.writer.commit(ctx, func(t *Tx) error {
				taken := time.Now()
				defer func() { held = time.Since(taken) }()
				return t.exchange(p.column, exchanges)
			})
		}
		if err != nil {
			return err
		}
		p.now.Seen, p.now.Sealed = p.now.Seen+n, p.now.Sealed+len(exchanges)
		if tell != nil {
			tell(p.now)
		}
		if n < lot {
			return nil
		}
		if !p.column.large {
			lot = nextLot(lot, held)
		}
		if len(exchanges) > 0 { // half of the writer's time is the citizens'
			if err := rest(ctx, time.Since(began)); err != nil {
				return err
			}
		}
	}
}

// nextLot is how many come after so many that held the writer so long.
func nextLot(lot int, held time.Duration) int {
	switch {
	case held > resealHold:
		return max(lot/2, resealLot/4)
	case held < resealHold/2:
		return min(lot*2, mostResealed)
	}
	return lot
}

// next reads the rows that follow, and seals anew what is under former keys,
// beside the writer.
func (p *passage) next(ctx context.Context, lot int) (n int, exchanges []exchange, err error) {
	keys, bound := len(p.column.key), len(p.column.bound())
	err = p.s.rowsOf(ctx, p.column.page(p.behind == nil, lot), func(scan func(...any) error) error {
		values := make([]any, keys+bound)
		into := make([]any, len(values), len(values)+4)
		for i := range values {
			into[i] = &values[i]
		}
		var citizen bot.CitizenID
		var value, key, before []byte
		if err := scan(append(into, &citizen, &value, &key, &before)...); err != nil {
			return err
		}
		n, p.behind = n+1, values[:keys]
		if len(value) == 0 || len(key) == 0 {
			return nil
		}
		anew, err := p.anew(citizen, key, before, rowOf(values[keys:]), value)
		if anew != nil {
			exchanges = append(exchanges, exchange{values[:keys], value, anew})
		}
		return err
	}, p.behind...)
	return n, exchanges, err
}

// anew is a value sealed under its citizen's key, nil if it is already.
func (p *passage) anew(citizen bot.CitizenID, key, before []byte, row string, value []byte) (anew []byte, err error) {
	if p.citizen != citizen {
		c, err := p.s.ring.unwrapped(citizen, key, before)
		if err != nil {
			return nil, err
		}
		p.citizen, p.ciphers = citizen, *c
	}
	if _, err := unseal(p.ciphers.AEAD, p.column.name(), row, value); err == nil {
		return nil, nil
	}
	plain, err := unseal(p.ciphers.before, p.column.name(), row, value)
	if err != nil {
		p.unopened++
		return nil, nil
	}
	return seal(p.ciphers.AEAD, p.column.name(), row, plain), nil
}

// exchange puts values in the places of those they were made from. What was
// changed meanwhile is under the new key anyway.
func (t *Tx) exchange(c sealedColumn, exchanges []exchange) error {
	query := c.exchange()
	for _, e := range exchanges {
		if _, err := t.exec(query, append([]any{e.new, e.old}, e.key...)...); err != nil {
			return err
		}
	}
	return nil
}

// dropFormerKeys destroys the keys under which nothing is sealed any more.
func (s *Store) dropFormerKeys(ctx context.Context, done *Resealed) error {
	for {
		var n int64
		err := s.writer.commit(ctx, func(t *Tx) (err error) {
			n, err = t.exec(fmt.Sprintf("UPDATE citizen SET key_before = NULL WHERE id IN (SELECT id FROM citizen WHERE key_before IS NOT NULL ORDER BY id LIMIT %d)", rotateLot))
			return err
		})
		if err != nil {
			return err
		}
		if done.Citizens += int(n); n == 0 {
			s.ring.empty()
			return nil
		}
	}
}
