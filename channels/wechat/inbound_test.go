package wechat

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"guanjia/bot"
)

func TestInbound(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want bot.Inbound
	}{
		"text":        {text("o1", 1, " 预约\x00居住证\u200b \n"), bot.Inbound{Text: "预约居住证\u200b"}},
		"empty":       {text("o1", 1, ""), bot.Inbound{}},
		"emoji":       {text("o1", 1, "👨‍👩‍👧 [微笑]"), bot.Inbound{Text: "👨‍👩‍👧 [微笑]"}},
		"tap":         {envelopeOf("o1", 1, "text", "<Content>帮我预约</Content><bizmsgmenuid>svc-101</bizmsgmenuid>"), bot.Inbound{Event: bot.EventChoice, Text: "帮我预约"}},
		"unsupported": {text("o1", 1, unsupported), bot.Inbound{Event: bot.EventUnsupported}},
		"image":       {envelopeOf("o1", 1, "image", "<PicUrl>http://a/b</PicUrl><MediaId>m1</MediaId>"), bot.Inbound{Event: bot.EventImage, Attachment: &bot.Attachment{Kind: "image", Name: "photo", Remote: "m1"}}},
		"voice known": {envelopeOf("o1", 1, "voice", "<MediaId>m1</MediaId><Recognition>预约居住证。</Recognition>"), bot.Inbound{Event: bot.EventVoice, Text: "预约居住证。"}},
		"voice":       {envelopeOf("o1", 1, "voice", "<MediaId>m1</MediaId><Format>amr</Format><Recognition/>"), bot.Inbound{Event: bot.EventVoice, Attachment: &bot.Attachment{Kind: "voice", Name: "voice", Remote: "m1"}}},
		"location":    {envelopeOf("o1", 1, "location", "<Location_X>23.04</Location_X><Location_Y> 113.75</Location_Y><Label>鸿福路</Label>"), bot.Inbound{Event: bot.EventLocation, Text: "鸿福路", Latitude: 23.04, Longitude: 113.75}},
		"no place":    {envelopeOf("o1", 1, "location", "<Location_X>NaN</Location_X><Location_Y>113</Location_Y>"), bot.Inbound{Event: bot.EventUnsupported}},
		"link":        {envelopeOf("o1", 1, "link", "<Title>居住证</Title><Description>d</Description><Url>https://a.example/</Url>"), bot.Inbound{Text: "居住证\nhttps://a.example/"}},
		"video":       {envelopeOf("o1", 1, "video", "<MediaId>m</MediaId>"), bot.Inbound{Event: bot.EventUnsupported}},
		"short video": {envelopeOf("o1", 1, "shortvideo", "<MediaId>m</MediaId>"), bot.Inbound{Event: bot.EventUnsupported}},
		"of tomorrow": {envelopeOf("o1", 1, "hologram", ""), bot.Inbound{Event: bot.EventUnsupported}},
		"follow":      {event("o1", "subscribe", ""), bot.Inbound{Event: bot.EventSubscribe}},
		"follow scan": {event("o1", "subscribe", "<EventKey>qrscene_hall-humen</EventKey><Ticket>t</Ticket>"), bot.Inbound{Event: bot.EventSubscribe, EventKey: "hall-humen"}},
		"unfollow":    {event("o1", "unsubscribe", ""), bot.Inbound{Event: bot.EventUnsubscribe}},
		"scan":        {event("o1", "SCAN", "<EventKey>hall-humen</EventKey>"), bot.Inbound{Event: bot.EventScan, EventKey: "hall-humen"}},
		"menu":        {event("o1", "CLICK", "<EventKey>book</EventKey>"), bot.Inbound{Event: bot.EventMenu, EventKey: "book"}},
	} {
		m, err := parse([]byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		got, told := m.inbound(m.key(), now())
		c.want.From, c.want.At, c.want.Key = bot.Address{Channel: bot.WeChat, ID: "o1"}, now(), got.Key
		if !told || len(got.Key) != 64 || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, told, got, c.want)
		}
	}
}

// TestReportsAreTakenSilently holds that events nobody need hear get
// success and do not reach the engine.
func TestReportsAreTakenSilently(t *testing.T) {
	p := open(t)
	for _, name := range []string{"VIEW", "LOCATION", "view_miniprogram", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event",
		"subscribe_msg_change_event", "subscribe_msg_sent_event", "scancode_waitmsg", "scancode_push", "pic_sysphoto",
		"pic_photo_or_album", "location_select", "kf_create_session", "kf_close_session", "of_tomorrow", ""} {
		if got := p.say(event("o1", name, "<Latitude>1</Latitude><MsgID>1</MsgID><Status>success</Status>")); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if n := len(p.clerk.heard()); n != 0 {
		t.Errorf("the engine heard %d", n)
	}
}

// TestKeyTellsMessagesApart holds what others lost messages over.
func TestKeyTellsMessagesApart(t *testing.T) {
	base := message{From: "o1", ID: "1", Created: "100", Type: "text", Content: "a"}
	vary := func(f func(*message)) message { m := base; f(&m); return m }
	same := vary(func(m *message) { m.Content = "b" }) // MsgId says it is one message
	if same.key() != base.key() {
		t.Error("a retry has another key")
	}
	for name, m := range map[string]message{
		"sender": vary(func(m *message) { m.From = "o2" }), "id": vary(func(m *message) { m.ID = "2" }),
		"second": vary(func(m *message) { m.Created = "101" }), "event": vary(func(m *message) { m.Event = "CLICK" }),
		"event key": vary(func(m *message) { m.EventKey = "book" }), "shifted": vary(func(m *message) { m.From, m.ID = "o11", "" }),
	} {
		if m.key() == base.key() {
			t.Errorf("%s makes no difference", name)
		}
	}
	one, two := vary(func(m *message) { m.ID = "" }), vary(func(m *message) { m.ID, m.Content = "", "b" })
	if one.key() == two.key() {
		t.Error("two texts without an id in one second are one")
	}
}

func TestMediaIsFetched(t *testing.T) {
	var asked []string
	p := open(t, func(c *Config) {
		c.Transcribe = func(_ context.Context, data []byte, kind string) (string, error) {
			asked = append(asked, kind)
			if strings.Contains(string(data), "noise") {
				return "", errors.New("nothing heard")
			}
			return " 预约居住证 ", nil
		}
	})
	p.wire.media = map[string][]byte{
		"amr": []byte("#!AMR\nvoice"), "silk": []byte("\x02#!SILK_V3 noise"), "png": []byte("\x89PNG\r\n\x1a\n rest"),
	}
	voice := func(id int, media string) string {
		return envelopeOf("o1", id, "voice", "<MediaId>"+media+"</MediaId><Format>amr</Format>")
	}
	p.say(voice(1, "amr"))
	p.say(voice(2, "silk"))
	p.say(voice(3, "gone"))
	p.say(envelopeOf("o1", 4, "image", "<MediaId>png</MediaId>"))
	p.say(envelopeOf("o1", 5, "image", "<MediaId>gone</MediaId>"))
	in := p.clerk.heard()
	if in[0].Text != "预约居住证" || in[0].Attachment != nil || in[0].Event != bot.EventVoice {
		t.Errorf("voice: %+v", in[0])
	}
	for _, i := range []int{1, 2} { // the bot asks to type
		if in[i].Text != "" || in[i].Event != bot.EventVoice || in[i].Attachment == nil || in[i].Attachment.Remote == "" {
			t.Errorf("voice %d: %+v", i, in[i])
		}
	}
	if a := in[3].Attachment; a == nil || a.Type != "image/png" || len(a.Bytes) == 0 || a.Remote != "png" {
		t.Errorf("image: %+v", a)
	}
	if a := in[4].Attachment; a == nil || a.Bytes != nil || a.Remote != "gone" {
		t.Errorf("lost image: %+v", a)
	}
	if !reflect.DeepEqual(asked, []string{"audio/amr", "audio/silk"}) {
		t.Errorf("transcribed %v", asked)
	}
}

// TestVoiceWithoutTranscription leaves the voice alone.
func TestVoiceWithoutTranscription(t *testing.T) {
	p := open(t)
	p.say(envelopeOf("o1", 1, "voice", "<MediaId>amr</MediaId>"))
	if in := p.clerk.heard()[0]; in.Text != "" || in.Event != bot.EventVoice || in.Attachment.Remote != "amr" {
		t.Errorf("%+v", in)
	}
}
