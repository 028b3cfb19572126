package intents

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"guanjia/intents/hanzi"
)

// childUnder is the age under which a guardian has to agree to what is kept of
// a child (个人信息保护法 article 31).
const childUnder = 14

// The ways people tell how old they themselves are. 我孩子12岁 is none: between
// 我 and the age stands nothing but words of degree.
var (
	ownAge   = regexp.MustCompile(`(?:我|本人|俺)(?:今年|现在|而家|才|仲系|还是|还|刚刚|刚|已经|就|都|只有|满|是|系|个|快)*(未满|不满|不到|没到|未到|没满|未够|差一点)?(\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:周?岁)(.{0,3})`)
	ownAgeEN = regexp.MustCompile(`\b(?:i am|i'm|im) (?:only |just )?(\d{1,2})(?: years? old| yrs? old|[,.!]|$)`)
	ownClass = regexp.MustCompile(`(?:我|本人)(?:现在|今年|而家|还|仲|正|刚|是|系|在|喺)*(?:(?:读|上|念)(?:紧|着)?(?:小学)?|小学)(?:[一二三四五六1-6]年级|小学|初一)(.{0,3})`)
	onlyYear = regexp.MustCompile(`^(?:现在|今年|还在|在)?(?:读|上|念)(?:紧)?(?:小学)?[一二三四五六1-6]年级(?:了|啊|的|学生|而已)*[。！!,，]?$`)
	ownKind  = regexp.MustCompile(`(?:我|本人)(?:还|仲|只|就|是|系|个|一|名|位|重)+(?:小学生|[一二三四五六]年级(?:的)?学生|初一(?:的)?学生|小朋友|小孩子|小孩儿|小孩|细路仔|细路女|细路|儿童|细)(.{0,3})`)
	onlyKind = regexp.MustCompile(`^(?:我)?(?:小学生|小朋友|细路仔|细路)(?:一个|一枚|来的|嚟嘅)?[。！!]?$`)
	kindEN   = regexp.MustCompile(`\b(?:i am|i'm|im) (?:a |only a |just a |still a )(?:kid|child|little (?:boy|girl)|primary school (?:student|pupil))\b|\b(?:i am|i'm|im) in (?:grade [1-6]|primary school)\b`)
	grownUp  = regexp.MustCompile(`我(?:是|系)(?:个)?(?:大人|成年人|成年)|我(?:已经)?成年了|\bi am an adult\b|\bi'm an adult\b`)
)

// aboutAge are what all of these hold: a look for them spares most utterances
// the patterns.
var aboutAge = []string{"岁", "年级", "小学", "初一", "细", "小朋友", "小孩", "儿童", "成年", "大人", "i am ", "i'm ", "im "}

// unmeant are words before which an age is not the speaker's own now.
var unmeant = []string{"如果", "假如", "要是", "等我", "等到我", "当我", "if i", "when i"}

// ofAnother are words behind an age or a class that make it somebody else's or
// another time's: 我12岁的儿子, 我读小学的时候, 我是小学生家长.
var ofAnother = []string{"的", "嘅", "时", "那", "以", "就来", "家长", "家", "老师", "妈", "爸", "爷", "奶", "监护", "托管", "作文", "仔", "女", "个"}

// childhood hears whether a citizen tells that they are a child under 14, or
// that they are not: grown is set for an age above.
func childhood(norm string) (child, grown bool) {
	if !containsAny(norm, aboutAge) || containsAny(norm, unmeant) {
		return false, false
	}
	if m := ownAge.FindStringSubmatch(norm); m != nil && !anothers(m[3]) {
		if n, ok := hanzi.Number(m[2]); ok && n > 0 {
			young := n < childUnder || n == childUnder && m[1] != ""
			return young, !young
		}
	}
	if m := ownAgeEN.FindStringSubmatch(norm); m != nil {
		n, _ := hanzi.Number(m[1])
		return n > 0 && n < childUnder, n >= childUnder
	}
	if grownUp.MatchString(norm) {
		return false, true
	}
	for _, told := range []*regexp.Regexp{ownClass, ownKind} {
		if m := told.FindStringSubmatch(norm); m != nil && !anothers(m[1]) {
			return true, false
		}
	}
	return onlyYear.MatchString(norm) || onlyKind.MatchString(norm) || kindEN.MatchString(norm), false
}

// anothers says whether what follows makes the age or class somebody else's.
// A closing 的 with nothing behind it only ends the sentence.
func anothers(after string) bool {
	after = strings.TrimSpace(after)
	for _, w := range ofAnother {
		if rest, found := strings.CutPrefix(after, w); found {
			next, _ := utf8.DecodeRuneInString(rest)
			closes := (w == "的" || w == "嘅") && (rest == "" || strings.ContainsRune("，,。.!！", next))
			return !closes
		}
	}
	return false
}
