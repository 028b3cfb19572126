package bot_test

import (
	"fmt"
	"sync"
	"testing"

	"guanjia/bot"
)

func TestRecentKeepsWhatComesAgain(t *testing.T) {
	r := bot.NewRecent[string](4)
	worked := 0
	ask := func(key string, may bool) string {
		return r.Of(key, func() (string, bool) { worked++; return "of " + key, may })
	}
	for range 4 {
		if got := ask("a", true); got != "of a" {
			t.Fatalf("got %q", got)
		}
	}
	if worked != 2 { // the first coming leaves a digest alone
		t.Errorf("worked %d times for what came four times, want 2", worked)
	}
	for range 3 {
		ask("never", false)
	}
	if worked != 5 {
		t.Errorf("what may not be kept was kept: worked %d times, want 5", worked)
	}
}

func TestRecentForgets(t *testing.T) {
	r := bot.NewRecent[int](4)
	work := 0
	for i := range 100 {
		for range 2 {
			r.Of(fmt.Sprint(i), func() (int, bool) { work++; return i, true })
		}
	}
	before := work
	r.Of("99", func() (int, bool) { work++; return 99, true })
	if work != before {
		t.Error("what came last was forgotten")
	}
	r.Of("0", func() (int, bool) { work++; return 0, true })
	if work != before+1 {
		t.Error("what came first is still held")
	}
}

func TestRecentAmongMany(t *testing.T) {
	r := bot.NewRecent[int](8)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 2000 {
				k := (i*7 + n) % 40
				if got := r.Of(fmt.Sprint(k), func() (int, bool) { return k, true }); got != k {
					t.Errorf("for %d got %d", k, got)
				}
			}
		})
	}
	all.Wait()
}

func TestCommonWords(t *testing.T) {
	for words, want := range map[string]bool{
		"居住证要带什么材料": true, "2026年社保交满15年": false, "社保交满15年": true, "13800138000": false,
		"我想预约明天上午在东城办身份证，帮我妈妈办，她今年七十岁": false,
	} {
		if bot.Common(words) != want {
			t.Errorf("Common(%q) = %v", words, !want)
		}
	}
}
