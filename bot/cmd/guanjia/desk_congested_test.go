package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestDeskCongested (C5, C6, C10): citizens write fast, each message twice over a
// bad line, while operators take them and answer. At the desk each stands once,
// in the order it was written, times never going back; and from an operator's
// first words on the bot is silent, whatever it was about to say.
func TestDeskCongested(t *testing.T) {
	d := serve(t, going(tuesday()))
	o := d.colleague("小陈")
	const crowd, each = 6, 8
	var visitors []*client
	for range crowd {
		v := d.visitor()
		v.says("message-0", "转人工")
		visitors = append(visitors, v)
	}
	_, rows := o.queue()
	if len(rows) != crowd {
		t.Fatalf("%d wait", len(rows))
	}
	var all sync.WaitGroup
	for _, v := range visitors {
		all.Go(func() {
			for i := 1; i < each; i++ {
				var twice sync.WaitGroup
				for range 2 {
					twice.Go(func() {
						if got := v.post("/chat/send", object{"key": fmt.Sprintf("message-%d", i), "text": fmt.Sprintf("居住证要带什么，第 %d 句", i)}); got.status != http.StatusOK {
							t.Errorf("message %d: %d %s", i, got.status, got.text)
						}
					})
				}
				twice.Wait()
			}
		})
	}
	for _, r := range rows {
		all.Go(func() {
			at := "/desk/conversation/" + r["citizen"].(string)
			if got := o.post(at+"/take", object{}); got.status != http.StatusOK {
				t.Errorf("take: %d %s", got.status, got.text)
			}
			for said := false; !said; { // refused while newer words were not seen
				lines := o.talkLines(r["citizen"].(string))
				got := o.post(at+"/say", object{"text": "您好，我是小陈", "key": "hello-" + r["citizen"].(string), "seen": lines[len(lines)-1]["id"]})
				if said = got.status == http.StatusOK; !said && got.status != http.StatusConflict {
					t.Errorf("say: %d %s", got.status, got.text)
					return
				}
			}
		})
	}
	all.Wait()
	var want []string
	for i := 1; i < each; i++ {
		want = append(want, fmt.Sprintf("居住证要带什么，第 %d 句", i))
	}
	want = append([]string{"转人工"}, want...)
	for _, r := range rows {
		var wrote []string
		held, before := false, time.Time{}
		for _, l := range o.talkLines(r["citizen"].(string)) {
			at, err := time.Parse(time.RFC3339Nano, l["at"].(string))
			if err != nil || at.Before(before) {
				t.Errorf("%v goes back from %s to %s: %v", l["text"], before, at, err)
			}
			before = at
			switch l["speaker"] {
			case "citizen":
				wrote = append(wrote, l["text"].(string))
			case "operator":
				held = true
			case "bot":
				if held {
					t.Errorf("after the operator the bot said %q", l["text"])
				}
			}
		}
		if !held || !slices.Equal(wrote, want) {
			t.Errorf("held %t, the citizen wrote %q", held, wrote)
		}
	}
	for i, v := range visitors {
		if n := strings.Count(v.get("/chat/history").text, "您好，我是小陈"); n != 1 {
			t.Errorf("citizen %d reads the operator %d times", i, n)
		}
	}
}
