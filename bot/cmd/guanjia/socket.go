package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Commands that write while another process owns the data directory run in
// that owner: the caller sends its arguments and standard input over a local
// socket in the directory, the owner sends back what the command prints.

// socketFile is the socket's name in the data directory.
const socketFile = "guanjia.sock"

// call opens a conversation on the socket; the caller's input follows it.
type call struct {
	Args []string `json:"args"`
	Dir  string   `json:"dir"` // the caller's, for names of files
}

// frame is one piece of a command's output, or its end.
type frame struct {
	Out   string `json:"out,omitempty"`
	Err   string `json:"err,omitempty"`
	Ended bool   `json:"ended,omitempty"`
	Exit  int    `json:"exit,omitempty"`
	Error string `json:"error,omitempty"`
}

// frames writes a command's output as frames.
type frames struct {
	mu  *sync.Mutex
	enc *json.Encoder
	err bool // which stream this is
}

// Write implements io.Writer.
func (f frames) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	piece := frame{Out: string(p)}
	if f.err {
		piece = frame{Err: string(p)}
	}
	return len(p), f.enc.Encode(piece)
}

// owner answers commands on the socket until ctx ends.
type owner struct {
	listener net.Listener
	run      func(ctx context.Context, c call, con console) error
	log      *slog.Logger
	work     sync.WaitGroup
}

// listen opens the socket; a file left by a dead owner is taken over, which
// is safe because the directory's lock is held.
func listen(dir string, run func(context.Context, call, console) error, log *slog.Logger) (*owner, error) {
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
	return &owner{listener: l, run: run, log: log}, nil
}

// serve answers until ctx ends and every command has.
func (o *owner) serve(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { o.listener.Close() })
	defer stop()
	for {
		conn, err := o.listener.Accept()
		if err != nil {
			break
		}
		o.work.Go(func() { o.answer(ctx, conn) })
	}
	o.work.Wait()
}

// answer runs one command with the connection as its terminal.
func (o *owner) answer(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	in := bufio.NewReader(conn)
	head, err := in.ReadBytes('\n')
	var c call
	if err != nil || json.Unmarshal(head, &c) != nil {
		return
	}
	mu := &sync.Mutex{}
	enc := json.NewEncoder(conn)
	err = o.run(ctx, c, console{in: in, out: frames{mu: mu, enc: enc}, err: frames{mu: mu, enc: enc, err: true}})
	end := frame{Ended: true, Exit: exitStatus(err)}
	if err != nil {
		end.Error = err.Error()
	}
	mu.Lock()
	defer mu.Unlock()
	if err := enc.Encode(end); err != nil {
		o.log.Debug("local caller went away")
	}
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

// throughOwner runs a command in the process that owns the directory.
func throughOwner(ctx context.Context, dir string, c call, con console) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", filepath.Join(dir, socketFile))
	if err != nil {
		return fmt.Errorf("%w: %w", errNoOwner, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	if err := json.NewEncoder(conn).Encode(c); err != nil {
		return fmt.Errorf("send command to the owner: %w", err)
	}
	// The copy ends with the input or with the connection; the program ends
	// right after, so nobody waits for a terminal that stays open.
	go func() {
		io.Copy(conn, con.in)
		conn.(*net.UnixConn).CloseWrite()
	}()
	dec := json.NewDecoder(conn)
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
