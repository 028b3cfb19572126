package wechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"guanjia/bot"
)

// Receiver is the one path a message takes; bot.Engine is it.
type Receiver interface {
	// Accept makes a message durable before its turn is over.
	Accept(ctx context.Context, in bot.Inbound) error
	Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error)
	Delivered(ctx context.Context, ids ...bot.OutgoingID) error
	Release(ctx context.Context, ids ...bot.OutgoingID) error
}

// Cipher opens and seals the envelopes of safe mode.
type Cipher interface {
	// Open verifies the signature, decrypts, and checks whom it is for.
	Open(signature, timestamp, nonce, encrypted string) ([]byte, error)
	// Seal makes the whole envelope of a reply.
	Seal(plain []byte, at time.Time) ([]byte, error)
}

// Nonces say whether a nonce came with no other message before, and keep it
// with this one. They may forget.
type Nonces interface {
	First(ctx context.Context, nonce, message string, life time.Duration) bool
}

// Times are the waits of the five-second rule. Zero values take the defaults.
type Times struct {
	Typing   time.Duration // after it the citizen sees that we write; 800 ms
	Answer   time.Duration // a try is answered by then if it can be; 4.3 s
	Hang     time.Duration // an unanswered try is hung up then; 5.5 s
	Turn     time.Duration // a turn may take so long; 60 s
	Fetch    time.Duration // a picture or a voice; 20 s
	Remember time.Duration // an answer is kept for retries; 30 s
}

// Config is what an edge is made of. Receiver and Token are needed. API and
// Cipher must be left nil when they are not there: a nil pointer in them is not.
type Config struct {
	Receiver Receiver
	API      Outbound // nil: replies leave only as answers to messages
	Token    string   // signs callbacks
	// Cipher is set when the account has an EncodingAESKey: then nothing
	// but encrypted messages is taken. Nil: plain mode.
	Cipher Cipher
	// Transcribe turns a voice message into words; nil: citizens are asked to
	// type when the platform did not recognise them.
	Transcribe func(ctx context.Context, data []byte, mediaType string) (string, error)
	PublicURL  string // what links in replies start with
	// Pictures loads a kept picture, and says whose it is; nil: none are sent.
	Pictures func(ctx context.Context, id string) (bot.Attachment, bot.CitizenID, error)
	Ledger   *Ledger // nil: one of its own
	Clock    bot.Clock
	Log      *slog.Logger
	Times    Times
	// MostTurns bounds the turns running at once; 0: 1024.
	MostTurns int
	// Nonces are those that other instances saw; nil: this one's own alone.
	Nonces Nonces
	// Observe is told how long each try of a message took until its answer,
	// counted from 1; nil: nobody is.
	Observe func(try int, took time.Duration)
}

// Edge serves the callback and sends to WeChat.
type Edge struct {
	receiver   Receiver
	api        Outbound
	token      string
	cipher     Cipher
	transcribe func(ctx context.Context, data []byte, mediaType string) (string, error)
	publicURL  string
	pictures   func(ctx context.Context, id string) (bot.Attachment, bot.CitizenID, error)
	ledger     *Ledger
	clock      bot.Clock
	log        *slog.Logger
	times      Times
	most       int
	observe    func(try int, took time.Duration)

	nonces   nonces
	others   Nonces
	jobs     jobs
	hands    *hands
	progress progress
	pushed   pushed
	report   *reporter
	figures  figures
	silent   atomic.Bool // the account cannot write first (48001)
	noMenu   atomic.Bool // the account cannot send options to tap (40200)

	base context.Context // of turns: they outlive the request that began them
	stop context.CancelFunc
}

var _ bot.Sender = (*Edge)(nil)

// New makes an edge; Close ends what it owns.
func New(c Config) (*Edge, error) {
	if c.Receiver == nil {
		return nil, errors.New("wechat edge: a receiver is needed")
	}
	if c.Token == "" {
		return nil, errors.New("wechat edge: wechat_token is needed")
	}
	e := &Edge{
		receiver: c.Receiver, api: c.API, token: c.Token, cipher: c.Cipher, transcribe: c.Transcribe,
		publicURL: strings.TrimRight(c.PublicURL, "/"), pictures: c.Pictures, ledger: c.Ledger, clock: c.Clock, log: c.Log,
		times: c.Times.orDefaults(), most: c.MostTurns, observe: c.Observe, others: c.Nonces,
		hands: newHands(), jobs: jobs{byKey: map[string]*job{}, last: map[string]*job{}},
	}
	if e.ledger == nil {
		e.ledger = NewLedger(0)
	}
	if e.clock == nil {
		e.clock = bot.SystemClock
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.most == 0 {
		e.most = 1024
	}
	if e.observe == nil {
		e.observe = func(int, time.Duration) {}
	}
	e.base, e.stop = context.WithCancel(context.Background())
	e.report = newReporter(e.receiver, e.log, func() { e.count("report_failed") })
	return e, nil
}

// abandon is how long turns that were cut short may take to notice.
const abandon = 5 * time.Second

func (t Times) orDefaults() Times {
	set := func(d *time.Duration, standard time.Duration) {
		if *d == 0 {
			*d = standard
		}
	}
	set(&t.Typing, 800*time.Millisecond)
	set(&t.Answer, 4300*time.Millisecond)
	set(&t.Hang, 5500*time.Millisecond)
	set(&t.Turn, time.Minute)
	set(&t.Fetch, 20*time.Second)
	set(&t.Remember, 30*time.Second)
	return t
}

// Close waits for the turns in hand and their reports. When ctx ends first
// they are cut short: what was accepted is answered after the next start.
// The server that serves the edge is shut down before.
func (e *Edge) Close(ctx context.Context) error {
	e.jobs.close()
	done := make(chan struct{})
	go func() { e.jobs.work.Wait(); close(done) }()
	var late error
	select {
	case <-done:
	case <-ctx.Done():
		late = fmt.Errorf("finish wechat turns: %w", ctx.Err())
	}
	e.stop()
	e.hands.dismiss()
	select { // turns end with their context
	case <-done:
		e.hands.all.Wait()
	case <-time.After(abandon):
	}
	return errors.Join(late, e.report.close(ctx))
}

// figures count what happens at the edge.
type figures struct {
	mu     sync.Mutex
	counts map[string]int64
}

func (e *Edge) count(what string) {
	e.figures.mu.Lock()
	defer e.figures.mu.Unlock()
	if e.figures.counts == nil {
		e.figures.counts = map[string]int64{}
	}
	e.figures.counts[what]++
}

// Quotas are how many citizens may be sent how many messages still.
func (e *Edge) Quotas() map[int]int { return e.ledger.Quotas(e.clock()) }

// Figures are the counts since the start, by what happened: answered,
// answered_on_retry, success, waiting, pushed (an answer is to follow),
// hung_up, sent, held, turn_failed, crowded, refused_… and others. The first
// of a kind makes its entry.
func (e *Edge) Figures() map[string]int64 {
	e.figures.mu.Lock()
	defer e.figures.mu.Unlock()
	all := make(map[string]int64, len(e.figures.counts))
	for k, v := range e.figures.counts {
		all[k] = v
	}
	return all
}
