package storetest

import (
	"context"
	"errors"
	"testing"

	"guanjia/bot/booking"
	"guanjia/bot/store"
)

// testBatches: many proposals are carried out or rejected by one decision, no
// others than those it means and its maker has seen; it is taken back as a
// whole, bookings stay, and each step is in the audit trail.
func testBatches(t *testing.T, open Open) {
	s := furnished(t, open, 10)
	ctx, now := context.Background(), monday
	who := store.Author{By: "admin", Reason: "淡季", At: monday}
	control := booking.DefaultControl()
	control.Mode = booking.Propose
	s.must(s.SaveControl(ctx, control, who))
	free := func(hall string) (n int) {
		all, err := s.Openings(ctx, booking.Query{Hall: hall})
		s.must(err)
		for _, o := range all {
			n += o.Remaining
		}
		return n
	}
	tune := func() {
		t.Helper()
		_, err := s.TuneRelease(ctx, now)
		s.must(err)
	}
	waiting := func(scope booking.Scope, want int) booking.Proposals {
		t.Helper()
		sum, err := s.Proposals(ctx, scope)
		s.must(err)
		if sum.Count != want {
			t.Fatalf("%d proposals of %+v, want %d", sum.Count, scope, want)
		}
		return sum
	}
	humen, card := booking.Scope{Hall: "humen"}, booking.Scope{Hall: "city", Groups: []string{"id-card-lost", "other"}}
	tune()
	all := waiting(booking.Scope{}, 4)
	tune()
	if again := waiting(booking.Scope{}, 4); again.UpTo != all.UpTo {
		t.Errorf("proposals that say the same are new: %d, then %d", all.UpTo, again.UpTo)
	}
	waiting(booking.Scope{Kind: booking.More}, 0)
	sum := waiting(humen, 2)

	if _, err := s.DecideAdjustments(ctx, humen, true, who); !errors.Is(err, store.ErrNoProposals) {
		t.Errorf("nobody has seen any of them: %v", err)
	}
	before, city := free("humen"), free("city")
	humen.UpTo = all.UpTo
	kept, err := s.DecideAdjustments(ctx, humen, true, who)
	s.must(err)
	if kept.Count != 2 || kept.Places != sum.Places[booking.Less] || free("humen") != before-kept.Places || free("city") != city {
		t.Fatalf("%+v kept back: humen %d of %d, the city hall %d of %d", kept, free("humen"), before, free("city"), city)
	}
	if _, err := s.DecideAdjustments(ctx, humen, true, who); !errors.Is(err, store.ErrNoProposals) {
		t.Errorf("carried out twice: %v", err)
	}
	waiting(card, 1)
	card.UpTo = all.UpTo
	refused, err := s.DecideAdjustments(ctx, card, false, who)
	s.must(err)
	if free("city") != city {
		t.Error("a rejection changed places")
	}
	tune() // what was kept back is proposed further, what was rejected is not today
	waiting(card, 0)
	waiting(booking.Scope{Hall: "city"}, 1)
	_, err = s.book(request(s.citizen("o1"), "k1", "林一", "2026-11-24", "10:00"))
	s.must(err)
	s.must(s.UndoBatch(ctx, kept.ID, who))
	if got := free("humen"); got != before-1 {
		t.Errorf("taken back, %d of %d places are free", got, before)
	}
	if err := s.UndoBatch(ctx, kept.ID, who); !errors.Is(err, store.ErrDecided) {
		t.Errorf("taken back twice: %v", err)
	}
	s.must(s.UndoBatch(ctx, refused.ID, who))
	waiting(card, 1)
	again, err := s.DecideAdjustments(ctx, booking.Scope{Hall: "city", Kind: booking.Less, UpTo: 1 << 40}, false, who)
	s.must(err)
	if again.Count != 2 {
		t.Errorf("rejected at the city hall: %+v", again)
	}
	now = monday.AddDate(0, 0, 1)
	tune()
	waiting(booking.Scope{Hall: "city"}, 2)
	s.balanced()

	control.LowFill = 0 // nothing calls for it any more
	s.must(s.SaveControl(ctx, control, who))
	tune()
	waiting(booking.Scope{}, 0)
	batches, err := s.Batches(ctx, 10)
	s.must(err)
	if len(batches) != 3 || batches[0].ID != again.ID || batches[2].UndoneBy != "admin" || batches[2].Scope.Hall != "humen" || batches[2].Reason != "淡季" || !batches[2].Applied || batches[1].Applied {
		t.Errorf("the decisions are %+v", batches)
	}
	if n, _, err := s.VerifyAudit(ctx); err != nil || n != 5 {
		t.Errorf("%d entries of the audit trail: %v", n, err)
	}
}
