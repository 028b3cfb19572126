package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"guanjia/bot"
)

const (
	heartbeat   = 20 * time.Second
	writeLimit  = 10 * time.Second // a page that does not read for so long is gone
	replayBatch = 500
	eventBuffer = 256
	mostStreams = 8 // of one account
)

// streams counts the open ones, so that the desk can end them.
type streams struct {
	mu      sync.Mutex
	open    map[string]int // by account
	all     sync.WaitGroup
	closing chan struct{}
	closed  bool
}

func (s *streams) join(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.open[name] >= mostStreams {
		return false
	}
	s.open[name]++
	s.all.Add(1)
	return true
}

// leave says whether it was the account's last.
func (s *streams) leave(name string) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[name]--; s.open[name] <= 0 {
		delete(s.open, name)
		last = true
	}
	s.all.Done()
	return last
}

// names are the accounts with a page connected.
func (s *streams) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.open))
}

func (s *streams) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.all.Wait()
}

// events streams the numbered changes after the last one the page has seen:
// first what the store holds, then live, without gap or repeat. It ends when
// the session does.
func (d *Desk) events(w http.ResponseWriter, r *http.Request, who Account) {
	after, err := strconv.ParseInt(firstOf(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")), 10, 64)
	if err != nil || after < 0 {
		refuse(w, http.StatusBadRequest, "缺少起点。")
		return
	}
	if !d.streams.join(who.Name) {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusTooManyRequests, "打开的工作台页面太多，请关掉几个。")
		return
	}
	defer func() {
		if d.streams.leave(who.Name) {
			d.around.leaves(who.Name)
		}
	}()
	live, late, end := d.Follow(eventBuffer)
	defer end()
	people, away := d.around.follow()
	defer away()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	s := &stream{w: w, control: http.NewResponseController(w), after: after, tells: func(c bot.Change) (bot.Change, bool, error) { return d.toldTo(r.Context(), who, c) }}
	if s.write("retry: 400\n\n") != nil || d.replay(r, s) != nil {
		return
	}
	beat := time.NewTicker(d.beat)
	defer beat.Stop()
	for err == nil {
		select {
		case <-r.Context().Done():
			return
		case <-d.streams.closing:
			return
		case <-late: // the page reconnects and reads the rest from the store
			return
		case c := <-live:
			err = s.send(c)
		case id := <-people:
			err = d.sendPeople(r.Context(), s, who, id)
		case <-beat.C:
			if _, gone := d.who(r); gone != nil {
				s.write("event: out\ndata: 1\n\n")
				return
			}
			err = s.beat(d.board.version())
		}
	}
}

// sendPeople tells a page who else is at a conversation it may see.
func (d *Desk) sendPeople(ctx context.Context, s *stream, who Account, id bot.CitizenID) error {
	reached, err := d.reaches(ctx, who, id)
	if err != nil || !reached {
		return err
	}
	body, err := json.Marshal(map[string]any{"citizen": id, "around": d.around.with(id, who.Name, d.Clock())})
	if err != nil {
		return fmt.Errorf("word who is there: %w", err)
	}
	return s.write(fmt.Sprintf("event: around\ndata: %s\n\n", body))
}

func (d *Desk) replay(r *http.Request, s *stream) error {
	for {
		missed, err := d.Records.Changes(r.Context(), s.after, replayBatch)
		if err != nil {
			d.Log.Error("replay changes", "error", err)
			return err
		}
		for _, c := range missed {
			if err := s.send(c); err != nil {
				return err
			}
		}
		if len(missed) < replayBatch {
			return nil
		}
	}
}

// stream writes to one page.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	after   int64 // the last change written or passed over
	passed  bool  // it was passed over
	// tells is what the page is told of a change, if anything.
	tells func(bot.Change) (told bot.Change, ok bool, err error)
}

// toldTo is what an account is told of a change: of another town's citizens
// nothing, but that the queue may have become another.
func (d *Desk) toldTo(ctx context.Context, who Account, c bot.Change) (bot.Change, bool, error) {
	if who.citywide() && !who.Simulated || c.Citizen == "" {
		return c, true, nil
	}
	d.board.catchUp(ctx, c.Seq) // what is held of the citizen is as of this change
	reached, err := d.reaches(ctx, who, c.Citizen)
	if err != nil || reached {
		return c, err == nil, err
	}
	return bot.Change{Seq: c.Seq, At: c.At, Kind: c.Kind}, c.Kind == bot.ChangeQueued, nil
}

// beat says that the line holds, how far it has come without a word, and which
// change the queue is as of: a page whose queue is older reads it again.
func (s *stream) beat(queue int64) error {
	if s.passed {
		return s.write(fmt.Sprintf("id: %d\nevent: beat\ndata: %d\n\n", s.after, queue))
	}
	return s.write(fmt.Sprintf("event: beat\ndata: %d\n\n", queue))
}

func (s *stream) send(c bot.Change) error {
	if c.Seq <= s.after {
		return nil
	}
	c, ok, err := s.tells(c)
	if err != nil {
		return fmt.Errorf("look whose change it is: %w", err)
	}
	if !ok {
		s.after, s.passed = c.Seq, true
		return nil
	}
	body, err := json.Marshal(map[string]string{"kind": string(c.Kind), "citizen": string(c.Citizen), "ref": c.Ref})
	if err != nil {
		return fmt.Errorf("word change: %w", err)
	}
	if err := s.write(fmt.Sprintf("id: %d\ndata: %s\n\n", c.Seq, body)); err != nil {
		return err
	}
	s.after, s.passed = c.Seq, false
	return nil
}

func (s *stream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to stream: %w", err)
	}
	return s.control.Flush()
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
