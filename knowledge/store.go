package knowledge

import (
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

	"guanjia/bot"
)

// Shelf keeps versions of guides durably.
type Shelf interface {
	// GuideVersions are the last versions of all guides it keeps.
	GuideVersions(ctx context.Context) ([]bot.GuideVersion, error)
	// GuideHistory are all versions of one guide, the newest first.
	GuideHistory(ctx context.Context, guide string) ([]bot.GuideVersion, error)
	// KeepGuides adds versions, all or none; bot.ErrGuideChanged when one of
	// them is not the next of its guide.
	KeepGuides(ctx context.Context, versions []bot.GuideVersion) error
	// GuideSeq grows with every version that is kept.
	GuideSeq(ctx context.Context) (int64, error)
}

// Store keeps guides beside the starter set: files of our own form in the
// folder knowledge/ of the data directory, and over them what was imported or
// edited, of which every version stays. The shelf is the truth; the base is
// built from it.
type Store struct {
	dir   string
	shelf Shelf
	base  *Base

	mu   sync.Mutex // held while changing
	kept map[string]bot.GuideVersion
	seq  int64
}

// Open reads the starter guides, the files of dir/knowledge and what the shelf
// keeps; the later win by id. With a nil shelf nothing can be changed.
func Open(ctx context.Context, dir string, shelf Shelf) (*Store, error) {
	s := &Store{base: &Base{}, shelf: shelf}
	if dir != "" {
		s.dir = filepath.Join(dir, "knowledge")
	}
	return s, s.Reload(ctx)
}

// Base answers questions; it stays the same when guides change.
func (s *Store) Base() *Base { return s.base }

// Reload reads everything again and swaps it in. On an error the guides in
// force stay.
func (s *Store) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return fmt.Errorf("open knowledge: %w", err)
	}
	return nil
}

// Refresh takes up what another process put on the shelf.
func (s *Store) Refresh(ctx context.Context) error {
	if s.shelf == nil {
		return nil
	}
	seq, err := s.shelf.GuideSeq(ctx)
	if err != nil {
		return fmt.Errorf("refresh knowledge: %w", err)
	}
	s.mu.Lock()
	same := seq == s.seq
	s.mu.Unlock()
	if same {
		return nil
	}
	return s.Reload(ctx)
}

func (s *Store) load(ctx context.Context) error {
	guides, err := s.plain()
	if err != nil {
		return err
	}
	kept := map[string]bot.GuideVersion{}
	var seq int64
	if s.shelf != nil {
		if seq, err = s.shelf.GuideSeq(ctx); err != nil {
			return err
		}
		versions, err := s.shelf.GuideVersions(ctx)
		if err != nil {
			return err
		}
		over := make([]Guide, len(versions))
		for i, v := range versions {
			if over[i], err = guideOf(v); err != nil {
				return err
			}
			v.Body = nil
			kept[v.Guide] = v
		}
		guides = merge(guides, over)
	}
	s.base.Swap(guides)
	s.kept, s.seq = kept, seq
	return nil
}

// plain are the guides that come with the program and the folder.
func (s *Store) plain() ([]Guide, error) {
	guides, err := Starter()
	if err != nil || s.dir == "" {
		return guides, err
	}
	own, err := LoadDir(os.DirFS(s.dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return merge(guides, own), nil
}

// guideOf reads a version.
func guideOf(v bot.GuideVersion) (Guide, error) {
	var g Guide
	if err := json.Unmarshal(v.Body, &g); err != nil {
		return g, fmt.Errorf("guide %s, version %d: %w", v.Guide, v.Version, err)
	}
	if bad := g.check(); len(bad) > 0 {
		return g, fmt.Errorf("guide %s, version %d: %s: %s", v.Guide, v.Version, bad[0].Field, bad[0].Reason)
	}
	g.Version, g.File = v.Version, ""
	return g, nil
}

// versionOf is a guide as the next version of it is kept.
func versionOf(g Guide, n int, by, note string, now time.Time) (bot.GuideVersion, error) {
	g.Version, g.File = 0, ""
	body, err := json.Marshal(g)
	if err != nil {
		return bot.GuideVersion{}, fmt.Errorf("encode guide %s: %w", g.ID, err)
	}
	sum := sha256.Sum256(body)
	return bot.GuideVersion{Guide: g.ID, Version: n, Body: body, Hash: hex.EncodeToString(sum[:]), At: now, By: by, Note: note}, nil
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

// errNoShelf means that guides can only be read here.
var errNoShelf = errors.New("there is no data directory")

// Import reads guides and takes them into the store.
func (s *Store) Import(ctx context.Context, r io.Reader, format Format, now time.Time, progress Progress) (Report, error) {
	guides, report, err := Import(ctx, r, format, progress)
	if err != nil {
		return report, err
	}
	return s.Take(ctx, guides, report, "import", "", now)
}

// Take takes imported guides into the store, by somebody and with a note for
// their versions. By id and content: what is there already unchanged is left
// alone, what differs becomes the next version. All of it or nothing is kept,
// and when Take returns it is durable and in force.
func (s *Store) Take(ctx context.Context, guides []Guide, report Report, by, note string, now time.Time) (Report, error) {
	if s.shelf == nil {
		return Report{}, fmt.Errorf("import guides: %w", errNoShelf)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.against(guides, &report, by, note, now)
	if err == nil && len(next) > 0 {
		err = s.keep(ctx, next)
	}
	if err != nil {
		return report, fmt.Errorf("import guides: %w", err)
	}
	return report, nil
}

// Weigh is what Take would come to; nothing changes.
func (s *Store) Weigh(guides []Guide, report Report, now time.Time) (Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.against(guides, &report, "", "", now)
	return report, err
}

// against holds guides against what is kept: the versions that are new.
func (s *Store) against(guides []Guide, report *Report, by, note string, now time.Time) ([]bot.GuideVersion, error) {
	var next []bot.GuideVersion
	for _, g := range guides {
		was, known := s.kept[g.ID]
		_, there := s.base.Guide(g.ID) // it may have come with the program
		v, err := versionOf(g, was.Version+1, by, note, now)
		switch {
		case err != nil:
			return nil, err
		case known && was.Hash == v.Hash:
			report.Unchanged++
			continue
		case there:
			report.Changed++
		default:
			report.Added++
		}
		next = append(next, v)
	}
	return next, nil
}

// keep makes versions durable and puts them in force.
func (s *Store) keep(ctx context.Context, versions []bot.GuideVersion) error {
	if err := s.shelf.KeepGuides(ctx, versions); err != nil {
		return err
	}
	return s.load(ctx)
}

// Version is the number of the version of a guide that is in force; 0 for one
// that is as it came with the program.
func (s *Store) Version(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[id].Version
}

// ErrFaulty means that a guide cannot be kept as it is.
type ErrFaulty struct{ Faults []Fault }

// Error names the first fault.
func (e ErrFaulty) Error() string {
	if len(e.Faults) == 0 {
		return "指南不能用"
	}
	return e.Faults[0].Field + "：" + e.Faults[0].Reason
}

// Edit keeps a guide as the next version of itself and puts it in force. over
// is the version the editor saw: when there is a newer one, it is
// bot.ErrGuideChanged and nothing changes.
func (s *Store) Edit(ctx context.Context, g Guide, over int, by, note string, now time.Time) (int, error) {
	if s.shelf == nil {
		return 0, fmt.Errorf("edit guide: %w", errNoShelf)
	}
	if bad := g.check(); len(bad) > 0 {
		return 0, ErrFaulty{bad}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[g.ID].Version != over {
		return 0, bot.ErrGuideChanged
	}
	v, err := versionOf(g, over+1, by, note, now)
	if err == nil {
		err = s.keep(ctx, []bot.GuideVersion{v})
	}
	if err != nil && !errors.Is(err, bot.ErrGuideChanged) {
		return 0, fmt.Errorf("edit guide %s: %w", g.ID, err)
	}
	return v.Version, err
}

// History are the versions of a guide, the newest first; the last is the one
// that came with the program, with Version 0, where there is one.
func (s *Store) History(ctx context.Context, id string) ([]bot.GuideVersion, error) {
	var all []bot.GuideVersion
	if s.shelf != nil {
		var err error
		if all, err = s.shelf.GuideHistory(ctx, id); err != nil {
			return nil, fmt.Errorf("history of %s: %w", id, err)
		}
	}
	plain, err := s.plain()
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	if i := slices.IndexFunc(plain, func(g Guide) bool { return g.ID == id }); i >= 0 {
		v, err := versionOf(plain[i], 0, "", "随程序带来的", time.Time{})
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// At is a guide as it was in a version.
func (s *Store) At(ctx context.Context, id string, version int) (Guide, error) {
	all, err := s.History(ctx, id)
	if err != nil {
		return Guide{}, err
	}
	i := slices.IndexFunc(all, func(v bot.GuideVersion) bool { return v.Version == version })
	if i < 0 {
		return Guide{}, fmt.Errorf("guide %s has no version %d", id, version)
	}
	return guideOf(all[i])
}

// Rollback puts an earlier version in force again, as a new version.
func (s *Store) Rollback(ctx context.Context, id string, to, over int, by string, now time.Time) (int, error) {
	g, err := s.At(ctx, id, to)
	if err != nil {
		return 0, err
	}
	return s.Edit(ctx, g, over, by, fmt.Sprintf("退回到第 %d 版", to), now)
}
