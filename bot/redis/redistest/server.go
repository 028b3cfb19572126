// Package redistest runs Redis servers for tests: their own, in memory only, on
// free ports, ended with the test. It refuses to use a server that is there
// already, and to skip tests where Redis is missing.
package redistest

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a Redis server of a test's own.
type Server struct {
	Addr string // 127.0.0.1:PORT
	t    testing.TB
	args []string
	cmd  *exec.Cmd
}

// Start starts one with further arguments of redis-server.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: l.Addr().String(), t: t, args: args}
	l.Close()
	s.Begin()
	t.Cleanup(s.Kill)
	return s
}

// Port is the number of its port.
func (s *Server) Port() string { return s.Addr[strings.LastIndexByte(s.Addr, ':')+1:] }

// Begin starts it again after Kill, empty, on the same port.
func (s *Server) Begin() {
	s.t.Helper()
	args := append([]string{}, s.args...) // a file of settings comes first
	args = append(args, "--port", s.Port(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.t.TempDir())
	s.cmd = exec.Command("redis-server", args...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("the tests need redis-server (Debian's package redis-server): %v", err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if answer, err := s.say("PING"); err == nil && strings.HasPrefix(answer, "+PONG") {
			return
		}
		if time.Now().After(end) {
			s.t.Fatal("redis-server does not answer")
		}
	}
}

// Kill ends it without a word; once more does nothing.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGKILL)
	s.cmd.Wait()
	s.cmd = nil
}

// Pause stops it, so that it takes connections and answers nothing, until Go.
func (s *Server) Pause() { s.cmd.Process.Signal(syscall.SIGSTOP) }

// Go lets it go on.
func (s *Server) Go() { s.cmd.Process.Signal(syscall.SIGCONT) }

// Say says a command and returns the first line of the answer.
func (s *Server) Say(command string) string {
	s.t.Helper()
	answer, err := s.say(command)
	if err != nil {
		s.t.Fatalf("%s: %v", command, err)
	}
	return answer
}

func (s *Server) say(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintf(conn, "%s\r\n", command)
	return bufio.NewReader(conn).ReadString('\n')
}
