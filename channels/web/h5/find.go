package h5

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"guanjia/bot/booking"
)

// What is shown at once.
const (
	mostServices = 40
	mostHalls    = 8
)

// finding is the page of looking for a service.
type finding struct {
	Words    string
	Found    []booking.Service
	Popular  bool // nothing was asked: these are what people book most
	More     int  // services not shown
	Upcoming []row
}

// services are those that are offered.
func (p *Pages) services(ctx context.Context) ([]booking.Service, error) {
	all, err := p.Counter.Services(ctx)
	return slices.DeleteFunc(all, func(s booking.Service) bool { return s.Retired }), err
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	services, err := p.services(r.Context())
	if err != nil {
		p.failed(w, r, "list services", err)
		return
	}
	v := finding{Popular: true, Found: p.popular(services)}
	if id, _, err := p.visitor(r); err == nil {
		if v.Upcoming, err = p.rows(r.Context(), id, true); err != nil {
			p.failed(w, r, "list appointments", err)
			return
		}
	}
	p.render(w, r, http.StatusOK, "home.html", frame{Title: "预约办事", View: v})
}

func (p *Pages) popular(services []booking.Service) []booking.Service {
	var out []booking.Service
	for _, id := range p.Popular {
		if at := slices.IndexFunc(services, func(s booking.Service) bool { return s.ID == id }); at >= 0 {
			out = append(out, services[at])
		}
	}
	if len(out) == 0 {
		out = services[:min(len(services), 8)]
	}
	return out
}

// find lists the services that words may mean: those whose title has them,
// then those found by what they mean.
func (p *Pages) find(w http.ResponseWriter, r *http.Request) {
	services, err := p.services(r.Context())
	if err != nil {
		p.failed(w, r, "list services", err)
		return
	}
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	if runes := []rune(words); len(runes) > 60 {
		words = string(runes[:60])
	}
	v := finding{Words: words, Found: services}
	if words != "" {
		v.Found = p.matching(services, words)
	}
	if len(v.Found) > mostServices {
		v.More = len(v.Found) - mostServices
		v.Found = v.Found[:mostServices]
	}
	p.render(w, r, http.StatusOK, "find.html", frame{Title: "找要办的事", Back: "/h5/", View: v})
}

func (p *Pages) matching(services []booking.Service, words string) []booking.Service {
	var out []booking.Service
	for _, s := range services {
		if strings.Contains(s.Title, words) {
			out = append(out, s)
		}
	}
	if p.Finder == nil {
		return out
	}
	for _, s := range p.Finder.FindServices(words, 8) {
		known := slices.ContainsFunc(services, func(o booking.Service) bool { return o.ID == s.ID })
		if known && !slices.ContainsFunc(out, func(o booking.Service) bool { return o.ID == s.ID }) {
			out = append(out, s)
		}
	}
	return out
}

// service finds the service a page is about.
func (p *Pages) service(w http.ResponseWriter, r *http.Request) (booking.Service, bool) {
	services, err := p.services(r.Context())
	if err != nil {
		p.failed(w, r, "list services", err)
		return booking.Service{}, false
	}
	at := slices.IndexFunc(services, func(s booking.Service) bool { return s.ID == r.PathValue("service") })
	if at < 0 {
		p.problem(w, r, http.StatusNotFound, "没有找到这项业务", "它可能改了名或不能预约了，请重新找一找。", link{"找要办的事", "/h5/book"})
		return booking.Service{}, false
	}
	return services[at], true
}

// hallRow is a hall with what is free there.
type hallRow struct {
	ID, Name, Address string
	Away              string // how far it is, in words; empty: not known
	Free              int
	First             string // the first day with room, in words; empty: none
	Days              []dayCell
	km                float64
	rank              int // of those whose distance is not known
}

// dayCell is what is free in a hall on a day.
type dayCell struct {
	Date  string
	Free  int
	Label string
}

// choosing is the page of choosing a hall.
type choosing struct {
	Service booking.Service
	Towns   []Town
	Town    string
	Sent    bool   // from where the citizen is by the position they sent
	By      string // "near" or "free"
	Halls   []hallRow
	Move    string // the appointment that is being moved
	Link    string // this page in the other order
	More    int    // halls not shown
	All     string // this page with all of them
}

func (p *Pages) halls(w http.ResponseWriter, r *http.Request) {
	s, ok := p.service(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	v := choosing{Service: s, Towns: p.Towns, Town: q.Get("town"), Move: q.Get("move"), By: "near"}
	if q.Get("by") == "free" {
		v.By = "free"
	}
	from, err := p.from(r, &v)
	if err == nil {
		v.Halls, err = p.hallRows(r.Context(), s.ID, from, v.By)
	}
	if err != nil {
		p.failed(w, r, "list halls", err)
		return
	}
	if n := len(v.Halls); n > mostHalls && q.Get("all") == "" {
		v.Halls, v.More = v.Halls[:mostHalls], n-mostHalls
		q.Set("all", "1")
		v.All = r.URL.Path + "?" + q.Encode()
		q.Del("all")
	}
	q.Set("by", map[string]string{"near": "free", "free": "near"}[v.By])
	v.Link = r.URL.Path + "?" + q.Encode()
	p.render(w, r, http.StatusOK, "halls.html", frame{Title: "去哪个大厅", Back: "/h5/book", View: v})
}

// from is where distances are counted from: the town that was chosen, else the
// position the citizen sent.
func (p *Pages) from(r *http.Request, v *choosing) (booking.Spot, error) {
	if v.Town != "" && p.Where != nil {
		return p.Where(booking.Hall{ID: v.Town, Town: v.Town}), nil
	}
	id, _, err := p.visitor(r)
	if errors.Is(err, ErrNoVisit) {
		return booking.Spot{}, nil
	}
	if err != nil {
		return booking.Spot{}, err
	}
	at, err := p.People.Near(r.Context(), id)
	v.Sent = at.Known()
	return at, err
}

// hallRows are the halls where a service can be booked: the nearest first where
// it is known from where, or those with most room.
func (p *Pages) hallRows(ctx context.Context, service string, from booking.Spot, by string) ([]hallRow, error) {
	halls, err := p.Counter.Halls(ctx)
	if err != nil {
		return nil, err
	}
	openings, err := p.Counter.Openings(ctx, booking.Query{Service: service, After: p.Clock()})
	if err != nil {
		return nil, err
	}
	free, days := map[string]map[string]int{}, []string{}
	for _, o := range openings { // in order of date
		if len(days) == 0 || days[len(days)-1] != o.Date {
			days = append(days, o.Date)
		}
		if free[o.Hall] == nil {
			free[o.Hall] = map[string]int{}
		}
		free[o.Hall][o.Date] += o.Remaining
	}
	rows := make([]hallRow, 0, len(halls))
	for _, h := range halls {
		if h.Retired {
			continue
		}
		row := hallRow{ID: h.ID, Name: h.Name, Address: h.Address, km: math.Inf(1), rank: 1}
		if h.ID == "city" {
			row.rank = 0
		}
		if p.Where != nil && from.Known() {
			if at := p.Where(h); at.Known() {
				row.km = from.Away(at)
				row.Away = fmt.Sprintf("约 %.0f 公里", max(1, row.km))
			}
		}
		row.count(days, free[h.ID])
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b hallRow) int {
		if by == "free" {
			return cmp.Or(cmp.Compare(b.Free, a.Free), cmp.Compare(a.km, b.km), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Or(cmp.Compare(a.km, b.km), cmp.Compare(a.rank, b.rank), cmp.Compare(b.Free, a.Free), cmp.Compare(a.Name, b.Name))
	})
	return rows, nil
}

// count puts what is free on each day into a row.
func (r *hallRow) count(days []string, free map[string]int) {
	for _, d := range days {
		n := free[d]
		r.Free += n
		if n > 0 && r.First == "" {
			r.First = fullDay(d)
		}
		r.Days = append(r.Days, dayCell{d, n, fmt.Sprintf("%s 余 %d", fullDay(d), n)})
	}
}

func boolFirst(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}
