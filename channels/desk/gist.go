package desk

import (
	"context"
	"sync"
	"time"

	"guanjia/bot"
)

// gist is what the queue shows of a conversation's words.
type gist struct {
	who        string
	simulated  bool
	holder     string
	heard      int64  // the newest line's number
	last       string // the citizen's newest words that tell something
	tells      bool   // last does
	unanswered *time.Time
	note       string // what a colleague noted since the holder last wrote
}

// hear takes the next line in, and one that it has taken already not again.
func (g *gist) hear(l bot.Line) {
	if l.ID <= g.heard {
		return
	}
	g.heard = l.ID
	switch l.Speaker {
	case bot.SpeakerCitizen:
		if at := l.At; l.Event != bot.EventOverheard { // who has them on the telephone heard it
			g.unanswered = &at
		}
		if tells := telling(l.Text); tells || !g.tells {
			g.last, g.tells = masked(wordsOf(l)), tells
		}
		return
	case bot.SpeakerBot, bot.SpeakerOperator:
		g.unanswered = nil
	}
	switch ofHolder := l.Name == g.holder && l.Speaker != bot.SpeakerBot; {
	case ofHolder:
		g.note = ""
	case l.Speaker == bot.SpeakerNote && g.holder != "" && !ofTheLine(l):
		g.note = l.Name + "：" + masked(l.Text)
	}
}

// held keeps what was read of each conversation until something happens in it,
// so that a queue of thousands is not read line by line for every desk. Whoever
// read a conversation while it changed does not leave what was read here.
type held[T any] struct {
	mu    sync.Mutex
	held  map[bot.CitizenID]T
	times map[bot.CitizenID]int // how often a conversation has changed
	all   int                   // how often everything may have
}

// mostHeld bounds what is held: more than that wait at no desk.
const mostHeld = 20_000

func newHeld[T any]() *held[T] {
	return &held[T]{held: map[bot.CitizenID]T{}, times: map[bot.CitizenID]int{}}
}

// of is what is held of a conversation, read anew if nothing is.
func (g *held[T]) of(id bot.CitizenID, read func() (T, error)) (T, error) {
	g.mu.Lock()
	v, ok := g.held[id]
	times, all := g.times[id], g.all
	g.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.times[id] == times && g.all == all && len(g.held) < mostHeld {
		g.held[id] = v
	}
	return v, nil
}

// has says whether anything is held of a conversation.
func (g *held[T]) has(id bot.CitizenID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.held[id]
	return ok
}

func (g *held[T]) changed(id bot.CitizenID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.held, id)
	if len(g.times) > 5*mostHeld {
		g.forget()
	}
	g.times[id]++
}

// hold takes a change in hand into what is held of a conversation, if anything
// is.
func (g *held[T]) hold(id bot.CitizenID, take func(*T)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if v, ok := g.held[id]; ok {
		take(&v)
		g.held[id] = v
	}
	g.times[id]++
}

// peek is what is held of a conversation, without reading it.
func (g *held[T]) peek(id bot.CitizenID) (T, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v, ok := g.held[id]
	return v, ok
}

// lost says that changes were missed: nothing held may be relied on.
func (g *held[T]) lost() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget()
}

func (g *held[T]) forget() {
	clear(g.held)
	clear(g.times)
	g.all++
}

// watch keeps what the desk holds true until it closes.
func (d *Desk) watch(changes <-chan bot.Change, late <-chan struct{}, end func()) {
	for {
		for open := true; open; {
			select {
			case c := <-changes:
				d.heard(c)
				d.board.changed(c)
				if moves(c.Kind) {
					select {
					case d.poke <- struct{}{}:
					default: // it is on its way already
					}
				}
			case <-late:
				open = false
			case <-d.streams.closing:
				end()
				return
			}
		}
		end()
		changes, late, end = d.Follow(eventBuffer)
		d.gists.lost() // what came between
		d.lasts.lost()
		d.missed()
	}
}

// heard keeps true what is held of the conversation that a change is of.
func (d *Desk) heard(c bot.Change) {
	if c.Line != nil && c.Line.Speaker != bot.SpeakerBot { // whose turn may have learnt a name
		d.gists.hold(c.Citizen, func(g *gist) { g.hear(*c.Line) })
		return
	}
	d.gists.changed(c.Citizen)
	d.lasts.changed(c.Citizen)
}

// missed has everything read again, whatever came before now.
func (d *Desk) missed() {
	ctx, end := context.WithTimeout(context.Background(), routeLimit)
	defer end()
	seq, err := d.Records.LastChange(ctx)
	if err != nil {
		d.Log.Error("read the last change", "error", err)
	}
	d.board.miss(seq)
}

// gistOf is a conversation's gist, held or read.
func (d *Desk) gistOf(ctx context.Context, h bot.Handoff) (gist, error) {
	return d.gists.of(h.Citizen, func() (gist, error) { return d.readGist(ctx, h) })
}

// readGist reads what the queue shows of a conversation.
func (d *Desk) readGist(ctx context.Context, h bot.Handoff) (gist, error) {
	v := gist{holder: h.Operator}
	v.who, v.simulated = d.whose(ctx, h.Citizen)
	recent, err := d.Records.Recent(ctx, h.Citizen, lookBack)
	for _, l := range recent {
		v.hear(l)
	}
	return v, err
}
