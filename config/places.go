package config

import (
	"bytes"
	_ "embed" // the starter data
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed towns.yaml
var townsYAML []byte

// Town is a street, a town or a park of the city; parks count as towns.
type Town struct {
	ID      string
	Name    string
	Kind    string // street, town, park
	Aliases []string
}

// Hall is a service hall; where it stands is unknown until imported.
type Hall struct {
	ID      string // city, or the town's id
	Name    string
	Town    string // empty for the city's
	Aliases []string
}

type townRow struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
}

// Towns lists the city's towns.
func Towns() ([]Town, error) {
	var f struct {
		City     yaml.Node           `yaml:"city"`
		Streets  []townRow           `yaml:"streets"`
		Towns    []townRow           `yaml:"towns"`
		Parks    []townRow           `yaml:"parks"`
		Clusters map[string][]string `yaml:"clusters"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(townsYAML))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("read towns: %w", err)
	}
	var towns []Town
	for _, group := range []struct {
		kind string
		rows []townRow
	}{{"street", f.Streets}, {"town", f.Towns}, {"park", f.Parks}} {
		for _, r := range group.rows {
			towns = append(towns, Town{ID: r.ID, Name: r.Name, Kind: group.kind, Aliases: r.Aliases})
		}
	}
	return towns, nil
}

// Short is a town's name without what stands in brackets behind it.
func (t Town) Short() string {
	name, _, _ := strings.Cut(t.Name, "(")
	if t.Kind == "park" && len(t.Aliases) > 0 && len([]rune(name)) > 8 {
		return t.Aliases[0]
	}
	return name
}

// Halls lists the city's hall and one for every town.
func Halls(towns []Town) []Hall {
	halls := []Hall{{ID: "city", Name: "市民服务中心", Aliases: []string{"市民中心", "市政务服务中心", "市政务中心", "市级大厅", "市大厅", "市里大厅", "东莞市民服务中心"}}}
	for _, t := range towns {
		halls = append(halls, Hall{ID: t.ID, Name: t.Short() + "政务服务中心", Town: t.ID})
	}
	return halls
}
