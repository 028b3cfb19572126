package wechat

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
	switch {
	case english(text):
		return words{
			waiting: "Still working on it, please wait a moment. Send me any message later and I will give you the result.",
			sorry:   "That did not work just now. Please send it again; if it is urgent, call 12345.",
			crowded: "Too many people are writing right now and I could not take this. Please send it again in a minute; if it is urgent, call 12345.",
			tap:     "Tap one, or reply with its number.", number: "Reply with a number, 1 to N.",
			more: "(Reply \"continue\" to read on.)",
		}
	case strings.ContainsFunc(text, traditional):
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

// wordsUnder is what stands under a reply: in the language of its first line,
// since the names of halls and services are Chinese in every language.
func wordsUnder(text string) words {
	first, _, _ := strings.Cut(text, "\n")
	if english(first) {
		return wordsFor(first)
	}
	return wordsFor(text)
}

// english says whether a text has letters and no Chinese characters.
func english(text string) bool {
	latin := false
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			latin = latin || 'a' <= r|0x20 && r|0x20 <= 'z'
		case unicode.Is(unicode.Han, r):
			return false
		default:
			latin = latin || unicode.Is(unicode.Latin, r)
		}
	}
	return latin
}

// traditional knows frequent characters that simplified text does not have.
func traditional(r rune) bool {
	switch r {
	case '們', '個', '嗎', '請', '時', '間', '預', '約', '辦', '證', '資', '點', '選', '擇', '這', '麼',
		'為', '對', '學', '會', '號', '碼', '還', '沒', '發', '應', '該', '當', '東', '業', '務', '場',
		'處', '機', '關', '開', '門', '話', '電', '腦', '網', '頁', '實', '現', '問', '題', '嚴', '員',
		'產', '買', '賣', '給', '從', '來', '過', '後', '裡', '長', '萬', '與', '報', '訴', '幾', '週',
		'幫', '誰', '說', '錯', '謝':
		return true
	}
	return false
}

// numbered fills in the last number.
func (w words) numbered(last int) string {
	return strings.ReplaceAll(w.number, "N", strconv.Itoa(last))
}
