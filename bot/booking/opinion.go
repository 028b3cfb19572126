package booking

import (
	"errors"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Opinion is what a citizen says of a visit once they were served.
type Opinion struct {
	Number string
	Stars  int        // 1 to 5
	Words  bot.Secret // of their own; empty: none
	At     time.Time
	// Service, Hall and Date are the appointment's, where it is read.
	Service, Hall, Date string
}

// MostWords is how long an opinion may be, in characters.
const MostWords = 500

// ErrOpinion means that an opinion is none: not 1 to 5 stars, or too long.
var ErrOpinion = errors.New("opinion is not 1 to 5 stars in at most 500 characters")

// Validate says whether an opinion can be kept.
func (o Opinion) Validate() error {
	if o.Stars < 1 || o.Stars > 5 || utf8.RuneCountInString(o.Words.Reveal()) > MostWords {
		return ErrOpinion
	}
	return nil
}

// Satisfaction sums up opinions of a hall, or of all.
type Satisfaction struct {
	Served int    // appointments served
	Stars  [6]int // how many gave so many; 0: were not asked or did not say
}

// Said is how many gave an opinion.
func (s Satisfaction) Said() int {
	n := 0
	for _, c := range s.Stars[1:] {
		n += c
	}
	return n
}

// Mean is the mean of the stars given, 0 where nobody said anything.
func (s Satisfaction) Mean() float64 {
	sum := 0
	for stars, c := range s.Stars {
		sum += stars * c
	}
	if n := s.Said(); n > 0 {
		return float64(sum) / float64(n)
	}
	return 0
}

// Content is how many percent of the opinions have four stars or five.
func (s Satisfaction) Content() int {
	if n := s.Said(); n > 0 {
		return 100 * (s.Stars[4] + s.Stars[5]) / n
	}
	return 0
}
