package wechat

import (
	"hash/maphash"
	"sync"
	"time"
)

// Bounds of the replay check.
const (
	window    = 10 * time.Minute // how far a timestamp may be off
	mostSeen  = 1 << 19          // nonces in one generation, 16 bytes each
	seenFor   = 2 * window       // a timestamp ahead of us stays valid so long
	nonceSize = 128              // longest nonce, bytes
)

// nonces remembers which message a nonce came with, for as long as its
// timestamp could pass. Two generations bound the memory.
type nonces struct {
	mu       sync.Mutex
	seed     maphash.Seed
	now, old map[uint64]uint64
	since    time.Time
}

// taken says whether the nonce came with another message before, and keeps it
// with this one otherwise. Digests are 64 bits: a false alarm is one in 10¹²
// at a million nonces.
func (n *nonces) taken(nonce, message string, at time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.now == nil {
		n.seed, n.now, n.since = maphash.MakeSeed(), map[uint64]uint64{}, at
	}
	if at.Sub(n.since) > seenFor || len(n.now) >= mostSeen {
		n.old, n.now, n.since = n.now, map[uint64]uint64{}, at
	}
	key, digest := maphash.String(n.seed, nonce), maphash.String(n.seed, message)
	seen, ok := n.now[key]
	if !ok {
		seen, ok = n.old[key]
	}
	if ok {
		return seen != digest
	}
	n.now[key] = digest
	return false
}
