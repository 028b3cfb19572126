package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

func testStaff(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	s.must(s.AddStaff(ctx, store.Staff{Name: "amy", Role: "administrator", Secret: "hash", CreatedAt: monday, GivenAt: monday}))
	if err := s.AddStaff(ctx, store.Staff{Name: "amy", Role: "operator", CreatedAt: monday}); !errors.Is(err, store.ErrStaffExists) {
		t.Fatalf("the same name again: %v", err)
	}
	if all, err := s.Staff(ctx); err != nil || len(all) != 1 || all[0].Role != "administrator" || all[0].Secret != "hash" || !all[0].GivenAt.Equal(monday) {
		t.Fatalf("staff: %+v %v", all, err)
	}
	if _, err := s.StaffMember(ctx, "bob"); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("unknown account: %v", err)
	}
	whose := func(token string) error {
		v, err := s.Session(ctx, token, monday.Add(-time.Hour), monday.Add(-time.Minute))
		if err == nil && v.Name != "amy" {
			t.Fatalf("session of %s", v.Name)
		}
		return err
	}
	s.must(s.StartSession(ctx, "t1", "amy", "", monday))
	s.must(s.StartSession(ctx, "t2", "amy", "", monday))
	s.must(s.StartSession(ctx, "idle", "amy", "", monday.Add(-2*time.Minute)))
	if err := whose("idle"); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("an idle session: %v", err)
	}
	s.must(s.SessionUsed(ctx, "idle", monday))
	s.must(s.SessionUsed(ctx, "idle", monday.Add(10*time.Second)))
	lastUsed := func(since time.Time) error {
		_, err := s.Session(ctx, "idle", monday.Add(-time.Hour), since)
		return err
	}
	if err := lastUsed(monday.Add(time.Second)); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("a session's use is noted to half a minute, not at once: %v", err)
	}
	s.must(s.SessionUsed(ctx, "idle", monday.Add(30*time.Second)))
	s.must(lastUsed(monday.Add(30 * time.Second)))
	s.must(errors.Join(whose("idle"), whose("t1"), whose("t2")))
	s.must(s.EndSession(ctx, "t1"))
	if err := whose("t1"); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("an ended session: %v", err)
	}
	s.must(s.StartSession(ctx, "t3", "amy", "", monday))
	s.must(s.ResetStaff(ctx, "amy", "own", "t2", time.Time{}))
	if err := whose("t3"); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("another session after a new password: %v", err)
	}
	s.must(whose("t2"))
	if v, err := s.StaffMember(ctx, "amy"); err != nil || !v.GivenAt.IsZero() {
		t.Fatalf("a password of her own was given at %v: %v", v.GivenAt, err)
	}
	s.must(s.ResetStaff(ctx, "amy", "other", "", monday.Add(time.Hour)))
	if err := whose("t2"); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("a session after a new password: %v", err)
	}
	if all, err := s.Staff(ctx); err != nil || !all[0].GivenAt.Equal(monday.Add(time.Hour)) {
		t.Fatalf("a password somebody gave her: %+v %v", all, err)
	}
	if err := s.ResetStaff(ctx, "bob", "x", "", monday); !errors.Is(err, store.ErrNoStaff) {
		t.Fatalf("reset nobody: %v", err)
	}
}

// testDemo: clearing takes the samples and what hangs on them, and leaves what
// is real; a sample never takes the place of what is real.
func testDemo(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	sample := plan(5)
	sample.Demo = true
	s.plan(sample)
	s.plan(store.Plan{
		Halls:    []booking.Hall{{ID: "humen", Name: "虎门厅", Town: "humen"}, {ID: "houjie", Name: "厚街厅", Town: "houjie"}},
		Services: []booking.Service{{ID: "residence-permit", Title: "居住证办理"}},
		Periods:  []store.Period{{Time: "10:00", Capacity: 3}},
	})
	s.plan(sample)
	s.release(monday)
	c := s.citizen("o1")
	r := request(c, "k1", "陈一", "2026-11-25", "10:00") // all of it is real
	mine, err := s.book(r)
	s.must(err)
	r = request(c, "k2", "林二", "2026-11-25", "15:00") // a sample's period
	sampled, err := s.book(r)
	s.must(err)
	s.commit(func(tx bot.Tx) error {
		for _, number := range []string{mine.Number, sampled.Number} {
			if _, err := tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, Due: monday, From: "bot", Topic: "appointment:" + number, Reply: bot.Reply{Text: number}}, 0); err != nil {
				return err
			}
		}
		return nil
	})
	// What a simulated citizen did goes, and the place in a real opening is free.
	s.must(s.EnrolSimulated(ctx, monday, []bot.Address{{Channel: bot.WeChat, ID: "oSIM"}, {Channel: bot.WeChat, ID: "o1"}}))
	player := s.citizen("oSIM")
	if c := s.citizen("o1"); !player.Simulated || c.Simulated {
		t.Fatalf("simulated: the player %v, a true citizen %v", player.Simulated, c.Simulated)
	}
	_, err = s.book(request(player, "k1", "莫三", "2026-11-25", "10:00"))
	s.must(err)
	s.file(helpTicket(player, "k1"))
	simulated := helpTicket(c, "k1")
	simulated.Simulated = true
	s.file(simulated)
	real := s.file(helpTicket(c, "k2"))
	if n, err := s.DemoRecords(ctx); err != nil || n == 0 {
		t.Fatalf("%d demo records: %v", n, err)
	}
	if n, err := s.ClearDemo(ctx); err != nil || n == 0 {
		t.Fatalf("cleared %d: %v", n, err)
	}
	if n, err := s.DemoRecords(ctx); err != nil || n != 0 {
		t.Fatalf("%d demo records left: %v", n, err)
	}
	all, err := s.AllAppointments(ctx)
	if err != nil || len(all) != 1 || all[0].Number != mine.Number {
		t.Fatalf("appointments left: %+v %v", all, err)
	}
	if v, err := s.AllTickets(ctx); err != nil || len(v) != 1 || v[0].Number != real.Number {
		t.Fatalf("tickets left: %+v %v", v, err)
	}
	if again := s.citizen("oSIM"); again.ID == player.ID || again.Simulated {
		t.Fatal("the simulated citizen is still there")
	}
	s.expectDue(monday, mine.Number)
	halls, err := s.Halls(ctx)
	if err != nil || len(halls) != 2 || halls[1].Name != "虎门厅" {
		t.Fatalf("halls left: %+v %v", halls, err)
	}
	if left := s.remaining("humen", "2026-11-25", "10:00"); left != 2 {
		t.Fatalf("%d places left at a real opening of 3", left)
	}
	s.release(monday)
	s.balanced()
}
