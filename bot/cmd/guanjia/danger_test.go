package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
)

// heldDanger are the tables danger is scored on, each of emergencies by kind and
// of calm sentences by why they are calm, with what must be reached on it.
var heldDanger = []struct {
	file                    string
	leastRecall, mostFalse  float64
	emergencies, calmEnough int
}{
	{"safety_held.yml", 0.96, 0.035, 200, 400},
	{"safety_third.yml", 0.975, 0.02, 160, 200},
	{"safety_fourth.yml", 0.945, 0.065, 150, 160},
	{"safety_fifth.yml", 0.96, 0.045, 60, 100}, // as measured when first asked; by somebody who knew nothing of the rules
	{"safety_sixth.yml", 0.90, 0.04, 140, 150}, // with places, names and numbers
}

// TestDangerOnHeldTable scores danger, as the whole layer finds it in service,
// on tables written before the rules were last worked on. It names kinds and
// counts, never a sentence: what is read off a table no longer measures.
func TestDangerOnHeldTable(t *testing.T) {
	mind := fullMind(t, shelf(""))
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	for _, h := range heldDanger {
		t.Run(h.file, func(t *testing.T) {
			raw, err := os.ReadFile("../../../intents/testdata/" + h.file)
			if err != nil {
				t.Fatal(err)
			}
			var table struct {
				Emergencies map[string][]string `yaml:"emergencies"`
				Calm        map[string][]string `yaml:"calm"`
			}
			if err := yaml.Unmarshal(raw, &table); err != nil {
				t.Fatal(err)
			}
			tally := func(title string, groups map[string][]string) (alarmed, all, named int) {
				for _, kind := range slices.Sorted(maps.Keys(groups)) {
					found, right := 0, 0
					for _, text := range groups[kind] {
						u := mind.Understand(bot.Utterance{Text: text, Now: now})
						if u.Decision != bot.Danger {
							continue
						}
						found++
						if string(u.Hazard) == kind || u.Hazard == bot.HazardNone && kind == "general" {
							right++
						}
					}
					t.Logf("%s, %s: %d of %d alarm, %d of this kind", title, kind, found, len(groups[kind]), right)
					alarmed, all, named = alarmed+found, all+len(groups[kind]), named+right
				}
				return alarmed, all, named
			}
			found, emergencies, named := tally("emergencies", table.Emergencies)
			alarms, calm, _ := tally("calm", table.Calm)
			if emergencies < h.emergencies || calm < h.calmEnough {
				t.Fatalf("%d emergencies and %d calm sentences are too few to measure", emergencies, calm)
			}
			recall, rate := float64(found)/float64(emergencies), float64(alarms)/float64(calm)
			t.Logf("recall %.3f of %d, of the right kind %.3f; false alarms %.3f of %d", recall, emergencies, float64(named)/float64(found), rate, calm)
			if recall < h.leastRecall {
				t.Errorf("recall is %.3f, at least %.3f is needed", recall, h.leastRecall)
			}
			if rate > h.mostFalse {
				t.Errorf("false alarms are %.3f, at most %.3f are allowed", rate, h.mostFalse)
			}
		})
	}
}

// TestDangerWhereverItIs: whoever tells of danger also tells where, and who they
// are. Neither makes it less. What is over, denied, supposed or asked for is no
// danger, nor with an address or a name.
func TestDangerWhereverItIs(t *testing.T) {
	mind := fullMind(t, shelf(""))
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	beside := []string{"%s", "%s，虎门镇连升路12号", "虎门镇连升路12号%s", "在东城东源路88号，%s", "%s，南城西平社区3栋501", "%s，我叫李刚，电话13812345678"}
	for _, c := range []struct {
		danger bool
		beside []string
		words  []string
	}{
		{true, append(beside, "长安乌沙这边%s"), []string{
			"我家着火了", "楼下起火了快来人", "厨房煤气泄漏了", "有人要跳楼", "我老公拿刀要砍我", "我爸晕倒了叫不醒", "小孩掉水里了", "孩子走丢了找不到", "路口撞车了有人流血", "有人触电了没有呼吸", "我不想活了", "屋里有人入室抢劫",
		}},
		{false, append(beside, "长安乌沙这边%s"), []string{"去年着火了", "新闻说着火了", "没有着火", "如果着火了怎么办", "着火证明怎么申请", "路灯不亮了", "垃圾没人收"}},
	} {
		for _, words := range c.words {
			for _, form := range c.beside {
				text := fmt.Sprintf(form, words)
				if u := mind.Understand(bot.Utterance{Text: text, Now: now}); (u.Decision == bot.Danger) != c.danger {
					t.Errorf("%s: %s, %s", text, u.Decision, u.Intent)
				}
			}
		}
	}
}
