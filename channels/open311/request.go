package open311

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"guanjia/bot/ticket"
)

const (
	mostDays = 90   // a query may span, by the specification
	most     = 1000 // requests in an answer
)

// request is a report as the public sees it.
type request struct {
	ID        string `xml:"service_request_id" json:"service_request_id"`
	Status    string `xml:"status" json:"status"`
	Notes     string `xml:"status_notes" json:"status_notes"`
	Name      string `xml:"service_name" json:"service_name"`
	Code      string `xml:"service_code" json:"service_code"`
	Words     string `xml:"description" json:"description"`
	Agency    string `xml:"agency_responsible" json:"agency_responsible"`
	Notice    string `xml:"service_notice" json:"service_notice"`
	Requested string `xml:"requested_datetime" json:"requested_datetime"`
	Updated   string `xml:"updated_datetime" json:"updated_datetime"`
	Expected  string `xml:"expected_datetime" json:"expected_datetime"`
	Address   string `xml:"address" json:"address"`
	AddressID string `xml:"address_id" json:"address_id"`
	Zipcode   string `xml:"zipcode" json:"zipcode"`
	Lat       string `xml:"lat" json:"lat"`
	Long      string `xml:"long" json:"long"`
	Media     string `xml:"media_url" json:"media_url"`
}

type requests struct {
	XMLName  xml.Name  `xml:"service_requests" json:"-"`
	Requests []request `xml:"request"`
}

func (r requests) list() any {
	if r.Requests == nil {
		return []request{}
	}
	return r.Requests
}

// requests lists reports by the specification's filters.
func (d *Door) requests(w http.ResponseWriter, r *http.Request, f format) {
	q, why := d.query(r)
	if why != "" {
		d.refuse(w, f, http.StatusBadRequest, why)
		return
	}
	found, err := d.Books.Public(r.Context(), q)
	if err != nil {
		d.fail(w, f, "list requests", err)
		return
	}
	var all requests
	for _, p := range found {
		all.Requests = append(all.Requests, d.shown(p))
	}
	d.write(w, f, http.StatusOK, all)
}

// query reads the filters; why says what is wrong with them.
func (d *Door) query(r *http.Request) (q ticket.PublicQuery, why string) {
	q.Limit = most
	if ids := r.FormValue("service_request_id"); ids != "" {
		q.Numbers = split(ids)
		return q, ""
	}
	q.Categories = split(r.FormValue("service_code"))
	for _, c := range q.Categories {
		if _, ok := d.services[c]; !ok && c != other {
			return q, "service_code provided was not found"
		}
	}
	for i, c := range q.Categories {
		if c == other {
			q.Categories[i] = "" // what nobody has sorted
		}
	}
	if q.From, q.To, why = d.span(r); why != "" {
		return q, why
	}
	open, closed := false, false
	for _, s := range split(r.FormValue("status")) {
		switch s {
		case "open":
			open = true
		case "closed":
			closed = true
		default:
			return q, "status is open or closed"
		}
	}
	if open != closed {
		q.Open = &open
	}
	return q, ""
}

// span reads start_date and end_date: 90 days at the most, the last 90 where
// nothing is said.
func (d *Door) span(r *http.Request) (from, to time.Time, why string) {
	var err error
	start, end := r.FormValue("start_date"), r.FormValue("end_date")
	if start != "" {
		if from, err = time.Parse(time.RFC3339, start); err != nil {
			return from, to, "start_date is no date and time of ISO 8601 with a zone"
		}
	}
	if end != "" {
		if to, err = time.Parse(time.RFC3339, end); err != nil {
			return from, to, "end_date is no date and time of ISO 8601 with a zone"
		}
	}
	switch {
	case start == "" && end == "":
		to = d.Clock()
		from = to.AddDate(0, 0, -mostDays)
	case end == "":
		to = from.AddDate(0, 0, mostDays)
	case start == "":
		from = to.AddDate(0, 0, -mostDays)
	case to.Before(from):
		return from, to, "end_date is before start_date"
	case to.Sub(from) > mostDays*24*time.Hour:
		return from, to, "a query may span " + strconv.Itoa(mostDays) + " days at the most"
	}
	return from, to, ""
}

func split(csv string) []string {
	var out []string
	for _, v := range strings.Split(csv, ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func (d *Door) request(w http.ResponseWriter, r *http.Request, f format, id string) {
	found, err := d.Books.Public(r.Context(), ticket.PublicQuery{Numbers: []string{strings.ToUpper(id)}, Limit: 1})
	switch {
	case err != nil:
		d.fail(w, f, "load request", err)
	case len(found) == 0:
		d.refuse(w, f, http.StatusNotFound, "service_request_id provided was not found")
	default:
		d.write(w, f, http.StatusOK, requests{Requests: []request{d.shown(found[0])}})
	}
}

// shown is what the public sees of a report.
func (d *Door) shown(p ticket.Public) request {
	c := d.services[p.Category]
	names := d.Books.TicketRules().Names
	r := request{
		ID: p.Number, Status: "open", Notes: p.Status.Title(), Name: c.Name, Code: p.Category, Words: p.Title,
		Requested: stamp(p.Filed), Updated: stamp(p.Updated), Expected: stamp(p.Due), Address: strings.TrimSpace("东莞市" + names.Towns[p.Town] + p.Village),
	}
	if c.ID == "" {
		r.Name, r.Code = "其他", other
	}
	if closedTo(p.Status) {
		r.Status, r.Expected = "closed", ""
	}
	if !p.Holder.Centre() {
		r.Agency = names.Body(p.Holder)
	} else if c.Department != "" {
		r.Agency = c.Department
	}
	if p.Root != "" {
		r.Notice = "和 " + p.Root + " 是同一件事，一起办"
	}
	if t, ok := d.towns[p.Town]; ok && t.Lat != 0 {
		r.Lat, r.Long = position(t.Lat), position(t.Long)
	}
	return r
}

// position is written with its decimals: it is the middle of a town.
func position(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func closedTo(s ticket.Status) bool {
	return s == ticket.Closed || s == ticket.Rejected || s == ticket.Merged || s == ticket.Withdrawn
}

// extended is a state in FixMyStreet's extended words.
func extended(s ticket.Status) string {
	switch s {
	case ticket.Accepted, ticket.Returned:
		return "for_triage"
	case ticket.Dispatched:
		return "open"
	case ticket.Signed:
		return "investigating"
	case ticket.ExtensionRequested:
		return "action_scheduled"
	case ticket.Reopened:
		return "reopen"
	case ticket.Closed:
		return "fixed"
	case ticket.Merged:
		return "duplicate"
	case ticket.Rejected:
		return "not_councils_responsibility"
	case ticket.Withdrawn:
		return "no_further_action"
	}
	return "in_progress" // processing, replied, reviewed
}

type tokens struct {
	XMLName  xml.Name `xml:"service_requests" json:"-"`
	Requests []given  `xml:"request"`
}

func (t tokens) list() any { return t.Requests }

// given is the number a token stands for; none while there is none yet.
type given struct {
	Number string `xml:"service_request_id,omitempty" json:"service_request_id,omitempty"`
	Token  string `xml:"token" json:"token"`
}

// token tells the number of a report once a person has sent it somewhere.
func (d *Door) token(w http.ResponseWriter, r *http.Request, f format, token string) {
	p, err := d.Books.ByToken(r.Context(), token)
	switch {
	case errors.Is(err, ticket.ErrNoToken):
		d.refuse(w, f, http.StatusNotFound, "token was not found")
	case err != nil:
		d.fail(w, f, "look up token", err)
	case p.Status == ticket.Accepted:
		d.write(w, f, http.StatusOK, tokens{Requests: []given{{Token: token}}})
	default:
		d.write(w, f, http.StatusOK, tokens{Requests: []given{{p.Number, token}}})
	}
}
