package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

func testBookingLimits(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	c := s.citizen("o1")
	for _, step := range []struct {
		key, name, date, clock string
		want                   error
	}{
		{"k1", "陈一", "2026-11-25", "10:00", nil},
		{"k2", "陈一", "2026-11-25", "15:00", booking.ErrSameService},
		{"k3", " 陈 一", "2026-11-25", "15:00", booking.ErrSameService}, // the same person
		{"k4", "陈一", "2026-11-26", "10:00", nil},
		{"k5", "陈一", "2026-11-27", "10:00", nil},
		{"k6", "陈一", "2026-11-30", "10:00", booking.ErrTooMany},
		{"k7", "林二", "2026-11-25", "10:00", nil},
		{"k8", "王三", "2026-11-25", "10:00", booking.ErrFull},
		{"k9", "王三", "2026-11-23", "09:00", booking.ErrBegun},
		{"ka", "王三", "2026-11-23", "10:00", booking.ErrBegun}, // it begins now
		{"kb", "王三", "2026-11-23", "15:00", nil},
		{"kc", "王三", "2026-11-28", "10:00", booking.ErrNoOpening}, // a Saturday
		{"kd", "王三", "2026-12-01", "10:00", booking.ErrNoOpening}, // not yet released
		{"ke", "王三", "2026-11-25", "10:30", booking.ErrNoOpening},
		{"kf", "王三", "whenever", "", booking.ErrNoOpening},
	} {
		a, err := s.book(request(c, step.key, step.name, step.date, step.clock))
		if !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.key, err, step.want)
		}
		if err == nil && !bot.ValidNumber(a.Number) {
			t.Errorf("number %s has a wrong check digit", a.Number)
		}
	}
	other := request(c, "kg", "陈一", "2026-11-25", "10:00")
	other.Service, other.Phone = "id-card-lost", "13800000001" // another of that name
	if _, err := s.book(other); err != nil {
		t.Errorf("a namesake: %v", err)
	}
	s.balanced()
}

// testBookingKey: a key gives its citizen one appointment, whatever stands
// against a second.
func testBookingKey(t *testing.T, open Open) {
	s := furnished(t, open, 1)
	c, d := s.citizen("o1"), s.citizen("o2")
	first, err := s.book(request(c, "k", "陈一", "2026-11-25", "10:00"))
	s.must(err)
	for range 3 {
		again, err := s.book(request(c, "k", "陈一", "2026-11-25", "10:00")) // full by now
		if err != nil || again.Number != first.Number || again.Name != "陈一" {
			t.Fatalf("the same key gave %+v: %v", again, err)
		}
	}
	if other, err := s.book(request(c, "k", "林二", "2026-11-26", "15:00")); err != nil || other.Number != first.Number {
		t.Fatalf("the same key for something else gave %s: %v", other.Number, err)
	}
	if other, err := s.book(request(d, "k", "林二", "2026-11-26", "15:00")); err != nil || other.Number == first.Number {
		t.Fatalf("another citizen's key gave %s: %v", other.Number, err)
	}
	s.balanced()
}

// testBan: three no-shows within thirty days stop booking for thirty.
func testBan(t *testing.T, open Open) {
	s := opened(t, open, store.Options{Calendar: days{}})
	s.plan(plan(5))
	c := s.citizen("o1")
	now := monday
	try := func(key string, at time.Time) error {
		s.release(at)
		r := request(c, key, "陈一", at.AddDate(0, 0, 1).Format(time.DateOnly), "15:00")
		r.Now = at
		_, err := s.book(r)
		return err
	}
	for i := range 3 { // missed on the days after 23, 30 November and 7 December
		if err := try(fmt.Sprintf("k%d", i), now); err != nil {
			t.Fatalf("booking %d: %v", i, err)
		}
		now = now.AddDate(0, 0, 7)
		if n, err := s.MarkNoShows(context.Background(), now); err != nil || n != 1 {
			t.Fatalf("week %d: %d no-shows: %v", i, n, err)
		}
	}
	for _, step := range []struct {
		at   time.Time
		want error
	}{
		{monday.AddDate(0, 0, 21), booking.ErrBanned},
		{monday.AddDate(0, 0, 15+29), booking.ErrBanned}, // the first fell out of the last thirty days
		{monday.AddDate(0, 0, 15+35), nil},
	} {
		for step.at.Weekday() == time.Friday || step.at.Weekday() == time.Saturday {
			step.at = step.at.AddDate(0, 0, -1)
		}
		if err := try("x"+step.at.String(), step.at); !errors.Is(err, step.want) {
			t.Errorf("on %s: %v, want %v", step.at.Format(time.DateOnly), err, step.want)
		}
	}
	other := request(s.citizen("o2"), "k", "林二", "2026-12-15", "15:00")
	other.Now = monday.AddDate(0, 0, 21)
	if _, err := s.book(other); err != nil {
		t.Errorf("another person: %v", err)
	}
}

func testCancel(t *testing.T, open Open) {
	s := furnished(t, open, 1)
	c := s.citizen("o1")
	a, err := s.book(request(c, "k1", "陈一", "2026-11-25", "15:00"))
	s.must(err)
	limit := time.Date(2026, 11, 25, 13, 0, 0, 0, bot.Shanghai())
	if _, err := s.cancel(a.Number, limit.Add(time.Second)); !errors.Is(err, booking.ErrTooLate) {
		t.Fatalf("after the limit: %v", err)
	}
	if got, err := s.cancel(a.Number, limit); err != nil || got.Status != booking.Cancelled || got.Number != a.Number {
		t.Fatalf("at the limit: %+v %v", got, err)
	}
	if _, err := s.cancel(a.Number, monday); !errors.Is(err, booking.ErrNotActive) {
		t.Fatalf("twice: %v", err)
	}
	if _, err := s.cancel("YY2611230019", monday); !errors.Is(err, booking.ErrNoAppointment) {
		t.Fatalf("none: %v", err)
	}
	if left := s.remaining("humen", "2026-11-25", "15:00"); left != 1 {
		t.Fatalf("%d places after cancelling", left)
	}
	if _, err := s.book(request(c, "k2", "陈一", "2026-11-25", "15:00")); err != nil {
		t.Fatalf("the place freed: %v", err)
	}
	s.balanced()
}

// testMove: at once, or not at all; the limits do not count the old place.
func testMove(t *testing.T, open Open) {
	s := furnished(t, open, 1)
	c := s.citizen("o1")
	for i, day := range []string{"2026-11-24", "2026-11-25", "2026-11-26"} {
		_, err := s.book(request(c, fmt.Sprint("k", i), "陈一", day, "10:00"))
		s.must(err)
	}
	own, err := s.Appointments(context.Background(), c.ID, true)
	s.must(err)
	a := own[0] // on the 26th; three are active
	if _, err := s.move(a.Number, "humen", "2026-11-26", "15:00", monday); err != nil {
		t.Fatalf("another period of the day: %v", err)
	}
	if _, err := s.move(a.Number, "city", "2026-11-27", "15:00", monday); err != nil {
		t.Fatalf("another hall and day: %v", err)
	}
	if left := s.remaining("humen", "2026-11-26", "15:00"); left != 1 {
		t.Fatalf("%d left at the old place", left)
	}
	if left := s.remaining("city", "2026-11-27", "15:00"); left != 0 {
		t.Fatalf("%d left at the new place", left)
	}
	_, err = s.book(request(s.citizen("o2"), "k", "林二", "2026-11-27", "10:00"))
	s.must(err)
	for _, step := range []struct {
		name, number, date, clock string
		now                       time.Time
		want                      error
	}{
		{"full", a.Number, "2026-11-27", "10:00", monday, booking.ErrFull},
		{"a day with another of its service", a.Number, "2026-11-25", "15:00", monday, booking.ErrSameService},
		{"nowhere", a.Number, "2026-11-28", "15:00", monday, booking.ErrNoOpening},
		{"the past", a.Number, "2026-11-23", "09:00", monday, booking.ErrBegun},
		{"too late", a.Number, "2026-11-30", "15:00", monday.AddDate(0, 0, 4).Add(4 * time.Hour), booking.ErrTooLate},
		{"unknown", "YY0", "2026-11-30", "15:00", monday, booking.ErrNoAppointment},
	} {
		if _, err := s.move(step.number, "humen", step.date, step.clock, step.now); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
	}
	if got, err := s.move(a.Number, "city", "2026-11-27", "15:00", monday); err != nil || got.Number != a.Number {
		t.Errorf("to where it is: %v", err)
	}
	got, err := s.Appointment(context.Background(), a.Number)
	if err != nil || got.Hall != "city" || got.Date != "2026-11-27" || got.Time != "15:00" || got.Name != "陈一" {
		t.Errorf("in the end: %+v %v", got, err)
	}
	s.balanced()
}

func testAppointments(t *testing.T, open Open) {
	s := furnished(t, open, 3)
	ctx := context.Background()
	c, d := s.citizen("o1"), s.citizen("o2")
	r := request(c, "k1", "陈一", "2026-11-25", "10:00")
	r.IDNumber, r.Relation = "44190019900101123X", "母亲"
	r.Consent = true
	first, err := s.book(r)
	s.must(err)
	r = request(c, "k2", "林二", "2026-11-25", "10:00")
	r.Now = monday.Add(time.Minute)
	second, err := s.book(r)
	s.must(err)
	_, err = s.book(request(d, "k1", "王三", "2026-11-25", "10:00"))
	s.must(err)
	_, err = s.cancel(second.Number, monday)
	s.must(err)
	own, err := s.Appointments(ctx, c.ID, false)
	if err != nil || len(own) != 2 || own[0].Number != second.Number || own[1].Number != first.Number {
		t.Fatalf("own, newest first: %+v %v", own, err)
	}
	got := own[1]
	if got.Name != "陈一" || got.Phone != "13800000000" || got.IDNumber != "44190019900101123X" || got.Relation != "母亲" ||
		got.Channel != bot.WeChat || !got.CreatedAt.Equal(monday) || got.Citizen != c.ID {
		t.Fatalf("it came back as %+v", got)
	}
	if want := (booking.Consent{By: booking.ByPerson, At: got.Consent.At, For: "陈一"}); got.Consent != want || !got.Consent.At.Equal(monday) || own[0].Consent.By != "" {
		t.Fatalf("the consent came back as %+v, and %+v where nobody else booked", got.Consent, own[0].Consent)
	}
	if active, err := s.Appointments(ctx, c.ID, true); err != nil || len(active) != 1 {
		t.Fatalf("%d active: %v", len(active), err)
	}
	if all, err := s.AllAppointments(ctx); err != nil || len(all) != 3 {
		t.Fatalf("%d in all: %v", len(all), err)
	}
	if _, err := s.Appointment(ctx, "YY0"); !errors.Is(err, booking.ErrNoAppointment) {
		t.Fatalf("unknown number: %v", err)
	}
}
