package intents

import (
	"testing"

	"guanjia/intents/hanzi"
)

func TestChildhood(t *testing.T) {
	child := []string{
		"我今年12岁", "我12岁了，想预约身份证", "我才八岁", "我十三周岁", "本人十岁", "我不满14岁", "我未滿十四歲", "我12岁的。",
		"我是小学生", "我係小學生，想投訴", "我是一个小学生想反映", "我读五年级", "我在读小学三年级", "我讀緊小學", "我上初一", "读五年级", "我小学生一个",
		"我是小朋友", "我還是小孩子", "我係細路仔", "我仲細", "我细路仔", "i'm 10 years old", "I am a kid", "I'm in grade 5", "你好，我今年九岁，我想办身份证",
	}
	for _, words := range child {
		if c, _ := childhood(string(hanzi.Fold(words))); !c {
			t.Errorf("%s: no child is heard", words)
		}
	}
	other := []string{
		"我孩子12岁", "我12岁的儿子要办护照", "我女儿今年8岁", "我家小孩读五年级", "我细路仔12岁", "我是小学生家长", "我是小学老师", "孩子读小学",
		"读一年级要什么材料", "我要上一年级怎么报名", "我12岁的时候来东莞", "等我12岁再办", "如果我12岁能自己办吗", "我今年32岁", "我14岁", "我十六岁", "我64岁了",
		"我妈妈今年七十岁", "小孩上初一要居住证吗", "我是小朋友的妈妈", "我买了个小学学位房", "我读小学的时候丢过身份证", "12岁可以办身份证吗", "我同意", "",
		"我有一个小孩", "我想给小孩上户口", "我在小学旁边", "I have a 10 year old", "我是大人",
	}
	for _, words := range other {
		if c, _ := childhood(string(hanzi.Fold(words))); c {
			t.Errorf("%s: a child is heard", words)
		}
	}
	for _, words := range []string{"我16岁了", "我是大人", "我十四岁", "I am 15 years old"} {
		if _, grown := childhood(string(hanzi.Fold(words))); !grown {
			t.Errorf("%s: nobody of 14 or more is heard", words)
		}
	}
}
