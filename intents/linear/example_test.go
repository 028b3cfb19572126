package linear_test

import (
	"context"
	"fmt"

	"guanjia/intents/linear"
)

func ExampleTrain() {
	examples := []linear.Example{
		{Text: "我想预约办居住证", Label: "book_appointment"},
		{Text: "帮我约个号办护照", Label: "book_appointment"},
		{Text: "可以约明天上午吗", Label: "book_appointment"},
		{Text: "取消我的预约", Label: "cancel_appointment"},
		{Text: "那个号不要了", Label: "cancel_appointment"},
		{Text: "不去了，帮我退号", Label: "cancel_appointment"},
	}
	o := linear.Chinese()
	o.Folds = 0 // too few to hold any back
	m, err := linear.Train(context.Background(), examples, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	ranked := m.Rank("想约个时间办证")
	fmt.Println(ranked[0].Label, m.Decide(ranked))
	for _, e := range m.Explain("想约个时间办证") {
		if e.Kind == linear.Resembling {
			fmt.Println("as in:", e.Text)
			break
		}
	}
	// Output:
	// book_appointment accept
	// as in: 我想预约办居住证
}
