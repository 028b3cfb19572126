package hotline

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/speech"
)

// byHeart is a recogniser that knows recordings; it takes its time.
type byHeart struct {
	parrot *hotlinetest.Parrot
	mu     sync.Mutex
	fail   error
	takes  time.Duration
}

func (b *byHeart) Recognize(_ context.Context, wav []byte, _ speech.Language) (string, error) {
	b.mu.Lock()
	fail, takes := b.fail, b.takes
	b.mu.Unlock()
	time.Sleep(takes)
	samples, err := speech.ReadWAV(wav, speech.Rate)
	if err != nil || fail != nil {
		return "", fail
	}
	return b.parrot.Recognise(samples), nil
}

func knowing(t *testing.T, sentences ...string) (*byHeart, map[string][]int16) {
	t.Helper()
	said := map[string][]int16{}
	for _, s := range sentences {
		said[s] = hotlinetest.Utterance(t, s)
	}
	return &byHeart{parrot: hotlinetest.NewParrot(t, said)}, said
}

// TestSpeech: what a caller says reaches the engine, whole and once, and is
// answered in time.
func TestSpeech(t *testing.T) {
	sentences := []string{"我想预约办居住证", "明天下午三点", "要带什么材料", "楼下太吵了没法睡觉"}
	ears, said := knowing(t, sentences...)
	s := &script{answer: func(in bot.Inbound) bot.Turn { return reply("好的，请您接着说。") }}
	l := openLine(t, s, func(c *Config) { c.Ears, c.Voice = ears, espeakVoice(t) })
	var mu sync.Mutex
	var took []time.Duration
	l.Observe(func(what string, d time.Duration) {
		if what == "reply" {
			mu.Lock()
			defer mu.Unlock()
			took = append(took, d)
		}
	})
	call := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	// On a busy machine a caller may seem to say nothing for a while.
	heard := func() []string { return slices.DeleteFunc(s.heard(), func(e string) bool { return e == "silence" }) }
	for i := range 8 {
		sentence := sentences[i%len(sentences)]
		call.Say(said[sentence])
		eventually(t, sentence, func() bool { return len(heard()) == i+2 })
		if got := heard()[i+1]; got != sentence {
			t.Errorf("heard %q, said %q", got, sentence)
		}
		eventually(t, "the answer", func() bool { mu.Lock(); defer mu.Unlock(); return len(took) == i+1 })
	}
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	t.Logf("end of speech to first sound: p50 %v, worst of %d %v", took[len(took)/2], len(took), took[len(took)-1])
	if took[len(took)/2] > 3*900*time.Millisecond {
		t.Errorf("half of the answers take longer than %v", took[len(took)/2])
	}
}

// longPrompt takes many seconds to say.
var longPrompt = strings.Repeat("这件事可以在市民服务中心办，也可以在各镇街的政务大厅办。", 8)

// TestBargeIn: a key stops what is being said, and so does a voice that lasts;
// a cough does not, and noise that was no words lets it go on.
func TestBargeIn(t *testing.T) {
	ears, said := knowing(t, "我要办居住证")
	s := &script{answer: func(in bot.Inbound) bot.Turn {
		if in.Event == bot.EventCall || in.EventKey == "*" {
			return reply(longPrompt)
		}
		return bot.Turn{}
	}}
	l := openLine(t, s, func(c *Config) { c.Ears = ears })
	phone := hotlinetest.NewPhone(t, 4)
	call := phone.MustDial(l.uri(), "13800000000")
	speaking := func() bool { return time.Since(call.LastSound()) < 100*time.Millisecond }
	stopped := func() time.Time {
		eventually(t, "silence", func() bool { return time.Since(call.LastSound()) > 600*time.Millisecond })
		return call.LastSound()
	}
	eventually(t, "the prompt", func() bool { return !call.FirstSound().IsZero() && speaking() })
	time.Sleep(2 * time.Second)

	at := time.Now()
	call.Press("5")
	byKey := stopped().Sub(at)
	t.Logf("silent %v after a key", byKey)
	if byKey > 3*60*time.Millisecond+200*time.Millisecond {
		t.Errorf("the prompt goes on for %v after a key", byKey)
	}

	call.Press("*")
	eventually(t, "the prompt again", speaking)
	time.Sleep(time.Second)
	at = time.Now()
	call.Say(said["我要办居住证"])
	byVoice := stopped().Sub(at)
	t.Logf("silent %v after the beginning of speech", byVoice)
	if byVoice > 3*400*time.Millisecond {
		t.Errorf("the prompt goes on for %v after speech began", byVoice)
	}
	eventually(t, "the words", func() bool { return slices.Contains(s.heard(), "我要办居住证") })
	eventually(t, "a note of what was cut", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.notes, func(n string) bool { return strings.HasPrefix(n, "市民打断，没听到") })
	})

	call.Press("*")
	eventually(t, "the prompt again", speaking)
	time.Sleep(time.Second)
	call.Say(tone(500, .1)) // a click: the prompt is not stopped
	time.Sleep(500 * time.Millisecond)
	if !speaking() {
		t.Error("a click stops the prompt")
	}
	call.Say(tone(500, 1)) // noise as long as speech, without words
	eventually(t, "the interruption", func() bool { return l.figures.bargedIn.Load() >= 2 })
	eventually(t, "the resumption", func() bool { return l.figures.resumed.Load() == 1 })
	eventually(t, "the prompt going on", speaking)
}

// TestLadders: a recogniser that fails, and a caller who says nothing, both end
// with a person.
func TestLadders(t *testing.T) {
	t.Parallel()
	ears, said := knowing(t, "你好")
	ears.fail = context.DeadlineExceeded
	s := &script{answer: func(in bot.Inbound) bot.Turn {
		if in.EventKey == "0" {
			turn := reply("我请工作人员来接。")
			turn.Handling = bot.Queued
			return turn
		}
		return reply("您好。")
	}}
	l := openLine(t, s, func(c *Config) { c.Ears = ears })
	call := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	eventually(t, "the opening's end", func() bool { return !call.FirstSound().IsZero() && time.Since(call.LastSound()) > 700*time.Millisecond })
	for i := 1; i <= 3; i++ {
		call.Say(said["你好"])
		eventually(t, "a failure", func() bool { return l.figures.unheard.Load() == int64(i) })
		if i < 3 {
			time.Sleep(200 * time.Millisecond)
			eventually(t, "the asking again", func() bool { return time.Since(call.LastSound()) < 100*time.Millisecond })
			eventually(t, "its end", func() bool { return time.Since(call.LastSound()) > time.Second })
		}
	}
	eventually(t, "a person", func() bool { return slices.Contains(s.heard(), "dtmf:0") })
	call.Hangup()

	times := DefaultTimes()
	times.Silence = 500 * time.Millisecond
	l = openLine(t, s, func(c *Config) { c.Ears, c.Times = ears, times })
	quiet := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000001")
	eventually(t, "silences", func() bool {
		n := 0
		for _, h := range s.heard() {
			if h == "silence" {
				n++
			}
		}
		return n >= 3
	})
	select {
	case <-quiet.Call.Done(): // and in the end we hang up
	case <-time.After(2 * time.Minute):
		t.Error("a silent call goes on for ever")
	}
}

// slow is an engine that takes its time.
type slow struct {
	*script
	takes time.Duration
}

func (s slow) Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error) {
	if in.Event == bot.EventDigits {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
		}
	}
	return s.script.Receive(ctx, in)
}

// TestFiller: while a turn takes long the caller hears that it is worked on.
func TestFiller(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("好的。") }}
	l := openLine(t, s, func(c *Config) { c.Engine = slow{s, 12 * time.Second} })
	call := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening's end", func() bool {
		return !call.FirstSound().IsZero() && time.Since(call.LastSound()) > 700*time.Millisecond
	})
	call.Forget()
	at := time.Now()
	call.Press("5")
	eventually(t, "the filler", func() bool { return !call.FirstSound().IsZero() })
	// 1.5 s of waiting for more keys, 1.5 s of work.
	if took := call.FirstSound().Sub(at); took < 2*time.Second || took > 9*time.Second {
		t.Errorf("the filler comes after %v", took)
	}
}

// TestVoiceByKey: Cantonese, slower, louder, by key.
func TestVoiceByKey(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("请问您要办什么事？") }}
	l := openLine(t, s)
	call := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Press("*2")
	eventually(t, "the question again", func() bool { return slices.Contains(s.heard(), "dtmf:*") })
	call.Press("*3")
	eventually(t, "twice", func() bool { return len(s.heard()) >= 3 })
	call.Hangup()
	eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
	s.mu.Lock()
	defer s.mu.Unlock()
	want := []Preference{{Language: speech.Cantonese}, {Language: speech.Cantonese, Slow: true}}
	if !slices.Equal(s.preferred, want) {
		t.Errorf("kept %v, want %v", s.preferred, want)
	}
}

// TestDrain: those who are talking are told, and hung up on kindly.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("您好。") }}
	l := openLine(t, s)
	call := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Forget()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	select {
	case <-call.Call.Done():
	default:
		t.Error("the caller is not hung up on")
	}
	if got := speech.Duration(call.Heard()); got < time.Second {
		t.Errorf("only %v of farewell", got)
	}
}

// TestIsVoiceWish: words about the voice are not taken for an errand, nor an
// errand for words about the voice.
func TestIsVoiceWish(t *testing.T) {
	for _, text := range []string{"讲粤语", "可以讲白话吗？", "请说普通话", "太快了，慢一点", "你讲慢啲得唔得", "听不清，大声一点", "声音太小了，听不见", "老人模式", "Can you speak English, please?", "用英语"} {
		if !isVoiceWish(text) {
			t.Errorf("%q is no wish", text)
		}
	}
	for _, text := range []string{"", "好的", "我要办英语翻译公证", "普通话考试怎么报名", "楼下大声放歌", "广场舞声音太大了，大声得睡不着", "网速太慢", "办证太慢了", "我听不见，要办残疾证", "人工"} {
		if isVoiceWish(text) {
			t.Errorf("%q is taken for a wish", text)
		}
	}
}

// TestVoiceByWord: whoever asks for Cantonese, and for slower speech, gets it
// at once, is asked the question again, and neither is taken for an errand.
func TestVoiceByWord(t *testing.T) {
	t.Parallel()
	ears, said := knowing(t, "讲粤语", "太快了，慢一点")
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("请问您要办什么事？") }}
	l := openLine(t, s, func(c *Config) { c.Ears = ears })
	call := hotlinetest.NewPhone(t, 4).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	want := []Preference{{Language: speech.Cantonese}, {Language: speech.Cantonese, Slow: true}}
	kept := func() []Preference { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.preferred) }
	for i, words := range []string{"讲粤语", "太快了，慢一点"} {
		for tries := 0; len(kept()) <= i; tries++ { // on a busy machine sound may be lost
			if tries == 5 {
				t.Fatalf("%q is never heard", words)
			}
			eventually(t, "the end of the question", func() bool { return !call.FirstSound().IsZero() && time.Since(call.LastSound()) > time.Second })
			lost := l.figures.unheard.Load()
			call.Say(said[words])
			eventually(t, words, func() bool { return len(kept()) > i || l.figures.unheard.Load() > lost })
		}
	}
	if !slices.Equal(kept(), want) {
		t.Errorf("kept %v, want %v", kept(), want)
	}
	told := slices.DeleteFunc(s.heard(), func(e string) bool { return e == "silence" })
	if !slices.Equal(told, []string{"call", "dtmf:*", "dtmf:*"}) {
		t.Errorf("the engine was told %q", told)
	}
}
