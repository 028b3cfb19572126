package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot/store"
	"guanjia/bot/store/pgtest"
	"guanjia/channels/hotline/hotlinetest"
)

// soakTime is how long the soak takes: GUANJIA_SOAK=1h for what is promised.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("GUANJIA_SOAK")
	if text == "" {
		return 5 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// standing is what a process has in use.
type standing struct {
	goroutines, files, heap, resident, sessions float64
}

func (s standing) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f files, heap %.0f MB, resident %.0f MB, %.0f sessions of the database", s.goroutines, s.files, s.heap/1e6, s.resident/1e6, s.sessions)
}

// soak has citizens of every kind write to a process, an operator answer and
// callers call, for a time: what it has in use does not grow, and nothing that
// anybody was told is lost.
func (c *rush) soak(server *pgtest.Server, database string) {
	t := c.t
	s := &survivors{t: t, m: c.m, api: c.api, account: c.account, instances: []*mortal{c.m}, said: map[string]string{}, owed: map[string]bool{},
		records: store.Options{Dir: c.m.dir, Database: database, KeyFile: filepath.Join(c.m.dir, "data.key"), ReadOnly: true}}
	days := freeDays(t, c.m.dir, "residence-permit", "humen", databaseFlags(s.records)...)
	desk := (&official{running: &running{t: t, inner: "http://" + c.m.inner}}).signIn("admin", c.m.password)
	var work sync.WaitGroup
	work.Go(func() { s.operate(desk.client) })
	for i := range 4 {
		work.Go(func() { s.live(spoken(days[i%len(days)])) })
	}
	calls := 0
	phone := hotlinetest.NewPhone(t, 200)
	work.Go(func() {
		for ; !s.over.Load() && c.telephone(phone, fmt.Sprintf("1380000%04d", calls%10000)); calls++ {
			time.Sleep(200 * time.Millisecond) // a port rests for thirty seconds after its call
		}
	})
	took := soakTime(t)
	var seen []standing
	begun := time.Now()
	for time.Since(begun) < took {
		time.Sleep(max(took/60, time.Second/2))
		seen = append(seen, c.standing(server))
		if len(seen)%10 == 0 {
			t.Logf("after %s: %s", time.Since(begun).Round(time.Second), seen[len(seen)-1])
		}
	}
	s.over.Store(true)
	work.Wait()
	before, after := most(seen[len(seen)/3:2*len(seen)/3]), most(seen[2*len(seen)/3:])
	t.Logf("%s: %d conversations, %d calls; at most, in the second third: %s; in the last: %s", took, s.serial.Load(), calls, before, after)
	grown := func(what string, was, is, more float64) {
		if is > was*1.25+more {
			t.Errorf("%s: %.0f in the second third, %.0f in the last", what, was, is)
		}
	}
	grown("goroutines", before.goroutines, after.goroutines, 50)
	grown("files", before.files, after.files, 50)
	grown("sessions", before.sessions, after.sessions, 10)
	if took >= 10*time.Minute { // before it, memory is still being filled that is kept
		grown("heap", before.heap, after.heap, 32e6)
		grown("resident memory", before.resident, after.resident, 64e6)
	}
	eventually(t, "whoever was told nothing, and whom the operator answered, to hear", s.heardAll)
	s.holds()
}

// heardAll says that nobody waits any more for an answer that was promised, or
// for an operator's words.
func (c *survivors) heardAll() bool {
	sent := map[string]bool{}
	for _, m := range c.api.Sent() {
		sent[m.To], sent[m.Text] = true, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for openID := range c.owed {
		if !sent[openID] {
			return false
		}
	}
	return !slices.ContainsFunc(c.spoke, func(words string) bool { return !sent[words] })
}

// telephone is one call: a key, an answer, and good-bye; false where it failed.
func (c *rush) telephone(phone *hotlinetest.Phone, from string) bool {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	call, err := phone.Dial(ctx, "sip:12345@"+c.m.sip, from)
	if err != nil {
		c.t.Errorf("call: %v", err)
		return false
	}
	defer call.Hangup()
	heard := eventually(c.t, "the line to speak", func() bool { return !call.FirstSound().IsZero() })
	call.Press("1")
	call.Forget()
	return heard && eventually(c.t, "the line to answer", func() bool { return !call.FirstSound().IsZero() })
}

var figureForm = regexp.MustCompile(`(?m)^(go_goroutines|process_open_fds|go_memstats_heap_inuse_bytes|process_resident_memory_bytes) (\S+)$`)

func (c *rush) standing(server *pgtest.Server) (s standing) {
	into := map[string]*float64{"go_goroutines": &s.goroutines, "process_open_fds": &s.files, "go_memstats_heap_inuse_bytes": &s.heap, "process_resident_memory_bytes": &s.resident}
	found := figureForm.FindAllStringSubmatch(c.m.get("/metrics"), -1)
	for _, f := range found {
		n, err := strconv.ParseFloat(strings.TrimSpace(f[2]), 64)
		if err != nil {
			c.t.Error(err)
		}
		*into[f[1]] = n
	}
	if len(found) != len(into) {
		c.t.Errorf("figures: %v", found)
	}
	if err := server.Admin().QueryRowContext(c.t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'guanjia'").Scan(&s.sessions); err != nil {
		c.t.Error(err)
	}
	return s
}

// most is the most of each that was in use.
func most(all []standing) (m standing) {
	for _, s := range all {
		m.goroutines, m.files, m.sessions = max(m.goroutines, s.goroutines), max(m.files, s.files), max(m.sessions, s.sessions)
		m.heap, m.resident = max(m.heap, s.heap), max(m.resident, s.resident)
	}
	return m
}
