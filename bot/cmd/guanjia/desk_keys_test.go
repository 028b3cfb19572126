package main

import (
	"net/http/httptest"
	"slices"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
)

// TestPressesReadAsWhatTheyStoodFor: an operator reads which key was pressed for
// what; what the telephone line did by itself nobody pressed.
func TestPressesReadAsWhatTheyStoodFor(t *testing.T) {
	s, _ := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	if err := addStaff(t.Context(), s.house, store.Staff{Name: "小陈", Role: "operator"}, theirPassword); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, door.URL)
	must(t, c.signIn("小陈", theirPassword), 303)
	from := bot.Address{Channel: bot.Hotline, ID: "076922220000"}
	reason := func(want bot.HandoffReason) {
		t.Helper()
		all, err := s.house.store.Handoffs(t.Context(), true, 9)
		if err != nil || len(all) != 1 || all[0].Reason != want {
			t.Fatalf("handoffs: %+v %v, want one for %s", all, err, want)
		}
	}
	press := func(in bot.Inbound) bot.CitizenID {
		t.Helper()
		in.From = from
		turn, err := s.house.engine.Receive(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return turn.Citizen
	}
	read := func(id bot.CitizenID) (read []string) {
		for _, l := range c.get("/desk/conversation/" + string(id)).json(t)["lines"].([]any) {
			if l := l.(map[string]any); l["speaker"] == "citizen" {
				read = append(read, l["text"].(string))
			}
		}
		return read
	}
	keys := func(k string) bot.Inbound { return bot.Inbound{Event: bot.EventDigits, EventKey: k} }
	press(bot.Inbound{Event: bot.EventCall})
	press(keys("*"))
	press(bot.Inbound{Event: bot.EventMenu, ByLine: true})
	press(keys("2"))
	press(bot.Inbound{Event: bot.EventMenu, EventKey: "progress"})
	id := press(keys("0"))
	reason(bot.ReasonAsked)
	want := []string{"打来电话", "按 *：再听一遍", "接着听菜单", "按 2：问办事指南", "点了菜单：查诉求进度", "按 0：转人工"}
	if got := read(id); !slices.Equal(got, want) {
		t.Errorf("the desk reads %q, want %q", got, want)
	}
	must(t, c.post("/desk/conversation/"+string(id)+"/take", object{}), 200)
	press(keys("5")) // to the person who has it
	if got := read(id); got[len(got)-1] != "按 5" {
		t.Errorf("pressed while a person has it: %q", got)
	}
	must(t, c.post("/desk/conversation/"+string(id)+"/close", object{}), 200)
	from.ID = "076922220001"
	press(bot.Inbound{Event: bot.EventCall})
	id = press(bot.Inbound{Event: bot.EventDigits, EventKey: "0", ByLine: true})
	reason(bot.ReasonNotUnderstood)
	if got := read(id); got[len(got)-1] != "转人工" {
		t.Errorf("the line asked for a person by itself: %q", got)
	}
}
