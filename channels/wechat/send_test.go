package wechat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

func to(id bot.OutgoingID, r bot.Reply) bot.Outgoing {
	return bot.Outgoing{ID: id, To: bot.Address{Channel: bot.WeChat, ID: "o1"}, Reply: r, From: "bot"}
}

// refusedWith is how platform's errors look.
func refusedWith(code int, as error) error {
	return fmt.Errorf("send customer message: %w", &platform.Error{Code: code, Message: "no", Means: as})
}

func options(texts ...string) (all []bot.Option) {
	for _, t := range texts {
		all = append(all, bot.Option{Text: t})
	}
	return all
}

func TestQuotaAfterAMessage(t *testing.T) {
	at := now()
	p := open(t, func(c *Config) { c.Clock = func() time.Time { return at } })
	p.edge.ledger.Heard("o1", bot.NoEvent, at)
	for i := range 4 {
		if err := p.edge.Send(t.Context(), to(bot.OutgoingID(i+1), bot.Reply{Text: "一"})); err != nil {
			t.Fatalf("message %d: %v", i+1, err)
		}
	}
	if err := p.edge.Send(t.Context(), to(5, bot.Reply{Text: "闲话"})); !errors.Is(err, bot.ErrHold) {
		t.Errorf("the last slot went to small talk: %v", err)
	}
	result := to(6, bot.Reply{Text: "您的预约"})
	result.Proactive = true
	if err := p.edge.Send(t.Context(), result); err != nil {
		t.Errorf("a result was not let through: %v", err)
	}
	if err := p.edge.Send(t.Context(), result); !errors.Is(err, bot.ErrHold) {
		t.Errorf("a sixth message: %v", err)
	}
	p.edge.ledger.Heard("o1", bot.NoEvent, at)
	at = at.Add(48 * time.Hour)
	if err := p.edge.Send(t.Context(), result); !errors.Is(err, bot.ErrHold) {
		t.Errorf("after 48 hours: %v", err)
	}
	if len(p.wire.sent) != 5 {
		t.Errorf("%d sent", len(p.wire.sent))
	}
}

func TestQuotaAfterATap(t *testing.T) {
	for _, event := range []bot.EventKind{bot.EventMenu, bot.EventSubscribe, bot.EventScan, bot.EventChoice} {
		l, at := NewLedger(0), now()
		l.Heard("o1", event, at)
		for range 3 {
			if !l.spend("o1", 1, 1, at.Add(59*time.Second)) {
				t.Fatalf("%s: fewer than three", event)
			}
		}
		if l.spend("o1", 1, 0, at.Add(59*time.Second)) {
			t.Errorf("%s: a fourth", event)
		}
		l.Heard("o1", event, at)
		if l.spend("o1", 1, 0, at.Add(time.Minute)) {
			t.Errorf("%s: after a minute", event)
		}
	}
	l, at := NewLedger(0), now()
	l.Heard("o1", bot.NoEvent, at)
	l.Heard("o1", bot.EventMenu, at)
	if left, known := l.Left("o1", at); left != 8 || !known {
		t.Errorf("left %d", left)
	}
	if left, _ := l.Left("o1", at.Add(time.Hour)); left != 5 {
		t.Errorf("after an hour %d", left)
	}
}

func TestLedgerIsBounded(t *testing.T) {
	l := NewLedger(10)
	for i := range 100 {
		l.Heard(fmt.Sprint(i), bot.NoEvent, now())
	}
	if len(l.rows) != 10 || l.order.Len() != 10 {
		t.Errorf("%d rows, %d in order", len(l.rows), l.order.Len())
	}
	if _, known := l.Left("5", now()); known {
		t.Error("the oldest is kept")
	}
	if !l.spend("5", 1, 1, now()) {
		t.Error("one unknown is not tried")
	}
}

func TestErrorsSettleReplies(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		is    error
		left  int
		again error // of another reply, when the platform has nothing against it
	}{
		{"window over", refusedWith(45015, bot.ErrHold), bot.ErrHold, 0, bot.ErrHold},
		{"count over", refusedWith(45047, bot.ErrHold), bot.ErrHold, 0, bot.ErrHold},
		{"not following", refusedWith(43004, bot.ErrPermanent), bot.ErrPermanent, 5, nil},
		{"busy", refusedWith(-1, nil), nil, 5, nil},
		{"outcome unknown", fmt.Errorf("post: %w", bot.ErrUnknownOutcome), bot.ErrUnknownOutcome, 4, nil},
		{"not verified", refusedWith(48001, bot.ErrPermanent), bot.ErrHold, 5, bot.ErrHold},
	} {
		p := open(t)
		p.edge.ledger.Heard("o1", bot.NoEvent, p.edge.clock())
		p.wire.fail = []error{c.err}
		err := p.edge.Send(t.Context(), to(1, bot.Reply{Text: "一"}))
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, other := range []error{bot.ErrHold, bot.ErrPermanent, bot.ErrUnknownOutcome} {
			if other != c.is && errors.Is(err, other) {
				t.Errorf("%s: %v is also %v", c.name, err, other)
			}
		}
		if left, _ := p.edge.ledger.Left("o1", p.edge.clock()); left != c.left {
			t.Errorf("%s: %d left, want %d", c.name, left, c.left)
		}
		if err := p.edge.Send(t.Context(), to(2, bot.Reply{Text: "二"})); !errors.Is(err, c.again) {
			t.Errorf("%s, then: %v", c.name, err)
		}
	}
}

func TestOptionsAreTappedOrNumbered(t *testing.T) {
	p := open(t)
	r := bot.Reply{Text: "哪个大厅？", Source: "来源", Options: options("虎门", "长安")}
	if err := p.edge.Send(t.Context(), to(1, r)); err != nil {
		t.Fatal(err)
	}
	if got := p.wire.sent[0]; got != "哪个大厅？\n来源|"+wordsFor("").tap || len(p.wire.menus) != 1 || p.wire.menus[0][1] != (platform.Choice{ID: "2", Content: "长安"}) {
		t.Errorf("%q %v", got, p.wire.menus)
	}
	numbered := "哪个大厅？\n来源\n1. 虎门\n2. 长安\n" + wordsFor("").number
	// Few messages left: a written number renews the quota, a tap does not.
	p.edge.ledger.Heard("o1", bot.EventMenu, p.edge.clock())
	p.edge.ledger.spend("o1", 1, 0, p.edge.clock())
	if err := p.edge.Send(t.Context(), to(2, r)); err != nil || p.wire.sent[1] != numbered {
		t.Errorf("%v %q", err, p.wire.sent[1])
	}
	// An account without this kind of message.
	p.edge.ledger.Heard("o1", bot.NoEvent, p.edge.clock())
	p.wire.fail = []error{refusedWith(40200, nil)}
	if err := p.edge.Send(t.Context(), to(3, r)); err != nil || p.wire.sent[2] != numbered {
		t.Errorf("%v %v", err, p.wire.sent)
	}
	if err := p.edge.Send(t.Context(), to(4, r)); err != nil || len(p.wire.menus) != 1 {
		t.Errorf("asked again for what the account has not: %v", err)
	}
	for name, many := range map[string]bot.Reply{
		"too many": {Text: "x", Options: options(strings.Split("123456789", "")...)},
		"too long": {Text: "x", Options: options(strings.Repeat("长", 21))},
		"a link":   {Text: "x", Options: []bot.Option{{Text: "a"}, {Text: "b", URL: "/h5"}}},
		"no words": {Options: options("a")},
	} {
		if menuFits(many) {
			t.Errorf("%s: to be tapped", name)
		}
	}
}

// passiveOf is the text of a turn with these replies, and what was reported.
func passiveOf(t *testing.T, p *place, replies ...bot.Reply) string {
	t.Helper()
	p.clerk.answer = func(bot.Inbound) ([]bot.Reply, error) { return replies, nil }
	serial.Lock()
	serial.n++
	id := serial.n
	serial.Unlock()
	got := p.say(text("o1", id, "x"))
	if len(got) > maxText || !utf8.ValidString(got) {
		t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
	}
	return got
}

func TestPassiveRepliesAreMerged(t *testing.T) {
	p := open(t)
	got := passiveOf(t, p, bot.Reply{Text: "**好**的。", Source: "来源：x"}, bot.Reply{Text: "哪天？", Options: []bot.Option{
		{Text: "周三"}, {Text: "看\"指南\"", URL: "/h5/guide?a=1&b=\"2\""}, {Text: "周四"}}})
	want := "好的。\n来源：x\n\n哪天？\n1. 周三\n<a href=\"https://gj.example/h5/guide?a=1&b=%222%22\">看\"指南\"</a>\n3. 周四\n" + wordsFor("").number
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := passiveOf(t, p, bot.Reply{Text: "慢慢来"}, bot.Reply{Text: "有危险请拨 110。", Urgent: true}); got != "有危险请拨 110。\n\n慢慢来" {
		t.Errorf("urgent: %q", got)
	}
	held := bot.Reply{Text: "先前问的", Options: append(options("旧一", "旧二"), bot.Option{Text: "页", URL: "https://a.example"})}
	if got := passiveOf(t, p, held, bot.Reply{Text: "现在问的", Options: options("新")}); got != "先前问的\n<a href=\"https://a.example\">页</a>\n\n现在问的\n1. 新\n"+wordsFor("").number {
		t.Errorf("stale options: %q", got)
	}
	if got := passiveOf(t, p); got != "" {
		t.Errorf("nothing to say: %q", got)
	}
	if got := passiveOf(t, p, bot.Reply{Text: "a]]>b\x00c\x1fd"}); got != "a]]>bcd" {
		t.Errorf("CDATA: %q", got)
	}
}

func TestWhatDoesNotFitFollows(t *testing.T) {
	p := open(t)
	half := strings.Repeat("东莞市民服务中心。", 55) // 1485 bytes
	if got := passiveOf(t, p, bot.Reply{Text: half}, bot.Reply{Text: half}, bot.Reply{Text: "完"}); got != half {
		t.Errorf("%d bytes", len(got))
	}
	until(t, "reports", func() bool {
		p.clerk.mu.Lock()
		defer p.clerk.mu.Unlock()
		return slices.Equal(p.clerk.delivered, []bot.OutgoingID{1}) && slices.Equal(p.clerk.released, []bot.OutgoingID{2, 3})
	})
	// One long reply: its first part at once, the others by the outbox.
	long := strings.Repeat(half, 3)
	first := passiveOf(t, p, bot.Reply{Text: long})
	until(t, "release", func() bool {
		p.clerk.mu.Lock()
		defer p.clerk.mu.Unlock()
		return slices.Equal(p.clerk.released, []bot.OutgoingID{2, 3, 4})
	})
	if err := p.edge.Send(t.Context(), to(4, bot.Reply{Text: long})); err != nil {
		t.Fatal(err)
	}
	if whole := first + strings.Join(p.wire.sent, ""); whole != long {
		t.Errorf("%d bytes of %d arrived in %d messages", len(whole), len(long), 1+len(p.wire.sent))
	}
}

// TestLongReplyWithoutTheAPI reads on, one part with each message.
func TestLongReplyWithoutTheAPI(t *testing.T) {
	p := open(t, func(c *Config) { c.API = nil })
	long := strings.Repeat("东莞市民服务中心。", 200)
	whole := ""
	p.clerk.answer = func(bot.Inbound) ([]bot.Reply, error) {
		p.clerk.next = 6 // the store gives the held reply again
		return []bot.Reply{{Text: long}}, nil
	}
	for i := range 3 {
		got := p.say(text("o1", i, "继续"))
		cut, more := strings.CutSuffix(got, "\n"+wordsFor("").more)
		if more != (i < 2) || len(got) > maxText {
			t.Errorf("part %d: more %v, %d bytes", i, more, len(got))
		}
		whole += cut
		until(t, "the note of it", func() bool { return p.edge.progress.get(7) == (i+1)%3 })
	}
	if whole != long {
		t.Errorf("%d of %d bytes", len(whole), len(long))
	}
}

// TestSendGoesOnWhereItStopped: a part that left is not sent again.
func TestSendGoesOnWhereItStopped(t *testing.T) {
	p := open(t)
	p.edge.ledger.Heard("o1", bot.NoEvent, p.edge.clock())
	long := strings.Repeat("东莞市民服务中心。", 200)
	p.wire.fail = []error{nil, refusedWith(-1, nil)}
	if err := p.edge.Send(t.Context(), to(1, bot.Reply{Text: long})); err == nil {
		t.Fatal("no error")
	}
	if left, _ := p.edge.ledger.Left("o1", p.edge.clock()); left != 4 {
		t.Errorf("%d left after one message", left)
	}
	if err := p.edge.Send(t.Context(), to(1, bot.Reply{Text: long})); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.wire.sent, ""); got != long {
		t.Errorf("%d bytes arrived of %d", len(got), len(long))
	}
}
