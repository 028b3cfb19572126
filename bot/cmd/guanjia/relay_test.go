package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// relay stands between a browser and a door, and can be cut like a cable.
type relay struct {
	address string // http://127.0.0.1:port
	mu      sync.Mutex
	down    bool
	astray  bool
	open    map[net.Conn]bool // true: what is said on it goes astray
}

// relayTo puts a relay before a door.
func relayTo(t *testing.T, door string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{address: "http://" + l.Addr().String(), open: map[net.Conn]bool{}}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { r.pass(near, strings.TrimPrefix(door, "http://")) })
		}
	})
	t.Cleanup(func() { l.Close(); r.cut(); work.Wait() })
	return r
}

// pass carries bytes both ways until either end, or the cable, goes.
func (r *relay) pass(near net.Conn, door string) {
	far, err := net.Dial("tcp", door)
	if err != nil {
		near.Close()
		return
	}
	if !r.keep(near, far) {
		return
	}
	var both sync.WaitGroup
	carry := func(to, from net.Conn) {
		io.Copy(passing{r, near, to}, from)
		to.Close()
		from.Close()
	}
	both.Go(func() { carry(far, near) })
	carry(near, far)
	both.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, near)
	delete(r.open, far)
}

func (r *relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		if r.down {
			c.Close()
		} else {
			r.open[c] = r.astray
		}
	}
	return !r.down
}

// cut ends every connection and refuses new ones.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = true
	for c := range r.open {
		c.Close()
	}
}

// lose lets everything said go astray, without ending a connection: on those
// there are also after it is mended.
func (r *relay) lose() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.astray = true
	for c := range r.open {
		r.open[c] = true
	}
}

func (r *relay) mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down, r.astray = false, false
}

// passing is one end of a connection, as the other writes to it.
type passing struct {
	relay *relay
	near  net.Conn
	to    io.Writer
}

func (p passing) Write(b []byte) (int, error) {
	p.relay.mu.Lock()
	lost := p.relay.open[p.near]
	p.relay.mu.Unlock()
	if lost {
		return len(b), nil
	}
	return p.to.Write(b)
}
