package knowledge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Embedder turns texts into vectors, one each, all of one length; a model
// stands behind it. It answers before ctx ends or fails.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Meaning is what guides are about, as vectors. It puts the candidates of a
// question in another order where wording alone is not sure; where it is
// sure, absent, late or failing, nothing changes. Vectors are kept on disk by
// the hash of what they stand for, and worked out in the background.
type Meaning struct {
	embed Embedder
	file  string // empty: kept in memory only
	model string
	log   *slog.Logger

	mu      sync.RWMutex
	vectors map[[sha256.Size]byte][]float32
}

// How texts are put before the embedder.
const (
	embedBatch   = 32 // texts at once
	embedChars   = 400
	embedTime    = 20 * time.Second       // of a batch, which nobody waits for
	questionTime = 400 * time.Millisecond // of a question, for which somebody does
	fusion       = 60                     // of reciprocal rank fusion
	farWeight    = 1.5                    // of meaning beside wording, which was not sure
	mostVector   = 8192                   // numbers of a vector
)

// OpenMeaning reads the vectors kept in a folder for a model; an empty folder
// keeps none. A file cut short by a crash is read as far as it goes.
func OpenMeaning(e Embedder, model, dir string, log *slog.Logger) (*Meaning, error) {
	m := &Meaning{embed: e, model: model, log: log, vectors: map[[sha256.Size]byte][]float32{}}
	if dir == "" {
		return m, nil
	}
	name := sha256.Sum256([]byte(model))
	m.file = filepath.Join(dir, fmt.Sprintf("vectors-%x.bin", name[:8]))
	f, err := os.Open(m.file)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read vectors: %w", err)
	}
	defer f.Close()
	return m, m.read(f)
}

// read takes in records of hash, length and numbers, and cuts off what a crash
// left of the last.
func (m *Meaning) read(f *os.File) error {
	for kept := int64(0); ; {
		var key [sha256.Size]byte
		var n uint32
		if _, err := io.ReadFull(f, key[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return os.Truncate(m.file, kept)
		}
		if binary.Read(f, binary.LittleEndian, &n) != nil || n == 0 || n > mostVector {
			return os.Truncate(m.file, kept)
		}
		v := make([]float32, n)
		if binary.Read(f, binary.LittleEndian, v) != nil {
			return os.Truncate(m.file, kept)
		}
		m.vectors[key] = v
		kept += int64(len(key)) + 4 + 4*int64(n)
	}
}

// keep appends records to the file.
func (m *Meaning) keep(keys [][sha256.Size]byte, vectors [][]float32) error {
	if m.file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(m.file), 0o700); err != nil {
		return fmt.Errorf("keep vectors: %w", err)
	}
	f, err := os.OpenFile(m.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep vectors: %w", err)
	}
	var b []byte
	for i, v := range vectors {
		b = append(b, keys[i][:]...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep vectors: %w", err)
	}
	return nil
}

// Consider lets the base look at meaning from now on; nil: no longer.
func (b *Base) Consider(m *Meaning) { b.meaning.Store(m) }

// Follow works out what is missing of a base's guides, now and whenever they
// changed, looking every so often, until ctx ends. After a failure it waits
// for the next look.
func (m *Meaning) Follow(ctx context.Context, b *Base, every time.Duration) {
	var done *index
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if x := b.current.Load(); x != done {
			if err := m.fill(ctx, x.guides); err == nil {
				done = x
			} else if ctx.Err() == nil {
				m.log.Warn("guides have no vectors yet", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// fill works out the vectors that are missing, a batch at a time.
func (m *Meaning) fill(ctx context.Context, guides []Guide) error {
	var keys [][sha256.Size]byte
	var texts []string
	seen := map[[sha256.Size]byte]bool{}
	for i := range guides {
		text := guides[i].gistText()
		key := m.key(text)
		if m.vector(key) == nil && !seen[key] {
			seen[key] = true
			keys, texts = append(keys, key), append(texts, text)
		}
	}
	for len(texts) > 0 {
		n := min(embedBatch, len(texts))
		if err := m.batch(ctx, keys[:n], texts[:n]); err != nil {
			return err
		}
		keys, texts = keys[n:], texts[n:]
	}
	return nil
}

func (m *Meaning) batch(ctx context.Context, keys [][sha256.Size]byte, texts []string) error {
	ctx, cancel := context.WithTimeout(ctx, embedTime)
	defer cancel()
	vectors, err := m.embed.Embed(ctx, texts)
	if err != nil {
		return fmt.Errorf("embed guides: %w", err)
	}
	if len(vectors) != len(texts) {
		return fmt.Errorf("embed guides: %d vectors for %d texts", len(vectors), len(texts))
	}
	if err := m.keep(keys, vectors); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, v := range vectors {
		m.vectors[keys[i]] = v
	}
	return nil
}

func (m *Meaning) key(text string) [sha256.Size]byte {
	return sha256.Sum256([]byte(m.model + "\x00" + text))
}

func (m *Meaning) vector(key [sha256.Size]byte) []float32 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.vectors[key]
}

// gistText is what stands for a guide before the embedder: its names and the
// beginning of what it says.
func (g *Guide) gistText() string {
	return clip(g.Title+"。"+strings.Join(g.Aliases, "、")+"。"+oneLine(g.body()), embedChars)
}

// reconsider answers once more with the meaning of the question, where wording
// alone did not come to an answer. What came of it is told in the answer.
func (b *Base) reconsider(ctx context.Context, x *index, q Question, a Answer) Answer {
	m := b.meaning.Load()
	if m == nil || q.Outward == nil || a.Decision == Answered || a.Guide != "" || len(a.Candidates) < 2 {
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	vectors, err := m.embed.Embed(ctx, []string{q.Outward()})
	if err != nil || len(vectors) != 1 {
		a.Far = err
		return a
	}
	q.vector, q.meaning = vectors[0], m
	return x.turn(q)
}

// nearer orders candidates by wording and meaning together, each by its rank.
// Those without a vector keep their place in the one and come last in the other.
func (x *index) nearer(q *Question, ranked []judged) []judged {
	likeness := make([]float64, len(ranked))
	for i, c := range ranked {
		likeness[i] = cosine(q.vector, q.meaning.vector(q.meaning.key(x.guides[c.guide].gistText())))
	}
	byMeaning := make([]int, len(ranked))
	for i := range byMeaning {
		byMeaning[i] = i
	}
	slices.SortStableFunc(byMeaning, func(a, b int) int { return cmp.Compare(likeness[b], likeness[a]) })
	score := make([]float64, len(ranked))
	for place, i := range byMeaning {
		score[i] = 1/float64(fusion+i) + farWeight/float64(fusion+place)
	}
	order := slices.Sorted(slices.Values(byMeaning))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	out := make([]judged, len(ranked))
	for i, from := range order {
		out[i] = ranked[from]
	}
	return out
}

// cosine is the likeness of two vectors, -1 where they cannot be compared.
func cosine(a, b []float32) float64 {
	if len(a) == 0 || len(a) != len(b) {
		return -1
	}
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return -1
	}
	return dot / math.Sqrt(aa*bb)
}
