package redis

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bounds of what is kept of limits.
const (
	writeTime = time.Second            // how often what was counted is written: so much a crash loses
	readTime  = 250 * time.Millisecond // of beginning to lead, for what the one before has left
	sweepTime = time.Minute            // how often what counts no more is taken out
	pieceSize = 500                    // names written, or read, with one call
	mostKept  = 20_000                 // names of one limit; of others nothing is kept
)

// Kept is what one limit has counted, by name, for the instance that leads
// next: written behind by the one that leads, and read once when it begins to
// lead. Between these, and where Redis does not answer, counting is memory's
// alone, and nobody who is counted waits for either. It implements
// inmem.Keeper.
type Kept struct {
	shared    *Shared
	what, key string
	life      time.Duration // of the longest count

	mu      sync.Mutex
	changed map[string]counted   // by name: to be written
	before  map[string][]byte    // by field: what was found, sealed
	held    map[string]time.Time // by field: what is in Redis, and until when it counts
	sent    int                  // names on their way there

	begun, cleaned time.Time
	read           bool // what was there is known, or says nothing any more
}

// counted is a name's count; nil is to go.
type counted struct {
	count any
	until time.Time
}

// Kept begins to keep what a limit counts; life is how long a count of it says
// anything at most. What is there is read at once, or by WriteBehind, which is
// begun afterwards, where Redis does not answer at once.
func (s *Shared) Kept(what string, life time.Duration) *Kept {
	k := &Kept{
		shared: s, what: what, key: prefix + "limit:" + what, life: life, begun: time.Now(), cleaned: time.Now(),
		changed: map[string]counted{}, before: map[string][]byte{}, held: map[string]time.Time{},
	}
	s.kept = append(s.kept, k)
	ctx, stop := context.WithTimeout(context.Background(), readTime)
	defer stop()
	k.load(ctx)
	return k
}

// Keep implements inmem.Keeper.
func (k *Kept) Keep(name string, count any, life time.Duration) {
	k.change(name, counted{count, time.Now().Add(min(life, k.life))})
}

// Forget implements inmem.Keeper.
func (k *Kept) Forget(name string) { k.change(name, counted{}) }

func (k *Kept) change(name string, c counted) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.before) > 0 {
		delete(k.before, k.field(name))
	}
	if _, waits := k.changed[name]; !waits && len(k.changed)+len(k.held)+k.sent >= mostKept {
		if _, there := k.held[k.field(name)]; !there {
			return
		}
	}
	k.changed[name] = c
}

// Before implements inmem.Keeper.
func (k *Kept) Before(name string, count any) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.before) == 0 {
		return false
	}
	field := k.field(name)
	sealed, found := k.before[field]
	if !found {
		return false
	}
	_, plain, ok := k.shared.open(k.key+field, sealed)
	return ok && json.Unmarshal(plain, count) == nil
}

// field is where a name's count is kept.
func (k *Kept) field(name string) string { return string(k.shared.digest(k.what, name)[:16]) }

// WriteBehind writes what limits count until ctx ends, and then the rest.
func (s *Shared) WriteBehind(ctx context.Context) {
	ticker := time.NewTicker(writeTime)
	defer ticker.Stop()
	for over := false; !over; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			over = true
		}
		for _, k := range s.kept {
			k.load(ctx)
			k.write(context.WithoutCancel(ctx))
			k.clean(context.WithoutCancel(ctx))
		}
	}
}

// load reads what the one that led before has left, once, while it says
// anything.
func (k *Kept) load(ctx context.Context) {
	if k.read = k.read || time.Since(k.begun) > k.life; k.read {
		return
	}
	found := map[string][]byte{}
	for cursor, more := uint64(0), true; more; more = cursor != 0 && len(found) < mostKept {
		var page []string
		if !k.shared.ask(ctx, func(ctx context.Context) (err error) {
			page, cursor, err = k.shared.client.HScan(ctx, k.key, cursor, "", pieceSize).Result()
			return err
		}) {
			return
		}
		for i := 0; i+1 < len(page); i += 2 {
			found[page[i]] = []byte(page[i+1])
		}
	}
	k.read = true
	k.mu.Lock()
	defer k.mu.Unlock()
	for name := range k.changed {
		delete(found, k.field(name))
	}
	for field := range found {
		if _, ours := k.held[field]; ours {
			delete(found, field)
			continue
		}
		k.held[field] = k.begun.Add(k.life)
	}
	k.before = found
}

// write writes what has changed. What does not get there waits, unless it has
// changed once more.
func (k *Kept) write(ctx context.Context) {
	for {
		k.mu.Lock()
		piece := map[string]counted{}
		for name, c := range k.changed {
			if piece[name] = c; len(piece) == pieceSize {
				break
			}
		}
		for name := range piece {
			delete(k.changed, name)
		}
		k.sent = len(piece)
		k.mu.Unlock()
		if len(piece) == 0 {
			return
		}
		there := k.send(ctx, piece)
		k.mu.Lock()
		if k.sent = 0; !there {
			maps.Copy(piece, k.changed)
			k.changed = piece
		}
		k.mu.Unlock()
		if !there {
			return
		}
	}
}

// send writes a piece with one call.
func (k *Kept) send(ctx context.Context, piece map[string]counted) bool {
	var values []any
	var gone []string
	until := map[string]time.Time{}
	for name, c := range piece {
		field := k.field(name)
		if c.count == nil {
			gone = append(gone, field)
			continue
		}
		plain, err := json.Marshal(c.count)
		if err != nil {
			k.shared.log.Error("encode a count", "limit", k.what, "error", err)
			continue
		}
		values = append(values, field, k.shared.seal(k.key+field, c.until, plain))
		until[field] = c.until
	}
	if !k.put(ctx, values, gone) {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.Copy(k.held, until)
	for _, field := range gone {
		delete(k.held, field)
	}
	return true
}

// put sets and takes out fields. All of them are gone with the last that says
// anything, whoever leads then.
func (k *Kept) put(ctx context.Context, values []any, gone []string) bool {
	return k.shared.ask(ctx, func(ctx context.Context) error {
		_, err := k.shared.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			if len(values) > 0 {
				p.HSet(ctx, k.key, values...)
			}
			if len(gone) > 0 {
				p.HDel(ctx, k.key, gone...)
			}
			p.PExpire(ctx, k.key, k.life)
			return nil
		})
		return err
	})
}

// clean takes out, now and then, what says nothing any more.
func (k *Kept) clean(ctx context.Context) {
	if time.Since(k.cleaned) < sweepTime {
		return
	}
	k.cleaned = time.Now()
	var over []string
	k.mu.Lock()
	if time.Since(k.begun) > k.life {
		clear(k.before)
	}
	for field, until := range k.held {
		if time.Now().After(until) {
			over = append(over, field)
			delete(k.held, field)
		}
	}
	k.mu.Unlock()
	for piece := range slices.Chunk(over, pieceSize) {
		k.put(ctx, nil, piece) // or they are gone with the rest
	}
}
