// Package h5 is the citizens' pages under /h5/: find a service, see where and
// when there is room, book in four taps, look after one's appointments, follow
// one's requests and reports and what one promised to others. They
// are opened from the account's menu, from links in messages and from any
// browser, and need no script. Under /h5/data who has signed in sees what is
// kept of them, takes a copy, corrects and deletes it.
//
// What a page shows is read when it is asked for and what it does is one
// commit of the same ledger as the conversation's, so that a page, a
// conversation and a hall always agree. The package refuses to show anyone an
// appointment or request that is not theirs, to take a booking of somebody who has not
// signed in, and to load anything from another host.
package h5

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/inmem"
)

//go:embed pages/*.html static/*
var files embed.FS

// Counter is where places are taken. Book, Cancel and Move are one commit
// each, with the notices that go with it.
type Counter interface {
	Services(ctx context.Context) ([]booking.Service, error)
	Halls(ctx context.Context) ([]booking.Hall, error)
	Openings(ctx context.Context, q booking.Query) ([]booking.Opening, error)
	Appointments(ctx context.Context, citizen bot.CitizenID, active bool) ([]booking.Appointment, error)
	Appointment(ctx context.Context, number string) (booking.Appointment, error)
	// Reserve keeps a place while the citizen reads the last page.
	Reserve(ctx context.Context, r booking.Request) (booking.Hold, error)
	Book(ctx context.Context, r booking.Request) (booking.Appointment, error)
	Cancel(ctx context.Context, number string) (booking.Appointment, error)
	Move(ctx context.Context, number, hall, date, clock string) (booking.Appointment, error)
	// Wait puts the person in line for a full opening; Leave takes them out.
	Wait(ctx context.Context, r booking.Request) (booking.Waiting, error)
	Leave(ctx context.Context, citizen bot.CitizenID, id int64) error
	Waits(ctx context.Context, citizen bot.CitizenID) ([]booking.Line, error)
	// ArrivalOf is the number drawn for an appointment and how many are called
	// before it.
	ArrivalOf(number string) (booking.Arrival, int, bool)
	Rate(ctx context.Context, number string, o booking.Opinion) error
	// Appeal keeps a word against a stop of bookings.
	Appeal(ctx context.Context, a booking.Appeal) error
	RulesFor(service string) booking.Rules
}

// People is who the pages are for.
type People interface {
	// SignIn finds the person a proven address belongs to and begins a visit
	// of theirs; browser is the address of the browser's chat, whose person
	// it is if the proven address is new.
	SignIn(ctx context.Context, token string, proven, browser bot.Address) (bot.CitizenID, error)
	// Visitor is whose visit a token is; ErrNoVisit if nobody's.
	Visitor(ctx context.Context, token string) (bot.CitizenID, error)
	SignOut(ctx context.Context, token string) error
	// Known is the person a browser's chat belongs to, who is not made by
	// asking; ErrNoVisit if nobody.
	Known(ctx context.Context, browser bot.Address) (bot.CitizenID, error)
	Citizen(ctx context.Context, id bot.CitizenID) (bot.Citizen, error)
	// Near is where the citizen lately said they are, nowhere where they did
	// not.
	Near(ctx context.Context, id bot.CitizenID) (booking.Spot, error)
	// Phone is the citizen's number that was proven, empty if none was.
	Phone(ctx context.Context, id bot.CitizenID) (string, error)
}

// ErrNoVisit means that nobody is signed in.
var ErrNoVisit = errors.New("no visit")

// Finder finds bookable services by a citizen's own words, best first.
type Finder interface {
	FindServices(text string, limit int) []booking.Service
}

// Messenger sends a sign-in code to a phone number.
type Messenger interface {
	SendCode(ctx context.Context, phone, code string) error
}

// WeChat signs in those who open a page inside WeChat.
type WeChat interface {
	// AuthorizeURL is where the browser goes to be told who it is.
	AuthorizeURL(back, state string) string
	// OpenID exchanges the code it comes back with.
	OpenID(ctx context.Context, code string) (string, error)
}

// Town is a place of the city.
type Town struct{ ID, Name string }

// Config is what the pages are made of. Counter, People, Data
// and Requests are needed.
type Config struct {
	Counter  Counter
	Requests Requests
	People   People
	Data     Data
	Finder   Finder
	// Messenger sends codes; nil: there is no sign-in by phone, unless Demo.
	Messenger Messenger
	WeChat    WeChat // nil: no sign-in inside WeChat
	Demo      bool   // the code stands on the page, and says so; there is the try-it chat
	Popular   []string
	Towns     []Town
	// Where is where a hall stands; nil: nowhere is known.
	Where   func(booking.Hall) booking.Spot
	Browser func(*http.Request) (bot.Address, bool)
	Host    func(*http.Request) string // whom a request comes from, for limits
	// PhoneCounts and HostCounts keep the codes that were sent, and to whom how
	// many, for the process that takes over; nil: nobody does.
	PhoneCounts, HostCounts inmem.Keeper
	PublicURL               string
	Tokens                  []byte // the family's stylesheet of tokens
	Clock                   bot.Clock
	// Notices are what everybody is to know now; nil: nothing ever.
	Notices func() []string
	Log     *slog.Logger
}

// Pages serves the citizens' pages.
type Pages struct {
	Config
	pages  *template.Template
	css    string // digest of the stylesheet
	codes  *codes
	states *states
	origin *http.CrossOriginProtection
	secure bool
}

// New ties the pages together.
func New(c Config) (*Pages, error) {
	if c.Counter == nil || c.People == nil || c.Data == nil || c.Requests == nil {
		return nil, errors.New("citizens' pages: a counter, people, their data and requests are needed")
	}
	if c.Clock == nil {
		c.Clock = bot.SystemClock
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Browser == nil {
		c.Browser = func(*http.Request) (bot.Address, bool) { return bot.Address{}, false }
	}
	if c.Host == nil {
		c.Host = func(r *http.Request) string { return r.RemoteAddr }
	}
	p := &Pages{Config: c, codes: newCodes(c.PhoneCounts, c.HostCounts), states: newStates(), origin: http.NewCrossOriginProtection()}
	public, err := url.Parse(c.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("citizens' pages: public_url: %w", err)
	}
	p.secure = public.Scheme == "https"
	if public.Host != "" {
		if err := p.origin.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, fmt.Errorf("citizens' pages: trust public_url: %w", err)
		}
	}
	return p, p.load()
}

// Routes mounts the pages.
func (p *Pages) Routes(mux *http.ServeMux) {
	p.origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.problem(w, r, http.StatusForbidden, "这个请求不是从本页面发出的", "请回到首页重新操作。")
	}))
	mount := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, guard(p.origin.Handler(h))) }
	mount("GET /h5/{$}", p.home)
	mount("GET /h5/book", p.find)
	mount("GET /h5/book/{service}", p.halls)
	mount("GET /h5/book/{service}/{hall}", p.week)
	mount("GET /h5/book/{service}/{hall}/{date}/{time}", p.mine(p.confirm))
	mount("POST /h5/book/{service}/{hall}/{date}/{time}", p.mine(p.book))
	mount("GET /h5/wait/{service}/{hall}/{date}/{time}", p.mine(p.waitPage))
	mount("POST /h5/wait/{service}/{hall}/{date}/{time}", p.mine(p.wait))
	mount("GET /h5/appeal", p.mine(p.appealPage))
	mount("POST /h5/appeal", p.mine(p.appeal))
	mount("GET /h5/mine", p.mine(p.list))
	mount("POST /h5/leave/{id}", p.mine(p.leave))
	mount("POST /h5/mine/{number}/rate", p.own(p.rate))
	mount("GET /h5/mine/{number}", p.own(p.show))
	mount("GET /h5/mine/{number}/calendar.ics", p.own(p.calendar))
	mount("GET /h5/mine/{number}/code.png", p.own(p.code))
	mount("GET /h5/mine/{number}/cancel", p.own(p.cancelPage))
	mount("POST /h5/mine/{number}/cancel", p.own(p.cancel))
	mount("GET /h5/mine/{number}/move", p.own(p.movePage))
	mount("POST /h5/mine/{number}/move", p.own(p.move))
	mount("GET /h5/requests", p.mine(p.requests))
	mount("GET /h5/requests/{number}", p.request(p.showRequest))
	mount("GET /h5/requests/{number}/picture/{id}", p.request(p.requestPicture))
	mount("GET /h5/requests/{number}/{deed}", p.request(p.requestDeed))
	mount("POST /h5/requests/{number}/{deed}", p.request(p.doRequest))
	mount("GET /h5/claims/{wish}", p.claimed(p.showClaim))
	mount("POST /h5/claims/{wish}", p.claimed(p.answer))
	mount("GET /h5/claims/{wish}/back", p.claimed(p.giveUpPage))
	mount("POST /h5/claims/{wish}/back", p.claimed(p.giveUp))
	mount("GET /h5/data", p.signed(p.data))
	mount("POST /h5/data/copy", p.signed(p.dataCopy))
	mount("POST /h5/data/name", p.signed(p.rename))
	mount("POST /h5/data/policies", p.signed(p.unfollow))
	mount("POST /h5/data/consent", p.signed(p.withdraw))
	mount("GET /h5/data/erase", p.signed(p.erasePage))
	mount("POST /h5/data/erase", p.signed(p.erase))
	mount("GET /h5/signin", p.signInPage)
	mount("POST /h5/signin", p.sendCode)
	mount("POST /h5/signin/code", p.checkCode)
	mount("GET /h5/signin/wechat", p.toWeChat)
	mount("GET /h5/signin/wechat/back", p.fromWeChat)
	mount("POST /h5/signout", p.signOut)
	mount("POST /h5/size", p.size)
	mount("GET /h5/static/{digest}/{name}", p.static)
	mount("/h5/", func(w http.ResponseWriter, r *http.Request) {
		p.problem(w, r, http.StatusNotFound, "没有这个页面", "可能链接旧了。请从首页重新找。")
	})
}

// guard sets the headers every page carries: what is ours and nothing else.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer browsers call the origin of our own forms null over plain http
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// local is an address of ours to go back to, never somebody else's.
func local(to string) string {
	if !strings.HasPrefix(to, "/h5/") || strings.ContainsAny(to, "\\\r\n") {
		return "/h5/"
	}
	return to
}
