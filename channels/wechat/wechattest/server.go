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
	"sync"
	"time"
	"unicode/utf8"
)

// Sent is one customer-service message the platform took.
type Sent struct {
	To      string
	Type    string // text, msgmenu
	Text    string // the words, or the menu's head
	Choices [][2]string
	Tail    string
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
		absent: map[string]bool{}, typing: map[string]time.Time{}, media: map[string][]byte{}, calls: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cgi-bin/stable_token", s.token)
	mux.HandleFunc("POST /cgi-bin/message/custom/send", s.signed(s.send))
	mux.HandleFunc("POST /cgi-bin/message/custom/typing", s.signed(s.showTyping))
	mux.HandleFunc("POST /cgi-bin/menu/create", s.signed(s.createMenu))
	mux.HandleFunc("GET /cgi-bin/menu/get", s.signed(s.getMenu))
	mux.HandleFunc("GET /cgi-bin/menu/delete", s.signed(s.deleteMenu))
	mux.HandleFunc("GET /cgi-bin/media/get", s.signed(s.getMedia))
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

// Menu is the menu the account has now, nil if none.
func (s *Server) Menu() json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.menu
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

// send is 发送客服消息.
func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ToUser  string `json:"touser"`
		Msgtype string `json:"msgtype"`
		Text    *struct {
			Content string `json:"content"`
		} `json:"text"`
		Msgmenu *struct {
			Head string `json:"head_content"`
			Tail string `json:"tail_content"`
			List []struct {
				ID      string `json:"id"`
				Content string `json:"content"`
			} `json:"list"`
		} `json:"msgmenu"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, 47001, "data format error")
		return
	}
	m := Sent{To: in.ToUser, Type: in.Msgtype}
	switch {
	case in.Msgtype == "text" && in.Text != nil && in.Text.Content != "":
		m.Text = in.Text.Content
	case in.Msgtype == "text":
		refuse(w, 44004, "empty content")
		return
	case in.Msgtype == "msgmenu" && in.Msgmenu != nil && len(in.Msgmenu.List) > 0:
		m.Text, m.Tail = in.Msgmenu.Head, in.Msgmenu.Tail
		for _, c := range in.Msgmenu.List {
			m.Choices = append(m.Choices, [2]string{c.ID, c.Content})
		}
	default:
		refuse(w, 40008, "invalid message type")
		return
	}
	if !utf8.ValidString(m.Text) || len(m.Text) > 2048 {
		refuse(w, 45002, "content size out of limit")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if code, text := s.spend(in.ToUser); code != 0 {
		refuse(w, code, text)
		return
	}
	s.sent = append(s.sent, m)
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
}

// spend takes one message from what may be sent, the shortest-lived first.
func (s *Server) spend(openID string) (int, string) {
	if openID == "" || len(openID) > 64 {
		return 40003, "invalid openid"
	}
	if s.absent[openID] {
		return 43004, "require subscribe"
	}
	w := s.windows[openID]
	if w == nil {
		return 45015, "response out of time limit or subscription is canceled"
	}
	best, live := -1, false
	for i, g := range w.messages {
		if s.now().After(g.until) {
			continue
		}
		live = true
		if g.left > 0 && (best < 0 || g.until.Before(w.messages[best].until)) {
			best = i
		}
	}
	switch {
	case !live:
		return 45015, "response out of time limit or subscription is canceled"
	case best < 0:
		return 45047, "out of response count limit"
	}
	w.messages[best].left--
	return 0, ""
}

// showTyping is 客服输入状态.
func (s *Server) showTyping(w http.ResponseWriter, r *http.Request) {
	var in struct{ ToUser, Command string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Command != "Typing" && in.Command != "CancelTyping" {
		refuse(w, 45072, "invalid command")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch at, ok := s.typing[in.ToUser]; {
	case s.windows[in.ToUser] == nil:
		refuse(w, 45080, "need msg from user in 30 seconds")
	case ok && s.now().Before(at.Add(15*time.Second)):
		refuse(w, 45081, "already in typing status")
	default:
		s.typing[in.ToUser] = s.now()
		answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
	}
}

// Typed says whether a citizen was shown that an answer is being written.
func (s *Server) Typed(openID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.typing[openID]
	return ok
}

// createMenu is 创建自定义菜单, with its bounds.
func (s *Server) createMenu(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	type button struct {
		Type, Name, Key, URL string
		Sub                  []json.RawMessage `json:"sub_button"`
	}
	var in struct {
		Button []button `json:"button"`
	}
	if err != nil || json.Unmarshal(raw, &in) != nil {
		refuse(w, 47001, "data format error")
		return
	}
	if len(in.Button) < 1 || len(in.Button) > 3 {
		refuse(w, 40016, "invalid button size")
		return
	}
	for _, b := range in.Button {
		if len(b.Name) == 0 || len(b.Name) > 16 {
			refuse(w, 40018, "invalid button name size")
			return
		}
		if len(b.Sub) > 5 {
			refuse(w, 40023, "invalid sub button size")
			return
		}
		if len(b.Sub) == 0 && b.Type == "" {
			refuse(w, 40017, "invalid button type")
			return
		}
		for _, rawSub := range b.Sub {
			var sub button
			if json.Unmarshal(rawSub, &sub) != nil || len(sub.Name) == 0 || len(sub.Name) > 60 {
				refuse(w, 40025, "invalid sub button name size")
				return
			}
			if sub.Type == "click" && (sub.Key == "" || len(sub.Key) > 128) {
				refuse(w, 40019, "invalid button key size")
				return
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.menu = raw
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
}

func (s *Server) getMenu(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.menu == nil {
		refuse(w, 46003, "menu no exist")
		return
	}
	answer(w, map[string]any{"menu": s.menu})
}

func (s *Server) deleteMenu(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.menu = nil
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
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
