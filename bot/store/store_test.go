package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())

// open makes a store with two halls and two services, released at monday.
func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	plan := Plan{
		Halls:    []booking.Hall{{ID: "city", Name: "市民服务中心"}, {ID: "humen", Name: "虎门镇政务服务中心", Town: "humen"}},
		Services: []booking.Service{{ID: "residence-permit", Title: "居住证"}, {ID: "id-card-lost", Title: "身份证补领"}},
		Periods:  []Period{{"09:00", 2}, {"10:00", 2}, {"15:00", 2}},
		Demo:     true,
	}
	if err := s.SavePlan(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReleaseOpenings(context.Background(), monday); err != nil {
		t.Fatal(err)
	}
	return s
}

func citizen(t testing.TB, s *Store, openid string) bot.Citizen {
	t.Helper()
	c, err := s.Identify(context.Background(), bot.Address{Channel: bot.WeChat, ID: openid}, monday)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func request(c bot.Citizen, key, name, date, clock string) booking.Request {
	return booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: key, Service: "residence-permit", Hall: "humen",
		Date: date, Time: clock, Name: bot.Secret(name), Phone: "13800000000", Now: monday}
}

func book(s *Store, r booking.Request) (booking.Appointment, error) {
	var a booking.Appointment
	err := s.Commit(context.Background(), func(tx bot.Tx) error {
		var err error
		a, err = s.Book(context.Background(), tx, r)
		return err
	})
	return a, err
}

func TestReleaseSevenDays(t *testing.T) {
	s := open(t)
	openings, err := s.Openings(context.Background(), booking.Query{Service: "residence-permit", Hall: "city"})
	if err != nil {
		t.Fatal(err)
	}
	first, last := openings[0], openings[len(openings)-1]
	if first.Date != "2026-11-23" || last.Date != "2026-11-30" || len(openings) != 6*3 {
		t.Fatalf("openings from %s to %s, %d in all", first.Date, last.Date, len(openings))
	}
	days, err := s.ReleaseOpenings(context.Background(), monday)
	if err != nil || len(days) != 0 {
		t.Fatalf("released again: %v %v", days, err)
	}
}

func TestBookingKeepsItsLimits(t *testing.T) {
	s := open(t)
	c := citizen(t, s, "o1")
	a, err := book(s, request(c, "k1", "陈一", "2026-11-25", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	if !bot.ValidNumber(a.Number) {
		t.Fatalf("number %s has a wrong check digit", a.Number)
	}
	again, err := book(s, request(c, "k1", "陈一", "2026-11-25", "10:00"))
	if err != nil || again.Number != a.Number {
		t.Fatalf("same key gave %v %v", again.Number, err)
	}
	if _, err := book(s, request(c, "k2", "陈一", "2026-11-25", "15:00")); !errors.Is(err, booking.ErrSameService) {
		t.Fatalf("second of a service and day: %v", err)
	}
	for i, day := range []string{"2026-11-26", "2026-11-27"} {
		if _, err := book(s, request(c, "k3"+day, "陈一", day, "10:00")); err != nil {
			t.Fatalf("booking %d: %v", i, err)
		}
	}
	if _, err := book(s, request(c, "k4", "陈一", "2026-11-30", "10:00")); !errors.Is(err, booking.ErrTooMany) {
		t.Fatalf("fourth active: %v", err)
	}
	if _, err := book(s, request(c, "k5", "林二", "2026-11-25", "10:00")); err != nil {
		t.Fatalf("another person served: %v", err)
	}
	if _, err := book(s, request(c, "k6", "王三", "2026-11-25", "10:00")); !errors.Is(err, booking.ErrFull) {
		t.Fatalf("third in an opening of two: %v", err)
	}
	if _, err := book(s, request(c, "k7", "王三", "2026-11-23", "09:00")); !errors.Is(err, booking.ErrBegun) {
		t.Fatalf("period that began: %v", err)
	}
}
