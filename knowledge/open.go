package knowledge

import (
	"strings"
	"time"

	"guanjia/bot"
)

// Day is a day a citizen asks about, as the calendar of working days has it.
type Day struct {
	Date    string // 2026-11-28
	Workday bool   // offices work, by 调休 on a weekend too
	Holiday string // the holiday it belongs to, when they do not
}

// Opening is when a hall is open on days of a kind, in the source's words; what is
// empty is not known.
type Opening struct {
	Workday  string `yaml:"workday,omitempty" json:"workday,omitempty"`
	Saturday string `yaml:"saturday,omitempty" json:"saturday,omitempty"`
	Sunday   string `yaml:"sunday,omitempty" json:"sunday,omitempty"`
}

// openOn says whether the halls are open on a day, and when: the one of a town
// where that is known, else the city's and the towns'. Empty where the guide tells
// of no halls.
func (g *Guide) openOn(d *Day, town string) string {
	if d == nil || len(g.Towns) == 0 {
		return ""
	}
	at, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return ""
	}
	day := bot.FullDate(at)
	weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
	switch {
	case d.Holiday != "":
		return day + "是" + d.Holiday + "假期，预约的窗口不开；有没有窗口值班，手上的资料没有写，可拨" + g.ask() + "问。"
	case d.Workday && weekend:
		return day + "调休上班，大厅照工作日开" + g.workdayHours(town)
	case d.Workday:
		return day + "是工作日，大厅上班" + g.workdayHours(town)
	}
	var halls []string
	for _, h := range []struct{ name, overlay string }{{"市民服务中心", CityHall}, {"镇街大厅", AnyTown}} {
		if town != "" && (town == CityHall) != (h.overlay == CityHall) {
			continue
		}
		o, own := g.Towns[town]
		if !own || o.Open == nil {
			o = g.Towns[h.overlay]
		}
		if o.Open == nil {
			continue
		}
		if hours := o.Open.on(at.Weekday()); hours != "" {
			halls = append(halls, h.name+hours)
		}
	}
	if len(halls) == 0 {
		return ""
	}
	return day + "：" + strings.Join(halls, "；") + "。"
}

func (o *Opening) on(day time.Weekday) string {
	switch day {
	case time.Saturday:
		return o.Saturday
	case time.Sunday:
		return o.Sunday
	}
	return o.Workday
}

func (g *Guide) workdayHours(town string) string {
	if town == "" {
		town = CityHall
	}
	o, ok := g.Towns[town]
	if !ok {
		o = g.Towns[AnyTown]
	}
	if o.Open != nil && o.Open.Workday != "" {
		return "：" + o.Open.Workday + "。"
	}
	return "；几点上下班，手上的资料没有写，去之前可拨" + g.ask() + "问。"
}
