// Package pgtest runs a PostgreSQL server for tests: its own, in a temporary
// directory, on a free port, ended with them. It refuses to use a server that
// is there already, and to skip tests where PostgreSQL is missing. The database
// driver is the one that package store links.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server of the tests' own, begun when it is first
// needed and ended by Stop. It waits for no disk unless Durable is set.
type Server struct {
	Durable bool

	follows bool // it began as another's standby

	once  sync.Once
	err   error
	dir   string
	port  int
	admin *sql.DB
	cmd   *exec.Cmd
	log   *os.File
	ended chan error

	mu    sync.Mutex
	named map[string]string // installation → database
	made  int
	model string // the database that new ones are copies of
}

// The only role there is, and its password.
const (
	role     = "guanjia"
	password = "gate-7391"
)

// Database is the address of the database of an installation, which is made
// when it is first asked for: empty, or a copy of the model.
func (s *Server) Database(t testing.TB, installation string) string {
	t.Helper()
	if s.once.Do(s.begin); s.err != nil {
		t.Fatalf("the tests need a PostgreSQL server (Debian's package postgresql): %v", s.err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.named[installation]; ok {
		return s.address(name)
	}
	s.made++
	name := fmt.Sprintf("t%d", s.made)
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+s.model); err != nil {
		t.Fatalf("make database: %v", err)
	}
	s.named[installation] = name
	return s.address(name)
}

// Model makes the database of an installation, to which nobody is connected,
// what new ones are copies of.
func (s *Server) Model(installation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model = s.named[installation]
}

func (s *Server) address(name string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", role, password, s.port, name)
}

// Admin talks to the server beside the installations.
func (s *Server) Admin() *sql.DB { return s.admin }

func (s *Server) begin() {
	s.named, s.model = map[string]string{}, "template1"
	if s.err = s.initialise(); s.err == nil {
		s.err = s.Start()
	}
}

// program finds one of PostgreSQL's programs; distributions keep them off the
// path.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name) // the pattern is sound
	if len(found) == 0 {
		return "", fmt.Errorf("%s is not installed", name)
	}
	return found[len(found)-1], nil
}

func (s *Server) initialise() (err error) {
	if s.dir, err = os.MkdirTemp("", "guanjia-pg-"); err != nil {
		return err
	}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return err
	}
	if err := s.give(s.dir, secret); err != nil {
		return err
	}
	cmd, err := s.command("initdb", "-D", s.data(), "-U", role, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// account is the user that runs the server where the tests are run by root,
// whom PostgreSQL refuses.
func account() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err, err2)
}

func (s *Server) give(paths ...string) error {
	a, err := account()
	if err != nil || a == nil {
		return err
	}
	for _, path := range paths {
		if err := os.Chown(path, int(a.Uid), int(a.Gid)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	path, err := program(name)
	if err != nil {
		return nil, err
	}
	a, err := account()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.dir
	// Should the tests be killed, the server goes too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	return cmd, nil
}

// Start starts the server, also after Kill, on the same port.
func (s *Server) Start() error {
	if s.port == 0 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.port = l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			return err
		}
	}
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", "", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
		"-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB", "-c", "log_min_messages=fatal"}
	if s.follows {
		args = append(args, "-c", "wal_retrieve_retry_interval=100ms")
	}
	if !s.Durable {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	cmd, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	if s.log == nil {
		if s.log, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
			return err
		}
	}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.ended = cmd, make(chan error, 1)
	ended := s.ended
	go func() { ended <- cmd.Wait(); close(ended) }()
	if s.admin == nil {
		if s.admin, err = sql.Open("pgx", s.address("postgres")); err != nil {
			return err
		}
	}
	return s.answers()
}

func (s *Server) answers() error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	for {
		err := s.admin.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case ended := <-s.ended:
			said, _ := os.ReadFile(s.log.Name()) // for the message only
			return fmt.Errorf("the server ended: %w: %s", ended, strings.TrimSpace(string(said)))
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Standby begins a server that has what the first one commits before anybody is
// told, and can take its place.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	must := func(what string, err error) {
		if err != nil {
			t.Fatalf("begin a standby: %s: %v", what, err)
		}
	}
	b := &Server{Durable: s.Durable, follows: true}
	b.once.Do(func() {})
	var err error
	b.dir, err = os.MkdirTemp("", "guanjia-pg-")
	must("make its folder", err)
	t.Cleanup(func() { must("end it", b.Stop()) })
	must("give it its folder", b.give(b.dir))
	cmd, err := b.command("pg_basebackup", "-D", b.data(), "-d", s.address("postgres"), "-R", "-X", "stream", "--no-sync", "--checkpoint=fast")
	must("find pg_basebackup", err)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("begin a standby: %v: %s", err, out)
	}
	must("start it", b.Start())
	for _, words := range []string{"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"} {
		_, err := s.admin.ExecContext(t.Context(), words)
		must("have it waited for", err)
	}
	for waited := false; !waited; time.Sleep(20 * time.Millisecond) {
		must("see it waited for", s.admin.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync')").Scan(&waited))
	}
	return b
}

// Promote has a standby take the place of the first one, which is gone. Nobody
// follows it in turn.
func (s *Server) Promote(ctx context.Context) error {
	for _, words := range []string{"ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()", "SELECT pg_promote(true, 60)"} {
		if _, err := s.admin.ExecContext(ctx, words); err != nil {
			return fmt.Errorf("promote: %w", err)
		}
	}
	return nil
}

// Beside is the address of a database at the first server or, once it has taken
// its place, at this one.
func (s *Server) Beside(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("host", u.Hostname()+",127.0.0.1")
	q.Set("port", u.Port()+","+strconv.Itoa(s.port))
	u.Host, u.RawQuery = "", q.Encode()
	return u.String(), nil
}

// Kill ends the server as a crash would: it recovers at the next Start.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	<-s.ended
	return nil
}

// Stop ends the server, if it was begun, and leaves nothing.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return os.RemoveAll(s.dir) // nothing, if there is none
	}
	err := s.cmd.Process.Signal(syscall.SIGQUIT)
	if errors.Is(err, os.ErrProcessDone) { // by Kill
		err = nil
	}
	<-s.ended
	err = errors.Join(err, s.admin.Close())
	return errors.Join(err, s.log.Close(), os.RemoveAll(s.dir))
}
