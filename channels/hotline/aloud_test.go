package hotline

import "testing"

// TestAloud: what is written for a reader is said as one says it.
func TestAloud(t *testing.T) {
	for written, said := range map[string]string{
		"没问题请回“确认”。":                 "没问题请说“确认”。",
		"不方便说可以回“跳过”。":               "不方便说就说“跳过”。",
		"随时回复“人工”就有人接手":              "随时说“人工”就有人接手",
		"您可以从下面选，或者回复“人工”请人帮忙。":      "您可以说“人工”请人帮忙。",
		"语音没有识别出来，麻烦打字告诉我，或者再说一遍。":   "语音没有识别出来，麻烦再说一遍。",
		"您在哪个镇街？也可以发一个位置。":           "您在哪个镇街？",
		"想查进度，发编号给我就行。":              "想查进度，说编号就行。",
		"五个工作日内回复您。":                 "五个工作日内回复您。",
		"我们会回电话。":                    "我们会回电话。",
		"想对帮您的人说句谢谢，点下面或发“道谢 1234”。": "想对帮您的人说句谢谢，说“道谢 1234”。",
	} {
		if got := aloud(written); got != said {
			t.Errorf("%s is said %s, want %s", written, got, said)
		}
	}
}

// TestOpinion: how it went is told in words too; other words are an errand.
func TestOpinion(t *testing.T) {
	for text, key := range map[string]rune{"满意。": '1', "一般吧": '2', "不满意": '3', "我想问一下居住证": 0, "我对施工很不满意，要投诉": 0, "": 0} {
		if got := opinion(text); got != key {
			t.Errorf("%q is %c, want %c", text, got, key)
		}
	}
}
