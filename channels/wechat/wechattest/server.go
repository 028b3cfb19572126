// Package wechattest stands in for WeChat's side: a server that behaves as the
// official account's API documents it, errors included, and an account that
// posts callbacks as the platform does, with its deadline and its retries.
//
// It refuses to be more lenient than the documents. What they leave open is
// said at the place.
package wechattest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"
	"time"
)

// Sent is one customer-service message the platform took.
type Sent struct {
	To      string
	Type    string // text, msgmenu, image
	Text    string // the words, or the menu's head
	Choices [][2]string
	Tail    string
	Picture []byte // of an image
}

// Fault is what the server does instead of answering a call.
type Fault struct {
	Path   string // of the calls it meets; empty: all but the token's
	Times  int
	Code   int           // answers {"errcode":Code}
	Status int           // answers with this HTTP status
	Body   string        // answers this, as it stands
	Hang   time.Duration // answers after it
	Drip   time.Duration // begins to answer at once and goes on after it
	Cut    bool          // takes the request and closes the connection
}

// Server is the API of one official account.
type Server struct {
	*httptest.Server
	AppID, Secret string

	mu      sync.Mutex
	now     func() time.Time
	tokens  map[string]time.Time // until when
	asked   int                  // tokens asked for
	serial  int
	windows map[string]*window
	absent  map[string]bool // do not follow
	sent    []Sent
	typing  map[string]time.Time
	menu    json.RawMessage
	media   map[string][]byte
	codes   map[string]code // of browsers on their way back from signing in
	faults  []*Fault
	calls   map[string]int // by path
}

// window is what may still be sent to a citizen: five messages within 48
// hours of a message, three within a minute of a tap, a follow or a scan.
type window struct {
	messages []grant
}

type grant struct {
	until time.Time
	left  int
}

// NewServer starts a server; now may be nil.
func NewServer(appID, secret string, now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	s := &Server{AppID: appID, Secret: secret, now: now, tokens: map[string]time.Time{}, windows: map[string]*window{},
		absent: map[string]bool{}, typing: map[string]time.Time{}, media: map[string][]byte{}, codes: map[string]code{}, calls: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cgi-bin/stable_token", s.token)
	mux.HandleFunc("POST /cgi-bin/message/custom/send", s.signed(s.send))
	mux.HandleFunc("POST /cgi-bin/message/custom/typing", s.signed(s.showTyping))
	mux.HandleFunc("POST /cgi-bin/menu/create", s.signed(s.createMenu))
	mux.HandleFunc("GET /cgi-bin/menu/get", s.signed(s.getMenu))
	mux.HandleFunc("GET /cgi-bin/menu/delete", s.signed(s.deleteMenu))
	mux.HandleFunc("GET /cgi-bin/media/get", s.signed(s.getMedia))
	mux.HandleFunc("POST /cgi-bin/media/upload", s.signed(s.putMedia))
	mux.HandleFunc("GET /sns/oauth2/access_token", s.identify)
	s.Server = httptest.NewServer(mux)
	return s
}

// Wrote opens the window a citizen's message opens.
func (s *Server) Wrote(openID string) { s.open(openID, 5, 48*time.Hour) }

// Tapped opens the window a menu's click, a tap, a follow or a scan opens.
func (s *Server) Tapped(openID string) { s.open(openID, 3, time.Minute) }

// wrote is Wrote where there is a server at all.
func (s *Server) wrote(openID string) {
	if s != nil {
		s.Wrote(openID)
	}
}

func (s *Server) tapped(openID string) {
	if s != nil {
		s.Tapped(openID)
	}
}

func (s *Server) open(openID string, n int, life time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.windows[openID]
	if w == nil {
		w = &window{}
		s.windows[openID] = w
	}
	w.messages = append(w.messages, grant{s.now().Add(life), n})
}

// Left makes a citizen one who does not follow the account.
func (s *Server) Left(openID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.absent[openID] = true
}

// Keep holds a file a citizen sent.
func (s *Server) Keep(mediaID string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.media[mediaID] = data
}

// Fail makes the next calls go wrong.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Sent are the messages taken so far.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent(nil), s.sent...)
}

// Asked is how often a path was called.
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[path]
}

// Tokens is how often a token was asked for.
func (s *Server) Tokens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Expire makes every token unknown, as when another server forced a new one.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	// No line break behind it: the platform sends none, and co-wechat-api cannot
	// read an answer that has one.
	raw, _ := json.Marshal(v)
	w.Write(raw)
}

func refuse(w http.ResponseWriter, code int, text string) {
	answer(w, map[string]any{"errcode": code, "errmsg": text + " rid: 6570-0000"})
}

// fault carries out what was scripted; it returns true when it answered.
func (s *Server) fault(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	s.calls[r.URL.Path]++
	var hit *Fault
	for _, f := range s.faults {
		if f.Times > 0 && (f.Path == r.URL.Path || f.Path == "" && r.URL.Path != "/cgi-bin/stable_token") {
			hit = f
			f.Times--
			break
		}
	}
	s.mu.Unlock()
	if hit == nil {
		return false
	}
	if hit.Drip > 0 {
		http.NewResponseController(w).Flush()
		pause(r, hit.Drip)
		return false
	}
	io.Copy(io.Discard, r.Body)
	switch {
	case hit.Cut:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
		return true
	case hit.Hang > 0:
		pause(r, hit.Hang)
		return true
	case hit.Status > 0:
		http.Error(w, hit.Body, hit.Status)
		return true
	case hit.Body != "":
		io.WriteString(w, hit.Body)
		return true
	}
	refuse(w, hit.Code, "scripted")
	return true
}

// pause waits, but not for a caller who has left.
func pause(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

// token is 获取稳定版接口调用凭据, in its normal mode.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if s.fault(w, r) {
		return
	}
	var in struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, 47001, "data format error")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	switch {
	case in.GrantType != "client_credential":
		refuse(w, 40002, "invalid grant_type")
	case in.AppID != s.AppID:
		refuse(w, 40013, "invalid appid")
	case in.Secret != s.Secret:
		refuse(w, 40125, "invalid appsecret")
	default:
		for token, until := range s.tokens { // the same token until five minutes before its end
			if s.now().Before(until.Add(-5 * time.Minute)) {
				answer(w, map[string]any{"access_token": token, "expires_in": int(until.Sub(s.now()).Seconds())})
				return
			}
		}
		s.serial++
		token := fmt.Sprintf("TOKEN-%d-%0120d", s.serial, s.serial)
		s.tokens[token] = s.now().Add(7200 * time.Second)
		answer(w, map[string]any{"access_token": token, "expires_in": 7200})
	}
}

// signed lets calls with a good token through.
func (s *Server) signed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.fault(w, r) {
			return
		}
		token := r.URL.Query().Get("access_token")
		s.mu.Lock()
		until, ok := s.tokens[token]
		expired := ok && s.now().After(until)
		s.mu.Unlock()
		switch {
		case token == "":
			refuse(w, 41001, "access_token missing")
		case !ok:
			refuse(w, 40001, "invalid credential, access_token is invalid or not latest")
		case expired:
			refuse(w, 42001, "access_token expired")
		default:
			next(w, r)
		}
	}
}

// putMedia is 新增临时素材, of pictures.
func (s *Server) putMedia(w http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("media")
	if r.URL.Query().Get("type") != "image" {
		refuse(w, 40004, "invalid media type")
		return
	}
	if err != nil {
		refuse(w, 41005, "media data missing")
		return
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 10<<20+1))
	kind, ending := http.DetectContentType(data), path.Ext(head.Filename)
	switch {
	case err != nil || len(data) == 0:
		refuse(w, 44001, "empty media data")
	case len(data) > 10<<20:
		refuse(w, 40009, "invalid image size")
	case kind != "image/jpeg" && kind != "image/png" && kind != "image/gif", ending != ".jpg" && ending != ".png" && ending != ".gif":
		refuse(w, 40005, "invalid file type")
	default:
		s.mu.Lock()
		id := fmt.Sprintf("upload-%d", len(s.media)+1)
		s.media[id] = data
		s.mu.Unlock()
		answer(w, map[string]any{"type": "image", "media_id": id, "created_at": s.now().Unix()})
	}
}

// getMedia is 获取临时素材.
func (s *Server) getMedia(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	data, ok := s.media[r.URL.Query().Get("media_id")]
	s.mu.Unlock()
	if !ok {
		refuse(w, 40007, "invalid media_id")
		return
	}
	w.Header().Set("Content-Type", http.DetectContentType(data))
	w.Write(data)
}
