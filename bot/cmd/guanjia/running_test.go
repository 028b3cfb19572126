package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/channels/wechat"
	"guanjia/channels/wechat/wechattest"
)

// The account of the tests.
const (
	testAppID  = "wx0123456789abcdef"
	testSecret = "a-secret-never-to-be-shown"
	testToken  = "tokenOfTheTests"
	testKey    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// running is the true program serving, in this process.
type running struct {
	t      testing.TB
	public string // http://HOST:PORT
	inner  string
	line   string // sip:12345@HOST:PORT, empty without a hotline
	admin  string // the first account's password
	dir    string
	// records are the flags by which commands find them beyond the directory.
	records []string
	logged  *tail
	stop    func()
}

// tail keeps what is written.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// start runs serve on a data directory with settings as of the environment,
// and waits until its doors are open. It is stopped when the test ends.
func start(t testing.TB, dir string, waits wechat.Times, settings ...string) *running {
	t.Helper()
	return launch(t, dir, &program{env: settings, waits: waits})
}

// launch is start of a program with more than settings to it.
func launch(t testing.TB, dir string, p *program) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, feed := io.Pipe()
	r := &running{t: t, dir: dir, logged: &tail{}}
	sip := p.sip
	p.env = append([]string{"GUANJIA_SIP_DRAIN_TIMEOUT=0s"}, p.env...) // a test that fails amid a call ends too
	p.args = []string{"--data", dir, "serve", "--http-addr", "127.0.0.1:0", "--desk-addr", "127.0.0.1:0", "--sip-addr", sip}
	p.cwd, p.con = dir, console{strings.NewReader(""), feed, r.logged}
	ended := make(chan error, 1)
	go func() {
		err := p.run(ctx)
		feed.CloseWithError(io.EOF)
		ended <- err
	}()
	r.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("serve: %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("serve does not end")
		}
	})
	t.Cleanup(r.stop)
	r.greeted(bufio.NewScanner(out))
	go io.Copy(io.Discard, out) // ends with the program
	return r
}

// greeted reads the greeting.
func (r *running) greeted(lines *bufio.Scanner) {
	r.t.Helper()
	for lines.Scan() {
		line := lines.Text()
		address := regexp.MustCompile(`http://[0-9.:]+`).FindString(line)
		switch {
		case strings.Contains(line, "试聊"):
			r.public = address
		case strings.Contains(line, "坐席工作台"):
			r.inner = address
		case strings.Contains(line, "热线"):
			r.line = regexp.MustCompile(`sip:\S+|$`).FindString(line)
		case strings.Contains(line, "密码"):
			r.admin = regexp.MustCompile(`密码 (\S+)`).FindStringSubmatch(line)[1]
		case strings.Contains(line, "数据"):
			return
		}
	}
	r.t.Fatalf("serve said no greeting: %s", r.logged)
}

// accountSettings configure the tests' account; key may be empty.
func accountSettings(api *wechattest.Server, key string) []string {
	return []string{
		"GUANJIA_WECHAT_APP_ID=" + testAppID, "GUANJIA_WECHAT_APP_SECRET=" + testSecret, "GUANJIA_WECHAT_TOKEN=" + testToken,
		"GUANJIA_WECHAT_AES_KEY=" + key, "GUANJIA_WECHAT_API_URL=" + api.URL, "GUANJIA_DEMO=true", "GUANJIA_PUBLIC_URL=https://gj.example",
	}
}

// official is the true program between stand-ins for both of WeChat's sides.
type official struct {
	*running
	api     *wechattest.Server
	account *wechattest.Account
}

// patient are waits for tests that are not about them: a busy machine may take
// longer than the platform would wait.
func patient() wechat.Times { return wechat.Times{Answer: time.Minute, Hang: 2 * time.Minute} }

// openOfficial starts a service with an account in safe mode, and a platform
// that waits.
func openOfficial(t testing.TB, settings ...string) *official {
	t.Helper()
	o := openPunctual(t, patient(), settings...)
	o.account.Deadline = time.Minute
	return o
}

// openPunctual is openOfficial with waits of the caller's, zero for the
// platform's own.
func openPunctual(t testing.TB, waits wechat.Times, settings ...string) *official {
	t.Helper()
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	r := launch(t, t.TempDir(), &program{env: append(accountSettings(api, testKey), settings...), waits: waits, lent: stand(t).house})
	return &official{r, api, accountAt(r.public, api)}
}

func accountAt(public string, api *wechattest.Server) *wechattest.Account {
	return &wechattest.Account{
		Callback: public + "/wechat", AppID: testAppID, Token: testToken, AESKey: testKey, Name: "gh_1", Server: api,
	}
}

// say posts a citizen's words and returns the passive answer.
func (o *official) say(openID, text string) string {
	o.t.Helper()
	r, err := o.account.Text(o.t.Context(), openID, text)
	if err != nil || r.Status != 200 {
		o.t.Fatalf("%s: %d %s %v", text, r.Status, r.Raw, err)
	}
	return r.Content
}

// hears says words and looks for others in the answer.
func (o *official) hears(openID, text string, want ...string) string {
	o.t.Helper()
	answer := o.say(openID, text)
	for _, w := range want {
		if !strings.Contains(answer, w) {
			o.t.Errorf("%s: no %q in %q", text, w, answer)
		}
	}
	return answer
}

// sentTo are the customer-service messages a citizen got.
func (o *official) sentTo(openID string) []wechattest.Sent {
	var mine []wechattest.Sent
	for _, m := range o.api.Sent() {
		if m.To == openID {
			mine = append(mine, m)
		}
	}
	return mine
}

// awaitSent waits for so many customer-service messages to a citizen.
func (o *official) awaitSent(openID string, n int) []wechattest.Sent {
	o.t.Helper()
	if !eventually(o.t, "a customer-service message", func() bool { return len(o.sentTo(openID)) >= n }) {
		o.t.FailNow()
	}
	return o.sentTo(openID)
}

// eventually waits for a condition; it may be called beside the test's own
// goroutine.
func eventually(t testing.TB, what string, ok func() bool) bool {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("waited in vain for %s", what)
			return false
		}
	}
	return true
}
