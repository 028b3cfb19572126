package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testAudit writes a trail and reads it back, whole and of one subject.
func testAudit(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	if n, last, err := s.VerifyAudit(ctx); n != 0 || last != "" || err != nil {
		t.Fatalf("an empty trail is %d entries, %q: %v", n, last, err)
	}
	for _, subject := range []string{"p1", "p2", "p1"} {
		s.must(s.Audit(ctx, bot.AuditEntry{At: monday, Actor: "陈静", Deed: bot.AuditOpen, Subject: subject}))
	}
	n, last, err := s.VerifyAudit(ctx)
	if n != 3 || len(last) != 64 || err != nil {
		t.Fatalf("the trail is %d entries, %q: %v", n, last, err)
	}
	of, err := s.AuditTrail(ctx, "p1", 0, 10)
	s.must(err)
	if len(of) != 2 || of[0].Seq != 1 || of[1].Seq != 3 || of[1].Actor != "陈静" || !of[1].At.Equal(monday) {
		t.Errorf("done to p1: %+v", of)
	}
	rest, err := s.AuditTrail(ctx, "", 1, 1)
	s.must(err)
	if len(rest) != 1 || rest[0].Subject != "p2" {
		t.Errorf("after the first: %+v", rest)
	}
	newest, err := s.AuditLike(ctx, bot.AuditLike{Subject: "p1"}, 3, 10)
	s.must(err)
	if len(newest) != 1 || newest[0].Seq != 1 {
		t.Errorf("done to p1 before the third: %+v", newest)
	}
	for want, like := range map[int]bot.AuditLike{3: {Actor: "陈静", Deed: bot.AuditOpen, From: monday, To: monday.Add(time.Second)}, 0: {To: monday}, 2: {Subject: "p1"}} {
		found, err := s.AuditLike(ctx, like, 1<<62, 10)
		s.must(err)
		if len(found) != want || want == 3 && found[0].Seq != 3 {
			t.Errorf("like %+v: %+v", like, found)
		}
	}
	// The trail stands or falls with the commit it is part of.
	err = s.Commit(ctx, func(tx bot.Tx) error {
		if err := tx.(*store.Tx).Audit(bot.AuditEntry{At: monday, Deed: "x"}); err != nil {
			return err
		}
		return store.ErrStale
	})
	if err == nil || !strings.Contains(err.Error(), store.ErrStale.Error()) {
		t.Errorf("the commit: %v", err)
	}
	if n, again, err := s.VerifyAudit(ctx); n != 3 || again != last || err != nil {
		t.Errorf("after a refused commit: %d, %q: %v", n, again, err)
	}
}
