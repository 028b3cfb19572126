package main

import (
	"fmt"
	"strings"
	"testing"

	"guanjia/bot/bottest/browser"
)

// operator is a tab with the desk open.
type operator struct{ *browser.Tab }

// operator hires someone and signs them in through the page.
func (d *doors) operator(b *browser.Browser, name string) operator {
	d.t.Helper()
	password := d.hire(name)
	o := operator{b.Tab(d.t)}
	o.Window(1280, 800)
	o.Open(d.inner)
	o.signIn(name, password)
	o.Until(`document.getElementById("state").textContent === "在线"`)
	return o
}

func (o operator) signIn(name, password string) {
	o.Until(`document.getElementById("password")`)
	o.Focus("#name")
	o.Write(name)
	o.Focus("#password")
	o.Write(password)
	o.Press(browser.Enter)
}

// reply writes to the citizen and waits until it stands in the conversation.
func (o operator) reply(text string) {
	o.Press(browser.Escape) // out of the box, if that is where the keyboard is
	o.Letters("r")
	o.Write(text)
	o.Press(browser.Enter)
	o.Until(fmt.Sprintf(`[...document.querySelectorAll("#lines .operator .words")].at(-1)?.textContent === %q`, text))
	o.Until(`document.getElementById("text").value === ""`)
	o.Press(browser.Escape)
}

// hears waits for the citizen's newest words in the open conversation.
func (o operator) hears(text string) {
	o.Until(fmt.Sprintf(`[...document.querySelectorAll("#lines .citizen .words")].at(-1)?.textContent === %q`, text))
}

// rows are the queue's rows in order, as they read.
func (o operator) rows() []string {
	return browser.Eval[[]string](o.Tab, `[...document.querySelectorAll("#rows section:not([hidden]) .row")].map((r) => r.textContent)`)
}

// write sends words without waiting for an answer: a person holds the talk.
func (c citizen) write(text string) {
	c.Focus("#box")
	c.Write(text)
	c.Press(browser.Enter)
}

// TestAPersonTakesOver walks a conversation from the bot to an operator and
// back, both sides in the browser.
func TestAPersonTakesOver(t *testing.T) {
	d := serve(t, going(tuesday()))
	b := browser.Start(t)
	o := d.operator(b, "小陈")
	o.Shoot("desk-empty")
	c := d.citizen(b)
	c.say("我想预约办居住证", "去哪个大厅")
	c.choose("市民服务中心", "哪天去")
	c.say("转人工", "下一位就是您")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 1`)
	o.Shoot("desk-waiting")
	o.Letters("a")
	o.Until(`document.getElementById("holding").textContent.includes("您在接待")`)
	o.Until(`document.getElementById("packet").textContent.includes("市民服务中心")`)
	o.reply("您好，我是小陈，看到您要办居住证。")
	c.Until(said("我是小陈"))
	c.Until(`document.getElementById("state").textContent.includes("小陈")`)
	o.Shoot("desk-held")

	c.write("我下周三才有空")
	o.hears("我下周三才有空")
	if got := c.last(); got != "我下周三才有空" {
		t.Errorf("while a person holds the conversation the bot said %q", got)
	}
	o.Press(browser.Escape)
	o.Letters("n")
	o.Write("市民周三有空")
	o.Press(browser.Enter)
	o.Until(`document.querySelector("#lines .note .words")?.textContent === "市民周三有空"`)
	o.Press(browser.Escape)
	o.reply("好的，下周三也有号，让智能助手接着帮您约。")
	c.Until(said("接着帮您约"))
	o.Letters("b")
	c.Until(said("智能助手陪您"))
	c.say("居住证要带什么材料", "哪天去")
	if seen := browser.Eval[string](c.Tab, `document.getElementById("lines").textContent`); !strings.Contains(seen, "居住证相片回执") {
		t.Error("given back to the bot, a question was not answered")
	}
	if seen := browser.Eval[string](c.Tab, `document.body.textContent`); strings.Contains(seen, "市民周三有空") {
		t.Error("the citizen's page shows an operator's note")
	}
	o.Until(`document.querySelectorAll("#rows .row").length === 0`)
	o.Until(`document.getElementById("holding").textContent.includes("机器人在答")`)
	o.Shoot("desk-back")
	c.Shoot("chat-back")
}

// TestEmergencyComesFirst sends an emergency past those who wait already.
func TestEmergencyComesFirst(t *testing.T) {
	d := serve(t, going(tuesday()))
	b := browser.Start(t)
	o := d.operator(b, "小陈")
	for range 2 {
		d.citizen(b).say("转人工", "已为您转人工")
	}
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 2`)
	d.citizen(b).say("我家着火了，快来人", "119")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 3`)
	if rows := o.rows(); !strings.Contains(rows[0], "着火") {
		t.Errorf("the queue begins with %q", rows[0])
	}
	o.Until(`!document.getElementById("alarm").hidden`)
	o.Shoot("desk-urgent")
	o.Letters("u")
	o.hears("我家着火了，快来人")
	o.Until(`document.getElementById("alarm").hidden`)
	o.Letters("t")
	o.reply("请先离开火场，我在。您现在安全吗")
	o.Shoot("desk-urgent-held")
}
