// Package hall is the service halls' own pages on the inner door: a hall's day
// with its appointments and numbers, checking in, calling, the screen on the
// wall; a hall's particulars, windows and what citizens said of it; and for
// those who run booking, how full the halls are, services, days, hours and
// periods, closures, the rules, and appeals against a stop of bookings.
//
// Everything it does is a deed of the same ledger as citizens' bookings. It
// refuses to show a clerk another hall's day, to put anybody's name on the
// screen, and to change plan or rules without showing first what would change.
package hall

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

//go:embed pages/*.html static/*
var files embed.FS

// Ledger is what the pages read and do.
type Ledger interface {
	Halls(ctx context.Context) ([]booking.Hall, error)
	Services(ctx context.Context) ([]booking.Service, error)
	// Filled is how full halls' days are, for a service or, empty, for all.
	Filled(service string, after time.Time) []booking.Fill
	Plan(ctx context.Context) (booking.Plan, error)
	Day(ctx context.Context, hall, date string) ([]booking.Appointment, error)
	Arrivals(hall, date string, now time.Time) []booking.Arrival
	CheckIn(ctx context.Context, number, hall string, now time.Time) (booking.Arrival, error)
	WalkIn(ctx context.Context, service, hall string, now time.Time) (booking.Arrival, error)
	CallNext(ctx context.Context, hall, window string, groups []string, now time.Time) (booking.Arrival, error)
	Recall(ctx context.Context, id int64, now time.Time) (booking.Arrival, error)
	EndArrival(ctx context.Context, id int64, status booking.ArrivalStatus, now time.Time) (booking.Arrival, error)
	// ReturnArrival lets who was passed over and came after all wait again.
	ReturnArrival(ctx context.Context, id int64, now time.Time) (booking.Arrival, error)
	Appointment(ctx context.Context, number string) (booking.Appointment, error)
	MarkMissed(ctx context.Context, number string, now time.Time) error
	// Opinions are what citizens said of a hall (empty: of all), newest first.
	Opinions(ctx context.Context, hall string, limit int) ([]booking.Opinion, error)
	// Satisfaction sums up, by hall, the appointments served from a day on.
	Satisfaction(ctx context.Context, from string) (map[string]booking.Satisfaction, error)
	// Appeals against a stop of bookings: the open ones, oldest first, then
	// those decided last.
	Appeals(ctx context.Context, limit int) ([]booking.Appeal, error)
	// Impact is what a change of the plan would do.
	Impact(ctx context.Context, c booking.Change, now time.Time) (booking.Impact, error)
	RulesFor(service string) booking.Rules
	RuleBook() *booking.RuleBook
}

// Keeper changes the plan and the rules; who and why are kept.
type Keeper interface {
	Change(ctx context.Context, c booking.Change, by, reason string) error
	// DecideAppeal settles an appeal and tells the citizen; the answer is for
	// them.
	DecideAppeal(ctx context.Context, id int64, status booking.AppealStatus, by, answer string) error
	// Exempt keeps no-shows from ever stopping who an appointment is for.
	Exempt(ctx context.Context, number, by, reason string) error
	// Control is how the dynamic release is bounded.
	Control(ctx context.Context) (booking.Control, error)
	SaveControl(ctx context.Context, c booking.Control, by, reason string) error
	// Tuned are the changes of release it proposed or made within a scope,
	// newest first.
	Tuned(ctx context.Context, scope booking.Scope, limit int) ([]Tuned, error)
	// Proposals sums up what waits to be decided within a scope.
	Proposals(ctx context.Context, scope booking.Scope) (booking.Proposals, error)
	// TuneMany carries out or rejects all of a scope by one decision. False:
	// nothing of it waits any more.
	TuneMany(ctx context.Context, scope booking.Scope, apply bool, by, reason string) (b booking.Batch, settled bool, err error)
	// Batches are the latest such decisions, newest first; UndoMany takes one
	// back. False: somebody did before.
	Batches(ctx context.Context, limit int) ([]booking.Batch, error)
	UndoMany(ctx context.Context, id int64, by, reason string) (settled bool, err error)
	// Tune settles one: apply or reject what is proposed, undo what was
	// applied. False: somebody did before.
	Tune(ctx context.Context, id int64, deed, by string) (settled bool, err error)
	// ExamineServices reads a table of services and halls without taking it in; a
	// *TableError where it is none.
	ExamineServices(raw []byte) (Imported, error)
	// ImportServices takes a table in: what is sound of
	// it.
	ImportServices(ctx context.Context, raw []byte, by, reason string) (Imported, error)
	SaveRules(ctx context.Context, all booking.Rules, own map[string]json.RawMessage, by, reason string) (*booking.RuleBook, error)
}

// Clerk is who is signed in.
type Clerk struct {
	Name string
	// Hall is where a clerk works; empty for those who run booking.
	Hall string
	// Runs says that they run booking: all halls, closures, rules.
	Runs bool
}

// Config is what the pages are made of.
type Config struct {
	Ledger  Ledger
	Keeper  Keeper
	Sieves  Sieves // nil: filters are not kept
	Uploads Uploads
	// Clerk is who a request is of; false if nobody who works in halls.
	Clerk func(*http.Request) (Clerk, bool)
	// Known says whether a year's holidays and working weekends are known.
	Known func(year int) bool
	Audit func(ctx context.Context, e bot.AuditEntry) error
	// Excel writes a table, its heading first, under a sheet's name.
	Excel  func(name string, rows [][]string) ([]byte, error)
	Tokens []byte
	Secure bool // served over TLS: the cookies say so
	Clock  bot.Clock
	Log    *slog.Logger
}

// Pages serves the halls' pages.
type Pages struct {
	Config
	pages  *template.Template
	digest string
	guard  *http.CrossOriginProtection
}

// New ties the pages together.
func New(c Config) (*Pages, error) {
	if c.Clock == nil {
		c.Clock = bot.SystemClock
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pages{Config: c, guard: http.NewCrossOriginProtection()}
	css, err := files.ReadFile("static/hall.css")
	if err != nil {
		return nil, fmt.Errorf("read stylesheet: %w", err)
	}
	sum := sha256.Sum256(append(slices.Clone(c.Tokens), css...))
	p.digest = hex.EncodeToString(sum[:8])
	p.pages, err = template.New("").Funcs(template.FuncMap{
		"asset": func(name string) string { return "/hall/static/" + p.digest + "/" + name },
		"day":   fullDay, "short": shortDay, "name": func(s bot.Secret) string { return bot.MaskName(s.Reveal()) },
		"split": func(s string) []string { return strings.Split(s, "") },
		"phone": func(s bot.Secret) string { return bot.MaskPhone(s.Reveal()) },
	}).ParseFS(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("read halls' pages: %w", err)
	}
	return p, nil
}

// Routes mounts the pages on the inner door.
func (p *Pages) Routes(mux *http.ServeMux) {
	mount := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, headers(p.guard.Handler(h))) }
	mount("GET /hall/{$}", p.clerk(p.choose))
	mount("GET /hall/board", p.runs(p.board))
	mount("GET /hall/rules", p.runs(p.rulesPage))
	mount("POST /hall/rules", p.runs(p.rules))
	mount("GET /hall/appeals", p.runs(p.appealsPage))
	mount("POST /hall/appeals/{id}/decide", p.runs(p.decideAppeal))
	mount("POST /hall/exempt", p.runs(p.exempt))
	mount("POST /hall/closures", p.runs(p.shut))
	mount("POST /hall/closures/{id}/end", p.runs(p.reopen))
	mount("GET /hall/release", p.runs(p.releasePage))
	mount("POST /hall/release", p.runs(p.control))
	mount("POST /hall/release/{id}/tune", p.runs(p.tune))
	mount("POST /hall/release/many", p.runs(p.tuneMany))
	mount("POST /hall/release/many/{id}/undo", p.runs(p.undoMany))
	mount("GET /hall/calendar", p.runs(p.calendarPage))
	mount("POST /hall/calendar/day", p.runs(p.override))
	mount("POST /hall/calendar/period", p.runs(p.schedule))
	mount("POST /hall/calendar/year", p.runs(p.year))
	mount("GET /hall/new", p.runs(p.newHallPage))
	mount("POST /hall/new", p.runs(p.newHall))
	mount("GET /hall/departments", p.runs(p.departmentsPage))
	mount("POST /hall/departments", p.runs(p.department))
	mount("GET /hall/services", p.runs(p.servicesPage))
	mount("GET /hall/services/new", p.runs(p.newServicePage))
	mount("POST /hall/services/new", p.runs(p.newService))
	mount("GET /hall/services/import", p.runs(p.importPage))
	mount("GET /hall/services/template.xlsx", p.runs(p.template))
	mount("GET /hall/services/sample.xlsx", p.runs(p.sample))
	mount("POST /hall/services/import", p.runsUpTo(longestUpload, p.importServices))
	mount("POST /hall/services/{service}/retire", p.runs(p.retireService))
	mount("GET /hall/services/{service}/edit", p.runs(p.servicePage))
	mount("POST /hall/services/{service}/edit", p.runs(p.changeService))
	mount("POST /hall/services/{service}/rules", p.runs(p.serviceRules))
	mount("GET /hall/{hall}/edit", p.at(p.editPage))
	mount("POST /hall/{hall}/edit", p.at(p.edit))
	mount("POST /hall/{hall}/retire", p.at(p.retireHall))
	mount("GET /hall/{hall}/window", p.at(p.windowPage))
	mount("POST /hall/{hall}/window", p.at(p.window))
	mount("GET /hall/{hall}", p.at(p.day))
	mount("GET /hall/{hall}/day.xlsx", p.at(p.export))
	if p.Sieves != nil {
		mount("POST /hall/{hall}/sieves", p.at(p.keepSieve))
	}
	mount("POST /hall/{hall}/checkin", p.at(p.checkIn))
	mount("POST /hall/{hall}/walkin", p.at(p.walkIn))
	mount("POST /hall/{hall}/call", p.at(p.call))
	mount("POST /hall/{hall}/missed", p.at(p.missed))
	mount("POST /hall/{hall}/arrival/{id}/{deed}", p.at(p.arrival))
	mount("GET /hall/{hall}/screen", p.at(p.screen))
	mount("GET /hall/static/{digest}/{name}", p.static)
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

type handler func(w http.ResponseWriter, r *http.Request, who Clerk)

// clerk lets those through who work in halls.
func (p *Pages) clerk(next handler) http.HandlerFunc { return p.clerkUpTo(longestForm, next) }

// clerkUpTo is clerk with forms of so many bytes.
func (p *Pages) clerkUpTo(longest int64, next handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := p.Clerk(r)
		if !ok {
			http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, longest)
		next(w, r, who)
	}
}

// longestForm is how long a form may be, in bytes.
const longestForm = 16 << 10

// runs lets those through who run booking.
func (p *Pages) runs(next handler) http.HandlerFunc { return p.runsUpTo(longestForm, next) }

// runsUpTo is runs with forms of so many bytes.
func (p *Pages) runsUpTo(longest int64, next handler) http.HandlerFunc {
	return p.clerkUpTo(longest, func(w http.ResponseWriter, r *http.Request, who Clerk) {
		if !who.Runs {
			p.trouble(w, http.StatusForbidden, "这一页只有预约管理员能用", "/hall/")
			return
		}
		next(w, r, who)
	})
}

// inside is a handler of a page of one hall.
type inside func(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall)

// at lets a hall's own clerks through, and those who run booking.
func (p *Pages) at(next inside) http.HandlerFunc {
	return p.clerk(func(w http.ResponseWriter, r *http.Request, who Clerk) {
		id := r.PathValue("hall")
		halls, err := p.Ledger.Halls(r.Context())
		if err != nil {
			p.failed(w, "list halls", err)
			return
		}
		at := slices.IndexFunc(halls, func(h booking.Hall) bool { return h.ID == id })
		if at < 0 || !who.Runs && who.Hall != id {
			p.trouble(w, http.StatusNotFound, "没有这个大厅，或您不在这个大厅", "/hall/")
			return
		}
		next(w, r, who, halls[at])
	})
}

func (p *Pages) render(w http.ResponseWriter, status int, name string, view any) {
	var page bytes.Buffer
	if err := p.pages.ExecuteTemplate(&page, name, view); err != nil {
		p.Log.Error("hall page not made", "page", name, "error", err)
		http.Error(w, "系统忙，请稍后再试。", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

func (p *Pages) trouble(w http.ResponseWriter, status int, what, back string) {
	p.render(w, status, "trouble.html", map[string]string{"What": what, "Back": back})
}

func (p *Pages) failed(w http.ResponseWriter, deed string, err error) {
	p.Log.Error(deed, "error", err)
	p.trouble(w, http.StatusInternalServerError, "系统忙，没有办成，请再试一次", "/hall/")
}

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if r.PathValue("name") == "tokens.css" {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(p.Tokens)
		return
	}
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("name"))
}

func (p *Pages) today() string { return p.Clock().In(bot.Shanghai()).Format(time.DateOnly) }

func fullDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return bot.FullDate(t)
}

// shortDay heads a column: 11/24 周二.
func shortDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("1/2") + " " + bot.Weekday(t)
}
