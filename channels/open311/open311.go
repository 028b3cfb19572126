// Package open311 is the public interface of other programs: GeoReport v2
// (wiki.open311.org/GeoReport_v2) below /open311/v2, in XML and JSON, with
// FixMyStreet's servicerequestupdates and its extended states.
//
// It refuses to show what a person could be known by: descriptions are titles
// of ours, places are towns and villages, positions those of the town; reports
// that are to stay confidential and requests for help are not shown at all.
// Filing and adding need a key with a quota.
package open311

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Channel names this way in on tickets.
const Channel bot.Channel = "open311"

// Root is where the interface lives on the public door.
const Root = "/open311/v2"

// Books is what the interface reads and writes.
type Books interface {
	TicketRules() ticket.Rules
	Public(ctx context.Context, q ticket.PublicQuery) ([]ticket.Public, error)
	PublicSteps(ctx context.Context, from, to time.Time, limit int) ([]ticket.PublicStep, error)
	// KeyName finds whose a secret is; ticket.ErrNoKey.
	KeyName(ctx context.Context, secret string) (string, error)
	FiledBy(ctx context.Context, number string) (string, error)
	// ByToken finds what a token was given for; ticket.ErrNoToken.
	ByToken(ctx context.Context, token string) (ticket.Public, error)
}

// Filing makes a report of somebody known by an address of this channel. It
// returns ticket.ErrNoKey and ticket.ErrQuota as they are.
type Filing interface {
	// A yes to what is sensitive in the words is kept with them, as the citizen's
	// who files or filed; nil where there is none.
	FilePublic(ctx context.Context, from bot.Address, secret, token string, t ticket.Ticket, yes *bot.SeparateConsent) (ticket.Ticket, error)
	// Add adds words to a report of the same reporter.
	Add(ctx context.Context, number, words, key string, yes *bot.SeparateConsent) (ticket.Ticket, error)
}

// Town is a town with the middle of it.
type Town struct {
	ID, Name  string
	Aliases   []string
	Lat, Long float64
}

// Config is what the interface is made of.
type Config struct {
	Books        Books
	Filing       Filing
	Categories   []ticket.Category
	Towns        []Town
	Jurisdiction string // answered to; others are not found
	URL          string // what links begin with, without a slash at the end
	Clock        bot.Clock
	Log          *slog.Logger
}

// Door serves GeoReport v2.
type Door struct {
	Config
	services map[string]ticket.Category
	towns    map[string]Town
	middles  map[string]ticket.Spot
}

// New ties a door together.
func New(c Config) *Door {
	if c.Clock == nil {
		c.Clock = bot.SystemClock
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d := &Door{Config: c, services: map[string]ticket.Category{}, towns: map[string]Town{}, middles: map[string]ticket.Spot{}}
	for _, v := range c.Categories {
		d.services[v.ID] = v
	}
	for _, t := range c.Towns {
		d.towns[t.ID], d.middles[t.ID] = t, ticket.Spot{Lat: t.Lat, Long: t.Long}
	}
	return d
}

// Routes mounts the door.
func (d *Door) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+Root+"/{path...}", d.get)
	mux.HandleFunc("POST "+Root+"/{path...}", d.post)
	mux.HandleFunc(Root+"/{path...}", func(w http.ResponseWriter, r *http.Request) {
		_, format := formatOf(r.PathValue("path"))
		w.Header().Set("Allow", "GET, HEAD, POST")
		d.refuse(w, format, http.StatusMethodNotAllowed, "this method is not part of GeoReport v2")
	})
}

// Format is how an answer is written.
type format string

const (
	asXML  format = "xml"
	asJSON format = "json"
)

// formatOf parts a path from its extension; an empty format: it has none that
// is known.
func formatOf(p string) (string, format) {
	ext := path.Ext(p)
	switch format(strings.TrimPrefix(ext, ".")) {
	case asXML:
		return strings.TrimSuffix(p, ext), asXML
	case asJSON:
		return strings.TrimSuffix(p, ext), asJSON
	}
	return p, ""
}

func (d *Door) get(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*") // reading is for every page
	p, f := formatOf(r.PathValue("path"))
	if !d.begin(w, r, f) {
		return
	}
	kind, id, _ := strings.Cut(p, "/")
	switch {
	case p == "discovery":
		d.discovery(w, f)
	case p == "services":
		d.serviceList(w, f)
	case kind == "services" && id != "":
		d.serviceDefinition(w, f, id)
	case p == "requests":
		d.requests(w, r, f)
	case kind == "requests" && id != "":
		d.request(w, r, f, id)
	case kind == "tokens" && id != "":
		d.token(w, r, f, id)
	case p == "servicerequestupdates":
		d.updates(w, r, f)
	default:
		d.refuse(w, f, http.StatusNotFound, "there is no such resource")
	}
}

func (d *Door) post(w http.ResponseWriter, r *http.Request) {
	p, f := formatOf(r.PathValue("path"))
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if f != "" {
		if err := parseForm(r); err != nil {
			d.refuse(w, f, http.StatusBadRequest, "the form cannot be read")
			return
		}
	}
	if !d.begin(w, r, f) {
		return
	}
	switch p {
	case "requests":
		d.file(w, r, f)
	case "servicerequestupdates":
		d.add(w, r, f)
	default:
		d.refuse(w, f, http.StatusNotFound, "there is no such resource")
	}
}

// maxForm bounds a posted form, in bytes.
const maxForm = 256 << 10

func parseForm(r *http.Request) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return r.ParseMultipartForm(maxForm)
	}
	return r.ParseForm()
}

// begin refuses what holds for every call: no format, another jurisdiction.
func (d *Door) begin(w http.ResponseWriter, r *http.Request, f format) bool {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if f == "" {
		d.refuse(w, asXML, http.StatusNotFound, "say which format is wanted: .xml or .json")
		return false
	}
	if j := r.FormValue("jurisdiction_id"); j != "" && j != d.Jurisdiction {
		d.refuse(w, f, http.StatusNotFound, "jurisdiction_id provided was not found")
		return false
	}
	return true
}

// write answers with a value that knows both forms.
func (d *Door) write(w http.ResponseWriter, f format, status int, v any) {
	if f == asJSON {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		d.gone(enc.Encode(jsonOf(v)))
		return
	}
	raw, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		d.Log.Error("encode answer", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(append([]byte(xml.Header), append(raw, '\n')...))
	d.gone(err)
}

// gone notes that whoever asked is not there any more.
func (d *Door) gone(err error) {
	if err != nil {
		d.Log.Debug("answer not taken", "error", err)
	}
}

// jsonOf is what stands in JSON for an answer: the specification has lists
// where XML has elements of one name.
func jsonOf(v any) any {
	if l, ok := v.(interface{ list() any }); ok {
		return l.list()
	}
	return v
}

// fault is one error of the specification.
type fault struct {
	Code        int    `xml:"code" json:"code"`
	Description string `xml:"description" json:"description"`
}

type faults struct {
	XMLName xml.Name `xml:"errors" json:"-"`
	Errors  []fault  `xml:"error"`
}

func (f faults) list() any { return f.Errors }

func (d *Door) refuse(w http.ResponseWriter, f format, status int, why string) {
	if f == "" {
		f = asXML
	}
	d.write(w, f, status, faults{Errors: []fault{{status, why}}})
}

func (d *Door) fail(w http.ResponseWriter, f format, deed string, err error) {
	d.Log.Error(deed, "error", err)
	d.refuse(w, f, http.StatusInternalServerError, "the service cannot answer now")
}

// stamp is a time in UTC, for one of the validators knows no other zone.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
