package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot/store/pgtest"
	"guanjia/channels/wechat/wechattest"
)

// crowdSize is how many citizens write at once: more than the service takes into
// hand.
const crowdSize = 1200

// TestCrowd has far more citizens write at once than a process takes into hand,
// on SQLite and on PostgreSQL, and one browser send without end. Whoever is
// taken is answered, everybody else is told to come again, in words, and the
// browser is told when; nothing else of the service stops, and afterwards
// whoever writes is answered at the first try. On PostgreSQL the soak follows.
func TestCrowd(t *testing.T) {
	var server pgtest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, mode := range []string{"SQLite", "PostgreSQL"} {
		t.Run(mode, func(t *testing.T) {
			api := wechattest.NewServer(testAppID, testSecret, nil)
			t.Cleanup(api.Close)
			settings := accountSettings(api, testKey)
			database := ""
			if mode == "PostgreSQL" {
				database = server.Database(t, t.Name())
				settings = append(settings, "GUANJIA_DATABASE_URL="+database)
			}
			m := newMortal(t, settings...)
			m.sip = freePort(t)
			m.start()
			eventually(t, "the process to understand", func() bool { return m.get("/readyz") == "ready\n" })
			c := &rush{t: t, m: m, api: api, account: accountAt("http://"+m.public, api)}
			c.account.HTTP = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crowdSize}}
			c.account.Tries = 100 // how long a platform would wait is a matter of the machine
			c.begin()
			begun := time.Now()
			r, err := c.account.Text(t.Context(), "oAfter", "居住证要带什么材料")
			if err != nil || !strings.Contains(r.Content, "材料") {
				t.Errorf("afterwards: %+v %v", r, err)
			}
			t.Logf("afterwards one message is answered at try %d after %s", r.Try, time.Since(begun).Round(time.Millisecond))
			if database != "" {
				c.soak(&server, database)
			}
			if err := m.end(); err != nil {
				t.Errorf("the process ends with %v: %s", err, m.logged.String())
			}
		})
	}
}

// rush writes to a process all at once.
type rush struct {
	t       *testing.T
	m       *mortal
	api     *wechattest.Server
	account *wechattest.Account

	mu                         sync.Mutex
	answered, turned, promised int
	owed                       map[string]bool
}

func (c *rush) begin() {
	c.owed = map[string]bool{}
	begun := time.Now()
	var all sync.WaitGroup
	for i := range crowdSize {
		all.Go(func() { c.write(fmt.Sprintf("oRush%05d", i)) })
	}
	all.Go(c.hurry)
	all.Go(func() {
		if c.m.get("/healthz") != "ok\n" {
			c.t.Error("it does not say that it lives")
		}
	})
	all.Wait()
	took := time.Since(begun)
	eventually(c.t, "whoever was told nothing to hear", func() bool {
		for _, s := range c.api.Sent() {
			delete(c.owed, s.To)
		}
		return len(c.owed) == 0
	})
	c.t.Logf("%d at once, in %s: %d answered, %d answered later, %d asked to come again; all have heard after %s", crowdSize,
		took.Round(time.Millisecond), c.answered, c.promised, c.turned, time.Since(begun).Round(time.Millisecond))
	if c.answered+c.promised+c.turned != crowdSize || c.turned == 0 {
		c.t.Errorf("%d answered, %d later, %d asked to come again", c.answered, c.promised, c.turned)
	}
}

func (c *rush) write(openID string) {
	r, err := c.account.Text(context.Background(), openID, "居住证要带什么材料")
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil || r.Status != http.StatusOK:
		c.t.Errorf("%s: %+v %v", openID, r, err)
	case strings.Contains(r.Content, "现在人很多"):
		c.turned++
	case r.Content != "" && !strings.Contains(r.Content, "还在为您办"):
		c.answered++
	default:
		c.promised++
		c.owed[openID] = true
	}
}

// hurry sends from one browser until it is told to wait, waits, and is heard.
func (c *rush) hurry() {
	v := newClient(c.t, "http://"+c.m.public)
	v.get("/")
	for n := range 1000 {
		key := fmt.Sprintf("message-%d", n)
		got := v.post("/chat/send", object{"key": key, "text": "你好"})
		if got.status != http.StatusTooManyRequests {
			continue
		}
		wait, err := strconv.Atoi(got.header.Get("Retry-After"))
		if err != nil || wait < 1 || !strings.Contains(got.text, "请等几秒") {
			c.t.Errorf("Retry-After %q, %s", got.header.Get("Retry-After"), got.text)
		}
		eventually(c.t, "the browser to be heard again", func() bool {
			return v.post("/chat/send", object{"key": key, "text": "你好"}).status != http.StatusTooManyRequests
		})
		return
	}
	c.t.Error("one browser may send without end")
}
