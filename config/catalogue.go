package config

import (
	"bytes"
	_ "embed" // the starter data
	"fmt"

	"gopkg.in/yaml.v3"
)

//go:embed departments.yaml
var departmentsYAML []byte

// Department is a body of the city.
type Department struct {
	ID    string `yaml:"id"`
	Name  string `yaml:"name"`
	Short string `yaml:"short"`
	Town  string `yaml:"town"` // its counterpart in the towns
}

// Category is a second-level category of the dispatch catalogue.
type Category struct {
	ID           string   `yaml:"id"`
	Name         string   `yaml:"name"`
	Group        string   `yaml:"-"`
	Department   string   `yaml:"dept"`
	Default      string   `yaml:"default_kind"`
	Town         string   `yaml:"town"`
	Phrases      []string `yaml:"phrases"` // as people say it
	Words        string   `yaml:"words"`   // what tells it from others, between spaces
	Confidential bool     `yaml:"confidential"`
}

// Catalogue reads the bodies and the categories they answer for.
func Catalogue() ([]Department, []Category, error) {
	var f struct {
		Departments []Department `yaml:"departments"`
		Categories  []struct {
			Name     string     `yaml:"name"`
			Children []Category `yaml:"children"`
		} `yaml:"categories"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(departmentsYAML)).Decode(&f); err != nil {
		return nil, nil, fmt.Errorf("read departments: %w", err)
	}
	known := map[string]bool{}
	for _, d := range f.Departments {
		known[d.ID] = true
	}
	var categories []Category
	for _, group := range f.Categories {
		for _, c := range group.Children {
			if !known[c.Department] {
				return nil, nil, fmt.Errorf("category %s names unknown department %q", c.ID, c.Department)
			}
			c.Group = group.Name
			categories = append(categories, c)
		}
	}
	return f.Departments, categories, nil
}
