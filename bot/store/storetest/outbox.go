package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// put puts a reply in the outbox.
func (s *installation) put(o bot.Outgoing, lease time.Duration) bot.OutgoingID {
	s.t.Helper()
	if o.Due.IsZero() {
		o.Due = monday
	}
	o.From = "bot"
	var id bot.OutgoingID
	s.commit(func(tx bot.Tx) (err error) {
		id, err = tx.Enqueue(0, o, lease)
		return err
	})
	return id
}

// due leases what is due and returns the texts.
func (s *installation) due(now time.Time, lease time.Duration) (texts []string, ids []bot.OutgoingID) {
	s.t.Helper()
	rows, err := s.LeaseDue(context.Background(), now, lease, 100)
	s.must(err)
	for _, o := range rows {
		texts, ids = append(texts, o.Reply.Text), append(ids, o.ID)
	}
	return texts, ids
}

func (s *installation) expectDue(now time.Time, want ...string) []bot.OutgoingID {
	s.t.Helper()
	got, ids := s.due(now, time.Minute)
	if !slices.Equal(got, want) {
		s.t.Fatalf("due are %q, want %q", got, want)
	}
	return ids
}

func say(c bot.Citizen, text string) bot.Outgoing {
	return bot.Outgoing{Citizen: c.ID, To: bot.Address{Channel: bot.WeChat, ID: "o1"}, Reply: bot.Reply{Text: text}}
}

// testOutboxOrder: the oldest of each citizen, and the next only when it left.
func testOutboxOrder(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	a, b := s.citizen("o1"), s.citizen("o2")
	for i := range 3 {
		s.put(say(a, fmt.Sprintf("a%d", i)), 0)
		s.put(say(b, fmt.Sprintf("b%d", i)), 0)
	}
	for i := range 3 {
		ids := s.expectDue(monday, fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i))
		s.expectDue(monday)
		s.must(s.Sent(context.Background(), ids...))
	}
	s.expectDue(monday.Add(time.Hour))
}

// testOutboxLease: what is leased is nobody else's until the lease runs out.
func testOutboxLease(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	own := s.put(say(c, "一"), 20*time.Second) // the turn's own channel says it
	s.put(say(c, "二"), 0)
	s.expectDue(monday)
	s.expectDue(monday.Add(19 * time.Second))
	ids := s.expectDue(monday.Add(20*time.Second), "一")
	if ids[0] != own {
		t.Fatalf("leased %d, put %d", ids[0], own)
	}
	s.expectDue(monday.Add(79 * time.Second))
	again := s.expectDue(monday.Add(80*time.Second), "一") // whoever had it has died
	s.must(s.Sent(ctx, again...))
	second := s.expectDue(monday.Add(80*time.Second), "二")
	s.must(s.Release(ctx, second...))
	second = s.expectDue(monday.Add(81*time.Second), "二")
	s.must(s.Sent(ctx, second...))
	s.must(s.Release(ctx, second...)) // too late: it was sent
	s.expectDue(monday.Add(time.Hour))
	if rows, err := s.LeaseDue(ctx, monday, time.Minute, 0); err != nil || len(rows) != 0 {
		t.Fatalf("leased %d of none: %v", len(rows), err)
	}
}

// testOutboxRetry: a row put back keeps its place before the citizen's later
// rows and nobody else waiting.
func testOutboxRetry(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	a, b := s.citizen("o1"), s.citizen("o2")
	s.put(say(a, "a1"), 0)
	s.put(say(a, "a2"), 0)
	ids := s.expectDue(monday, "a1")
	s.must(s.Retry(ctx, ids[0], monday.Add(5*time.Minute), "busy"))
	s.put(say(b, "b1"), 0)
	s.expectDue(monday, "b1")
	s.expectDue(monday.Add(4*time.Minute), "b1")
	rows, err := s.LeaseDue(ctx, monday.Add(5*time.Minute), time.Minute, 1)
	if err != nil || len(rows) != 1 || rows[0].Reply.Text != "a1" || rows[0].Attempts != 1 {
		t.Fatalf("after the wait: %+v %v", rows, err)
	}
	if next, err := s.NextDue(ctx); err != nil || next.After(monday.Add(6*time.Minute)) {
		t.Fatalf("next due %v: %v", next, err)
	}
}

// testOutboxHeld: what the platform will not take waits for the citizen's next
// word and keeps nothing else waiting.
func testOutboxHeld(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	first := s.put(say(c, "一"), 0)
	s.put(say(c, "二"), 0)
	s.expectDue(monday, "一")
	s.must(s.Hold(ctx, first))
	ids := s.expectDue(monday, "二")
	s.must(s.Sent(ctx, ids...))
	s.expectDue(monday.Add(24 * time.Hour))
	var held []bot.Outgoing
	s.commit(func(tx bot.Tx) (err error) {
		held, err = tx.TakeHeld(c.ID, monday.Add(time.Minute))
		return err
	})
	if len(held) != 1 || held[0].Reply.Text != "一" {
		t.Fatalf("held were %+v", held)
	}
	s.expectDue(monday.Add(59 * time.Second)) // the citizen's turn says it
	s.expectDue(monday.Add(time.Minute), "一") // or failing that the dispatcher
	s.must(s.Sent(ctx, first))
	s.must(s.Hold(ctx, first)) // sent is sent
	s.commit(func(tx bot.Tx) (err error) {
		held, err = tx.TakeHeld(c.ID, monday)
		return err
	})
	if len(held) != 0 {
		t.Fatalf("a sent reply is held: %+v", held)
	}
}

func testOutboxDead(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	bad := s.put(say(c, "坏"), 0)
	s.put(say(c, "好"), 0)
	s.expectDue(monday, "坏")
	s.must(s.Bury(ctx, bad, "refused for good"))
	s.expectDue(monday, "好")
	dead, err := s.Dead(ctx, 10)
	if err != nil || len(dead) != 1 || dead[0].ID != bad || dead[0].Reply.Text != "坏" {
		t.Fatalf("dead letters: %+v %v", dead, err)
	}
	s.must(s.Retry(ctx, bad, monday, "late")) // dead is dead
	s.must(s.Release(ctx, bad))
	s.expectDue(monday)
}

func testOutboxKeys(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	c := s.citizen("o1")
	o := say(c, "提醒")
	o.Key, o.Topic = "remind:1", "appointment:1"
	first := s.put(o, 0)
	if again := s.put(o, 0); again != first {
		t.Fatalf("the same key made %d after %d", again, first)
	}
	other := say(c, "别的")
	other.Topic = "appointment:2"
	s.put(other, 0)
	s.commit(func(tx bot.Tx) error {
		if id, err := tx.Enqueued("remind:1"); err != nil || id != first {
			t.Errorf("the key leads to %d: %v", id, err)
		}
		return tx.Drop("appointment:1")
	})
	ids := s.expectDue(monday, "别的")
	s.must(s.Sent(context.Background(), ids...))
	s.commit(func(tx bot.Tx) error { return tx.Drop("appointment:2") }) // it left already
	if again := s.put(o, 0); again == first {
		t.Fatal("a dropped row's key is still taken")
	}
	s.expectDue(monday, "提醒")
}

func testOutboxWake(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	c := s.citizen("o1")
	select {
	case <-s.OutboxWake():
	default:
	}
	s.put(say(c, "一"), 0)
	select {
	case <-s.OutboxWake():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was woken")
	}
	s.put(say(c, "二"), 0)
	s.put(say(c, "三"), 0) // a wake that waits is enough for both
	<-s.OutboxWake()
}

// testReminders: reminders wait in the outbox until they are due, go with a
// cancelled appointment and move with a moved one. The transcript holds those
// that left, once each, where they left.
func testReminders(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	ctx := context.Background()
	c := s.citizen("o1")
	remind := func(tx bot.Tx, number string, start time.Time) error {
		if err := tx.Drop("appointment:" + number); err != nil {
			return err
		}
		for _, before := range s.Rules().RemindBefore {
			o := say(c, before.String())
			o.Due, o.Topic = start.Add(-before), "appointment:"+number
			o.Key = "remind:" + number + start.String() + before.String()
			if err := errors.Join(bot.Tell(tx, monday, o), bot.Tell(tx, monday, o)); err != nil {
				return err
			}
		}
		return nil
	}
	a, err := s.book(request(c, "k1", "陈一", "2026-11-25", "15:00"))
	s.must(err)
	s.commit(func(tx bot.Tx) error {
		now := say(c, "约好了")
		now.Key = "booked"
		return errors.Join(remind(tx, a.Number, a.Starts()), bot.Tell(tx, monday, now), bot.Tell(tx, monday, now))
	})
	s.must(s.Sent(ctx, s.expectDue(monday, "约好了")...))
	s.expectDue(time.Date(2026, 11, 24, 14, 59, 0, 0, bot.Shanghai()))
	s.told(c, "约好了")
	ids := s.expectDue(time.Date(2026, 11, 24, 15, 0, 0, 0, bot.Shanghai()), "24h0m0s")
	s.must(s.Release(ctx, ids...)) // whoever had it did not send it
	ids = s.expectDue(time.Date(2026, 11, 24, 15, 1, 0, 0, bot.Shanghai()), "24h0m0s")
	s.must(s.Sent(ctx, ids...))
	s.told(c, "约好了", "24h0m0s")
	s.commit(func(tx bot.Tx) error {
		moved, err := s.Move(ctx, tx, a.Number, "humen", "2026-11-27", "15:00", monday)
		if err != nil {
			return err
		}
		return remind(tx, a.Number, moved.Starts())
	})
	s.expectDue(time.Date(2026, 11, 25, 14, 0, 0, 0, bot.Shanghai())) // the old one went
	ids = s.expectDue(time.Date(2026, 11, 26, 15, 0, 0, 0, bot.Shanghai()), "24h0m0s")
	s.must(s.Sent(ctx, ids...))
	s.commit(func(tx bot.Tx) error {
		if _, err := s.Cancel(ctx, tx, a.Number, monday); err != nil {
			return err
		}
		return tx.Drop("appointment:" + a.Number)
	})
	s.expectDue(time.Date(2026, 11, 27, 15, 0, 0, 0, bot.Shanghai()))
	s.told(c, "约好了", "24h0m0s", "24h0m0s")
}

// told holds the bot's lines of a transcript to texts, and each to a change for
// the desk.
func (s *installation) told(c bot.Citizen, want ...string) {
	s.t.Helper()
	ctx := context.Background()
	lines, err := s.Recent(ctx, c.ID, 100)
	s.must(err)
	changes, err := s.Changes(ctx, 0, 1000)
	s.must(err)
	var texts []string
	for _, l := range lines {
		if l.Speaker != bot.SpeakerBot {
			continue
		}
		texts = append(texts, l.Text)
		if !slices.ContainsFunc(changes, func(c bot.Change) bool { return c.Kind == bot.ChangeLine && c.Ref == fmt.Sprint(l.ID) }) {
			s.t.Errorf("the desk is not told of %q", l.Text)
		}
	}
	if !slices.Equal(texts, want) {
		s.t.Fatalf("the transcript holds %q, want %q", texts, want)
	}
}

// testOutboxHeldKept: replies held before the records were closed are said
// after they are opened again, and those a refused turn took stay held.
func testOutboxHeldKept(t *testing.T, open Open) {
	dir := t.TempDir()
	before, err := open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first := &installation{Store: before, t: t}
	c, other := first.citizen("o1"), first.citizen("o2")
	first.must(first.Hold(context.Background(), first.put(say(c, "一"), 0)))
	first.must(first.Close())
	s := opened(t, open, store.Options{Dir: dir})
	refused := errors.New("refused")
	for i, turn := range []struct {
		held int
		end  error
	}{{1, refused}, {1, nil}, {0, nil}} {
		err := s.Commit(context.Background(), func(tx bot.Tx) error {
			for citizen, n := range map[bot.CitizenID]int{c.ID: turn.held, other.ID: 0} {
				if held, err := tx.TakeHeld(citizen, monday.Add(time.Minute)); err != nil || len(held) != n {
					t.Errorf("turn %d took %+v: %v", i, held, err)
				}
			}
			return turn.end
		})
		if !errors.Is(err, turn.end) {
			t.Fatalf("turn %d: %v", i, err)
		}
	}
}

// testOutboxSetBack: a clock that was set back by hours keeps nothing waiting
// that was due, nor for longer what waits for its next try or for its turn's own
// channel; what is for later stays so.
func testOutboxSetBack(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	tried, turn := s.citizen("o1"), s.citizen("o2")
	id := s.put(say(tried, "next try"), 0)
	s.must(s.Retry(ctx, id, monday.Add(time.Minute), "down"))
	s.put(say(turn, "the turn's own"), 2*time.Minute)
	later := say(s.citizen("o3"), "for later")
	later.Due = monday.Add(time.Hour)
	s.put(later, 0)
	s.put(say(s.citizen("o4"), "due"), 0)
	back := monday.Add(-3 * time.Hour)
	s.expectDue(back)
	s.must(s.SetBack(ctx, monday, back))
	s.expectDue(back, "due")
	s.expectDue(back.Add(59 * time.Second))
	s.expectDue(back.Add(time.Minute), "next try", "due")
	s.expectDue(back.Add(2*time.Minute), "next try", "the turn's own", "due")
	s.expectDue(monday.Add(59*time.Minute), "next try", "the turn's own", "due")
	s.expectDue(monday.Add(time.Hour), "next try", "the turn's own", "due", "for later")
}
