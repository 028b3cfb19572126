package linear

import (
	"fmt"
	"strings"
)

// corpus makes labelled sentences from patterns: enough to train and time on,
// written for these tests.
func corpus() []Example {
	fill := map[string][]string{
		"{件}": {"居住证", "身份证", "社保卡", "不动产登记", "护照", "营业执照", "公积金提取", "港澳通行证", "驾驶证", "出生证"},
		"{时}": {"明天上午", "下周三", "后天下午", "这周五", "下个月初", "星期一早上", "聽日", "周末"},
		"{处}": {"莞城", "南城", "东城", "虎门", "长安镇", "厚街", "塘厦", "常平"},
	}
	patterns := map[string][]string{
		"book_appointment":   {"我想预约{时}办{件}", "帮我约个号办{件}", "{时}去{处}办{件}，帮我预约一下", "想在{处}约{件}", "可以约{时}的号吗", "我要預約{件}", "唔該幫我約{時}{件}"},
		"cancel_appointment": {"我不去了，把{时}的号取消", "取消{件}的预约", "帮我退掉{处}那个号", "之前约的{件}不办了，取消吧"},
		"ask_procedure":      {"办{件}要带什么材料", "{件}怎么办理", "{处}办{件}收费吗", "补办{件}需要几天", "{件}在哪里办", "请问{件}网上能办吗"},
		"file_report":        {"我要投诉{处}的噪音", "{处}有人乱倒垃圾没人管", "举报{处}一家店无证经营", "{时}路灯坏了，{处}这边很黑", "{处}工地半夜施工太吵"},
		"greet":              {"你好", "您好", "在吗", "早上好", "哈喽", "有人吗", "喂你好"},
		"out_of_scope":       {"{时}天气怎么样", "给我讲个笑话", "{处}哪家火锅好吃", "推荐一部电影", "{时}股票会涨吗", "帮我写首诗", "翻译一句英文"},
	}
	var out []Example
	seen := make(map[string]bool)
	for _, label := range []string{"book_appointment", "cancel_appointment", "ask_procedure", "file_report", "greet", "out_of_scope"} {
		for author, pattern := range patterns[label] {
			for i := range 60 {
				text := pattern
				for slot, values := range fill { // each slot stands once, so order does not matter

					text = strings.ReplaceAll(text, slot, values[(i*(3+len(slot))+i/8+author*3+int(slot[1]))%len(values)])
				}
				if !seen[text] {
					seen[text] = true
					out = append(out, Example{Text: text, Label: label, Group: fmt.Sprint(author)})
				}
			}
		}
	}
	return out
}
