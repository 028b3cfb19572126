package wechat

import (
	"strconv"
	"strings"
	"unicode"
)

// words are what the door itself says, beside the replies it carries.
type words struct {
	waiting string // the third try runs out
	sorry   string // a turn failed inside and nothing was promised
	crowded string // not taken
	tap     string // under options to tap
	number  string // under a numbered list; N stands for the last number
	more    string // a long answer goes on with the next message
}

// wordsFor answers in the language and script of a text: a sentence without
// Chinese characters is taken for English, one without characters at all
// for nobody's.
func wordsFor(text string) words {
	latin, han := false, false
	for _, r := range text {
		han = han || unicode.Is(unicode.Han, r)
		latin = latin || unicode.Is(unicode.Latin, r)
	}
	switch {
	case latin && !han:
		return words{
			waiting: "Still working on it, please wait a moment. Send me any message later and I will give you the result.",
			sorry:   "That did not work just now. Please send it again; if it is urgent, call 12345.",
			crowded: "Too many people are writing right now and I could not take this. Please send it again in a minute; if it is urgent, call 12345.",
			tap:     "Tap one, or reply with its number.", number: "Reply with a number, 1 to N.",
			more: "(Reply \"continue\" to read on.)",
		}
	case strings.ContainsAny(text, traditional):
		return words{
			waiting: "還在為您辦，請稍等一會兒。過後隨便回我一句，就把結果告訴您。",
			sorry:   "剛才沒有辦成，請再發一次。急事可撥 12345。",
			crowded: "現在人很多，這條沒能收下，請過一分鐘再發一次。急事可撥 12345。",
			tap:     "點一下，或回覆數字。", number: "回覆數字即可。", more: "（回覆“繼續”，接著看。）",
		}
	}
	return words{
		waiting: "还在为您办，请稍等一会儿。过后随便回我一句，就把结果告诉您。",
		sorry:   "刚才没有办成，请再发一次。急事可拨 12345。",
		crowded: "现在人很多，这条没能收下，请过一分钟再发一次。急事可拨 12345。",
		tap:     "点一下，或回复数字。", number: "回复数字即可。", more: "（回复“继续”，接着看。）",
	}
}

// traditional are frequent characters that simplified text does not have.
const traditional = "們個嗎請時間預約辦證資點選擇這麼為對學會號碼還沒發應該當東業務場處機關開門話電腦網頁實現問題嚴員產買賣給從來過後裡長萬與報訴幾週幫誰說話錯謝"

// numbered fills in the last number.
func (w words) numbered(last int) string {
	return strings.ReplaceAll(w.number, "N", strconv.Itoa(last))
}
