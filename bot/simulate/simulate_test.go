package simulate

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// desk answers as a service of few words does.
type desk struct{ said atomic.Int64 }

func (d *desk) Name() string  { return "test" }
func (d *desk) Open(int) Line { return &deskLine{desk: d} }

type deskLine struct {
	desk *desk
	step int
}

func (l *deskLine) Say(ctx context.Context, words string) (Answer, error) {
	l.desk.said.Add(1)
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	if strings.Contains(words, "着火") || strings.Contains(words, "晕倒") {
		return Answer{Heard: []Heard{{Text: "快打 119。我已把您排在人工最前面"}}}, nil
	}
	steps := []Heard{
		{Text: "去哪个大厅办？", Options: []string{"市民服务中心"}}, {Text: "怎么称呼您？"}, {Text: "留个手机号。"},
		{Text: "请核对", Options: []string{"确认预约", "取消"}}, {Text: "约好了，预约号 YY2611240017"},
	}
	h := steps[min(l.step, len(steps)-1)]
	l.step++
	return Answer{Heard: []Heard{h}, Took: time.Millisecond}, nil
}

func TestTheSameSeedPlaysTheSameCitizens(t *testing.T) {
	play := func(seed uint64) Report {
		r, err := Run(t.Context(), Plan{Doors: []Door{&desk{}}, Citizens: 300, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b, other := play(7), play(7), play(8)
	if a.Turns != b.Turns || a.Left != b.Left || a.Reached["appointment"] != b.Reached["appointment"] {
		t.Errorf("seed 7 played %+v, then %+v", a, b)
	}
	if a.Turns == other.Turns && a.Reached["appointment"] == other.Reached["appointment"] {
		t.Error("seed 8 plays what seed 7 does")
	}
	ended := a.Left + a.Failed
	for _, n := range a.Reached {
		ended += n
	}
	if a.Begun != 300 || ended != 300 || a.Reached["appointment"] < 100 || a.Left == 0 || a.Kinds["ask"] < 80 {
		t.Errorf("300 citizens: %+v", a)
	}
}

func TestStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begun := time.Now()
	r, err := Run(ctx, Plan{Doors: []Door{&desk{}}, Citizens: 1_000_000, Rate: 100, Think: time.Hour})
	if err == nil || errors.Is(err, context.Canceled) || time.Since(begun) > 10*time.Second {
		t.Errorf("stopped after %v with %+v: %v", time.Since(begun), r, err)
	}
}

func TestADayHasItsHours(t *testing.T) {
	sum := 0.0
	for part := range 1000 {
		sum += busyness(float64(part) / 1000)
	}
	if mean := sum / 1000; mean < .95 || mean > 1.15 || busyness(.25) < 2*busyness(0) {
		t.Errorf("the day's mean is %v", mean)
	}
}

// TestADayIsLaidOutOverItsHours: no hour of a working day is empty, and none is
// busier than the hills of it.
func TestADayIsLaidOutOverItsHours(t *testing.T) {
	from := time.Date(2026, 11, 24, 8, 30, 0, 0, time.FixedZone("", 8*3600))
	to := from.Add(10 * time.Hour)
	came := map[int]int{}
	before := from
	for n := range 400 {
		at := Arrival(from, to, (float64(n)+.5)/400)
		if at.Before(before) || !at.Before(to) {
			t.Fatalf("the %dth comes at %v, after %v", n, at, before)
		}
		before = at
		came[at.Hour()]++
	}
	for hour := 9; hour < 18; hour++ {
		if came[hour] < 15 || came[hour] > came[10] {
			t.Errorf("%d come at %d, %d at ten", came[hour], hour, came[10])
		}
	}
	if night := from.Add(-6 * time.Hour); Arrival(night, from, .5).Hour() < 6 {
		t.Errorf("half of a night's have come by %v", Arrival(night, from, .5))
	}
}

func TestListsAreHeardAsOptions(t *testing.T) {
	l := (&WeChat{Platform: platform("哪天去？\n1. 11月24日（周二）\n2. 11月25日（周三）\n回复数字就行。")}).Open(3)
	a, err := l.Say(t.Context(), "x")
	if err != nil || len(a.Heard) != 1 || len(a.Heard[0].Options) != 2 || a.Heard[0].Options[1] != "11月25日（周三）" {
		t.Errorf("heard %+v: %v", a, err)
	}
	if id := (&WeChat{Run: 1 << 60}).Address(99); len(id) != 28 {
		t.Errorf("the openid %q is not 28 long", id)
	}
}

type platform string

func (p platform) Post(context.Context, string, string) (string, error) { return string(p), nil }
