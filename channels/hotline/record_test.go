package hotline

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/media"
)

// shelf keeps keys for a test.
type shelf struct {
	mu   sync.Mutex
	keys map[string][]byte
	slow time.Duration
}

func (s *shelf) Keep(ctx context.Context, citizen bot.CitizenID, name string, key []byte, lasted time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.slow):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if citizen == "" || lasted == 0 {
		return errors.New("whose?")
	}
	if s.keys == nil {
		s.keys = map[string][]byte{}
	}
	s.keys[name] = key
	return nil
}

// TestRecording: both sides of a call are on the tape, sealed, and open with
// the key that is kept.
func TestRecording(t *testing.T) {
	t.Parallel()
	dir, keys := t.TempDir(), &shelf{}
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("您好，请问要办什么事？") }}
	l := openLine(t, s, func(c *Config) { c.Recordings, c.RecordTo = keys, dir })
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") && !call.FirstSound().IsZero() })
	call.Say(tone(700, 1))
	time.Sleep(1500 * time.Millisecond)
	call.Hangup()
	kept := func() (string, []byte) {
		keys.mu.Lock()
		defer keys.mu.Unlock()
		for name, key := range keys.keys {
			return name, key
		}
		return "", nil
	}
	eventually(t, "the recording", func() bool { name, _ := kept(); return name != "" })
	name, key := kept()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	wav, err := ReadRecording(bytes.NewReader(raw), key)
	if err != nil {
		t.Fatal(err)
	}
	var sides [2][]int16
	for i := range sides {
		var coded []byte
		for at := 46 + i; at < len(wav); at += 2 {
			coded = append(coded, wav[at])
		}
		sides[i] = make([]int16, len(coded))
		media.PCMA.Decode(sides[i], coded)
	}
	if strength(sides[0], 700) < .9 || strength(sides[1], 300) < .9 || strength(sides[0], 300) > .5 {
		t.Errorf("caller %.2f, line %.2f, line on the caller's side %.2f", strength(sides[0], 700), strength(sides[1], 300), strength(sides[0], 300))
	}
	if _, err := ReadRecording(bytes.NewReader(raw), make([]byte, 32)); !errors.Is(err, ErrRecording) {
		t.Errorf("another key: %v", err)
	}
	if n, err := DropRecordings(dir, time.Now().Add(-24*time.Hour)); n != 0 || err != nil {
		t.Errorf("dropped %d %v", n, err)
	}
	if n, err := DropRecordings(dir, time.Now().Add(48*time.Hour)); n != 1 || err != nil {
		t.Errorf("dropped %d %v", n, err)
	}
}

// spent is an engine that takes all the time it is given to hear of a hang-up.
type spent struct{ *script }

func (s spent) Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error) {
	if in.Event == bot.EventHangup {
		<-ctx.Done()
	}
	return s.script.Receive(ctx, in)
}

// TestRecordingOutlastsAnswer: a recording is kept although the engine took all
// of the answer's time, and the line that closes waits for it.
func TestRecordingOutlastsAnswer(t *testing.T) {
	t.Parallel()
	keys := &shelf{slow: 300 * time.Millisecond}
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("您好，请问要办什么事？") }}
	l := openLine(t, s, func(c *Config) {
		c.Engine, c.Recordings, c.RecordTo = spent{s}, keys, t.TempDir()
		c.Times = DefaultTimes()
		c.Times.Answer = time.Second
	})
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") && !call.FirstSound().IsZero() })
	call.Hangup()
	eventually(t, "the hang-up", func() bool { return slices.Contains(s.heard(), "hangup") })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		t.Error(err)
	}
	keys.mu.Lock()
	defer keys.mu.Unlock()
	if len(keys.keys) != 1 {
		t.Errorf("%d recordings are kept", len(keys.keys))
	}
}
