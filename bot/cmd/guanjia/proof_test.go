package main

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/wechat/wechattest"
	"guanjia/config"
)

// TestOnePersonTwoChannels: a caller whose number the trunk does not vouch for
// is a stranger until they prove it; then they find what they left open on
// WeChat, finish it by keys, and have a summary there after the call.
func TestOnePersonTwoChannels(t *testing.T) {
	const number = "13800007777"
	dir := t.TempDir()
	settings, _, err := config.Load(config.Input{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), opening{settings: settings, dir: dir, now: workday()(), lent: stand(t).house, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	onWeChat := bot.Address{Channel: bot.WeChat, ID: "o1"}
	if err := h.store.Enrol(t.Context(), "p-one", h.clock(), onWeChat, bot.Address{Channel: bot.Hotline, ID: number}); err != nil {
		t.Fatal(err)
	}
	tell(t, h, onWeChat, "预约明天上午九点在市民服务中心办居住证", "陈小明，电话"+number)
	booked := regexp.MustCompile(`YY(\d+)`).FindStringSubmatch(tell(t, h, onWeChat, "确认"))
	if booked == nil {
		t.Fatal("nothing was booked")
	}
	tell(t, h, onWeChat, "预约后天上午九点在市民服务中心办居住证", "陈小明，电话"+number)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	p := &program{env: append(accountSettings(api, testKey), "GUANJIA_RTP_PORTS=21000-22999", "GUANJIA_SIP_TRUST=10.0.0.0/8"), sip: "127.0.0.1:0", clock: workday(), waits: patient(), lent: stand(t).house}
	r := launch(t, dir, p)
	o := &official{r, api, accountAt(r.public, api)}
	o.account.Now = p.clock
	api.Wrote("o1")

	phone := hotlinetest.NewPhone(t, 4)
	call := phone.MustDial(r.line, number)
	eventually(t, "the opening", func() bool { return r.asked("unproven:"+number) > 0 })
	if said := r.spoken(number); len(said) != 0 {
		t.Errorf("an unproven number is told %q", said)
	}
	call.Press("*7")
	call.Press("999999#") // not theirs
	call.Press("*7")
	call.Press(booked[1] + "#")
	if !eventually(t, "what was left open on WeChat", func() bool { return len(r.spoken(number)) > 0 }) {
		t.Fatalf("the log: %s; said to the stranger: %q", r.logged, r.spoken("unproven:"+number))
	}
	first := r.spoken(number)[0]
	if !strings.Contains(first, "居住证") {
		t.Errorf("proven, and told %q", first)
	}
	for range 4 { // go on with it, confirm
		said := len(r.spoken(number))
		call.Press("1")
		eventually(t, "the next words", func() bool { return len(r.spoken(number)) > said })
		if last := r.spoken(number); strings.Contains(last[len(last)-1], "约好了") {
			break
		}
	}
	call.Hangup()
	sent := o.awaitSent("o1", 1)
	if text := sent[len(sent)-1].Text; !strings.Contains(text, "刚才电话里办好的") || strings.Count(text, "YY") != 1 || strings.Contains(text, booked[1]) || !strings.Contains(text, "https://gj.example/h5/") {
		t.Errorf("the summary is %q", text)
	}
}

// tell says words to a house, one turn after another, and returns the last
// answer.
func tell(t *testing.T, h *house, from bot.Address, words ...string) (last string) {
	t.Helper()
	for _, w := range words {
		turn, err := h.engine.Receive(t.Context(), bot.Inbound{From: from, Text: w})
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range turn.Out {
			last = out.Reply.Text
			if err := h.engine.Delivered(t.Context(), out.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	return last
}

// spoken is what the service has said by telephone to whoever has a number.
func (r *running) spoken(number string) []string {
	r.t.Helper()
	records, err := store.Open(r.t.Context(), store.Options{Dir: r.dir, ReadOnly: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer records.Close()
	all, err := records.Ending(r.t.Context(), bot.Address{Channel: bot.Hotline, ID: number}, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for _, l := range all {
		if l.Speaker == bot.SpeakerBot && l.Channel == bot.Hotline {
			out = append(out, l.Text)
		}
	}
	return out
}
