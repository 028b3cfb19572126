package ticket

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"guanjia/bot"
)

// Surge is a sudden event: many reports of one matter in one town in a short
// time, against what is usual there.
type Surge struct {
	ID       int64
	Category string
	Town     string
	At       time.Time // when it was noticed
	LastAt   time.Time // when it last grew
	Count    int       // reports in the window, at its height
	Usual    float64   // in a window of the four weeks before
}

// Sudden says whether so many reports in a window are a sudden event.
func (l SurgeLimits) Sudden(count int, usual float64) bool {
	return count >= l.Least && float64(count) >= l.Times*usual
}

// Trend is a matter in a town that rises against its own history.
type Trend struct {
	Category, Town string
	Now            int
	Before         float64  // a mean period of those before
	Numbers        []string // the reports behind it, newest first
}

// Repeat is a matter many people report, or one that had to be done again.
type Repeat struct {
	Number  string
	Title   string
	Reports int
	Redone  int
	Status  Status
}

// Score is how a body stood over a period.
type Score struct {
	Body                    string // as ParseBody reads it
	Filed, Closed           int
	Late                    int // answered late, or open and overdue
	Satisfied, Dissatisfied int
	Returned                int
}

// DayCount are the reports of a day.
type DayCount struct {
	Day          string // 2026-12-02
	Help, Report int
}

// Period is what a stretch of time held.
type Period struct {
	From, To                time.Time
	Filed, Closed, Open     int
	Overdue                 int
	Linked, Redone          int
	Satisfied, Dissatisfied int
	Types                   map[Type]int
	Days                    []DayCount
	Rising                  []Trend
	Repeats                 []Repeat
	Scores                  []Score
}

// Bounds of what a report shows.
const (
	backPeriods = 8  // history a period is held against
	mostRising  = 12 // of each list
	leastRising = 3  // reports that are more than chance
	sigmas      = 2  // above the mean, as of a Poisson process
	mostBehind  = 20 // reports named behind a trend
)

// History is how far back a report on a period must be able to look.
func History(from, to time.Time) time.Time { return from.Add(-backPeriods * to.Sub(from)) }

// Summarise makes the report on a period of tickets filed since History; they
// need hold no particulars.
func Summarise(tickets []Ticket, from, to, now time.Time) Period {
	p := Period{From: from, To: to, Types: map[Type]int{}}
	scores := map[string]*Score{}
	type matter struct{ category, town string }
	current, before := map[matter][]string{}, map[matter]int{}
	for _, t := range tickets {
		m := matter{t.Category, t.Town}
		if t.CreatedAt.Before(from) || !t.CreatedAt.Before(to) {
			if t.CreatedAt.Before(from) && t.Kind == Report && t.Category != "" {
				before[m]++
			}
			continue
		}
		if t.Kind == Report && t.Category != "" {
			current[m] = append(current[m], t.Number)
		}
		p.count(t, now)
		score(scores, t, now)
	}
	for d := midnight(from); d.Before(to); d = d.AddDate(0, 0, 1) {
		day := d.Format(time.DateOnly)
		if !slices.ContainsFunc(p.Days, func(c DayCount) bool { return c.Day == day }) {
			p.Days = append(p.Days, DayCount{Day: day})
		}
	}
	slices.SortFunc(p.Days, func(a, b DayCount) int { return cmp.Compare(a.Day, b.Day) })
	for m, numbers := range current {
		mean := float64(before[m]) / backPeriods
		if n := float64(len(numbers)); len(numbers) >= leastRising && n >= mean+sigmas*math.Sqrt(mean+1) {
			slices.Sort(numbers)
			slices.Reverse(numbers)
			p.Rising = append(p.Rising, Trend{m.category, m.town, len(numbers), mean, numbers[:min(len(numbers), mostBehind)]})
		}
	}
	slices.SortFunc(p.Rising, func(a, b Trend) int {
		return cmp.Or(cmp.Compare(float64(b.Now)-b.Before, float64(a.Now)-a.Before), cmp.Compare(a.Category+a.Town, b.Category+b.Town))
	})
	slices.SortFunc(p.Repeats, func(a, b Repeat) int {
		return cmp.Or(cmp.Compare(b.Reports+b.Redone, a.Reports+a.Redone), cmp.Compare(a.Number, b.Number))
	})
	p.Rising, p.Repeats = p.Rising[:min(len(p.Rising), mostRising)], p.Repeats[:min(len(p.Repeats), mostRising)]
	for _, body := range slices.Sorted(maps.Keys(scores)) {
		p.Scores = append(p.Scores, *scores[body])
	}
	slices.SortStableFunc(p.Scores, func(a, b Score) int { return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(b.Filed, a.Filed)) })
	return p
}

func (p *Period) count(t Ticket, now time.Time) {
	p.Filed++
	p.Types[t.Type]++
	switch {
	case t.Life.Root != "":
		p.Linked++
	case t.Status == Closed:
		p.Closed++
	case t.Open():
		p.Open++
	}
	if t.Overdue(now) > 0 {
		p.Overdue++
	}
	if t.Life.Redone > 0 {
		p.Redone++
	}
	switch t.Life.Satisfied {
	case Yes:
		p.Satisfied++
	case No:
		p.Dissatisfied++
	}
	if t.Life.Root == "" && (t.Life.Linked > 0 || t.Life.Redone > 0) { // a part counts with its whole
		p.Repeats = append(p.Repeats, Repeat{t.Number, t.Title, t.Life.Linked + 1, t.Life.Redone, t.Status})
	}
	day := t.CreatedAt.In(bot.Shanghai()).Format(time.DateOnly)
	i := slices.IndexFunc(p.Days, func(d DayCount) bool { return d.Day == day })
	if i < 0 {
		p.Days = append(p.Days, DayCount{Day: day})
		i = len(p.Days) - 1
	}
	if t.Kind == Help {
		p.Days[i].Help++
	} else {
		p.Days[i].Report++
	}
}

func score(scores map[string]*Score, t Ticket, now time.Time) {
	for _, returned := range t.Life.ReturnedBy {
		scoreOf(scores, returned).Returned++
	}
	if t.Life.Holder.Centre() || t.Life.Root != "" {
		return
	}
	s := scoreOf(scores, t.Life.Holder.String())
	s.Filed++
	if t.Status == Closed {
		s.Closed++
	}
	if t.Life.Late || t.Overdue(now) > 0 {
		s.Late++
	}
	switch t.Life.Satisfied {
	case Yes:
		s.Satisfied++
	case No:
		s.Dissatisfied++
	}
}

func scoreOf(scores map[string]*Score, body string) *Score {
	if scores[body] == nil {
		scores[body] = &Score{Body: body}
	}
	return scores[body]
}

// Satisfaction is the share of the satisfied among those who answered, from 0
// to 1; false where nobody has.
func (p Period) Satisfaction() (float64, bool) { return share(p.Satisfied, p.Dissatisfied) }

// Satisfaction likewise of a body.
func (s Score) Satisfaction() (float64, bool) { return share(s.Satisfied, s.Dissatisfied) }

func share(yes, no int) (float64, bool) {
	if yes+no == 0 {
		return 0, false
	}
	return float64(yes) / float64(yes+no), true
}
