package knowledge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// manyGuides makes n guides of the size of real ones, from words of our own.
func manyGuides(n int) []Guide {
	r := rand.New(rand.NewPCG(1, 2))
	things := []rune("码头航道渔船公证遗嘱律师考试排水取水驾驶车辆环评林木种子农药兽药医师护士药品器械食品餐饮广告印刷出版电影文物考古体育建筑消防电梯锅炉民宿旅行导游幼儿教师学校学位户籍护照签注")
	deeds := []string{"审批", "备案", "核发", "变更", "注销", "延续", "补发", "登记", "认定", "年检"}
	word := func(k int) string {
		out := make([]rune, k)
		for i := range out {
			out[i] = things[r.IntN(len(things))]
		}
		return string(out)
	}
	guides := make([]Guide, n)
	for i := range guides {
		guides[i] = Guide{
			ID: fmt.Sprintf("g%d", i), Title: word(6+r.IntN(12)) + deeds[r.IntN(len(deeds))], Aliases: []string{word(4) + deeds[r.IntN(len(deeds))]},
			Conditions: Lines{word(60 + r.IntN(120))}, Where: "某区" + word(12) + "路1号", TimeLimit: "承诺5(工作日)，法定20(工作日)",
			Materials: []Material{{Name: word(8)}, {Name: word(10)}, {Name: "居民身份证"}}, Phone: []string{"0769-22001234"}, Department: word(8),
		}
	}
	return guides
}

func BenchmarkBuild(b *testing.B) {
	guides := manyGuides(2262)
	for b.Loop() {
		build(guides)
	}
}

func BenchmarkAsk(b *testing.B) {
	guides := manyGuides(2262)
	base := New(guides)
	i := 0
	for b.Loop() {
		base.Ask(context.Background(), Question{Text: "请问" + guides[i%len(guides)].Title + "要带什么材料，要多久"})
		i++
	}
}

// BenchmarkAskStarter asks our own questions of the starter guides and reports
// the processor time of one.
func BenchmarkAskStarter(b *testing.B) {
	base := starterBase(b)
	questions := ownQuestions(b)
	i := 0
	spent := processorTime(b)
	for b.Loop() {
		base.Ask(context.Background(), Question{Text: questions[i%len(questions)].Q})
		i++
	}
	b.ReportMetric(float64((processorTime(b)-spent).Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
}

// processorTime is what this process has used of the processors.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
