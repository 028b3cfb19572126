package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"guanjia/bot/bottest/browser"
)

// TestRepliesAtDesk answers a citizen in every way there is beside plain words:
// a quick reply that does not exist is asked about before it goes, options are
// tapped, a picture is looked at and sent, and the conversation is given back
// with a word for colleagues.
func TestRepliesAtDesk(t *testing.T) {
	d := serve(t, going(tuesday()))
	b := browser.Start(t)
	o, c := d.operator(b, "小陈"), d.citizen(b)
	c.say("转人工", "下一位就是您")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 1`)
	if rows := o.rows(); len(rows) != 1 || rows[0] != "市民 "+rows[0][len("市民 "):len("市民 ")+4]+"网页刚来转人工要求人工" {
		t.Errorf("who only asked for a person reads %q", rows)
	}
	o.Letters("a")
	o.Until(`document.getElementById("holding").textContent.includes("您在接待") && document.activeElement.id === "text"`)

	o.Write("/无此词")
	o.Press(browser.Enter)
	o.Until(`document.getElementById("why").textContent.includes("没有“/无此词”这条常用语")`)
	o.Shoot("desk-no-such-quick")
	if n := browser.Eval[int](o.Tab, `document.querySelectorAll("#lines .operator").length`); n != 0 {
		t.Error("it was sent before the operator was asked")
	}
	o.Press(browser.Enter)
	c.Until(said("/无此词"))
	o.Until(`document.getElementById("text").value === "" && document.getElementById("why").textContent === ""`)

	o.Press(browser.Escape)
	o.Letters("c")
	o.Until(`document.activeElement.id === "offered"`)
	o.Write("上午、下午，上午")
	o.Press(browser.Enter)
	o.Until(`document.activeElement.id === "text"`)
	o.Write("什么时候方便？")
	o.Shoot("desk-options")
	o.Press(browser.Enter)
	c.Until(`[...document.querySelectorAll(".options > *")].map((e) => e.querySelector("span").textContent).join() === "上午,下午"`)
	o.Until(`document.getElementById("offering").hidden && document.getElementById("text").value === ""`)
	c.Click(".options > :nth-child(2)")
	o.hears("下午")

	path := filepath.Join(t.TempDir(), "map.png")
	raw, err := io.ReadAll(dot(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Upload("#picture-file", path)
	o.Until(`document.getElementById("picturing").open && document.getElementById("picturing-shown").naturalWidth === 8`)
	o.Click(`#picturing button[value=no]`)
	o.Upload("#picture-file", path)
	o.Until(`document.getElementById("picturing").open`)
	o.Click(`#picturing button[value=yes]`)
	for _, tab := range []*browser.Tab{o.Tab, c.Tab} {
		tab.Until(`[...document.querySelectorAll(".photo img")].filter((i) => i.complete && i.naturalWidth === 8).length === 1`)
	}
	c.Shoot("chat-picture-from-desk")

	o.Focus("#tag-name")
	o.Write("材料不齐")
	o.Press(browser.Enter)
	o.Until(`document.querySelector("#packet .tag")?.textContent.includes("材料不齐") && document.getElementById("tag-name").value === ""`)
	o.Press(browser.Escape)
	o.Letters("e")
	o.Until(`document.getElementById("ending").open`)
	o.Focus("#ending-note")
	o.Write("证件已经核对过")
	o.Click(`#ending button[value=back]`)
	o.Until(`document.getElementById("holding").textContent.includes("机器人在答") && [...document.querySelectorAll("#lines .note .words")].at(-1)?.textContent === "证件已经核对过"`)
	c.Until(said("智能助手"))
}
