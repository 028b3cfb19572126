package terminal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/terminal"
)

// echo is an engine that says back what it was told, and records that know
// everybody. The whole of chat is tested on the real ones in cmd/guanjia.
type echo struct{ heard []bot.Inbound }

func (e *echo) Receive(_ context.Context, in bot.Inbound) (bot.Turn, error) {
	e.heard = append(e.heard, in)
	out := bot.Outgoing{ID: bot.OutgoingID(len(e.heard)), Citizen: "c1", Reply: bot.Reply{Text: in.Text, Options: []bot.Option{{Text: "好"}}}}
	return bot.Turn{Handling: bot.ByBot, Out: []bot.Outgoing{out}}, nil
}
func (e *echo) Delivered(context.Context, ...bot.OutgoingID) error                    { return nil }
func (e *echo) Take(context.Context, bot.CitizenID, string) error                     { return nil }
func (e *echo) Enrol(context.Context, bot.CitizenID, time.Time, ...bot.Address) error { return nil }
func (e *echo) Speak(_ context.Context, _ bot.CitizenID, _ bot.Holder, said bot.Saying, _ string) ([]bot.Outgoing, error) {
	if said.Text == "" {
		return nil, bot.ErrEmptyText
	}
	return nil, nil
}
func (e *echo) Finish(context.Context, bot.CitizenID, bot.Holder, string, bool) ([]bot.Outgoing, error) {
	return nil, bot.ErrNotHeld
}
func (e *echo) Conversation(context.Context, bot.CitizenID) (bot.Conversation, error) {
	return bot.Conversation{Handling: bot.ByPerson}, nil
}

func start() time.Time { return time.Date(2026, 11, 24, 10, 30, 0, 0, bot.Shanghai()) }

func open(t testing.TB) (*terminal.Terminal, *echo, *[]time.Time) {
	e, now, due := &echo{}, start(), &[]time.Time{}
	dir := t.TempDir()
	return terminal.New(terminal.Config{
		Engine: e, Records: e, Bag: &terminal.Mailbag{},
		Clock:   func() time.Time { return now },
		Move:    func(to time.Time) { now = to },
		RunDue:  func(context.Context) error { *due = append(*due, now); return nil },
		Deliver: func(context.Context) error { return nil },
		Path:    func(name string) string { return filepath.Join(dir, name) },
	}), e, due
}

func TestEventsBecomeMessages(t *testing.T) {
	for line, want := range map[string]bot.Inbound{
		`{"event":"subscribe"}`:                 {Event: bot.EventSubscribe},
		`{"event":"menu:book"}`:                 {Event: bot.EventMenu, EventKey: "book"},
		`{"event":"silence","channel":"phone"}`: {Event: bot.EventSilence},
		`{"event":"dtmf:13800000000#"}`:         {Event: bot.EventDigits, EventKey: "13800000000#"},
		`{"event":"hangup"}`:                    {Event: bot.EventHangup},
		`{"event":"location:23.02, 113.75"}`:    {Event: bot.EventLocation, Latitude: 23.02, Longitude: 113.75},
		`{"event":"voice:我想预约"}`:                {Event: bot.EventVoice, Text: "我想预约"},
		`{"text":""}`:                           {},
		`{"text":"你好"}`:                         {Text: "你好"},
	} {
		term, e, _ := open(t)
		if err := term.PlayJSON(t.Context(), strings.NewReader(line), &bytes.Buffer{}); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		got := e.heard[0]
		if got.Event != want.Event || got.EventKey != want.EventKey || got.Text != want.Text || got.Latitude != want.Latitude || got.Longitude != want.Longitude {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestAPictureIsWhatItsBytesAre(t *testing.T) {
	term, e, _ := open(t)
	dir := t.TempDir()
	term.Path = func(name string) string { return filepath.Join(dir, name) }
	for name, raw := range map[string]string{"a.png": "\x89PNG\x0D\x0A\x1A\x0A....", "b.png": "<script>"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := term.PlayJSON(t.Context(), strings.NewReader(`{"event":"image:`+name+`"}`), &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
	}
	kinds := map[bot.EventKind]int{}
	for _, in := range e.heard {
		kinds[in.Event]++
	}
	if kinds[bot.EventImage] != 1 || kinds[bot.EventUnsupported] != 1 {
		t.Errorf("heard %v", kinds)
	}
}

func TestAdvanceStopsAtEveryHour(t *testing.T) {
	term, _, due := open(t)
	if _, err := term.Turn(t.Context(), terminal.Line{Advance: "2h"}); err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, d := range *due {
		at = append(at, d.Format("15:04"))
	}
	if got := strings.Join(at, " "); got != "11:00 12:00 12:30 12:30" {
		t.Errorf("due work ran at %s", got)
	}
}

func TestBadLines(t *testing.T) {
	for _, line := range []string{
		`{}`, `[]`, `nonsense`, `{"text":5}`, `{"event":"what"}`, `{"event":"menu:x"}`, `{"event":"dtmf:a"}`, `{"event":"location:91,0"}`,
		`{"event":"image:none.png"}`, `{"text":"a","advance":"-1s"}`, `{"text":"a","channel":"fax"}`, `{"text":"a","citizen":"` + strings.Repeat("x", 65) + `"}`,
		`{"event":"operator:say:"}`, `{"event":"operator:close"}`, `{"event":"operator:dance"}`,
	} {
		term, _, _ := open(t)
		if err := term.PlayJSON(t.Context(), strings.NewReader(line), &bytes.Buffer{}); !errors.Is(err, terminal.ErrInput) {
			t.Errorf("%s: %v", line, err)
		}
	}
	term, _, _ := open(t)
	term.Move = nil
	if _, err := term.Turn(t.Context(), terminal.Line{Advance: "1h"}); !errors.Is(err, terminal.ErrInput) {
		t.Errorf("the clock of a running service moved: %v", err)
	}
}

func TestPlainConversation(t *testing.T) {
	term, _, _ := open(t)
	var out, side bytes.Buffer
	if err := term.PlayPlain(t.Context(), strings.NewReader("你好\n"), &out, &side); err != nil {
		t.Fatal(err)
	}
	if out.String() != "你好\n  1. 好\n" {
		t.Errorf("%q", out.String())
	}
}

// FuzzPlayJSON: whatever the line, an answer or a clear refusal, and answers
// that are JSON.
func FuzzPlayJSON(f *testing.F) {
	f.Add(`{"text":"你好","advance":"1h"}`)
	f.Add(`{"event":"location:1,2","citizen":"b","channel":"web"}`)
	f.Add(`{"event":"operator:say:x"}`)
	f.Fuzz(func(t *testing.T, line string) {
		term, _, _ := open(t)
		var out bytes.Buffer
		err := term.PlayJSON(t.Context(), strings.NewReader(line), &out)
		if err != nil && !errors.Is(err, terminal.ErrInput) {
			t.Fatalf("%q: %v", line, err)
		}
		for answer := range strings.Lines(out.String()) {
			if !json.Valid([]byte(answer)) {
				t.Fatalf("%q", answer)
			}
		}
	})
}
