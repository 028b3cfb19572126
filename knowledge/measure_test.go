package knowledge

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"testing"
	"time"
)

var guidesFile = flag.String("guides", "", "the real guides to measure retrieval on, JSON lines")

// TestMeasure prints retrieval and speed on the real guides of Guangdong, with
// their everyday names (日常用语) as questions and left out of the index.
//
//	go test ./knowledge -run TestMeasure -guides FILE -v
func TestMeasure(t *testing.T) {
	if *guidesFile == "" {
		return
	}
	f, err := os.Open(*guidesFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	guides, _, err := Import(t.Context(), f, FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	gold := map[string][]string{}
	short := map[string][]string{}
	lines := bufio.NewScanner(mustOpen(t, *guidesFile))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Code  string `json:"TASK_CODE"`
			Name  string `json:"TASK_NAME"`
			Daily string `json:"matter_daily"`
			Short string `json:"matter_short"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		if row.Daily != "无" && row.Daily != "" && row.Daily != row.Name {
			gold[row.Daily] = append(gold[row.Daily], row.Code)
			if row.Short != "无" && row.Short != "" && row.Short != row.Daily {
				short[row.Code] = []string{row.Short}
			}
		}
	}
	bare := slices.Clone(guides)
	for i := range bare {
		bare[i].Aliases = nil
	}
	began := time.Now()
	x := build(bare)
	t.Logf("%d guides, built in %v, %d terms", len(guides), time.Since(began), len(x.postings))
	measure(t, "daily names", x, gold, "")
	measure(t, "spoken", x, gold, "请问%s要带什么材料呢")
	held := map[string][]string{}
	for q, ids := range gold {
		for _, id := range ids {
			if short[id] != nil {
				held[q] = ids
			}
		}
	}
	for i := range bare {
		bare[i].Aliases = short[bare[i].ID]
	}
	measure(t, "daily names, short names as aliases", build(bare), held, "")
}

func mustOpen(t *testing.T, path string) *os.File {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func measure(t *testing.T, what string, x *index, gold map[string][]string, pattern string) {
	questions := make([]string, 0, len(gold))
	for q := range gold {
		questions = append(questions, q)
	}
	sort.Strings(questions)
	var at1, at10 int
	var mrr float64
	times := make([]time.Duration, 0, len(questions))
	for _, q := range questions {
		text := q
		if pattern != "" {
			text = fmt.Sprintf(pattern, q)
		}
		began := time.Now()
		r := x.route(text)
		ranked := x.judge(&r, nil)
		times = append(times, time.Since(began))
		for i, c := range ranked {
			if i == 10 {
				break
			}
			if slices.Contains(gold[q], x.guides[c.guide].ID) {
				if i == 0 {
					at1++
				}
				at10++
				mrr += 1 / float64(i+1)
				break
			}
		}
	}
	answered, right, without := 0, 0, 0
	for _, q := range questions {
		r := x.route(q)
		if a := x.decide(&r, x.judge(&r, nil), time.Time{}); a.Decision == Answered {
			answered++
			if slices.Contains(gold[q], a.Guide) {
				right++
			}
		}
		r = x.route(q)
		rest := x.judge(&r, func(g *Guide) bool { return !slices.Contains(gold[q], g.ID) })
		if x.decide(&r, rest, time.Time{}).Decision == Answered {
			without++
		}
	}
	t.Logf("%s: answered %.3f, right of those %.3f; with the right guide taken away still answered %.3f", what,
		float64(answered)/float64(len(questions)), float64(right)/float64(max(1, answered)), float64(without)/float64(len(questions)))
	slices.Sort(times)
	n := float64(len(questions))
	t.Logf("%s: %d questions, R@1 %.3f R@10 %.3f MRR@10 %.3f, p50 %v p99 %v", what, len(questions),
		float64(at1)/n, float64(at10)/n, mrr/n, times[len(times)/2], times[len(times)*99/100])
}
