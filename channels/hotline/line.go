package hotline

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
	"guanjia/channels/hotline/speech"
)

// Engine is what the line says callers' words to.
type Engine interface {
	Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error)
	Delivered(ctx context.Context, ids ...bot.OutgoingID) error
}

// Desk is the operators' side of a call: the same deeds as at the desk's own
// page.
type Desk interface {
	Take(ctx context.Context, citizen bot.CitizenID, operator string) error
	Finish(ctx context.Context, citizen bot.CitizenID, by bot.Holder, note string, back bool) ([]bot.Outgoing, error)
	Note(ctx context.Context, citizen bot.CitizenID, operator, text string) error
	Pass(ctx context.Context, citizen bot.CitizenID, from bot.Holder, to bot.Target, note string) error
	// Said keeps what the operator told the caller aloud.
	Said(ctx context.Context, citizen bot.CitizenID, operator, text string) error
}

// Records are what the line keeps beside the conversation.
type Records interface {
	// Preference is how a caller wants to be spoken to; the zero value where
	// nothing is known.
	Preference(ctx context.Context, caller bot.Address) (Preference, error)
	// Prefer keeps it.
	Prefer(ctx context.Context, citizen bot.CitizenID, p Preference) error
	// Summary is the handover in words for the operator's ear: masked.
	Summary(ctx context.Context, citizen bot.CitizenID) (string, error)
}

// Preference is how a caller wants to be spoken to.
type Preference struct {
	Language speech.Language // empty: Mandarin
	Slow     bool
}

// Transfer is how a call goes to a person.
type Transfer string

// The ways.
const (
	B2BUA Transfer = "b2bua" // we call the operator and stay between
	Refer Transfer = "refer" // the trunk calls the operator instead of us
)

// Config is what a line is made of.
type Config struct {
	Engine  Engine
	Desk    Desk
	Records Records
	// Callbacks keeps whom to call back; nil: nobody is.
	Callbacks Callbacks
	// Calls keeps the calls that go on; nil: nobody does, and nothing is to be
	// written up.
	Calls Calls
	// Moved is told when a citizen's call begins or ends, so that who shows it
	// looks again; it does not wait. nil: nobody is told.
	Moved func(citizen bot.CitizenID)
	// Recordings keeps the keys of recordings, which lie in RecordTo; nil:
	// calls are not recorded. Callers are told.
	Recordings Recordings
	RecordTo   string

	Addr      string // UDP and TCP
	TLSAddr   string // empty: no TLS
	TLS       *tls.Config
	Allow     []netip.Prefix
	Users     map[string]string // callers who prove themselves by digest
	MaxCalls  int
	FirstPort uint16 // of the ports for sound
	LastPort  uint16
	Trunks    []Trunk
	// Operators are SIP addresses of people, tried in turn; none: the desk
	// answers in writing, which is read out.
	Operators []string
	// People knows whose telephone is whose; nil: nobody's is known.
	People People
	// Transfer is how calls go to people where their trunk does not say.
	Transfer Transfer
	// Trust are the addresses whose callers' numbers are believed; Proof
	// confirms those of others, nil: nothing does.
	Trust []netip.Prefix
	Proof Proof
	// Summaries tell callers in writing what was done; nil: nobody is told.
	Summaries Summaries
	// Orders are calls to be placed over Outbound; nil: none are.
	Orders   Orders
	Outbound signal.Trunk

	Voice *speech.Voice
	// Ears writes down what callers say; nil: the line is served by keys, and
	// says so.
	Ears speech.Recognizer
	// Simplify turns traditional characters to simplified ones for the voice.
	Simplify func(string) string

	Clock bot.Clock
	Log   *slog.Logger
	Times Times // zero: DefaultTimes
}

// Times are the waits of a call.
type Times struct {
	Silence  time.Duration // after a prompt, before the caller is asked again
	Filler   time.Duration // of work, before "one moment"
	KeyGap   time.Duration // between keys of a number
	NextKey  time.Duration // for a second key where one chooses
	Answer   time.Duration // for the engine or the recogniser
	Operator time.Duration // an operator's telephone rings
	Accept   time.Duration // an operator has to accept
	Dead     time.Duration // without a packet
	Shelve   time.Duration // for the key of a recording, once the call is over
}

// DefaultTimes are those of the targets.
func DefaultTimes() Times {
	return Times{
		Silence: 6 * time.Second, Filler: 1500 * time.Millisecond, KeyGap: 1500 * time.Millisecond, NextKey: 700 * time.Millisecond,
		Answer: 8 * time.Second, Operator: 30 * time.Second, Accept: 20 * time.Second, Dead: 60 * time.Second, Shelve: time.Minute,
	}
}

// Line is the hotline.
type Line struct {
	Config
	endpoint *signal.Endpoint
	ports    *media.Ports
	pace     *media.Pace
	figures  counts
	life     context.Context
	stop     context.CancelFunc
	owned    sync.WaitGroup
	placers  sync.WaitGroup
	// shelvers keep the recordings of calls that are over, until shelfEnd.
	shelvers sync.WaitGroup
	shelf    context.Context
	shelfEnd context.CancelFunc
	closing  sync.Once
	placed   atomic.Int64 // calls of ours going on
	settling atomic.Bool  // none is taken or placed any more

	mu    sync.Mutex
	talks map[bot.CitizenID]*talk // calls going on, by who calls
	// trunksAt are the addresses of each trunk, as last found.
	trunksAt [][]netip.AddrPort
	owing    chan bot.Address // missed calls to be written down
}

// Open listens and registers with the trunks.
func Open(c Config) (*Line, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Times == (Times{}) {
		c.Times = DefaultTimes()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Moved == nil {
		c.Moved = func(bot.CitizenID) {}
	}
	if c.Simplify == nil {
		c.Simplify = func(s string) string { return s }
	}
	host, err := bindTo(c.Addr)
	if err != nil {
		return nil, err
	}
	l := &Line{Config: c, ports: media.NewPorts(host, c.FirstPort, c.LastPort), pace: &media.Pace{}, talks: map[bot.CitizenID]*talk{}, owing: make(chan bot.Address, 1000),
		trunksAt: make([][]netip.AddrPort, len(c.Trunks))}
	l.life, l.stop = context.WithCancel(context.Background())
	l.shelf, l.shelfEnd = context.WithCancel(context.Background())
	cut := l.cutOff() // before there can be others
	l.endpoint, err = signal.Listen(signal.Config{
		Addr: c.Addr, TLSAddr: c.TLSAddr, TLS: c.TLS, Allow: c.Allow, MaxCalls: c.MaxCalls, Users: c.Users, Handler: l.take, Missed: l.missed, Log: c.Log,
	})
	if err != nil {
		l.stop()
		l.shelfEnd()
		return nil, fmt.Errorf("open the hotline: %w", err)
	}
	l.owned.Go(l.rehearse)
	l.owned.Go(func() { l.makeUp(cut) })
	if c.Callbacks != nil {
		l.owned.Go(l.registerMissed)
	}
	if c.Orders != nil {
		l.placers.Go(l.placeAll)
	}
	for i, t := range c.Trunks {
		l.owned.Go(func() {
			l.locate(l.life, i)
			registered := l.registered(t.Trunk)
			l.endpoint.Register(l.life, t.Trunk, func(ok bool, status int) {
				registered(ok, status)
				l.locate(l.life, i) // names move
			})
		})
	}
	return l, nil
}

// bindTo is the address sound is received on.
func bindTo(addr string) (netip.Addr, error) {
	host, _, _ := strings.Cut(addr, ":")
	if strings.HasPrefix(addr, "[") {
		host, _, _ = strings.Cut(addr[1:], "]")
	}
	if host == "" {
		return netip.IPv4Unspecified(), nil
	}
	if host == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return a, errors.New("the hotline's host is not an IP address")
	}
	return a, nil
}

// Addr is where the line listens.
func (l *Line) Addr() netip.AddrPort { return l.endpoint.Addr() }

// Settle takes no new calls and places none, and waits until those that go on
// are over, or ctx is. They go on as before.
func (l *Line) Settle(ctx context.Context) {
	l.settling.Store(true)
	l.endpoint.Drain()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for l.endpoint.Figures().Inbound > 0 || l.placed.Load() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close takes no new calls, tells those who are talking, and hangs up.
func (l *Line) Close(ctx context.Context) (err error) {
	l.closing.Do(func() { err = l.close(ctx) })
	return err
}

func (l *Line) close(ctx context.Context) error {
	l.endpoint.Drain()
	l.mu.Lock()
	for _, t := range l.talks {
		t.farewell()
	}
	l.mu.Unlock()
	l.stop()
	l.owned.Wait() // registrations are taken back
	l.idle(ctx)
	err := l.endpoint.Close(ctx)
	l.placers.Wait() // their calls are hung up
	defer context.AfterFunc(ctx, l.shelfEnd)()
	l.shelvers.Wait()
	l.shelfEnd()
	return err
}

// idle waits until the last caller has heard the farewell, for two thirds of
// the time there is.
func (l *Line) idle(ctx context.Context) {
	limit := 10 * time.Second
	if end, ok := ctx.Deadline(); ok {
		limit = time.Until(end) * 2 / 3
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); time.Now().Before(end) && l.endpoint.Figures().Inbound > 0 || l.placed.Load() > 0; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// registered logs each change of a trunk's registration.
func (l *Line) registered(t signal.Trunk) func(bool, int) {
	var was *bool
	return func(ok bool, status int) {
		l.figures.trunk(t.Name(), ok)
		if was == nil || *was != ok {
			l.Log.Info("trunk", "trunk", t.Name(), "registered", ok, "status", status)
		}
		was = &ok
	}
}

// Registrations says of each trunk whether we are registered with it now.
func (l *Line) Registrations() map[string]bool {
	out := l.figures.registrations()
	for _, t := range l.Trunks {
		if _, tried := out[t.Name()]; !tried {
			out[t.Name()] = false
		}
	}
	return out
}

// join makes a call known by its caller, so that operators' words find it.
func (l *Line) join(citizen bot.CitizenID, t *talk) {
	l.mu.Lock()
	l.talks[citizen] = t
	l.mu.Unlock()
	l.Moved(citizen)
}

func (l *Line) leave(citizen bot.CitizenID, t *talk) {
	l.mu.Lock()
	if l.talks[citizen] == t {
		delete(l.talks, citizen)
	}
	l.mu.Unlock()
	l.Moved(citizen)
}

// talkOf is the call a citizen is on, nil where they are on none.
func (l *Line) talkOf(citizen bot.CitizenID) *talk {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.talks[citizen]
}

// Send implements bot.Sender: what the desk and jobs say is read out in the
// call that goes on. Nobody on the line: it is kept until they call again.
func (l *Line) Send(ctx context.Context, out bot.Outgoing) error {
	t := l.talkOf(out.Citizen)
	if t == nil {
		return fmt.Errorf("the citizen is not on the line: %w", bot.ErrHold)
	}
	said := saying{reply: out.Reply, done: make(chan struct{})}
	select {
	case t.sayings <- said:
	case <-t.over:
		return fmt.Errorf("the citizen hung up: %w", bot.ErrHold)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-said.done:
		return nil
	case <-t.over:
		return fmt.Errorf("the citizen hung up: %w", bot.ErrHold)
	case <-ctx.Done(): // it is long: what is not heard of it will be noted
		return nil
	}
}
