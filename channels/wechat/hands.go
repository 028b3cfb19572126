package wechat

import "sync"

// mostIdle is how many goroutines wait for the next turn. One that has carried
// a turn has the stack for it; a new one grows its own, copying it again and
// again, which costs a tenth of the turn.
const mostIdle = 256

// hands are the goroutines that carry turns.
type hands struct {
	next chan func()
	over chan struct{}
	once sync.Once
	all  sync.WaitGroup
	mu   sync.Mutex
	idle int
}

func newHands() *hands { return &hands{next: make(chan func()), over: make(chan struct{})} }

// run carries out a deed at once, by a hand that is free or a new one.
func (h *hands) run(deed func()) {
	select {
	case h.next <- deed:
	default:
		h.all.Go(func() { h.work(deed) })
	}
}

// work carries out deeds until there are hands enough without this one.
func (h *hands) work(deed func()) {
	for {
		deed()
		if !h.rest(1) {
			return
		}
		select {
		case deed = <-h.next:
			h.rest(-1)
		case <-h.over:
			return
		}
	}
}

func (h *hands) rest(n int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.idle+n > mostIdle {
		return false
	}
	h.idle += n
	return true
}

// dismiss sends the free hands home, and the others when their turn is over.
func (h *hands) dismiss() { h.once.Do(func() { close(h.over) }) }
