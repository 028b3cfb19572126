package themes

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"gopkg.in/yaml.v3"
)

//go:embed *.yaml
var embedded embed.FS

// Starter are the themes that come with the program.
func Starter() (*Catalogue, error) { return Load(embedded) }

type file struct {
	Sources map[string]struct {
		Title string `yaml:"title"`
	} `yaml:"sources"`
	Themes []*Theme `yaml:"themes"`
}

// Load reads every .yaml file of a folder. Unknown keys and what Check finds
// are errors that name file and theme; all are reported together.
func Load(dir fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list theme files: %w", err)
	}
	var all []*Theme
	var faults []error
	for _, name := range names {
		read, err := loadFile(dir, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, read...)
	}
	c, err := NewCatalogue(all)
	if err != nil {
		return nil, errors.Join(append(faults, err)...)
	}
	for _, f := range c.Check() {
		faults = append(faults, errors.New(f))
	}
	return c, errors.Join(faults...)
}

func loadFile(dir fs.FS, name string) ([]*Theme, error) {
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, fmt.Errorf("read theme file: %w", err)
	}
	var f file
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var faults []error
	for _, t := range f.Themes {
		t.File = name
		for _, id := range t.SourceIDs {
			s, ok := f.Sources[id]
			if !ok {
				faults = append(faults, fmt.Errorf("%s: %s: source %q is not among the sources", name, t.ID, id))
			}
			t.Sources = append(t.Sources, s.Title)
		}
	}
	return f.Themes, errors.Join(faults...)
}
