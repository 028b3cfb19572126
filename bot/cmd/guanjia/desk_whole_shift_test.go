package main

import (
	"fmt"
	"testing"

	"guanjia/bot/bottest/browser"
)

// tabTo goes by Tab until what has the focus reads or is named so.
func (o operator) tabTo(what string) {
	o.Tab.Until(`document.activeElement`)
	for range 80 {
		if browser.Eval[bool](o.Tab, fmt.Sprintf(`document.activeElement.textContent.trim().startsWith(%q) || document.activeElement.id === %q`, what, what)) {
			return
		}
		o.Press(browser.TabKey)
	}
	o.Tab.Until(fmt.Sprintf(`false && %q`, "the keyboard never comes to "+what))
}

// TestAWholeShiftByKeyboard does an operator's day without a mouse: on duty,
// take, look up, fill in the form the bot began, read it back, carry it out on
// the citizen's yes, note a colleague's name, dispatch nothing that is done,
// tag, pass on, end; and the pages are looked at with all that on them.
func TestAWholeShiftByKeyboard(t *testing.T) {
	d := serve(t, going(tuesday()))
	b := browser.Start(t)
	o := d.operator(b, "小陈")
	colleague := d.colleague("小李")
	d.speak("wechat", "c1", "我想预约办居住证", "虎门", "转人工")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 1`)
	o.Letters("a")
	o.Until(`document.getElementById("holding").textContent.includes("您在接待")`)
	o.Write("/")
	o.Until(`!document.getElementById("palette").hidden`)
	o.Press(browser.Enter)
	o.Press(browser.Enter)
	o.Until(`[...document.querySelectorAll("#lines .operator .words")].at(-1)?.textContent.includes("我是小陈")`)
	o.Press(browser.Escape)

	o.Letters("f") // the field that is asked for
	o.Until(`document.activeElement.id === "field-date"`)
	o.Write("11月26日")
	o.Press(browser.Enter)
	o.Until(`document.querySelector("#packet .said")?.textContent.includes("时段") || document.querySelectorAll("#packet .form .options button").length > 2`)
	o.Until(`document.activeElement.id === "field-time"`) // Enter goes on to what is asked next
	looks(t, o.Tab, "desk-form", 320, 1280)
	o.Window(1280, 800)
	o.tabTo("field-time") // the look at a narrow page took the focus
	o.Write("15:00")
	o.Press(browser.Enter)
	o.Until(`document.activeElement.id === "field-name"`)
	o.Write("陈小明")
	o.Press(browser.TabKey) // leaving a field saves it as well
	o.Until(`document.querySelector("#packet .said")?.textContent.includes("手机号")`)
	o.tabTo("field-phone")
	o.Write("13800138000")
	o.Press(browser.Enter)
	o.Until(`document.querySelector("#packet .said")?.textContent.includes("请核对")`)
	o.Until(`document.activeElement.textContent === "念给市民核对"`)
	o.Press(browser.Enter)
	o.Until(`[...document.querySelectorAll("#lines .operator .words")].at(-1)?.textContent.includes("请核对")`)
	d.speak("wechat", "c1", "确认")
	o.Until(`[...document.querySelectorAll("#packet .form button")].some((b) => b.textContent.includes("市民已同意"))`)
	looks(t, o.Tab, "desk-agreed", 1280)
	o.Press(browser.Escape)
	o.Letters("f")
	o.tabTo("市民已同意")
	o.Press(browser.Enter)
	o.Until(`[...document.querySelectorAll("#lines .operator .words")].at(-1)?.textContent.includes("约好了，预约号 YY")`)
	o.Until(`[...document.querySelectorAll("#lines .note .words")].at(-1)?.textContent.includes("代市民办理")`)

	o.Letters("l")
	o.Until(`document.querySelector("#packet .matters")?.textContent.includes("YY")`)
	looks(t, o.Tab, "desk-matters", 320, 1280)
	o.Window(1280, 800)
	o.Letters("n")
	o.Write("@XL") // by the initials in pinyin
	o.Until(`document.querySelector("#palette:not([hidden]) li strong")?.textContent === "小李"`)
	browser.Eval[bool](o.Tab, `(() => { const t = document.getElementById("text"); t.value = ""; t.dispatchEvent(new Event("input")); return true; })()`)
	o.Write("@小")
	o.Until(`document.querySelector("#palette:not([hidden]) li strong")?.textContent === "小李"`)
	if kept := browser.Eval[string](o.Tab, `(() => { // the cursor is elsewhere: nothing is chosen, and nothing lost
		const t = document.getElementById("text");
		t.setSelectionRange(0, 0);
		t.dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true, cancelable: true }));
		return t.value;
	})()`); kept != "@小" {
		t.Fatalf("the note holds %q", kept)
	}
	browser.Eval[bool](o.Tab, `(() => { const t = document.getElementById("text"); t.setSelectionRange(2, 2); t.dispatchEvent(new Event("input")); return true; })()`)
	o.Until(`document.querySelector("#palette:not([hidden]) li strong")?.textContent === "小李"`)
	o.Press(browser.Enter)
	o.Until(`document.getElementById("text").value === "@小李 "`)
	o.Write("居住证约好了，您回访一下")
	o.Press(browser.Enter)
	o.Until(`[...document.querySelectorAll("#lines .note .words")].at(-1)?.textContent.includes("@小李")`)
	o.Press(browser.Escape)
	if said := colleague.get("/desk/queue").json(t)["mentions"].([]any); len(said) != 1 {
		t.Errorf("the colleague is told %v", said)
	}
	o.tabTo("tag-name")
	o.Write("回访")
	o.Press(browser.Enter)
	o.Until(`document.querySelector("#packet .tag")?.textContent.includes("回访")`)
	o.Press(browser.Escape)
	o.Letters("p")
	o.Until(`document.getElementById("passing").open && document.getElementById("passing-to").options.length > 1`)
	o.Press(browser.Escape)
	o.Until(`!document.getElementById("passing").open`)
	o.Letters("e")
	o.Until(`document.getElementById("ending").open`)
	o.Press(browser.Enter) // in the note, as in what is sent
	o.Until(`document.querySelectorAll("#rows .row").length === 0`)
	o.Until(`[...document.querySelectorAll("#lines .bot .words")].at(-1)?.textContent.includes("您满意吗")`)
}
