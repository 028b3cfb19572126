package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testCall: calls that go on, and those to be written up, outlive the process;
// what is over does not.
func testCall(t *testing.T, open Open) {
	o := store.Options{Dir: t.TempDir()}
	ctx := context.Background()
	first, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &installation{Store: first, t: t}
	var who []bot.CitizenID
	for _, number := range []string{"1", "2", "3"} {
		c, err := s.Identify(ctx, bot.Address{Channel: bot.Hotline, ID: number}, monday)
		s.must(err)
		who = append(who, c.ID)
	}
	cut := store.Call{ID: "a", Citizen: who[0], Operator: "小梅", Began: monday}
	s.must(s.SaveCall(ctx, store.Call{ID: "a", Citizen: who[2], Began: monday})) // before the number was proven
	s.must(s.SaveCall(ctx, cut))
	over := store.Call{ID: "b", Citizen: who[1], Operator: "小梅", Began: monday}
	s.must(s.SaveCall(ctx, over))
	s.must(s.LeaveCall(ctx, over, monday.Add(time.Minute)))
	if got, err := s.Calls(ctx); err != nil || len(got) != 2 || got[1].Operator != "" {
		t.Errorf("the operator left: %v %v", got, err)
	}
	s.must(s.DropCall(ctx, "b"))
	s.must(first.Close())

	s = opened(t, open, o)
	if got, err := s.Calls(ctx); err != nil || len(got) != 1 || got[0] != cut {
		t.Errorf("cut off: %+v %v", got, err)
	}
	s.must(s.LeaveCall(ctx, cut, monday.Add(2*time.Minute)))
	s.must(s.LeaveCall(ctx, cut, monday.Add(3*time.Minute))) // the same again
	if got := s.wrapUps("小梅"); !slices.Equal(got, []bot.CitizenID{who[0], who[1]}) {
		t.Errorf("to be written up: %v", got)
	}
	s.must(s.WriteUp(ctx, "小梅", who[0]))
	if got := s.wrapUps("小梅"); !slices.Equal(got, []bot.CitizenID{who[1]}) {
		t.Errorf("after one was: %v", got)
	}
	if got := s.wrapUps("阿强"); len(got) != 0 {
		t.Errorf("somebody else's: %v", got)
	}
	s.must(s.Forget(ctx, who[1]))
	s.must(s.Forget(ctx, who[0]))
	calls, err := s.Calls(ctx)
	if s.must(err); len(calls) != 0 || len(s.wrapUps("小梅")) != 0 {
		t.Error("who was forgotten is still kept")
	}
}

func (s *installation) wrapUps(operator string) (who []bot.CitizenID) {
	s.t.Helper()
	all, err := s.WrapUps(context.Background(), operator)
	s.must(err)
	for _, w := range all {
		who = append(who, w.Citizen)
	}
	return who
}
