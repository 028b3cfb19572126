package evaluation

import (
	"context"
	"fmt"
	"testing"

	"guanjia/intents/examples"
	"guanjia/intents/linear"
)

func TestZZ(t *testing.T) {
	list, _ := examples.Load(examples.Embedded())
	learn, held := examples.Split(list)
	try := func(name string, f func(o *linear.Options)) {
		o := linear.Chinese()
		f(&o)
		m, err := linear.Train(context.Background(), Learnable(learn, nil), o)
		if err != nil {
			t.Fatal(err)
		}
		h := Score(Cases(held), Classifier(m, nil), Options{Reject: o.Reject, Noise: []float64{0.2}})
		c, _ := CrossValidate(context.Background(), list, nil, o, 10, Options{Noise: []float64{0.2}})
		fmt.Printf("%-24s held %.1f noisy %.1f acc %.1f wrong %.1f | cross %.1f noisy %.1f acc %.1f wrong %.1f\n", name, 100*h.Accuracy, 100*h.Noise[0].Accuracy, 100*h.Decisions.Accepted, 100*h.Decisions.WrongAccept, 100*c.Accuracy, 100*c.Noise[0].Accuracy, 100*c.Decisions.Accepted, 100*c.Decisions.WrongAccept)
	}
	try("as is", func(o *linear.Options) {})
	try("chars 1-3", func(o *linear.Options) { o.Chars.Max = 3 })
	try("chars 1-4", func(o *linear.Options) { o.Chars.Max = 4 })
	try("chars 1-3 words 1-2", func(o *linear.Options) { o.Chars.Max = 3; o.Words = linear.Grams{Min: 1, Max: 2} })
	try("words 1-2", func(o *linear.Options) { o.Words = linear.Grams{Min: 1, Max: 2} })
	try("C .5", func(o *linear.Options) { o.C = 0.5 })
	try("C .3", func(o *linear.Options) { o.C = 0.3 })
	try("C 2", func(o *linear.Options) { o.C = 2 })
	try("pinyin .4", func(o *linear.Options) { o.PinyinWeight = 0.4 })
	try("pinyin .8", func(o *linear.Options) { o.PinyinWeight = 0.8 })
	try("pinyin 1-2", func(o *linear.Options) { o.Pinyin.Max = 2 })
	try("unseen .5", func(o *linear.Options) { o.Unseen = 0.5 })
	try("unseen 0", func(o *linear.Options) { o.Unseen = 0 })
	try("balance 1", func(o *linear.Options) { o.Balance = 1 })
}
