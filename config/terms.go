package config

import (
	"bytes"
	_ "embed" // the starter data
	"fmt"

	"gopkg.in/yaml.v3"
)

//go:embed terms.yaml
var termsYAML []byte

// Term is for what a kind of data about citizens is kept and how long.
type Term struct {
	Kind    string `yaml:"kind"`
	Title   string `yaml:"title"`
	Purpose string `yaml:"purpose"`
	Days    int    `yaml:"days"`  // after which it goes; 0: as Until says
	Until   string `yaml:"until"` // in words
}

// Terms lists the kinds in the order they are shown.
func Terms() ([]Term, error) {
	var terms []Term
	dec := yaml.NewDecoder(bytes.NewReader(termsYAML))
	dec.KnownFields(true)
	if err := dec.Decode(&terms); err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	for _, t := range terms {
		if t.Kind == "" || t.Title == "" || t.Purpose == "" || t.Days < 0 || (t.Days == 0) == (t.Until == "") {
			return nil, fmt.Errorf("read terms: %q needs a title, a purpose, and either days or until", t.Kind)
		}
	}
	return terms, nil
}
