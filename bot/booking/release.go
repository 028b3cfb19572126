package booking

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"guanjia/bot"
)

// Mode says what the dynamic release does with what it finds.
type Mode string

// The modes of dynamic release.
const (
	Off     Mode = "off"
	Propose Mode = "propose" // people decide
	Apply   Mode = "apply"
)

// Control bounds the dynamic release: how places are moved between what is
// released, what is kept in reserve, and what windows could do besides. It is
// data an administrator can change.
type Control struct {
	Mode     Mode    `json:"mode"`
	Goal     int     `json:"goal"`      // calendar days within which a place should be free
	Step     float64 `json:"step"`      // of a day's places, added or kept back at once
	LowFill  float64 `json:"low_fill"`  // below it places are kept back …
	HighFill float64 `json:"high_fill"` // … and above it, on the goal's days, released ahead of need
	MinKept  float64 `json:"min_kept"`  // of the places, always for who walks in
	MaxKept  float64 `json:"max_kept"`  // of the places, kept back at most
	MaxOver  float64 `json:"max_over"`  // more is booked than windows can serve by this at most, for no-shows
}

// DefaultControl is off: an installation turns it on.
func DefaultControl() Control {
	return Control{Mode: Off, Goal: 3, Step: 0.25, LowFill: 0.10, HighFill: 0.85, MinKept: 0.05, MaxKept: 0.5, MaxOver: 1.15}
}

// Validate says everything that is wrong with a control.
func (c Control) Validate() error {
	var errs []error
	if !slices.Contains([]Mode{Off, Propose, Apply}, c.Mode) {
		errs = append(errs, fmt.Errorf("方式 %q 不是 off、propose 或 apply", c.Mode))
	}
	for _, v := range []struct {
		what           string
		at, low, hight float64
	}{
		{"目标天数", float64(c.Goal), 1, 30}, {"每次增减的比例", c.Step, 0.01, 1}, {"低约满率", c.LowFill, 0, 1}, {"高约满率", c.HighFill, c.LowFill, 1},
		{"最少留给现场的比例", c.MinKept, 0, 0.9}, {"最多暂不放的比例", c.MaxKept, c.MinKept, 0.9}, {"超约上限", c.MaxOver, 1, 1.5},
	} {
		if v.at < v.low || v.at > v.hight {
			errs = append(errs, fmt.Errorf("%s应在 %g 到 %g 之间，现在是 %g", v.what, v.low, v.hight, v.at))
		}
	}
	return errors.Join(errs...)
}

// Demand is how a group stands at a hall: what the dynamic release decides by.
type Demand struct {
	Group, Hall string
	FirstFree   int     // calendar days to the first opening with a place, -1: none is released
	Fill        float64 // of the places on the goal's days that are taken
	WeekFill    float64 // of all released places
	Waiting     int     // people in line
	NoShow      float64 // of its appointments lately
	// Serves is how many people its windows can serve in an hour; 0: not known,
	// and nothing is added then.
	Serves float64
	Sheets []Sheet // of the days from today on, the earliest first
	Left   [][]int // of each sheet's periods
}

// Kind is what an adjustment does.
type Kind string

// The kinds of adjustment.
const (
	Reserve Kind = "reserve" // places kept back are released
	More    Kind = "more"    // places are added, within what windows can serve
	Less    Kind = "less"    // free places are kept back
)

// Adjustment is one change of a group's release at a hall, with its reason.
// Before and After make it reversible.
type Adjustment struct {
	Group, Hall string
	Kind        Kind
	Places      int // released, added or kept back
	Why         string
	Before      []Sheet
	After       []Sheet
}

// Measure takes a group's measure at a hall.
func (d *Diary) Measure(group, hall string, goal int, now time.Time) Demand {
	d.mu.RLock()
	defer d.mu.RUnlock()
	m := Demand{Group: group, Hall: hall, FirstFree: -1}
	today := midnightOf(now)
	var near, nearTaken, week, weekTaken int
	for _, p := range d.byGroup[group][hall] {
		days := int((p.midnight - today) / 86400)
		if days < 0 {
			continue
		}
		left := make([]int, len(p.Periods))
		for i, v := range p.Periods {
			left[i] = int(p.left[i])
			if (spot{p, i}).begun(now) {
				left[i] = -1
				continue
			}
			taken := v.Capacity - v.Kept - left[i]
			week, weekTaken = week+v.Capacity-v.Kept, weekTaken+taken
			if days <= goal {
				near, nearTaken = near+v.Capacity-v.Kept, nearTaken+taken
			}
			if left[i] > 0 && m.FirstFree < 0 {
				m.FirstFree = days
			}
		}
		m.Sheets, m.Left = append(m.Sheets, p.Sheet), append(m.Left, left)
	}
	if near > 0 {
		m.Fill = float64(nearTaken) / float64(near)
	}
	if week > 0 {
		m.WeekFill = float64(weekTaken) / float64(week)
	}
	for _, w := range d.queues[queueKey{group, hall}] {
		if w.Status == WaitOpen {
			m.Waiting++
		}
	}
	return m
}

func midnightOf(now time.Time) int64 {
	y, m, day := now.In(bot.Shanghai()).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, bot.Shanghai()).Unix()
}

// Adjust says what to change for a demand, false for nothing: short of places
// within the goal, the reserve goes first, then more is added as far as windows
// serve; where hardly anything is taken, free places are kept back.
func (c Control) Adjust(m Demand, now time.Time) (Adjustment, bool) {
	a := Adjustment{Group: m.Group, Hall: m.Hall}
	short := m.FirstFree < 0 || m.FirstFree > c.Goal
	switch {
	case len(m.Sheets) == 0:
		return a, false
	case short || m.Fill >= c.HighFill || m.Waiting > 0:
		a.Kind = Reserve
		c.change(&a, m, now, c.release)
		if a.Places == 0 {
			a.Kind = More
			c.change(&a, m, now, func(m Demand, v Period, _ int) Period { return c.extend(m, v) })
		}
	case m.WeekFill < c.LowFill && m.FirstFree <= 1:
		a.Kind = Less
		c.change(&a, m, now, c.keepBack)
	default:
		return a, false
	}
	if a.Places == 0 {
		return a, false
	}
	a.Why = c.why(a, m)
	return a, true
}

// change lays the sheets anew, period by period: within the goal where places
// are short, all days where they are kept back.
func (c Control) change(a *Adjustment, m Demand, now time.Time, how func(Demand, Period, int) Period) {
	today := midnightOf(now)
	for i, old := range m.Sheets {
		if a.Kind != Less && int((At(old.Date, "00:00").Unix()-today)/86400) > c.Goal {
			break
		}
		s := old
		s.Periods = slices.Clone(old.Periods)
		moved := 0
		for j, v := range s.Periods {
			if m.Left[i][j] < 0 || v.Capacity == 0 {
				continue
			}
			n := how(m, v, m.Left[i][j])
			moved += abs(n.Capacity - n.Kept - v.Capacity + v.Kept)
			s.Periods[j] = n
		}
		if moved > 0 {
			a.Before, a.After, a.Places = append(a.Before, old), append(a.After, s), a.Places+moved
		}
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// release frees part of what is kept back of a period.
func (c Control) release(_ Demand, v Period, _ int) Period {
	least := int(math.Floor(c.MinKept * float64(v.Capacity)))
	if v.Kept > least {
		v.Kept = max(least, v.Kept-c.step(v))
	}
	return v
}

// extend adds places to a period, up to what windows serve in its hour and
// beyond that for those who will not come.
func (c Control) extend(m Demand, v Period) Period {
	most := int(m.Serves * c.over(m.NoShow))
	if v.Capacity < most {
		v.Capacity = min(most, v.Capacity+c.step(v))
	}
	return v
}

// over is how much more may be booked than is served.
func (c Control) over(noShow float64) float64 {
	return min(c.MaxOver, 1/(1-min(noShow, 0.9)))
}

// keepBack keeps part of the free places of a period for later.
func (c Control) keepBack(_ Demand, v Period, left int) Period {
	most := int(c.MaxKept * float64(v.Capacity))
	n := min(c.step(v), left-1, most-v.Kept) // one stays free
	v.Kept += max(0, n)
	return v
}

func (c Control) step(v Period) int { return max(1, int(math.Round(c.Step*float64(v.Capacity)))) }

// why explains an adjustment to who runs the hall.
func (c Control) why(a Adjustment, m Demand) string {
	first := fmt.Sprintf("最早 %d 天后有号", m.FirstFree)
	switch {
	case m.FirstFree < 0:
		first = "已放的号全部约满"
	case m.FirstFree == 0:
		first = "当天有号"
	}
	state := fmt.Sprintf("%s，%d 天内约满 %.0f%%，全周 %.0f%%，候补 %d 人，爽约 %.0f%%", first, c.Goal, m.Fill*100, m.WeekFill*100, m.Waiting, m.NoShow*100)
	switch a.Kind {
	case Reserve:
		return fmt.Sprintf("%s：把预留的 %d 个号放出来", state, a.Places)
	case More:
		return fmt.Sprintf("%s：增放 %d 个号（窗口每小时可办 %.1f 人，可超约到 %.2f 倍）", state, a.Places, m.Serves, c.over(m.NoShow))
	}
	return fmt.Sprintf("%s：暂留 %d 个号，需要时再放", state, a.Places)
}
