package bottest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed conversations/*.yml
var builtin embed.FS

// Conversations are those the product is tested with, in order of file names.
func Conversations() ([]File, error) {
	names, err := fs.Glob(builtin, "conversations/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	var files []File
	var faults []error
	for _, name := range names {
		raw, err := builtin.ReadFile(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		f, err := Parse(name, raw)
		if err != nil {
			faults = append(faults, err)
		}
		files = append(files, f)
	}
	return files, errors.Join(faults...)
}
