package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// newGuideView is what the page shows on which a guide is begun.
type newGuideView struct{ Name, Error, ID, Title string }

func (d *Desk) newGuidePage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	d.render(w, http.StatusOK, "knowledge-new.html", newGuideView{Name: who.Name, Title: clipped(r.FormValue("title"), 100)})
}

// newGuide begins a guide. It is a draft until its editor says otherwise, so
// that nobody is told what is half written.
func (d *Desk) newGuide(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	v := newGuideView{Name: who.Name, ID: strings.TrimSpace(r.PostFormValue("id")), Title: strings.TrimSpace(r.PostFormValue("title"))}
	var unusable ErrUnusable
	switch err := d.Library.Create(r.Context(), v.ID, v.Title, who.Name); {
	case errors.As(err, &unusable):
		v.Error = unusable.Sentence
		d.render(w, http.StatusUnprocessableEntity, "knowledge-new.html", v)
	case err != nil:
		d.fail(w, "create guide", err)
	default:
		http.Redirect(w, r, "/knowledge/"+url.PathEscape(v.ID)+"?told=created", http.StatusSeeOther)
	}
}
