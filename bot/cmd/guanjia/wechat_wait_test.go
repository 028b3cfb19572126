package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/channels/wechat"
	"guanjia/channels/wechat/wechattest"
)

// The waits here are the platform's own: five seconds a try.

const (
	sendPath  = "/cgi-bin/message/custom/send"
	mediaPath = "/cgi-bin/media/get"
)

// TestRetryGetsTheSameAnswer: the same message again, also after a restart,
// is one turn with one answer.
func TestRetryGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	message := o.account.Message("oAgain", "text", "<Content>我想预约办居住证</Content>")
	first, err := o.account.Post(t.Context(), message)
	if err != nil || !strings.Contains(first.Content, "大厅") {
		t.Fatalf("%+v %v", first, err)
	}
	again, err := o.account.Post(t.Context(), message)
	if err != nil || again.Content != first.Content {
		t.Errorf("%q, then %q %v", first.Content, again.Content, err)
	}
	o.hears("oAgain", "虎门", "哪天")
	o.stop()
	r := launch(t, o.dir, &program{env: accountSettings(o.api, testKey), waits: patient(), lent: stand(t).house})
	o.account.Callback = r.public + "/wechat"
	if again, err = o.account.Post(t.Context(), message); err != nil || again.Content != first.Content {
		t.Errorf("after a restart %q, before %q %v", again.Content, first.Content, err)
	}
	o.hears("oAgain", "要带什么材料", "相片回执") // the talk is where it was
}

// TestBurstInOrder: a booking in five messages that come while a picture is
// still on its way is a booking: each waits for the one before.
func TestBurstInOrder(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	o.api.Keep("slow", snapshot(t))
	o.api.Fail(wechattest.Fault{Path: mediaPath, Times: 1, Drip: 3 * time.Second})
	days := freeDays(t, o.dir, "residence-permit", "humen")
	words := []string{"我想预约办居住证", "虎门", spoken(days[len(days)-1]) + "下午三点", "我叫王五，电话13800138009", "确认"}
	messages := []string{o.account.Message("oBurst", "image", "<MediaId>slow</MediaId>")}
	for _, text := range words {
		messages = append(messages, o.account.Message("oBurst", "text", "<Content>"+text+"</Content>"))
	}
	var wg sync.WaitGroup
	for i, want := range []string{"照片收到了", "大厅", "哪天", "姓名", "请核对", "约好了"} {
		wg.Go(func() {
			r, err := o.account.Post(t.Context(), messages[i])
			if err != nil || !strings.Contains(r.Content, want) {
				t.Errorf("message %d: %+v %v", i, r, err)
			}
		})
		time.Sleep(300 * time.Millisecond) // a quick thumb; in order on the way
	}
	wg.Wait()
	if n := len(lines(t, guanjia(t, "", "--data", o.dir, "list", "appointments", "--json"))); n != 1 {
		t.Errorf("%d appointments", n)
	}
}

// TestSlowAnswerFollows: a picture that takes its time is answered with
// success and a customer-service message whose options can be tapped, typed or
// numbered.
func TestSlowAnswerFollows(t *testing.T) {
	t.Parallel()
	o := openPunctual(t, wechat.Times{})
	o.api.Keep("slow", snapshot(t))
	replies := map[string]func(citizen string) (wechattest.Reply, error){
		"tap":    func(c string) (wechattest.Reply, error) { return o.account.Tap(t.Context(), c, "1", "反映诉求") },
		"number": func(c string) (wechattest.Reply, error) { return o.account.Text(t.Context(), c, "1") },
		"words":  func(c string) (wechattest.Reply, error) { return o.account.Text(t.Context(), c, "反映诉求") },
	}
	o.api.Fail(wechattest.Fault{Path: mediaPath, Times: len(replies), Drip: 6 * time.Second})
	var wg sync.WaitGroup
	for name, reply := range replies {
		wg.Go(func() { o.slowly("oSlow-"+name, reply) })
	}
	wg.Wait()
}

// slowly sends a picture that takes its time and replies to the options.
func (o *official) slowly(citizen string, reply func(string) (wechattest.Reply, error)) {
	r, err := o.account.Image(o.t.Context(), citizen, "slow")
	if err != nil || r.Try != 1 || r.Raw != "success" {
		o.t.Errorf("%s: %+v %v", citizen, r, err)
		return
	}
	if !eventually(o.t, "the answer", func() bool { return len(o.sentTo(citizen)) == 1 }) {
		return
	}
	menu := o.sentTo(citizen)[0]
	if menu.Type != "msgmenu" || !strings.Contains(menu.Text, "照片收到了") || len(menu.Choices) < 2 || menu.Choices[0] != [2]string{"1", "反映诉求"} {
		o.t.Errorf("%+v", menu)
	}
	if !o.api.Typed(citizen) {
		o.t.Error("typing was not shown")
	}
	if r, err = reply(citizen); err != nil {
		o.t.Errorf("%s: %v", citizen, err)
	}
	eventually(o.t, "the next question", func() bool { // on a busy machine it follows too
		sent := o.sentTo(citizen)
		return strings.Contains(r.Content+sent[len(sent)-1].Text, "什么事")
	})
}

// TestTapWithAWord: an id that is no number is an answer like any other.
func TestTapWithAWord(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	o.hears("oTap", "我想预约办居住证", "大厅")
	r, err := o.account.Tap(t.Context(), "oTap", "svc-101", "南城街道政务服务中心")
	if err != nil || !strings.Contains(r.Content, "哪天") {
		t.Errorf("%+v %v", r, err)
	}
}

// TestAccountThatCannotWrite: an account without the right to write first
// holds the line, so that the platform's second or third try finds the
// answer; what takes longer is promised, and comes with the next answer.
func TestAccountThatCannotWrite(t *testing.T) {
	t.Parallel()
	o := openPunctual(t, wechat.Times{})
	o.api.Keep("slow", snapshot(t))
	o.api.Fail(wechattest.Fault{Path: sendPath, Times: 1000, Code: 48001})
	o.hears("oMute", "转人工", "人工")
	d := o.signIn("admin", o.admin)
	id := d.waiting()
	d.do(id, "take", "")
	d.do(id, "say", "人工的话。")
	eventually(t, "the refusal", func() bool {
		return strings.Contains(string(d.get("/metrics")), `guanjia_wechat_api_refusals_total{code="48001"} 1`)
	})
	d.do(id, "back", "")
	o.hears("oMute", "你好", "人工的话。") // held until now

	o.api.Fail(wechattest.Fault{Path: mediaPath, Times: 1, Drip: 6 * time.Second})
	if r, err := o.account.Image(t.Context(), "oMute", "slow"); err != nil || r.Try < 2 || !strings.Contains(r.Content, "照片收到了") {
		t.Errorf("the second try: %+v %v", r, err)
	}
	o.api.Fail(wechattest.Fault{Path: mediaPath, Times: 1, Drip: 30 * time.Second})
	r, err := o.account.Image(t.Context(), "oMute", "slow")
	if err != nil || r.Try != 3 || !strings.Contains(r.Content, "过后随便回我一句") {
		t.Fatalf("the third try: %+v %v", r, err)
	}
	eventually(t, "the promised answer", func() bool { return strings.Contains(o.say("oMute", "好了吗"), "照片没有传过来") })
}

// TestQuotaRunsOut: five messages may follow a citizen's word; the sixth waits
// for the next one.
func TestQuotaRunsOut(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	o.hears("oQuota", "转人工", "人工")
	d := o.signIn("admin", o.admin)
	id := d.waiting()
	d.do(id, "take", "")
	for n := 1; n <= 7; n++ {
		d.do(id, "say", fmt.Sprintf("第 %d 句。", n))
	}
	o.awaitSent("oQuota", 5)
	heard := ""
	eventually(t, "the held words", func() bool { // with the answer, or on their own now that they may be
		heard += o.say("oQuota", "收到")
		for _, m := range o.sentTo("oQuota") {
			heard += m.Text
		}
		return strings.Contains(heard, "第 6 句。") && strings.Contains(heard, "第 7 句。")
	})
	for n, m := range o.sentTo("oQuota")[:5] {
		if m.Text != fmt.Sprintf("第 %d 句。", n+1) {
			t.Errorf("message %d is %q", n+1, m.Text)
		}
	}
	if !strings.Contains(string(d.get("/metrics")), "guanjia_wechat_quota_citizens{left=") {
		t.Error("the quota is not among the figures")
	}
}

// TestVoices: a voice the platform did not recognise is transcribed where a
// model is named; otherwise, or when that fails, the citizen is asked to type.
func TestVoices(t *testing.T) {
	t.Parallel()
	words := "我想预约办居住证"
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, _, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		if raw, err := io.ReadAll(file); err != nil || string(raw) != "#!AMR\nvoice" {
			http.Error(w, "no voice", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"text":%q}`, words)
	}))
	t.Cleanup(endpoint.Close)
	deaf := openOfficial(t)
	hears := openOfficial(t, "GUANJIA_OPENAI_BASE_URL="+endpoint.URL, "GUANJIA_OPENAI_TRANSCRIBE_MODEL=whisper-1", "GUANJIA_OPENAI_API_KEY=k")
	for _, o := range []*official{deaf, hears} {
		o.api.Keep("v", []byte("#!AMR\nvoice"))
		o.api.Keep("noise", []byte("#!AMR\nnoise"))
	}
	for name, c := range map[string]struct {
		o            *official
		media, heard string
		want         string
	}{
		"recognised":  {deaf, "v", words, "大厅"},
		"deaf":        {deaf, "v", "", "打字"},
		"transcribed": {hears, "v", "", "大厅"},
		"noise":       {hears, "noise", "", "打字"},
		"gone":        {hears, "nothing", "", "打字"},
	} {
		r, err := c.o.account.Voice(t.Context(), "oVoice-"+name, c.media, c.heard)
		if err != nil || !strings.Contains(r.Content, c.want) {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}

// TestDrain: a message in hand when the program is asked to end is answered,
// and what comes then finds nobody.
func TestDrain(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	o.api.Keep("slow", snapshot(t))
	o.api.Fail(wechattest.Fault{Path: mediaPath, Times: 1, Drip: 2 * time.Second})
	answered := make(chan wechattest.Reply, 1)
	go func() {
		r, err := o.account.Image(t.Context(), "oLast", "slow")
		if err != nil {
			t.Error(err)
		}
		answered <- r
	}()
	eventually(t, "the picture to be asked for", func() bool { return o.api.Asked(mediaPath) == 1 })
	o.stop()
	if r := <-answered; !strings.Contains(r.Content, "照片收到了") {
		t.Errorf("%+v", r)
	}
	if r, err := o.account.Text(t.Context(), "oLate", "你好"); err == nil {
		t.Errorf("answered after the end: %+v", r)
	}
}
