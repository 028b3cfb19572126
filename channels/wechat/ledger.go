package wechat

import (
	"container/list"
	"sync"
	"time"

	"guanjia/bot"
)

// The platform's quotas for customer-service messages.
const (
	messageQuota  = 5
	messageWindow = 48 * time.Hour // after the citizen's own message
	tapQuota      = 3
	tapWindow     = time.Minute // after a menu click, a follow, a scan, a tap on an option
)

// Ledger counts what the platform will still let us send to each citizen. It
// is kept in memory and may be lost: a citizen it does not know is tried, and
// the platform has the last word.
type Ledger struct {
	mu    sync.Mutex
	most  int
	rows  map[string]*list.Element
	order *list.List // of *account, the latest first
}

// account is one citizen's quota.
type account struct {
	openID        string
	spoke, tapped time.Time
	left, tapLeft int
}

// NewLedger makes a ledger of at most so many citizens, those heard longest
// ago forgotten first; 0 means 100,000 (some 25 MB).
func NewLedger(most int) *Ledger {
	if most <= 0 {
		most = 100_000
	}
	return &Ledger{most: most, rows: map[string]*list.Element{}, order: list.New()}
}

// Heard notes what a citizen did: a message opens the long window, a menu
// click, a follow, a scan or a tapped option the short one, and whoever stops
// following closes both.
func (l *Ledger) Heard(openID string, event bot.EventKind, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(openID)
	switch event {
	case bot.EventMenu, bot.EventSubscribe, bot.EventScan, bot.EventChoice:
		a.tapped, a.tapLeft = at, tapQuota
	case bot.EventUnsubscribe:
		a.left, a.tapLeft = 0, 0
	default:
		a.spoke, a.left = at, messageQuota
	}
}

// account finds a citizen's row or makes one. The caller holds the lock.
func (l *Ledger) account(openID string) *account {
	if el := l.rows[openID]; el != nil {
		l.order.MoveToFront(el)
		return el.Value.(*account)
	}
	for l.order.Len() >= l.most {
		last := l.order.Back()
		delete(l.rows, l.order.Remove(last).(*account).openID)
	}
	a := &account{openID: openID}
	l.rows[openID] = l.order.PushFront(a)
	return a
}

// Left is how many messages a citizen may still be sent; known is false for
// one the ledger has never heard of, who may be tried.
func (l *Ledger) Left(openID string, at time.Time) (left int, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	el := l.rows[openID]
	if el == nil {
		return 0, false
	}
	long, short := el.Value.(*account).windows(at)
	return long + short, true
}

// Quotas are how many citizens may be sent how many messages still, those
// without any among them.
func (l *Ledger) Quotas(at time.Time) map[int]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[int]int{}
	for el := l.order.Front(); el != nil; el = el.Next() {
		long, short := el.Value.(*account).windows(at)
		out[long+short]++
	}
	return out
}

func (a *account) windows(at time.Time) (long, short int) {
	if at.Sub(a.spoke) < messageWindow {
		long = a.left
	}
	if at.Sub(a.tapped) < tapWindow {
		short = a.tapLeft
	}
	return long, short
}

// spend takes n messages from a citizen's quota if keep remain in the long
// window after it; the short window is spent first and to the end.
func (l *Ledger) spend(openID string, n, keep int, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	el := l.rows[openID]
	if el == nil {
		return true
	}
	a := el.Value.(*account)
	long, short := a.windows(at)
	fromShort := min(n, short)
	fromLong := n - fromShort
	if fromLong > 0 && long-fromLong < keep {
		return false
	}
	a.tapLeft -= fromShort
	a.left -= fromLong
	return true
}

// refund gives back what was not sent.
func (l *Ledger) refund(openID string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if el := l.rows[openID]; el != nil {
		a := el.Value.(*account)
		a.left = min(messageQuota, a.left+n)
	}
}

// close notes that the platform takes nothing more until the citizen writes.
func (l *Ledger) close(openID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(openID)
	a.left, a.tapLeft = 0, 0
}
