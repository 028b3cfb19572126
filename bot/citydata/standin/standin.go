// Package standin is a data platform for tests and trials: it answers as
// bot/citydata/openapi.yaml says, refuses what the document refuses, and
// misbehaves when told to.
//
// It holds invented people and firms only.
package standin

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"guanjia/bot/citydata"
)

// Person is somebody the platform knows.
type Person struct {
	Name, IDNumber string
	Licences       []citydata.Licence
}

// Fault is a way of misbehaving.
type Fault string

// The faults.
const (
	Fine      Fault = ""
	Slow      Fault = "slow"      // answers when nobody waits any more
	Broken    Fault = "broken"    // 500
	Busy      Fault = "busy"      // 503
	CutOff    Fault = "cut off"   // half an answer
	Nonsense  Fault = "nonsense"  // no JSON, rightly signed
	Huge      Fault = "huge"      // larger than any answer may be
	Forged    Fault = "forged"    // another's signature
	Elsewhere Fault = "elsewhere" // a redirect
)

// Server is a platform. Its fields may be changed between requests through
// Behave; it is safe for use by many at once.
type Server struct {
	KeyID    string
	Key      []byte
	Clock    func() time.Time
	People   []Person
	Firms    map[string]citydata.Firm
	Services []citydata.Service
	Version  string

	mu     sync.Mutex
	nonces map[string]bool
	faults []Fault
	asked  map[string]int
}

// Behave makes the next requests misbehave in turn; after them it is fine.
func (s *Server) Behave(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
}

// Asked is how often a path was asked for, refused requests among them.
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// Routes are the paths served, as the document has them.
func Routes() []string { return []string{"/v1/identity", "/v1/licences", "/v1/firms", "/v1/services"} }

// mostBody is how much of a request is read.
const mostBody = 64 << 10

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "the request is too large")
		return
	}
	fault, status, reason := s.admit(r, body)
	if reason != "" {
		refuse(w, status, reason)
		return
	}
	answer, status, reason := s.answer(r, body)
	if reason != "" && fault == Fine {
		refuse(w, status, reason)
		return
	}
	s.send(w, r, answer, fault)
}

// admit checks key, time, nonce and signature, and takes the next fault.
func (s *Server) admit(r *http.Request, body []byte) (Fault, int, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nonces == nil {
		s.nonces, s.asked = map[string]bool{}, map[string]int{}
	}
	s.asked[r.URL.Path]++
	nonce, stamp := r.Header.Get("X-Nonce"), r.Header.Get("X-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case r.Header.Get("X-Key-Id") != s.KeyID:
		return Fine, http.StatusUnauthorized, "the key is unknown"
	case err != nil || s.Clock().Sub(time.Unix(seconds, 0)).Abs() > 300*time.Second:
		return Fine, http.StatusUnauthorized, "the time is more than five minutes off"
	case citydata.SignRequest(s.Key, r.Method, r.URL.RequestURI(), stamp, nonce, body) != r.Header.Get("X-Signature"):
		return Fine, http.StatusUnauthorized, "the signature is wrong"
	case len(nonce) < 16 || s.nonces[nonce]:
		return Fine, http.StatusConflict, "the nonce was used before"
	}
	s.nonces[nonce] = true
	fault := Fine
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	return fault, 0, ""
}

// query is every request's body.
type query struct {
	Purpose  string   `json:"purpose"`
	Consent  string   `json:"consent"`
	Name     string   `json:"name"`
	IDNumber string   `json:"id_number"`
	Kinds    []string `json:"kinds"`
	Code     string   `json:"code"`
}

func (s *Server) answer(r *http.Request, body []byte) (any, int, string) {
	if r.Method == http.MethodGet && r.URL.Path == "/v1/services" {
		return s.services(r.URL.Query().Get("since")), 0, ""
	}
	var q query
	if r.Method != http.MethodPost || !slices.Contains(Routes(), r.URL.Path) {
		return nil, http.StatusNotFound, "there is no such query"
	}
	if json.Unmarshal(body, &q) != nil {
		return nil, http.StatusBadRequest, "the body is no JSON"
	}
	if q.Purpose == "" || q.Consent == "" {
		return nil, http.StatusForbidden, "purpose or consent is missing"
	}
	if r.URL.Path == "/v1/firms" {
		if firm, ok := s.Firms[q.Code]; ok {
			return firm, 0, ""
		}
		return nil, http.StatusNotFound, "there is no such firm"
	}
	if q.Name == "" || q.IDNumber == "" {
		return nil, http.StatusBadRequest, "name or id_number is missing"
	}
	at := slices.IndexFunc(s.People, func(p Person) bool { return p.Name == q.Name && p.IDNumber == q.IDNumber })
	if r.URL.Path == "/v1/identity" {
		return map[string]bool{"agrees": at >= 0}, 0, ""
	}
	held := []citydata.Licence{}
	if at >= 0 {
		for _, l := range s.People[at].Licences {
			if slices.Contains(q.Kinds, l.Kind) {
				held = append(held, l)
			}
		}
	}
	return map[string]any{"licences": held}, 0, ""
}

func (s *Server) services(since string) any {
	all := s.Services
	if since == s.Version {
		all = []citydata.Service{}
	}
	return map[string]any{"version": s.Version, "services": all}
}

// send answers, or misbehaves.
func (s *Server) send(w http.ResponseWriter, r *http.Request, answer any, fault Fault) {
	raw, err := json.Marshal(answer)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "cannot write the answer")
		return
	}
	key := s.Key
	switch fault {
	case Slow:
		<-r.Context().Done()
		return
	case Broken, Busy:
		refuse(w, map[Fault]int{Broken: 500, Busy: 503}[fault], "out of order")
		return
	case Elsewhere:
		http.Redirect(w, r, "/v1/elsewhere", http.StatusTemporaryRedirect)
		return
	case Nonsense:
		raw = []byte("<html>")
	case Huge:
		raw = []byte(`{"licences":[],"pad":"` + strings.Repeat("x", 40<<20) + `"}`)
	case Forged:
		key = []byte(strings.Repeat("z", 32))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Signature", citydata.SignAnswer(key, r.Header.Get("X-Nonce"), raw))
	if fault == CutOff {
		w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
		raw = raw[:len(raw)/2]
	}
	w.Write(raw)
}

func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"reason": reason})
}
