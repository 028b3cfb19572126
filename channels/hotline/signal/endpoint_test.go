package signal

import (
	"context"
	"net/netip"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// answering takes every call and keeps it until it ends.
func answering(ctx context.Context, c *Call) {
	c.Renegotiate = func([]byte) ([]byte, bool) { return []byte(offer), true }
	c.Ring()
	if c.Accept([]byte(offer)) == nil {
		<-ctx.Done()
	}
}

// open opens a line for a test; its timers run ten times as fast.
func open(t testing.TB, change func(*Config)) *Endpoint {
	t.Helper()
	c := Config{Addr: "127.0.0.1:0", Allow: loopback, Handler: answering, T1: 50 * time.Millisecond}
	if change != nil {
		change(&c)
	}
	e, err := Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		e.Close(ctx)
	})
	return e
}
