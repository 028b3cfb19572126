package h5

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"guanjia/bot/booking"
)

const mostServices = 40 // shown at once

// finding is the page of looking for a service.
type finding struct {
	Words    string
	Found    []booking.Service
	Popular  bool // nothing was asked: these are what people book most
	More     int  // services not shown
	Upcoming []row
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	services, err := p.Counter.Services(r.Context())
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
	services, err := p.Counter.Services(r.Context())
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
	services, err := p.Counter.Services(r.Context())
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
	Near              bool // in the town asked for
	Free              int
	First             string // the first day with room, in words; empty: none
}

// choosing is the page of choosing a hall.
type choosing struct {
	Service booking.Service
	Towns   []Town
	Town    string
	Halls   []hallRow
	Move    string // the appointment that is being moved
}

func (p *Pages) halls(w http.ResponseWriter, r *http.Request) {
	s, ok := p.service(w, r)
	if !ok {
		return
	}
	v := choosing{Service: s, Towns: p.Towns, Town: r.URL.Query().Get("town"), Move: r.URL.Query().Get("move")}
	var err error
	if v.Halls, err = p.hallRows(r.Context(), s.ID, v.Town); err != nil {
		p.failed(w, r, "list halls", err)
		return
	}
	p.render(w, r, http.StatusOK, "halls.html", frame{Title: "去哪个大厅", Back: "/h5/book", View: v})
}

// hallRows are the halls where a service can be booked: the one of the town
// asked for, the city's, then those with most room.
func (p *Pages) hallRows(ctx context.Context, service, town string) ([]hallRow, error) {
	halls, err := p.Counter.Halls(ctx)
	if err != nil {
		return nil, err
	}
	openings, err := p.Counter.Openings(ctx, booking.Query{Service: service, After: p.Clock(), Free: true})
	if err != nil {
		return nil, err
	}
	free, first := map[string]int{}, map[string]string{}
	for _, o := range openings { // in order of date
		free[o.Hall] += o.Remaining
		if first[o.Hall] == "" {
			first[o.Hall] = fullDay(o.Date)
		}
	}
	rows := make([]hallRow, 0, len(halls))
	for _, h := range halls {
		rows = append(rows, hallRow{ID: h.ID, Name: h.Name, Address: h.Address, Near: town != "" && h.Town == town, Free: free[h.ID], First: first[h.ID]})
	}
	slices.SortStableFunc(rows, func(a, b hallRow) int {
		return cmp.Or(boolFirst(a.Near, b.Near), boolFirst(a.ID == "city", b.ID == "city"), cmp.Compare(b.Free, a.Free), cmp.Compare(a.Name, b.Name))
	})
	return rows, nil
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
