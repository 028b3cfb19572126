package open311

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// update is one step of a report, after FixMyStreet's extension.
type update struct {
	ID      string `xml:"update_id" json:"update_id"`
	Request string `xml:"service_request_id" json:"service_request_id"`
	Status  string `xml:"status" json:"status"`
	Updated string `xml:"updated_datetime" json:"updated_datetime"`
	Words   string `xml:"description" json:"description"`
	Media   string `xml:"media_url" json:"media_url"`
}

type updates struct {
	XMLName xml.Name `xml:"service_request_updates" json:"-"`
	Updates []update `xml:"request_update"`
}

func (u updates) list() any {
	if u.Updates == nil {
		return []update{}
	}
	return u.Updates
}

// updates lists the steps of public reports in a stretch of time.
func (d *Door) updates(w http.ResponseWriter, r *http.Request, f format) {
	from, to, why := d.span(r)
	if why != "" {
		d.refuse(w, f, http.StatusBadRequest, why)
		return
	}
	steps, err := d.Books.PublicSteps(r.Context(), from, to, most)
	if err != nil {
		d.fail(w, f, "list updates", err)
		return
	}
	wanted := split(r.FormValue("service_request_id"))
	var all updates
	for _, s := range steps {
		if len(wanted) > 0 && !contains(wanted, s.Number) {
			continue
		}
		all.Updates = append(all.Updates, update{
			ID: strconv.FormatInt(s.ID, 10), Request: s.Number, Status: extended(s.Status), Updated: stamp(s.At), Words: s.Action.Title(),
		})
	}
	d.write(w, f, http.StatusOK, all)
}

func contains(list []string, v string) bool {
	for _, s := range list {
		if strings.EqualFold(s, v) {
			return true
		}
	}
	return false
}

type added struct {
	XMLName xml.Name    `xml:"service_request_updates" json:"-"`
	Updates []addedOnce `xml:"request_update"`
}

func (a added) list() any { return a.Updates }

type addedOnce struct {
	ID     string `xml:"update_id" json:"update_id"`
	Notice string `xml:"service_notice,omitempty" json:"service_notice,omitempty"`
}

// add takes words to a report, from whoever's key filed it. The same update_id
// again changes nothing.
func (d *Door) add(w http.ResponseWriter, r *http.Request, f format) {
	name, err := d.Books.KeyName(r.Context(), r.PostFormValue("api_key"))
	if errors.Is(err, ticket.ErrNoKey) {
		d.refuse(w, f, http.StatusForbidden, "Missing or Invalid API Key")
		return
	}
	if err != nil {
		d.fail(w, f, "check key", err)
		return
	}
	number, id, words := strings.ToUpper(clean(r.PostFormValue("service_request_id"))), clean(r.PostFormValue("update_id")), clean(r.PostFormValue("description"))
	switch {
	case number == "" || id == "" || words == "":
		d.refuse(w, f, http.StatusBadRequest, "service_request_id, update_id and description are needed")
		return
	case utf8.RuneCountInString(id) > mostField || utf8.RuneCountInString(words) > mostWords:
		d.refuse(w, f, http.StatusBadRequest, "update_id or description is too long")
		return
	}
	owner, err := d.Books.FiledBy(r.Context(), number)
	switch {
	case err != nil:
		d.fail(w, f, "find report", err)
		return
	case owner == "":
		d.refuse(w, f, http.StatusNotFound, "service_request_id provided was not found")
		return
	case owner != name:
		d.refuse(w, f, http.StatusForbidden, "this report was filed with another key")
		return
	}
	key := string(Channel) + ":" + name + ":" + id
	told, why := d.separately(r, name, words, privacy.Addition{Number: number, Key: key})
	switch {
	case why != "":
		d.refuse(w, f, http.StatusBadRequest, why)
		return
	case told.words == "": // nothing but what was left out
		d.refuse(w, f, http.StatusBadRequest, told.note)
		return
	}
	_, err = d.Filing.Add(r.Context(), number, told.words, key, told.yes)
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		d.refuse(w, f, http.StatusBadRequest, "nothing can be added to this report any more")
	case err != nil:
		d.fail(w, f, "add to report", err)
	default:
		d.write(w, f, http.StatusOK, added{Updates: []addedOnce{{id, told.note}}})
	}
}
