package main

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/routing"
	"guanjia/bot/store"
)

// TestShifts plans who is on: citizens are told when somebody will be, only who
// is on is asked, and a town's supervisor plans the town's operators only.
func TestShifts(t *testing.T) {
	s, clock := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	as := map[string]*client{}
	for _, v := range []store.Staff{{Name: "班长", Role: "supervisor"}, {Name: "虎门班长", Role: "supervisor", Town: "humen"}, {Name: "小陈", Role: "operator"}, {Name: "小虎", Role: "operator", Town: "humen"}} {
		if err := addStaff(t.Context(), s.house, v, theirPassword); err != nil {
			t.Fatal(err)
		}
		as[v.Name] = newClient(t, door.URL)
		must(t, as[v.Name].signIn(v.Name, theirPassword), 303)
	}
	asks := func(who string) string {
		t.Helper()
		turn, err := s.house.engine.Receive(t.Context(), bot.Inbound{From: bot.Address{Channel: bot.Web, ID: who}, Text: "转人工"})
		if err != nil || len(turn.Out) == 0 {
			t.Fatalf("%v %v", turn, err)
		}
		return turn.Out[0].Reply.Text
	}
	if got := asks("c1"); !strings.Contains(got, "下一位就是您") {
		t.Errorf("without a plan: %s", got)
	}
	plan := func(by, who, day string) answer {
		return as[by].form("/desk/shifts", "staff", who, "first", day, "last", day, "begin", "09:00", "end", "17:00", "group", "社保组")
	}
	must(t, plan("班长", "小陈", "2026-11-23"), 422) // is over
	must(t, plan("班长", "小王", "2026-11-25"), 422)
	must(t, plan("虎门班长", "小陈", "2026-11-25"), 422)
	must(t, plan("小陈", "小陈", "2026-11-25"), 403)
	must(t, plan("班长", "小陈", "2026-11-25"), 303)
	if got := as["小陈"].get("/desk/shifts"); got.status != 200 || !strings.Contains(got.text, "小陈（我）　社保组") || strings.Contains(got.text, "<form method=\"post\" action=\"/desk/shifts") {
		t.Errorf("an operator looks: %d %s", got.status, got.text)
	}
	if got := as["小虎"].get("/desk/shifts"); strings.Contains(got.text, "小陈") {
		t.Error("a town's operator sees another's shifts")
	}
	if got := asks("c2"); !strings.Contains(got, "现在没有人当班，明天 09:00 上班先接您") {
		t.Errorf("the day before: %s", got)
	}
	clock.move(time.Date(2026, 11, 25, 8, 30, 0, 0, bot.Shanghai()))
	if got := asks("c3"); !strings.Contains(got, "今天 09:00") {
		t.Errorf("before the shift: %s", got)
	}
	for _, name := range []string{"小陈", "班长"} {
		if err := s.house.store.SetPresence(t.Context(), name, routing.On, clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	r := roster{s.house.store, s.house}
	offered := func() string {
		t.Helper()
		if err := r.Route(t.Context(), []string{"小陈", "班长"}, false); err != nil {
			t.Fatal(err)
		}
		waiting, err := s.house.store.Queue(t.Context(), clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		var to []string
		for _, w := range waiting {
			to = append(to, w.Offered)
		}
		return fmt.Sprint(to)
	}
	if got := offered(); strings.ContainsAny(got, "小班") {
		t.Errorf("before the shift it is offered: %s", got)
	}
	clock.move(time.Date(2026, 11, 25, 9, 0, 0, 0, bot.Shanghai()))
	if got := offered(); !strings.Contains(got, "小陈") || strings.Contains(got, "班长") {
		t.Errorf("in the shift it is offered: %s", got)
	}
	all, err := s.house.store.Shifts(t.Context(), "2026-11-25", "2026-11-25")
	if err != nil || len(all) != 1 {
		t.Fatalf("%v %v", all, err)
	}
	at := fmt.Sprintf("/desk/shifts/%d", all[0].ID)
	for _, name := range []string{"班长", "虎门班长"} { // the night is over
		must(t, as[name].signIn(name, theirPassword), 303)
	}
	must(t, as["虎门班长"].form(at), 404)
	must(t, as["班长"].form(at), 303)
	asks("c4")
	if got := offered(); !strings.Contains(got, "班长") {
		t.Errorf("without the plan it is offered: %s", got)
	}
}
