package week

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Bounds of a played week.
const (
	tune      = 10 * time.Minute // between two looks of the dynamic release
	planAhead = 0.3              // have a day in mind
	walkIns   = 0.15             // of the places, kept for who walks in
	atNine    = 0.6              // of a day's people come as the day is released
	willMove  = 0.35             // go to another hall when theirs has nothing
	cancels   = 0.55             // of those who do not come, say so before
)

// game is a week being played.
type game struct {
	*ground
	diary   *booking.Diary
	control booking.Control
	rng     *rand.Rand
	now     time.Time
	serial  int
	out     Outcome
	counted bool // the warm-up is over
	toLeave []leaving
	stirred map[int]bool // pairs something happened to since the last look
	came    map[arrivalKey]int
}

type (
	leaving struct {
		number string
		pair   int
		at     time.Time
	}
	arrivalKey struct {
		pair        int
		date, clock string
	}
)

// play plays two weeks, the second of which counts.
func (g *ground) play(control booking.Control) Outcome {
	name := "固定放号"
	if control.Mode == booking.Apply {
		name = "动态放号"
	}
	begun := time.Now()
	rules := booking.DefaultRules()
	book, err := booking.NewRuleBook(rules, nil)
	if err != nil {
		panic(err) // the defaults are valid
	}
	p := &game{ground: g, diary: booking.NewDiary(book), control: control, rng: rand.New(rand.NewPCG(g.Seed, 2)),
		now: Monday().AddDate(0, 0, -7), came: map[arrivalKey]int{}, stirred: map[int]bool{},
		out: Outcome{Name: name, Changes: map[booking.Kind]int{}, Places: map[booking.Kind]int{}}}
	for day := range 14 {
		if day == 7 {
			p.counted = true
		}
		p.day()
	}
	p.finish()
	p.out.Took = time.Since(begun)
	return p.out
}

// day plays one calendar day: at nine the next day is released, people come,
// every ten minutes the release is looked at, in the evening the day is over.
func (p *game) day() {
	begin := p.now
	if p.serial == 0 { // the days that were released before the first
		for d := range 7 {
			p.release(begin.AddDate(0, 0, d))
		}
	}
	people := 0
	if workday(begin) {
		people = p.Bookings / workdays
	}
	rush := int(atNine * float64(people))
	for at := 8 * time.Hour; at < 22*time.Hour; at += tune {
		p.now = begin.Add(at)
		if at == 9*time.Hour {
			p.release(begin.AddDate(0, 0, 7))
			p.people(rush)
		}
		slots := int((22*time.Hour - 8*time.Hour) / tune)
		p.people((people - rush) / slots)
		p.leave()
		if at >= 9*time.Hour && at < 17*time.Hour && workday(begin) {
			p.adjust(at == 9*time.Hour)
		}
		if p.counted && workday(begin) && (at == 10*time.Hour || at == 16*time.Hour) {
			p.sample()
		}
	}
	p.now = begin.AddDate(0, 0, 1)
	p.diary.ForgetBefore(p.now.Format(time.DateOnly))
	p.diary.MarkNoShows(p.now)
	p.diary.Tidy(p.now.AddDate(0, 0, -1))
	p.settle()
}

func (p *game) settle() {
	p.diary.Effects()
	p.diary.Publish()
}

func (p *game) release(day time.Time) {
	if !workday(day) {
		return
	}
	date := day.Format(time.DateOnly)
	for _, v := range p.pairs {
		s := v.sheet(date, walkIns)
		p.diary.Lay(s, p.now)
		if p.counted {
			for _, o := range s.Periods {
				p.out.Openings += o.Capacity
			}
		}
	}
	p.settle()
}

// people come, one after the other.
func (p *game) people(n int) {
	for range n {
		p.serial++
		i := p.draw(p.rng)
		earliest := p.now
		if p.rng.Float64() < planAhead {
			earliest = p.now.AddDate(0, 0, 1+p.rng.IntN(5))
		}
		where := i
		booked := p.try(i, earliest)
		if !booked && p.rng.Float64() < willMove {
			for range 3 {
				where = p.byServ[p.pairs[i].service][p.rng.IntN(len(p.byServ[p.pairs[i].service]))]
				if booked = p.try(where, p.now); booked {
					break
				}
			}
		}
		if !p.counted {
			continue
		}
		p.out.Asked++
		switch {
		case !booked:
			p.out.Refused++
		case where != i:
			p.out.Elsewhere++
		}
	}
	p.settle()
}

// try takes the first free period of a pair from a day on.
func (p *game) try(i int, earliest time.Time) bool {
	v := p.pairs[i]
	free := p.diary.Openings(booking.Query{Service: v.group, Hall: v.name, After: earliest, Free: true})
	if len(free) == 0 {
		p.stirred[i] = true
		return false
	}
	o := free[0]
	person := booking.Person{byte(p.serial), byte(p.serial >> 8), byte(p.serial >> 16), byte(p.serial >> 24), 1}
	p.stirred[i] = true
	e, _, err := p.diary.Book(booking.Taking{Citizen: bot.CitizenID(fmt.Sprint("c", p.serial)), Key: "k", Person: person, Service: v.group,
		Hall: v.name, Date: o.Date, Time: o.Time, Now: p.now}, func() (string, error) { return fmt.Sprint("n", p.serial), nil })
	p.settle()
	if errors.Is(err, booking.ErrFull) {
		return false
	}
	if err != nil {
		panic(fmt.Sprintf("the rehearsal asks for what cannot be: %v", err))
	}
	if p.counted {
		p.out.Booked++
		p.out.Days += o.Starts().Sub(p.now).Hours() / 24
	}
	p.fate(i, e, o)
	return true
}

// fate draws how a booking ends.
func (p *game) fate(i int, e booking.Entry, o booking.Opening) {
	switch {
	case p.rng.Float64() < p.Served:
		p.came[arrivalKey{i, o.Date, o.Time}]++
		if p.counted {
			p.out.Served++
		}
	case p.rng.Float64() < cancels:
		until := o.Starts().Sub(p.now) - 2*time.Hour
		if until > 0 {
			p.toLeave = append(p.toLeave, leaving{e.Number, i, p.now.Add(time.Duration(p.rng.Float64() * float64(until)))})
		}
	default:
		if p.counted {
			p.out.Missed++
		}
	}
}

// leave cancels what is to be cancelled by now.
func (p *game) leave() {
	p.toLeave = slices.DeleteFunc(p.toLeave, func(l leaving) bool {
		if l.at.After(p.now) {
			return false
		}
		if _, err := p.diary.Cancel(l.number, p.now); err != nil && !errors.Is(err, booking.ErrTooLate) && !errors.Is(err, booking.ErrNoAppointment) {
			panic(fmt.Sprintf("the rehearsal cancels what cannot be: %v", err))
		}
		p.stirred[l.pair] = true
		return true
	})
	p.settle()
}

// adjust lets the dynamic release look at every service at every hall at the
// day's begin, and later at those where anything happened.
func (p *game) adjust(all bool) {
	if p.control.Mode != booking.Apply {
		return
	}
	for i, v := range p.pairs {
		if !all && !p.stirred[i] {
			continue
		}
		m := p.diary.Measure(v.group, v.name, p.control.Goal, p.now)
		m.NoShow, m.Serves = (1-p.Served)*(1-cancels), v.serves
		a, ok := p.control.Adjust(m, p.now)
		if !ok {
			continue
		}
		for _, s := range a.After {
			p.diary.Lay(s, p.now)
		}
		if p.counted {
			p.out.Changes[a.Kind]++
			p.out.Places[a.Kind] += a.Places
			if len(p.out.Whys) < 12 && p.out.Changes[a.Kind] <= 4 {
				p.out.Whys = append(p.out.Whys, fmt.Sprintf("%s %s %s", p.now.Format("01-02 15:04"), v.group+"@"+v.name, a.Why))
			}
		}
	}
	clear(p.stirred)
	p.settle()
}

// sample looks at the whole city.
func (p *game) sample() {
	bookable := make([]bool, p.Services)
	s := Sample{At: p.now}
	var taken, released int
	p.out.First = [9]int{}
	for _, v := range p.pairs {
		first := -1
		for _, o := range p.diary.Openings(booking.Query{Service: v.group, Hall: v.name, After: p.now}) {
			released, taken = released+o.Capacity, taken+o.Capacity-o.Remaining
			if o.Remaining > 0 && first < 0 {
				first = p.daysTo(o.Date)
			}
		}
		if first >= 0 && first <= 3 {
			bookable[v.service] = true
			s.Pairs++
		}
		if first < 0 {
			first = 8
		}
		p.out.First[min(first, 8)]++
	}
	for _, b := range bookable {
		if b {
			s.Services++
		}
	}
	s.Services /= float64(p.Services)
	s.Pairs /= float64(len(p.pairs))
	s.Fill = float64(taken) / math.Max(1, float64(released))
	p.out.Samples = append(p.out.Samples, s)
}

// daysTo is how many calendar days a date is away.
func (p *game) daysTo(date string) int {
	today := booking.At(p.now.Format(time.DateOnly), "00:00")
	return int(booking.At(date, "00:00").Sub(today).Hours() / 24)
}

// finish counts how often more came to a period than its windows serve.
func (p *game) finish() {
	if p.out.Booked > 0 {
		p.out.Days /= float64(p.out.Booked)
	}
	over := 0
	for k, n := range p.came {
		if float64(n) > math.Ceil(p.pairs[k.pair].serves) {
			over++
		}
	}
	if len(p.came) > 0 {
		p.out.Crowded = float64(over) / float64(len(p.came))
	}
}
