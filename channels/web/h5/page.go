package h5

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"guanjia/bot"
)

// frame is what every page has around its own view.
type frame struct {
	Title  string
	Back   string // where the arrow leads; empty: none
	Large  bool
	Here   string // this page, for forms that come back to it
	Signed bool
	// Notices are urgent, for everybody.
	Notices []string
	View    any
}

const (
	sizeCookie = "guanjia_size"
	sizeLife   = 365 * 24 * time.Hour
)

// load reads the pages and proves that they parse.
func (p *Pages) load() error {
	sum := sha256.New()
	sum.Write(p.Tokens)
	css, err := files.ReadFile("static/h5.css")
	if err != nil {
		return fmt.Errorf("read stylesheet: %w", err)
	}
	sum.Write(css)
	p.css = hex.EncodeToString(sum.Sum(nil)[:8])
	p.pages, err = template.New("").Funcs(template.FuncMap{
		"asset": func(name string) string { return "/h5/static/" + p.css + "/" + name },
		"day":   fullDay, "short": shortDay, "phone": bot.MaskPhone, "stars": stars, "moment": moment,
		"add": func(i int) int { return i + 1 }, "reveal": func(s bot.Secret) string { return s.Reveal() },
		"ask":    p.ask,
		"masked": func(s bot.Secret) string { return bot.MaskWords(s.Reveal()) },
	}).ParseFS(files, "pages/*.html")
	if err != nil {
		return fmt.Errorf("read citizens' pages: %w", err)
	}
	return nil
}

// ask is where somebody goes to talk: the try-it chat, and without it the line.
func (p *Pages) ask() template.URL {
	if p.Demo {
		return "/"
	}
	return "tel:12345"
}

// render writes a page; it is made whole first, so that half a page is never
// seen.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	f.Large = Large(r)
	f.Here = r.URL.RequestURI()
	if r.Method != http.MethodGet {
		f.Here = "/h5/"
	}
	f.Signed = p.signedIn(r)
	if p.Notices != nil {
		f.Notices = p.Notices()
	}
	var page bytes.Buffer
	if err := p.pages.ExecuteTemplate(&page, name, f); err != nil {
		p.Log.Error("citizens' page not made", "page", name, "error", err)
		http.Error(w, "页面暂时打不开，请稍后再试。急事可拨 12345。", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

// trouble is a page that says what happened and what to do.
type trouble struct {
	What  string
	Now   string
	Links []link
}

type link struct{ Text, To string }

func (p *Pages) problem(w http.ResponseWriter, r *http.Request, status int, what, now string, links ...link) {
	links = append(links, link{"回到首页", "/h5/"})
	p.render(w, r, status, "trouble.html", frame{Title: what, View: trouble{What: what, Now: now, Links: links}})
}

// failed is a fault of ours.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, deed string, err error) {
	p.Log.Error(deed, "error", err)
	p.problem(w, r, http.StatusServiceUnavailable, "系统忙，没有办成", "请过一会儿再试一次；急着办可以拨 12345，或直接到大厅取号。")
}

// Large says whether this browser asked for large text.
func Large(r *http.Request) bool {
	c, err := r.Cookie(sizeCookie)
	return err == nil && c.Value == "large"
}

// size turns large text on or off for this browser.
func (p *Pages) size(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	value, age := "large", int(sizeLife.Seconds())
	if r.PostFormValue("size") != "large" {
		value, age = "", -1
	}
	http.SetCookie(w, &http.Cookie{Name: sizeCookie, Value: value, Path: "/h5/", MaxAge: age, HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, local(r.PostFormValue("here")), http.StatusSeeOther)
}

// form reads a form within its bound.
func (p *Pages) form(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	if err := r.ParseForm(); err != nil {
		p.problem(w, r, http.StatusBadRequest, "填写的内容太长或格式不对", "请返回改短一些再提交。")
		return false
	}
	return true
}

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	if r.PathValue("digest") == p.css {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.PathValue("name") == "tokens.css" {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(p.Tokens)
		return
	}
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("name"))
}

// fullDay reads a date out in full: 2026年12月2日（周三）.
func fullDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return bot.FullDate(t)
}

// moment is an instant to the minute: 2026年12月2日（周三） 15:04.
func moment(t time.Time) string {
	t = t.In(bot.Shanghai())
	return bot.FullDate(t) + t.Format(" 15:04")
}

// shortDay is a date above a narrow column: 12/2.
func shortDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("1/2")
}

// star is a rating and what it means.
type star struct {
	N    int
	Text string
}

func stars() []star {
	return []star{{5, "很满意"}, {4, "满意"}, {3, "一般"}, {2, "不满意"}, {1, "很不满意"}}
}
