package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"guanjia/bot/redis/redistest"
	"guanjia/bot/store"
	"guanjia/bot/store/pgtest"
	"guanjia/channels/wechat/wechattest"
)

// several are instances of the program on one database, each a process.
type several struct {
	t   testing.TB
	api *wechattest.Server
	all []*mortal
}

// openSeveral starts so many instances on a new database.
func openSeveral(t testing.TB, server *pgtest.Server, n int, settings ...string) *several {
	t.Helper()
	s := &several{t: t, api: wechattest.NewServer(testAppID, testSecret, nil)}
	t.Cleanup(s.api.Close)
	key := filepath.Join(t.TempDir(), "data.key")
	env := append(accountSettings(s.api, testKey), "GUANJIA_DATABASE_URL="+server.Database(t, t.Name()), "GUANJIA_DATA_KEY_FILE="+key)
	for range n {
		m := newMortal(t, append(env, settings...)...)
		m.flags = []string{"--peer-addr", freePort(t)}
		m.start()
		s.all = append(s.all, m)
	}
	return s
}

// records opens what they share.
func (s *several) records() store.Options {
	var o store.Options
	for _, pair := range s.all[0].env {
		if url, ok := strings.CutPrefix(pair, "GUANJIA_DATABASE_URL="); ok {
			o.Database = url
		}
		if key, ok := strings.CutPrefix(pair, "GUANJIA_DATA_KEY_FILE="); ok {
			o.KeyFile, o.Dir = key, filepath.Dir(key)
		}
	}
	o.ReadOnly = true
	return o
}

// RoundTrip sends a request to any instance that takes connections, as what
// stands before them does.
func (s *several) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := strings.HasPrefix(r.URL.Path, "/desk")
	var err error
	for _, i := range rand.Perm(len(s.all)) {
		out := r.Clone(r.Context())
		if out.URL.Host = s.all[i].public; inner {
			out.URL.Host = s.all[i].inner
		}
		if r.GetBody != nil {
			out.Body, _ = r.GetBody()
		}
		var res *http.Response
		if res, err = http.DefaultTransport.RoundTrip(out); err == nil || !strings.Contains(err.Error(), "refused") {
			return res, err
		}
	}
	return nil, err
}

// leader waits for one of them to lead and gives it.
func (s *several) leader() (found *mortal) {
	s.t.Helper()
	eventually(s.t, "an instance that leads", func() bool {
		for _, m := range s.all {
			if strings.Contains(m.get("/metrics"), "\nguanjia_instance_leads 1\n") {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// get reads a page of the inner door, empty where none is given in time.
func (m *mortal) get(path string) string {
	client := http.Client{Timeout: 2 * time.Second}
	res, err := client.Get("http://" + m.inner + path)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

// ready waits until an instance reaches who leads.
func (s *several) ready(m *mortal) {
	s.t.Helper()
	if !eventually(s.t, "an instance to be ready", func() bool { return m.get("/readyz") == "ready\n" }) {
		s.t.Fatal(m.logged.String())
	}
}

// pause stops an instance until another leads, and lets it go on.
func (s *several) pause(m *mortal) {
	m.cmd.Process.Signal(syscall.SIGSTOP)
	others := &several{t: s.t}
	for _, o := range s.all {
		if o != m {
			others.all = append(others.all, o)
		}
	}
	others.leader()
	m.cmd.Process.Signal(syscall.SIGCONT)
	s.ready(m)
}

// TestInstances has citizens write to three instances, an operator answer at
// any of them, and the one that leads killed, paused beyond its lease while
// Redis is gone, and asked to end after Redis came back empty, in turn. All that
// anybody was told is there, once, and whoever wrote is answered.
func TestInstances(t *testing.T) {
	rounds := 1
	if os.Getenv("GUANJIA_PROVE") != "" {
		rounds = 10
	}
	var server pgtest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	shared := redistest.Start(t)
	s := openSeveral(t, &server, 3, "GUANJIA_REDIS_URL=redis://"+shared.Addr)
	s.ready(s.all[2])
	account := accountAt("http://"+s.all[0].public, s.api)
	account.HTTP = &http.Client{Transport: s}
	c := &survivors{t: t, m: s.all[0], records: s.records(), rounds: 3 * rounds, api: s.api, account: account, said: map[string]string{}, owed: map[string]bool{}}
	days := freeDays(t, c.records.Dir, "residence-permit", "humen", databaseFlags(c.records)...)
	desk := (&official{running: &running{t: t, inner: "http://" + s.all[0].inner}}).signIn("admin", s.all[0].password)
	desk.client.Transport = s
	var wg sync.WaitGroup
	wg.Go(func() { c.operate(desk.client) })
	for i := range 6 {
		day := spoken(days[i%len(days)])
		wg.Go(func() { c.live(day) })
	}
	var gaps []string
	for range rounds {
		for _, failure := range []string{"killed", "paused", "ended"} {
			told := len(c.numbers())
			eventually(t, "more to be booked and filed", func() bool { return len(c.numbers()) > told })
			m, begun := s.leader(), time.Now()
			switch failure {
			case "killed":
				m.kill()
			case "paused":
				shared.Kill()
				s.pause(m)
			case "ended":
				shared.Begin() // empty
				if err := m.end(); err != nil {
					t.Errorf("the instance ends with %v: %s", err, m.logged.String())
				}
			}
			eventually(t, "another to lead", func() bool { return s.leader() != m })
			gaps = append(gaps, fmt.Sprintf("%s: another leads after %s", failure, time.Since(begun).Round(10*time.Millisecond)))
			if failure != "paused" {
				m.start()
				s.ready(m)
			}
		}
	}
	c.over.Store(true)
	wg.Wait()
	c.settled()
	c.holds()
	t.Log(strings.Join(gaps, "; "))
	for _, m := range s.all {
		if err := m.end(); err != nil {
			t.Errorf("an instance ends with %v: %s", err, m.logged.String())
		}
	}
}

// numbers are those that citizens were told so far.
func (c *survivors) numbers() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for n := range c.said {
		all = append(all, n)
	}
	return all
}
