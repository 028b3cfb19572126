package storetest

import (
	"context"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testStanding counts what waits: replies due and dead, people in line, tickets
// past their limit, and the day's appointments.
func testStanding(t *testing.T, open Open) {
	s := furnished(t, open, 3)
	ctx := context.Background()
	a, b := s.citizen("o1"), s.citizen("o2")
	s.put(say(a, "now"), 0)
	later := say(b, "later")
	later.Due = monday.Add(48 * time.Hour)
	s.must(s.Bury(ctx, s.put(later, 0), "refused"))
	s.put(later, 0)
	s.queue(a, bot.ReasonEmergency, 0)
	s.queue(b, bot.ReasonAsked, 1)
	filed := s.file(helpTicket(a, "k1"))
	_, err := s.book(request(a, "k2", "陈一", "2026-11-24", "09:00"))
	s.must(err)
	at := filed.DueAt.Add(time.Minute)
	v, err := s.Standing(ctx, at)
	s.must(err)
	if v.Due.N == 0 || v.Outbox["waiting"] < 2 || v.Outbox["dead"] != 1 || v.Outbox["sent"] != 0 {
		t.Errorf("the outbox is %+v, %v", v.Due, v.Outbox)
	}
	if v.Handoffs["urgent"] != (store.Backlog{N: 1, Since: v.Handoffs["urgent"].Since}) || !v.Handoffs["urgent"].Since.Equal(monday) || v.Handoffs["waiting"].N != 1 || v.Handoffs["held"].N != 0 {
		t.Errorf("the line is %+v", v.Handoffs)
	}
	if v.Tickets["help"] != (store.Tickets{Open: 1, Overdue: 1}) {
		t.Errorf("tickets are %+v", v.Tickets)
	}
	if day, err := s.Standing(ctx, time.Date(2026, 11, 24, 8, 0, 0, 0, bot.Shanghai())); err != nil || day.Booked["booked"] != 1 || day.Tickets["help"].Overdue != 0 {
		t.Errorf("the day is %+v, %v", day, err)
	}
	if v.Unanswered.N != 0 {
		t.Errorf("unanswered are %+v", v.Unanswered)
	}
}
