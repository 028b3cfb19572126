package ticket

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Links says whether repeats of a ticket are linked rather than dealt with
// again: what is wrong somewhere is, a question or praise is not.
func Links(t Ticket) bool {
	return t.Kind == Report && t.Category != "" && t.Town != "" && t.Type != Inquiry && t.Type != Praise
}

// Places are keys of where a report is about. Two reports that share one are
// near each other: the same named place, houses of a road a few numbers apart,
// or cells of a grid that is near metres wide. A report that tells only a long
// road shares it with others that tell no more. Own tells which keys are the
// report's own, beside which its neighbours' are looked up too.
func Places(t Ticket, near float64) (own, beside []string) {
	if t.Latitude != 0 || t.Longitude != 0 {
		x, y := cell(t.Latitude, t.Longitude, near)
		own = append(own, grid(x, y))
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				beside = append(beside, grid(x+dx, y+dy))
			}
		}
	}
	for _, name := range placeNames(t.Address.Reveal()) {
		own = append(own, t.Town+"/"+name)
		for _, n := range neighbours(name) {
			beside = append(beside, t.Town+"/"+n)
		}
	}
	return own, beside
}

// doors is how many numbers apart two houses of a road are still neighbours:
// two shops on either side.
const doors = 4

var numbered = regexp.MustCompile(`^(.*\D)(\d{1,5})$`)

// neighbours are a place and, of a house of a road, those beside it.
func neighbours(name string) []string {
	out := []string{name}
	m := numbered.FindStringSubmatch(name)
	if m == nil {
		return out
	}
	n, _ := strconv.Atoi(m[2]) // digits, by the pattern
	for i := max(1, n-doors); i <= n+doors; i++ {
		if i != n {
			out = append(out, m[1]+strconv.Itoa(i))
		}
	}
	return out
}

const metresOfDegree = 111_320 // of latitude

func cell(lat, lng, size float64) (x, y int) {
	y = int(math.Floor(lat * metresOfDegree / size))
	x = int(math.Floor(lng * metresOfDegree * math.Cos(lat*math.Pi/180) / size))
	return x, y
}

func grid(x, y int) string { return fmt.Sprintf("cell/%d/%d", x, y) }

// named are places narrow enough to be one: estates, markets, schools; house
// is a road with a number; road is a road alone.
var (
	named = regexp.MustCompile(`[\p{Han}A-Za-z0-9]{2,10}?(?:花园|小区|家园|公寓|广场|市场|公园|学校|中学|小学|幼儿园|医院|工业区|工业园|科技园|商场|大厦|酒店|车站|地铁站|工地|水库|新村|村委会|居委会|社区)`)
	house = regexp.MustCompile(`([\p{Han}A-Za-z0-9]{1,8}?(?:大道|路|街|巷|里))(?:[东南西北中]?)(\d+)[号號]`)
	road  = regexp.MustCompile(`[\p{Han}A-Za-z0-9]{1,8}?(?:大道|路|街|巷)`)
	// streets is what stands before a named place: the road and number it lies at.
	streets = regexp.MustCompile(`^.*(?:大道|路|街|巷|[号號]|镇|村)`)
	lead    = regexp.MustCompile(`^(?:我|就|在|喺|位于|那边|这边|旁边|对面|附近|的|和|跟|到|去|东莞市?|.{1,4}[镇])+`)
)

func placeNames(address string) []string {
	address = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ，,。.、；;（）()", r) {
			return -1
		}
		return r
	}, address)
	var names []string
	add := func(name string) {
		name = lead.ReplaceAllString(name, "")
		if utf8.RuneCountInString(name) >= 2 {
			names = append(names, name)
		}
	}
	for _, m := range named.FindAllString(address, 4) {
		if !strings.HasSuffix(m, "社区") || len(named.FindAllString(address, 4)) == 1 {
			add(streets.ReplaceAllString(m, ""))
		}
	}
	for _, m := range house.FindAllStringSubmatch(address, 2) {
		add(ownName(m[1]) + m[2])
	}
	if len(names) == 0 {
		for _, m := range road.FindAllString(address, 2) {
			add(m)
		}
	}
	return names
}

// ownName is a road without the village that stands before it as often as not:
// 南栅社区民昌路 and 南栅民昌路 are one. 新民一路 and 富民一路 stay two.
func ownName(road string) string {
	r := []rune(road)
	end := len(r) - 1
	if strings.HasSuffix(road, "大道") {
		end--
	}
	most := 2
	if end > 0 && strings.ContainsRune("一二三四五六七八九十东西南北中", r[end-1]) {
		most = 3
	}
	return string(r[max(0, end-most):])
}

var village = regexp.MustCompile(`([\p{Han}]{2,5}?(?:社区|村))`)

// VillageOf finds the village or community named in an address, empty if none
// is.
func VillageOf(address string) string {
	name := lead.ReplaceAllString(village.FindString(address), "")
	if utf8.RuneCountInString(name) < 2 || name == "社区" || strings.HasSuffix(name, "新村") {
		return ""
	}
	return name
}
