package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"guanjia/bot/booking"
	"guanjia/bot/booking/week"
)

// openingsSimulateCommand is `guanjia openings simulate`: it touches no records.
type openingsSimulateCommand struct {
	Report string `help:"Write a page with charts." placeholder:"FILE"`
	Part   int    `help:"Play a city of one part in so many." default:"1"`
	Seed   uint64 `help:"Draw other people." default:"2020"`
}

func (c *openingsSimulateCommand) run(_ context.Context, p *program) error {
	if c.Part < 1 {
		return usagef("--part %d is not 1 or more", c.Part)
	}
	city := week.Whole()
	city.Seed = c.Seed
	if c.Part > 1 {
		city = city.Part(c.Part)
	}
	fmt.Fprintf(p.con.err, "playing two weeks of %d services, %d openings and %d bookings, twice\n", city.Services, city.Openings, city.Bookings)
	fixed, dynamic := week.Compare(city, booking.DefaultControl())
	fmt.Fprint(p.con.out, week.Table(fixed, dynamic))
	if c.Report == "" {
		return nil
	}
	f, err := os.Create(p.path(c.Report))
	if err != nil {
		return usageError{err}
	}
	return errors.Join(week.Report(f, city, fixed, dynamic), f.Close())
}
