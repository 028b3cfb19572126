package wechat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
	"guanjia/channels/wechat/wechattest"
)

// official is an edge between a stand-in for WeChat on both sides: its
// servers with their quotas, and an account that posts encrypted callbacks.
type official struct {
	*place
	server  *wechattest.Server
	account *wechattest.Account
}

func between(t *testing.T) *official {
	t.Helper()
	const app, secret, key = "wx1234567890abcdef", "secret-of-the-account", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	server := wechattest.NewServer(app, secret, nil)
	t.Cleanup(server.Close)
	api := platform.New(platform.Config{AppID: app, Secret: secret, BaseURL: server.URL})
	t.Cleanup(api.Close)
	cipher, err := platform.NewCipher(app, token, key)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, func(c *Config) { c.API, c.Cipher = api, cipher })
	return &official{p, server, &wechattest.Account{
		Callback: p.server.URL + "/wechat", AppID: app, Token: token, AESKey: key, Name: "gh_1", Deadline: 5 * scale,
	}}
}

func TestBetweenStandIns(t *testing.T) {
	o, ctx := between(t), context.Background()
	r, err := o.account.Text(ctx, "o1", "预约居住证 😀")
	if err != nil || r.Try != 1 || r.Content != "答：预约居住证 😀" || r.To != "o1" || r.From != "gh_1" || r.Type != "text" {
		t.Fatalf("%+v %v", r, err)
	}
	o.server.Keep("pic", []byte("\x89PNG\r\n\x1a\n0000"))
	if r, err = o.account.Image(ctx, "o1", "pic"); err != nil || r.Status != 200 {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err = o.account.Tap(ctx, "o1", "2", "长安"); err != nil {
		t.Fatal(err)
	}
	if r, err = o.account.Event(ctx, "o1", "VIEW", "https://x"); err != nil || r.Raw != success {
		t.Fatalf("%+v %v", r, err)
	}
	in := o.clerk.heard()
	if len(in) != 3 || in[1].Attachment == nil || in[1].Attachment.Type != "image/png" || in[2].Event != bot.EventChoice {
		t.Errorf("heard %+v", in)
	}
}

// TestSlowBetweenStandIns: success within the try, typing shown, and the
// answer afterwards by the outbox, within WeChat's own quota.
func TestSlowBetweenStandIns(t *testing.T) {
	o, ctx := between(t), context.Background()
	o.clerk.slow = slowly(7)
	o.server.Wrote("o1")
	r, err := o.account.Text(ctx, "o1", "慢")
	if err != nil || r.Try != 1 || r.Raw != success {
		t.Fatalf("%+v %v", r, err)
	}
	until(t, "release", func() bool { _, released := o.clerk.settled(); return len(released) == 1 })
	if !o.server.Typed("o1") {
		t.Error("typing was not shown")
	}
	reply := bot.Reply{Text: "哪个大厅？", Options: options("虎门", "长安")}
	if err := o.edge.Send(ctx, to(1, reply)); err != nil {
		t.Fatal(err)
	}
	sent := o.server.Sent()
	if len(sent) != 1 || sent[0].Type != "msgmenu" || sent[0].To != "o1" || sent[0].Choices[1] != [2]string{"2", "长安"} {
		t.Errorf("sent %+v", sent)
	}
	n := 1
	for ; n < 10; n++ {
		if err = o.edge.Send(ctx, to(bot.OutgoingID(n+1), bot.Reply{Text: "再", Urgent: true})); err != nil {
			break
		}
	}
	if n != 5 || !errors.Is(err, bot.ErrHold) {
		t.Errorf("%d messages, then %v", n, err)
	}
}

// TestPictureBetweenStandIns: a picture is uploaded and sent as a message of its
// own; another citizen's is not, and what the answer to a callback cannot carry
// waits for the outbox.
func TestPictureBetweenStandIns(t *testing.T) {
	o, ctx := between(t), context.Background()
	drawn := []byte("\xff\xd8\xff\xe0 a drawing")
	o.edge.pictures = func(_ context.Context, id string) (bot.Attachment, bot.CitizenID, error) {
		if id != "p1" {
			return bot.Attachment{}, "", errors.New("no such picture")
		}
		return bot.Attachment{Kind: "image", Type: "image/jpeg", Bytes: drawn}, "c1", nil
	}
	o.server.Wrote("o1")
	out := to(1, bot.Reply{Picture: "p1"})
	out.Citizen = "c1"
	o.server.Fail(wechattest.Fault{Path: "/cgi-bin/media/upload", Times: 1, Cut: true})
	if err := o.edge.Send(ctx, out); err == nil || errors.Is(err, bot.ErrUnknownOutcome) {
		t.Errorf("an upload that was cut may be made again: %v", err)
	}
	if err := o.edge.Send(ctx, out); err != nil {
		t.Fatal(err)
	}
	if sent := o.server.Sent(); len(sent) != 1 || sent[0].Type != "image" || sent[0].To != "o1" || string(sent[0].Picture) != string(drawn) {
		t.Errorf("sent %+v", sent)
	}
	out.Citizen = "c2"
	if err := o.edge.Send(ctx, out); !errors.Is(err, bot.ErrPermanent) {
		t.Errorf("another citizen's picture: %v", err)
	}
	a := o.edge.compose("o1", []bot.Outgoing{to(2, bot.Reply{Text: "看这张"}), to(3, bot.Reply{Picture: "p1"}), to(4, bot.Reply{Text: "看到了吗"})})
	if a.text != "看这张" || !slices.Equal(a.said, []bot.OutgoingID{2}) || !slices.Equal(a.rest, []bot.OutgoingID{3, 4}) {
		t.Errorf("beside words: %+v", a)
	}
}

// TestPlatformHasTheLastWord: after a restart the ledger knows nobody.
func TestPlatformHasTheLastWord(t *testing.T) {
	o, ctx := between(t), context.Background()
	if err := o.edge.Send(ctx, to(1, bot.Reply{Text: "一"})); !errors.Is(err, bot.ErrHold) {
		t.Errorf("no window: %v", err)
	}
	o.server.Wrote("o2")
	two := to(2, bot.Reply{Text: strings.Repeat("东莞市民服务中心。", 200)})
	two.To.ID = "o2"
	if err := o.edge.Send(ctx, two); err != nil {
		t.Errorf("a window the ledger does not know: %v", err)
	}
	if n := len(o.server.Sent()); n != 3 {
		t.Errorf("%d messages", n)
	}
	o.server.Fail(wechattest.Fault{Path: "/cgi-bin/message/custom/send", Times: 1, Cut: true})
	three := to(3, bot.Reply{Text: "三"})
	three.To.ID = "o2"
	if err := o.edge.Send(ctx, three); !errors.Is(err, bot.ErrUnknownOutcome) || strings.Contains(err.Error(), "secret-of") {
		t.Errorf("cut: %v", err)
	}
	o.server.Fail(wechattest.Fault{Path: "/cgi-bin/message/custom/send", Times: 1, Code: 48001})
	if err := o.edge.Send(ctx, three); !errors.Is(err, bot.ErrHold) || errors.Is(err, bot.ErrPermanent) {
		t.Errorf("not verified: %v", err)
	}
	// Such an account answers by holding the line.
	o.clerk.slow = slowly(7.5)
	if r, err := o.account.Text(ctx, "o2", "慢"); err != nil || r.Try != 2 || r.Content != "答：慢" {
		t.Errorf("%+v %v", r, err)
	}
}
