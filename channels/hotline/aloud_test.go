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

// TestByKeys: who is not listened to is not asked to speak.
func TestByKeys(t *testing.T) {
	for written, said := range map[string]string{
		"请问您要办什么事？直接说就行，按 0 转人工。":                                  "请问您要办什么事？", // the greeting has named the key
		"您要办哪一项？可以直接说业务名，比如“居住证”。":                                 "您要办哪一项？",
		"去哪个大厅办？说镇街名就行，比如“虎门”“寮步”。":                                "去哪个大厅办？",
		"您想问哪件事怎么办？直接说就行，比如“身份证丢了怎么补”。":                            "您想问哪件事怎么办？",
		"请留一个手机号，大厅有变动好联系您。可以说，也可以用按键输入。":                          "请留一个手机号，大厅有变动好联系您。请用按键输入。",
		"请留一个手机号，大厅有变动好联系您。就用这个来电号码，请说“对”或者按井号键；别的号码可以说，也可以用按键输入。": "请留一个手机号，大厅有变动好联系您。就用这个来电号码请按井号键，别的号码请用按键输入。",
		"我还在。您可以慢慢说，按 0 或说“人工”就有人接。":                               "我还在。按 0 就有人接。",
		"时间：12月2日 10:00\n没问题请回“确认”。":                               "时间：12月2日 10:00\n",
		"要改要取消，直接告诉我（开始前 2 小时内不能取消）。":                              "",
		"去受理点交材料，还有2步，要听就说还有呢。":                                    "去受理点交材料，还有2步。",
		"等的时候可以继续跟我说，前面说过的不用再讲一遍。":                                 "前面说过的不用再讲一遍。",
	} {
		if got := byKeys(aloud(written)); got != said {
			t.Errorf("%s is said %s, want %s", written, got, said)
		}
	}
}
