package intents

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

// cantonese are wordings that only Cantonese has, folded.
var cantonese = []string{"唔", "咩", "嘅", "喺", "冇", "嚟", "咗", "哋", "啲", "係咪", "系咪", "点样", "点解", "边度", "边个", "几时", "听日", "琴日", "而家", "依家", "睇", "揾", "畀", "俾", "佢", "嗰", "谢晒", "呢度", "呢个", "晏昼", "聽日", "啱", "乜", "嘢", "边间", "返工", "仲有", "攞", "搞掂"}

// languageOf tells the script and language of an utterance: English where it
// holds Latin words and no Chinese, Cantonese by its wording, traditional by
// its characters.
func languageOf(text string, t *reading) bot.Language {
	han, letters := 0, 0
	for i, r := range t.r {
		switch {
		case isHan(r):
			han++
		case latin(r) && !inNumber(t.r, i):
			letters++
		}
	}
	switch {
	case han == 0 && letters >= 2:
		return bot.English
	case han == 0:
		return ""
	case hanzi.IsTraditional(text):
		return bot.Traditional
	case containsAny(t.text, cantonese):
		return bot.Cantonese
	case han < 2 || !hanzi.DiffersTraditional(text):
		return "" // the same in both scripts
	}
	return bot.Simplified
}

// inNumber says whether the letter at i belongs to a number: DG2026…, 002X.
func inNumber(r []rune, i int) bool {
	from, to := i, i
	for from > 0 && (latin(r[from-1]) || figure(r[from-1])) {
		from--
	}
	for to < len(r) && (latin(r[to]) || figure(r[to])) {
		to++
	}
	return slices.ContainsFunc(r[from:to], figure)
}

// asks says whether an utterance asks something.
func asks(text string) bool {
	if strings.ContainsAny(text, "?？") {
		return true
	}
	if containsAny(aFew.ReplaceAllString(text, ""), questionWords) || mayOrNot.MatchString(text) || eitherOr(text) {
		return !strings.HasSuffix(strings.TrimRight(text, " 。"), "什么的")
	}
	return false
}

// mayOrNot asks at both ends: 能办居住证不能, 可以代办不可以.
var mayOrNot = regexp.MustCompile(`能[^不没唔，。,]{1,10}不能|可以[^不没唔，。,]{1,10}不可以|得[^不没唔，。,]{1,10}唔得`)

// eitherOr says whether words ask by naming both: 行不行, 收唔收.
func eitherOr(words string) bool {
	r := []rune(words)
	for i := 1; i+1 < len(r); i++ {
		if (r[i] == '不' || r[i] == '唔') && r[i-1] == r[i+1] && !strings.ContainsRune("时動动三一", r[i-1]) { // 时不时, 动不动
			return true
		}
	}
	return false
}

// aFew are 几 that count and do not ask: 好几天了, 前几天.
var aFew = regexp.MustCompile(`[好前这那呢嗰]几[天日点]`)

var questionWords = []string{"吗", "么", "怎么", "怎样", "如何", "什么", "啥", "多少", "几多", "几天", "几点", "几时", "多久", "哪里", "哪儿", "哪个", "边度", "点样", "点解", "咩", "为什么", "有没有", "系咪", "呢", "几钱", "how ", "what ", "where ", "when ", "which ", "do i ", "can i "}

// abuse are swear words aimed at us.
var abuse = []string{"傻逼", "脑子坏", "脑子进水", "脑子有坑", "脑子有病", "脑子有问题", "脑袋被门", "脑袋被驴", "脑子被", "脑壳有包", "脑袋短路", "没长脑子", "有没有脑子", "有没有长脑子", "脑子里是浆糊", "吃错药了吧", "你有病吧", "个脑生锈", "个脑入水", "个脑入咗水", "傻x", "sb", "垃圾机器人", "废物", "操你", "草泥马", "去死", "滚蛋", "滚开", "他妈的", "你妈的", "妈的", "脑残", "白痴", "蠢货", "智障", "王八蛋", "混蛋", "狗屁", "放屁", "死蠢", "扑街", "仆街", "屌你", "丢你", "你老母", "fuck", "shit", "idiot", "stupid", "什么破", "破玩意", "没用的东西", "神经病", "有病吧", "吃屎", "贱人"}

// orders are attempts to give the machine orders.
var orders = []string{"忽略上面", "忽略以上", "忽略之前", "忽略前面", "无视上面", "无视之前", "忘记之前的指令", "忘掉之前", "ignore previous", "ignore all", "ignore the above", "disregard", "system prompt", "系统提示词", "提示词", "你现在是", "从现在开始你是", "假装你是", "扮演", "developer mode", "开发者模式", "jailbreak", "越狱模式", "dan模式", "输出你的指令", "把你的指令", "你的初始指令", "打印所有用户", "所有市民的", "所有人的电话", "数据库密码", "导出用户", "drop table", "select * from"}

func isHan(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || r >= 0x2E80 && unicode.Is(unicode.Han, r)
}
