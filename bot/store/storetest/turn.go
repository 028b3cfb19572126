package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// testTurns lets many citizens talk at once, every third of whose turns also
// books, with everybody reading between: each finds all of their own turns, in
// order and once.
func testTurns(t *testing.T, open Open) {
	const citizens, turns = 24, 15
	s := furnished(t, open, 1000)
	ctx := context.Background()
	talkers := make([]talker, citizens)
	for i := range talkers {
		talkers[i] = talker{installation: s, who: s.citizen(fmt.Sprintf("o%d", i)), name: fmt.Sprintf("人%d", i)}
	}
	var leased atomic.Int64
	ended := make(chan struct{})
	var dispatcher sync.WaitGroup
	dispatcher.Go(func() {
		for {
			rows, err := s.LeaseDue(ctx, monday, time.Hour, 100)
			if err != nil {
				t.Errorf("lease: %v", err)
				return
			}
			leased.Add(int64(len(rows)))
			for _, o := range rows {
				if err := s.Sent(ctx, o.ID); err != nil {
					t.Errorf("sent: %v", err)
				}
			}
			select {
			case <-ended:
				if len(rows) == 0 {
					return
				}
			default:
			}
		}
	})
	together(citizens, func(i int) {
		for n := range turns {
			if err := talkers[i].turn(n); err != nil {
				t.Errorf("citizen %d, turn %d: %v", i, n, err)
				return
			}
		}
	})
	close(ended)
	dispatcher.Wait()
	// What a turn's own channel said was marked so; one more reply of each
	// turn was left to the dispatcher.
	if leased.Load() != citizens*turns {
		t.Errorf("the dispatcher had %d replies of %d", leased.Load(), citizens*turns)
	}
	s.expectDue(monday.Add(time.Hour))
	for i := range talkers {
		talkers[i].complete(turns)
	}
	s.balanced()
}

// talker is a citizen whose turns come one after the other.
type talker struct {
	*installation
	who  bot.Citizen
	name string
}

// turn is a whole turn: accepted, committed, its first reply said; the same
// message again gets the same answer.
func (c *talker) turn(n int) error {
	ctx := context.Background()
	in := inbound(fmt.Sprintf("%s-%d", c.name, n), fmt.Sprintf("第%d句", n))
	receipt, err := c.Accept(ctx, c.who.ID, in)
	if err != nil {
		return err
	}
	conv, err := c.Conversation(ctx, c.who.ID)
	if err != nil {
		return err
	}
	if conv.Version != int64(n) {
		return fmt.Errorf("the conversation is at version %d", conv.Version)
	}
	var own bot.OutgoingID
	err = c.Commit(ctx, func(tx bot.Tx) error {
		conv := conv.Clone()
		if n%3 == 2 {
			r := request(c.who, fmt.Sprint(n), fmt.Sprintf("%s-%d", c.name, n), "2026-11-25", "10:00")
			if _, err := c.Book(ctx, tx, r); err != nil && !errors.Is(err, booking.ErrTooMany) {
				return err
			}
		}
		_, err1 := tx.Append(bot.Line{Citizen: c.who.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: in.Text})
		var err2 error
		first, second := say(c.who, "答"+in.Text), say(c.who, "又"+in.Text)
		first.Due, second.Due, first.From, second.From = monday, monday, "bot", "bot"
		own, err2 = tx.Enqueue(receipt.ID, first, 20*time.Second)
		_, err3 := tx.Enqueue(0, second, 0)
		conv.Digits = in.Text
		return errors.Join(err1, err2, err3, tx.SaveConversation(&conv), tx.Answered(receipt.ID))
	})
	if err != nil {
		return err
	}
	if err := c.Sent(ctx, own); err != nil {
		return err
	}
	if n%5 != 0 {
		return nil
	}
	again, err := c.Accept(ctx, c.who.ID, in)
	if err != nil || again.ID != receipt.ID || !again.Answered || len(again.Out) != 1 || again.Out[0].Reply.Text != "答"+in.Text {
		return fmt.Errorf("the same message again: %+v: %w", again, err)
	}
	return nil
}

// complete fails unless all turns are there.
func (c *talker) complete(turns int) {
	c.t.Helper()
	ctx := context.Background()
	lines, err1 := c.Lines(ctx, c.who.ID, 0, 1000)
	conv, err2 := c.Conversation(ctx, c.who.ID)
	if err := errors.Join(err1, err2); err != nil || len(lines) != turns || conv.Version != int64(turns) {
		c.t.Fatalf("%s has %d lines at version %d of %d: %v", c.name, len(lines), conv.Version, turns, err)
	}
	for i, l := range lines {
		if l.Text != fmt.Sprintf("第%d句", i) {
			c.t.Fatalf("%s's line %d is %q", c.name, i, l.Text)
		}
	}
}
