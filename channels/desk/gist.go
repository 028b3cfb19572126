package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"guanjia/bot"
)

// gist is what the queue shows of a conversation's words.
type gist struct {
	who        string
	simulated  bool
	last       string // the citizen's newest words that tell something
	unanswered *time.Time
	note       string // what a colleague noted since the holder last wrote
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
				d.gists.changed(c.Citizen)
				d.lasts.changed(c.Citizen)
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

// whispered is a colleague's note to who holds a conversation, until the holder
// writes again.
func whispered(recent []bot.Line, holder string) string {
	for _, l := range slices.Backward(recent) {
		if (l.Speaker == bot.SpeakerOperator || l.Speaker == bot.SpeakerNote) && l.Name == holder {
			return ""
		}
		if l.Speaker == bot.SpeakerNote && holder != "" && l.Name != channelTitle(l.Channel) { // the line's own notes are nobody's
			return l.Name + "：" + masked(l.Text)
		}
	}
	return ""
}

// readGist reads what the queue shows of a conversation.
func (d *Desk) readGist(ctx context.Context, h bot.Handoff) (gist, error) {
	v := gist{}
	v.who, v.simulated = d.whose(ctx, h.Citizen)
	recent, err := d.Records.Recent(ctx, h.Citizen, lookBack)
	if err != nil {
		return v, err
	}
	v.note = whispered(recent, h.Operator)
	for _, l := range slices.Backward(recent) {
		if l.Speaker != bot.SpeakerCitizen {
			continue
		}
		if v.last == "" && l.ID > lastSaid(recent) {
			at := l.At
			v.unanswered = &at
		}
		if v.last == "" || telling(l.Text) {
			v.last = masked(wordsOf(l))
		}
		if telling(l.Text) {
			break
		}
	}
	return v, nil
}
