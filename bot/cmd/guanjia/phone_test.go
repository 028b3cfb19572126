package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/bottest/browser"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/signal"
	"guanjia/channels/hotline/speech"
)

// texts is a text message operator that keeps what it is given.
type texts struct {
	*httptest.Server
	mu   sync.Mutex
	sent []textMessage
}

type textMessage struct {
	Template string   `json:"TemplateId"`
	To       []string `json:"PhoneNumberSet"`
	Words    []string `json:"TemplateParamSet"`
}

func newTexts(t *testing.T) *texts {
	s := &texts{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v textMessage
		raw, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(raw, &v) != nil || r.Header.Get("X-TC-Action") != "SendSms" {
			http.Error(w, "not a text message", http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.sent = append(s.sent, v)
		s.mu.Unlock()
		io.WriteString(w, `{"Response":{"SendStatusSet":[{"Code":"Ok"}]}}`)
	}))
	t.Cleanup(s.Close)
	return s
}

// of are the messages of a template.
func (s *texts) of(template string) (out []textMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.sent {
		if v.Template == template {
			out = append(out, v)
		}
	}
	return out
}

// TestTelephoneAtDesk: a caller proves their number by a code that comes as a
// text message, books by keys, and asks for a person; an operator sees them at
// the desk, has their own telephone rung, reads what is said, keeps them
// waiting, ends the call and writes it up; after the call its numbers come as a
// text message.
func TestTelephoneAtDesk(t *testing.T) {
	const number = "13800008888"
	sms := newTexts(t)
	exchange := hotlinetest.NewPhone(t, 8)
	exchange.Answer(func(c *signal.Call) int {
		if c.To().User == "800" {
			return 486 // nobody takes it when it rings for all
		}
		return 200
	})
	r := startLine(t, "GUANJIA_SIP_TRUST=10.0.0.0/8", "GUANJIA_SIP_OPERATOR_URI="+exchange.URI("800"), "GUANJIA_SMS_URL="+sms.URL,
		"GUANJIA_SMS_SECRET_ID=id", "GUANJIA_SMS_SECRET_KEY=key", "GUANJIA_SMS_APP_ID=1", "GUANJIA_SMS_SIGN=莞家", "GUANJIA_SMS_TEMPLATES=code=1 summary=2")
	admin := newClient(t, r.inner)
	admin.signIn("admin", r.admin)
	mei := r.colleague("小梅")
	must(t, mei.form("/desk/people/"+url.PathEscape("小梅"), "capacity", "4", "telephone", "801"), 403)
	must(t, admin.form("/desk/people/"+url.PathEscape("小梅"), "capacity", "4", "telephone", "801@elsewhere.example"), 422)
	must(t, admin.form("/desk/people/"+url.PathEscape("小梅"), "capacity", "4", "telephone", "801"), 303)

	call := hotlinetest.NewPhone(t, 4).MustDial(r.line, number)
	eventually(t, "the opening", func() bool { return r.asked("unproven:"+number) > 0 })
	call.Press("*7")
	eventually(t, "the code", func() bool { return len(sms.of("1")) == 1 })
	code := sms.of("1")[0]
	if !slices.Equal(code.To, []string{"+86" + number}) || len(code.Words) != 1 {
		t.Fatalf("the code went out as %+v", code)
	}
	call.Press(code.Words[0] + "#")
	said := 0
	for _, keys := range []string{"1", "1", "1", "2", "2", "1", number, "1"} {
		eventually(t, "the next question", func() bool { return r.asked(number) > said })
		said = r.asked(number)
		call.Press(keys)
	}
	eventually(t, "the appointment in list", func() bool { return strings.Contains(r.listed("appointments", "--reveal").out, number) })
	booked := lines(t, r.listed("appointments", "--reveal"))[0]["number"].(string)

	// A supervisor reads the words of a call that goes on.
	page := admin.get("/desk/calls")
	live := regexp.MustCompile(`/desk/calls/([^/"]+)"`).FindStringSubmatch(page.text)
	if live == nil || !strings.Contains(page.text, "138****8888") || strings.Contains(page.text, number) {
		t.Fatalf("the page of calls: %s", page.text)
	}
	if words := admin.get("/desk/calls/" + live[1]); words.status != 200 || !strings.Contains(words.text, "约好了") || !strings.Contains(words.text, `data-live="2"`) {
		t.Errorf("the words of the call: %d %s", words.status, words.text)
	}
	must(t, mei.get("/desk/calls/"+live[1]), 403)
	if strings.Contains(mei.get("/desk/phone").text, "138****8888") {
		t.Error("an operator sees a caller who asked for nobody")
	}

	// Her page is open all the while: what changes comes to it by itself.
	b := browser.Start(t)
	over := b.Tab(t)
	over.Open(r.inner + "/desk/login")
	operator{over}.signInAs("admin", r.admin)
	over.Until(`document.getElementById("state")`)
	for name, path := range map[string]string{"calls": "/desk/calls", "call": "/desk/calls/" + live[1]} {
		over.Open(r.inner + path)
		over.Until(`document.querySelector("main")`)
		looks(t, over, name, 320, 1280)
	}
	over.Open(r.inner + "/desk/calls/" + live[1])
	over.Until(`document.getElementById("listen-in") && !document.getElementById("listen-in").hidden`)
	over.Click("#hear")
	over.Until(`document.getElementById("hearing").textContent.includes("正在旁听")`)
	over.Click("#hear")
	over.Until(`document.getElementById("hear").textContent === "旁听声音"`)
	tab := b.Tab(t)
	tab.Window(390, 844)
	tab.Open(r.inner + "/desk/login")
	operator{tab}.signIn("小梅")
	tab.Until(`document.getElementById("state")`)
	tab.Open(r.inner + "/desk/phone")
	tab.Until(`document.querySelector("main[data-live]")`)
	call.Press("0")
	at := "/desk/phone/" + live[1]
	eventually(t, "the caller at the desk", func() bool { return strings.Contains(mei.get("/desk/phone").text, at+"/answer") })
	must(t, mei.form(at+"/hold"), 409) // it is not hers yet
	tab.Until(`document.querySelector("form[action$='/answer'] button")`)
	beside := operator{tab.Another()} // the desk, where no call is open yet
	beside.Open(r.inner + "/desk/")
	beside.Until(`document.getElementById("state").dataset.state === "good" && !document.getElementById("blank").hidden`)
	looks(t, tab, "phone-waiting", 320, 1280)
	tab.Focus("form[action$='/answer'] button")
	tab.Press(browser.Enter)
	operator := exchange.Incoming()
	tab.Until(`document.querySelector("form[action$='/hold'] button")`)
	looks(t, tab, "phone-talking", 320, 1280)
	beside.Until(`document.getElementById("holding").textContent === "电话 · 您在接待"`) // comes to the screen by itself
	if strings.Contains(mei.row(live[1])["note"].(string), "热线") {
		t.Error("what the line notes for the record is shown as a colleague's whisper")
	}
	// A supervisor hears them, and whispers in writing: it stands before her at once.
	over.Open(r.inner + "/desk/")
	over.Until(`document.querySelector("#rows [data-part=others] .row")`)
	over.Letters("j")
	over.Until(`!document.getElementById("hear").hidden`)
	over.Letters("h")
	over.Until(`document.getElementById("listen-in").open`)
	over.Press(browser.Enter)
	over.Until(`document.getElementById("hearing").textContent.includes("正在旁听")`)
	looks(t, over, "desk-listening", 320, 1280)
	const whisper = "先问他户口在哪里"
	must(t, admin.post("/desk/conversation/"+live[1]+"/note", object{"text": whisper}), 200)
	beside.Until(`[...document.querySelectorAll("#lines .note .words")].some((w) => w.textContent === "` + whisper + `")`)
	tab.Until(`document.querySelector("main").textContent.includes("备注：` + whisper + `")`)
	eventually(t, "the call on her page", func() bool { return strings.Contains(mei.get("/desk/phone").text, at+"/hold") })
	if got := mei.get("/desk/phone").text; !strings.Contains(got, "约好了") {
		t.Errorf("the words are not beside the call: %s", got)
	}
	must(t, mei.form(at+"/pass", "to", "没有这个人"), 409)
	must(t, mei.form(at+"/hold"), 303)
	eventually(t, "the waiting", func() bool { return strings.Contains(mei.get("/desk/phone").text, "市民等候中") })
	must(t, mei.form(at+"/resume"), 303)
	must(t, mei.form(at+"/release"), 303)
	select {
	case <-operator.Call.Done():
	case <-time.After(time.Minute):
		t.Error("the operator is not hung up on")
	}
	tab.Until(`document.querySelector("form[action$='/wrapup'] button")`)
	looks(t, tab, "phone-wrapup", 320, 1280)
	must(t, mei.form(at+"/wrapup", "way", "随便"), 422)
	must(t, mei.form(at+"/wrapup", "way", "已解答", "text", "告诉了要带的材料"), 303)
	if got := mei.get("/desk/phone").text; strings.Contains(got, "/wrapup") {
		t.Errorf("it is still to be written up: %s", got)
	}
	lines := mei.talkLines(live[1])
	if !slices.ContainsFunc(lines, func(l object) bool {
		return l["speaker"] == string(bot.SpeakerNote) && l["name"] == "小梅" && l["text"] == "通话小结：已解答。告诉了要带的材料"
	}) {
		t.Errorf("the wrap-up is not with the conversation: %v", lines)
	}
	call.Hangup()
	over.Until(`document.getElementById("hear").hidden && document.getElementById("hearing").textContent.includes("通话结束")`)
	beside.Until(`[...document.querySelectorAll("#lines .note a")].some((a) => a.textContent === "打开录音")`)
	beside.Open(browser.Eval[string](beside.Tab, `[...document.querySelectorAll("#lines .note a")].at(-1).href`))
	beside.Until(`location.pathname.startsWith("/desk/recording/")`)
	looks(t, beside.Tab, "recording-why", 320, 1280)
	eventually(t, "the summary", func() bool { return len(sms.of("2")) == 1 })
	if got := sms.of("2")[0]; !slices.Equal(got.To, []string{"+86" + number}) || !strings.Contains(strings.Join(got.Words, ""), booked) {
		t.Errorf("the summary went out as %+v, booked was %s", got, booked)
	}
	if log := r.logged.String(); strings.Contains(log, number) || strings.Contains(log, code.Words[0]) {
		t.Errorf("the log tells of the caller: %s", log)
	}
}

// TestACallIsPassedOn: a caller tells an operator their matter, is kept waiting
// and passed to a colleague, who is told first what it is about; what everybody
// says is on the screens of whoever has the call and of who looks after them,
// before the transfer and after it, and the first writes up while the second
// talks.
func TestACallIsPassedOn(t *testing.T) {
	const number, question, wait, hello, thanks = "13800007777", "社保卡丢了怎么补", "请您等一下我转给同事", "您好我是社保组的", "好的谢谢您"
	said := map[string][]int16{}
	for _, s := range []string{question, wait, hello, thanks} {
		said[s] = hotlinetest.Utterance(t, s)
	}
	parrot := hotlinetest.NewParrot(t, said)
	exchange := hotlinetest.NewPhone(t, 8)
	exchange.Answer(func(c *signal.Call) int {
		if c.To().User == "800" {
			return 486 // nobody takes it when it rings for all
		}
		return 200
	})
	r := startLine(t, "GUANJIA_SIP_TRUST=127.0.0.0/8", "GUANJIA_SIP_OPERATOR_URI="+exchange.URI("800"),
		"GUANJIA_OPENAI_BASE_URL="+parrot.URL+"/v1", "GUANJIA_OPENAI_TRANSCRIBE_MODEL=parrot")
	admin := newClient(t, r.inner)
	admin.signIn("admin", r.admin)
	mei, lin := r.colleague("小梅"), r.colleague("小林")
	for name, extension := range map[string]string{"小梅": "801", "小林": "802"} {
		must(t, admin.form("/desk/people/"+url.PathEscape(name), "capacity", "4", "telephone", extension), 303)
	}
	defer mei.listen("?after=0").close() // whose desk is closed is not there to be passed a call
	defer lin.listen("?after=0").close()
	shows := func(c *client, path, words string) {
		t.Helper()
		eventually(t, words+" at "+path, func() bool { return strings.Contains(c.get(path).text, words) })
	}

	call := hotlinetest.NewPhone(t, 4).MustDial(r.line, number)
	eventually(t, "the opening", func() bool { return r.asked(number) > 0 })
	call.Press("0")
	shows(mei, "/desk/phone", "/answer")
	at := regexp.MustCompile(`/desk/phone/([^/"]+)/answer`).FindStringSubmatch(mei.get("/desk/phone").text)[1]
	must(t, mei.form("/desk/phone/"+at+"/answer"), 303)
	first := exchange.Incoming()
	shows(mei, "/desk/phone", "/hold")
	must(t, mei.post("/desk/conversation/"+at+"/listen", object{"text": "质检评分"}), 403)
	must(t, admin.post("/desk/conversation/"+at+"/listen", object{"text": " "}), 422)
	heard := admin.listenIn(at, "质检评分")
	call.Say(said[question])
	shows(mei, "/desk/phone", `<span class="said">`+question)
	if row := mei.row(at); row["unanswered"] != nil {
		t.Errorf("what was said to her aloud waits for an answer: %v", row)
	}
	first.Say(said[wait])
	shows(admin, "/desk/calls/"+at, "<strong>小梅</strong> <span class=\"said\">"+wait)
	must(t, mei.form("/desk/phone/"+at+"/hold"), 303)
	must(t, mei.form("/desk/phone/"+at+"/pass", "to", "小林"), 303)
	shows(mei, "/desk/phone", "市民等候中，正在请同事")
	second := exchange.Incoming()
	eventually(t, "the whisper", func() bool { return !second.FirstSound().IsZero() })
	second.Press("1")
	shows(lin, "/desk/phone", question)
	shows(lin, "/desk/phone", "备注：电话转给小林")
	shows(mei, "/desk/phone", "/wrapup")
	second.Say(said[hello])
	shows(lin, "/desk/phone", "<strong>小林</strong> <span class=\"said\">"+hello)
	must(t, mei.form("/desk/phone/"+at+"/wrapup", "way", "要再联系", "text", "卡丢了要补，已经转给社保组"), 303)
	call.Say(said[thanks])
	shows(admin, "/desk/calls/"+at, thanks)
	select {
	case <-first.Call.Done():
	case <-time.After(time.Minute):
		t.Error("who passed the call on is not hung up on")
	}
	call.Hangup()
	shows(lin, "/desk/phone", "/wrapup")
	if strings.Contains(mei.get("/desk/phone").text, "/wrapup") {
		t.Error("she wrote it up, and is asked again")
	}
	wav := <-heard // all of the call from then on: it is over
	for side, who := range []string{"the caller", "the operators"} {
		var all []int16
		for at := 44 + 2*side; at+2 <= len(wav); at += 4 {
			all = append(all, int16(binary.LittleEndian.Uint16(wav[at:])))
		}
		if first := firstSound(all); !bytes.HasPrefix(wav, []byte("RIFF")) || first > time.Duration(len(all))*time.Second/speech.Rate {
			t.Errorf("of %s nothing is heard in %d bytes", who, len(wav))
		}
	}
	must(t, admin.post("/desk/conversation/"+at+"/listen", object{"text": "质检评分"}), 409)
	shows(admin, "/desk/audit?deed=listen_in", "质检评分")
	shows(admin, "/desk/audit?deed=listened_in", "旁听结束")
}

// TestACallCanBeHeardAtOnce: who supervises has a citizen's conversation open
// when they call: that it can be listened to stands there as soon as it is so,
// and no longer than it is, whatever else happens at the conversation.
func TestACallCanBeHeardAtOnce(t *testing.T) {
	s, _ := insideService(t)
	var on atomic.Bool
	s.desk.Calls.Hearable = func(bot.CitizenID) bool { return on.Load() }
	citizen := s.hears(t, "caller", "转人工")
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	looker := operator{browser.Start(t).Tab(t)}
	looker.Open(door.URL + "/desk/login")
	s.callers(t, door.URL)
	browser.Eval[bool](looker.Tab, `(document.cookie = "guanjia_desk=token-of-supervisor; path=/", true)`)
	looker.Open(door.URL + "/desk/")
	looker.Until(`document.querySelector("#rows .row")`)
	looker.Letters("j")
	looker.Until(`document.getElementById("state").dataset.state === "good" && document.querySelector("#lines .citizen") && document.getElementById("hear").hidden`)
	for range 2 {
		on.Store(true)
		s.desk.CallMoved(citizen)
		looker.Until(`!document.getElementById("hear").hidden`)
		on.Store(false)
		s.desk.CallMoved(citizen)
		looker.Until(`document.getElementById("hear").hidden`)
	}
}

// listenIn hears a citizen's call until it is over.
func (c *client) listenIn(citizen, reason string) <-chan []byte {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), "POST", c.base+"/desk/conversation/"+citizen+"/listen", strings.NewReader(`{"text":"`+reason+`"}`))
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := c.http.Do(req)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "audio/wav" {
		c.t.Fatalf("listen in: %v %v", res, err)
	}
	all := make(chan []byte, 1)
	go func() {
		defer res.Body.Close()
		raw, _ := io.ReadAll(res.Body) // cut short it holds less, which is looked at
		all <- raw
	}()
	return all
}
