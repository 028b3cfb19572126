package policies

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Shelf keeps the starter policies together with those an installation has
// published into a folder (发布、汇聚), and takes up changes of the folder.
type Shelf struct {
	dir     string
	current atomic.Pointer[Catalogue]

	mu    sync.Mutex // held while looking
	stamp string
}

// OpenShelf reads the starter set and the folder policies of a data directory,
// if it is there; with dir empty, the starter set alone.
func OpenShelf(dir string) (*Shelf, error) {
	s := &Shelf{}
	if dir != "" {
		s.dir = filepath.Join(dir, "policies")
	}
	return s, s.load()
}

// Catalogue are the policies now.
func (s *Shelf) Catalogue() *Catalogue { return s.current.Load() }

// Look takes up what was published, changed or withdrawn since. On an error
// the policies before stay.
func (s *Shelf) Look() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp, err := s.stamped()
	if err != nil || stamp == s.stamp {
		return err
	}
	return s.load()
}

func (s *Shelf) load() error {
	stamp, err := s.stamped()
	if err != nil {
		return err
	}
	folders := []fs.FS{embedded}
	if stamp != "" {
		folders = append(folders, os.DirFS(s.dir))
	}
	c, err := Load(folders...)
	if err != nil {
		return fmt.Errorf("open policies: %w", err)
	}
	s.stamp = stamp
	s.current.Store(c)
	return nil
}

// stamped tells apart states of the folder, empty where there is none.
func (s *Shelf) stamped() (string, error) {
	if s.dir == "" {
		return "", nil
	}
	files, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("look at policies: %w", err)
	}
	stamp := "."
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			stamp += fmt.Sprint(f.Name(), info.Size(), info.ModTime().Format(time.RFC3339Nano))
		}
	}
	return stamp, nil
}
