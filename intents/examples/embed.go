package examples

import (
	"embed"
	"io/fs"
)

// The pattern takes the whole folder, so that a new file needs no line here;
// Load reads its *.yml and held/*.yml held/*/*.yml only.
//
//go:embed *
var folder embed.FS

// Embedded is the set the program was built with, for Load.
func Embedded() fs.FS { return folder }

//go:embed held/baseline.json
var baseline []byte

// Baseline is what the held examples were scored at when they were last taken
// for one, in JSON as evaluation reads it.
func Baseline() []byte { return baseline }
