package main

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/config"
	"guanjia/handlers/appointment"
	"guanjia/intents/chinesetime"
	"guanjia/intents/hanzi"
	"guanjia/knowledge"
)

// workdays is the calendar of working days in the words of those who ask it:
// the notices built in, and the years' tables that administrators entered.
type workdays struct {
	now *atomic.Pointer[chinesetime.Calendar]
}

func newWorkdays() workdays {
	w := workdays{&atomic.Pointer[chinesetime.Calendar]{}}
	w.learn(nil)
	return w
}

// learn puts the entered tables over those built in.
func (w workdays) learn(entered []booking.Holiday) {
	off, work := map[string]string{}, []string{}
	for _, d := range entered {
		if d.Work {
			work = append(work, d.Date)
		} else {
			off[d.Date] = d.Name
		}
	}
	w.now.Store(chinesetime.Statutory().With(off, work))
}

// IsWorkday says whether offices work on a day.
func (w workdays) IsWorkday(day string) bool { return w.now.Load().IsWorkday(day) }

// Holiday names the holiday a day off belongs to, empty if none.
func (w workdays) Holiday(day string) string { return w.now.Load().Holiday(day) }

// Known says whether a year's table is there.
func (w workdays) Known(year int) bool { return w.now.Load().Known(year) }

var (
	_ ticket.Workdays      = workdays{}
	_ appointment.Calendar = workdays{}
)

// demoPlan is what the demo holds: a hall for the city and every town, the
// bookable guides at each, six periods of ten places.
func demoPlan(base *knowledge.Base, halls []config.Hall) store.Plan {
	p := store.Plan{Demo: true}
	for _, h := range halls {
		p.Halls = append(p.Halls, booking.Hall{ID: h.ID, Name: h.Name, Town: h.Town})
	}
	for _, g := range base.Services() {
		if g.Bookable {
			p.Services = append(p.Services, booking.Service{ID: g.ID, Title: g.Title})
		}
	}
	p.Periods = periods()
	return p
}

// periods are when openings begin until an administrator says otherwise.
func periods() (all []store.Period) {
	for _, at := range []string{"09:00", "10:00", "11:00", "14:00", "15:00", "16:00"} {
		all = append(all, store.Period{Time: at, Capacity: 10})
	}
	return all
}

// townNames are the towns' names by id.
func townNames(towns []config.Town) map[string]string {
	names := map[string]string{}
	for _, t := range towns {
		names[t.ID] = t.Short()
	}
	return names
}

// nearTowns is how many towns are offered around a location.
const nearTowns = 3

// near finds the towns around a location.
func (h *house) near() (func(location string) []string, error) {
	at, err := config.Positions()
	if err != nil {
		return nil, err
	}
	middles := map[string]ticket.Spot{}
	for _, t := range h.towns {
		middles[t.ID] = ticket.Spot(at[t.ID])
	}
	return func(location string) []string {
		lat, long := ticket.Coordinates(location)
		return ticket.Nearest(middles, lat, long, nearTowns)
	}, nil
}

// guidesFor are the services as the appointment errand knows them.
func guidesFor(base *knowledge.Base, services []booking.Service) map[string]appointment.Guide {
	out := map[string]appointment.Guide{}
	for _, g := range base.Services() {
		a := appointment.Guide{Title: g.Title, Bookable: g.Bookable}
		if !g.Bookable {
			if guide, ok := base.Guide(g.ID); ok {
				a.Where = strings.TrimRight(guide.Where, "。")
			}
		}
		out[g.ID] = a
	}
	for _, v := range services { // what was imported for booking can be booked
		g := out[v.ID]
		out[v.ID] = appointment.Guide{Title: firstOf(v.Title, g.Title), Bookable: !v.Retired}
	}
	return out
}

// hallNames are the halls' names by id.
func hallNames(halls []booking.Hall) map[string]string {
	names := make(map[string]string, len(halls))
	for _, h := range halls {
		names[h.ID] = h.Name
	}
	return names
}

// where is where a hall stands: as imported or edited, else the middle of its
// town.
func (h *house) where(hall booking.Hall) booking.Spot {
	if hall.Spot().Known() {
		return hall.Spot()
	}
	at := h.positions[hall.ID]
	return booking.Spot{Lat: at.Lat, Lng: at.Long}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// popular are the services offered when none was named, those people book most
// first.
func popular(base *knowledge.Base) []string {
	var ids []string
	for _, id := range []string{"residence-permit", "id-card-lost", "social-card", "hk-macau-permit", "passport", "id-card-renew", "hpf-rent", "biz-individual"} {
		if g, ok := base.Guide(id); ok && g.Bookable {
			ids = append(ids, id)
		}
	}
	return ids
}

// catalogueOf puts the dispatch catalogue into the tickets' words.
func catalogueOf(departments []config.Department, categories []config.Category) []ticket.Category {
	names := map[string]config.Department{}
	for _, d := range departments {
		names[d.ID] = d
	}
	var out []ticket.Category
	for _, c := range categories {
		d := names[c.Department]
		out = append(out, ticket.Category{
			ID: c.ID, Name: c.Name, Group: c.Group, Department: d.Name, DepartmentID: d.ID, TownBody: firstOf(c.Town, d.Town),
			Default: ticket.Type(c.Default), Confidential: c.Confidential, Phrases: c.Phrases, Words: strings.Fields(c.Words),
		})
	}
	return out
}

// sorterOf sorts reports by the catalogue, whatever script they are written in
// and whatever town they name.
func sorterOf(departments []config.Department, categories []config.Category, towns []config.Town) *ticket.Sorter {
	var names []string
	for _, t := range towns {
		names = append(append(names, t.Name), t.Aliases...)
	}
	return ticket.NewSorter(catalogueOf(departments, categories), ticket.Wording{Fold: hanzi.Simplify, Ignore: names})
}

// learned is how many corrections are learned from, the newest.
const learned = 1000

// sorter sorts by the catalogue and by what people corrected: their tickets'
// words count as phrases of the category they were put in. It learns when the
// house is opened; where nobody corrected anything, what is lent has learnt it.
func (h *house) sorter(ctx context.Context) (*ticket.Sorter, error) {
	corrections, err := h.store.Corrections(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	if len(corrections) == 0 {
		if h.sorts == nil {
			h.sorts = sorterOf(h.departments, h.categories, h.towns)
		}
		return h.sorts, nil
	}
	categories := slices.Clone(h.categories)
	for _, c := range corrections[max(0, len(corrections)-learned):] {
		for i := range categories {
			if categories[i].ID == c.Category && c.Text != "" {
				categories[i].Phrases = append(slices.Clone(categories[i].Phrases), c.Text.Reveal())
			}
		}
	}
	return sorterOf(h.departments, categories, h.towns), nil
}

// bodyNames are the names of those who deal with tickets.
func bodyNames(departments []config.Department, towns []config.Town) ticket.Names {
	n := ticket.Names{Towns: townNames(towns), Departments: map[string]string{}, Branches: map[string]string{}}
	for _, d := range departments {
		n.Departments[d.ID] = d.Name
		n.Branches[d.ID], _, _ = strings.Cut(strings.TrimPrefix(d.Town, "镇街"), "(")
	}
	return n
}
