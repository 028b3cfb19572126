package hall

import (
	"cmp"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Sieves is where filters of the appointments' list are kept for their owners.
type Sieves interface {
	Sieves(ctx context.Context, staff, page string) ([]bot.Sieve, error)
	SaveSieve(ctx context.Context, staff, page string, v bot.Sieve) error
}

const (
	sievedPage = "hall"
	mostSieves = 20 // of one person
	maxName    = 30 // runes of a filter's
)

// partsOfDay are the halves of a day a filter may ask for.
var partsOfDay = []fact{{"am", "上午"}, {"pm", "下午"}}

// sieved is which of a day's appointments are looked at.
type sieved struct{ Words, State, Part string }

func sievedOf(v url.Values) sieved {
	s := sieved{strings.TrimSpace(v.Get("words")), v.Get("state"), v.Get("part")}
	if !slices.ContainsFunc(statesSaid, func(f fact) bool { return f.Name == s.State }) {
		s.State = ""
	}
	if !slices.ContainsFunc(partsOfDay, func(f fact) bool { return f.Name == s.Part }) {
		s.Part = ""
	}
	return s
}

// Any says whether anything is left out.
func (s sieved) Any() bool { return s != sieved{} }

// Query is the filter as an address and a kept filter have it.
func (s sieved) Query() string {
	v := url.Values{}
	for _, p := range [][2]string{{"words", s.Words}, {"state", s.State}, {"part", s.Part}} {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	return v.Encode()
}

// through are the appointments a filter lets through. Words are looked for in
// what the list shows, so that a filter finds nobody by what is masked.
func (s sieved) through(all []appointmentRow) []appointmentRow {
	return slices.DeleteFunc(all, func(a appointmentRow) bool {
		words := strings.ToUpper(s.Words)
		return s.State != "" && string(a.Status) != s.State ||
			s.Part != "" && (s.Part == "am") != (a.Time < "12:00") ||
			words != "" && !strings.Contains(strings.ToUpper(a.Title+" "+a.Number+" "+a.Proxy), words)
	})
}

// statesSaid are the states of appointments as the list names them.
var statesSaid = []fact{
	{string(booking.Booked), "未到"}, {string(booking.CheckedIn), "已取号"}, {string(booking.Served), "已办完"},
	{string(booking.NoShow), "未到场"}, {string(booking.Cancelled), "已取消"},
}

// keptSieve is a kept filter as a link to the day that is looked at.
type keptSieve struct {
	Name  string
	Query template.URL
	On    bool
}

// keptSieves are a clerk's filters.
func (p *Pages) keptSieves(ctx context.Context, who Clerk, date string, now sieved) ([]keptSieve, error) {
	if p.Sieves == nil {
		return nil, nil
	}
	all, err := p.Sieves.Sieves(ctx, who.Name, sievedPage)
	var out []keptSieve
	for _, v := range all {
		if q, fault := url.ParseQuery(v.Query); fault == nil {
			s := sievedOf(q)
			out = append(out, keptSieve{v.Name, template.URL("?" + ofDay(date, s)), s == now}) // #nosec G203: encoded anew
		}
	}
	return out, err
}

// ofDay is a day and a filter as an address has them.
func ofDay(date string, s sieved) string {
	return strings.TrimSuffix("date="+url.QueryEscape(date)+"&"+s.Query(), "&")
}

// keepSieve keeps the filter that is looked through, or takes one away.
func (p *Pages) keepSieve(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	name := strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return -1
	}, r.PostFormValue("name")))
	q, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil || name == "" || utf8.RuneCountInString(name) > maxName {
		p.back(w, r, h, "", "筛选要有个名字，不超过 30 字。")
		return
	}
	v := bot.Sieve{Name: name, Query: sievedOf(q).Query()}
	kept, err := p.Sieves.Sieves(r.Context(), who.Name, sievedPage)
	if err == nil && v.Query != "" && len(kept) >= mostSieves && !slices.ContainsFunc(kept, func(k bot.Sieve) bool { return k.Name == name }) {
		p.back(w, r, h, "", "最多存 20 个筛选，先去掉不用的。")
		return
	}
	if err == nil {
		err = p.Sieves.SaveSieve(r.Context(), who.Name, sievedPage, v)
	}
	if err != nil {
		p.failed(w, "keep filter", err)
		return
	}
	date := cmp.Or(r.PostFormValue("date"), p.today())
	http.Redirect(w, r, "/hall/"+url.PathEscape(h.ID)+"?"+ofDay(date, sievedOf(q)), http.StatusSeeOther)
}
