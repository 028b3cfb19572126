package hanzi

import (
	"strconv"
	"strings"
)

// digitOf is the value of a digit as it is written or spoken; 10 where it is none.
func digitOf(r rune) int {
	switch r {
	case '0', '〇', '零', '另', '洞', '○':
		return 0
	case '1', '一', '幺', '妖', '腰', '壹':
		return 1
	case '2', '二', '两', '贰', '兩', '俩':
		return 2
	case '3', '三', '叁':
		return 3
	case '4', '四', '肆':
		return 4
	case '5', '五', '伍':
		return 5
	case '6', '六', '陆':
		return 6
	case '7', '七', '拐', '柒':
		return 7
	case '8', '八', '捌':
		return 8
	case '9', '九', '勾', '玖':
		return 9
	}
	if '０' <= r && r <= '９' {
		return int(r - '０')
	}
	return 10
}

func repeats(r rune) int {
	switch r {
	case '两', '二', '2', '双':
		return 2
	case '三', '3':
		return 3
	case '四', '4':
		return 4
	case '五', '5':
		return 5
	}
	return 0
}

// Digits reads spoken digits: 一三八 → 138, 三个八 → 888, 双六 → 66, 洞 → 0,
// 幺 → 1, 拐 → 7, 勾 → 9. ok is false where anything else stands in the text.
func Digits(text string) (digits string, ok bool) {
	r := Fold(text)
	var b strings.Builder
	for i := 0; i < len(r); i++ {
		switch {
		case r[i] == ' ' || r[i] == '-' || r[i] == '，' || r[i] == ',' || r[i] == '、':
			continue
		case i+2 < len(r) && r[i+1] == '个' && repeats(r[i]) > 0 && digitOf(r[i+2]) < 10:
			b.WriteString(strings.Repeat(strconv.Itoa(digitOf(r[i+2])), repeats(r[i])))
			i += 2
		case r[i] == '双' && i+1 < len(r) && digitOf(r[i+1]) < 10:
			b.WriteString(strings.Repeat(strconv.Itoa(digitOf(r[i+1])), 2))
			i++
		case digitOf(r[i]) < 10:
			b.WriteByte(byte('0' + digitOf(r[i])))
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// Number reads a numeral: 三十五, 两千, 一万二, 〇, 廿一, 3.5, 半.
func Number(text string) (value float64, ok bool) {
	r := Fold(strings.TrimSpace(text))
	if len(r) == 0 {
		return 0, false
	}
	if v, err := strconv.ParseFloat(string(r), 64); err == nil {
		return v, true
	}
	if len(r) == 1 && r[0] == '半' {
		return 0.5, true
	}
	return numeral(r)
}

// numeral reads characters with units of ten, and plain digits in a row.
func numeral(r []rune) (float64, bool) {
	total, section, digit, seen := 0.0, 0.0, -1.0, false
	last := 0.0 // unit that stood last, for 一万二 = 12000
	for i, c := range r {
		switch unit := unitOf(c); {
		case c == '半' && i == len(r)-1:
			if last == 0 {
				last = 1
			}
			return total + section + max(digit, 0) + last/2, seen
		case c == '廿' || c == '卅':
			section += map[rune]float64{'廿': 20, '卅': 30}[c]
			digit, last, seen = -1, 10, true
		case unit >= 10000:
			if digit > 0 {
				section += digit
			}
			total = (total + section) * unit
			section, digit, last, seen = 0, -1, unit, true
		case unit > 0:
			if digit < 0 {
				digit = 1
			}
			section += digit * unit
			digit, last, seen = -1, unit, true
		case digitOf(c) < 10 && c != '妖' && c != '腰' && c != '另':
			if digitOf(c) == 0 {
				last = 0
			}
			if digit >= 0 && digitOf(c) != 0 && digit != 0 {
				return plainDigits(r)
			}
			digit, seen = float64(digitOf(c)), true
		default:
			return 0, false
		}
	}
	if digit > 0 {
		if last >= 100 {
			digit *= last / 10
		}
		section += digit
	}
	return total + section, seen
}

func plainDigits(r []rune) (float64, bool) {
	v := 0.0
	for _, c := range r {
		d := digitOf(c)
		if d > 9 {
			return 0, false
		}
		v = v*10 + float64(d)
	}
	return v, true
}

func unitOf(r rune) float64 {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	case '万':
		return 10000
	case '亿':
		return 1e8
	}
	return 0
}
