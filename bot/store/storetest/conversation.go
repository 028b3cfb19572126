package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

func inbound(key, text string) bot.Inbound {
	return bot.Inbound{From: bot.Address{Channel: bot.WeChat, ID: "o1"}, Key: key, At: monday, Text: text}
}

func testAccept(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	first, err := s.Accept(ctx, c.ID, inbound("m1", "你好"))
	if err != nil || first.ID == 0 || first.Repeat || first.Answered {
		t.Fatalf("first: %+v %v", first, err)
	}
	again, err := s.Accept(ctx, c.ID, inbound("m1", "你好"))
	if err != nil || again.ID != first.ID || !again.Repeat || again.Answered {
		t.Fatalf("a repeat before the answer: %+v %v", again, err)
	}
	s.commit(func(tx bot.Tx) error {
		for _, text := range []string{"您好", "要办什么"} {
			if _, err := tx.Enqueue(first.ID, bot.Outgoing{Citizen: c.ID, Due: monday, From: "bot", Reply: bot.Reply{Text: text}}, time.Minute); err != nil {
				return err
			}
		}
		return tx.Answered(first.ID)
	})
	again, err = s.Accept(ctx, c.ID, inbound("m1", "你好"))
	if err != nil || !again.Answered || len(again.Out) != 2 || again.Out[0].Reply.Text != "您好" || again.Out[1].Reply.Text != "要办什么" {
		t.Fatalf("a repeat after the answer: %+v %v", again, err)
	}
	for _, deed := range []func(bot.Tx) error{
		func(tx bot.Tx) error { return tx.Kept(first.ID + 1000) }, func(tx bot.Tx) error { return tx.Answered(first.ID + 1000) },
	} {
		if err := s.Commit(ctx, deed); err == nil {
			t.Fatal("a message nobody sent was kept")
		}
	}
	s.commit(func(tx bot.Tx) error { return tx.Kept(first.ID) })
	one, err := s.Accept(ctx, c.ID, inbound("", "一"))
	s.must(err)
	two, err := s.Accept(ctx, c.ID, inbound("", "一"))
	if err != nil || one.ID == two.ID || two.Repeat {
		t.Fatalf("messages without a key: %+v %+v %v", one, two, err)
	}
	web := inbound("m1", "你好")
	web.From.Channel = bot.Web
	if r, err := s.Accept(ctx, c.ID, web); err != nil || r.Repeat {
		t.Fatalf("the same key on another channel: %+v %v", r, err)
	}
}

func testOutstanding(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	var ids []int64
	for i := range 3 {
		in := inbound(fmt.Sprintf("m%d", i), fmt.Sprintf("第%d句", i))
		in.At = monday.Add(time.Duration(i) * time.Minute)
		in.Attachment = &bot.Attachment{Kind: "image", Type: "image/png", Bytes: []byte{1, 2, 3}}
		r, err := s.Accept(ctx, c.ID, in)
		s.must(err)
		ids = append(ids, r.ID)
	}
	s.commit(func(tx bot.Tx) error { return tx.Answered(ids[1]) })
	open2, err := s.Outstanding(ctx, monday.Add(time.Hour))
	s.must(err)
	if len(open2) != 2 || open2[0].Receipt != ids[0] || open2[1].Receipt != ids[2] || open2[0].Citizen != c.ID {
		t.Fatalf("outstanding: %+v", open2)
	}
	if in := open2[1].Inbound; in.Text != "第2句" || in.From.ID != "o1" || !bytes.Equal(in.Attachment.Bytes, []byte{1, 2, 3}) || in.Key != "m2" {
		t.Fatalf("the message came back as %+v", in)
	}
	if early, err := s.Outstanding(ctx, monday); err != nil || len(early) != 1 {
		t.Fatalf("%d messages outstanding at first: %v", len(early), err)
	}
}

func testConversation(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	conv, err := s.Conversation(ctx, c.ID)
	if err != nil || conv.Version != 0 || conv.Handling != bot.ByBot || conv.Citizen != c.ID {
		t.Fatalf("a new conversation: %+v %v", conv, err)
	}
	conv.Handling, conv.Operator, conv.Address, conv.LastAt = bot.ByPerson, "amy", bot.Address{Channel: bot.Web, ID: "w"}, monday
	conv.Frames = []bot.Frame{{Flow: bot.BookAppointment, Key: "k", Slots: map[string]bot.Value{"hall": {Value: "humen", Shown: "虎门"}}}}
	s.commit(func(tx bot.Tx) error { return tx.SaveConversation(&conv) })
	if conv.Version != 1 {
		t.Fatalf("version %d after the first save", conv.Version)
	}
	got, err := s.Conversation(ctx, c.ID)
	s.must(err)
	if got.Version != 1 || got.Handling != bot.ByPerson || got.Operator != "amy" || got.Address != conv.Address ||
		!got.LastAt.Equal(monday) || got.Frames[0].Slots["hall"].Value != "humen" {
		t.Fatalf("it came back as %+v", got)
	}
	stale := got
	s.commit(func(tx bot.Tx) error { return tx.SaveConversation(&got) })
	if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.SaveConversation(&stale) }); !errors.Is(err, store.ErrStale) {
		t.Fatalf("a stale conversation: %v", err)
	}
	fresh := bot.Conversation{Citizen: c.ID, Handling: bot.ByBot}
	if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.SaveConversation(&fresh) }); !errors.Is(err, store.ErrStale) {
		t.Fatalf("a second beginning: %v", err)
	}
}

// testConversationLoaded: what is loaded is what was committed last, whatever
// callers do with what they saved or loaded, and a refused commit saved.
func testConversationLoaded(t *testing.T, open Open) {
	dir := t.TempDir()
	before, err := open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s := &installation{Store: before, t: t}
	ctx := context.Background()
	c := s.citizen("o1")
	saved := bot.Conversation{Citizen: c.ID, Handling: bot.ByBot, LastAt: monday, Digits: "1",
		Frames: []bot.Frame{{Flow: bot.BookAppointment, Key: "k", Slots: map[string]bot.Value{"hall": {Value: "humen"}}}}}
	s.commit(func(tx bot.Tx) error { return tx.SaveConversation(&saved) })
	committed := func(s *installation) bot.Conversation {
		t.Helper()
		got, err := s.Conversation(ctx, c.ID)
		if err != nil || got.Version != 1 || got.Digits != "1" || len(got.Frames) != 1 || got.Frames[0].Slots["hall"].Value != "humen" {
			t.Fatalf("loaded %+v: %v", got, err)
		}
		return got
	}
	saved.Frames[0].Slots["hall"] = bot.Value{Value: "changed after saving"}
	loaded := committed(s)
	loaded.Frames[0].Slots["hall"] = bot.Value{Value: "changed after loading"}
	loaded = committed(s)
	loaded.Digits = "2"
	refused := errors.New("refused")
	if err := s.Commit(ctx, func(tx bot.Tx) error { return errors.Join(tx.SaveConversation(&loaded), refused) }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	committed(s)
	s.must(s.Close())
	s = opened(t, open, store.Options{Dir: dir})
	loaded = committed(s)
	s.commit(func(tx bot.Tx) error { return tx.SaveConversation(&loaded) })
	s.must(s.Forget(ctx, c.ID))
	if got, err := s.Conversation(ctx, c.ID); err != nil || got.Version != 0 {
		t.Fatalf("of a citizen who was forgotten: %+v, %v", got, err)
	}
}

func testTranscript(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c, other := s.citizen("o1"), s.citizen("o2")
	s.commit(func(tx bot.Tx) error {
		for i := range 5 {
			for _, who := range []bot.CitizenID{c.ID, other.ID} {
				l := bot.Line{Citizen: who, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: fmt.Sprintf("%s %d", who, i)}
				if i == 3 {
					l.Speaker, l.Name = bot.SpeakerNote, "amy"
				}
				if i == 4 {
					l.Speaker, l.Options, l.Source = bot.SpeakerBot, []bot.Option{{Text: "确认"}}, "来源"
				}
				if _, err := tx.Append(l); err != nil {
					return err
				}
			}
		}
		return nil
	})
	recent, err := s.Recent(ctx, c.ID, 2)
	s.must(err)
	if len(recent) != 2 || recent[0].Speaker != bot.SpeakerNote || recent[1].Options[0].Text != "确认" || recent[1].Source != "来源" {
		t.Fatalf("the last two lines: %+v", recent)
	}
	all, err := s.Lines(ctx, c.ID, 0, 100)
	s.must(err)
	for i, l := range all {
		if l.Text != fmt.Sprintf("%s %d", c.ID, i) || i > 0 && l.ID <= all[i-1].ID {
			t.Fatalf("line %d is %+v", i, l)
		}
	}
	if rest, err := s.Lines(ctx, c.ID, all[2].ID, 1); err != nil || len(rest) != 1 || rest[0].ID != all[3].ID {
		t.Fatalf("the line after the third: %+v %v", rest, err)
	}
	own, err := s.Transcript(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, 0, 100)
	if err != nil || len(own) != 4 {
		t.Fatalf("the citizen sees %d lines, notes are not theirs: %v", len(own), err)
	}
	if end, err := s.Ending(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, 2); err != nil || len(end) != 2 || end[0].ID != own[2].ID || end[1].ID != own[3].ID {
		t.Fatalf("the end of what the citizen sees: %+v %v", end, err)
	}
	if none, err := s.Ending(ctx, bot.Address{Channel: bot.WeChat, ID: "stranger"}, 2); err != nil || len(none) != 0 {
		t.Fatalf("the end of a stranger's lines: %v %v", none, err)
	}
	if none, err := s.Transcript(ctx, bot.Address{Channel: bot.WeChat, ID: "stranger"}, 0, 100); err != nil || len(none) != 0 {
		t.Fatalf("a stranger's lines: %v %v", none, err)
	}

	// Who speaks at the same moment may be written in the other order; a clock that
	// was set back is followed.
	for _, at := range []time.Time{monday.Add(time.Minute), monday.Add(time.Minute - time.Millisecond), monday.Add(-time.Hour)} {
		s.commit(func(tx bot.Tx) error {
			_, err := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: at, Text: "时间"})
			return err
		})
	}
	last, err := s.Recent(ctx, c.ID, 3)
	s.must(err)
	if !last[1].At.Equal(last[0].At) || !last[2].At.Equal(monday.Add(-time.Hour)) {
		t.Errorf("lines stand at %v, %v, %v", last[0].At, last[1].At, last[2].At)
	}
}

func testChanges(t *testing.T, open Open) {
	var mu sync.Mutex
	var told []bot.Change
	s := opened(t, open, store.Options{Notify: func(c []bot.Change) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, c...)
	}})
	c := s.citizen("o1")
	refused := errors.New("refused")
	for i := range 10 {
		err := s.Commit(context.Background(), func(tx bot.Tx) error {
			if err := tx.Announce(bot.Change{At: monday, Kind: bot.ChangeUrgent, Citizen: c.ID, Ref: fmt.Sprint(i)}); err != nil {
				return err
			}
			if i%2 == 1 {
				return refused
			}
			return nil
		})
		if i%2 == 1 != errors.Is(err, refused) {
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	kept, err := s.Changes(context.Background(), 0, 100)
	s.must(err)
	if last, err := s.LastChange(context.Background()); err != nil || last != kept[len(kept)-1].Seq {
		t.Fatalf("last change %d: %v", last, err)
	}
	s.must(s.Commit(context.Background(), func(bot.Tx) error { return nil })) // what was told before is told now
	mu.Lock()
	defer mu.Unlock()
	if len(kept) != 5 || len(told) != 5 {
		t.Fatalf("%d changes kept, %d told, of 5", len(kept), len(told))
	}
	for i, change := range kept {
		if change.Ref != fmt.Sprint(2*i) || told[i].Seq != change.Seq || i > 0 && change.Seq <= kept[i-1].Seq {
			t.Fatalf("change %d is %+v, told %+v", i, change, told[i])
		}
	}
}

func testAttachment(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	c := s.citizen("o1")
	var id string
	s.commit(func(tx bot.Tx) (err error) {
		id, err = tx.Keep(c.ID, bot.Attachment{Kind: "image", Type: "image/jpeg", Name: "a.jpg", Bytes: bytes.Repeat([]byte{7}, 100_000)}, monday)
		return err
	})
	a, owner, err := s.Attachment(context.Background(), id)
	if err != nil || owner != c.ID || len(a.Bytes) != 100_000 || a.Type != "image/jpeg" || a.Name != "a.jpg" {
		t.Fatalf("%s's attachment of %d bytes: %v", owner, len(a.Bytes), err)
	}
	if _, _, err := s.Attachment(context.Background(), "none"); err == nil {
		t.Fatal("an attachment that is not there")
	}
}
