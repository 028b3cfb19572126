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

func newStreams() streams { return streams{closing: make(chan struct{}), open: map[string]int{}} }

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
	people, calls := d.around.follow(), d.calls.follow()
	defer people.end()
	defer calls.end()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	s := &stream{w: w, control: http.NewResponseController(w), after: after, tells: func(c bot.Change) (*told, error) { return d.toldTo(r.Context(), who, c) }}
	if s.say("retry: 400\n\n") != nil || d.replay(r, s) != nil {
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
		case <-people.rung:
			err = d.sendPeople(r.Context(), s, who, people.take())
		case <-calls.rung:
			err = d.sendCalls(r.Context(), s, who, calls.take())
		case <-beat.C:
			if _, gone := d.who(r); gone != nil {
				s.say("event: out\ndata: 1\n\n")
				return
			}
			err = s.beat(d.board.version())
		}
	}
}

// sendPeople tells a page who else is at conversations it may see.
func (d *Desk) sendPeople(ctx context.Context, s *stream, who Account, changed []bot.CitizenID) error {
	return d.sendOf(ctx, s, who, "around", changed, func(id bot.CitizenID) map[string]any {
		return map[string]any{"citizen": id, "around": d.around.with(id, who.Name, d.Clock())}
	})
}

// sendCalls has the page of somebody who may listen read conversations again
// whose call began or ended.
func (d *Desk) sendCalls(ctx context.Context, s *stream, who Account, changed []bot.CitizenID) error {
	if !who.supervises() {
		return nil
	}
	return d.sendOf(ctx, s, who, "call", changed, func(id bot.CitizenID) map[string]any { return map[string]any{"citizen": id} })
}

// sendOf sends an event of the moment of each conversation that the page may see.
func (d *Desk) sendOf(ctx context.Context, s *stream, who Account, event string, changed []bot.CitizenID, of func(bot.CitizenID) map[string]any) error {
	for _, id := range changed {
		reached, err := d.reaches(ctx, who, id)
		if err != nil {
			return err
		}
		if !reached {
			continue
		}
		body, err := json.Marshal(of(id))
		if err != nil {
			return fmt.Errorf("word what is there: %w", err)
		}
		if err := s.say(fmt.Sprintf("event: %s\ndata: %s\n\n", event, body)); err != nil {
			return err
		}
	}
	return nil
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
	// tells is what the page is told of a change, nil for nothing.
	tells func(bot.Change) (*told, error)
}

// told is what a page is told of a change: what to read again, and of a new
// line what it would find there, so that words are seen before they are read.
type told struct {
	Kind    bot.ChangeKind `json:"kind"`
	Citizen bot.CitizenID  `json:"citizen"`
	Ref     string         `json:"ref"`
	// News is what the queue's row says from now on, if it is known.
	News *news `json:"news,omitempty"`
	// Line is told where the account has the conversation open.
	Line *line `json:"line,omitempty"`
}

// news is what a new line changes of a row in the queue.
type news struct {
	Last       string     `json:"last"`
	Unanswered *time.Time `json:"unanswered"`
	Note       string     `json:"note"`
}

// toldTo is what an account is told of a change, nil for nothing: of another
// town's citizens nothing, but that the queue may have become another.
func (d *Desk) toldTo(ctx context.Context, who Account, c bot.Change) (*told, error) {
	if c.Citizen == "" {
		return &told{Kind: c.Kind, Ref: c.Ref}, nil
	}
	bound := !who.citywide() || who.Simulated
	if bound || c.Line != nil {
		d.board.catchUp(ctx, c.Seq) // what is held of the citizen is as of this change
	}
	t := &told{Kind: c.Kind, Citizen: c.Citizen, Ref: c.Ref}
	if c.Line != nil {
		d.tellLine(t, who, *c.Line)
	}
	if !bound && t.News == nil && t.Line == nil {
		return t, nil
	}
	reached, err := d.reaches(ctx, who, c.Citizen)
	switch {
	case err != nil:
		return nil, err
	case reached:
		return t, nil
	case !bound:
		return &told{Kind: c.Kind, Citizen: c.Citizen, Ref: c.Ref}, nil
	case c.Kind == bot.ChangeQueued:
		return &told{Kind: c.Kind}, nil
	}
	return nil, nil
}

// tellLine adds what a page would read of a line. Who has not opened the
// conversation is told no more of it than the queue shows.
func (d *Desk) tellLine(t *told, who Account, l bot.Line) {
	if g, held := d.gists.peek(l.Citizen); held && g.heard >= l.ID {
		t.News = &news{g.last, g.unanswered, g.note}
	}
	if d.around.looks(l.Citizen, who.Name) {
		shown := lineOf(l)
		t.Line = &shown
	}
}

// beat says that the line holds, how far it has come without a word, and which
// change the queue is as of: a page whose queue is older reads it again.
func (s *stream) beat(queue int64) error {
	if s.passed {
		return s.say(fmt.Sprintf("id: %d\nevent: beat\ndata: %d\n\n", s.after, queue))
	}
	return s.say(fmt.Sprintf("event: beat\ndata: %d\n\n", queue))
}

func (s *stream) send(c bot.Change) error {
	if c.Seq <= s.after {
		return nil
	}
	told, err := s.tells(c)
	if err != nil {
		return fmt.Errorf("look whose change it is: %w", err)
	}
	if told == nil {
		s.after, s.passed = c.Seq, true
		return nil
	}
	body, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("word change: %w", err)
	}
	if err := s.say(fmt.Sprintf("id: %d\ndata: %s\n\n", c.Seq, body)); err != nil {
		return err
	}
	s.after, s.passed = c.Seq, false
	return nil
}

func (s *stream) say(text string) error { return s.write([]byte(text)) }

func (s *stream) write(raw []byte) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if _, err := s.w.Write(raw); err != nil {
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
