package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/outcall"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// order has a follow-up call ordered, due at once.
func (s *installation) order(c bot.Citizen, key, phone string) {
	s.t.Helper()
	s.must(s.Commit(context.Background(), func(tx bot.Tx) error {
		return s.OrderCall(context.Background(), tx, outcall.Order{Key: key, Citizen: c.ID, Kind: outcall.FollowUp, Ref: "DG2026112300013",
			Phone: bot.Secret(phone), State: outcall.Waiting, NextAt: monday, At: monday, Until: monday.AddDate(0, 0, 7)})
	}))
}

// next leases a call, or says that there is none to place.
func (s *installation) next(now time.Time) (outcall.Order, bool) {
	s.t.Helper()
	o, found, err := s.NextCall(context.Background(), outcall.StandardRules(), now, 10*time.Minute)
	s.must(err)
	return o, found
}

func (s *installation) end(o outcall.Order, what outcall.Outcome, now time.Time) outcall.Order {
	s.t.Helper()
	after := outcall.StandardRules().After(o, what, now, nil)
	s.must(s.Commit(context.Background(), func(tx bot.Tx) error { return s.EndCall(context.Background(), tx, o, after, now) }))
	return after
}

// testOutcall: a call is leased once, at allowed hours, so often in a day, and
// never to who said no.
func testOutcall(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, monday)
	s.must(err)
	s.order(c, "one", "13800000000")
	s.order(c, "one", "13800000000") // the same again
	if _, found := s.next(monday.Add(-2 * time.Hour)); found {
		t.Error("placed at eight")
	}
	o, found := s.next(monday)
	if !found || o.Phone.Reveal() != "13800000000" || o.Attempts != 1 || o.State != outcall.Ringing {
		t.Fatalf("%v %+v", found, o)
	}
	if _, again := s.next(monday); again {
		t.Error("leased twice")
	}
	if after := s.end(o, outcall.Unreachable, monday); after.State != outcall.Waiting || after.Attempts != 0 {
		t.Errorf("after the trunk was down: %+v", after)
	}
	// Busy, then in vain: twice a day, whatever the order.
	now := monday.Add(15 * time.Minute)
	for _, what := range []outcall.Outcome{outcall.Busy, outcall.NoAnswer} {
		o, found = s.next(now)
		if !found {
			t.Fatalf("nothing to place at %v", now)
		}
		now = s.end(o, what, now).NextAt
	}
	s.order(c, "two", "13800000000")
	if o, found := s.next(now); found {
		t.Errorf("rung a third time today: %+v", o)
	}
	tuesday := time.Date(2026, 11, 24, 9, 0, 0, 0, bot.Shanghai())
	o, found = s.next(tuesday)
	if !found {
		t.Fatal("not rung the next day")
	}
	// A process that died while it rang: the lease is over.
	if o, found = s.next(tuesday.Add(11 * time.Minute)); !found || o.State != outcall.Ringing {
		t.Errorf("lost with its process: %v %+v", found, o)
	}
	// Who says no is never rung again, for whatever.
	s.must(s.Commit(ctx, func(tx bot.Tx) error { return s.RefuseCalls(ctx, tx, "13800000000", tuesday) }))
	s.end(o, outcall.Listened, tuesday)
	for day := range 5 {
		if o, found := s.next(tuesday.AddDate(0, 0, day).Add(time.Hour)); found {
			t.Errorf("rung on day %d after saying no: %+v", day, o)
		}
	}
	err = s.Commit(ctx, func(tx bot.Tx) error {
		return s.OrderCall(ctx, tx, outcall.Order{Key: "three", Citizen: c.ID, Kind: outcall.Reminder, Phone: "13800000000", State: outcall.Waiting, NextAt: tuesday, At: tuesday})
	})
	if !errors.Is(err, outcall.ErrSaidNo) {
		t.Errorf("ordered after a no: %v", err)
	}
	trail, err := s.AuditTrail(ctx, "ticket:DG2026112300013", 0, 20)
	s.must(err)
	if len(trail) != 4 || trail[1].Deed != outcall.AuditCall || trail[1].Reason != string(outcall.Busy) {
		t.Errorf("the trail: %+v", trail)
	}
	s.must(s.Forget(ctx, c.ID))
	if all, err := s.CallOrders(ctx, 10); err != nil || len(all) != 0 {
		t.Errorf("after being forgotten: %v %v", all, err)
	}
	rules := outcall.StandardRules()
	rules.PerDay = 1
	s.must(s.SaveCallRules(ctx, rules, "admin", tuesday))
	if got, err := s.CallRules(ctx); err != nil || got != rules {
		t.Errorf("rules %+v: %v", got, err)
	}
}

// testUnfollowed: each closing of a ticket is asked about once.
func testUnfollowed(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, monday)
	s.must(err)
	var v ticket.Ticket
	s.must(s.Commit(ctx, func(tx bot.Tx) (err error) {
		v, err = s.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Channel: bot.WeChat, Kind: ticket.Report, Type: ticket.Complaint, Title: "噪音", Text: "吵",
			Phone: "13800000000", Status: ticket.Accepted, Urgency: ticket.Normal, Key: "k", CreatedAt: monday})
		return err
	}))
	office := &ticket.Office{Books: s.Store}
	worker := ticket.Actor{Role: ticket.RoleDepartment, Name: "小李", Body: ticket.Body{Department: "water"}}
	centre := ticket.Actor{Role: ticket.RoleCentre, Name: "中心"}
	at := monday
	do := func(action ticket.Action, by ticket.Actor, change ...func(*ticket.Command)) {
		at = at.Add(time.Minute)
		cmd := ticket.Command{Action: action, By: by, At: at, Words: "好了", To: worker.Body}
		for _, f := range change {
			f(&cmd)
		}
		_, err := office.Do(ctx, v.Number, cmd)
		s.must(err)
	}
	unfollowed := func() int {
		all, err := s.Unfollowed(ctx, at.AddDate(0, 0, -8), at, 10)
		s.must(err)
		return len(all)
	}
	closing := func() {
		do(ticket.DoDispatch, centre)
		do(ticket.DoSign, worker)
		do(ticket.DoContact, worker)
		do(ticket.DoReply, worker)
		do(ticket.DoApprove, centre)
		do(ticket.DoClose, centre)
	}
	if unfollowed() != 0 {
		t.Error("asked about before it is closed")
	}
	for round := range 2 {
		closing()
		if unfollowed() != 1 {
			t.Fatalf("round %d: not asked about once closed", round)
		}
		s.must(s.Commit(ctx, func(tx bot.Tx) error {
			return s.OrderCall(ctx, tx, outcall.Order{Key: v.Number + string(rune('0'+round)), Citizen: c.ID, Kind: outcall.FollowUp, Ref: v.Number,
				Phone: "13800000000", State: outcall.Dropped, NextAt: at, At: at})
		}))
		if unfollowed() != 0 {
			t.Errorf("round %d: asked about twice", round)
		}
		do(ticket.DoRedo, ticket.Actor{Role: ticket.RoleCitizen})
	}
}
