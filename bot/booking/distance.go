package booking

import "math"

// Spot is a place on the map, in degrees; the zero Spot is nowhere.
type Spot struct{ Lat, Lng float64 }

// Known says whether it is somewhere.
func (s Spot) Known() bool { return s.Lat != 0 || s.Lng != 0 }

// Spot is where a hall stands, nowhere where that is not known.
func (h Hall) Spot() Spot { return Spot{h.Lat, h.Lng} }

// earth is its mean radius in kilometres.
const earth = 6371

// Away is how many kilometres two places are apart, as the crow flies.
func (s Spot) Away(o Spot) float64 {
	rad := func(v float64) float64 { return v * math.Pi / 180 }
	a := math.Pow(math.Sin(rad(o.Lat-s.Lat)/2), 2) + math.Cos(rad(s.Lat))*math.Cos(rad(o.Lat))*math.Pow(math.Sin(rad(o.Lng-s.Lng)/2), 2)
	return 2 * earth * math.Asin(math.Sqrt(a))
}
