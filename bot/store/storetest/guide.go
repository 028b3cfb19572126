package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testGuides: versions follow one another, all of a batch are kept or none, the
// last is in force, and whoever was slower is told.
func testGuides(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := t.Context()
	version := func(guide string, n int) bot.GuideVersion {
		return bot.GuideVersion{Guide: guide, Version: n, Body: []byte(`{"id":"` + guide + `"}`), Hash: "h", At: monday, By: "li", Note: "改了电话"}
	}
	if err := s.KeepGuides(ctx, []bot.GuideVersion{version("b", 1), version("a", 1)}); err != nil {
		t.Fatal(err)
	}
	before, err := s.GuideSeq(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.KeepGuides(ctx, []bot.GuideVersion{version("a", 2), version("b", 3)}); !errors.Is(err, bot.ErrGuideChanged) {
		t.Fatalf("a gap in the versions: %v", err)
	}
	if err := s.KeepGuides(ctx, []bot.GuideVersion{version("a", 2)}); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepGuides(ctx, []bot.GuideVersion{version("a", 2)}); !errors.Is(err, bot.ErrGuideChanged) {
		t.Errorf("the same version twice: %v", err)
	}
	now, err := s.GuideVersions(ctx)
	if err != nil || len(now) != 2 || now[0].Guide != "b" || now[1].Version != 2 || now[1].By != "li" || !now[1].At.Equal(monday) {
		t.Errorf("in force: %+v %v", now, err)
	}
	history, err := s.GuideHistory(ctx, "a")
	if err != nil || len(history) != 2 || history[0].Version != 2 || string(history[1].Body) != `{"id":"a"}` {
		t.Errorf("history: %+v %v", history, err)
	}
	if after, err := s.GuideSeq(ctx); err != nil || after != before+1 {
		t.Errorf("seq %d, then %d: %v", before, after, err)
	}
}

// testMissed: what was not answered well is kept in the turn's commit, read
// back newest first, and gone with the citizen.
func testMissed(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := t.Context()
	one, two := s.citizen("m1").ID, s.citizen("m2").ID
	for i, c := range []bot.CitizenID{one, two, one} {
		m := bot.Missed{At: monday.Add(time.Duration(i) * time.Minute), Citizen: c, Channel: bot.WeChat, Reason: bot.MissNoGuide, Field: "fee", Score: 0.125, Words: "养蜂证怎么办"}
		if err := s.Commit(ctx, func(tx bot.Tx) error { return s.Miss(ctx, tx, m) }); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.MissedSince(ctx, monday.Add(time.Minute), 10)
	if err != nil || len(all) != 2 || all[0].Citizen != one || all[0].Words != "养蜂证怎么办" || all[0].Score != 0.125 || all[1].Citizen != two {
		t.Fatalf("%+v %v", all, err)
	}
	if err := s.Forget(ctx, one); err != nil {
		t.Fatal(err)
	}
	all, err = s.MissedSince(ctx, monday, 10)
	if err != nil || len(all) != 1 || slices.ContainsFunc(all, func(m bot.Missed) bool { return m.Citizen == one }) {
		t.Errorf("after deletion: %+v %v", all, err)
	}
}
