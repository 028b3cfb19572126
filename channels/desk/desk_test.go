package desk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// The desk against the real engine and store, and its pages in Chromium, are
// tested in bot/cmd/guanjia. Here is what only a broken house shows, and the
// parts that stand alone.

// house is a service of which each part can be broken.
type house struct {
	fault   error // what every reading and deed fails with
	line    bot.Line
	account Account
	handoff bot.Handoff // the citizens' last
	shift   bot.Shift
	mu      sync.Mutex
	tokens  map[string]string
	watched bool // the desk itself follows
	changes chan bot.Change
	late    chan struct{}
}

func (h *house) Take(context.Context, bot.CitizenID, string) error { return h.fault }
func (h *house) Speak(context.Context, bot.CitizenID, bot.Holder, bot.Saying, string) ([]bot.Outgoing, error) {
	return nil, h.fault
}
func (h *house) Note(context.Context, bot.CitizenID, string, string) error { return h.fault }
func (h *house) Finish(context.Context, bot.CitizenID, bot.Holder, string, bool) ([]bot.Outgoing, error) {
	return nil, h.fault
}
func (h *house) Pass(context.Context, bot.CitizenID, bot.Holder, bot.Target, string) error {
	return h.fault
}
func (h *house) Reassign(context.Context, bot.CitizenID, string, bot.Holder, bot.Target, string) error {
	return h.fault
}
func (h *house) OpenHandoff(context.Context, bot.CitizenID) (bot.Handoff, bool, error) {
	return h.handoff, h.handoff.Status != "", h.fault
}
func (h *house) Earlier(context.Context, bot.CitizenID, int64, int) ([]bot.Line, error) {
	return nil, h.fault
}
func (h *house) LastHandoff(context.Context, bot.CitizenID) (bot.Handoff, bool, error) {
	return h.handoff, h.handoff.Status != "", h.fault
}
func (h *house) Present(context.Context, time.Time, time.Time) ([]string, error) {
	return []string{h.account.Name}, h.fault
}
func (h *house) ShiftSince(context.Context, time.Time) (bot.Shift, error) {
	return h.shift, h.fault
}
func (h *house) QuickReplies(context.Context) ([]bot.QuickReply, error) { return nil, h.fault }
func (h *house) SaveQuickReply(context.Context, bot.QuickReply) (string, error) {
	return "q1", h.fault
}
func (h *house) DropQuickReply(context.Context, string) error { return h.fault }
func (h *house) Tag(context.Context, bot.CitizenID, string, string, bool, time.Time) error {
	return h.fault
}
func (h *house) Tags(context.Context, bot.CitizenID) ([]string, error)      { return nil, h.fault }
func (h *house) Handoffs(context.Context, bool, int) ([]bot.Handoff, error) { return nil, h.fault }
func (h *house) Lines(context.Context, bot.CitizenID, int64, int) ([]bot.Line, error) {
	return []bot.Line{h.line}, h.fault
}
func (h *house) Recent(context.Context, bot.CitizenID, int) ([]bot.Line, error) {
	return []bot.Line{h.line}, h.fault
}
func (h *house) Conversation(_ context.Context, id bot.CitizenID) (bot.Conversation, error) {
	return bot.Conversation{Citizen: id, Version: 1}, h.fault
}
func (h *house) Citizen(context.Context, bot.CitizenID) (bot.Citizen, error) {
	return bot.Citizen{}, h.fault
}
func (h *house) Changes(context.Context, int64, int) ([]bot.Change, error) { return nil, h.fault }
func (h *house) LastChange(context.Context) (int64, error)                 { return 7, h.fault }
func (h *house) Attachment(context.Context, string) (bot.Attachment, bot.CitizenID, error) {
	return bot.Attachment{Type: "text/html", Bytes: []byte("<script>")}, "c1", h.fault
}
func (h *house) Account(context.Context, string) (Account, error) { return h.account, nil }
func (h *house) Accounts(context.Context) ([]Account, error)      { return []Account{h.account}, nil }
func (h *house) StartSession(_ context.Context, token, name, _ string, _ time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tokens[token] = name
	return nil
}
func (h *house) Signed(_ context.Context, token string, _, _ time.Time) (Account, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.tokens[token]; !ok {
		return Account{}, ErrNoAccount
	}
	return h.account, nil
}
func (h *house) Used(context.Context, string, time.Time) error { return nil }
func (h *house) EndSession(_ context.Context, token string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.tokens, token)
	return nil
}
func (h *house) Check(password, hash string) (bool, error) { return password == hash, nil }

// follow gives the desk itself a channel of its own, on which nothing comes, and
// the pages the one that tests send on.
func (h *house) follow(int) (<-chan bot.Change, <-chan struct{}, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.watched {
		h.watched = true
		return make(chan bot.Change), make(chan struct{}), func() {}
	}
	return h.changes, h.late, func() {}
}

// open makes a desk of a house with one operator signed in.
func open(t *testing.T, secure bool) (*house, *Desk, func(method, path, body string) *httptest.ResponseRecorder) {
	t.Helper()
	h := &house{account: Account{Name: "小陈", Role: "operator", Hash: "secret"}, handoff: bot.Handoff{Status: bot.HandoffWaiting}, tokens: map[string]string{"token": "小陈"},
		changes: make(chan bot.Change, 1), late: make(chan struct{})}
	d, err := New(Config{Engine: h, Records: h, Accounts: h, Kit: h, Secure: secure,
		Follow: h.follow})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	handler := d.Handler()
	return h, d, func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.AddCookie(&http.Cookie{Name: d.cookieName(), Value: "token"})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
}

func TestABrokenHouseIsSaid(t *testing.T) {
	h, _, do := open(t, false)
	h.fault = errors.New("disk on fire at /var/secret")
	for _, c := range [][2]string{
		{"GET", "/desk/queue"}, {"GET", "/desk/conversation/c1"}, {"POST", "/desk/conversation/c1/take"},
		{"POST", "/desk/conversation/c1/note"},
	} {
		w := do(c[0], c[1], `{"text":"a","key":"12345678"}`)
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "系统忙") || strings.Contains(w.Body.String(), "fire") {
			t.Errorf("%s %s: %d %s", c[0], c[1], w.Code, w.Body)
		}
	}
	if w := do("GET", "/desk/attachment/f1", ""); w.Code != http.StatusNotFound {
		t.Errorf("an attachment that cannot be read: %d", w.Code)
	}
}

func TestAttachmentIsNeverAPage(t *testing.T) {
	_, _, do := open(t, false)
	w := do("GET", "/desk/attachment/f1", "")
	if w.Header().Get("Content-Type") != "application/octet-stream" || w.Header().Get("Content-Disposition") != "attachment" {
		t.Errorf("a file that calls itself HTML is sent as %v", w.Header())
	}
}

func TestCookieOverTLS(t *testing.T) {
	h, d, _ := open(t, true)
	form := url.Values{"name": {"小陈"}, "password": {"secret"}}
	r := httptest.NewRequest("POST", "/desk/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: cookieSecure, Value: "token"})
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	got := w.Header().Get("Set-Cookie")
	for _, flag := range []string{"__Host-guanjia_desk=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(got, flag) {
			t.Errorf("the cookie %q lacks %s", got, flag)
		}
	}
	if _, left := h.tokens["token"]; left || len(h.tokens) != 1 {
		t.Errorf("a new sign-in leaves the old session: %v", h.tokens)
	}
}

// TestCloseEndsStreams shows that the desk waits for its streams, ends them
// and takes no more.
func TestCloseEndsStreams(t *testing.T) {
	_, d, _ := open(t, false)
	s := httptest.NewServer(d.Handler())
	defer s.Close()
	get := func() *http.Response {
		r, err := http.NewRequest("GET", s.URL+"/desk/events?after=7", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: cookiePlain, Value: "token"})
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	var all []*http.Response
	for range mostStreams {
		all = append(all, get())
	}
	if res := get(); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one stream too many: %d", res.StatusCode)
	} else {
		res.Body.Close()
	}
	d.Close()
	for _, res := range all {
		var b bytes.Buffer
		if _, err := b.ReadFrom(res.Body); err != nil {
			t.Errorf("a stream ended badly: %v", err)
		}
		res.Body.Close()
	}
	if res := get(); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after closing: %d", res.StatusCode)
	} else {
		res.Body.Close()
	}
	d.Close() // again is no harm
}

// TestLateStreamEnds shows that a page that missed changes is sent back to
// the records, and that what is live comes numbered and once.
func TestLateStreamEnds(t *testing.T) {
	h, d, _ := open(t, false)
	s := httptest.NewServer(d.Handler())
	defer s.Close()
	r, err := http.NewRequest("GET", s.URL+"/desk/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "7")
	r.AddCookie(&http.Cookie{Name: cookiePlain, Value: "token"})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	live := bufio.NewScanner(res.Body)
	for _, seq := range []int64{7, 8, 8, 9} {
		h.changes <- bot.Change{Seq: seq, Kind: bot.ChangeLine, Citizen: "c1"}
	}
	var numbers []string
	for len(numbers) < 2 && live.Scan() {
		if n, ok := strings.CutPrefix(live.Text(), "id: "); ok {
			numbers = append(numbers, n)
		}
	}
	close(h.late)
	for live.Scan() {
	}
	if got := strings.Join(numbers, " "); got != "8 9" || live.Err() != nil {
		t.Errorf("after 7 came %q, then %v", got, live.Err())
	}
}

// TestStreamEndsWithItsSession signs an operator out elsewhere: the page is
// told, and its stream ends.
func TestStreamEndsWithItsSession(t *testing.T) {
	_, d, do := open(t, false)
	d.beat = 5 * time.Millisecond
	s := httptest.NewServer(d.Handler())
	defer s.Close()
	r, err := http.NewRequest("GET", s.URL+"/desk/events?after=7", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: cookiePlain, Value: "token"})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	live := bufio.NewScanner(res.Body)
	for live.Scan() && live.Text() != "event: beat" {
	}
	if w := do("POST", "/desk/logout", ""); w.Code != http.StatusSeeOther {
		t.Fatalf("log out: %d", w.Code)
	}
	last := ""
	for live.Scan() {
		if name, ok := strings.CutPrefix(live.Text(), "event: "); ok {
			last = name
		}
	}
	if last != "out" {
		t.Errorf("the stream ended with %q", last)
	}
}

// TestBeatTellsTheQueue (C2): a quiet stream says which change the queue is as
// of, so that a page that lost one learns it.
func TestBeatTellsTheQueue(t *testing.T) {
	_, d, _ := open(t, false)
	d.beat = 5 * time.Millisecond
	s := httptest.NewServer(d.Handler())
	defer s.Close()
	r, err := http.NewRequest("GET", s.URL+"/desk/events?after=7", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: cookiePlain, Value: "token"})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	live := bufio.NewScanner(res.Body)
	told := func(want string) {
		t.Helper()
		for live.Scan() {
			if live.Text() == "data: "+want {
				return
			}
		}
		t.Fatalf("the queue is never said to be as of %s: %v", want, live.Err())
	}
	told("7")
	d.board.changed(bot.Change{Seq: 9, Kind: bot.ChangeQueued, Citizen: "c1"})
	d.board.changed(bot.Change{Seq: 12, Kind: bot.ChangeLine, Citizen: "c1"})
	told("9")
	d.board.miss(20)
	told("20")
}

// TestThrottle follows the waits of a name and of an address.
func TestThrottle(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	tries := newThrottle(nil)
	for i := range freeForName {
		if w := tries.begin(now, "a", "h"); w != 0 {
			t.Fatalf("try %d waits %v", i, w)
		}
	}
	want := time.Second
	for range 12 {
		if w := tries.begin(now, "a", "h"); w != want {
			t.Fatalf("waits %v, want %v", w, want)
		}
		now = now.Add(want)
		if w := tries.begin(now, "a", "h"); w != 0 {
			t.Fatalf("after waiting: %v", w)
		}
		want = min(2*want, longestWait)
	}
	if w := tries.begin(now, "b", "h"); w != 0 {
		t.Errorf("another name from the same address waits %v", w)
	}
	tries.passed("a", "h")
	if w := tries.begin(now, "a", "h"); w != 0 {
		t.Errorf("after the right password: %v", w)
	}
	for range freeForHost {
		tries.begin(now, "x", "other")
		now = now.Add(longestWait)
	}
	for i := range freeForHost {
		tries.begin(now, string(rune('A'+i)), "crowd")
	}
	if w := tries.begin(now, "new", "crowd"); w == 0 {
		t.Error("an address may guess without end over many names")
	}
}

func TestThrottleForgets(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	tries := newThrottle(nil)
	for i := range mostKept {
		tries.seen.Set(string(rune(i))+"x", failures{N: 1, Until: now}, longestWait)
	}
	tries.begin(now.Add(time.Hour), "a", "h")
	if n := tries.seen.Len(); n > 2 {
		t.Errorf("%d failures of an hour ago are kept", n)
	}
}

func TestPacketInWords(t *testing.T) {
	got := slotsOf(map[string]string{"phone": "138****8000", "service": "居住证", "hall": "虎门", "odd": "1", "name": ""})
	want := []pair{{"业务", "居住证"}, {"大厅", "虎门"}, {"电话", "138****8000"}, {"odd", "1"}}
	if a, b := mustJSON(t, got), mustJSON(t, want); a != b {
		t.Errorf("%s, want %s", a, b)
	}
	tried := triedOf([]string{"set_slot(service)", "start_flow(book_appointment)", "cannot_handle", "cannot_handle", "human_handoff", "choose(2)"})
	if a, b := mustJSON(t, tried), `["记下业务","开始“预约办事”","没听懂"]`; a != b {
		t.Errorf("%s, want %s", a, b)
	}
}

// TestWhatTheListShows picks the words a row shows.
func TestWhatTheListShows(t *testing.T) {
	for text, want := range map[string]bool{
		"转人工": false, "15:00": false, "13800138000": false, "11月26日": false, "我家着火了": true, "residence permit": true,
	} {
		if telling(text) != want {
			t.Errorf("%q tells something: %v", text, !want)
		}
	}
	for text, want := range map[string]string{
		"我的电话13800138000": "我的电话****8000", "身份证44190019900101123X": "身份证****123X", "南城鸿福路 108 号": "南城鸿福路 108 号",
	} {
		if got := masked(text); got != want {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// FuzzAsked feeds the desk's input anything: a refusal has a sentence, and
// what is taken is short and prints.
func FuzzAsked(f *testing.F) {
	for _, s := range []string{`{"text":"好","key":"12345678","seen":3}`, `{`, `{}{}`, `{"seen":-1}`, `{"text":"\u0000\u202e"}`, `[1]`, `null`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, status, fault := readAsked(bytes.NewReader(raw))
		if (fault == "") != (status == http.StatusOK) {
			t.Fatalf("status %d with %q", status, fault)
		}
		if fault == "" && (len([]rune(a.Text)) > maxWords || strings.ContainsAny(a.Text, "\x00\x07\x1b") || a.Seen < 0) {
			t.Fatalf("taken: %q", a.Text)
		}
	})
}

// A browser keeps no Secure cookie that came over plain http from elsewhere: who
// signs in so is told, and not sent back to the sign-in without a word.
func TestPlainHTTPIsTold(t *testing.T) {
	for origin, want := range map[string]bool{
		"http://10.0.0.5:8081": true, "http://desk.office:8081": true, "https://desk.office": false, "http://127.0.0.1:8081": false,
		"http://localhost:8081": false, "http://[::1]:8081": false, "": false, "null": false,
	} {
		r := httptest.NewRequest("POST", "/desk/login", nil)
		r.Header.Set("Origin", origin)
		if got := overPlainHTTP(r); got != want {
			t.Errorf("from %q: %v", origin, got)
		}
	}
}
