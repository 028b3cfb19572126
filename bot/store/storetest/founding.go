package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"guanjia/bot/booking"
	"guanjia/bot/store"
)

// testFounding opens and ends halls, services and departments, shuts days and
// enters a year's table: what that does to released openings is what it was
// said to do, whoever is booked is told, and all of it can be taken back.
func testFounding(t *testing.T, open Open) {
	s := furnished(t, open, 10)
	ctx := context.Background()
	who := store.Author{By: "admin", Reason: "试", At: monday}
	a, err := s.book(request(s.citizen("o1"), "k1", "林一", heldDate, "10:00"))
	s.must(err)
	free := func(service, hall, date string) (n int) {
		all, err := s.Openings(ctx, booking.Query{Service: service, Hall: hall, Date: date})
		s.must(err)
		for _, o := range all {
			n += o.Remaining
		}
		return n
	}
	all := func() (n int) {
		found, err := s.Openings(ctx, booking.Query{})
		s.must(err)
		for _, o := range found {
			n += o.Remaining
		}
		return n
	}
	park := booking.Hall{ID: "songshanhu", Name: "松山湖政务服务中心"}
	gone := booking.Hall{ID: "humen", Name: "虎门镇政务服务中心", Town: "humen"}
	closed, back := gone, gone
	closed.Retired = true
	marriage := booking.Service{ID: "marriage", Title: "婚姻登记", Department: "民政局", Minutes: 20}
	ended := marriage
	ended.Retired = true
	off := booking.Override{Date: heldDate, Hall: "humen", Name: "台风"}
	year := booking.Year{Year: 2026, Days: []booking.Holiday{{Date: "2026-11-25", Name: "试行"}, {Date: "2026-11-28", Work: true, Name: "试行"}}}
	for _, c := range []struct {
		name          string
		change        booking.Change
		concerned     int
		affected      string // why the appointment is
		added, shut   int
		service, hall string
		date          string
		left          int
	}{
		{"a hall opens", booking.Change{NewHall: &park}, 0, "", 12 * 30, 0, "residence-permit", "songshanhu", heldDate, 30},
		{"a service is added at one hall", booking.Change{NewService: &marriage, Halls: []string{"city"}}, 0, "", 6 * 30, 0, "marriage", "city", heldDate, 30},
		{"it ends", booking.Change{Service: &ended, Halls: []string{"city"}}, 0, "", 0, 6 * 30, "marriage", "city", heldDate, 0},
		{"it is offered again", booking.Change{Service: &marriage, Halls: []string{"city"}}, 0, "", 6 * 30, 0, "marriage", "city", heldDate, 30},
		{"a hall ends", booking.Change{Hall: &closed}, 1, "大厅停止办理", 0, 12*30 - 1, "residence-permit", "humen", heldDate, 0},
		{"it opens again", booking.Change{Hall: &back}, 0, "", 12*30 - 1, 0, "residence-permit", "humen", heldDate, 29},
		{"a day is shut", booking.Change{Override: &off}, 1, "台风", 0, 59, "residence-permit", "humen", heldDate, 0},
		{"it is not", booking.Change{NoOverride: &off}, 0, "", 59, 0, "residence-permit", "humen", heldDate, 29},
		{"a year's table", booking.Change{Year: &year}, 1, "试行", 7 * 30, 7*30 - 1, "residence-permit", "humen", "2026-11-28", 30},
	} {
		before := all()
		v, err := s.Impact(ctx, c.change, monday)
		s.must(err)
		s.must(s.Change(ctx, c.change, who))
		if got := all() - before; got != c.added-c.shut || v.Concerned != c.concerned {
			t.Errorf("%s: said %+v, changed by %d, want %d more and %d less", c.name, v, got, c.added, c.shut)
		}
		if left := free(c.service, c.hall, c.date); left != c.left {
			t.Errorf("%s: %d left, want %d", c.name, left, c.left)
		}
		told, err := s.Affected(ctx, monday)
		s.must(err)
		why := ""
		for _, v := range told {
			if v.Number == a.Number {
				why = v.Reason
			}
		}
		if why != c.affected {
			t.Errorf("%s: the citizen is told %q", c.name, why)
		}
	}
	testDepartments(t, s, who)
	for what, c := range map[string]booking.Change{"hall": {NewHall: &park}, "service": {NewService: &marriage}} {
		if err := s.Change(ctx, c, who); err == nil {
			t.Errorf("a second %s of the same id was taken", what)
		}
	}
	if n, _, err := s.VerifyAudit(ctx); err != nil || n != 17 {
		t.Errorf("%d entries in the audit trail: %v", n, err)
	}
	s.balanced()
}

// testNames: a department's new name stands wherever the old one did, a window's
// number changes where the new one is free, and a service has other names.
func testNames(t *testing.T, s *installation, who store.Author) {
	ctx := context.Background()
	window := booking.Window{Hall: "city", Number: "1", Department: "民政局", Groups: []string{"marriage"}}
	moved, other := window, booking.Window{Hall: "city", Number: "3"}
	moved.Number, moved.Department = "2", "民政和社会工作局"
	named := booking.Service{ID: "marriage", Title: "结婚登记", Department: "民政和社会工作局", Minutes: 20, Aliases: []string{"领证", "扯证"}}
	for _, c := range []booking.Change{
		{Window: &window}, {Window: &other},
		{Renamed: &booking.Renaming{Department: booking.Department{ID: "民政局", Name: "民政局"}, To: "民政和社会工作局"}},
		{Window: &moved, NoWindow: &window}, {Service: &named, Halls: []string{"city"}},
	} {
		s.must(s.Change(ctx, c, who))
	}
	if err := s.Change(ctx, booking.Change{Window: &other, NoWindow: &moved}, who); err == nil {
		t.Error("a window took the number of another")
	}
	p, err := s.Plan(ctx)
	s.must(err)
	if got := fmt.Sprint(p.Departments, p.Windows); got != "[{民政和社会工作局 民政和社会工作局}] [{city 2  民政和社会工作局 [marriage]} {city 3   []}]" {
		t.Errorf("after new names: %s", got)
	}
	i := slices.IndexFunc(p.Services, func(v booking.Service) bool { return v.ID == "marriage" })
	if got := fmt.Sprint(p.Services[i]); i < 0 || got != fmt.Sprint(named) {
		t.Errorf("the service: %s", got)
	}
}

// testDepartments: one is there until it is ended, which it is not while
// something belongs to it.
func testDepartments(t *testing.T, s *installation, who store.Author) {
	ctx := context.Background()
	for i, name := range []string{"税务局", "民政局"} {
		d := booking.Department{ID: name, Name: name}
		s.must(s.Change(ctx, booking.Change{Department: &d}, who))
		err := s.Change(ctx, booking.Change{NoDepartment: &d}, who)
		if used := i == 1; (err != nil) != used {
			t.Errorf("ending %s: %v", name, err)
		}
	}
	p, err := s.Plan(ctx)
	s.must(err)
	if got := fmt.Sprint(p.Departments); got != "[{民政局 民政局}]" {
		t.Errorf("departments: %s", got)
	}
	testNames(t, s, who)
}
