package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/channels/wechat/wechattest"
)

// childArgs is the environment's name for the command line of a test binary
// that is to be the program itself.
const childArgs = "GUANJIA_TEST_ARGS"

// TestChild is the program itself when another test starts this binary for
// it; among the tests it has nothing to do.
func TestChild(t *testing.T) {
	var args []string
	if json.Unmarshal([]byte(os.Getenv(childArgs)), &args) != nil {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // standard input ends with whoever started us
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() { // what everybody is doing, for a test that waits in vain
		for range asked {
			pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			fmt.Fprintln(os.Stderr, stacksEnd)
		}
	}()
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if !slices.Contains([]string{childArgs, "GUANJIA_PROVE", "GUANJIA_SOAK"}, name) { // those are the tests' own
			env = append(env, pair)
		}
	}
	p := &program{args: args, cwd: t.TempDir(), env: env, con: console{strings.NewReader(""), os.Stdout, os.Stderr}}
	err := p.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, oneLine(err))
	}
	os.Exit(exitStatus(err))
}

// stacksEnd follows what a child says of its goroutines.
const stacksEnd = "these are all goroutines"

// stacks are the goroutines of a child, for the log of a test that fails.
func (m *mortal) stacks() string {
	before := len(m.logged.String())
	m.cmd.Process.Signal(syscall.SIGUSR1)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if said := m.logged.String()[before:]; strings.Contains(said, stacksEnd) {
			return said
		}
	}
	return "it does not say what it does"
}

// mortal is the program as a process of its own that can be killed at any
// moment and started again.
type mortal struct {
	t             testing.TB
	dir           string
	public, inner string
	sip           string // empty: no hotline
	env, flags    []string
	logged        tail
	password      string // of the first account

	cmd   *exec.Cmd
	life  io.Closer // its standard input
	ended chan error
}

// freePort finds one nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newMortal(t testing.TB, env ...string) *mortal {
	return &mortal{t: t, dir: t.TempDir(), public: freePort(t), inner: freePort(t), env: env}
}

// start starts the program and waits until it is ready.
func (m *mortal) start() {
	m.t.Helper()
	args, err := json.Marshal(append([]string{"--data", m.dir, "serve", "--http-addr", m.public, "--desk-addr", m.inner, "--sip-addr", m.sip}, m.flags...))
	if err != nil {
		m.t.Fatal(err)
	}
	var out tail
	m.cmd = exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=0")
	m.cmd.Env = append(append(os.Environ(), m.env...), childArgs+"="+string(args))
	m.cmd.Stdout, m.cmd.Stderr = &out, &m.logged
	if m.life, err = m.cmd.StdinPipe(); err != nil {
		m.t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { m.life.Close() })
	cmd := m.cmd
	m.ended = make(chan error, 1)
	ended := m.ended
	go func() { ended <- cmd.Wait() }()
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(out.String(), "数据 "); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			m.kill()
			m.t.Fatalf("the program does not come up: %s", m.logged.String())
		}
	}
	if found := regexp.MustCompile(`密码 (\S+)`).FindStringSubmatch(out.String()); found != nil {
		m.password = found[1]
	}
}

// kill ends the program without a word.
func (m *mortal) kill() {
	m.cmd.Process.Signal(syscall.SIGKILL)
	<-m.ended
}

// end asks the program to end and waits for it.
func (m *mortal) end() error {
	m.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-m.ended:
		return err
	case <-time.After(3 * time.Minute): // of a loaded machine
		m.kill()
		return errors.New("the program does not end")
	}
}

// survivors are the citizens who write while the program dies and comes back.
type survivors struct {
	t       testing.TB
	m       *mortal
	api     *wechattest.Server
	account *wechattest.Account
	records store.Options
	// instances are asked what they do when something is waited for in vain.
	instances []*mortal
	rounds    int
	over      atomic.Bool // no more conversations begin
	serial    atomic.Int64

	mu    sync.Mutex
	said  map[string]string // numbers citizens were told → the message that was answered
	owed  map[string]bool   // openids whose message was taken with success
	spoke []string          // what an operator said and was told is taken
	calls []string          // the operator's last ones, for a test that fails
}

// noteCall keeps what an operator asked and what became of it.
func (c *survivors) noteCall(begun time.Time, path, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, fmt.Sprintf("%s %s after %s: %s", begun.Format("15:04:05.000"), path, time.Since(begun).Round(time.Millisecond), outcome))
	c.calls = c.calls[max(0, len(c.calls)-200):]
}

// explain says what everybody was doing when something was waited for in vain.
func (c *survivors) explain() {
	c.t.Helper()
	c.mu.Lock()
	c.t.Logf("the operator's last calls, until %s:\n%s", time.Now().Format("15:04:05.000"), strings.Join(c.calls, "\n"))
	c.mu.Unlock()
	var here strings.Builder
	pprof.Lookup("goroutine").WriteTo(&here, 1)
	c.t.Logf("here:\n%s", here.String())
	for _, m := range c.instances {
		c.t.Logf("instance %s:\n%s", m.public, m.stacks())
	}
}

// deliver posts a message as the platform does, but as often as it takes;
// what it returns is all the citizen heard of it.
func (c *survivors) deliver(openID, message string) string {
	before := len(c.heard(openID))
	for {
		r, err := c.account.Post(context.Background(), message)
		if err == nil && r.Status == http.StatusOK {
			if r.Raw == "success" {
				c.mu.Lock()
				c.owed[openID] = true
				c.mu.Unlock()
			}
			return r.Content
		}
		if err == nil {
			c.t.Errorf("refused: %d %s", r.Status, r.Raw)
			return ""
		}
		time.Sleep(time.Duration(20+rand.IntN(200)) * time.Millisecond)
		// One in three gives up; the answer, if the message was taken, comes by itself.
		if rand.IntN(3) == 0 {
			return c.later(openID, message, before)
		}
	}
}

// later waits for an answer that comes by itself; when none does the message
// was never taken, or not answered yet, and the citizen says it again.
func (c *survivors) later(openID, message string, before int) string {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if heard := c.heard(openID); len(heard) > before {
			return heard[len(heard)-1]
		}
	}
	return c.deliver(openID, message)
}

// heard are the customer-service messages a citizen got.
func (c *survivors) heard(openID string) []string {
	var texts []string
	for _, m := range c.api.Sent() {
		if m.To == openID {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// talk says words one after the other and returns all that was heard.
func (c *survivors) talk(openID string, words ...string) string {
	all := ""
	for _, text := range words {
		message := c.account.Message(openID, "text", "<Content>"+text+"</Content>")
		c.api.Wrote(openID)
		heard := c.deliver(openID, message)
		all += heard + "\n"
		for _, number := range numberForm.FindAllString(heard, -1) {
			c.mu.Lock()
			c.said[number] = message
			c.mu.Unlock()
		}
	}
	return all
}

// numberForm finds the numbers that citizens are told; on a day of many they are
// longer.
var numberForm = regexp.MustCompile(`(YY\d{10,}|DG\d{13,})`)

// TestNumbersAreFoundWhole finds those of a quiet day and of a busy one.
func TestNumbersAreFoundWhole(t *testing.T) {
	for _, serial := range []int{1, 999, 1000, 9999, 10_000, 123_456} {
		for _, number := range []string{bot.AppointmentNumber(tuesday(), serial), bot.TicketNumber(tuesday(), serial)} {
			if found := numberForm.FindString("编号 " + number + "，5 个工作日内"); found != number {
				t.Errorf("%s is found as %s", number, found)
			}
		}
	}
}

// live has conversations of every kind until the end.
func (c *survivors) live(day string) {
	for !c.over.Load() {
		n := c.serial.Add(1)
		openID := fmt.Sprintf("oCrowd%05d", n)
		switch n % 3 {
		case 0:
			c.talk(openID, "我想预约办居住证", "虎门", day+"下午三点", fmt.Sprintf("我叫张三，电话138%08d", n), "确认")
		case 1:
			c.talk(openID, "楼下工地半夜还在施工，我要投诉", "虎门镇连升路12号", "匿名", "确认")
		default:
			c.talk(openID, "居住证要带什么材料", "转人工")
		}
	}
}

// past is how much was heard and said so far.
func (c *survivors) past() (told, spoken int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.said), len(c.spoke)
}

// await waits until citizens were told so many numbers, and an operator's
// words were taken so often: how long that takes is the machine's affair.
func (c *survivors) await(told, spoken int) {
	c.t.Helper()
	if !eventually(c.t, fmt.Sprintf("%d numbers and %d words of an operator", told, spoken), func() bool {
		t, s := c.past()
		return t >= told && s >= spoken
	}) {
		t, s := c.past()
		c.t.Errorf("%d numbers and %d words came", t, s)
		c.explain()
	}
}

// operate takes whoever waits for a person and says something to each, until
// the end.
func (c *survivors) operate(client *http.Client) {
	done := map[string]bool{}
	for !c.over.Load() {
		var queue struct {
			Rows []struct {
				Citizen string `json:"citizen"`
			} `json:"rows"`
		}
		c.call(client, "GET", "/desk/queue", nil, &queue)
		for _, q := range queue.Rows {
			words := "工作人员答复 " + q.Citizen
			if done[q.Citizen] || !c.call(client, "POST", "/desk/conversation/"+q.Citizen+"/take", map[string]string{}, nil) {
				continue
			}
			for !c.call(client, "POST", "/desk/conversation/"+q.Citizen+"/say", map[string]string{"text": words, "key": q.Citizen}, nil) {
				time.Sleep(50 * time.Millisecond)
			}
			done[q.Citizen] = true
			c.mu.Lock()
			c.spoke = append(c.spoke, words)
			c.mu.Unlock()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// call is one call to the desk; it is false when the program is not there.
func (c *survivors) call(client *http.Client, method, path string, in, out any) bool {
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Error(err)
	}
	req, err := http.NewRequest(method, "http://"+c.m.inner+path, bytes.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return false
	}
	begun, outcome := time.Now(), "no answer"
	c.noteCall(begun, method+" "+path, "begun")
	defer func() { c.noteCall(begun, path, outcome) }()
	res, err := client.Do(req)
	if err != nil {
		outcome = err.Error()
		return false
	}
	defer res.Body.Close()
	outcome = res.Status
	if res.StatusCode >= 500 && c.records.Database != "" { // between two instances
		return false
	}
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
		c.t.Errorf("%s: %s %s", path, res.Status, why)
		return true
	}
	if out != nil {
		err = json.NewDecoder(res.Body).Decode(out)
	}
	if err != nil {
		outcome = err.Error()
	}
	return err == nil
}

// photograph sends pictures that take their time, so that the platform is
// told success and the turn is still going on.
func (c *survivors) photograph(n int) {
	openID := fmt.Sprintf("oPhoto%05d", n)
	c.api.Wrote(openID)
	c.deliver(openID, c.account.Message(openID, "image", "<MediaId>slow</MediaId>"))
}

// TestKillNine kills the program at random moments under load. Afterwards all
// that anybody was told is there, nothing is there twice, and whoever was not
// answered is.
func TestKillNine(t *testing.T) {
	rounds := 3
	if os.Getenv("GUANJIA_PROVE") != "" {
		rounds = 40
	}
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	api.Keep("slow", snapshot(t))
	api.Fail(wechattest.Fault{Path: mediaPath, Times: 2 * rounds, Drip: 6 * time.Second})
	m := newMortal(t, accountSettings(api, testKey)...)
	m.start()
	account := accountAt("http://"+m.public, api)
	account.Tries = 1
	c := &survivors{t: t, m: m, records: store.Options{Dir: m.dir, ReadOnly: true}, rounds: rounds, api: api, account: account, said: map[string]string{}, owed: map[string]bool{}}
	days := freeDays(t, m.dir, "residence-permit", "humen")
	var wg sync.WaitGroup
	desk := (&official{running: &running{t: t, inner: "http://" + m.inner}}).signIn("admin", m.password)
	wg.Go(func() { c.operate(desk.client) })
	for i := range 12 {
		day := spoken(days[i%len(days)])
		wg.Go(func() { c.live(day) })
	}
	for i := range rounds {
		wg.Go(func() { c.photograph(i) })
		pause := 300 + rand.IntN(4000)
		if i%2 == 0 { // when success was said of a picture and its turn goes on
			pause = 4500 + rand.IntN(1200)
		}
		time.Sleep(time.Duration(pause) * time.Millisecond)
		m.kill()
		m.start()
	}
	c.await(5, 1)
	c.over.Store(true)
	wg.Wait()
	c.settled()
	c.holds()
	c.counted()
	if err := m.end(); err != nil {
		t.Errorf("the program ends with %v: %s", err, m.logged.String())
	}
	c.balanced()
}

// settled waits until nothing waits any more: no message for its answer, no
// answer for its sending.
func (c *survivors) settled() {
	c.t.Helper()
	ctx := c.t.Context()
	s, err := store.Open(ctx, c.records)
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	eventually(c.t, "everything to be answered", func() bool {
		open, err := s.Outstanding(ctx, time.Now().Add(time.Hour))
		if err != nil {
			c.t.Error(err)
		}
		next, err := s.NextDue(ctx)
		if err != nil {
			c.t.Error(err)
		}
		return len(open) == 0 && (next.IsZero() || time.Until(next) > 10*time.Minute) // reminders wait longer
	})
	if dead, err := s.Dead(ctx, 10); err != nil || len(dead) > 0 {
		c.t.Errorf("%d dead letters %v", len(dead), err)
	}
}

// databaseFlags name the records' database and key on the command line.
func databaseFlags(o store.Options) []string {
	if o.Database == "" {
		return nil
	}
	return []string{"--database-url", o.Database, "--data-key-file", o.KeyFile}
}

// holds looks whether everything that was told is there, once.
func (c *survivors) holds() {
	c.t.Helper()
	there, owners := map[string]bool{}, map[string]string{}
	for _, what := range []string{"appointments", "tickets"} {
		for _, r := range lines(c.t, guanjia(c.t, "", append(databaseFlags(c.records), "--data", c.records.Dir, "list", what, "--json")...)) {
			number, who := r["number"].(string), what+" "+r["citizen"].(string)
			if there[number] || owners[who] != "" {
				c.t.Errorf("%s is there twice: %s and %s of one citizen", what, number, owners[who])
			}
			there[number] = true
			if r["status"] != "cancelled" { // as rivals do, who come again
				owners[who] = number
			}
		}
	}
	for number, message := range c.said {
		if !there[number] {
			c.t.Errorf("%s was told and is not there", number)
		}
		if r, err := c.account.Post(c.t.Context(), message); err != nil || !strings.Contains(r.Content, number) && r.Raw != "success" {
			c.t.Errorf("the same message again gives %+v, and not %s: %v", r, number, err)
		}
	}
	for openID := range c.owed {
		if len(c.heard(openID)) == 0 {
			c.t.Errorf("%s was told success and never answered", openID)
		}
	}
	sent := map[string]int{}
	for _, s := range c.api.Sent() {
		sent[s.Text]++
	}
	for _, words := range c.spoke {
		if sent[words] == 0 {
			c.t.Errorf("an operator's words are lost: %s", words)
		}
	}
	// Killed between the platform's yes and our own record of it, a message is
	// said again rather than lost: eight are under way at most.
	doubled := 0
	for words, n := range sent {
		if strings.HasPrefix(words, "工作人员答复") {
			doubled += n - 1
		}
	}
	if doubled > 8*c.rounds {
		c.t.Errorf("%d messages were sent twice", doubled)
	}
	c.t.Logf("%d kills, %d conversations, %d numbers told, %d times success, %d sent by themselves; %d by an operator, %d of them twice",
		c.rounds, c.serial.Load(), len(c.said), len(c.owed), len(c.api.Sent()), len(c.spoke), doubled)
}

// weekPage shows the openings that the citizens of these tests want.
const weekPage = "/h5/book/residence-permit/humen"

// freeCell is an opening of the week's page with places left.
var freeCell = regexp.MustCompile(`/humen/([\d-]+)/([\d:]+)"[^>]*>(\d+)</a>`)

// placesOn are the places left that the week's page shows, by day and time; none
// of what is full.
func placesOn(page []byte) map[string]int {
	left := map[string]int{}
	for _, cell := range freeCell.FindAllSubmatch(page, -1) {
		n, err := strconv.Atoi(string(cell[3]))
		if err != nil {
			continue // more than an int: nobody has so many
		}
		left[string(cell[1])+" "+string(cell[2])] = n
	}
	return left
}

// counted looks whether the program, which counts places in memory, offers what
// its records leave free. A hold may end between the two looks, so they may
// differ for a moment.
func (c *survivors) counted() {
	c.t.Helper()
	client := cmp.Or(c.account.HTTP, http.DefaultClient)
	var fault string
	if !eventually(c.t, "places to be counted as the records have them", func() bool {
		res, err := client.Get("http://" + c.m.public + weekPage)
		if err != nil {
			fault = err.Error()
			return false
		}
		page, err := io.ReadAll(res.Body)
		res.Body.Close()
		offered := placesOn(page)
		fault = fmt.Sprintf("%s, %d periods, %v", res.Status, len(offered), err)
		today := time.Now().In(bot.Shanghai()).Format(time.DateOnly) // whose periods begin meanwhile
		for _, o := range lines(c.t, guanjia(c.t, "", append(databaseFlags(c.records), "--data", c.records.Dir, "list", "openings", "--json")...)) {
			at := fmt.Sprint(o["date"], " ", o["time"])
			if o["service_id"] == "residence-permit" && o["hall_id"] == "humen" && o["date"].(string) > today && offered[at] != int(o["remaining"].(float64)) {
				fault = fmt.Sprintf("%d offered at %s, and %v left", offered[at], at, o["remaining"])
				return false
			}
		}
		return len(offered) > 0
	}) {
		c.t.Error(fault)
	}
}

// balanced looks, when the program has ended, whether every place that is
// taken has its appointment or a hold, and once the holds are over none is
// without its appointment.
func (c *survivors) balanced() {
	c.t.Helper()
	ctx, o := c.t.Context(), c.records
	o.ReadOnly = false
	s, err := store.Open(ctx, o)
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	held := c.unbooked(s)
	ended, err := s.ExpireHolds(ctx, time.Now().Add(2*time.Hour))
	if err != nil {
		c.t.Error(err)
	}
	left := c.unbooked(s)
	if held != ended || left != 0 {
		c.t.Errorf("%d places were taken without an appointment and %d holds ended; %d such places are left", held, ended, left)
	}
	c.t.Logf("%d places were held for citizens who had stopped midway", held)
}

// unbooked counts the places that are taken by no appointment.
func (c *survivors) unbooked(s *store.Store) (n int) {
	c.t.Helper()
	all, err := s.AllAppointments(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	booked := map[[4]string]int{}
	for _, a := range all {
		if a.Status != booking.Cancelled {
			booked[[4]string{a.Service, a.Hall, a.Date, a.Time}]++
		}
	}
	openings, err := s.Openings(c.t.Context(), booking.Query{})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, o := range openings {
		at := [4]string{o.Service, o.Hall, o.Date, o.Time}
		more := o.Capacity - o.Remaining - booked[at]
		if more < 0 || o.Remaining < 0 {
			c.t.Errorf("%v has %d of %d left and %d appointments", at, o.Remaining, o.Capacity, booked[at])
		}
		n += more
		delete(booked, at)
	}
	if len(booked) > 0 {
		c.t.Errorf("appointments at no opening: %v", booked)
	}
	return n
}
