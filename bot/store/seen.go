package store

import (
	"context"
	"encoding/binary"
	"sync"
)

// Sizes of what is remembered of hashes: ten bits a hash and seven
// probes mistake one new message in a hundred for an old one, which costs it a
// look into the table and nothing else.
const (
	hashBits   = 10
	hashProbes = 7
	fewHashes  = 1 << 20 // room for so many at least
	mostHashes = 1 << 24 // 20 MB; beyond them more looks into the table
	hashChunk  = 4096    // rows read at once
)

// seen says of nearly every new message, or key of a reply, that it is new
// without asking the table (a Bloom filter). It reads the table when the records are opened, and
// until it has read it all it knows nothing.
type seen struct {
	mu    sync.Mutex
	bits  []uint64
	whole bool
}

func newSeen(messages int64) *seen {
	n := min(max(2*messages, fewHashes), mostHashes)
	return &seen{bits: make([]uint64, n*hashBits/64+1)}
}

// never says whether a message with this hash was surely never taken before,
// and notes it.
func (s *seen) never(hash []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(hash) && s.whole
}

// add notes a hash, which is random itself, and says whether it is new. The
// caller holds the lock.
func (s *seen) add(hash []byte) (fresh bool) {
	at, step := binary.LittleEndian.Uint64(hash), binary.LittleEndian.Uint64(hash[8:])|1
	for range hashProbes {
		bit := at % uint64(len(s.bits)*64)
		if s.bits[bit/64]&(1<<(bit%64)) == 0 {
			s.bits[bit/64] |= 1 << (bit % 64)
			fresh = true
		}
		at += step
	}
	return fresh
}

// messageHash is a message's hash as it is.
func messageHash(hash []byte) []byte { return hash }

// learn reads a table by its ids, some at a time: what a row is known by, as
// its hash. What comes meanwhile is noted as it comes. If it fails everything is
// looked up.
func (s *Store) learn(ctx context.Context, known *seen, table string, hashOf func([]byte) []byte) {
	var last int64
	for {
		n := 0
		err := s.rowsOf(ctx, table+" AND id > $1 ORDER BY id LIMIT $2", func(scan func(...any) error) error {
			var name []byte
			n++
			if err := scan(&last, &name); err != nil {
				return err
			}
			hash := hashOf(name)
			if len(hash) < 16 {
				return nil
			}
			known.mu.Lock()
			defer known.mu.Unlock()
			known.add(hash)
			return nil
		}, last, hashChunk)
		if err != nil {
			return
		}
		if n < hashChunk {
			known.mu.Lock()
			defer known.mu.Unlock()
			known.whole = true
			return
		}
	}
}
