package signal

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of streams.
const (
	streamIdle    = 10 * time.Minute // without a byte; calls keep theirs alive by session timers
	messageTime   = 10 * time.Second // from a message's first byte to its last
	writeTime     = 5 * time.Second
	writeBacklog  = 256 // messages waiting for a slow peer; beyond it the stream is closed
	maxStreams    = 2048
	maxPerAddress = 512
	socketBuffer  = 4 << 20
)

// link is a way back to where a message came from.
type link interface {
	send(raw []byte) error
	network() string // UDP, TCP, TLS
	remote() netip.AddrPort
	local() netip.AddrPort
}

func reliable(l link) bool { return l.network() != "UDP" }

// datagrams is the UDP socket.
type datagrams struct {
	socket *net.UDPConn
	at     netip.AddrPort
}

// udpLink is one peer of the UDP socket. Large answers are sent as they are
// and fragmented on the way: a peer that asked over UDP listens nowhere else.
type udpLink struct {
	on *datagrams
	to netip.AddrPort
}

func (l udpLink) send(raw []byte) error {
	_, err := l.on.socket.WriteToUDPAddrPort(raw, l.to)
	return err
}
func (l udpLink) network() string        { return "UDP" }
func (l udpLink) remote() netip.AddrPort { return l.to }
func (l udpLink) local() netip.AddrPort  { return l.on.at }

// streamLink is one TCP or TLS connection.
type streamLink struct {
	conn net.Conn
	kind string
	out  chan []byte
	done chan struct{}
	once sync.Once
	owed atomic.Int64 // messages given to send and not written yet
	from netip.AddrPort
	at   netip.AddrPort
}

func newStream(conn net.Conn, kind string) *streamLink {
	return &streamLink{conn: conn, kind: kind, out: make(chan []byte, writeBacklog), done: make(chan struct{}), from: addrPort(conn.RemoteAddr()), at: addrPort(conn.LocalAddr())}
}

var errStreamClosed = errors.New("stream is closed")

// send never waits: a peer too slow to read loses its stream.
func (l *streamLink) send(raw []byte) error {
	select {
	case <-l.done:
		return errStreamClosed
	default:
	}
	l.owed.Add(1)
	select {
	case l.out <- raw:
		return nil
	default:
		l.close()
		return errStreamClosed
	}
}
func (l *streamLink) network() string        { return l.kind }
func (l *streamLink) remote() netip.AddrPort { return l.from }
func (l *streamLink) local() netip.AddrPort  { return l.at }
func (l *streamLink) close()                 { l.once.Do(func() { close(l.done); l.conn.Close() }) }

// write sends what waits until the stream closes.
func (l *streamLink) write() {
	defer l.close()
	for {
		select {
		case <-l.done:
			return
		case raw := <-l.out:
			if l.conn.SetWriteDeadline(time.Now().Add(writeTime)) != nil {
				return
			}
			if _, err := l.conn.Write(raw); err != nil {
				return
			}
			l.owed.Add(-1)
		}
	}
}

// flush waits a moment for what was sent to be written.
func (l *streamLink) flush() {
	for end := time.Now().Add(time.Second); l.owed.Load() > 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		select {
		case <-l.done:
			return
		default:
		}
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// listenAll opens the UDP socket and the stream listeners on one address. With
// port 0 both get the same port.
func listenAll(addr string, secure string, conf *tls.Config) (u *net.UDPConn, t, s net.Listener, err error) {
	for range 20 {
		u, t, err = listenPair(addr)
		if err == nil || !strings.HasSuffix(addr, ":0") {
			break
		}
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if conf != nil && secure != "" {
		if s, err = tls.Listen("tcp", secure, conf); err != nil {
			u.Close()
			t.Close()
			return nil, nil, nil, fmt.Errorf("listen for TLS: %w", err)
		}
	}
	return u, t, s, nil
}

func listenPair(addr string) (*net.UDPConn, net.Listener, error) {
	where, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, nil, fmt.Errorf("resolve the line's address: %w", err)
	}
	u, err := net.ListenUDP("udp", where)
	if err != nil {
		return nil, nil, fmt.Errorf("listen for UDP: %w", err)
	}
	t, err := net.Listen("tcp", u.LocalAddr().String())
	if err != nil {
		u.Close()
		return nil, nil, fmt.Errorf("listen for TCP: %w", err)
	}
	// A burst waits in the kernel while a message is read.
	u.SetReadBuffer(socketBuffer)
	u.SetWriteBuffer(socketBuffer)
	return u, t, nil
}

// readDatagrams hands every datagram on in the order it came, until the socket closes.
func (e *Endpoint) readDatagrams() {
	buf := make([]byte, maxMessage)
	for {
		n, from, err := e.udp.socket.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // an ICMP error of an earlier answer
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if !e.allowed(from.Addr()) {
			e.dropped.Add(1)
			continue
		}
		e.receive(bytes.Clone(buf[:n]), udpLink{e.udp, from})
	}
}

// accept takes streams in until the listener closes.
func (e *Endpoint) accept(l net.Listener, kind string) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of descriptors: wait for some
			continue
		}
		from := addrPort(conn.RemoteAddr())
		if !e.allowed(from.Addr()) {
			e.dropped.Add(1)
			conn.Close()
			continue
		}
		link := newStream(conn, kind)
		if !e.adopt(link) {
			conn.Close()
		}
	}
}

// adopt begins to read and write a stream, unless there are too many.
func (e *Endpoint) adopt(l *streamLink) bool {
	e.streamsMu.Lock()
	defer e.streamsMu.Unlock()
	if e.closed || len(e.streams) >= maxStreams || e.perAddress[l.from.Addr()] >= maxPerAddress {
		return false
	}
	e.streams[l] = struct{}{}
	e.perAddress[l.from.Addr()]++
	e.owned.Go(l.write)
	e.owned.Go(func() {
		defer e.forget(l)
		e.readStream(l)
	})
	return true
}

func (e *Endpoint) forget(l *streamLink) {
	l.close()
	e.streamsMu.Lock()
	defer e.streamsMu.Unlock()
	delete(e.streams, l)
	if e.perAddress[l.from.Addr()]--; e.perAddress[l.from.Addr()] <= 0 {
		delete(e.perAddress, l.from.Addr())
	}
}

// readStream cuts a stream into messages. One that cannot be cut ends it.
func (e *Endpoint) readStream(l *streamLink) {
	r := bufio.NewReaderSize(l.conn, 4096)
	for {
		raw, err := readMessage(r, l.conn)
		switch {
		case len(raw) > 0:
			e.receive(raw, l)
		case err == nil:
			l.send([]byte("\r\n")) // the answer to a keep-alive (RFC 5626)
		}
		if err != nil {
			l.flush()
			return
		}
	}
}

// readMessage reads one message by its Content-Length; nil is a keep-alive.
func readMessage(r *bufio.Reader, conn net.Conn) ([]byte, error) {
	if err := conn.SetReadDeadline(time.Now().Add(streamIdle)); err != nil {
		return nil, err
	}
	if _, err := r.Peek(1); err != nil {
		return nil, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(messageTime)); err != nil {
		return nil, err
	}
	var head bytes.Buffer
	breaks := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if head.Len() == 0 && string(line) == "\r\n" {
			if breaks++; breaks == 2 {
				return nil, nil
			}
			continue
		}
		head.Write(line)
		if head.Len() > maxHead {
			return nil, errNotSIP
		}
		if bytes.HasSuffix(head.Bytes(), []byte("\r\n\r\n")) {
			break
		}
	}
	length, err := contentLength(head.Bytes())
	if err != nil {
		return head.Bytes(), err // it is answered; where the next one begins nobody knows
	}
	raw := append(head.Bytes(), make([]byte, length)...)
	if _, err = io.ReadFull(r, raw[head.Len():]); err != nil {
		return nil, err
	}
	return raw, nil
}

// contentLength is how many bytes follow the head.
func contentLength(head []byte) (int, error) {
	e, err := openEnvelope(head)
	if err != nil {
		return 0, nil
	}
	v, n := e.get("content-length")
	if n == 0 {
		return 0, nil
	}
	length, err := strconv.ParseUint(v, 10, 31)
	if err != nil || length > maxMessage {
		return 0, errNotSIP
	}
	return int(length), nil
}

// dial finds or opens a way to a peer.
func (e *Endpoint) dial(ctx context.Context, network string, to netip.AddrPort) (link, error) {
	if network == "UDP" {
		return udpLink{e.udp, to}, nil
	}
	e.streamsMu.Lock()
	for l := range e.streams {
		if l.from == to && l.kind == network {
			e.streamsMu.Unlock()
			return l, nil
		}
	}
	e.streamsMu.Unlock()
	d := net.Dialer{Timeout: writeTime}
	conn, err := d.DialContext(ctx, "tcp", to.String())
	if err == nil && network == "TLS" {
		secured := tls.Client(conn, e.config.ClientTLS)
		if err = secured.HandshakeContext(ctx); err != nil {
			conn.Close()
		}
		conn = secured
	}
	if err != nil {
		return nil, fmt.Errorf("open a stream: %w", err)
	}
	l := newStream(conn, network)
	if !e.adopt(l) {
		conn.Close()
		return nil, errors.New("too many streams")
	}
	return l, nil
}
