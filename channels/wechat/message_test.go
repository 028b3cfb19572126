package wechat

import (
	"encoding/xml"
	"strings"
	"testing"
)

// standard is message as encoding/xml reads it.
type standard struct {
	To          string `xml:"ToUserName"`
	From        string `xml:"FromUserName"`
	Created     string `xml:"CreateTime"`
	Type        string `xml:"MsgType"`
	ID          string `xml:"MsgId"`
	Content     string `xml:"Content"`
	MenuID      string `xml:"bizmsgmenuid"`
	MediaID     string `xml:"MediaId"`
	PicURL      string `xml:"PicUrl"`
	Format      string `xml:"Format"`
	Recognition string `xml:"Recognition"`
	Latitude    string `xml:"Location_X"`
	Longitude   string `xml:"Location_Y"`
	Label       string `xml:"Label"`
	Title       string `xml:"Title"`
	Description string `xml:"Description"`
	URL         string `xml:"Url"`
	Event       string `xml:"Event"`
	EventKey    string `xml:"EventKey"`
	Status      string `xml:"Status"`
	Encrypt     string `xml:"Encrypt"`
}

// wellFormed are bodies both readers must take alike.
func wellFormed() []string {
	return []string{
		text("o1", 1, "您好"),
		text("o1", 1, "a & b < c ]] > \U0001F600 👨‍👩‍👧"),
		envelopeOf("o1", 2, "text", "<Content>a &amp; b &lt;x&gt; &quot;&apos; &#20013;&#x6587;&#x1F600;</Content>"),
		envelopeOf("o1", 3, "text", "<Content>一<![CDATA[二]]>三<!-- 注 -->四</Content>"),
		envelopeOf("o1", 4, "text", "<Content>一<b>二<c/></b>三</Content><bizmsgmenuid>svc-101</bizmsgmenuid>"),
		envelopeOf("o1", 5, "text", "<Content>第一</Content><Content>第二</Content>"),
		envelopeOf("o1", 6, "text", "<Content>一\r\n二\r三</Content>"),
		envelopeOf("o1", 7, "voice", "<MediaId>m</MediaId><Format>amr</Format><MediaId16K>k</MediaId16K><Recognition><![CDATA[预约居住证。]]></Recognition>"),
		envelopeOf("o1", 8, "location", "<Location_X>23.04</Location_X><Location_Y>113.75</Location_Y><Scale>16</Scale><Label>东莞市民服务中心</Label>"),
		envelopeOf("o1", 9, "link", "<Title>t</Title><Description>d</Description><Url>https://a.example/?x=1&amp;y=2</Url>"),
		event("o1", "scancode_waitmsg", "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult><FromUserName>intruder</FromUserName></ScanCodeInfo>"),
		event("o1", "location_select", "<SendLocationInfo><Location_X>1</Location_X><Label>x</Label></SendLocationInfo>"),
		event("o1", "subscribe_msg_popup_event", "<SubscribeMsgPopupEvent><List><TemplateId>t</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List><List/></SubscribeMsgPopupEvent>"),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<xml a='>' b=\"/\" >\n <ToUserName  x = '1' >g</ToUserName >\n<Empty/></xml>\n",
		"<xml></xml>", "<xml/>", "<a:xml xmlns:a='u'><a:Content>x</a:Content></a:xml>",
		"<xml><Content>" + strings.Repeat("长", 10000) + "</Content></xml>",
	}
}

func same(t *testing.T, body string) {
	t.Helper()
	got, err := parse([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", clip(body, 300), err)
	}
	var want standard
	if err := xml.Unmarshal([]byte(body), &want); err != nil {
		t.Fatalf("encoding/xml: %v", err)
	}
	plain := standard(got)
	if plain != want {
		t.Errorf("%s:\n got %+v\nwant %+v", clip(body, 300), plain, want)
	}
}

func TestParseAsTheStandardReaderDoes(t *testing.T) {
	for _, body := range wellFormed() {
		same(t, body)
	}
}

// TestParseTolerates holds what encoding/xml would refuse, and a citizen
// should not go without an answer for.
func TestParseTolerates(t *testing.T) {
	for body, want := range map[string]string{
		"\xef\xbb\xbf<xml><Content>x</Content></xml>":                         "x",
		"\n\t <xml><Content>x</Content></xml>":                                "x",
		"<xml><Content>a&nbsp;b & c &</Content></xml>":                        "a&nbsp;b & c &",
		"<xml><Content>a\x00b\x1fc\xff\xfed</Content></xml>":                  "abcd",
		"<xml><Content><![CDATA[a\x08b]]></Content></xml>":                    "ab",
		"<xml><Content>&#0;&#x1F;&#xD800;&#99999999;x</Content></xml>":        "&#99999999;x",
		"<xml><Content>]]></Content></xml>":                                   "]]>",
		"<xml><Content>x</Content></xml>\x00trailing":                         "x",
		"<?xml version='1.0' encoding='gbk'?><xml><Content>x</Content></xml>": "x",
	} {
		m, err := parse([]byte(body))
		if err != nil || m.Content != want {
			t.Errorf("%q: %q, %v; want %q", body, m.Content, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, body := range []string{
		"", " ", "hello", "{\"Content\":\"x\"}", "<", "<xml", "<xml>", "<xml><Content>", "<xml><Content>x</xml>",
		"<xml><Content>x</Content>", "</xml>", "<xml><a></b></xml>", "<xml><![CDATA[x</xml>", "<xml><!-- x</xml>",
		"<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><Content>&a;</Content></xml>", "<xml><!ENTITY a></xml>", "<xml><?x</xml>",
		"<xml><a b=\"></a></xml>", "<xml><a <b></xml>", "<xml><></></xml>", "<xml>< a></ a></xml>", "x<xml></xml>",
		"<![CDATA[x]]><xml/>", strings.Repeat("<a>", 17) + strings.Repeat("</a>", 17), "<xml><1a></1a></xml>",
	} {
		if m, err := parse([]byte(body)); err == nil {
			t.Errorf("%q was taken: %+v", body, m)
		}
	}
}

// FuzzMessage holds that no bytes make the reader fail, and that whatever the
// standard reader takes is read alike.
func FuzzMessage(f *testing.F) {
	for _, body := range wellFormed() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := parse(body)
		if err != nil {
			return
		}
		m.inbound(m.key(), now())
		var s struct {
			XMLName xml.Name
			From    string `xml:"FromUserName"`
			Content string `xml:"Content"`
		}
		d := xml.NewDecoder(strings.NewReader(string(body)))
		if d.Decode(&s) != nil || strings.Contains(string(body), ":") || strings.Contains(string(body), "<?") {
			return
		}
		if s.From != m.From || s.Content != m.Content {
			t.Errorf("%q: %q %q; encoding/xml %q %q", body, m.From, m.Content, s.From, s.Content)
		}
	})
}
