package main

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// line is the way to a server, on which everything can be held up: nothing is
// lost on it and nobody is told.
type line struct {
	server string
	way    sync.RWMutex // locked while it is held
}

// newLine lays a line to the server of an address, and puts it in its place.
func newLine(t testing.TB, address *string) *line {
	t.Helper()
	u, err := url.Parse(*address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{server: u.Host}
	u.Host = listener.Addr().String()
	*address = u.String()
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			here, err := listener.Accept()
			if err != nil {
				return
			}
			go l.connect(here)
		}
	}()
	return l
}

// connect joins a connection to the server until either ends it.
func (l *line) connect(here net.Conn) {
	l.pass()
	there, err := net.Dial("tcp", l.server)
	if err != nil {
		here.Close()
		return
	}
	go l.carry(here, there)
	l.carry(there, here)
}

func (l *line) carry(to io.WriteCloser, from io.Reader) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		l.pass()
		if _, failed := to.Write(buf[:n]); failed != nil || err != nil {
			return
		}
	}
}

// pass waits while the line is held.
func (l *line) pass() {
	l.way.RLock()
	l.way.RUnlock() //lint:ignore SA2001 it is the waiting that is wanted
}

func (l *line) hold() { l.way.Lock() }
func (l *line) let()  { l.way.Unlock() }
