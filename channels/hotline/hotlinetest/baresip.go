package hotlinetest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/channels/hotline/speech"
)

// Baresip is somebody else's telephone, driven through its control port: it
// shows that the line agrees with others, not only with itself.
type Baresip struct {
	t    testing.TB
	dir  string
	rate int    // of its sound
	uri  string // where it is called
	conn net.Conn
	out  *bufio.Reader
	mu   sync.Mutex
	seen strings.Builder

	spoken int
}

// NewBaresip starts one that speaks a codec (PCMA, PCMU or G722) and, from the
// beginning of a call, says words, of as many samples a second as the codec
// carries. It fails the test where baresip is not installed.
func NewBaresip(t testing.TB, user, codec string, words []int16) *Baresip {
	t.Helper()
	program, err := exec.LookPath("baresip")
	if err != nil {
		t.Fatal("baresip is not installed: apt-get install baresip-core")
	}
	b := &Baresip{t: t, dir: t.TempDir(), rate: speech.Rate}
	if codec == "G722" {
		b.rate *= 2
	}
	sip, control := freePair(t), freePair(t)
	b.uri = fmt.Sprintf("sip:%s@127.0.0.1:%d", user, sip)
	// It hangs up at the end of its file: silence follows for as long as a
	// test may take.
	b.write("in.wav", string(speech.WAV(append(words[:len(words):len(words)], make([]int16, 5*60*b.rate)...), b.rate)))
	b.write("accounts", fmt.Sprintf("<sip:%s@127.0.0.1>;regint=0;answermode=auto;audio_codecs=%s/%d/1;dtmfmode=rtpevent\n", user, codec, b.rate))
	b.write("contacts", "")
	b.write("config", fmt.Sprintf(`poll_method epoll
sip_listen 127.0.0.1:%d
audio_path /usr/share/baresip
audio_player aufile,%s
audio_source aufile,%s
audio_alert aufile,%s
audio_srate %d
audio_channels 1
rtp_ports 50000-58000
snd_path %s
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
`, sip, filepath.Join(b.dir, "out.wav"), filepath.Join(b.dir, "in.wav"), filepath.Join(b.dir, "alert.wav"), b.rate, b.dir, control))
	cmd := exec.Command(program, "-4", "-f", b.dir)
	log, err := os.Create(filepath.Join(b.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b.conn != nil {
			b.command("quit", "")
			b.conn.Close()
		}
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(3 * time.Second):
			cmd.Process.Kill()
			<-done
		}
		log.Close()
		if t.Failed() {
			said, _ := os.ReadFile(filepath.Join(b.dir, "log"))
			t.Logf("baresip: %s", said)
		}
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if b.conn, err = net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(control))); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("baresip does not start: %v", err)
		}
	}
	b.out = bufio.NewReader(b.conn)
	go b.listen()
	return b
}

func (b *Baresip) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// freePair finds two ports in a row: baresip takes one and the next.
func freePair(t testing.TB) int {
	t.Helper()
	for range 100 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := a.Addr().(*net.TCPAddr).Port
		next, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1)))
		a.Close()
		if err == nil {
			next.Close()
			return port
		}
	}
	t.Fatal("no two ports in a row are free")
	return 0
}

// listen reads events and answers: netstrings of JSON.
func (b *Baresip) listen() {
	for {
		size, err := b.out.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(size, ":"))
		if err != nil {
			return
		}
		text := make([]byte, n+1)
		if _, err := io.ReadFull(b.out, text); err != nil {
			return
		}
		b.mu.Lock()
		b.seen.Write(text[:n])
		b.seen.WriteByte('\n')
		b.mu.Unlock()
	}
}

func (b *Baresip) command(name, params string) {
	text, err := json.Marshal(map[string]string{"command": name, "params": params, "token": "t"})
	if err == nil {
		_, err = fmt.Fprintf(b.conn, "%d:%s,", len(text), text)
	}
	if err != nil && name != "quit" {
		b.t.Errorf("command %s: %v", name, err)
	}
}

// Dial calls and waits until the call is answered.
func (b *Baresip) Dial(uri string) {
	b.t.Helper()
	b.command("dial", uri)
	b.Await("CALL_ESTABLISHED")
}

// URI is where it is called; it answers at once.
func (b *Baresip) URI() string { return b.uri }

// Await waits for a word in what baresip tells.
func (b *Baresip) Await(word string) {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if strings.Contains(b.Told(), word) {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("baresip never told %s: %s", word, b.Told())
		}
	}
}

// Told is everything baresip told so far.
func (b *Baresip) Told() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen.String()
}

// Press presses keys.
func (b *Baresip) Press(keys string) {
	for _, k := range keys {
		b.command("sndcode", string(k))
		time.Sleep(150 * time.Millisecond)
	}
}

// Say speaks from now on; silence follows.
func (b *Baresip) Say(words []int16) {
	b.spoken++
	name := fmt.Sprintf("say%d.wav", b.spoken)
	b.write(name, string(speech.WAV(append(words[:len(words):len(words)], make([]int16, 5*60*b.rate)...), b.rate)))
	b.command("ausrc", "aufile,"+filepath.Join(b.dir, name))
}

// Hangup ends the call.
func (b *Baresip) Hangup() { b.command("hangup", "") }

// Hold and Resume send re-INVITEs.
func (b *Baresip) Hold()   { b.command("hold", "") }
func (b *Baresip) Resume() { b.command("resume", "") }

// Heard is what it recorded of the line's sound, once the call is over.
func (b *Baresip) Heard() []int16 {
	b.t.Helper()
	names, err := filepath.Glob(filepath.Join(b.dir, "dump-*-dec.wav"))
	if err != nil || len(names) == 0 {
		b.t.Fatalf("baresip recorded nothing: %v", err)
	}
	raw, err := os.ReadFile(names[len(names)-1])
	if err != nil {
		b.t.Fatal(err)
	}
	samples, err := speech.ReadWAV(raw, b.rate)
	if err != nil {
		b.t.Fatal(err)
	}
	return samples
}
