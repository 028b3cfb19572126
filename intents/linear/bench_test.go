package linear

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// crowd makes n sentences of 18 labels: some words of the label's own among
// words of all, about as many n-grams as citizens' sentences have.
func crowd(n int) []Example {
	random := rand.New(rand.NewPCG(18, 18))
	words := func(count int) []string {
		list := make([]string, count)
		for i := range list {
			list[i] = string([]rune{rune(0x4E00 + random.IntN(2000)), rune(0x4E00 + random.IntN(2000))})
		}
		return list
	}
	common, own := words(300), make([][]string, 18)
	for i := range own {
		own[i] = words(25)
	}
	examples := make([]Example, n)
	for i := range examples {
		label := i % 18
		text := ""
		for range 2 + random.IntN(3) {
			text += common[random.IntN(300)] + own[label][random.IntN(25)]
		}
		examples[i] = Example{Text: text, Label: fmt.Sprint("label", label)}
	}
	return examples
}

func BenchmarkTrain(b *testing.B) {
	for _, n := range []int{1500, 4000} {
		for _, folds := range []int{0, 5} {
			b.Run(fmt.Sprintf("examples=%d/folds=%d", n, folds), func(b *testing.B) {
				benchmarkTrain(b, crowd(n), folds)
			})
		}
	}
}

func benchmarkTrain(b *testing.B, examples []Example, folds int) {
	o := Chinese()
	o.Workers, o.Folds = 1, folds
	for b.Loop() {
		if _, err := Train(context.Background(), examples, o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRank(b *testing.B) {
	m := trained(b, Chinese())
	b.ReportAllocs()
	for b.Loop() {
		m.Rank("我想预约下周三上午去莞城办居住证，要带什么材料")
	}
}

func BenchmarkExplain(b *testing.B) {
	m := trained(b, Chinese())
	for b.Loop() {
		m.Explain("我想预约下周三上午去莞城办居住证，要带什么材料")
	}
}

func BenchmarkLoad(b *testing.B) {
	examples := crowd(4000)
	m, err := Train(context.Background(), examples, Chinese())
	if err != nil {
		b.Fatal(err)
	}
	fingerprint := Fingerprint(examples, Chinese())
	var saved bytes.Buffer
	if err := m.Save(&saved, fingerprint); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(saved.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(bytes.NewReader(saved.Bytes()), fingerprint); err != nil {
			b.Fatal(err)
		}
	}
}
