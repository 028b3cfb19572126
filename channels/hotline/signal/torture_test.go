package signal

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// expected is what each message of RFC 4475 gets from a line that takes calls
// and is no registrar. "none": nobody is answered (a response, or no Via to
// answer to). Where the standard leaves a choice, ours stands here; wsinv has
// a To tag, and so asks for a call that there is not.
var expected = map[string]string{
	"wsinv": "481", "intmeth": "501", "esc01": "200", "escnull": "405", "esc02": "501", "lwsdisp": "200", "longreq": "200", "dblreq": "405",
	"semiuri": "200", "transports": "200", "mpart01": "405", "unreason": "none", "noreason": "none",
	"badinv01": "400", "clerr": "400", "ncl": "400", "scalar02": "400", "scalarlg": "none", "quotbal": "400", "ltgtruri": "400", "lwsruri": "400",
	"lwsstart": "400", "trws": "400", "escruri": "400", "baddate": "400", "regbadct": "400", "badaspec": "400", "baddn": "400", "badvers": "505",
	"mismatch01": "400", "mismatch02": "400", "bigcode": "none", "badbranch": "200", "insuf": "400", "unkscm": "416", "novelsc": "416",
	"unksm2": "405", "bext01": "420", "invut": "415", "regaut01": "405", "multi01": "400", "mcl01": "400", "bcast": "none", "zeromf": "483",
	"cparam01": "405", "cparam02": "405", "regescrt": "405", "sdp01": "406", "inv2543": "200", "test": "none",
}

// overTCP are the messages whose answer differs on a stream: their end cannot
// be told, or what follows is a message of its own.
var overTCP = map[string]string{"clerr": "none"}

// torture reads the standard's messages where sipgo keeps them for its own
// tests.
func torture(t testing.TB) map[string][]byte {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatalf("find sipgo: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture", "*", "*.dat"))
	if err != nil || len(files) < 49 {
		t.Fatalf("found %d torture messages: %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), "\r\n\r\n") {
			raw = append(raw, "\r\n"...) // the file lost the line that ends the headers
		}
		all[strings.TrimSuffix(filepath.Base(f), ".dat")] = raw
	}
	return all
}

// wire is a peer that sends bytes as they are.
type wire struct {
	t    testing.TB
	conn net.Conn
	buf  []byte
}

func plug(t testing.TB, e *Endpoint, network string) *wire {
	t.Helper()
	conn, err := net.Dial(network, e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &wire{t: t, conn: conn}
}

func (w *wire) send(raw string) {
	w.t.Helper()
	if _, err := w.conn.Write([]byte(raw)); err != nil {
		w.t.Fatal(err)
	}
}

// receive is the next message, empty where none comes in time.
func (w *wire) receive(within time.Duration) string {
	w.t.Helper()
	end := time.Now().Add(within)
	w.conn.SetReadDeadline(end)
	for {
		if msg := w.cut(); msg != "" {
			return msg
		}
		b := make([]byte, 65536)
		n, err := w.conn.Read(b)
		if err != nil {
			return ""
		}
		w.buf = append(w.buf, b[:n]...)
	}
}

// cut takes one message off what was read.
func (w *wire) cut() string {
	head, rest, ok := strings.Cut(strings.TrimLeft(string(w.buf), "\r\n"), "\r\n\r\n") // keep-alives before it
	if !ok {
		return ""
	}
	n := 0
	for line := range strings.SplitSeq(head, "\r\n") {
		fmt.Sscanf(line, "Content-Length: %d", &n)
	}
	if len(rest) < n {
		return ""
	}
	w.buf = []byte(rest[n:])
	return head + "\r\n\r\n" + rest[:n]
}

// status is the code of a response; 0 for a request.
func status(msg string) (code int) {
	fmt.Sscanf(msg, "SIP/2.0 %d", &code)
	return code
}

// final is the last response, provisional ones passed over.
func (w *wire) final(within time.Duration) string {
	w.t.Helper()
	for end := time.Now().Add(within); ; {
		msg := w.receive(time.Until(end))
		if msg == "" || status(msg) >= 200 {
			return msg
		}
	}
}

// alive asks whether the line still answers.
func alive(t testing.TB, e *Endpoint) {
	t.Helper()
	w := plug(t, e, "udp")
	defer w.conn.Close()
	w.send(request("OPTIONS", "", "alive"+newTag(), 1, ""))
	if got := w.final(20 * time.Second); status(got) != 200 {
		t.Fatalf("the line answers OPTIONS with %q", got)
	}
}

// request writes a plain request; toTag and body may be empty.
func request(method, toTag, id string, number int, body string, extra ...string) string {
	to := "<sip:12345@127.0.0.1>"
	if toTag != "" {
		to += ";tag=" + toTag
	}
	if body != "" {
		extra = append(extra, "Content-Type: application/sdp")
	}
	lines := append([]string{
		method + " sip:12345@127.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK" + newTag() + ";rport", "Max-Forwards: 70",
		"From: <sip:13800000000@127.0.0.1>;tag=from" + id, "To: " + to, "Call-ID: " + id, fmt.Sprintf("CSeq: %d %s", number, method),
		"Contact: <sip:13800000000@127.0.0.1:5099>",
	}, extra...)
	return strings.Join(lines, "\r\n") + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"

// diary is a log that is read while it is written.
type diary struct {
	mu   sync.Mutex
	text strings.Builder
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(p)
}

// TestTorture sends each message of RFC 4475 over UDP and TCP: it gets the
// status it should, the line lives on, and nothing of it is in the logs.
func TestTorture(t *testing.T) {
	logs := &diary{}
	log, usual := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})), slog.Default()
	slog.SetDefault(log) // what the library logs by itself
	defer slog.SetDefault(usual)
	defer func() {
		logs.mu.Lock()
		defer logs.mu.Unlock()
		for _, word := range []string{"Via", "z9hG4bK", "example.com", "CSeq", "m=audio"} {
			if text := logs.text.String(); strings.Contains(text, word) {
				t.Errorf("the log holds %q: %.500s", word, text[strings.Index(text, word):])
			}
		}
	}()
	for network, differs := range map[string]map[string]string{"udp": nil, "tcp": overTCP} {
		e := open(t, func(c *Config) { c.Log = log })
		for name, raw := range torture(t) {
			want := expected[name]
			if other, ok := differs[name]; ok {
				want = other
			}
			if want == "" {
				t.Errorf("no expectation for %s", name)
				continue
			}
			w := plug(t, e, network)
			w.send(string(raw))
			wait := 20 * time.Second
			if want == "none" {
				wait = 100 * time.Millisecond
			}
			got := "none"
			if msg := w.final(wait); msg != "" {
				got = fmt.Sprint(status(msg))
				if !strings.HasPrefix(msg, "SIP/2.0 ") {
					t.Errorf("%s over %s: answered in another version: %.60q", name, network, msg)
				}
			}
			if got != want {
				t.Errorf("%s over %s: %s, want %s", name, network, got, want)
			}
			w.conn.Close()
			alive(t, e)
		}
	}
}

// FuzzReceive throws strangers' bytes at the whole line.
func FuzzReceive(f *testing.F) {
	for _, raw := range torture(f) {
		f.Add(raw)
	}
	f.Add([]byte(request("INVITE", "", "seed", 1, offer)))
	f.Add([]byte(request("INFO", "x", "seed", 2, "")))
	e := open(f, func(c *Config) { c.MaxCalls = 50 })
	f.Fuzz(func(t *testing.T, raw []byte) {
		e.receive(raw, silentLink{e})
	})
}

// silentLink is a peer nobody hears.
type silentLink struct{ e *Endpoint }

func (silentLink) send([]byte) error { return nil }
func (silentLink) network() string   { return "UDP" }
func (l silentLink) remote() (a netip.AddrPort) {
	return l.e.Addr()
}
func (l silentLink) local() netip.AddrPort { return l.e.Addr() }
