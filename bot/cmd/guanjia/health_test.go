package main

import (
	"strings"
	"testing"
)

// TestHealthModes asks the same in each mode.
func TestHealthModes(t *testing.T) {
	ask := func(mode string) string {
		r := guanjia(t, `{"text":"我孩子的粤康码怎么申请"}`+"\n", "chat", "--json", "--health-mode", mode)
		text, _ := replies(lines(t, r)[0])
		return text
	}
	guidance, off := ask("guidance"), ask("off")
	if !strings.Contains(guidance, "2023年2月16日停用") || !strings.Contains(guidance, "当年") {
		t.Errorf("guidance says %s", guidance)
	}
	if !strings.Contains(off, "2023年2月16日停用") || !strings.Contains(off, "12320") || strings.Contains(off, "当年") {
		t.Errorf("off says %s", off)
	}
	if emergency := ask("emergency"); emergency != guidance {
		t.Errorf("emergency without an approved rule file says %s", emergency)
	}
	if r := guanjia(t, "", "check", "--health-mode", "emergency"); r.status != 0 || !strings.Contains(r.out, "two administrators") {
		t.Errorf("check says nothing of it: %s", r.out)
	}
}
