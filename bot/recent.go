package bot

import (
	"hash/maphash"
	"sync"
	"unicode"
)

// Recent keeps what was worked out for words that many say, so that a crowd
// that asks the same is answered with little more than one question's work. Of
// words that came once it keeps a digest alone: what one person says is not
// held. Two generations bound it, and words out of use go with the older.
//
// It is for pure functions of the key. What is kept is given to all who ask
// and must not be changed by any. Any number of goroutines may use it.
type Recent[V any] struct {
	most int
	seed maphash.Seed

	mu        sync.Mutex
	met       map[uint64]struct{} // digests of keys that came once
	kept, old map[string]V
}

// NewRecent keeps at most twice so many answers, and sixteen times so many
// digests.
func NewRecent[V any](most int) *Recent[V] {
	return &Recent[V]{most: most, seed: maphash.MakeSeed(), met: map[uint64]struct{}{}, kept: map[string]V{}}
}

// Of is what was worked out for a key, now or lately. work tells beside it
// whether it may be kept at all.
func (r *Recent[V]) Of(key string, work func() (V, bool)) V {
	if v, ok := r.known(key); ok {
		return v
	}
	v, ok := work()
	if ok {
		r.keep(key, v)
	}
	return v
}

func (r *Recent[V]) known(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.kept[key]
	if !ok {
		if v, ok = r.old[key]; ok {
			r.put(key, v)
		}
	}
	return v, ok
}

// keep keeps what came before; of what comes first, that it came.
func (r *Recent[V]) keep(key string, v V) {
	digest := maphash.String(r.seed, key)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, again := r.met[digest]; again {
		r.put(key, v)
		return
	}
	if len(r.met) >= 16*r.most {
		clear(r.met)
	}
	r.met[digest] = struct{}{}
}

func (r *Recent[V]) put(key string, v V) {
	if len(r.kept) >= r.most {
		r.old, r.kept = r.kept, make(map[string]V, r.most)
	}
	r.kept[key] = v
}

// How long words are that many people say alike, in characters, and how many
// figures they may have: a year, an age, a sum, no telephone.
const (
	commonLength  = 24
	commonFigures = 4
)

// Common tells whether words may be many people's: they are short and hold no
// number of somebody's.
func Common(words string) bool {
	length, figures := 0, 0
	for _, c := range words {
		length++
		if unicode.IsDigit(c) {
			figures++
		}
	}
	return length <= commonLength && figures <= commonFigures
}
