// Package wishes is the public page of social claiming (社会认领) under
// /h5/wishes: what the programme has come to, a map by town, the wishes that
// wait, and a form to claim one or a part of it. It needs no script.
//
// It shows wishes as they stand on the public list and refuses to know more:
// nothing by which a household, or whoever claims, could be recognised is ever
// in reach of this package. A claim counts once a social worker has spoken
// with the claimant.
package wishes

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/inmem"
	"guanjia/bot/ticket"
)

//go:embed pages/*.html static/*
var files embed.FS

// Root is where the pages live.
const Root = "/h5/wishes"

// Books is what the pages read.
type Books interface {
	Wishes(ctx context.Context, q ticket.WishQuery) ([]ticket.Wish, error)
	Programme(ctx context.Context) (ticket.Numbers, error)
	TicketRules() ticket.Rules
}

// Claim takes a claim of whoever an address belongs to; a *ticket.Refusal says
// why not.
type Claim func(ctx context.Context, from bot.Address, c ticket.Claim) error

// Town is a town with the middle of it.
type Town struct {
	ID, Name  string
	Lat, Long float64
}

// Config is what the pages are made of.
type Config struct {
	Books Books
	Claim Claim
	Meet  func(http.ResponseWriter, *http.Request) bot.Address
	// Large says whether a browser asked for large text; the citizens' pages
	// keep that, and SizePath turns it.
	Large    func(*http.Request) bool
	SizePath string
	Host     func(*http.Request) string // whom a request comes from, for limits
	// HostCounts keeps what those count for the process that takes over; nil:
	// nobody does.
	HostCounts inmem.Keeper
	Towns      []Town
	Tokens     []byte
	Ask        template.URL // where somebody goes to talk
	Clock      bot.Clock
	Log        *slog.Logger
}

// Pages serves the claiming pages.
type Pages struct {
	Config
	pages  *template.Template
	towns  map[string]Town
	origin *http.CrossOriginProtection
	mu     sync.Mutex
	tries  *inmem.Counts[[]time.Time] // claims of the last hour by host
}

// Bounds of claiming.
const (
	mostTries = 10     // claims that one host may send in an hour
	mostHosts = 10_000 // after it those of more than an hour ago are forgotten
)

// New ties the pages together.
func New(c Config) (*Pages, error) {
	p := &Pages{Config: c, towns: map[string]Town{}, origin: http.NewCrossOriginProtection(), tries: inmem.NewCounts[[]time.Time](c.HostCounts)}
	for _, t := range c.Towns {
		p.towns[t.ID] = t
	}
	var err error
	p.pages, err = template.New("").Funcs(template.FuncMap{
		"town": func(id string) string { return p.towns[id].Name }, "need": func(id string) string { return ticket.NeedByID(id).Name },
		"yuan":   yuan,
		"counts": counts,
		"ask":    func() template.URL { return c.Ask },
	}).ParseFS(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("read claiming pages: %w", err)
	}
	return p, nil
}

// policy lets the pages load what is ours and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Routes mounts the pages.
func (p *Pages) Routes(mux *http.ServeMux) {
	mount := func(pattern string, h http.HandlerFunc) {
		mux.Handle(pattern, p.origin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h2 := w.Header()
			h2.Set("Content-Security-Policy", policy)
			h2.Set("X-Content-Type-Options", "nosniff")
			h2.Set("Referrer-Policy", "same-origin") // as in h5
			h2.Set("Cache-Control", "no-store")
			h(w, r)
		})))
	}
	mount("GET "+Root, p.list)
	mount("GET "+Root+"/style/{name}", p.style)
	mount("GET "+Root+"/wish/{number}", p.one)
	mount("POST "+Root+"/wish/{number}", p.claim)
}

// view is what a page shows.
type view struct {
	Title   string
	Large   bool
	Here    string // where turning the size leads back to
	Size    string
	Numbers ticket.Numbers
	Wishes  []ticket.Wish
	Towns   []Town
	Needs   []ticket.Need
	Town    string // chosen
	Need    string
	Map     template.HTML
	Wish    ticket.Wish
	Error   string
	Field   string // that the error is about; empty for all of them
	Name    string
	Phone   string
	Share   string
	As      string
	Key     string
	Done    string
	Claimed bool
	Hours   string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Large, v.Size, v.Here = p.Large(r), p.SizePath, r.URL.RequestURI()
	var page bytes.Buffer
	if err := p.pages.ExecuteTemplate(&page, name, v); err != nil {
		p.Log.Error("claiming page not made", "page", name, "error", err)
		http.Error(w, "页面暂时打不开，请稍后再试。", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

func (p *Pages) failed(w http.ResponseWriter, r *http.Request, deed string, err error) {
	p.Log.Error(deed, "error", err)
	p.show(w, r, http.StatusServiceUnavailable, "done.html", view{Title: "系统忙", Done: "系统忙，请过一会儿再试。"})
}

// mostWishes is how many wishes a page lists.
const mostWishes = 60

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	v := view{Title: "认领微心愿", Towns: p.Towns, Town: r.URL.Query().Get("town"), Need: r.URL.Query().Get("need")}
	for _, n := range ticket.Needs() {
		if n.Open {
			v.Needs = append(v.Needs, n)
		}
	}
	var err error
	q := ticket.WishQuery{Town: v.Town, Open: true, Limit: mostWishes}
	if v.Need != "" {
		q.Needs = []string{v.Need}
	}
	if v.Wishes, err = p.Books.Wishes(r.Context(), q); err != nil {
		p.failed(w, r, "list wishes", err)
		return
	}
	if v.Numbers, err = p.Books.Programme(r.Context()); err != nil {
		p.failed(w, r, "sum up programme", err)
		return
	}
	v.Map = template.HTML(p.chart(v.Numbers)) // #nosec G203: made of numbers and towns' names
	p.show(w, r, http.StatusOK, "list.html", v)
}

// wish finds one that stands on the list.
func (p *Pages) wish(ctx context.Context, number string) (ticket.Wish, bool, error) {
	all, err := p.Books.Wishes(ctx, ticket.WishQuery{Open: true})
	for _, w := range all {
		if w.Number == number {
			return w, true, nil
		}
	}
	return ticket.Wish{}, false, err
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request) {
	wish, ok, err := p.wish(r.Context(), r.PathValue("number"))
	if err != nil {
		p.failed(w, r, "load wish", err)
		return
	}
	if !ok {
		p.show(w, r, http.StatusNotFound, "done.html", view{Title: "认领微心愿", Done: "这个心愿不在名单上了，可能刚被别人认领。谢谢您。"})
		return
	}
	p.Meet(w, r)
	p.show(w, r, http.StatusOK, "wish.html", view{Title: "认领微心愿", Wish: wish, Key: rand.Text(), As: "resident", Hours: p.hours()})
}

func (p *Pages) hours() string { return p.Books.TicketRules().Limits.Claim.Confirm.Title() }

var mobile = regexp.MustCompile(`^1[3-9]\d{9}$`)

func (p *Pages) claim(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	wish, ok, err := p.wish(r.Context(), r.PathValue("number"))
	if err != nil {
		p.failed(w, r, "load wish", err)
		return
	}
	v := view{Title: "认领微心愿", Wish: wish, Name: strings.TrimSpace(r.PostFormValue("name")), Phone: digits(r.PostFormValue("phone")),
		Share: strings.TrimSpace(r.PostFormValue("share")), As: r.PostFormValue("as"), Key: r.PostFormValue("key"), Hours: p.hours()}
	if !ok {
		p.show(w, r, http.StatusNotFound, "done.html", view{Title: v.Title, Done: "这个心愿刚被别人认领了。谢谢您，还有别的心愿在等。"})
		return
	}
	c, field, fault := p.read(v)
	if fault == "" && !p.admit(p.Host(r)) {
		fault = "认领得太快了，请过一会儿再来。"
	}
	if fault != "" {
		v.Error, v.Field = fault, field
		p.show(w, r, http.StatusBadRequest, "wish.html", v)
		return
	}
	err = p.Claim(r.Context(), p.Meet(w, r), c)
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		v.Error = no.Text
		p.show(w, r, http.StatusConflict, "wish.html", v)
	case err != nil:
		p.failed(w, r, "claim wish", err)
	default:
		p.show(w, r, http.StatusOK, "done.html", view{Title: "认领好了", Claimed: true, Done: told(wish, c) + "社工会在 " + p.hours() + "内打您的电话确认，东西由社工转交，双方信息都保密。"})
	}
}

// told is what was claimed, and by which number it is asked after.
func told(w ticket.Wish, c ticket.Claim) string {
	share := ""
	if c.Share > 0 {
		share = "，您出 " + yuan(c.Share) + " 元"
	}
	return w.Text + share + "（编号 " + w.Number + "）。"
}

func yuan(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// read makes a claim of a form; fault is a sentence about the field.
func (p *Pages) read(v view) (c ticket.Claim, field, fault string) {
	switch n := utf8.RuneCountInString(v.Name); {
	case n < 1 || n > 30:
		return c, "name", "请写您的称呼，或单位名称。"
	case !mobile.MatchString(v.Phone):
		return c, "phone", "手机号好像不对，请写 11 位。"
	case len(v.Key) < 8 || len(v.Key) > 64:
		return c, "", "页面过期了，请重新打开。"
	}
	c = ticket.Claim{Wish: v.Wish.Number, As: ticket.Resident, Name: bot.Secret(v.Name), Phone: bot.Secret(v.Phone), At: p.Clock(), Key: "h5:" + v.Key}
	for _, as := range []ticket.Claimant{ticket.Volunteer, ticket.Worker, ticket.Firm} {
		if string(as) == v.As {
			c.As = as
		}
	}
	if v.Share != "" {
		share, err := strconv.ParseFloat(v.Share, 64)
		if err != nil || share <= 0 || math.IsInf(share, 0) {
			return c, "share", "金额要写成数字，单位元；整个认领就空着。"
		}
		c.Share = share
	}
	return c, "", ""
}

// admit bounds what one host may claim in an hour. A claim that is to come is of
// a clock that went wrong, and not counted.
func (p *Pages) admit(host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Clock()
	recent := func(at []time.Time) []time.Time {
		return slices.DeleteFunc(slices.Clone(at), func(t time.Time) bool {
			since := now.Sub(t)
			return since >= time.Hour || since < -time.Minute
		})
	}
	if p.tries.Len() > mostHosts {
		p.tries.Sweep(func(at []time.Time) bool { return len(recent(at)) == 0 })
	}
	at, _ := p.tries.Of(host)
	if at = recent(at); len(at) >= mostTries {
		return false
	}
	p.tries.Set(host, append(at, now), time.Hour)
	return true
}

func (p *Pages) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	switch r.PathValue("name") {
	case "tokens.css":
		w.Write(p.Tokens)
	case "wishes.css":
		raw, err := files.ReadFile("static/wishes.css")
		if err != nil {
			p.Log.Error("read stylesheet", "error", err)
		}
		w.Write(raw)
	default:
		http.NotFound(w, r)
	}
}
