package h5

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strconv"
	"sync"
	"time"

	"guanjia/bot/inmem"
)

// Bounds of sign-in codes: a code is six digits, good for five minutes and
// five tries; a number gets one a minute and five an hour, an address on the
// network thirty an hour.
const (
	codeLife     = 5 * time.Minute
	codeTries    = 5
	codeEvery    = time.Minute
	codesAnHour  = 5
	codesPerHost = 30
	mostCodes    = 100_000 // numbers remembered; beyond it nobody gets a new one
)

// verdict is what became of a code that was typed.
type verdict int

const (
	codeRight verdict = iota
	codeWrong
	codeGone
)

// codes holds the codes that were sent. They are held in memory, and where
// instances share one for who leads next; after another restart a citizen asks
// for another.
type codes struct {
	mu    sync.Mutex
	sent  *inmem.Counts[sent] // by number
	hosts *inmem.Counts[[]time.Time]
	swept time.Time
}

// sent is what a number was sent.
type sent struct {
	Code  string // empty: used up
	Tries int
	At    []time.Time // of the last hour, oldest first
}

func newCodes(phones, hosts inmem.Keeper) *codes {
	return &codes{sent: inmem.NewCounts[sent](phones), hosts: inmem.NewCounts[[]time.Time](hosts)}
}

// issue makes a code for a number, or says how long to wait.
func (c *codes) issue(phone, host string, now time.Time) (code string, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep(now)
	s, known := c.sent.Of(phone)
	if !known && c.sent.Len() >= mostCodes {
		return "", codeEvery
	}
	at := within(s.At, now)
	instants, _ := c.hosts.Of(host)
	from := within(instants, now)
	switch {
	case len(at) > 0 && now.Sub(at[len(at)-1]) < codeEvery:
		return "", codeEvery - now.Sub(at[len(at)-1])
	case len(at) >= codesAnHour:
		return "", time.Hour - now.Sub(at[0])
	case len(from) >= codesPerHost:
		return "", time.Hour - now.Sub(from[0])
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // never happens, see crypto/rand
		return "", codeEvery
	}
	code = fmt.Sprintf("%06d", n)
	c.sent.Set(phone, sent{Code: code, At: append(at, now)}, time.Hour)
	c.hosts.Set(host, append(from, now), time.Hour)
	return code, 0
}

// drop takes back a code that did not leave.
func (c *codes) drop(phone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.sent.Of(phone); ok {
		c.use(phone, s)
	}
}

// use makes a number's code worth nothing.
func (c *codes) use(phone string, s sent) {
	s.Code = ""
	c.sent.Set(phone, s, time.Hour)
}

// check compares a code; a right one is used up.
func (c *codes) check(phone, code string, now time.Time) verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, _ := c.sent.Of(phone)
	if s.Code == "" || len(within(s.At, now)) == 0 || now.Sub(s.At[len(s.At)-1]) > codeLife {
		return codeGone
	}
	if s.Tries++; s.Tries > codeTries {
		c.use(phone, s)
		return codeGone
	}
	if subtle.ConstantTimeCompare([]byte(s.Code), []byte(code)) != 1 {
		c.sent.Set(phone, s, time.Hour)
		return codeWrong
	}
	c.use(phone, s)
	return codeRight
}

// sweep forgets what no longer counts, once a minute.
func (c *codes) sweep(now time.Time) {
	if now.Sub(c.swept) < time.Minute {
		return
	}
	c.swept = now
	c.sent.Sweep(func(s sent) bool { return len(within(s.At, now)) == 0 })
	c.hosts.Sweep(func(at []time.Time) bool { return len(within(at, now)) == 0 })
}

// within are the instants of the last hour, as a list of their own. One that is
// to come is of a clock that went wrong: nobody waits for it.
func within(at []time.Time, now time.Time) []time.Time {
	var out []time.Time
	for _, t := range at {
		if since := now.Sub(t); since < time.Hour && since > -codeEvery {
			out = append(out, t)
		}
	}
	return out
}

// spell words a wait: 40 秒, 12 分钟.
func spell(d time.Duration) string {
	if d <= time.Minute {
		return seconds(d) + " 秒"
	}
	return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + " 分钟"
}

func seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }
