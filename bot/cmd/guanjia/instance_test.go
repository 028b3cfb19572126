package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"guanjia/bot/redis/redistest"
	"guanjia/bot/store"
	"guanjia/bot/store/pgtest"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/wechat/wechattest"
)

// several are instances of the program on one database, each a process.
type several struct {
	t       testing.TB
	api     *wechattest.Server
	records store.Options // what they share
	server  *pgtest.Server
	all     []*mortal
	lines   map[*mortal]*line // to the database
	led     time.Time         // when another was seen to lead last
}

// endAmidCall asks an instance to end while somebody talks to it: it takes no
// other call, and goes on with all its work until they hang up, which is when.
func (s *several) endAmidCall(m *mortal, work func()) (hungUp time.Time) {
	s.t.Helper()
	phone := hotlinetest.NewPhone(s.t, 2)
	line := "sip:12345@" + m.sip
	call := phone.MustDial(line, "13800001111")
	m.cmd.Process.Signal(syscall.SIGTERM)
	eventually(s.t, "another call to be refused", func() bool {
		ctx, stop := context.WithTimeout(s.t.Context(), 20*time.Second)
		defer stop()
		other, err := phone.Dial(ctx, line, "13800002222")
		if err == nil {
			other.Hangup()
		}
		return err != nil && strings.Contains(err.Error(), "503")
	})
	work()
	call.Forget()
	call.Press("1")
	eventually(s.t, "the caller to be answered", func() bool { return !call.FirstSound().IsZero() })
	select {
	case <-call.Call.Done():
		s.t.Error("the call was dropped")
	default:
	}
	call.Hangup()
	hungUp = time.Now()
	if err := m.end(); err != nil {
		s.t.Errorf("the instance ends with %v: %s", err, m.logged.String())
	}
	return hungUp
}

// callers telephone one after another until the end. What stands before the
// instances goes on to the next where one does not answer, and who hears nothing
// hangs up and calls again: the process they were talking to may have been killed.
func (s *several) callers(c *survivors, answered *atomic.Int64) {
	phone := hotlinetest.NewPhone(s.t, 400)
	for n, at := 0, 0; !c.over.Load(); n++ {
		from := fmt.Sprintf("1381111%04d", n%10000)
		if eventually(s.t, "a caller to be answered", func() bool {
			if answers(s.t, phone, s.all[at], from) {
				return true
			}
			at = (at + 1) % len(s.all)
			return false
		}) {
			answered.Add(1)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// answers is one call: the line is picked up, speaks, and answers a key.
func answers(t testing.TB, phone *hotlinetest.Phone, m *mortal, from string) bool {
	const patience = 5 * time.Second
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	call, err := phone.Dial(ctx, "sip:12345@"+m.sip, from)
	if err != nil {
		return false
	}
	defer call.Hangup()
	heard := func() bool {
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if !call.FirstSound().IsZero() {
				return true
			}
		}
		return false
	}
	if !heard() {
		return false
	}
	call.Forget()
	call.Press("1")
	return heard()
}

// openSeveral starts so many instances on a new database, each behind a line of
// its own where parted.
func openSeveral(t testing.TB, server *pgtest.Server, n int, parted bool, settings ...string) *several {
	t.Helper()
	s := &several{t: t, api: wechattest.NewServer(testAppID, testSecret, nil), lines: map[*mortal]*line{}, server: server}
	t.Cleanup(s.api.Close)
	dir := t.TempDir()
	s.records = store.Options{Dir: dir, Database: server.Database(t, t.Name()), KeyFile: filepath.Join(dir, "data.key"), ReadOnly: true}
	for range n {
		database := s.records.Database
		var l *line
		if parted {
			l = newLine(t, &database)
		}
		m := newMortal(t, append(append(accountSettings(s.api, testKey), "GUANJIA_DATABASE_URL="+database, "GUANJIA_DATA_KEY_FILE="+s.records.KeyFile), settings...)...)
		m.flags, m.sip = []string{"--peer-addr", freePort(t)}, freePort(t)
		m.start()
		s.all, s.lines[m] = append(s.all, m), l
	}
	t.Cleanup(func() {
		for _, m := range s.all {
			if t.Failed() {
				t.Logf("instance %s said:\n%s", m.public, m.logged.String())
			}
		}
	})
	return s
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

// leader waits until one of them says that it leads, and only one, and gives
// it: one that was paused may not know yet that another took over.
func (s *several) leader() (found *mortal) {
	s.t.Helper()
	if !eventually(s.t, "one instance that leads", func() bool {
		leading := 0
		for _, m := range s.all {
			if strings.Contains(m.get("/metrics"), "\nguanjia_instance_leads 1\n") {
				found = m
				leading++
			}
		}
		return leading == 1
	}) {
		for _, m := range s.all {
			s.t.Log(m.inner, m.get("/healthz"), m.stacks(), m.logged.String())
		}
		s.t.Log(s.sessions())
		s.t.FailNow()
	}
	return found
}

// sessions are those of the database and what each does, for a test that fails.
func (s *several) sessions() string {
	var all string
	err := s.server.Admin().QueryRowContext(context.Background(), `SELECT string_agg(concat_ws(' ', a.pid, a.state, a.wait_event_type, a.wait_event,
		now() - a.state_change, l.mode, l.objid, left(a.query, 120)), E'\n') FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory'
		WHERE a.datname IS NOT NULL`).Scan(&all)
	return fmt.Sprint(all, err)
}

// get reads a page of the inner door, empty where none is given in time.
func (m *mortal) get(path string) string {
	client := http.Client{Timeout: 20 * time.Second}
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
	s.without(m)
	m.cmd.Process.Signal(syscall.SIGCONT)
	s.ready(m)
}

// part has an instance's words to the database, and the answers, stay on the
// way until another leads and has been at work for a while. It shows nobody
// what it remembers, which is not the truth any more.
func (s *several) part(m *mortal, work func()) {
	s.lines[m].hold()
	s.without(m)
	work()
	if res, err := http.Get("http://" + m.public + weekPage); err == nil {
		if res.Body.Close(); res.StatusCode != http.StatusServiceUnavailable {
			s.t.Errorf("parted from the database it answers %s", res.Status)
		}
	}
	s.lines[m].let()
	s.ready(m)
}

// without waits until another than one leads.
func (s *several) without(m *mortal) {
	others := &several{t: s.t, server: s.server}
	for _, o := range s.all {
		if o != m {
			others.all = append(others.all, o)
		}
	}
	others.leader()
	s.led = time.Now()
}

// TestInstances has citizens write to three instances, an operator answer at
// any of them, others telephone, and the one that leads killed, paused beyond its lease while
// Redis is gone, asked to end amid a call after Redis came back empty, and parted
// from the database, in turn. All that
// anybody was told is there, once, whoever wrote or called is answered, and those who want
// one opening's places see it as if one deed came after the other. The long way
// also kills the database.
func TestInstances(t *testing.T) {
	rounds, failures := 1, []string{"killed", "paused", "ended", "parted"}
	if os.Getenv("GUANJIA_PROVE") != "" {
		rounds, failures = 5, append(failures, "without its database")
	}
	var server pgtest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	shared := redistest.Start(t)
	s := openSeveral(t, &server, 3, true, "GUANJIA_REDIS_URL=redis://"+shared.Addr)
	s.ready(s.all[2])
	account := accountAt("http://"+s.all[0].public, s.api)
	account.HTTP = &http.Client{Transport: s}
	c := &survivors{t: t, m: s.all[0], records: s.records, instances: s.all, rounds: len(failures) * rounds, api: s.api, account: account, said: map[string]string{}, owed: map[string]bool{}}
	days := freeDays(t, c.records.Dir, "residence-permit", "humen", databaseFlags(c.records)...)
	desk := (&official{running: &running{t: t, inner: "http://" + s.all[0].inner}}).signIn("admin", s.all[0].password)
	desk.client.Transport = s // it waits longer than this test: nobody is kept waiting at a parted instance
	var wg sync.WaitGroup
	wg.Go(func() { c.operate(desk.client) })
	for i := range 6 {
		day := spoken(days[i%len(days)])
		wg.Go(func() { c.live(day) })
	}
	r := &rivals{survivors: c, at: days[len(days)-1], client: account.HTTP, begun: time.Now()}
	wg.Go(r.watch)
	for i := range rivalCount {
		wg.Go(func() { r.compete(i) })
	}
	var answered atomic.Int64
	wg.Go(func() { s.callers(c, &answered) })
	more := func() {
		t.Helper()
		calls := answered.Load()
		c.more()
		eventually(t, "another call to be answered", func() bool { return answered.Load() > calls })
	}
	var gaps []string
	for range rounds {
		for _, failure := range failures {
			more()
			m, begun := s.leader(), time.Now()
			switch failure {
			case "killed":
				m.kill()
			case "paused":
				shared.Kill()
				s.pause(m)
			case "ended":
				shared.Begin() // empty
				begun = s.endAmidCall(m, c.more)
			case "parted":
				s.part(m, c.more)
			case "without its database": // and whoever is first leads when it is back
				if err := errors.Join(server.Kill(), server.Start()); err != nil {
					t.Fatal(err)
				}
			}
			if failure != "without its database" {
				eventually(t, "another to lead", func() bool { return s.leader() != m })
			}
			if s.leader(); s.led.Before(begun) {
				s.led = time.Now()
			}
			gaps = append(gaps, fmt.Sprintf("%s: one leads after %s", failure, s.led.Sub(begun).Round(10*time.Millisecond)))
			if failure == "killed" || failure == "ended" {
				m.start()
			}
			s.ready(m)
		}
	}
	more()
	c.over.Store(true)
	wg.Wait()
	c.settled()
	c.holds()
	c.counted()
	r.linearizable()
	t.Logf("%s; %d calls answered", strings.Join(gaps, "; "), answered.Load())
	for _, m := range s.all {
		if err := m.end(); err != nil {
			t.Errorf("an instance ends with %v: %s", err, m.logged.String())
		}
	}
	c.balanced()
}

// TestInstancesShowWhoWrites has two operators at one conversation, each hired
// and at work at another instance: one sees that the other is there, writes,
// and has sent.
func TestInstancesShowWhoWrites(t *testing.T) {
	var server pgtest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := openSeveral(t, &server, 2, false)
	s.ready(s.all[0])
	s.ready(s.all[1])
	as := map[string]*client{}
	for i, name := range []string{"小陈", "小李"} { // whichever leads
		add := append(databaseFlags(s.records), "--data", s.all[i].dir, "staff", "add", name, "--role", "operator", "--password")
		if r := guanjia(t, theirPassword+"\n", add...); r.status != 0 {
			t.Fatalf("hire %s: %s", name, r.err)
		}
		as[name] = newClient(t, "http://"+s.all[i].inner)
		must(t, as[name].signIn(name, theirPassword), http.StatusSeeOther)
	}
	if _, err := accountAt("http://"+s.all[1].public, s.api).Text(t.Context(), "oShared", "转人工"); err != nil {
		t.Fatal(err)
	}
	_, rows := as["小陈"].queue()
	if len(rows) != 1 {
		t.Fatalf("in the queue: %v", rows)
	}
	at := "/desk/conversation/" + rows[0]["citizen"].(string)
	heard := as["小李"].listen("?after=0")
	must(t, as["小李"].get(at), http.StatusOK)
	must(t, as["小陈"].post(at+"/take", object{}), http.StatusOK)
	must(t, as["小陈"].get(at), http.StatusOK)
	if !heard.told("around", `{"name":"小陈","typing":false}`) {
		t.Error("the other instance's page does not show who is there")
	}
	must(t, as["小陈"].post(at+"/typing", object{}), http.StatusNoContent)
	if !heard.told("around", `{"name":"小陈","typing":true}`) {
		t.Error("the other instance's page does not show who writes")
	}
	must(t, as["小陈"].post(at+"/say", object{"text": "您好", "key": "across-instances", "seen": 1 << 40}), http.StatusOK)
	if !heard.told("around", `{"name":"小陈","typing":false}`) {
		t.Error("the other instance's page still shows them writing")
	}
}

// TestInstancesMeasured measures what a message costs a process on its own
// records, the instance that leads on PostgreSQL that waits for the disk, and
// one from which it is carried there.
func TestInstancesMeasured(t *testing.T) {
	if os.Getenv("GUANJIA_PROVE") == "" {
		t.Skip("a measurement: set GUANJIA_PROVE=1")
	}
	server := pgtest.Server{Durable: true}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := openSeveral(t, &server, 2, false)
	s.ready(s.all[1])
	alone := newMortal(t, accountSettings(s.api, testKey)...)
	alone.start()
	s.ready(alone)
	for _, way := range []struct {
		name string
		to   *mortal
		busy []*mortal
	}{{"alone, embedded", alone, []*mortal{alone}}, {"at the one that leads", s.all[0], s.all[:1]}, {"carried to it", s.all[1], s.all}} {
		measureMessages(t, way.name, way.to, s.api, way.busy)
	}
}

// measureMessages has clients write to a process, and tells how fast they are
// answered and what the processes that are busy with it use.
func measureMessages(t *testing.T, name string, to *mortal, api *wechattest.Server, busy []*mortal) {
	t.Helper()
	const clients, messages = 64, 6000
	account := accountAt("http://"+to.public, api)
	account.HTTP = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	account.Deadline = time.Minute
	waits := make([]time.Duration, messages+1)
	run := func(total int64) {
		var wg sync.WaitGroup
		var next atomic.Int64
		for range clients {
			wg.Go(func() {
				for n := next.Add(1); n <= total; n = next.Add(1) {
					begun := time.Now()
					if r, err := account.Text(context.Background(), fmt.Sprintf("oMeasured%05d", n%2000), "居住证要带什么材料"); err != nil || r.Content == "" {
						t.Errorf("%+v %v", r, err)
					}
					waits[n] = time.Since(begun)
				}
			})
		}
		wg.Wait()
	}
	run(messages / 4)
	before := make([]time.Duration, len(busy))
	for i, m := range busy {
		before[i] = m.processor()
	}
	begun := time.Now()
	run(messages)
	took := time.Since(begun)
	slices.Sort(waits)
	t.Logf("%s: %.0f messages a second, p50 %s, p99 %s", name, messages/took.Seconds(), waits[messages/2].Round(100*time.Microsecond), waits[messages*99/100].Round(100*time.Microsecond))
	for i, m := range busy {
		t.Logf("  %s of processor a message, %s in memory", (m.processor()-before[i])/messages, m.memory())
	}
}

// memory is how much of the machine's memory a process has now.
func (m *mortal) memory() string {
	m.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.cmd.Process.Pid))
	if err != nil {
		m.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	size, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(size)
}

// processor is the processor time that a process has used.
func (m *mortal) processor() time.Duration {
	m.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.cmd.Process.Pid))
	if err != nil {
		m.t.Fatal(err)
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')'):]))
	var ticks time.Duration
	for _, f := range fields[12:14] { // utime, stime after the name
		n, err := strconv.Atoi(f)
		if err != nil {
			m.t.Fatal(err)
		}
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}

// more waits until somebody more was booked or filed, and answered by an
// operator.
func (c *survivors) more() {
	c.t.Helper()
	told, spoken := c.past()
	c.await(told+1, spoken+1)
}
