package main

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// TestSievesAndSendingMany: filters of the ticket list are kept for their owner
// alone; several tickets are dispatched at once, each a step of its own, and what
// cannot be sent is named and keeps no other back.
func TestSievesAndSendingMany(t *testing.T) {
	s, _ := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	as := map[string]*client{}
	for _, v := range []store.Staff{{Name: "中心", Role: "centre"}, {Name: "中心二", Role: "centre"}, {Name: "城管", Role: "department", Department: "cgj"}, {Name: "虎门", Role: "town", Town: "humen"}} {
		if err := addStaff(t.Context(), s.house, v, theirPassword); err != nil {
			t.Fatal(err)
		}
		as[v.Name] = newClient(t, door.URL)
		must(t, as[v.Name].signIn(v.Name, theirPassword), 303)
	}
	var numbers []string
	for _, town := range []string{"虎门镇", "虎门镇", "长安镇"} {
		who := "citizen" + town + string(rune('a'+len(numbers)))
		id := s.hears(t, who, "投诉"+town+"那边的事一直没人管，说了好多次，门牌在振兴路12号，电话13712345678", "确认")
		all, err := s.house.store.Tickets(t.Context(), id, 9)
		if err != nil || len(all) != 1 {
			t.Fatalf("filed: %d, %v", len(all), err)
		}
		if all[0].Status != ticket.Accepted {
			t.Fatalf("sorted by itself: %s", all[0].Status)
		}
		numbers = append(numbers, all[0].Number)
	}
	c := as["中心"]
	for who, want := range map[string]bool{"中心": true, "城管": true, "虎门": false} { // one town alone is none to choose from
		if got := as[who].get("/desk/work/"); got.status != 200 || strings.Contains(got.text, `name="town"`) != want {
			t.Errorf("%s is offered towns: %v", who, !want)
		}
	}
	listed := func(query string) int {
		t.Helper()
		got := c.get("/desk/work/?" + query)
		n := 0
		for _, number := range numbers {
			if strings.Contains(got.text, "/desk/work/ticket/"+number) {
				n++
			}
		}
		return n
	}
	for query, want := range map[string]int{"tab=dispatch": 3, "tab=dispatch&town=humen": 2, "tab=dispatch&town=humen&words=没有的字": 0, "tab=dispatch&category=none": 0} {
		if got := listed(query); got != want {
			t.Errorf("%s lists %d, want %d", query, got, want)
		}
	}
	must(t, c.form("/desk/work/sieves", "query", "tab=dispatch&town=humen"), 422)
	must(t, c.form("/desk/work/sieves", "name", "虎门待派", "query", "tab=dispatch&town=humen&evil=1"), 303)
	if page := c.get("/desk/work/").text; !strings.Contains(page, "虎门待派") || strings.Contains(page, "evil") {
		t.Error("the filter is not kept, or more than it")
	}
	if strings.Contains(as["中心二"].get("/desk/work/").text, "虎门待派") {
		t.Error("a filter is its owner's")
	}
	must(t, c.form("/desk/work/dispatch", "number", numbers[0], "to", ""), 422)
	must(t, as["城管"].form("/desk/work/dispatch", "number", numbers[0], "to", "t:humen"), 403)
	many := url.Values{"number": {numbers[0], "DG000", numbers[1]}, "to": {"t:humen"}, "words": {"群众说了多次"}}
	got := c.do("POST", "/desk/work/dispatch", strings.NewReader(many.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	if got.status != 200 || !strings.Contains(got.text, "2 件") || !strings.Contains(got.text, "DG000：没有这一件") {
		t.Errorf("sent: %d %s", got.status, got.text)
	}
	for i, want := range []ticket.Status{ticket.Dispatched, ticket.Dispatched, ticket.Accepted} {
		v, _, err := s.house.store.Ticket(t.Context(), numbers[i])
		if err != nil || v.Status != want {
			t.Errorf("%d is %s, want %s (%v)", i, v.Status, want, err)
		}
	}
	if got := c.form("/desk/work/dispatch", "number", numbers[0], "to", "t:changan"); !strings.Contains(got.text, "已经派出去了") {
		t.Errorf("sent again: %s", got.text)
	}
	must(t, c.form("/desk/work/sieves", "name", "虎门待派"), 303)
	if strings.Contains(c.get("/desk/work/").text, "虎门待派") {
		t.Error("the filter stays")
	}
}
