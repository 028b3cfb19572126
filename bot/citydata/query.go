package citydata

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"guanjia/bot"
)

// For names whom and what a query is for.
type For struct {
	Citizen bot.CitizenID
	Purpose string // such as theme:newborn
	Consent string // the recorded consent's id
}

// Licence is an electronic licence that is held.
type Licence struct {
	Kind    string `json:"kind"`
	ValidTo string `json:"valid_to,omitempty"` // the last day; empty: does not end
}

// Valid says whether the licence holds on a day.
func (l Licence) Valid(now time.Time) bool {
	return l.ValidTo == "" || l.ValidTo >= now.In(bot.Shanghai()).Format(time.DateOnly)
}

// Firm is a firm's profile, by the facts that policies read.
type Firm struct {
	Facts map[string]string `json:"facts"`
	AsOf  string            `json:"as_of"`
}

// Service is one service of the catalogue.
type Service struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Version    int      `json:"version"`
	Department string   `json:"department,omitempty"`
	Materials  []string `json:"materials,omitempty"`
	Withdrawn  bool     `json:"withdrawn,omitempty"`
}

type personQuery struct {
	Purpose  string   `json:"purpose"`
	Consent  string   `json:"consent"`
	Name     string   `json:"name"`
	IDNumber string   `json:"id_number"`
	Kinds    []string `json:"kinds,omitempty"`
}

func (f For) log(kind string) Query {
	return Query{Citizen: f.Citizen, Kind: kind, Purpose: f.Purpose, Consent: f.Consent}
}

// Agree says whether a name and an id number belong together. It is counted
// by the platform and never repeated.
func (c *Client) Agree(ctx context.Context, f For, name, idNumber bot.Secret) (bool, error) {
	var out struct {
		Agrees *bool `json:"agrees"`
	}
	body := personQuery{Purpose: f.Purpose, Consent: f.Consent, Name: name.Reveal(), IDNumber: idNumber.Reveal()}
	err := c.do(ctx, ask{log: f.log("identity"), method: http.MethodPost, path: "/v1/identity", body: body, into: &out, most: mostBytes})
	if err == nil && out.Agrees == nil {
		return false, ErrDown
	}
	return err == nil && *out.Agrees, err
}

// Licences are those of these kinds that the person holds.
func (c *Client) Licences(ctx context.Context, f For, name, idNumber bot.Secret, kinds []string) ([]Licence, error) {
	var out struct {
		Licences []Licence `json:"licences"`
	}
	body := personQuery{Purpose: f.Purpose, Consent: f.Consent, Name: name.Reveal(), IDNumber: idNumber.Reveal(), Kinds: kinds}
	err := c.do(ctx, ask{log: f.log("licences"), method: http.MethodPost, path: "/v1/licences", body: body, into: &out, again: true, most: mostBytes})
	return out.Licences, err
}

var creditCode = regexp.MustCompile(`^[0-9A-HJ-NPQRTUWXY]{18}$`)

// CreditCode says whether a text has the form of a unified social credit code.
func CreditCode(s string) bool { return creditCode.MatchString(s) }

// ErrCode means that a text is no credit code.
var ErrCode = errors.New("not a unified social credit code")

// Firm is the profile of the firm with a unified social credit code; ErrUnknown
// when there is none.
func (c *Client) Firm(ctx context.Context, f For, code string) (Firm, error) {
	if !CreditCode(code) {
		return Firm{}, ErrCode
	}
	var out Firm
	body := map[string]string{"purpose": f.Purpose, "consent": f.Consent, "code": code}
	err := c.do(ctx, ask{log: f.log("firm"), method: http.MethodPost, path: "/v1/firms", body: body, into: &out, again: true, most: mostBytes})
	return out, err
}

// catalogueFor is how long fetching the catalogue may take: nobody waits.
const catalogueFor = time.Minute

// Services are those that changed since a version, empty for all, and the
// catalogue's version now.
func (c *Client) Services(ctx context.Context, since string) ([]Service, string, error) {
	var out struct {
		Version  string    `json:"version"`
		Services []Service `json:"services"`
	}
	path := "/v1/services"
	if since != "" {
		path += "?since=" + url.QueryEscape(since)
	}
	err := c.do(ctx, ask{log: Query{Kind: "services", Purpose: "catalogue"}, method: http.MethodGet, path: path, into: &out, again: true, most: mostCatalog, timeout: catalogueFor})
	return out.Services, out.Version, err
}
