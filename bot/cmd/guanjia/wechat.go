package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/metrics"
	"guanjia/bot/openai"
	"guanjia/bot/redis"
	"guanjia/channels/terminal"
	"guanjia/channels/wechat"
	"guanjia/channels/wechat/platform"
	"guanjia/config"
)

// account is the official account: its callback, its API, and the ear for
// voices the platform did not recognise.
type account struct {
	edge   *wechat.Edge
	api    *platform.API
	voices *openai.Client // nil: citizens are asked to type
}

// pictureLoader loads a kept picture, and says whose it is.
type pictureLoader = func(ctx context.Context, id string) (bot.Attachment, bot.CitizenID, error)

// openAccount makes the account of the settings; Close ends what it owns.
func openAccount(s config.Settings, waits wechat.Times, receiver wechat.Receiver, shared *redis.Shared, pictures pictureLoader, figures *metrics.Figures, clock bot.Clock, log *slog.Logger) (*account, error) {
	a := &account{api: openPlatform(s, shared, clock, log)}
	c := wechat.Config{
		Receiver: receiver, API: a.api, Token: s.WeChatToken.Reveal(), PublicURL: s.PublicURL, Clock: clock, Log: log,
		Observe: callbackSeconds(figures), Times: waits, Pictures: pictures,
	}
	if s.WeChatAESKey != "" {
		cipher, err := platform.NewCipher(s.WeChatAppID, s.WeChatToken.Reveal(), s.WeChatAESKey.Reveal())
		if err != nil {
			a.api.Close()
			return nil, err
		}
		c.Cipher = cipher
	}
	if shared != nil {
		c.Nonces = shared
	}
	var err error
	if s.OpenAITranscribeModel != "" {
		if a.voices, err = openai.New(openai.Config{BaseURL: s.OpenAIBaseURL, Key: s.OpenAIAPIKey.Reveal()}); err != nil {
			a.api.Close()
			return nil, err
		}
		c.Transcribe = func(ctx context.Context, recording []byte, mediaType string) (string, error) {
			return a.voices.Transcribe(ctx, s.OpenAITranscribeModel, recording, mediaType)
		}
	}
	if a.edge, err = wechat.New(c); err != nil {
		a.api.Close()
		return nil, err
	}
	a.count(figures)
	return a, nil
}

func openPlatform(s config.Settings, shared *redis.Shared, clock bot.Clock, log *slog.Logger) *platform.API {
	c := platform.Config{AppID: s.WeChatAppID, Secret: s.WeChatAppSecret.Reveal(), BaseURL: s.WeChatAPIURL, Clock: clock, Log: log}
	if shared != nil {
		c.Shared = shared
	}
	return platform.New(c)
}

// callbackSeconds observes tries of callbacks by their number; a message is
// posted three times, and a fourth would be somebody else's doing.
func callbackSeconds(figures *metrics.Figures) func(int, time.Duration) {
	seconds := figures.Seconds("guanjia_wechat_callback_seconds", "A try of a callback until its answer, by the number of the try.",
		"try", .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 4.3, 5, 5.5)
	return func(try int, took time.Duration) {
		of := strconv.Itoa(try)
		if try > 3 {
			of = "more"
		}
		seconds(of, took)
	}
}

// count shows the account's figures.
func (a *account) count(figures *metrics.Figures) {
	figures.Counts("guanjia_wechat_edge_total", "What happened at the callback and to customer-service messages, by kind.", "what",
		func() map[string]int64 { return without(a.edge.Figures(), "refused_") })
	figures.Counts("guanjia_wechat_refused_total", "Callbacks not taken, by reason.", "reason",
		func() map[string]int64 { return only(a.edge.Figures(), "refused_") })
	figures.Counts("guanjia_wechat_api_refusals_total", "Calls the platform refused, by its code.", "code", a.api.Refusals)
	figures.Gauges("guanjia_wechat_quota_citizens", "Citizens heard lately, by how many messages they may still be sent.", "left",
		func() map[string]int64 {
			out := map[string]int64{}
			for left, n := range a.edge.Quotas() {
				out[strconv.Itoa(left)] = int64(n)
			}
			return out
		})
}

func only(all map[string]int64, prefix string) map[string]int64 {
	out := map[string]int64{}
	for what, n := range all {
		if rest, ok := strings.CutPrefix(what, prefix); ok {
			out[rest] = n
		}
	}
	return out
}

func without(all map[string]int64, prefix string) map[string]int64 {
	out := map[string]int64{}
	for what, n := range all {
		if !strings.HasPrefix(what, prefix) {
			out[what] = n
		}
	}
	return out
}

// close waits for the turns in hand, then gives connections back.
func (a *account) close(ctx context.Context) error {
	err := a.edge.Close(ctx)
	a.api.Close()
	if a.voices != nil {
		a.voices.Close()
	}
	return err
}

// buildWeChat opens the account when one is configured. Without one, what is
// to go to WeChat is kept until there is.
func (s *service) buildWeChat(receiver metrics.Receiver) error {
	h, live := s.house, bot.Sender(nobody{})
	if s.settings.WeChat() {
		var err error
		if s.account, err = openAccount(s.settings, s.waits, receiver, s.shared, h.store.Attachment, s.figures, s.house.clock, s.log); err != nil {
			return err
		}
		live = h.relayed(s.sending(bot.WeChat, s.account.edge), s.account.api)
	}
	h.dispatcher.Senders[bot.WeChat] = besideTerminal{live, h.bag}
	h.dispatcher.Senders[bot.Hotline] = h.byPhone(nobody{}) // until the line is open
	return nil
}

// besideTerminal sends to a platform, and to the terminal whoever sits there
// playing the platform's citizens.
type besideTerminal struct {
	platform bot.Sender
	terminal *terminal.Mailbag
}

// Send implements bot.Sender.
func (b besideTerminal) Send(ctx context.Context, out bot.Outgoing) error {
	if terminal.Ours(out.To) {
		return b.terminal.Send(ctx, out)
	}
	return b.platform.Send(ctx, out)
}

// nobody is the sender of a platform that is not configured.
type nobody struct{}

// Send implements bot.Sender.
func (nobody) Send(context.Context, bot.Outgoing) error {
	return fmt.Errorf("not configured: %w", bot.ErrHold)
}

// closeAccount finishes what is in hand at the account; once more does nothing.
func (s *service) closeAccount(ctx context.Context) error {
	if s.account == nil {
		return nil
	}
	if err := s.account.close(ctx); err != nil {
		return fmt.Errorf("close wechat: %w", err)
	}
	return nil
}

// routeWeChat mounts the callback.
func (s *service) routeWeChat(mux *http.ServeMux) {
	if s.account != nil {
		mux.Handle("/wechat", s.account.edge)
	}
}

// complete fetches what a message from before the last end still lacks.
func (s *service) complete(ctx context.Context, in *bot.Inbound) {
	if s.account != nil {
		s.account.edge.Complete(ctx, in)
	}
}

// halfWeChat names what an account's settings lack: any of them asks for the
// others, but the key, without which messages come in the clear.
func halfWeChat(s config.Settings) []string {
	if s.WeChatAppID == "" && s.WeChatAppSecret == "" && s.WeChatToken == "" && s.WeChatAESKey == "" {
		return nil
	}
	var out []string
	if s.WeChatAppID == "" {
		out = append(out, "wechat_app_id is missing")
	}
	if s.WeChatAppSecret == "" {
		out = append(out, "wechat_app_secret is missing: nothing could be sent")
	}
	if s.WeChatToken == "" {
		out = append(out, "wechat_token is missing: callbacks cannot be verified")
	}
	return out
}

// doubtfulWeChat names settings of a live account that are likely not meant.
func doubtfulWeChat(s config.Settings) []string {
	if !s.WeChat() {
		return nil
	}
	var out []string
	if s.WeChatAESKey == "" {
		out = append(out, "wechat_aes_key is empty: citizens' messages come in the clear")
	}
	if u, err := url.Parse(s.PublicURL); err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost") {
		out = append(out, "public_url is this machine itself: links in WeChat messages lead nowhere")
	}
	return out
}

// refusedByWeChat is a failed call in one line, with what helps: the account
// or its settings are not as they must be.
func refusedByWeChat(err error) error {
	var told *platform.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told) && told.Hint() != "":
		return usagef("%s (%s)", told.Hint(), told)
	}
	return usageError{err}
}
