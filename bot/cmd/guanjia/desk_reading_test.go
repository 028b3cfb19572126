package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"guanjia/bot/bottest/browser"
)

// reader is an operator who scrolls in the open conversation.
type reader struct{ operator }

// at is how far from the top of the conversation they read.
func (r reader) at() int {
	r.Settle()
	return browser.Eval[int](r.Tab, `Math.round(document.getElementById("scroll").scrollTop)`)
}

// up scrolls up.
func (r reader) up(by int) {
	browser.Eval[bool](r.Tab, fmt.Sprintf(`new Promise((there) => {
		const scroll = document.getElementById("scroll");
		scroll.addEventListener("scroll", () => there(true), { once: true });
		scroll.scrollTop -= %d;
	})`, by))
}

// stays fails where they read elsewhere than before.
func (r reader) stays(t *testing.T, was int, while string) {
	t.Helper()
	if at := r.at(); at != was {
		t.Errorf("while %s one who reads at %d is taken to %d", while, was, at)
	}
}

// atTheEnd waits until the end of the conversation is seen.
func (r reader) atTheEnd() {
	r.Until(`((s) => s.scrollHeight - s.clientHeight - s.scrollTop < 1)(document.getElementById("scroll"))`)
}

// writes puts so many lines into the box, without sending them.
func (r reader) writes(lines int) {
	browser.Eval[bool](r.Tab, fmt.Sprintf(`(() => {
		const text = document.getElementById("text");
		text.value = Array.from({ length: %d }, (_, i) => "第" + i + "行").join("\n");
		text.dispatchEvent(new Event("input", { bubbles: true }));
		return true;
	})()`, lines))
}

// TestTheDeskStaysWhereOneReads: whoever reads further up stays there, whatever
// is said, sent, typed and loaded meanwhile, and is told that there is something
// new; whoever reads the end sees the end, also when a conversation is opened and
// its pictures come late.
func TestTheDeskStaysWhereOneReads(t *testing.T) {
	d := serve(t, going(tuesday()))
	o := reader{d.operator(browser.Start(t), "小陈")}
	d.speak("wechat", "c1", "转人工")
	o.Until(`document.querySelectorAll("[data-part=waiting] .row").length === 1`)
	o.Letters("a")
	o.Until(`document.getElementById("holding").textContent.includes("您在接待")`)
	var words []string
	for i := range 220 {
		words = append(words, fmt.Sprintf("第 %d 句，楼下半夜太吵", i))
	}
	d.speak("wechat", "c1", words...)
	o.hears(words[len(words)-1])
	o.atTheEnd()

	o.up(300)
	was := o.at()
	d.speak("wechat", "c1", "还有一句要说的话")
	o.hears("还有一句要说的话")
	o.Until(`!document.getElementById("newer").hidden`)
	o.stays(t, was, "a citizen writes")
	o.writes(8)
	o.stays(t, was, "a long reply is typed")
	o.Until(`((b) => document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2) === document.getElementById("newer"))(document.getElementById("newer").getBoundingClientRect())`)
	o.Shoot("desk-newer")
	o.Click("#newer")
	o.atTheEnd()
	for _, lines := range []int{1, 8, 0} {
		o.writes(lines)
		o.atTheEnd()
	}

	var tall bytes.Buffer
	if err := png.Encode(&tall, image.NewGray(image.Rect(0, 0, 150, 200))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tall.png")
	if err := os.WriteFile(path, tall.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	pictures := 0
	shows := func() {
		o.Until(fmt.Sprintf(`((all) => all.length === %d && all.every((i) => i.complete && i.naturalWidth))([...document.querySelectorAll("#lines img")])`, pictures))
	}
	photograph := func(n int) {
		for range n {
			lines(t, guanjia(t, fmt.Sprintf(`{"event":"image:%s","channel":"wechat","citizen":"c1"}`+"\n", path), "chat", "--json", "--data", d.dir))
		}
		pictures += n
		shows()
	}
	photograph(3)
	o.atTheEnd()
	o.up(100)
	was = o.at()
	photograph(1)
	o.stays(t, was, "a picture comes")
	o.Reload()
	shows()
	o.atTheEnd()

	o.up(1_000_000)
	first := browser.Eval[string](o.Tab, `document.querySelector("#lines > [data-id]").dataset.id`)
	from := func() int {
		o.Settle()
		return browser.Eval[int](o.Tab, `Math.round(document.querySelector("#lines > [data-id='`+first+`']").getBoundingClientRect().top)`)
	}
	stood := from()
	o.Click("#older")
	o.Until(`document.querySelector("#lines > [data-id]").dataset.id !== "` + first + `"`)
	if stands := from(); stands != stood {
		t.Errorf("what one read stood at %d, and with older lines above it at %d", stood, stands)
	}
	if days := browser.Eval[int](o.Tab, `document.querySelectorAll("#lines > .day").length`); days != 1 {
		t.Errorf("one day has %d headings", days)
	}
	o.Window(390, 844) // list and conversation one at a time
	for range 2 {
		o.Click("#to-queue")
		o.Until(`!document.getElementById("talk").checkVisibility()`)
		o.Click("#rows .row")
		shows()
		o.atTheEnd()
		o.up(500)
	}
}
