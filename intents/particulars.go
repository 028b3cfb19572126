package intents

import (
	"strings"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

func figure(r rune) bool { return '0' <= r && r <= '9' }

func latin(r rune) bool { return 'a' <= r && r <= 'z' }

// numbers finds ticket and appointment numbers, right check digit or not.
func (t *reading) numbers() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		kind, least := bot.TicketNo, 12
		switch {
		case t.stands(i, "dg", "d g") > 0:
		case t.stands(i, "yy", "y y") > 0:
			kind, least = bot.AppointmentNo, 10
		default:
			continue
		}
		if latin(t.at(i - 1)) {
			continue
		}
		letters := t.stands(i, "dg", "yy")
		if letters == 0 {
			letters = len("d g")
		}
		digits, end := t.saidDigitsAt(i+letters, " -—_,、")
		if len(digits) < least || len(digits) > least+6 {
			continue
		}
		value := strings.ToUpper(string(t.r[i])+string(t.r[i+letters-1])) + digits
		out = append(out, candidate{t.entity(kind, i, end, value), 100})
		i = end - 1
	}
	return out
}

// digitsAt reads figures at i, passing over the marks in between.
func (t *reading) digitsAt(i int, marks string) (digits string, end int) {
	var b strings.Builder
	end = i
	for j := i; j < len(t.r); j++ {
		c := t.r[j]
		switch {
		case figure(c):
			b.WriteRune(c)
			end = j + 1
		case strings.ContainsRune(marks, c):
		default:
			return b.String(), end
		}
	}
	return b.String(), end
}

// saidDigitsAt reads figures and digits in characters at i, passing over the
// marks in between: 2026一一二四零零零一八.
func (t *reading) saidDigitsAt(i int, marks string) (digits string, end int) {
	var said []rune
	end = i
	for j := i; j < len(t.r); j++ {
		switch c := t.r[j]; {
		case spokenDigit(c):
			said = append(said, c)
			end = j + 1
		case strings.ContainsRune(marks, c):
		default:
			j = len(t.r)
		}
	}
	digits, _ = hanzi.Digits(string(said))
	return digits, end
}

// phones finds phone numbers, written or spoken.
func (t *reading) phones() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if n, value := t.phone(i); n > 0 {
			out = append(out, candidate{t.entity(bot.Phone, i, i+n, value), 85})
			i += n - 1
		}
	}
	return out
}

// pauses may stand between the groups of a number, as it is spoken or typed.
const pauses = " -,、."

func (t *reading) phone(i int) (int, string) {
	if !spokenDigit(t.at(i)) && t.at(i) != '+' || figure(t.at(i-1)) || latin(t.at(i-1)) || spokenDigit(t.at(i-1)) && spokenDigit(t.at(i)) && !figure(t.at(i)) {
		return 0, ""
	}
	j := i
	j += t.stands(j, "+86", "0086", "86-", "86 ")
	for t.at(j) == ' ' || t.at(j) == '-' {
		j++
	}
	end := j
	for k := j; k < len(t.r) && k-j < 40; k++ {
		c := t.r[k]
		switch {
		case spokenDigit(c) || c == '双' || c == '个' && k > j && digitLike(t.at(k-1)) && digitLike(t.at(k+1)):
			end = k + 1
		case strings.ContainsRune(pauses, c):
		default:
			k = len(t.r)
		}
	}
	const fewest = 7 // 五个八 is three characters for five digits
	for ; end-j >= fewest; end-- {
		digits, ok := hanzi.Digits(unmarked(t.r[j:end]))
		if !ok {
			continue
		}
		if validPhone(digits) && !figure(t.at(end)) {
			return end - i, digits
		}
		if len(digits) < 11 {
			break
		}
	}
	return 0, ""
}

// unmarked is a number without the marks that part its groups.
func unmarked(number []rune) string {
	return strings.NewReplacer(",", "", "、", "", ".", "").Replace(string(number))
}

func spokenDigit(r rune) bool {
	return figure(r) || r > 0x2E80 && strings.ContainsRune("〇零一二三四五六七八九幺妖腰洞拐勾两另", r)
}

func digitLike(r rune) bool { return spokenDigit(r) }

// validPhone is a mainland mobile number, or a landline with Dongguan's area
// code.
func validPhone(d string) bool {
	if len(d) == 11 && d[0] == '1' && d[1] >= '3' {
		return true
	}
	return len(d) == 12 && strings.HasPrefix(d, "0769") && d[4] != '0' && d[4] != '1'
}

// relationWords name whom an errand is for.
var relationWords = []struct {
	value string
	words []string
}{
	{"本人", []string{"我自己", "我本人", "自己", "本人", "自个儿", "myself"}},
	{"祖辈", []string{"爷爷", "奶奶", "外公", "外婆", "公公", "婆婆", "阿公", "阿婆", "姥姥", "姥爷", "阿嫲", "嫲嫲", "my grandmother", "my grandma", "my grandfather", "my grandpa"}},
	{"母亲", []string{"我妈妈", "妈妈", "我妈", "老妈", "母亲", "阿妈", "我娘", "俺娘", "俺妈", "老母", "我家老太太", "家里老太太", "my mother", "my mom"}},
	{"父亲", []string{"我爸爸", "爸爸", "我爸", "老爸", "父亲", "阿爸", "老豆", "我爹", "俺爹", "俺爸", "我家老爷子", "家里老爷子", "my father", "my dad"}},
	{"配偶", []string{"老公", "老婆", "爱人", "丈夫", "妻子", "我先生", "我太太", "配偶", "媳妇", "老伴", "婆娘", "my wife", "my husband"}},
	{"子女", []string{"儿子", "女儿", "小孩", "孩子", "我仔", "我女", "囡囡", "宝宝", "娃", "细路", "仔女", "我家闺女", "闺女", "my son", "my daughter", "my child"}},
	{"亲属", []string{"我哥", "我姐", "我弟", "我妹", "哥哥", "姐姐", "弟弟", "妹妹", "叔叔", "阿姨", "舅舅", "姑姑", "伯父", "岳父", "岳母", "侄子", "外甥", "亲戚", "家公", "家婆", "我家老人", "家里老人", "家里的老人", "家中老人", "屋企老人", "家中长辈", "家里长辈", "家里人", "屋企人", "孙子", "孙女", "外孙", "my parents", "my brother", "my sister"}},
	{"雇员", []string{"员工", "工人", "雇员", "保姆", "我们公司的人", "我厂里的人"}},
	{"朋友", []string{"朋友", "同事", "室友", "工友", "同学", "邻居", "my friend"}},
}

// relationFirsts are what those words begin with.
var relationFirsts = func() (f firsts) {
	for _, rel := range relationWords {
		f.add(rel.words...)
	}
	return f
}()

// relations finds for whom something is done, where the words say so.
func (t *reading) relations() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if !relationFirsts.may(t.r[i]) {
			continue
		}
		for _, rel := range relationWords {
			n := t.stands(i, rel.words...)
			if n == 0 || !t.meansSomebody(i, n, rel.value) {
				continue
			}
			out = append(out, candidate{t.entity(bot.Relation, i, i+n, rel.value), 50})
			i += n - 1
			break
		}
	}
	return out
}

// meansSomebody keeps "自己" in passing and neighbours one complains of from
// being whom the errand is for.
func (t *reading) meansSomebody(i, n int, value string) bool {
	switch value {
	case "本人":
		return t.asked == bot.Relation || t.before(i, "给", "帮", "替", "是", "为", "我") || len(t.r) <= n+3
	case "朋友":
		return t.asked == bot.Relation || t.before(i, "帮", "给", "替", "帮我", "为", "我", "个") && !t.before(i, "楼下", "我邻居")
	case "雇员":
		return t.before(i, "帮", "给", "替", "为", "我", "我的", "我们", "我厂", "公司", "厂里", "店里")
	}
	return true
}
