package ticket

import (
	"cmp"
	"math"
	"slices"
)

// Spot is roughly the middle of a town, in degrees.
type Spot struct{ Lat, Long float64 }

// farthest is how far, in degrees, a position may lie from the middle of the
// nearest town and still be in the city.
const farthest = 0.25

// Nearest are the ids of at most n towns around a position, the nearest first;
// none where it is not in the city.
func Nearest(towns map[string]Spot, lat, long float64, n int) []string {
	type town struct {
		id   string
		away float64
	}
	var around []town
	for id, t := range towns {
		if away := math.Hypot(t.Lat-lat, (t.Long-long)*math.Cos(lat*math.Pi/180)); t != (Spot{}) && away < farthest {
			around = append(around, town{id, away})
		}
	}
	slices.SortFunc(around, func(a, b town) int { return cmp.Or(cmp.Compare(a.away, b.away), cmp.Compare(a.id, b.id)) })
	var ids []string
	for _, t := range around[:min(n, len(around))] {
		ids = append(ids, t.id)
	}
	return ids
}
