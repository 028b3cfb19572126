package wechat

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
)

func TestDoorSpeaksTheCitizensLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"预约办证": "还在", "預約辦證": "還在", "How do I book?": "Still", "": "还在", "12345": "还在", "👍": "还在", "办 ID card": "还在",
	} {
		if got := wordsFor(text).waiting; !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	p := open(t)
	if got := passiveOf(t, p, bot.Reply{Text: "Which hall?", Options: options("Humen", "Chang'an")}); !strings.HasSuffix(got, "Reply with a number, 1 to 2.") {
		t.Errorf("%q", got)
	}
	if got := passiveOf(t, p, bot.Reply{Text: "Which hall?", Options: options("City Service Centre (市民服务中心)")}); !strings.HasSuffix(got, "Reply with a number, 1 to 1.") {
		t.Errorf("%q", got)
	}
	if got := passiveOf(t, p, bot.Reply{Text: "哪個大廳？預約", Options: options("虎門")}); !strings.HasSuffix(got, "回覆數字即可。") {
		t.Errorf("%q", got)
	}
}

// TestWordsHoldToTheHouse: no exclamation marks, and the three languages say
// all there is to say.
func TestWordsHoldToTheHouse(t *testing.T) {
	for _, text := range []string{"预约", "預約", "book"} {
		w := wordsFor(text)
		for _, s := range []string{w.waiting, w.sorry, w.crowded, w.tap, w.number, w.more} {
			if s == "" || strings.ContainsAny(s, "!！") || len(s) > 300 {
				t.Errorf("%s: %q", text, s)
			}
		}
		if len(w.more) > maxText-maxPart-1 {
			t.Errorf("%q does not fit under a part", w.more)
		}
	}
}

// TestEnvelope holds the reply to the platform's own example, CDATA and all.
func TestEnvelope(t *testing.T) {
	p := open(t)
	before := time.Now().Unix()
	_, got := p.post(text("o1", 1, "您好"))
	form := regexp.MustCompile(`^<xml><ToUserName><!\[CDATA\[o1\]\]></ToUserName><FromUserName><!\[CDATA\[gh_1\]\]></FromUserName><CreateTime>(\d{10})</CreateTime><MsgType><!\[CDATA\[text\]\]></MsgType><Content><!\[CDATA\[答：您好\]\]></Content></xml>$`)
	m := form.FindStringSubmatch(got)
	if m == nil {
		t.Fatal(got)
	}
	if at, _ := strconv.ParseInt(m[1], 10, 64); at < before || at > time.Now().Unix() {
		t.Errorf("written at %d", at)
	}
}
