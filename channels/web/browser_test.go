package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"guanjia/bot/bottest/browser"
)

// towns are a few places to choose from.
func towns() []Town {
	return []Town{{"guancheng", "莞城街道"}, {"dongcheng", "东城街道"}, {"nancheng", "南城街道"}, {"humen", "虎门镇"}, {"changan", "长安镇"}, {"songshanhu", "松山湖"}}
}

// place is a chat with its clerk on a port of this machine.
type place struct {
	clerk  *clerk
	chat   *Chat
	server *httptest.Server
}

func open(t *testing.T, change ...func(*Config)) *place {
	t.Helper()
	k := newClerk()
	cfg := Config{
		Receiver: k, History: k, Pictures: k, Towns: towns(),
		Doors: []Door{{Name: "12345 热线", Text: "拨 12345，说“办事预约”"}, {Name: "微信公众号", Text: "搜索“莞家政务”"}},
	}
	for _, c := range change {
		c(&cfg)
	}
	chat, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	chat.Routes(mux)
	p := &place{clerk: k, chat: chat, server: httptest.NewServer(mux)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := chat.Close(ctx); err != nil {
			t.Error(err)
		}
		p.server.Close()
	})
	return p
}

// tab opens the chat as a person of its own and waits for the greeting.
func (p *place) tab(t *testing.T, b *browser.Browser) *browser.Tab {
	t.Helper()
	tab := b.Tab(t)
	tab.Open(p.server.URL)
	tab.Until(`document.querySelectorAll(".msg.bot").length > 0`)
	return tab
}

// newest is the address id of the browser heard last.
func (p *place) newest(t *testing.T) string {
	t.Helper()
	p.clerk.mu.Lock()
	defer p.clerk.mu.Unlock()
	if len(p.clerk.received) == 0 {
		t.Fatal("no browser was heard")
	}
	return p.clerk.received[len(p.clerk.received)-1].From.ID
}
