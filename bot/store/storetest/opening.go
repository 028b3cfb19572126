package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

// testRelease: every working day from today to the seventh calendar day, the
// seventh from 09:00 on, by the calendar.
func testRelease(t *testing.T, open Open) {
	s := opened(t, open, store.Options{Calendar: days{
		off: map[string]bool{"2026-11-26": true}, work: map[string]bool{"2026-11-28": true},
	}})
	s.plan(plan(2))
	early := time.Date(2026, 11, 23, 8, 59, 59, 0, bot.Shanghai())
	want := []string{"2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27", "2026-11-28"}
	if made := s.release(early); !slices.Equal(made, want) {
		t.Fatalf("before 09:00 released %v", made)
	}
	if made := s.release(early.Add(time.Second)); !slices.Equal(made, []string{"2026-11-30"}) {
		t.Fatalf("at 09:00 released %v", made)
	}
	if made := s.release(monday); len(made) != 0 {
		t.Fatalf("again released %v", made)
	}
	all, err := s.Openings(context.Background(), booking.Query{})
	if err != nil || len(all) != 6*2*2*3 {
		t.Fatalf("%d openings: %v", len(all), err)
	}
	if made := s.release(monday.AddDate(0, 0, 3)); !slices.Equal(made, []string{"2026-12-01", "2026-12-02", "2026-12-03"}) {
		t.Fatalf("after three days asleep released %v", made)
	}
}

// testReleaseLater: what is added to the plan is added to days released before.
func testReleaseLater(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	c := s.citizen("o1")
	_, err := s.book(request(c, "k1", "陈一", "2026-11-25", "10:00"))
	s.must(err)
	s.plan(store.Plan{Services: []booking.Service{{ID: "passport", Title: "护照"}}})
	if made := s.release(monday); len(made) != 6 {
		t.Fatalf("released for the new service: %v", made)
	}
	found, err := s.Openings(context.Background(), booking.Query{Service: "passport", Hall: "city", Date: "2026-11-24"})
	if err != nil || len(found) != 3 {
		t.Fatalf("%d openings of the new service: %v", len(found), err)
	}
	if left := s.remaining("humen", "2026-11-25", "10:00"); left != 1 {
		t.Fatalf("a place came back: %d left", left)
	}
	if made := s.release(monday); len(made) != 0 {
		t.Fatalf("again released %v", made)
	}
}

// testReleaseClock: a clock set back does no harm.
func testReleaseClock(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	c := s.citizen("o1")
	a, err := s.book(request(c, "k1", "陈一", "2026-11-25", "10:00"))
	s.must(err)
	s.release(monday.AddDate(0, 0, -10))
	s.release(monday)
	back := request(c, "k2", "陈一", "2026-11-25", "15:00")
	back.Now = monday.AddDate(0, 0, -10)
	if _, err := s.book(back); err != booking.ErrSameService {
		t.Fatalf("with the clock set back: %v", err)
	}
	other := request(c, "k3", "林二", "2026-11-25", "10:00")
	other.Now = back.Now
	b, err := s.book(other)
	if err != nil || b.Number == a.Number {
		t.Fatalf("number %s after %s: %v", b.Number, a.Number, err)
	}
	if n, err := s.MarkNoShows(context.Background(), back.Now); err != nil || n != 0 {
		t.Fatalf("%d no-shows with the clock set back: %v", n, err)
	}
	s.balanced()
}

func testOpenings(t *testing.T, open Open) {
	s := furnished(t, open, 1)
	ctx := context.Background()
	c := s.citizen("o1")
	_, err := s.book(request(c, "k1", "陈一", "2026-11-24", "10:00"))
	s.must(err)
	for _, q := range []struct {
		name  string
		query booking.Query
		want  int
		first string
	}{
		{"all", booking.Query{}, 6 * 2 * 2 * 3, "2026-11-23 09:00"},
		{"a service", booking.Query{Service: "residence-permit"}, 6 * 2 * 3, "2026-11-23 09:00"},
		{"a hall's day", booking.Query{Service: "residence-permit", Hall: "humen", Date: "2026-11-24"}, 3, "2026-11-24 09:00"},
		{"free ones", booking.Query{Service: "residence-permit", Hall: "humen", Date: "2026-11-24", Free: true}, 2, "2026-11-24 09:00"},
		{"later than now", booking.Query{Service: "residence-permit", Hall: "humen", After: monday}, 5*3 + 1, "2026-11-23 15:00"},
		{"the next", booking.Query{Service: "residence-permit", After: monday, Limit: 1}, 1, "2026-11-23 15:00"},
		{"none", booking.Query{Service: "unknown"}, 0, ""},
	} {
		found, err := s.Openings(ctx, q.query)
		if err != nil || len(found) != q.want || q.want > 0 && found[0].Date+" "+found[0].Time != q.first {
			t.Errorf("%s: %d openings: %v", q.name, len(found), err)
		}
	}
	for _, v := range []struct {
		name, service string
		after         time.Time
		left          int // of two services' three periods at two halls
	}{
		{"of all", "", monday, 6 + 6 - 1}, {"of a service", "residence-permit", monday, 3 + 3 - 1}, {"of another", "id-card-lost", monday, 6},
		{"once a period has begun", "residence-permit", booking.At("2026-11-24", "09:30"), 2 + 2 - 1},
		{"once the day is over", "residence-permit", booking.At("2026-11-24", "15:00"), 0}, {"of none", "unknown", monday, 0},
	} {
		capacity, remaining := 0, 0
		for _, f := range s.Filled(v.service, v.after) {
			if f.Date == "2026-11-24" {
				capacity, remaining = capacity+f.Capacity, remaining+f.Remaining
			}
		}
		booked := 1
		if v.service == "id-card-lost" || v.left == 0 {
			booked = 0
		}
		if remaining != v.left || capacity != v.left+booked {
			t.Errorf("how full a day is, %s: %d left of %d, want %d and %d taken", v.name, remaining, capacity, v.left, booked)
		}
	}
	halls, err := s.Halls(ctx)
	services, err2 := s.Services(ctx)
	if err != nil || err2 != nil || len(halls) != 2 || halls[1].Town != "humen" || len(services) != 2 || services[1].Title != "居住证" {
		t.Errorf("halls %+v, services %+v: %v %v", halls, services, err, err2)
	}
}
