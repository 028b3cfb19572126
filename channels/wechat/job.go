package wechat

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"guanjia/bot"
)

// job is the one run of a message; the platform's retries join it.
type job struct {
	key, openID string
	in          bot.Inbound   // as it came, before anything was fetched for it
	tries       int           // guarded by jobs.mu
	after       *job          // the same citizen's message before, nil when none runs
	received    chan struct{} // closed when the turn is over: the citizen's next may begin
	done        chan struct{} // closed when answer may be read
	ended       time.Time
	answer      answer

	mu      sync.Mutex
	settled bool // the replies are reported or released: nobody need say them
	late    bool // nobody waits any more: the replies leave through the outbox
}

// mostOver bounds the answers kept for retries. A retry of one that is gone
// gets the same answer from the store.
const mostOver = 1 << 14

// jobs are the runs in hand and those just over, and each citizen's order.
type jobs struct {
	mu      sync.Mutex
	byKey   map[string]*job
	last    map[string]*job // by openid, the latest whose turn is not over
	over    []*job          // oldest first
	running int
	closed  bool
	work    sync.WaitGroup // joined jobs and what else is owned
}

// join finds a message's run or begins one; try counts from 1. A nil job
// means that no more runs are taken.
func (s *jobs) join(key string, in bot.Inbound, most int, now time.Time, remember time.Duration) (j *job, try int) {
	openID := in.From.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.over) > 0 && (len(s.over) > mostOver || now.Sub(s.over[0].ended) > remember) {
		delete(s.byKey, s.over[0].key)
		s.over[0], s.over = nil, s.over[1:]
	}
	if j := s.byKey[key]; j != nil {
		j.tries++
		return j, j.tries
	}
	if s.closed || s.running >= most {
		return nil, 0
	}
	j = &job{
		key: key, openID: openID, in: in, tries: 1, after: s.last[openID],
		received: make(chan struct{}), done: make(chan struct{}),
	}
	s.byKey[key], s.last[openID] = j, j
	s.running++
	s.work.Add(1)
	return j, 1
}

// finish lets the tries read the answer.
func (s *jobs) finish(j *job, a answer, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.answer, j.ended = a, now
	if s.last[j.openID] == j {
		delete(s.last, j.openID)
	}
	j.after = nil
	s.over = append(s.over, j)
	s.running--
	close(j.received)
	close(j.done)
}

// own reserves a place in work for one more goroutine; false while closing.
func (s *jobs) own() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.work.Add(1)
	}
	return !s.closed
}

func (s *jobs) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *jobs) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// start runs a message's turn apart from the request that brought it.
func (e *Edge) start(j *job) {
	in := j.in
	if in.Attachment != nil { // what is fetched is for the turn alone
		a := *in.Attachment
		in.Attachment = &a
	}
	e.hands.run(func() {
		defer e.jobs.work.Done()
		ctx, cancel := context.WithTimeout(e.base, e.times.Turn)
		defer cancel()
		out, err := e.turn(ctx, j, in)
		a := answer{text: wordsFor(in.Text).sorry}
		if err != nil {
			e.count("turn_failed")
			e.log.Error("message not taken", "channel", bot.WeChat, "error", err)
		} else {
			a = e.compose(j.openID, out)
		}
		e.jobs.finish(j, a, time.Now())
		if j.isLate() {
			e.release(j)
			if err != nil && in.Event != bot.EventUnsubscribe {
				e.regret(j.openID, a.text)
			}
		}
	})
}

// regret tells a citizen whose message took long and then failed.
func (e *Edge) regret(openID, words string) {
	if e.api == nil || !e.ledger.spend(openID, 1, 0, e.clock()) {
		return
	}
	ctx, cancel := context.WithTimeout(e.base, e.times.Answer)
	defer cancel()
	if err := e.api.SendText(ctx, openID, words); err != nil {
		e.log.Warn("regret not sent", "channel", bot.WeChat, "error", err)
	}
}

// turn hands a message to the engine when the same citizen's earlier messages
// are through. A turn that fails inside is tried once more: the key makes
// that safe.
func (e *Edge) turn(ctx context.Context, j *job, in bot.Inbound) (out []bot.Outgoing, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			e.count("panic")
			e.log.Error("turn failed", "panic", faultName(fault), "stack", string(debug.Stack()))
			err = errors.New("turn failed inside")
		}
	}()
	e.fetch(ctx, &in)
	if j.after != nil {
		select {
		case <-j.after.received:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the citizen's earlier message: %w", ctx.Err())
		}
	}
	turn, err := e.receiver.Receive(ctx, in)
	if err != nil && ctx.Err() == nil {
		e.log.Warn("message tried again", "channel", bot.WeChat, "error", err)
		turn, err = e.receiver.Receive(ctx, in)
	}
	now := e.clock()
	for _, o := range turn.Out {
		// A reminder waits for its time; what the outbox has sent is said.
		if !o.Due.After(now) && !e.pushed.has(o.ID) {
			out = append(out, o)
		}
	}
	return out, err
}

func (j *job) isLate() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.late
}

// leave says that no try waits for the answer any more. It is false when the
// answer is there after all.
func (j *job) leave() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	select {
	case <-j.done:
		return false
	default:
	}
	j.late = true
	return true
}

// settle is true for whoever settles a job's replies first.
func (j *job) settle() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.settled {
		return false
	}
	j.settled = true
	return true
}

// release leaves a finished job's replies to the outbox.
func (e *Edge) release(j *job) {
	if j.settle() {
		e.report.tell(nil, j.answer.all())
	}
}
