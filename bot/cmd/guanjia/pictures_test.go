package main

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"os"
	"testing"
	"time"

	"guanjia/bot/bottest/browser"
)

// The pictures in README are taken by these tests:
//
//	go test ./bot/cmd/guanjia -run Picture -pictures
var takePictures = flag.Bool("pictures", false, "write the pictures README shows")

// keep checks a picture of README, after writing it if that was asked for.
func keep(t *testing.T, tab *browser.Tab, path string, w, h int) {
	t.Helper()
	if *takePictures {
		if err := os.WriteFile(path, tab.Picture(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; take it with -pictures", err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil || size.Width != w || size.Height != h || len(raw) > 300<<10 {
		t.Errorf("%s: %v, %d × %d, %d bytes; it should be %d × %d and at most 300 KiB", path, err, size.Width, size.Height, len(raw), w, h)
	}
}

// TestPictureOfTheChat takes a lively conversation on a phone.
func TestPictureOfTheChat(t *testing.T) {
	d := serve(t, going(tuesday()))
	c := d.citizen(browser.Start(t))
	c.say("下周一下午想去市民服务中心办居住证", "时段有号")
	c.choose("15:00", "姓名")
	c.say("要带什么材料", "姓名")
	c.say("陈小明", "手机号")
	c.say("138 0013 8000", "请核对")
	browser.Eval[bool](c.Tab, `document.activeElement.blur() === undefined`)
	keep(t, c.Tab, "../../../channels/web/testdata/chat.png", 390, 844)
}

// busyDesk fills the desk with conversations of many kinds and leaves the
// operator in the midst of one.
func busyDesk(t *testing.T, w *wheel, d *running, b *browser.Browser) operator {
	t.Helper()
	o, p := d.operator(b, "陈静"), d.colleague("李伟")
	d.speak("wechat", "c2041", "我想预约办居住证", "虎门", "11月26日", "15:00", "陈美玲", "13812345678", "我带着孩子一起去可以吗，转人工")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 1`)
	o.Letters("a")
	o.Until(`document.getElementById("holding").textContent.includes("您在接待")`)
	o.reply("您好，我是虎门大厅的陈静。可以带孩子一起来，孩子不用另外取号。")
	d.speak("wechat", "c2041", "孩子的居住证能同一天办吗？他在虎门上小学")
	o.hears("孩子的居住证能同一天办吗？他在虎门上小学")
	o.Press(browser.Escape)
	o.Letters("n")
	o.Write("孩子随父母申领，带出生证和学籍证明。")
	o.Press(browser.Enter)
	o.Until(`document.querySelectorAll("#lines .note").length === 1`)
	d.speak("web", "c2045", "粤康码还能用吗", "我说的是港澳居民，转人工")
	_, rows := p.queue()
	for _, r := range rows {
		if r["citizen"] == "c2045" {
			p.post("/desk/conversation/c2045/take", object{})
		}
	}
	d.speak("phone", "c2047", "楼下工地半夜还在施工，我要投诉", "南城街道鸿福路 108 号旁边", "转人工")
	w.turn(4 * time.Minute)
	d.speak("wechat", "c2052", "我爸爸一个人住，腿摔断了没钱看病，想申请帮助", "东城街道", "转人工")
	w.turn(90 * time.Second)
	d.speak("web", "c2058", "那个东西怎么弄", "就是上次那个", "不是，是另一个", "转人工")
	d.speak("phone", "c2060", "我妈在家摔倒了起不来，流了很多血")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 4 && document.querySelectorAll("[data-part=others] .row").length === 1`)
	o.Press(browser.Escape)
	o.Letters("r")
	o.Write("可以，同一天办。请带上孩子的")
	return o
}

// TestPictureOfTheDesk looks at a busy desk at every width, light and dark:
// nothing is too wide, axe finds nothing serious.
func TestPictureOfTheDesk(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	b := browser.Start(t)
	fresh := b.Tab(t)
	fresh.Open(d.inner + "/desk/login?ended")
	looks(t, fresh, "desk-login", 320, 1280)
	empty := d.operator(b, "王芳")
	looks(t, empty.Tab, "desk-none", 320, 390, 1280)

	o := busyDesk(t, w, d, b)
	o.Window(1280, 800)
	keep(t, o.Tab, "../../../channels/desk/testdata/desk.png", 1280, 800)
	looks(t, o.Tab, "desk-busy", 320, 390, 768, 1280, 1920)
	o.Window(390, 844)
	o.Click("#to-queue")
	looks(t, o.Tab, "desk-list", 320, 390)
	o.Window(1280, 800)
	o.Press(browser.Escape)
	o.Letters("?")
	looks(t, o.Tab, "desk-keys", 320, 1280)
	theTools(t, d, o)
}

// theTools opens what operators work with: what is written often, the guides,
// passing on, and the wall.
func theTools(t *testing.T, d *running, o operator) {
	t.Helper()
	o.Press(browser.Escape)
	o.Letters("r")
	browser.Eval[bool](o.Tab, `document.getElementById("text").select() === undefined`)
	o.Write("/问")
	o.Until(`document.querySelectorAll("#palette li").length > 0`)
	looks(t, o.Tab, "desk-palette", 1280) // narrow it would show the list, and close
	o.Until(`!document.getElementById("palette").hidden`)
	browser.Eval[bool](o.Tab, `document.getElementById("text").select() === undefined`)
	o.Write("/问好")
	o.Until(`document.querySelectorAll("#palette li").length === 1`)
	o.Press(browser.Enter)
	o.Until(`document.getElementById("text").value.startsWith("您好，我是")`)
	o.Press(browser.Escape)
	o.Letters("g")
	o.Write("身份证丢了要带什么")
	o.Until(`document.querySelectorAll("#guides-found li").length > 0`)
	looks(t, o.Tab, "desk-guides", 320, 1280)
	o.Press(browser.Enter)
	o.Until(`document.getElementById("text").value.includes("来源") || document.getElementById("text").value.includes("依据")`)
	o.Press(browser.Escape)
	o.Letters("p")
	o.Until(`document.querySelectorAll("#passing-to option").length > 1`)
	looks(t, o.Tab, "desk-passing", 320, 1280)
	admin := operator{o.Another()}
	admin.Open(d.inner + "/desk/wall") // an operator's cookie: refused
	admin.Until(`document.body.textContent.includes("只有班长和管理员")`)
}

// looks checks a page at some widths, light and dark.
func looks(t *testing.T, tab *browser.Tab, name string, widths ...int64) {
	t.Helper()
	heights := map[int64]int64{320: 568, 390: 844, 768: 1024, 1280: 800, 1920: 1080}
	for _, scheme := range []string{"light", "dark"} {
		tab.Scheme(scheme)
		for _, w := range widths {
			tab.Window(w, heights[w])
			what := fmt.Sprintf("%s-%s-%d", name, scheme, w)
			tab.Shoot(what)
			if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s: %d px too wide", what, over)
			}
			for _, f := range tab.Findings() {
				t.Errorf("%s: %s", what, f)
			}
		}
	}
	tab.Scheme("light")
}
