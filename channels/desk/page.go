package desk

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// grace is how long a page waits before it gives a conversation back to the bot,
// so that the operator can take it back.
const grace = 8 * time.Second

func (d *Desk) page(w http.ResponseWriter, r *http.Request, who Account) {
	switch { // each account's own pages
	case who.Role == roleHall:
		http.Redirect(w, r, "/hall/", http.StatusSeeOther)
		return
	case !who.talks() && works(who):
		http.Redirect(w, r, "/desk/work/", http.StatusSeeOther)
		return
	}
	d.used(r)
	d.render(w, http.StatusOK, "desk.html", map[string]any{"Name": who.Name, "Grace": grace.Milliseconds(), "Town": d.townOf(who), "Oversees": who.supervises() && who.citywide(), "Supervises": who.supervises(), "Works": d.Work != nil && works(who), "Policies": d.Policies != nil, "Switches": d.Switches != nil, "Calls": d.Calls != nil, "Samples": d.Samples != nil, "Keys": d.Switches != nil && who.administrates(), "Reasons": listenReasons(), "State": d.State != nil && who.administrates(), "Trail": d.Trail != nil})
}

// townOf is the name of the only town an account sees.
func (d *Desk) townOf(who Account) string {
	if who.Role == roleHall {
		return ""
	}
	return d.Towns[who.Town]
}

func (d *Desk) render(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := d.pages.ExecuteTemplate(w, name, data); err != nil {
		d.Log.Error("render desk page", "page", name, "error", err)
	}
}

// heading is what the top of a page says, and whether it leads to the wall,
// which not everybody may see.
type heading struct {
	Title, Name string
	Wall        bool
}

func titled(title, name string, more ...string) heading {
	return heading{title, name, len(more) > 0}
}

func (d *Desk) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	w.Header().Set("Cache-Control", "no-cache")
	if name == "tokens.css" {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(d.Tokens)
		return
	}
	http.ServeFileFS(w, r, files, "static/"+name)
}

// visit is the answer to a browser that opens a page: a refusal is one, too.
type visit struct {
	http.ResponseWriter
	refuse func(status int, sentence string)
}

// Unwrap is for http.ResponseController.
func (v visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// visited tells visits from what a page's script asks.
func (d *Desk) visited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if plain := w; strings.Contains(r.Header.Get("Accept"), "text/html") {
			w = visit{plain, func(status int, sentence string) {
				d.render(plain, status, "refused.html", map[string]any{"Why": sentence, "SignIn": status == http.StatusUnauthorized})
			}}
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers with a sentence an operator can read.
func refuse(w http.ResponseWriter, status int, sentence string) {
	if v, ok := w.(visit); ok {
		v.refuse(status, sentence)
		return
	}
	answer(w, status, map[string]string{"error": sentence})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the page that asked may be gone: nobody to tell
}

func (d *Desk) fail(w http.ResponseWriter, deed string, err error) {
	d.Log.Error(deed, "error", err)
	refuse(w, http.StatusInternalServerError, "系统忙，请稍后再试。")
}
