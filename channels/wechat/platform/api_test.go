package platform_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
	"guanjia/channels/wechat/wechattest"
)

const (
	appID   = "wx0123456789abcdef"
	secret  = "s3cretThatMustNotLeak"
	citizen = "oCitizen1"
)

// watch is a clock that tests move.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func place(t *testing.T) (*wechattest.Server, *platform.API, *watch, *bytes.Buffer) {
	t.Helper()
	clock := &watch{now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
	server := wechattest.NewServer(appID, secret, clock.Now)
	t.Cleanup(server.Close)
	var log bytes.Buffer
	api := platform.New(platform.Config{AppID: appID, Secret: secret, BaseURL: server.URL, Clock: clock.Now,
		Log: slog.New(slog.NewTextHandler(&log, nil))})
	t.Cleanup(api.Close)
	return server, api, clock, &log
}

func TestMessagesArrive(t *testing.T) {
	server, api, _, _ := place(t)
	server.Wrote(citizen)
	if err := api.SendText(t.Context(), citizen, "您好 <a href=\"https://example.org\">看</a>"); err != nil {
		t.Fatal(err)
	}
	if err := api.SendMenu(t.Context(), citizen, "选一个", []platform.Choice{{ID: "1", Content: "甲"}, {ID: "2", Content: "乙"}}, "点一下"); err != nil {
		t.Fatal(err)
	}
	sent := server.Sent()
	if len(sent) != 2 || sent[0].Text != "您好 <a href=\"https://example.org\">看</a>" || sent[1].Choices[1] != [2]string{"2", "乙"} {
		t.Fatalf("%+v", sent)
	}
	if server.Tokens() != 1 {
		t.Errorf("%d tokens were asked for", server.Tokens())
	}
}

func TestOneFetchForMany(t *testing.T) {
	server, api, clock, _ := place(t)
	server.Wrote(citizen)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := api.Typing(t.Context(), citizen); err != nil {
				var told *platform.Error
				if !errors.As(err, &told) || told.Code != 45081 {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if n := server.Tokens(); n != 1 {
		t.Errorf("%d tokens for 20 calls", n)
	}
	clock.move(2*time.Hour - 4*time.Minute)
	server.Wrote(citizen)
	if err := api.SendText(t.Context(), citizen, "又"); err != nil {
		t.Fatal(err)
	}
	if n := server.Tokens(); n != 2 {
		t.Errorf("%d tokens after two hours", n)
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	for _, code := range []int{40001, 40014, 42001} {
		server, api, _, _ := place(t)
		server.Wrote(citizen)
		server.Fail(wechattest.Fault{Path: "/cgi-bin/message/custom/send", Times: 1, Code: code})
		if err := api.SendText(t.Context(), citizen, "您好"); err != nil {
			t.Errorf("%d: %v", code, err)
		}
		if n := len(server.Sent()); n != 1 {
			t.Errorf("%d: %d messages", code, n)
		}
		server.Fail(wechattest.Fault{Path: "/cgi-bin/message/custom/send", Times: 2, Code: code})
		var told *platform.Error
		if err := api.SendText(t.Context(), citizen, "您好"); !errors.As(err, &told) || told.Code != code {
			t.Errorf("%d twice: %v", code, err)
		}
	}
}

func TestMeaningOfRefusals(t *testing.T) {
	server, api, clock, _ := place(t)
	if err := api.SendText(t.Context(), citizen, "您好"); !errors.Is(err, bot.ErrHold) {
		t.Errorf("no window: %v", err)
	}
	server.Tapped(citizen)
	for range 3 {
		if err := api.SendText(t.Context(), citizen, "您好"); err != nil {
			t.Fatal(err)
		}
	}
	if err := api.SendText(t.Context(), citizen, "您好"); !errors.Is(err, bot.ErrHold) {
		t.Errorf("quota used up: %v", err)
	}
	clock.move(49 * time.Hour)
	server.Left("oGone")
	if err := api.SendText(t.Context(), "oGone", "您好"); !errors.Is(err, bot.ErrPermanent) {
		t.Errorf("does not follow: %v", err)
	}
	server.Wrote(citizen)
	if err := api.SendText(t.Context(), citizen, strings.Repeat("长", 700)); !errors.Is(err, bot.ErrPermanent) {
		t.Errorf("too long: %v", err)
	}
	server.Fail(wechattest.Fault{Times: 1, Code: -1})
	err := api.SendText(t.Context(), citizen, "您好")
	if err == nil || errors.Is(err, bot.ErrHold) || errors.Is(err, bot.ErrPermanent) || errors.Is(err, bot.ErrUnknownOutcome) {
		t.Errorf("busy: %v", err)
	}
}

func TestUnknownOutcomes(t *testing.T) {
	for name, fault := range map[string]wechattest.Fault{
		"cut": {Times: 1, Cut: true}, "nonsense": {Times: 1, Body: "<html>"}, "gateway": {Times: 1, Status: 502},
		"long": {Times: 1, Body: strings.Repeat("x", 2<<20)}, "hang": {Times: 1, Hang: 8 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, api, _, _ := place(t)
			server.Wrote(citizen)
			server.Fail(fault)
			if err := api.SendText(t.Context(), citizen, "您好"); !errors.Is(err, bot.ErrUnknownOutcome) {
				t.Errorf("%v", err)
			}
		})
	}
	_, api, _, _ := place(t)
	gone := platform.New(platform.Config{AppID: appID, Secret: secret, BaseURL: "http://127.0.0.1:1"})
	defer gone.Close()
	if err := gone.SendText(t.Context(), citizen, "您好"); err == nil || errors.Is(err, bot.ErrUnknownOutcome) {
		t.Errorf("never sent: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := api.SendText(ctx, citizen, "您好"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSecretsStayInside(t *testing.T) {
	server, api, _, log := place(t)
	server.Wrote(citizen)
	var errs []error
	for _, f := range []wechattest.Fault{
		{Times: 1, Cut: true}, {Times: 1, Body: "?"}, {Times: 1, Code: 48001}, {Times: 2, Code: 40001}, {Times: 1, Status: 500},
		{Path: "/cgi-bin/stable_token", Times: 1, Cut: true}, {Path: "/cgi-bin/stable_token", Times: 1, Code: 40125},
	} {
		server.Fail(f)
		if f.Path != "" {
			server.Expire()
			server.Fail(wechattest.Fault{Path: "/cgi-bin/message/custom/send", Times: 1, Code: 40001})
		}
		errs = append(errs, api.SendText(t.Context(), citizen, "我的电话是13800138000"))
	}
	gone := platform.New(platform.Config{AppID: appID, Secret: secret, BaseURL: "http://127.0.0.1:1"})
	defer gone.Close()
	errs = append(errs, gone.SendText(t.Context(), citizen, "x"))
	text := log.String()
	for _, err := range errs {
		if err != nil {
			text += err.Error() + "\n"
		}
	}
	for _, bad := range []string{secret, "TOKEN-", "access_token=T", "13800138000", citizen} {
		if strings.Contains(text, bad) {
			t.Errorf("%q stands in errors or log:\n%s", bad, text)
		}
	}
}

func TestMedia(t *testing.T) {
	server, api, _, _ := place(t)
	server.Keep("pic", []byte("\x89PNG\r\n\x1a\n0000"))
	server.Keep("voice", []byte("#!AMR\n000"))
	server.Keep("huge", bytes.Repeat([]byte("x"), platform.MaxMedia+1))
	for id, want := range map[string]string{"pic": "image/png", "voice": "audio/amr"} {
		if data, kind, err := api.Media(t.Context(), id); err != nil || kind != want || len(data) == 0 {
			t.Errorf("%s: %s %v", id, kind, err)
		}
	}
	server.Expire()
	if _, _, err := api.Media(t.Context(), "pic"); err != nil {
		t.Errorf("after the token was forced out: %v", err)
	}
	for _, id := range []string{"huge", "none"} {
		if _, _, err := api.Media(t.Context(), id); err == nil || errors.Is(err, bot.ErrUnknownOutcome) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestMenu(t *testing.T) {
	server, api, _, _ := place(t)
	if raw, err := api.ShowMenu(t.Context()); err != nil || string(raw) != "null" {
		t.Errorf("no menu: %s %v", raw, err)
	}
	menu := []platform.Button{
		{Name: "我要办", Below: []platform.Button{{Name: "预约办事", Key: "book"}, {Name: "我的预约", Key: "mine"}}},
		{Name: "试聊", URL: "https://example.org/"},
	}
	if err := api.PushMenu(t.Context(), menu); err != nil {
		t.Fatal(err)
	}
	if raw := string(server.Menu()); !strings.Contains(raw, `"key":"book"`) || !strings.Contains(raw, "https://example.org/") {
		t.Errorf("the account's menu is %s", raw)
	}
	if raw, err := api.ShowMenu(t.Context()); err != nil || !strings.Contains(string(raw), "预约办事") {
		t.Errorf("shown: %s %v", raw, err)
	}
	for name, bad := range map[string][]platform.Button{
		"none": {}, "four": {{Name: "a", Key: "a"}, {Name: "b", Key: "b"}, {Name: "c", Key: "c"}, {Name: "d", Key: "d"}},
		"long name": {{Name: "一二三四五六", Key: "a"}}, "no deed": {{Name: "a"}}, "both": {{Name: "a", Key: "a", URL: "https://x.org"}},
		"bad page": {{Name: "a", URL: "javascript:x"}}, "deep": {{Name: "a", Below: []platform.Button{{Name: "b", Below: []platform.Button{{Name: "c", Key: "c"}}}}}},
		"long key": {{Name: "a", Key: strings.Repeat("k", 129)}},
	} {
		if err := api.PushMenu(t.Context(), bad); err == nil {
			t.Errorf("%s was pushed", name)
		}
	}
}

func TestFailingTokenPausesAndHeals(t *testing.T) {
	server, api, clock, _ := place(t)
	server.Wrote(citizen)
	server.Fail(wechattest.Fault{Path: "/cgi-bin/stable_token", Times: 1, Code: 40164})
	var told *platform.Error
	for range 3 {
		if err := api.SendText(t.Context(), citizen, "您好"); !errors.As(err, &told) || told.Code != 40164 {
			t.Fatalf("%v", err)
		}
	}
	if n := server.Tokens(); n != 0 {
		t.Errorf("asked %d times more during the pause", n)
	}
	clock.move(2 * time.Second)
	if err := api.SendText(t.Context(), citizen, "您好"); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

// board is where two instances share a token.
type board struct {
	mu      sync.Mutex
	token   string
	expires time.Time
}

func (b *board) Token(context.Context, string) (string, time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.token, b.expires
}

func (b *board) KeepToken(_ context.Context, _, token string, expires time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.token, b.expires = token, expires
}

// TestInstancesShareTheToken lets a second instance use the first one's token,
// and replace it when the platform refuses it.
func TestInstancesShareTheToken(t *testing.T) {
	server, first, clock, _ := place(t)
	shared := &board{}
	for i := range 2 {
		api := platform.New(platform.Config{AppID: appID, Secret: secret, BaseURL: server.URL, Clock: clock.Now, Shared: shared})
		defer api.Close()
		server.Wrote(citizen)
		if err := api.SendText(t.Context(), citizen, "您好"); err != nil {
			t.Fatal(err)
		}
		if n := server.Tokens(); n != 1 {
			t.Fatalf("instance %d: %d tokens were fetched", i, n)
		}
	}
	first.Close()
	shared.KeepToken(t.Context(), appID, "not-a-token", clock.Now().Add(time.Hour))
	third := platform.New(platform.Config{AppID: appID, Secret: secret, BaseURL: server.URL, Clock: clock.Now, Shared: shared})
	defer third.Close()
	if err := third.SendText(t.Context(), citizen, "再见"); err != nil {
		t.Fatal(err)
	}
	if token, _ := shared.Token(t.Context(), appID); token == "not-a-token" || server.Tokens() != 2 {
		t.Errorf("the refused token is shared still, after %d fetches", server.Tokens())
	}
}
