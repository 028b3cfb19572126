package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// TestRequestsByTaps follows a wish on the citizens' pages from its filing in
// the chat of the same browser to the thanks and the second answer.
func TestRequestsByTaps(t *testing.T) {
	s := staff(t, "humen", "social", "centre")
	town, social, centre := s.people["humen"], s.people["social"], s.people["centre"]
	b := browser.Start(t)
	chat := s.citizen(b)
	chat.say("我爸瘫痪在床，想要一张轮椅，大概800元，虎门镇，登记微心愿", "什么路几号")
	chat.say("跳过", "怎么称呼您")
	chat.say("王芳", "手机号")
	chat.say("13712345699", "请核对")
	chat.say("同意", "政策可能用得上")
	n := s.list("tickets")[3]["number"].(string)
	eventually(t, "the wish to go out", func() bool { return s.list("tickets")[3]["status"] == "dispatched" })

	v := visitor{chat.Another()}
	v.Open(s.public + "/h5/requests")
	v.on("我的诉求")
	v.Until(`document.body.innerText.includes("最迟 11月25日")`)
	looks(t, v.Tab, "h5-requests", 320, 1280)
	v.goes("轮椅", "轮椅等辅具求助")
	v.Until(`document.body.innerText.includes("还没公开，先看现行政策和慈善资金")`)
	looks(t, v.Tab, "h5-request", 320, 1280)

	v.goes("补充文字或照片", "补充")
	v.goes("提交", "请看一看")
	looks(t, v.Tab, "h5-deed-wrong", 320)
	v.fill("words", "轮椅要能折叠的")
	photo := filepath.Join(t.TempDir(), "a.png")
	picture, err := io.ReadAll(dot(t))
	if err == nil {
		err = os.WriteFile(photo, picture, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	v.Upload("#picture", photo)
	v.goes("提交", "轮椅等辅具求助")
	v.Until(`document.querySelector(".done").textContent.includes("补充好了") && document.body.innerText.includes("轮椅要能折叠的")`)
	page := browser.Eval[string](v.Tab, `document.querySelector("a[href*='/picture/']").href`)
	browser.Eval[bool](v.Tab, fmt.Sprintf(`document.body.append(Object.assign(new Image(), {alt: "", src: %q})) === undefined`, page))
	v.Until(`document.images.length === 1 && document.images[0].naturalWidth > 0`)
	v.goes("催一下", "轮椅等辅具求助")
	v.Until(`document.querySelector(".done").textContent.includes("已帮您催办")`)
	v.goes("撤回", "撤回")
	looks(t, v.Tab, "h5-withdraw", 320)
	v.goes("先不撤回", "轮椅等辅具求助")

	s.publish(town, social, n)
	s.speak("wechat", "c9", "我想认领一个微心愿", "1", "李强 13612345678", "确认")
	for _, deed := range []string{"confirm", "deliver"} {
		if got := social.form("/desk/work/claims/"+n+"/1/"+deed, "words", "轮椅交到家里"); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", deed, got.status, got.text)
		}
	}
	v.Open(s.public + "/h5/requests/" + n)
	v.goes("说句谢谢", "说句谢谢")
	v.fill("words", "谢谢您，我爸能出门晒太阳了")
	v.goes("请社工转达", "轮椅等辅具求助")
	pass := func(id int, words string) {
		t.Helper()
		if got := social.form(fmt.Sprintf("/desk/work/claims/%s/words/%d/pass", n, id), "words", words); got.status != http.StatusSeeOther {
			t.Fatalf("pass on: %d %s", got.status, got.text)
		}
	}
	pass(1, "谢谢您，我爸能出门晒太阳了")
	s.speak("wechat", "c9", "回话 "+n+" 不客气，注意防滑")
	pass(2, "不客气，注意防滑")
	v.Open(s.public + "/h5/requests/" + n)
	v.Until(`document.body.innerText.includes("帮您的人说：不客气，注意防滑") && document.body.innerText.includes("您说：谢谢您，我爸能出门晒太阳了")`)

	answer := func(words string) {
		t.Helper()
		town.step(n, "reply", "words", words)
		centre.step(n, "approve")
		eventually(t, "the closing", func() bool { return s.list("tickets")[3]["status"] == "closed" })
		v.Open(s.public + "/h5/requests/" + n)
	}
	answer("轮椅已送到家。")
	v.Until(`document.body.innerText.includes("轮椅已送到家。") && document.body.innerText.includes("前可以要求重新办理")`)
	looks(t, v.Tab, "h5-closed", 320)
	v.goes("没解决", "没解决")
	v.goes("要求重新办理", "请看一看")
	v.fill("words", "轮子转不动，想换一台")
	v.goes("要求重新办理", "轮椅等辅具求助")
	v.Until(`document.querySelector(".done").textContent.includes("重新办理")`)
	centre.step(n, "dispatch", "to", "t:humen", "words", "请换一台")
	town.step(n, "sign")
	town.step(n, "contact", "words", "已联系")
	answer("换好了。")
	v.goes("满意", "轮椅等辅具求助")
	v.Until(`document.querySelector(".done").textContent.includes("谢谢您的评价")`)
	v.Open(s.public + "/h5/requests")
	v.goes("大字", "我的诉求")
	v.Until(`document.documentElement.dataset.size === "large"`)
	looks(t, v.Tab, "h5-requests-large", 320)
	v.Open(s.public + "/h5/requests/" + n)
	looks(t, v.Tab, "h5-request-large", 320)

	other := visitor{b.Tab(t)}
	other.Open(s.public + "/h5/requests/" + n)
	other.signIn("13900139000", "没有找到这一件")
	if text := browser.Eval[string](other.Tab, `document.body.innerText`); strings.Contains(text, "轮椅") {
		t.Errorf("a stranger reads %q", text)
	}
	other.Open(s.public + "/h5/requests")
	other.on("我的诉求")
	looks(t, other.Tab, "h5-requests-none", 320)
	stranger := newClient(t, s.public)
	for _, path := range []string{"/h5/requests", "/h5/requests/" + n, "/h5/requests/" + n + "/withdraw", strings.TrimPrefix(page, s.public), "/h5/claims/" + n} {
		if got := stranger.get(path); got.status != http.StatusSeeOther {
			t.Errorf("%s without a sign-in: %d", path, got.status)
		}
	}
	if got := stranger.form("/h5/requests/"+n+"/withdraw", "key", "12345678"); got.status != http.StatusSeeOther || s.list("tickets")[3]["status"] != "closed" {
		t.Errorf("a stranger withdraws it: %d", got.status)
	}
}
