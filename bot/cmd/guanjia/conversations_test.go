package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"guanjia/bot/bottest"
)

// leastPerRow is how many conversations every row of the behaviour table has.
const leastPerRow = 5

// TestConversationsWithFaults plays those in which something goes wrong behind
// the talk; here they run under the race detector too. `make test` plays all of
// them without it.
func TestConversationsWithFaults(t *testing.T) {
	file, err := filepath.Abs("../../bottest/conversations/faults.yml")
	if err != nil {
		t.Fatal(err)
	}
	if r := guanjia(t, "", "test", file); r.status != 0 {
		t.Fatalf("exit %d: %s%s", r.status, r.out, r.err)
	}
}

// TestConversationFaultsAreSeen makes sure that the runner notices what it promises
// to notice.
func TestConversationFaultsAreSeen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.yml")
	write(t, file, `test_cases:
  - name: expects what is not so
    steps:
      - user: 预约虎门办居住证
        expect: [{flow: request_help}, {says: 约好了}, {count: {appointments: 1}}, {slots: {hall: changan}}, {offers: 确认}]
`)
	r := guanjia(t, "", "test", file)
	if r.status == 0 || strings.Count(r.out, "FAIL") != 5 {
		t.Errorf("exit %d: %s", r.status, r.out)
	}
	write(t, file, "test_cases:\n  - name: a\n    steps: [{usr: 你好}]\n")
	if r := guanjia(t, "", "test", file); r.status != 2 {
		t.Errorf("an unknown key: exit %d %s", r.status, r.err)
	}
	write(t, file, "test_cases:\n  - name: a\n    steps: [{user: 你好, fault: earthquake}]\n")
	if r := guanjia(t, "", "test", file); r.status == 0 {
		t.Errorf("an unknown fault: exit %d %s", r.status, r.err)
	}
}

func TestConversationsCoverTheBehaviours(t *testing.T) {
	files, err := bottest.Conversations()
	if err != nil {
		t.Fatal(err)
	}
	rows, names := map[string]int{}, map[string]bool{}
	for _, f := range files {
		for _, c := range f.Cases {
			if names[c.Name] {
				t.Errorf("%s: two conversations are called %s", f.Name, c.Name)
			}
			names[c.Name] = true
			for _, tag := range c.Tags {
				rows[tag]++
			}
		}
	}
	if len(names) < 180 {
		t.Errorf("%d conversations", len(names))
	}
	for n := 1; n <= 28; n++ {
		if row := fmt.Sprintf("B%d", n); rows[row] < leastPerRow {
			t.Errorf("%s has %d conversations", row, rows[row])
		}
	}
}
