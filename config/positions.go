package config

import (
	_ "embed" // the starter data
	"fmt"

	"gopkg.in/yaml.v3"
)

//go:embed positions.yaml
var positionsYAML []byte

// Position is roughly the middle of a town, in degrees.
type Position struct{ Lat, Long float64 }

// Positions of the towns, and of the city's hall, by id.
func Positions() (map[string]Position, error) {
	var raw map[string][2]float64
	if err := yaml.Unmarshal(positionsYAML, &raw); err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	out := map[string]Position{}
	for id, at := range raw {
		out[id] = Position{at[0], at[1]}
	}
	return out, nil
}
