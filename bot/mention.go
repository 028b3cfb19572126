package bot

import (
	"regexp"
	"slices"
	"strings"
)

// Mentions says whether one of the words stands in a text.
func Mentions(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// Who is thanked for giving: by name of what they are, or by what they gave.
const (
	kind  = `(?:好心人|热心人|熱心人|爱心人士|愛心人士|爱心企业|愛心企業|恩人)`
	whom  = `(?:人|大哥|大姐|叔叔|阿姨|老板|老闆|邻居|鄰居|街坊|公司|企业|企業|单位|單位|店|厂|廠)`
	gave  = `(?:送|捐|资助|資助|认领|認領|买|買)[^，。,！!？?；;]{1,16}?(?:的|嘅)`
	aided = `帮(?:了|过|咗|助|助了)?(?:我|我们|我家|我们家)(?:的|嘅)`
	those = `(?:那|嗰)?(?:位|个|個|家|间|間|些|啲)?`
)

var (
	givers = regexp.MustCompile(`(?:谢|謝)[^，。,！!？?；;]{0,12}?(?:` + kind + `|(?:` + gave + `|` + aided + `)` + those + whom + `|(?:那|嗰)` + those + whom + `)`)
	// staff are thanked by praise, and who asks or offers does not thank.
	notGivers = regexp.MustCompile(`需要|有困难|我想[送捐买]|我要[送捐买]|怎么|如何|联系|投诉|窗口|工作人员|社工|客服|民警|医生|老师|经办|办事`)
)

// ThanksGiver hears that somebody wants to thank whoever gave them something.
func ThanksGiver(words string) bool {
	return givers.MatchString(words) && !notGivers.MatchString(words)
}
