package storetest

import (
	"context"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

func (s *installation) queue(c bot.Citizen, reason bot.HandoffReason, priority int) int {
	s.t.Helper()
	place := 0
	s.commit(func(tx bot.Tx) (err error) {
		place, err = tx.OpenHandoff(bot.Handoff{Citizen: c.ID, Channel: bot.WeChat, Reason: reason, Priority: priority,
			Summary: "想办居住证", Intent: bot.BookAppointment, Slots: map[string]string{"hall": "虎门"}, Tried: []string{"问大厅"}, Town: "humen", At: monday})
		return err
	})
	return place
}

// testHandoffQueue: emergencies first, then who came first; asking again keeps
// the place, a more urgent reason moves it forward.
func testHandoffQueue(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	a, b, c := s.citizen("o1"), s.citizen("o2"), s.citizen("o3")
	if p := s.queue(a, bot.ReasonAsked, 1); p != 1 {
		t.Fatalf("first in line has place %d", p)
	}
	if p := s.queue(b, bot.ReasonNotUnderstood, 2); p != 2 {
		t.Fatalf("second has place %d", p)
	}
	if p := s.queue(c, bot.ReasonEmergency, 0); p != 1 {
		t.Fatalf("an emergency has place %d", p)
	}
	if p := s.queue(a, bot.ReasonAsked, 1); p != 2 {
		t.Fatalf("asking again gives place %d", p)
	}
	if p := s.queue(b, bot.ReasonEmergency, 0); p != 1 { // it came before the other
		t.Fatalf("the second emergency has place %d", p)
	}
	s.queue(b, bot.ReasonNotUnderstood, 2) // nothing less urgent takes it back
	line, err := s.Handoffs(ctx, true, 10)
	s.must(err)
	if len(line) != 3 || line[0].Citizen != b.ID || line[1].Citizen != c.ID || line[2].Citizen != a.ID || line[0].Reason != bot.ReasonEmergency {
		t.Fatalf("the line is %+v", line)
	}
	s.commit(func(tx bot.Tx) error { return tx.PartHandoff(b.ID, true, monday) })
	if p := s.queue(a, bot.ReasonAsked, 1); p != 2 { // who hung up is not before anybody
		t.Fatalf("with one of two before it gone, the place is %d", p)
	}
	s.commit(func(tx bot.Tx) error { return tx.PartHandoff(b.ID, false, monday) })
	if p := s.queue(a, bot.ReasonAsked, 1); p != 3 {
		t.Fatalf("with both back, the place is %d", p)
	}
	h := line[2]
	if h.Summary != "想办居住证" || h.Slots["hall"] != "虎门" || h.Tried[0] != "问大厅" || h.Town != "humen" || !h.At.Equal(monday) || h.Status != bot.HandoffWaiting {
		t.Fatalf("the packet is %+v", h)
	}
}

func testHandoffLife(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	a, b := s.citizen("o1"), s.citizen("o2")
	s.queue(a, bot.ReasonAsked, 1)
	s.queue(b, bot.ReasonAsked, 1)
	at := monday.Add(time.Minute)
	s.commit(func(tx bot.Tx) error { return tx.TakeHandoff(a.ID, "amy", at) })
	s.commit(func(tx bot.Tx) error { return tx.TakeHandoff(a.ID, "bob", at.Add(time.Minute)) }) // it is held
	line, err := s.Handoffs(ctx, true, 10)
	s.must(err)
	if line[0].Citizen != b.ID || line[1].Operator != "amy" || line[1].Status != bot.HandoffTaken || !line[1].TakenAt.Equal(at) {
		t.Fatalf("after taking: %+v", line)
	}
	if p := s.queue(b, bot.ReasonAsked, 1); p != 1 {
		t.Fatalf("who waits behind one that was taken has place %d", p)
	}
	s.commit(func(tx bot.Tx) error { return tx.CloseHandoff(a.ID, "已说明材料", at) })
	s.commit(func(tx bot.Tx) error { return tx.CloseHandoff(a.ID, "再来一次", at) }) // nothing is open
	all, err := s.Handoffs(ctx, false, 10)
	s.must(err)
	if len(all) != 2 || all[1].Status != bot.HandoffClosed || all[1].Note != "已说明材料" || all[1].Summary != "想办居住证" {
		t.Fatalf("after closing: %+v", all)
	}
	if p := s.queue(a, bot.ReasonAsked, 1); p != 2 {
		t.Fatalf("a new handoff after the first has place %d", p)
	}
}
