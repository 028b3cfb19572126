// Package desk is the operators' console on the inner door: sign in, the
// queue, a conversation live, take it, reply with what the guides say or with
// what is written often, offer options to tap or show a picture, note, tag, pass
// it on, close it or give it back to the bot, which the page does after a moment in
// which it can be taken back (static/giving.js); fill in the form the bot began, or
// another, read it back and carry it out on the citizen's yes (draft.go), look up
// what the citizen has with the city and dispatch it (matter.go); for those who
// supervise, today's figures, reports, people, score sheets and the sound of
// calls that go on (listening.go); and for administrators, switches that take two of them, and how the installation stands
// (state.go). Whoever is on duty is asked to
// take what suits them (bot/routing). Under /desk/work/ are the pages of
// those who deal with tickets (work*.go): departments, towns, villages, social
// workers and the 12345 centre, each with an inbox by right.
//
// What it shows comes from the store and its numbered changes, so a broken
// connection loses and doubles nothing. It refuses to change anything but
// through the engine, to send words written before a colleague's were seen,
// and to load anything from another host; what it knows of a person it shows
// masked.
//
// Measured in Chromium on two cores that browser and service share, otherwise
// idle, November 2026 (GUANJIA_PROVE=1):
//
//	a citizen's message, accepted to on screen, 20 citizens, 2 operators,
//	a supervisor: 300 messages on 3 pages    p50 25-35 ms, p99 113-260 ms  TestWordsAreSeenAtOnce
//	off for ten minutes, 1,046 changes: from the line's return to the
//	same state, cut / everything said astray 0.48 s / 0.49 s               TestDeskComesBack
package desk

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/inmem"
	"guanjia/bot/ticket"
)

//go:embed pages/*.html static/*
var files embed.FS

// Engine is what operators can do to a conversation.
type Engine interface {
	Take(ctx context.Context, citizen bot.CitizenID, operator string) error
	Speak(ctx context.Context, citizen bot.CitizenID, by bot.Holder, said bot.Saying, key string) ([]bot.Outgoing, error)
	Note(ctx context.Context, citizen bot.CitizenID, operator, text string) error
	Pass(ctx context.Context, citizen bot.CitizenID, from bot.Holder, to bot.Target, note string) error
	Reassign(ctx context.Context, citizen bot.CitizenID, by string, from bot.Holder, to bot.Target, note string) error
	Finish(ctx context.Context, citizen bot.CitizenID, by bot.Holder, note string, back bool) ([]bot.Outgoing, error)
}

// Records is what the desk reads.
type Records interface {
	Handoffs(ctx context.Context, open bool, limit int) ([]bot.Handoff, error)
	OpenHandoff(ctx context.Context, citizen bot.CitizenID) (h bot.Handoff, found bool, err error)
	Lines(ctx context.Context, citizen bot.CitizenID, after int64, limit int) ([]bot.Line, error)
	Recent(ctx context.Context, citizen bot.CitizenID, limit int) ([]bot.Line, error)
	Earlier(ctx context.Context, citizen bot.CitizenID, before int64, limit int) ([]bot.Line, error)
	LastHandoff(ctx context.Context, citizen bot.CitizenID) (h bot.Handoff, found bool, err error)
	// Present are the accounts with a session used after used.
	Present(ctx context.Context, began, used time.Time) ([]string, error)
	ShiftSince(ctx context.Context, since time.Time) (bot.Shift, error)
	// Conversation of nobody has Version 0.
	Conversation(ctx context.Context, citizen bot.CitizenID) (bot.Conversation, error)
	Citizen(ctx context.Context, id bot.CitizenID) (bot.Citizen, error)
	Changes(ctx context.Context, after int64, limit int) ([]bot.Change, error)
	LastChange(ctx context.Context) (int64, error)
	Attachment(ctx context.Context, id string) (bot.Attachment, bot.CitizenID, error)
}

// Kit is what operators keep for their work.
type Kit interface {
	QuickReplies(ctx context.Context) ([]bot.QuickReply, error)
	SaveQuickReply(ctx context.Context, v bot.QuickReply) (id string, err error)
	DropQuickReply(ctx context.Context, id string) error
	Tag(ctx context.Context, citizen bot.CitizenID, name, staff string, on bool, at time.Time) error
	Tags(ctx context.Context, citizen bot.CitizenID) ([]string, error)
}

// Suggestion is an answer from the service guides that can be sent as it is.
type Suggestion struct {
	Title  string `json:"title"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// Guides answers from the service guides, best first.
type Guides interface {
	// Search answers words; before are those the same person said before them,
	// the oldest first.
	Search(ctx context.Context, words string, before []string) []Suggestion
}

// Account is a desk account as the door needs it.
type Account struct {
	Name string
	Role string
	// Town is a hall's id for its clerks; for operators and supervisors the town
	// whose conversations they see, empty for those of the whole city.
	Town string
	Hash string // argon2id
	// Given is when somebody else gave the account its password; zero where it
	// chose its own.
	Given time.Time
	// Stage of the session it was found by: empty, or what is missing yet, one
	// after the other.
	Stage string
	// Simulated accounts are played, and see nobody but simulated citizens.
	Simulated bool
	// Actor is what the account is to tickets.
	Actor ticket.Actor
}

// Accounts is who may sign in.
type Accounts interface {
	// Account finds an account; ErrNoAccount if there is none, with a hash
	// all the same, so that refusing takes as long.
	Account(ctx context.Context, name string) (Account, error)
	// Accounts lists all, by name.
	Accounts(ctx context.Context) ([]Account, error)
	// StartSession keeps a session; its stage is empty for who is fully signed in.
	StartSession(ctx context.Context, token, name, stage string, at time.Time) error
	// Signed finds whose session a token is, begun after began and used
	// after used.
	Signed(ctx context.Context, token string, began, used time.Time) (Account, error)
	// Used notes that a person used a session.
	Used(ctx context.Context, token string, at time.Time) error
	EndSession(ctx context.Context, token string) error
	// Check compares a password with an account's hash, in constant time.
	Check(password, hash string) (bool, error)
}

// ErrNoAccount means nobody of that name, or no such session.
var ErrNoAccount = errors.New("no such account")

// Follow begins to receive changes; late is closed when some were dropped.
type Follow func(buffer int) (changes <-chan bot.Change, late <-chan struct{}, end func())

// Config is what a desk is made of.
type Config struct {
	Engine Engine
	// Forms fills in errands for citizens; nil: nobody does.
	Forms Forms
	// Matters looks up what a citizen has with the city; nil: it is not shown.
	Matters  *Matters
	Records  Records
	Accounts Accounts
	Kit      Kit
	// Mentions keeps notices to colleagues named in notes; nil: none are sent.
	Mentions Mentions
	// Syllables spells the characters of a name in pinyin without tones, so that
	// colleagues are found by it.
	Syllables func(name string) []string
	// Samples keeps the score sheets of conversations that were drawn; nil: none are.
	Samples Samples
	Guides  Guides  // nil: nothing is suggested
	Library Library // nil: guides cannot be kept here
	Uploads Uploads // of the library's page
	Follow  Follow
	Clock   bot.Clock
	Towns   map[string]string // id → name
	Tokens  []byte            // the family's stylesheet of tokens
	Log     *slog.Logger
	Secure  bool // served over TLS: the cookie says so
	// Audit keeps who looked at and did what; nil: nowhere.
	Audit func(ctx context.Context, e bot.AuditEntry) error
	// Learn is what the bot learns from people by; nil: there are no pages for it.
	Learn Learner
	// Work is what the pages of those who deal with tickets are made of; nil:
	// there are none.
	Work *Work
	// Policies is what the page of policies is made of; nil: there is none.
	Policies *Policies
	// Switches is what the page of switches with two keys is made of; nil:
	// there is none.
	Switches *Switches
	// State finds out how the installation stands; nil: there is no page for it.
	State Inspect
	// Trail is what the page of the audit trail is made of; nil: there is none.
	Trail *Trail
	// Calls is what the page of calls is made of; nil: there is none.
	Calls *Calls
	// SignIns are an account's own sessions; nil: they are not shown.
	SignIns SignIns
	// Passwords keeps passwords of one's own choice; nil: none are changed here.
	Passwords Passwords
	// Failures keeps how often a sign-in failed of late for the process that
	// takes over; nil: nobody does.
	Failures inmem.Keeper
	// Second is signing in with a second factor; nil: passwords alone do.
	Second *SecondFactor
	// Shifts is the plan of who is on when; nil: there is none.
	Shifts Shifts
	// City is signing on with the city's identity provider; nil: nobody can.
	City CitySignOn
	// Sheet writes tables with headings as Excel; nil: none is offered.
	Sheet func(tables []WorkTable) ([]byte, error)
	// GivenLife is how long a password that an administrator gave may be used,
	// and that only to choose one's own; 0: it may be kept, as in the demo.
	GivenLife time.Duration
	// Roster is who is asked to take conversations; nil: nobody is, everything
	// is taken by hand.
	Roster Roster
}

// Desk serves the console.
type Desk struct {
	Config
	pages   *template.Template
	tries   *throttle
	hashing chan struct{} // bounds the memory that checking passwords takes
	words   [64]sync.Mutex
	gists   *held[gist]
	lasts   *held[last]
	board   *board
	around  *around
	calls   *bell // whose call began or ended

	challenges challenges

	hearings hearings
	poke     chan struct{} // something changed that may leave somebody to be asked
	owned    sync.WaitGroup
	streams  streams
	ears     streams       // of those who listen to calls
	beat     time.Duration // how often a quiet stream says it is there
}

// New ties a desk together.
func New(c Config) (*Desk, error) {
	if c.Clock == nil {
		c.Clock = bot.SystemClock
	}
	pages, err := template.New("").Funcs(c.workWords()).Funcs(limitWords()).Funcs(template.FuncMap{"lasted": lasted, "talked": func(d time.Duration) string { return lasted(int(d.Seconds())) }}).ParseFS(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse desk pages: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d := &Desk{
		Config: c, pages: pages, tries: newThrottle(c.Failures), hashing: make(chan struct{}, checksAtOnce), gists: newHeld[gist](),
		lasts: newHeld[last](), board: newBoard(), around: newAround(), calls: newBell(), poke: make(chan struct{}, 1),
		streams: newStreams(), ears: newStreams(), beat: heartbeat,
	}
	changes, late, end := c.Follow(eventBuffer)
	d.missed()
	d.owned.Go(func() { d.watch(changes, late, end) })
	if d.Roster != nil {
		d.owned.Go(d.route)
	}
	return d, nil
}

// Routes are what Handler guards and serves.
func (d *Desk) Routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk/", http.StatusSeeOther) })
	mux.HandleFunc("GET /desk/login", d.loginPage)
	mux.HandleFunc("POST /desk/login", d.login)
	mux.HandleFunc("POST /desk/logout", d.signed(d.logout))
	mux.HandleFunc("GET /desk/{$}", d.signed(d.page))
	mux.HandleFunc("GET /desk/queue", d.talking(d.queue))
	mux.HandleFunc("GET /desk/conversation/{citizen}", d.talking(d.conversation))
	mux.HandleFunc("GET /desk/conversation/{citizen}/earlier", d.talking(d.earlier))
	mux.HandleFunc("POST /desk/conversation/{citizen}/tag", d.talking(d.tag))
	mux.HandleFunc("POST /desk/conversation/{citizen}/typing", d.talking(d.typing))
	mux.HandleFunc("POST /desk/conversation/{citizen}/picture", d.talking(d.picture))
	mux.HandleFunc("GET /desk/attachment/{id}", d.talking(d.attachment))
	mux.HandleFunc("GET /desk/events", d.talking(d.events))
	mux.HandleFunc("GET /desk/colleagues", d.talking(d.colleagues))
	mux.HandleFunc("GET /desk/conversation/{citizen}/colleagues", d.talking(d.nameables))
	mux.HandleFunc("GET /desk/quick", d.talking(d.quickReplies))
	mux.HandleFunc("POST /desk/quick", d.overseeing(d.saveQuick))
	mux.HandleFunc("GET /desk/guides", d.talking(d.guides))
	mux.HandleFunc("GET /desk/wall", d.supervising(d.wallPage))
	if d.Policies != nil {
		mux.HandleFunc("GET /desk/policies", d.overseeing(d.policyPage))
	}
	mux.HandleFunc("GET /desk/reports", d.supervising(d.reportPage))
	mux.HandleFunc("GET /desk/reports/{kind}", d.supervising(d.reportFile))
	mux.HandleFunc("GET /desk/wall/figures", d.supervising(d.wall))
	if d.Roster != nil {
		mux.HandleFunc("POST /desk/presence", d.talking(d.presence))
		mux.HandleFunc("GET /desk/people", d.supervising(d.peoplePage))
		mux.HandleFunc("POST /desk/people/{name}", d.supervising(d.savePerson))
	}
	if d.SignIns != nil {
		mux.HandleFunc("GET /desk/signins", d.signed(d.signInsPage))
		mux.HandleFunc("POST /desk/signins", d.signed(d.endSignIn))
	}
	if d.Passwords != nil {
		mux.HandleFunc("GET /desk/password", d.choosing(d.passwordPage))
		mux.HandleFunc("POST /desk/password", d.choosing(d.changePassword))
	}
	mux.HandleFunc("POST /desk/here", d.signed(d.here))
	mux.HandleFunc("POST /desk/conversation/{citizen}/assign", d.supervising(d.assign))
	mux.HandleFunc("POST /desk/conversation/{citizen}/{deed}", d.talking(d.deed))
	mux.HandleFunc("GET /desk/static/{file}", d.static)
	if d.Samples != nil {
		mux.HandleFunc("GET /desk/samples", d.supervising(d.samplePage))
		mux.HandleFunc("GET /desk/samples/mine", d.talking(d.scoresPage))
		mux.HandleFunc("GET /desk/samples/{id}", d.supervising(d.sheetPage))
		mux.HandleFunc("POST /desk/samples/{id}", d.supervising(d.score))
	}
	if d.Matters != nil {
		mux.HandleFunc("GET /desk/conversation/{citizen}/matters", d.talking(d.matters))
		if d.Work != nil {
			mux.HandleFunc("POST /desk/conversation/{citizen}/matters/{number}/dispatch", d.talking(d.dispatch))
		}
	}
	d.draftRoutes(mux)
	d.routesOfKnowledge(mux)
	d.workRoutes(mux)
	d.learnRoutes(mux)
	d.switchRoutes(mux)
	if d.State != nil {
		mux.HandleFunc("GET /desk/state", d.administrating(d.statePage))
	}
	d.trailRoutes(mux)
	d.callRoutes(mux)
	d.factorRoutes(mux)
	d.passkeyRoutes(mux)
	d.cityRoutes(mux)
	d.shiftRoutes(mux)
	return mux
}

// Handler serves everything below /desk/ and sends / there.
func (d *Desk) Handler() http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusForbidden, "这个请求不是从工作台发出的。")
	}))
	return headers(d.visited(guard.Handler(d.Routes())))
}

// audit notes a deed in the trail. What cannot be noted is not done: false
// means that the request was refused.
func (d *Desk) audit(w http.ResponseWriter, r *http.Request, actor, deed, subject string) bool {
	return d.record(w, r, bot.AuditEntry{Actor: actor, Deed: deed, Subject: subject})
}

// record is audit of a deed that has more to it.
func (d *Desk) record(w http.ResponseWriter, r *http.Request, e bot.AuditEntry) bool {
	if d.Audit == nil {
		return true
	}
	e.At = d.Clock()
	err := d.Audit(r.Context(), e)
	if err != nil {
		d.fail(w, "write audit trail", err)
	}
	return err == nil
}

// Close ends the streams and waits for them.
func (d *Desk) Close() {
	d.streams.close()
	d.ears.close()
	d.owned.Wait()
}

// headers every answer of this door carries.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "+
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer browsers call the origin of our own forms null over plain http
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
