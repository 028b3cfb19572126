package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"guanjia/config"
)

// ground is what tests stand on that are not about how a service opens: the
// records of one that opened on tuesday, with halls and openings laid out and
// nobody in them, and what it knows and understands, which talking never
// changes.
type ground struct {
	house   *house // lends knowledge and understanding; its records are shut, so what would change a guide fails
	records map[string][]byte
}

// firm is the ground of all tests of this process.
var firm = sync.OnceValues(func() (*ground, error) {
	settings, _, err := config.Load(config.Input{Flags: map[string]string{"demo": "true"}})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "guanjia-ground-")
	if err != nil {
		return nil, fmt.Errorf("lay the ground: %w", err)
	}
	defer os.RemoveAll(dir)
	h, err := openHouse(context.Background(), opening{settings: settings, dir: dir, now: tuesday(), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := h.close(); err != nil {
		return nil, err
	}
	g := &ground{h, map[string][]byte{}}
	return g, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		g.records[name], err = os.ReadFile(path)
		return err
	})
})

func stand(t testing.TB) *ground {
	t.Helper()
	g, err := firm()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// dir is a data directory of the test's own with the records.
func (g *ground) dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range g.records {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
