package cluster

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// place is an instance: its carrier, its public door, and its door for others.
type place struct {
	*Carrier
	public string // an address to ask
	peers  string
	server *http.Server
}

func stand(t *testing.T, secret byte, patience time.Duration) *place {
	t.Helper()
	c, err := New(Config{
		Secret: bytes.Repeat([]byte{secret}, 32), Patience: patience, Log: slog.New(slog.DiscardHandler),
		Repeatable: func(r *http.Request) bool { return r.URL.Path == "/again" },
		Sorry:      http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "sorry", http.StatusServiceUnavailable) }),
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &place{Carrier: c, peers: l.Addr().String(), server: &http.Server{Handler: c.Peers()}}
	go p.server.Serve(c.Listen(l))
	public := httptest.NewServer(c.Door("public"))
	p.public = public.URL
	t.Cleanup(func() { public.Close(); p.server.Close(); c.Close() })
	return p
}

// lead has an instance answer with who it is and what it was asked.
func (p *place) lead(name string, lost <-chan struct{}) (asked *atomic.Int64) {
	asked = &atomic.Int64{}
	p.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %s", name, r.Method, r.Host, strings.Split(r.RemoteAddr, ":")[0], body)
	})}, lost, sure)
	return asked
}

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "gj.example"
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(answer)
}

const long = time.Minute

func sure() bool { return true }

// TestCarried asks at an instance that follows: the one that leads answers, and
// sees the host and the citizen's address as they were.
func TestCarried(t *testing.T) {
	one, other := stand(t, 1, long), stand(t, 1, long)
	one.lead("one", nil)
	other.Follow(one.peers)
	for _, method := range []string{"GET", "POST"} {
		if status, got := ask(t, method, other.public+"/page", "words"); status != 200 || got != "one "+method+" gj.example 127.0.0.1 words" {
			t.Errorf("%d %s", status, got)
		}
	}
	if status, got := ask(t, "POST", other.public+"/page", strings.Repeat("x", mostKept+1)); status != 200 || len(got) < mostKept {
		t.Errorf("a long body: %d, %d bytes", status, len(got))
	}
}

// TestNoStranger lets nobody with another secret carry anything, or be carried
// to, nor anybody without one.
func TestNoStranger(t *testing.T) {
	one, stranger := stand(t, 1, 200*time.Millisecond), stand(t, 2, 200*time.Millisecond)
	asked := one.lead("one", nil)
	stranger.Follow(one.peers)
	if status, got := ask(t, "GET", stranger.public+"/page", ""); status != 503 || got != "sorry\n" {
		t.Errorf("%d %s", status, got)
	}
	strange := stranger.lead("stranger", nil)
	one.Follow(stranger.peers)
	if status, _ := ask(t, "POST", one.public+"/page", "words"); status != 503 {
		t.Errorf("carried to a stranger: %d", status)
	}
	if status, got := ask(t, "GET", "https://"+one.peers+"/page", ""); status != 0 {
		t.Errorf("without any identity: %d %s", status, got)
	}
	if asked.Load()+strange.Load() != 0 {
		t.Error("a stranger was answered")
	}
}

// TestNextLeader has the one that leads end while it is asked: what may be made
// twice is answered by the next, what may not is told so, and what comes while
// none leads waits.
func TestNextLeader(t *testing.T) {
	one, other, third := stand(t, 1, long), stand(t, 1, long), stand(t, 1, long)
	reached, hold := make(chan bool, 8), make(chan bool)
	defer close(hold)
	one.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- true
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	})}, nil, sure)
	third.Follow(one.peers)
	type answer struct {
		status int
		text   string
	}
	answers := map[string]chan answer{}
	for _, request := range []string{"POST /again", "GET /page", "POST /once"} {
		method, path, _ := strings.Cut(request, " ")
		answers[request] = make(chan answer, 1)
		go func() {
			status, text := ask(t, method, third.public+path, "words")
			answers[request] <- answer{status, text}
		}()
		<-reached
	}
	one.server.Close() // as a process that is killed
	third.Follow("")
	if got := <-answers["POST /once"]; got.status != 503 || got.text != "sorry\n" {
		t.Errorf("what may be made once: %+v", got)
	}
	asked := other.lead("other", nil)
	third.Follow(other.peers)
	for _, request := range []string{"POST /again", "GET /page"} {
		if got := <-answers[request]; got.status != 200 || !strings.HasPrefix(got.text, "other ") {
			t.Errorf("%s: %+v", request, got)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("the next was asked %d times", asked.Load())
	}
}

// TestLostLead answers nothing that was decided after the lead was lost.
func TestLostLead(t *testing.T) {
	one, other := stand(t, 1, long), stand(t, 1, long)
	lost := make(chan struct{})
	one.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-lost:
		default:
			close(lost)
		}
		http.Error(w, "records do not answer", 500)
	})}, lost, sure)
	go func() {
		<-lost
		other.lead("other", nil)
		one.Follow(other.peers)
	}()
	if status, got := ask(t, "POST", one.public+"/again", "words"); status != 200 || !strings.HasPrefix(got, "other ") {
		t.Errorf("%d %s", status, got)
	}
	third := stand(t, 1, long)
	lost = make(chan struct{})
	third.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(lost)
		http.Error(w, "records do not answer", 500)
	})}, lost, sure)
	if status, got := ask(t, "POST", third.public+"/once", "words"); status != 503 || got != "sorry\n" {
		t.Errorf("what may be made once: %d %s", status, got)
	}
}

// TestUnsure has the one that leads not know for a while whether it still does:
// what it read meanwhile is not given, and nothing is asked until it knows.
func TestUnsure(t *testing.T) {
	one := stand(t, 1, long)
	var known atomic.Bool
	known.Store(true)
	asked := make(chan bool, 8)
	one.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" && len(asked) == 0 {
			known.Store(false)
		}
		asked <- true
		fmt.Fprint(w, len(asked))
	})}, nil, known.Load)
	own := httptest.NewServer(one.Own("public", http.NotFoundHandler()))
	defer own.Close()
	answer := make(chan string, 1)
	go func() {
		_, got := ask(t, "GET", one.public+"/page", "")
		answer <- got
	}()
	for len(asked) == 0 {
		time.Sleep(againTime)
	}
	select {
	case got := <-answer:
		t.Fatalf("read %s", got)
	case <-time.After(3 * againTime): // in which it would be asked again
	}
	if status, got := ask(t, "GET", own.URL+"/readyz", ""); status != 200 || got != "2" {
		t.Errorf("what is asked of the process itself: %d %s", status, got)
	}
	known.Store(true)
	if got := <-answer; got != "3" {
		t.Errorf("read %s", got)
	}
}

// TestDoubt has the one that leads wait for a database it is cut off from: who
// asked does not wait as long.
func TestDoubt(t *testing.T) {
	one, other := stand(t, 1, long), stand(t, 1, long)
	var known atomic.Bool
	known.Store(true)
	reached, answers := make(chan bool), map[string]chan string{}
	one.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- true
		<-r.Context().Done() // as a query would
	})}, nil, known.Load)
	for _, request := range []string{"GET /page", "POST /again", "POST /once"} {
		method, path, _ := strings.Cut(request, " ")
		answers[request] = make(chan string, 1)
		go func() {
			_, got := ask(t, method, one.public+path, "words")
			answers[request] <- got
		}()
		<-reached
	}
	known.Store(false)
	if got := <-answers["POST /once"]; got != "sorry\n" {
		t.Errorf("what may be made once: %s", got)
	}
	other.lead("other", nil)
	one.Follow(other.peers)
	for _, request := range []string{"GET /page", "POST /again"} {
		if got := <-answers[request]; !strings.HasPrefix(got, "other ") {
			t.Errorf("%s: %s", request, got)
		}
	}
}

// TestStreams carries what is written as it is written, and lets the end of a
// lead wait for what is in hand.
func TestStreams(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		t.Run(method, func(t *testing.T) { streams(t, method) })
	}
}

func streams(t *testing.T, method string) {
	one, other := stand(t, 1, long), stand(t, 1, long)
	more := make(chan bool)
	end := one.Lead(map[string]http.Handler{"public": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, "first")
		http.NewResponseController(w).Flush()
		<-more
		fmt.Fprintln(w, "second")
	})}, nil, sure)
	other.Follow(one.peers)
	r, err := http.NewRequestWithContext(t.Context(), method, other.public+"/stream", strings.NewReader("words"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != "first" {
		t.Fatalf("%q %v", lines.Text(), lines.Err())
	}
	ended := make(chan error, 1)
	go func() { ended <- end(t.Context()) }()
	select {
	case <-ended:
		t.Error("the lead ended over a request in hand")
	case more <- true:
	}
	if !lines.Scan() || lines.Text() != "second" {
		t.Errorf("%q %v", lines.Text(), lines.Err())
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestNoHandshake asks for what may not be made twice at an instance that hangs
// up before it can be told anything: it waits for the next that leads.
func TestNoHandshake(t *testing.T) {
	one, other := stand(t, 1, long), stand(t, 1, long)
	asked := one.lead("one", nil)
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other.Follow(deaf.Addr().String())
	type answer struct {
		status int
		text   string
	}
	answered := make(chan answer, 1)
	go func() {
		status, text := ask(t, "POST", other.public+"/once", "words")
		answered <- answer{status, text}
	}()
	met, err := deaf.Accept()
	if err != nil {
		t.Fatal(err)
	}
	deaf.Close()
	met.Close()
	other.Follow(one.peers)
	if got := <-answered; got.status != http.StatusOK || got.text != "one POST gj.example 127.0.0.1 words" || asked.Load() != 1 {
		t.Errorf("%d %s, asked %d times", got.status, got.text, asked.Load())
	}
}

// TestBehindAnOpenBody asks for what may not be made twice right behind a
// request whose body is still open when its answer is complete, as a command's
// typed input is: it meets no end of the other's connection.
func TestBehindAnOpenBody(t *testing.T) {
	one, other := stand(t, 1, long), stand(t, 1, long)
	one.Lead(map[string]http.Handler{"public": flowing(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line, _ := bufio.NewReader(r.Body).ReadString('\n') // the caller looks at what came
		io.WriteString(w, line)
	}))}, nil, sure)
	other.Follow(one.peers)
	socket := httptest.NewUnstartedServer(flowing(t, other.Door("public")))
	socket.Config.SetKeepAlivesEnabled(false)
	socket.Start()
	t.Cleanup(socket.Close)
	for n := range 25 {
		body, typed := io.Pipe()
		go func() {
			io.WriteString(typed, "typed\n")
			typed.Close()
		}()
		res, err := http.Post(socket.URL+"/command", "", body)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(answer) != "typed\n" {
			t.Fatalf("command %d: %q %v", n, answer, err)
		}
		if status, got := ask(t, "POST", socket.URL+"/once", "words\n"); status != http.StatusOK || got != "words\n" {
			t.Fatalf("behind command %d: %d %s", n, status, got)
		}
	}
}

// flowing lets a request be read while it is answered.
func flowing(t *testing.T, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		next.ServeHTTP(w, r)
	})
}
