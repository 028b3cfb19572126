package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// citizen is a tab with the try-it chat open.
type citizen struct{ *browser.Tab }

func (d *running) citizen(b *browser.Browser) citizen {
	d.t.Helper()
	tab := b.Tab(d.t)
	tab.Open(d.public)
	tab.Until(`document.querySelectorAll(".msg.bot").length > 0`)
	return citizen{tab}
}

// said is a JavaScript condition: the newest message holds some words. The
// last message there is the bot's or an operator's, and nothing is on its way.
func said(words string) string {
	return fmt.Sprintf(`((m) => m && !m.classList.contains("mine") && m.querySelector(".bubble").textContent.includes(%q))(`+
		`[...document.querySelectorAll("#lines > .msg")].at(-1))`, words)
}

// say writes a message and waits for the words that should answer it.
func (c citizen) say(text, answer string) {
	c.Focus("#box")
	c.Write(text)
	c.Press(browser.Enter)
	c.Until(said(answer))
}

// choose presses the option under the last message.
func (c citizen) choose(option, answer string) {
	at := fmt.Sprintf(`([...document.querySelectorAll(".options > *")].findIndex((o) => o.querySelector("span").textContent.includes(%q)) + 1)`, option)
	c.Until(at)
	c.Click(fmt.Sprintf(".options > :nth-child(%d)", browser.Eval[int](c.Tab, at)))
	c.Until(said(answer))
}

// menu presses an entry of the menu below the chat.
func (c citizen) menu(entry, answer string) {
	if browser.Eval[bool](c.Tab, `document.getElementById("deck").dataset.mode === "keyboard"`) {
		c.Click("#swap")
	}
	n := browser.Eval[[]int](c.Tab, fmt.Sprintf(`[...document.querySelectorAll(".menu")].flatMap((m, i) =>
		[...m.querySelectorAll(".sub li")].flatMap((li, j) => (li.textContent.trim() === %q ? [i + 1, j + 1] : [])))`, entry))
	c.Click(fmt.Sprintf(".menu:nth-child(%d) .top", n[0]))
	c.Click(fmt.Sprintf(".menu:nth-child(%d) .sub li:nth-child(%d) button", n[0], n[1]))
	c.Until(said(answer))
	c.Click("#swap")
}

// last is the newest message.
func (c citizen) last() string {
	return browser.Eval[string](c.Tab, `[...document.querySelectorAll(".bubble")].at(-1).textContent`)
}

// TestBookInTheBrowser walks the way of a whole appointment in the page: book,
// ask what to bring in between and be asked again where one was, correct the
// day at the confirmation, change one's mind, begin again, confirm, find the
// number under 我的预约, cancel it.
func TestBookInTheBrowser(t *testing.T) {
	d := serve(t, going(tuesday()))
	c := d.citizen(browser.Start(t))
	c.say("我想预约办居住证", "去哪个大厅")
	c.choose("市民服务中心", "哪天去")
	c.say("要带什么材料", "哪天去")
	if got := browser.Eval[string](c.Tab, `[...document.querySelectorAll(".bubble")].at(-2).textContent`); !strings.Contains(got, "居住证相片回执") {
		t.Errorf("asked in between what to bring, the bot said %q", got)
	}
	c.Shoot("e2e-between")
	c.choose("11月26日", "这些时段有号")
	c.choose("15:00", "姓名")
	c.say("陈小明", "手机号")
	c.say("138 0013 8000", "请核对")
	c.say("日期改成27号", "2026年11月27日（周五） 15:00")
	c.Shoot("e2e-confirm")
	c.say("算了，先不约了", "随时告诉我")
	c.say("预约居住证，11月30日上午九点，市民服务中心", "姓名")
	c.say("陈小明", "手机号")
	c.say("13800138000", "2026年11月30日（周一） 09:00")
	c.say("等等，时间改成下午两点", "2026年11月30日（周一） 14:00")
	c.choose("确认", "约好了")
	number := regexp.MustCompile(`YY\d{10,}`).FindString(c.last())
	if number == "" {
		t.Fatalf("no number in %q", c.last())
	}
	c.Shoot("e2e-booked")
	c.menu("我的预约", number)
	if got := d.list("appointments"); len(got) != 1 || got[0]["number"] != number || got[0]["date"] != "2026-11-30" || got[0]["time"] != "14:00" || got[0]["status"] != "booked" {
		t.Errorf("the records hold %v", got)
	}
	c.say("取消这个预约", "确认取消吗")
	c.choose("确认取消", "已取消")
	c.menu("我的预约", "没有还没办的预约")
	if got := d.list("appointments"); len(got) != 1 || got[0]["status"] != "cancelled" {
		t.Errorf("after cancelling the records hold %v", got)
	}
	c.Reload()
	c.Until(said("没有还没办的预约"))
	c.Shoot("e2e-end")
}

// TestPictureAndPlace sends a picture and a place, and walks by keyboard.
func TestPictureAndPlace(t *testing.T) {
	d := serve(t, going(tuesday()))
	c := d.citizen(browser.Start(t))
	c.Focus(".options button:nth-child(3)") // 急难求助
	c.Press(browser.Enter)
	c.Until(`document.querySelectorAll(".msg.mine").length === 1 && !document.getElementById("lines").lastElementChild.classList.contains("mine")`)

	path := filepath.Join(t.TempDir(), "roof.png")
	raw, err := io.ReadAll(dot(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Click("#more")
	c.Upload("#file", path)
	c.Until(`document.getElementById("preview").open`)
	c.Click("#preview-send")
	c.Until(`[...document.querySelectorAll(".photo img")].some((i) => i.complete && i.naturalWidth === 8)`)
	c.Until(`!document.getElementById("lines").lastElementChild.classList.contains("mine")`)
	c.Reload()
	c.Until(`[...document.querySelectorAll(".photo img")].some((i) => i.complete && i.naturalWidth === 8 && i.src.includes("/chat/picture/"))`)

	c.Click("#more")
	c.Click("#pick-place")
	c.Until(`document.getElementById("place").open`)
	c.Shoot("chat-place")
	c.Click(`[data-town="虎门镇"]`)
	c.Until(`[...document.querySelectorAll(".msg.mine")].at(-1).textContent.includes("虎门")`)
	c.Until(`!document.getElementById("lines").lastElementChild.classList.contains("mine")`)
	c.Shoot("chat-picture")
}

// TestChatComesBack cuts a citizen's phone off: what is written meanwhile goes
// out once, what a person answered meanwhile arrives, nothing stands twice.
func TestChatComesBack(t *testing.T) {
	d := serve(t, going(tuesday()))
	cable := relayTo(t, d.public)
	tab := browser.Start(t).Tab(t)
	tab.Open(cable.address)
	c := citizen{tab}
	c.Until(said("莞家政务"))
	c.say("转人工", "已为您转人工")
	o := d.colleague("小陈")
	_, rows := o.queue()
	at := "/desk/conversation/" + rows[0]["citizen"].(string)
	if got := o.post(at+"/take", object{}); got.status != 200 {
		t.Fatalf("take: %d", got.status)
	}
	cable.cut()
	c.write("断线时写的话")
	c.Until(`document.querySelector(".msg.mine .state.failed")`)
	c.Shoot("chat-cut")
	if got := o.post(at+"/say", object{"text": "您好，我在", "key": "while-cut-1", "seen": 1 << 40}); got.status != 200 {
		t.Fatalf("say: %d %s", got.status, got.text)
	}
	cable.mend()
	c.Until(`[...document.querySelectorAll(".msg.operator .bubble")].some((b) => b.textContent === "您好，我在")`)
	c.Until(`!document.querySelector(".msg.mine .state") && document.getElementById("net").hidden`)
	said := 0
	for _, l := range o.talkLines(rows[0]["citizen"].(string)) {
		if l["text"] == "断线时写的话" {
			said++
		}
	}
	shown := browser.Eval[int](c.Tab, `[...document.querySelectorAll(".bubble")].filter((b) => b.textContent === "断线时写的话").length`)
	if said != 1 || shown != 1 {
		t.Errorf("written once, it stands %d times in the records and %d times on the page", said, shown)
	}
}
