package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"guanjia/bot/booking"
)

// TestDecidedInLots: a decision over more than one lot is one decision, of which
// every lot is in the trail, and is taken back as a whole; where the process ends
// in between, the rest waits on and undoing is taken up again.
func TestDecidedInLots(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	who := Author{By: "admin", Reason: "淡季", At: journalMonday}
	const many = 2*settleLot + 50
	err = s.writer.commit(ctx, func(t *Tx) error {
		var err error
		for i := range many {
			err = errors.Join(err, t.adjust(booking.Adjustment{Group: fmt.Sprint("g", i), Hall: "humen", Kind: booking.Less, Places: 2}, booking.Propose, journalMonday))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	left := func() int {
		t.Helper()
		sum, err := s.Proposals(ctx, booking.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		return sum.Count
	}
	b, err := s.DecideAdjustments(ctx, booking.Scope{UpTo: 1 << 40}, true, who)
	if err != nil || b.Count != many || b.Places != 2*many || left() != 0 {
		t.Fatalf("%+v, %d left: %v", b, left(), err)
	}
	kept, err := s.Batches(ctx, 10)
	if err != nil || len(kept) != 1 || kept[0].Count != many || kept[0].Places != 2*many {
		t.Fatalf("kept as %+v: %v", kept, err)
	}
	if n, _, err := s.VerifyAudit(ctx); err != nil || n != 3 {
		t.Errorf("%d entries of the audit trail: %v", n, err)
	}
	var more bool
	if err := s.writer.commit(ctx, func(t *Tx) (err error) { more, err = t.undoLot(b.ID, who); return err }); err != nil || !more { // and the process ends
		t.Fatalf("more %v: %v", more, err)
	}
	if err := s.UndoBatch(ctx, b.ID, who); err != nil {
		t.Fatal(err)
	}
	undone, err := s.Adjustments(ctx, booking.Scope{}, Undone, 1000)
	if err != nil || len(undone) != many {
		t.Errorf("%d undone: %v", len(undone), err)
	}
	if err := s.UndoBatch(ctx, b.ID, who); !errors.Is(err, ErrDecided) {
		t.Errorf("undone twice: %v", err)
	}
}
