package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Commands that write while another process owns the records run in that
// owner: the caller sends its arguments and standard input over a local socket
// in the data directory, the owner sends back what the command prints. It is a
// request of HTTP whose body and answer flow at once, so that an instance that
// does not lead carries it, as everything else, to the one that does.

// socketFile is the socket's name in the data directory.
const socketFile = "guanjia.sock"

// call begins the body of a request at the socket, as one line; the caller's
// input follows it.
type call struct {
	Args []string `json:"args"`
	Dir  string   `json:"dir"`  // the caller's, for names of files
	Host string   `json:"host"` // the caller's machine, which these are of
}

// frame is one piece of a command's output, or its end, as a line.
type frame struct {
	Out   string `json:"out,omitempty"`
	Err   string `json:"err,omitempty"`
	Ended bool   `json:"ended,omitempty"`
	Exit  int    `json:"exit,omitempty"`
	Error string `json:"error,omitempty"`
}

// frames writes a command's output as frames.
type frames struct {
	to  *framed
	err bool // which stream this is
}

// Write implements io.Writer.
func (f frames) Write(p []byte) (int, error) {
	piece := frame{Out: string(p)}
	if f.err {
		piece = frame{Err: string(p)}
	}
	return len(p), f.to.send(piece)
}

// framed is where both streams of a command go.
type framed struct {
	mu    sync.Mutex
	enc   *json.Encoder
	flush func() error
}

func (f *framed) send(piece frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.enc.Encode(piece), f.flush())
}

// owner runs commands that come over a socket.
type owner struct {
	run  func(ctx context.Context, c call, con console) error
	log  *slog.Logger
	over context.Context // done when the owner ends
	end  context.CancelFunc
	work sync.WaitGroup
}

func newOwner(run func(context.Context, call, console) error, log *slog.Logger) *owner {
	o := &owner{run: run, log: log}
	o.over, o.end = context.WithCancel(context.Background())
	return o
}

// close gives up the commands there are, and waits for them.
func (o *owner) close() {
	o.end()
	o.work.Wait()
}

// ServeHTTP implements http.Handler: it runs one command with the request as
// its terminal.
func (o *owner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.work.Add(1)
	defer o.work.Done()
	in := bufio.NewReader(r.Body)
	head, err := in.ReadBytes('\n')
	var c call
	if err != nil || json.Unmarshal(head, &c) != nil {
		http.Error(w, "not a command", http.StatusBadRequest)
		return
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	flow := http.NewResponseController(w)
	defer context.AfterFunc(o.over, func() {
		stop()
		flow.SetReadDeadline(time.Now())
	})()
	to := &framed{enc: json.NewEncoder(w), flush: flow.Flush}
	err = o.run(ctx, c, console{in: in, out: frames{to: to}, err: frames{to: to, err: true}})
	end := frame{Ended: true, Exit: exitStatus(err)}
	if err != nil {
		end.Error = err.Error()
		if host, _ := os.Hostname(); errors.Is(err, fs.ErrNotExist) && host != c.Host {
			end.Error += " (the command ran where the service leads, on " + host + ": names of files are that machine's)"
		}
	}
	if err := to.send(end); err != nil {
		o.log.Debug("local caller went away")
	}
}

// flowing lets a request be read while it is answered, however long its caller
// takes.
func flowing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		flow := http.NewResponseController(w)
		if err := errors.Join(flow.EnableFullDuplex(), flow.SetReadDeadline(time.Time{})); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// socket is the one of a data directory.
type socket struct {
	listener net.Listener
	server   *http.Server
	log      *slog.Logger
}

// listen opens the socket; a file left by a dead owner is taken over, which
// is safe because the directory's lock is held.
func listen(dir string, answer http.Handler, log *slog.Logger) (*socket, error) {
	path := filepath.Join(dir, socketFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on local socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect local socket: %w", err), l.Close())
	}
	server := &http.Server{Handler: flowing(answer), ReadHeaderTimeout: headerTimeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	server.SetKeepAlivesEnabled(false)
	return &socket{listener: l, server: server, log: log}, nil
}

// serve answers until ctx ends and every command has, or its time is over.
func (s *socket) serve(ctx context.Context, drain time.Duration) {
	shut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(shut)
		ctx, stop := context.WithTimeout(context.Background(), drain)
		defer stop()
		if s.server.Shutdown(ctx) != nil {
			s.server.Close()
		}
	})
	err := s.server.Serve(s.listener)
	if stop() {
		s.log.Error("no commands are taken over the local socket", "error", err)
		return
	}
	<-shut
}

// remoteError is a command's failure in the owner.
type remoteError struct {
	text string
	exit int
}

func (e remoteError) Error() string { return e.text }

// errNoOwner means that nobody answers in the data directory: who owns its
// records is on another machine, or about to end.
var errNoOwner = errors.New("the process that owns the data directory cannot be reached")

// throughOwner runs a command in the process that owns the records.
func throughOwner(ctx context.Context, dir string, c call, con console) error {
	wire := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(dir, socketFile))
	}}
	c.Host, _ = os.Hostname()
	head, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("word the command for the owner: %w", err)
	}
	// The input may be a terminal that stays open: it is left at that.
	body := io.NopCloser(io.MultiReader(bytes.NewReader(append(head, '\n')), con.in))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://owner/command", body)
	if err != nil {
		return err
	}
	answer, err := wire.RoundTrip(r)
	if met := (*net.OpError)(nil); errors.As(err, &met) && met.Op == "dial" {
		return fmt.Errorf("%w: %w", errNoOwner, err)
	}
	if err != nil {
		return fmt.Errorf("send command to the owner: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
		return remoteError{text: string(bytes.TrimSpace(said)), exit: 1}
	}
	dec := json.NewDecoder(answer.Body)
	for {
		var f frame
		if err := dec.Decode(&f); err != nil {
			return fmt.Errorf("the owner went away: %w", err)
		}
		io.WriteString(con.out, f.Out)
		io.WriteString(con.err, f.Err)
		if f.Ended {
			if f.Exit == 0 {
				return nil
			}
			return remoteError{text: f.Error, exit: f.Exit}
		}
	}
}
