package h5

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strconv"
	"sync"
	"time"
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

// codes holds the codes that were sent. They are held in memory: after a
// restart a citizen asks for another.
type codes struct {
	mu    sync.Mutex
	sent  map[string]*sent // by number
	hosts map[string][]time.Time
	swept time.Time
}

type sent struct {
	code  string // empty: used up
	tries int
	at    []time.Time // of the last hour, oldest first
}

func newCodes() *codes {
	return &codes{sent: map[string]*sent{}, hosts: map[string][]time.Time{}}
}

// issue makes a code for a number, or says how long to wait.
func (c *codes) issue(phone, host string, now time.Time) (code string, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep(now)
	s := c.sent[phone]
	if s == nil {
		if len(c.sent) >= mostCodes {
			return "", codeEvery
		}
		s = &sent{}
	}
	s.at = within(s.at, now)
	from := within(c.hosts[host], now)
	switch {
	case len(s.at) > 0 && now.Sub(s.at[len(s.at)-1]) < codeEvery:
		return "", codeEvery - now.Sub(s.at[len(s.at)-1])
	case len(s.at) >= codesAnHour:
		return "", time.Hour - now.Sub(s.at[0])
	case len(from) >= codesPerHost:
		return "", time.Hour - now.Sub(from[0])
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // never happens, see crypto/rand
		return "", codeEvery
	}
	s.code, s.tries, s.at = fmt.Sprintf("%06d", n), 0, append(s.at, now)
	c.sent[phone], c.hosts[host] = s, append(from, now)
	return s.code, 0
}

// drop takes back a code that did not leave.
func (c *codes) drop(phone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sent[phone]; s != nil {
		s.code = ""
	}
}

// check compares a code; a right one is used up.
func (c *codes) check(phone, code string, now time.Time) verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sent[phone]
	if s == nil || s.code == "" || now.Sub(s.at[len(s.at)-1]) > codeLife {
		return codeGone
	}
	if s.tries++; s.tries > codeTries {
		s.code = ""
		return codeGone
	}
	if subtle.ConstantTimeCompare([]byte(s.code), []byte(code)) != 1 {
		return codeWrong
	}
	s.code = ""
	return codeRight
}

// sweep forgets what no longer counts, once a minute.
func (c *codes) sweep(now time.Time) {
	if now.Sub(c.swept) < time.Minute {
		return
	}
	c.swept = now
	for phone, s := range c.sent {
		if len(within(s.at, now)) == 0 {
			delete(c.sent, phone)
		}
	}
	for host, at := range c.hosts {
		if len(within(at, now)) == 0 {
			delete(c.hosts, host)
		}
	}
}

// within are the instants of the last hour.
func within(at []time.Time, now time.Time) []time.Time {
	for len(at) > 0 && now.Sub(at[0]) >= time.Hour {
		at = at[1:]
	}
	return at
}

// spell words a wait: 40 秒, 12 分钟.
func spell(d time.Duration) string {
	if d <= time.Minute {
		return seconds(d) + " 秒"
	}
	return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + " 分钟"
}

func seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }
