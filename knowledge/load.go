package knowledge

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed guides/*.yaml
var embedded embed.FS

// Starter are the guides that come with the program, in the order of their
// files. Facts and their doubts are the sources'; nothing is smoothed over.
func Starter() ([]Guide, error) {
	files, err := fs.Sub(embedded, "guides")
	if err != nil {
		return nil, fmt.Errorf("open starter guides: %w", err)
	}
	return LoadDir(files)
}

// file is the form of our own guide files.
type file struct {
	Sources map[string]Source `yaml:"sources"`
	Guides  []Guide           `yaml:"guides"`
}

// LoadDir reads every .yaml file of a folder. Sources may stand in any of the
// files. Unknown keys, wrong types, missing and repeated ids are errors that
// name file, guide and field; all of them are reported together.
func LoadDir(dir fs.FS) ([]Guide, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list guide files: %w", err)
	}
	var all file
	all.Sources = map[string]Source{}
	var faults []error
	for _, name := range names {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("read guide file: %w", err)
		}
		f, err := parse(name, raw)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all.Guides = append(all.Guides, f.Guides...)
		for id, s := range f.Sources {
			if _, twice := all.Sources[id]; twice {
				faults = append(faults, fmt.Errorf("%s: sources: %s stands twice", name, id))
			}
			all.Sources[id] = s
		}
	}
	faults = append(faults, all.settle()...)
	return all.Guides, errors.Join(faults...)
}

func parse(name string, raw []byte) (file, error) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return file{}, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	for i := range f.Guides {
		f.Guides[i].File = path.Base(name)
	}
	return f, nil
}

// settle resolves sources and checks every guide against the others.
func (f *file) settle() []error {
	var faults []error
	seen := map[string]string{}
	for i := range f.Guides {
		g := &f.Guides[i]
		held, err := yaml.Marshal(g) // the entry as it was read, its sources not yet looked up
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %s: %w", g.File, g.ID, err))
		}
		for _, id := range g.SourceIDs {
			s, ok := f.Sources[id]
			if !ok {
				faults = append(faults, fmt.Errorf("%s: %s: source: %q is not among the sources", g.File, g.ID, id))
				continue
			}
			g.Sources = append(g.Sources, s)
		}
		g.seal(held)
		for _, fault := range g.check() {
			faults = append(faults, fmt.Errorf("%s: %s: %s: %s", g.File, g.ID, fault.Field, fault.Reason))
		}
		if first, twice := seen[g.ID]; twice {
			faults = append(faults, fmt.Errorf("%s: %s: id: stands already in %s", g.File, g.ID, first))
		}
		seen[g.ID] = g.File
	}
	return faults
}

// check finds what makes a guide unusable. Doubtful but usable things are
// lint's.
func (g *Guide) check() []Fault {
	var faults []Fault
	fault := func(field, value, reason string) {
		faults = append(faults, Fault{Field: field, Value: clip(value, 80), Rule: RuleUnusable, Reason: reason})
	}
	if g.ID == "" || len(g.ID) > 128 || strings.ContainsAny(g.ID, "# \t\r\n") {
		fault("id", g.ID, "编号不能空，最长128字节，不能有空格和#")
	}
	if strings.TrimSpace(g.Title) == "" {
		fault("title", "", "标题是空的")
	}
	if g.Type != "" && g.Type != TypeGuide && g.Type != TypePolicy {
		fault("type", string(g.Type), "类型只能是 guide 或 policy")
	}
	if g.Status != Active && g.Status != Draft && g.Status != Withdrawn {
		fault("status", string(g.Status), "状态只能是 draft、withdrawn 或不写")
	}
	for _, m := range g.Materials {
		if strings.TrimSpace(m.Name) == "" {
			fault("materials", "", "有一样材料没有名称")
		}
	}
	dates := []struct {
		name string
		date Date
	}{{"effective_from", g.EffectiveFrom}, {"effective_to", g.EffectiveTo}, {"verified_at", g.VerifiedAt}, {"review_by", g.ReviewBy}}
	for _, d := range dates {
		if err := d.date.check(); err != nil {
			fault(d.name, string(d.date), err.Error())
		}
	}
	for _, d := range g.Verify {
		for _, f := range d.Fields {
			if !f.known() {
				fault("verify", string(f), fmt.Sprintf("没有%q这一项", f))
			}
		}
	}
	for f := range g.Wording {
		if !f.known() {
			fault("wording", string(f), fmt.Sprintf("没有%q这一项", f))
		}
	}
	return faults
}

// clip cuts a text to n runes.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}
