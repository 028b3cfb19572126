package linear

import (
	"context"
	"strings"
	"testing"

	"guanjia/intents/hanzi"
)

// What was misheard is taken for what it sounds like where that was learnt and
// what stands there was not; what is only new is left alone.
func TestMend(t *testing.T) {
	var examples []Example
	for i, text := range []string{
		"我想预约办理居住证", "帮我预约明天上午", "预约办理社保卡", "取消我的预约", "取消明天的预约", "不去了帮我取消",
		"居住证要什么材料", "办理居住证要多久", "社保卡要什么材料", "我要投诉楼下太吵", "投诉物业乱收费", "楼下太吵没人管",
	} {
		examples = append(examples, Example{Text: text, Label: []string{"book", "cancel", "ask", "report"}[i/3]})
	}
	o := Chinese()
	o.Folds = 0
	m, err := Train(context.Background(), examples, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ said, meant string }{
		{"我想于约办理居住证", "我想预约办理居住证"},
		{"办理句住证要什么材料", "办理居住证要什么材料"},
		{"取肖 我的，预约", "取消 我的，预约"},
		{"我要头素楼下太吵", "我要投诉楼下太吵"}, // two in a row
		{"我想预约办理居住证", "我想预约办理居住证"},
		{"香蕉和苹果哪个甜", "香蕉和苹果哪个甜"},
		{"约13800138000", "约13800138000"},
		{"", ""},
	} {
		if got := string(m.Mend(hanzi.Fold(c.said))); got != string(hanzi.Fold(c.meant)) {
			t.Errorf("%s is mended to %s, want %s", c.said, got, c.meant)
		}
	}
	if long := hanzi.Fold(strings.Repeat("鹅", 3000)); len(m.Mend(long)) != len(long) {
		t.Error("a long text changes its length")
	}
	var silent Model
	if got := string(silent.Mend([]rune("于约"))); got != "于约" {
		t.Errorf("a model without syllables mends to %s", got)
	}
}

func BenchmarkMend(b *testing.B) {
	o := Chinese()
	o.Folds = 0
	m, err := Train(context.Background(), corpus(), o)
	if err != nil {
		b.Fatal(err)
	}
	text := hanzi.Fold("我项于约下周三上武去管城办里局住症")
	for b.Loop() {
		m.Mend(text)
	}
}
