package web

import (
	"fmt"
	"testing"

	"guanjia/bot"
	"guanjia/bot/bottest/browser"
)

// long is a conversation with everything a page may have to hold.
func long(k *clerk, id string) {
	for _, l := range []bot.Line{
		{Speaker: bot.SpeakerCitizen, At: at(-3, "09:12"), Text: "你好"},
		{Speaker: bot.SpeakerBot, At: at(-3, "09:12"), Text: "您好，请说说您要办的事。"},
		{Speaker: bot.SpeakerCitizen, At: at(-1, "21:40"), Text: "身份证丢了，补办要带什么材料？我现在人在外地，老家是东莞的，之前那张身份证是2016年办的，户口还在莞城，能不能让家里人帮我去办，还是一定要本人去"},
		{Speaker: bot.SpeakerBot, At: at(-1, "21:40"), Text: reply(bot.Inbound{Text: "材料"})[0].Text, Source: "广东政务服务网《居民身份证补领》，2026年10月9日核对", Options: offer("旧的")},
		{Speaker: bot.SpeakerNote, At: at(-1, "21:41"), Text: "内部备注：不给市民看"},
		{Speaker: bot.SpeakerCitizen, At: at(0, "00:01"), Text: "https://example.com/" + fmt.Sprint(make([]int, 60))},
		{Speaker: bot.SpeakerCitizen, At: at(0, "00:01"), Text: "楼下漏水", Channel: bot.WeChat},
		{Speaker: bot.SpeakerOperator, Name: "小陈", At: at(0, "00:02"), Text: "您好，我是市民服务中心的小陈，看到您说的情况了。"},
		{Speaker: bot.SpeakerOperator, Name: "小陈", At: at(0, "00:02"), Text: "请问是哪一栋？"},
		{Speaker: bot.SpeakerBot, At: at(0, "00:03"), Text: "请您核对：\n事项：居住证办理（首次申领）\n大厅：市民服务中心\n时间：2026年12月2日（周三）15:00\n都对吗？", Options: offer("确认预约", "改时间或者换一个离我住的地方更近一点的政务服务中心", "不办了")},
	} {
		k.say(id, l)
	}
}

// TestEveryWidth looks at the page at every width of the design, light and
// dark, with no, little and much content: nothing is wider than the window,
// and axe finds nothing serious.
func TestEveryWidth(t *testing.T) {
	b := browser.Start(t)
	p := open(t)
	sizes := []struct{ w, h int64 }{{320, 568}, {390, 844}, {1280, 800}, {1920, 1080}}
	for _, theme := range []string{"light", "dark"} {
		tab := p.tab(t, b)
		tab.Scheme(theme)
		see := func(state string) {
			for _, s := range sizes {
				tab.Window(s.w, s.h)
				tab.Settle()
				tab.Shoot(fmt.Sprintf("%s-%s-%d", state, theme, s.w))
				if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s, %s, %d px: the page is %d px too wide", state, theme, s.w, over)
				}
				if over := browser.Eval[int](tab, `(l => l.scrollWidth - l.clientWidth)(document.getElementById("log"))`); over > 0 {
					t.Errorf("%s, %s, %d px: the log is %d px too wide", state, theme, s.w, over)
				}
				if s.w == 320 || s.w == 1280 { // the two layouts there are
					for _, f := range tab.Findings() {
						t.Errorf("%s, %s, %d px: %s", state, theme, s.w, f)
					}
				}
			}
		}
		see("greeting")
		id := p.newest(t)
		long(p.clerk, id)
		p.chat.poke(id)
		tab.Until(`document.querySelectorAll(".msg").length >= 10`)
		see("long")
		tab.Click("#large")
		see("large")
		tab.Window(390, 844)
		tab.Click("#large")
		tab.Click("#swap")
		tab.Click(".menu:last-child .top")
		see("menu")
		tab.Window(390, 844)
		tab.Click("#swap")
		tab.Click("#about-open")
		see("about")
	}
}
