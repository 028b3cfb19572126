package linear

import (
	"bytes"
	"context"
	"testing"
)

func BenchmarkTrain(b *testing.B) {
	examples, o := corpus(), Chinese()
	o.Workers = 1
	b.ReportMetric(float64(len(examples)), "examples")
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
	m, fingerprint := trained(b, Chinese()), Fingerprint(corpus(), Chinese())
	var saved bytes.Buffer
	if err := m.Save(&saved, fingerprint); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(saved.Len()))
	for b.Loop() {
		if _, err := Load(bytes.NewReader(saved.Bytes()), fingerprint); err != nil {
			b.Fatal(err)
		}
	}
}
