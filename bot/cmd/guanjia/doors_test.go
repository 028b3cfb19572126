package main

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// doors is the whole service running in this process, seen through its doors.
type doors struct {
	t      *testing.T
	public string // http://127.0.0.1:port
	inner  string
	data   string
}

// tuesday is when the served days of these tests begin: everything is open
// and the week ahead has no holiday.
func tuesday() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) }

// going is a clock that starts at a time and goes with the machine's.
func going(start time.Time) bot.Clock {
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)) }
}

// serve starts `guanjia serve` on free ports with a new data directory and
// stops it at the end of the test, which fails if it did not end well.
func serve(t *testing.T, clock bot.Clock) *doors {
	t.Helper()
	d := &doors{t: t, data: t.TempDir()}
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	p := &program{
		args: []string{"serve", "--http-addr", "127.0.0.1:0", "--desk-addr", "127.0.0.1:0", "--data", d.data},
		cwd:  t.TempDir(), env: []string{}, con: console{strings.NewReader(""), in, t.Output()}, clock: clock,
	}
	var ended sync.WaitGroup
	ended.Go(func() {
		err := p.run(ctx)
		if err != nil {
			t.Errorf("serve: %v", err)
		}
		in.CloseWithError(err)
	})
	t.Cleanup(func() { stop(); ended.Wait() })
	d.read(out)
	ended.Go(func() { io.Copy(io.Discard, out) }) // until serve closes its side
	return d
}

// read takes the addresses from what serve prints.
func (d *doors) read(out io.Reader) {
	d.t.Helper()
	address := regexp.MustCompile(`(试聊|坐席工作台)\s+(http://[0-9.:]+)/`)
	lines := bufio.NewScanner(out)
	for d.public == "" || d.inner == "" {
		if !lines.Scan() {
			d.t.Fatalf("serve ended before its doors were open: %v", lines.Err())
		}
		switch m := address.FindStringSubmatch(lines.Text()); {
		case m == nil:
		case m[1] == "试聊":
			d.public = m[2]
		default:
			d.inner = m[2]
		}
	}
}

// hire makes a desk account while the service runs, as an administrator would.
func (d *doors) hire(name string) (password string) {
	d.t.Helper()
	const secret = "a-password-of-the-tests"
	r := guanjia(d.t, secret+"\n", "staff", "add", "--data", d.data, "--password", name)
	if r.status != 0 {
		d.t.Fatalf("staff add: %s", r.err)
	}
	return secret
}

// list reads the records as another process would.
func (d *doors) list(what string) []object {
	d.t.Helper()
	return lines(d.t, guanjia(d.t, "", "list", what, "--json", "--data", d.data))
}
