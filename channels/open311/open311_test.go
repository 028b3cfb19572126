package open311

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// shelf is one report, and takes what is filed.
type shelf struct {
	t     testing.TB
	filed int
}

func (s *shelf) TicketRules() ticket.Rules { return ticket.Rules{} }

func (s *shelf) Public(context.Context, ticket.PublicQuery) ([]ticket.Public, error) {
	return []ticket.Public{{Number: "R1", Category: "c1", Town: "humen"}}, nil
}

func (s *shelf) PublicSteps(context.Context, time.Time, time.Time, int) ([]ticket.PublicStep, error) {
	return []ticket.PublicStep{{ID: 1, Number: "R1"}}, nil
}

func (s *shelf) KeyName(_ context.Context, secret string) (string, error) {
	if secret != "K" {
		return "", ticket.ErrNoKey
	}
	return "owner", nil
}

func (s *shelf) FiledBy(_ context.Context, number string) (string, error) {
	return map[string]string{"R1": "owner", "R2": "another"}[number], nil
}

func (s *shelf) ByToken(_ context.Context, token string) (ticket.Public, error) {
	if token != "T" {
		return ticket.Public{}, ticket.ErrNoToken
	}
	return ticket.Public{Number: "R1", Category: "c1"}, nil
}

func (s *shelf) FilePublic(_ context.Context, from bot.Address, secret, _ string, v ticket.Ticket, _ *bot.SeparateConsent) (ticket.Ticket, error) {
	s.filed++
	words := v.Text.Reveal()
	switch {
	case secret != "K" || from.Channel != Channel:
		s.t.Fatalf("filed with the key %q from %v", secret, from)
	case utf8.RuneCountInString(words) > mostWords || !utf8.ValidString(words) || strings.ContainsFunc(words, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		s.t.Fatalf("filed: %q", words)
	case v.Latitude < -90 || v.Latitude > 90 || v.Longitude < -180 || v.Longitude > 180:
		s.t.Fatalf("filed at %f, %f", v.Latitude, v.Longitude)
	}
	v.Number = "R3"
	return v, nil
}

func (s *shelf) Add(_ context.Context, number, words, _ string, _ *bot.SeparateConsent) (ticket.Ticket, error) {
	if number != "R1" || words == "" {
		s.t.Fatalf("added to %q: %q", number, words)
	}
	return ticket.Ticket{Number: number}, nil
}

func door(t testing.TB) (*shelf, http.Handler) {
	s := &shelf{t: t}
	d := New(Config{
		Books: s, Filing: s, Jurisdiction: "dg", URL: "https://g.example", Clock: func() time.Time { return time.Date(2026, 7, 28, 10, 0, 0, 0, bot.Shanghai()) },
		Categories: []ticket.Category{{ID: "c1", Name: "噪声"}}, Towns: []Town{{ID: "humen", Name: "虎门镇", Aliases: []string{"虎门"}, Lat: 22.8, Long: 113.67}},
	})
	mux := http.NewServeMux()
	d.Routes(mux)
	return s, mux
}

// FuzzDoor asks and posts anything: an answer is never a fault of ours, it is
// whole in the format asked for, and what is filed keeps its bounds.
func FuzzDoor(f *testing.F) {
	const form = "application/x-www-form-urlencoded"
	f.Add("GET", "/discovery.xml", "", "")
	f.Add("GET", "/requests.json?start_date=2026-01-01T00:00:00Z&status=open,closed&service_code=c1", "", "")
	f.Add("GET", "/requests/R1.xml", "", "")
	f.Add("GET", "/services/c1.json", "", "")
	f.Add("GET", "/tokens/T.json", "", "")
	f.Add("GET", "/servicerequestupdates.xml?start_date=x", "", "")
	f.Add("DELETE", "/requests.xml", "", "")
	f.Add("POST", "/requests.json", form, "api_key=K&service_code=c1&lat=22.8&long=113.6&description=%E5%90%B5")
	f.Add("POST", "/requests.xml", form, "api_key=K&service_code=c1&lat=NaN&long=Inf&attribute[since]=2026")
	f.Add("POST", "/requests.xml", form, "api_key=K&service_code=c1&address_string=%E8%99%8E%E9%97%A8%00%1b&attribute[town]=humen")
	f.Add("POST", "/servicerequestupdates.json", form, "api_key=K&service_request_id=r1&update_id=1&description=%ff%fe")
	f.Add("POST", "/requests.json", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nK\r\n--b--\r\n")
	f.Fuzz(func(t *testing.T, method, target, kind, body string) {
		r, err := asked(method, target, kind, body)
		if err != nil {
			return
		}
		s, h := door(t)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		if w.Code == http.StatusMovedPermanently || w.Code == http.StatusTemporaryRedirect || w.Header().Get("Content-Type") == "text/plain; charset=utf-8" {
			return // the mux's own answer
		}
		if s.filed > 1 || s.filed == 1 && w.Code != http.StatusCreated {
			t.Fatalf("filed %d times, answered %d", s.filed, w.Code)
		}
		if err := whole(w.Header().Get("Content-Type"), w.Body.Bytes()); err != nil && method != "HEAD" {
			t.Fatalf("%s %s: %v: %s", method, target, err, w.Body)
		}
	})
}

// asked is a request as net/http would hand it over, or none.
func asked(method, target, kind, body string) (*http.Request, error) {
	r, err := http.NewRequest(method, "http://g.example"+Root+target, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.RequestURI = r.URL.RequestURI()
	return r, nil
}

// whole says what is wrong with an answer as XML or JSON.
func whole(kind string, raw []byte) error {
	switch {
	case strings.HasPrefix(kind, "application/json"):
		if !json.Valid(raw) {
			return errors.New("no JSON")
		}
		return nil
	case strings.HasPrefix(kind, "text/xml"):
		for dec := xml.NewDecoder(strings.NewReader(string(raw))); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return errors.New("answered as " + kind)
}
