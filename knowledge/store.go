package knowledge

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// The files of a store, in the folder knowledge/ of the data directory.
const (
	guidesFileName     = "guides.jsonl"     // the imported guides as they are now
	supersededFileName = "superseded.jsonl" // earlier versions, oldest first
)

// Store keeps imported guides beside the starter set. The files are the
// truth; the base is built from them. It is meant to be opened by one
// process that writes.
type Store struct {
	dir  string
	base *Base

	mu   sync.Mutex // held while importing
	kept []kept
}

// kept is an imported guide with what tells whether it changed.
type kept struct {
	Guide
	Hash       string    `json:"hash"`
	ImportedAt time.Time `json:"imported_at"`
}

// Open reads the starter guides and those imported into dir/knowledge, of
// which the latter win by id. A folder that is not there yet holds the
// starter set; with dir empty nothing can be imported.
func Open(dir string) (*Store, error) {
	s := &Store{base: &Base{}}
	if dir != "" {
		s.dir = filepath.Join(dir, "knowledge")
	}
	return s, s.Reload()
}

// Base answers questions; it stays the same when guides change.
func (s *Store) Base() *Base { return s.base }

// Reload reads the files again and swaps in what they hold. On an error the
// guides in force stay.
func (s *Store) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, err := s.read()
	if err != nil {
		return fmt.Errorf("open knowledge: %w", err)
	}
	return s.put(kept)
}

// put builds the base of the starter set, files of our own form in the
// folder, and imported guides; the later win.
func (s *Store) put(imported []kept) error {
	guides, err := Starter()
	if err != nil {
		return fmt.Errorf("open knowledge: %w", err)
	}
	if s.dir != "" {
		own, err := LoadDir(os.DirFS(s.dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("open knowledge: %w", err)
		}
		guides = merge(guides, own)
	}
	added := make([]Guide, len(imported))
	for i := range imported {
		added[i] = imported[i].Guide
	}
	s.base.Swap(merge(guides, added))
	s.kept = imported
	return nil
}

// merge puts guides over others with the same id, in their place.
func merge(guides, over []Guide) []Guide {
	at := make(map[string]int, len(guides))
	for i := range guides {
		at[guides[i].ID] = i
	}
	for _, g := range over {
		if i, ok := at[g.ID]; ok {
			guides[i] = g
			continue
		}
		at[g.ID] = len(guides)
		guides = append(guides, g)
	}
	return guides
}

func (s *Store) read() ([]kept, error) {
	if s.dir == "" {
		return nil, nil
	}
	name := filepath.Join(s.dir, guidesFileName)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read imported guides: %w", err)
	}
	defer f.Close()
	var out []kept
	in := bufio.NewReaderSize(f, 1<<20)
	for n := 1; ; n++ {
		line, long, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read imported guides: %w", err)
		}
		if long {
			return nil, fmt.Errorf("%s: line %d: too long", guidesFileName, n)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var k kept
			if err := json.Unmarshal(line, &k); err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", guidesFileName, n, err)
			}
			if bad := k.check(); len(bad) > 0 {
				return nil, fmt.Errorf("%s: line %d: %s: %s", guidesFileName, n, bad[0].Field, bad[0].Reason)
			}
			k.File = guidesFileName
			out = append(out, k)
		}
		if err != nil {
			return out, nil
		}
	}
}

// Import reads guides and takes them into the store.
func (s *Store) Import(ctx context.Context, r io.Reader, format Format, now time.Time, progress Progress) (Report, error) {
	guides, report, err := Import(ctx, r, format, progress)
	if err != nil {
		return report, err
	}
	return s.Take(guides, report, now)
}

// Take takes imported guides into the store. By id and content: what is there
// already unchanged is left alone, what differs becomes the next version, and
// the earlier one is kept. All of it or nothing is written, and when Take
// returns it is on the disk and in force.
func (s *Store) Take(guides []Guide, report Report, now time.Time) (Report, error) {
	if s.dir == "" {
		return Report{}, errors.New("import guides: there is no data directory")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, old := s.take(guides, &report, now)
	if report.Added+report.Changed == 0 {
		return report, nil
	}
	if err := s.write(next, old); err != nil {
		return report, fmt.Errorf("import guides: %w", err)
	}
	return report, s.put(next)
}

// take works out the next state and what it supersedes.
func (s *Store) take(guides []Guide, report *Report, now time.Time) (next, old []kept) {
	next = slices.Clone(s.kept)
	at := make(map[string]int, len(next))
	for i := range next {
		at[next[i].ID] = i
	}
	for _, g := range guides {
		k := kept{Guide: g, ImportedAt: now}
		k.Version = 0
		k.Hash = hash(k.Guide)
		k.Version, k.File = 1, guidesFileName
		i, known := at[g.ID]
		switch {
		case known && next[i].Hash == k.Hash:
			report.Unchanged++
		case known:
			report.Changed++
			k.Version = next[i].Version + 1
			old = append(old, next[i])
			next[i] = k
		default:
			report.Added++
			at[g.ID] = len(next)
			next = append(next, k)
		}
	}
	return next, old
}

func hash(g Guide) string {
	raw, err := json.Marshal(g)
	if err != nil {
		return "" // a Guide always marshals; an empty hash only means "changed"
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// write makes the next state durable: earlier versions first, then the new
// file in place of the old one in one step.
func (s *Store) write(next, old []kept) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if len(old) > 0 {
		if err := appendLines(filepath.Join(s.dir, supersededFileName), old); err != nil {
			return fmt.Errorf("keep earlier versions: %w", err)
		}
	}
	if err := replaceFile(filepath.Join(s.dir, guidesFileName), next); err != nil {
		return fmt.Errorf("write guides: %w", err)
	}
	return syncDir(s.dir)
}

func writeLines(f *os.File, list []kept) error {
	w := bufio.NewWriterSize(f, 1<<20)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range list {
		if err := e.Encode(&list[i]); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

func appendLines(name string, list []kept) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(writeLines(f, list), f.Close())
}

func replaceFile(name string, list []kept) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	if err := errors.Join(writeLines(f, list), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
