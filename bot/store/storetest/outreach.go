package storetest

import (
	"context"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/outreach"
	"guanjia/bot/store"
)

// testOutreach follows a notice from being made out to being answered.
func testOutreach(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	from := bot.Address{Channel: bot.WeChat, ID: "o1"}
	c, err := s.Identify(ctx, from, monday)
	s.must(err)
	other, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "o2"}, monday)
	s.must(err)
	profile := map[string]string{"ent.type": "individual"}
	commit := func(do func(tx bot.Tx) error) {
		t.Helper()
		s.must(s.Commit(ctx, do))
	}
	for _, id := range []bot.CitizenID{c.ID, other.ID, c.ID} { // the second takes the first's place
		commit(func(tx bot.Tx) error {
			return s.FollowPolicies(ctx, tx, outreach.Subscription{Citizen: id, Profile: profile, To: from, CreatedAt: monday})
		})
	}
	var all []outreach.Subscription
	s.must(s.PolicyFollowers(ctx, func(v outreach.Subscription) error { all = append(all, v); return nil }))
	if len(all) != 2 || all[0].Profile["ent.type"] != "individual" || all[0].To.ID != "o1" {
		t.Fatalf("subscriptions %+v", all)
	}
	tell := func(id bot.CitizenID, policy string) {
		commit(func(tx bot.Tx) error {
			n := outreach.Notice{Key: "policy:" + policy + ":new:" + string(id), Citizen: id, Policy: policy, Event: outreach.New, At: monday}
			return s.TellPolicy(ctx, tx, n, bot.Outgoing{To: from, Reply: bot.Reply{Text: "新政策"}, Due: monday, From: "bot"})
		})
	}
	tell(c.ID, "a")
	tell(c.ID, "a") // the same again changes nothing
	tell(other.ID, "a")
	due, err := s.LeaseDue(ctx, monday, time.Minute, 10)
	s.must(err)
	if len(due) != 2 || !due[0].Proactive {
		t.Fatalf("outbox %+v", due)
	}
	for _, o := range due {
		if o.Citizen == c.ID {
			s.must(s.Sent(ctx, o.ID))
		} else {
			s.must(s.Release(ctx, o.ID))
		}
	}
	arrived(t, s, c.ID)
	late := monday.Add(outreach.LookWithin + time.Hour)
	overdue, err := s.OverdueNotices(ctx, late, 10)
	s.must(err)
	if len(overdue) != 2 || overdue[0].State(late) == overdue[1].State(late) {
		t.Errorf("overdue: %+v", overdue)
	}
	commit(func(tx bot.Tx) error { return s.SeePolicy(ctx, tx, c.ID, "a", monday.Add(time.Hour)) })
	for _, a := range []outreach.Answer{outreach.NotMine, outreach.Applying, outreach.Useful} {
		commit(func(tx bot.Tx) error { return s.AnswerPolicy(ctx, tx, c.ID, "a", a, monday.Add(2*time.Hour)) })
	}
	figures, err := s.PolicyFigures(ctx, late)
	s.must(err)
	want := outreach.Figures{Policy: "a", Matched: 2, Delivered: 1, Seen: 1, Answered: 1, Overdue: 1, Applying: 1, Useful: 1}
	if len(figures) != 1 || figures[0] != want {
		t.Errorf("figures %+v", figures)
	}
	mine, err := s.PolicyNotices(ctx, c.ID, 10)
	s.must(err)
	if len(mine) != 1 || mine[0].Answer != outreach.Applying || mine[0].State(late) != outreach.AnsweredOK {
		t.Errorf("notices %+v", mine)
	}
	testUnsubscribe(t, s, other.ID, tell)
}

// arrived waits until the record of a delivery has reached the tables, which
// may be a little after Sent returned.
func arrived(t *testing.T, s *installation, id bot.CitizenID) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		mine, err := s.PolicyNotices(context.Background(), id, 10)
		s.must(err)
		if len(mine) == 1 && mine[0].Delivered {
			return
		}
	}
	t.Fatal("the delivery is never seen")
}

// testUnsubscribe: who stops following hears no more, of what waits either.
func testUnsubscribe(t *testing.T, s *installation, id bot.CitizenID, tell func(bot.CitizenID, string)) {
	t.Helper()
	ctx := context.Background()
	for _, want := range []bool{true, false} {
		s.must(s.Commit(ctx, func(tx bot.Tx) error {
			had, err := s.UnfollowPolicies(ctx, tx, id, monday)
			if had != want {
				t.Errorf("unsubscribed %v, want %v", had, want)
			}
			return err
		}))
	}
	tell(id, "b")
	due, err := s.LeaseDue(ctx, monday.Add(time.Hour), time.Minute, 10)
	s.must(err)
	if len(due) != 0 {
		t.Errorf("is still told: %+v", due)
	}
	if on, err := s.FollowsPolicies(ctx, id); err != nil || on {
		t.Errorf("still subscribed: %v", err)
	}
}
