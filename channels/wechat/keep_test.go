package wechat

import (
	"errors"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
)

// TestKeptBeforeSuccess: the platform is told that we have a message only
// when it is durable, as it came.
func TestKeptBeforeSuccess(t *testing.T) {
	p := open(t)
	p.wire.media["pic"] = []byte("\x89PNG\r\n\x1a\n0000")
	p.clerk.slow = slowly(7)
	try, reply := p.wechatTries(sign(time.Now(), nonce()), envelopeOf("o1", 1, "image", "<MediaId>pic</MediaId>"))
	if try != 1 || reply != success {
		t.Fatalf("try %d, %q", try, reply)
	}
	p.clerk.mu.Lock()
	kept := slices.Clone(p.clerk.kept)
	p.clerk.mu.Unlock()
	if len(kept) != 1 || kept[0].Attachment == nil || kept[0].Attachment.Remote != "pic" || len(kept[0].Attachment.Bytes) != 0 {
		t.Fatalf("kept %+v", kept)
	}
	until(t, "the turn", func() bool { return len(p.clerk.heard()) == 1 })
	in := p.clerk.heard()[0]
	if in.Key != kept[0].Key || string(in.Attachment.Bytes) != string(p.wire.media["pic"]) {
		t.Errorf("received %+v", in)
	}
	p.edge.Complete(t.Context(), &kept[0]) // as after a restart
	if string(kept[0].Attachment.Bytes) != string(p.wire.media["pic"]) || kept[0].Attachment.Type != "image/png" {
		t.Errorf("completed %+v", kept[0].Attachment)
	}
	elsewhere := bot.Inbound{From: bot.Address{Channel: bot.Web, ID: "b"}, Attachment: &bot.Attachment{Kind: "image", Remote: "pic"}}
	if p.edge.Complete(t.Context(), &elsewhere); elsewhere.Attachment.Bytes != nil {
		t.Error("another channel's message was completed")
	}
}

// TestNotKeptIsNotPromised: what cannot be made durable is neither taken with
// success nor promised on the last try.
func TestNotKeptIsNotPromised(t *testing.T) {
	p := open(t)
	p.clerk.unkept = errors.New("disk full")
	p.clerk.slow = slowly(17)
	try, reply := p.wechatTries(sign(time.Now(), nonce()), text("o1", 1, "很慢"))
	if try != 3 || content(t, reply) != wordsFor("").sorry {
		t.Errorf("try %d, %q", try, reply)
	}
}

// TestRetryAfterPush: a reply that left as a customer-service message is not
// said again to a late retry.
func TestRetryAfterPush(t *testing.T) {
	p := open(t, func(c *Config) { c.Times.Remember = time.Nanosecond })
	if err := p.edge.Send(t.Context(), to(1, bot.Reply{Text: "答：一"})); err != nil {
		t.Fatal(err)
	}
	if got := p.say(text("o1", 1, "一")); got != "" { // the store gives the same reply again
		t.Errorf("said twice: %q", got)
	}
	if got := p.say(text("o1", 2, "二")); got != "答：二" {
		t.Errorf("the next: %q", got)
	}
}
