package wechat

import (
	"slices"
	"testing"

	"guanjia/bot"
)

func TestTextIsAnsweredPassively(t *testing.T) {
	p := open(t)
	if got := p.say(text("o1", 1, "您好")); got != "答：您好" {
		t.Fatalf("reply %q", got)
	}
	until(t, "the report", func() bool {
		p.clerk.mu.Lock()
		defer p.clerk.mu.Unlock()
		return slices.Equal(p.clerk.delivered, []bot.OutgoingID{1})
	})
	in := p.clerk.heard()[0]
	if in.From != (bot.Address{Channel: bot.WeChat, ID: "o1"}) || in.Text != "您好" || in.Event != bot.NoEvent || in.Key == "" || !in.At.Equal(now()) {
		t.Errorf("inbound %+v", in)
	}
}
