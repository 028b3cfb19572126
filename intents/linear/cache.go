package linear

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
)

// ErrStale says that a saved model was trained on other examples, with other
// options or by other code.
var ErrStale = errors.New("saved model is out of date")

// ErrCorrupt says that what was read is no saved model, or a damaged one.
var ErrCorrupt = errors.New("saved model is damaged")

// The layout of a saved model: magic, fingerprint, SHA-256 of the payload,
// payload. The payload is the length of the header, the header in JSON, the same of
// what was learnt from, the number of columns, keys, idf and weights, all little-endian.
const (
	magic     = "guanjia linear 1\n"
	maxSaved  = 256 << 20
	maxLabels = 10_000
)

type header struct {
	Options     Options
	Labels      []string
	Thresholds  Thresholds
	Temperature float64
	Rare        float32
}

// lesson is what was learnt from, for Explain: a third of the time of opening, were
// it decoded then.
type lesson struct {
	Texts  []string
	Of     []int32 // labels, by number
	Extras [][]string
}

// recalled decodes a lesson once it is asked for. One that does not fit the labels
// is none: the checksum stood, so nobody but a forger can have written it.
func recalled(saved []byte, labels int) func() lesson {
	return sync.OnceValue(func() lesson {
		var l lesson
		if err := json.Unmarshal(saved, &l); err != nil || len(l.Of) != len(l.Texts) || len(l.Extras) != len(l.Texts) {
			return lesson{}
		}
		for _, of := range l.Of {
			if of < 0 || int(of) >= labels {
				return lesson{}
			}
		}
		return l
	})
}

// Save writes the model; fingerprint is that of what it was trained on.
func (m *Model) Save(w io.Writer, fingerprint [sha256.Size]byte) error {
	payload, err := m.encode()
	if err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	sum := sha256.Sum256(payload)
	for _, part := range [][]byte{[]byte(magic), fingerprint[:], sum[:], payload} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("save model: %w", err)
		}
	}
	return nil
}

func (m *Model) encode() ([]byte, error) {
	head, err := json.Marshal(header{
		Options: m.options, Labels: m.labels, Thresholds: m.thresholds, Temperature: m.temperature,
		Rare: m.vocabulary.rare,
	})
	if err != nil {
		return nil, err
	}
	learnt, err := json.Marshal(m.lesson())
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, part := range [][]byte{head, learnt} {
		out = append(binary.LittleEndian.AppendUint32(out, uint32(len(part))), part...)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.vocabulary.keys)))
	for _, key := range m.vocabulary.keys {
		out = binary.LittleEndian.AppendUint64(out, key)
	}
	for _, list := range [][]float32{m.vocabulary.idf, m.weights} {
		for _, v := range list {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out, nil
}

// Load reads a model that Save wrote. It fails with ErrStale when the model
// was trained on anything but what fingerprint stands for, and with ErrCorrupt
// when the bytes are not whole.
func Load(r io.Reader, fingerprint [sha256.Size]byte) (*Model, error) {
	saved, err := readSaved(r)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	const fixed = len(magic) + 2*sha256.Size
	if len(saved) < fixed || len(saved) > maxSaved || string(saved[:len(magic)]) != magic {
		return nil, fmt.Errorf("load model: %w", ErrCorrupt)
	}
	if [sha256.Size]byte(saved[len(magic):]) != fingerprint {
		return nil, fmt.Errorf("load model: %w", ErrStale)
	}
	payload := saved[fixed:]
	if sha256.Sum256(payload) != [sha256.Size]byte(saved[len(magic)+sha256.Size:]) {
		return nil, fmt.Errorf("load model: %w", ErrCorrupt)
	}
	m, err := decode(payload)
	if err != nil {
		return nil, fmt.Errorf("load model: %w: %w", ErrCorrupt, err)
	}
	return m, nil
}

// readSaved reads what Save wrote, a file into room of its size: growing into forty
// megabytes takes a fifth of the time of opening.
func readSaved(r io.Reader) ([]byte, error) {
	var room bytes.Buffer
	if f, ok := r.(*os.File); ok {
		if about, err := f.Stat(); err == nil && about.Size() <= maxSaved {
			room.Grow(int(about.Size()) + bytes.MinRead)
		}
	}
	_, err := room.ReadFrom(io.LimitReader(r, maxSaved+1))
	return room.Bytes(), err
}

// decode trusts nothing: every length is checked before it is used.
func decode(payload []byte) (*Model, error) {
	head, rest, err := cut(payload)
	if err != nil {
		return nil, err
	}
	learnt, rest, err := cut(rest)
	if err != nil {
		return nil, err
	}
	var h header
	if err := json.Unmarshal(head, &h); err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if len(rest) < 4 {
		return nil, errors.New("no columns")
	}
	n := uint64(binary.LittleEndian.Uint32(rest))
	rest = rest[4:]
	k := uint64(len(h.Labels) + len(h.Options.Contests))
	if uint64(len(rest)) != 8*n+4*n+4*(n+1)*k {
		return nil, fmt.Errorf("%d bytes for %d columns of %d labels", len(rest), n, k)
	}
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = binary.LittleEndian.Uint64(rest[8*i:])
	}
	rest = rest[8*n:]
	numbers := make([]float32, n+(n+1)*k)
	for i := range numbers {
		numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:]))
		if !finite(float64(numbers[i])) {
			return nil, errors.New("a weight is not a number")
		}
	}
	m := &Model{
		options: h.Options, labels: h.Labels, thresholds: h.Thresholds, temperature: h.Temperature,
		vocabulary: newVocabulary(keys, numbers[:n:n], h.Rare), weights: numbers[n:],
		lesson: recalled(bytes.Clone(learnt), len(h.Labels)), // all else read is let go
	}
	m.listen()
	return m, nil
}

func cut(payload []byte) (head, rest []byte, err error) {
	if len(payload) < 4 {
		return nil, nil, errors.New("no header")
	}
	n := uint64(binary.LittleEndian.Uint32(payload))
	if n > uint64(len(payload)-4) {
		return nil, nil, errors.New("header cut short")
	}
	return payload[4 : 4+n], payload[4+n:], nil
}

func (h *header) check() error {
	switch {
	case len(h.Labels) < 2 || len(h.Labels) > maxLabels:
		return fmt.Errorf("%d labels", len(h.Labels))
	case !finite(h.Temperature) || h.Temperature <= 0:
		return fmt.Errorf("temperature %v", h.Temperature)
	}
	return h.Options.check()
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Cached loads the model saved at path when it was learnt from what fingerprint
// stands for, and otherwise trains one of the examples and saves it there. A
// damaged or unwritable cache is reported in the log and costs the training
// time, no more; an empty path keeps nothing.
func Cached(ctx context.Context, path string, fingerprint [sha256.Size]byte, examples func() ([]Example, error), o Options) (*Model, error) {
	if f, err := os.Open(path); err == nil {
		m, err := Load(f, fingerprint)
		f.Close()
		if err == nil {
			return m, nil
		}
		slog.InfoContext(ctx, "train intents anew", "reason", err)
	}
	list, err := examples()
	if err != nil {
		return nil, err
	}
	m, err := Train(ctx, list, o)
	if err != nil || path == "" {
		return m, err
	}
	if err := m.saveFile(path, fingerprint); err != nil {
		slog.WarnContext(ctx, "keep trained intents", "error", err)
	}
	return m, nil
}

// saveFile writes beside the file and renames, so that no reader finds half.
func (m *Model) saveFile(path string, fingerprint [sha256.Size]byte) error {
	var b bytes.Buffer
	if err := m.Save(&b, fingerprint); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	return nil
}
