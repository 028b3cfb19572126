package simulate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Web is the try-it chat's door.
type Web struct {
	URL    string // scheme and host
	Run    uint64 // tells this run's citizens from another's
	Client *http.Client
}

// Name implements Door.
func (w *Web) Name() string { return "web" }

func (w *Web) raw(n int) [32]byte {
	return sha256.Sum256([]byte(fmt.Sprintf("simulated browser %d of run %d", n, w.Run)))
}

// Address is who the n-th citizen is to the service.
func (w *Web) Address(n int) string {
	raw := w.raw(n)
	sum := sha256.Sum256(raw[:])
	return hex.EncodeToString(sum[:])
}

// Open implements Door.
func (w *Web) Open(n int) Line {
	raw := w.raw(n)
	return &webLine{door: w, cookie: base64.RawURLEncoding.EncodeToString(raw[:])}
}

type webLine struct {
	door   *Web
	cookie string
	serial int
	last   int64 // the last line heard
}

const mostAnswer = 1 << 20

// Say implements Line.
func (l *webLine) Say(ctx context.Context, words string) (Answer, error) {
	l.serial++
	body, err := json.Marshal(map[string]any{"key": fmt.Sprintf("sim-%06d", l.serial), "text": words, "after": l.last})
	if err != nil {
		return Answer{}, fmt.Errorf("word message: %w", err)
	}
	for {
		begun := time.Now()
		heard, wait, err := l.once(ctx, body)
		if err != nil || wait == 0 {
			return Answer{heard, time.Since(begun)}, err
		}
		if !sleep(ctx, wait) {
			return Answer{}, ctx.Err()
		}
	}
}

func (l *webLine) once(ctx context.Context, body []byte) (heard []Heard, wait time.Duration, err error) {
	res, raw, err := l.ask(ctx, http.MethodPost, "/chat/send", body)
	if err != nil {
		return nil, 0, fmt.Errorf("send message: %w", err)
	}
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable {
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil || seconds <= 0 {
			seconds = 1
		}
		return nil, time.Duration(seconds) * time.Second, nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the web door answers %d", res.StatusCode)
	}
	heard, err = l.hear(raw)
	return heard, 0, err
}

// ask makes one request as this citizen's browser.
func (l *webLine) ask(ctx context.Context, method, path string, body []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(l.door.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", "guanjia_browser="+l.cookie+"; __Host-guanjia_browser="+l.cookie)
	res, err := l.door.Client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	return res, raw, err
}

// Hear implements Waiter.
func (l *webLine) Hear(ctx context.Context) ([]Heard, error) {
	res, raw, err := l.ask(ctx, http.MethodGet, "/chat/history?after="+strconv.FormatInt(l.last, 10), nil)
	if err != nil {
		return nil, fmt.Errorf("look at the conversation: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil // too often, or not now: the next look
	}
	return l.hear(raw)
}

// hear takes what the bot or a person said out of the new lines.
func (l *webLine) hear(raw []byte) ([]Heard, error) {
	var answer struct {
		Lines []struct {
			ID      int64  `json:"id"`
			Who     string `json:"who"`
			Text    string `json:"text"`
			Options []struct{ Text string }
		} `json:"lines"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	var heard []Heard
	for _, line := range answer.Lines {
		l.last = max(l.last, line.ID)
		if line.Who == "citizen" {
			continue
		}
		h := Heard{Text: line.Text}
		for _, o := range line.Options {
			h.Options = append(h.Options, o.Text)
		}
		heard = append(heard, h)
	}
	return heard, nil
}
