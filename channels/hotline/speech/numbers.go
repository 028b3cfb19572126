package speech

import "strings"

var numerals = []rune("零一二三四五六七八九")

// digitwise reads digits one by one. In Mandarin one is yāo in numbers people
// dial.
func digitwise(digits string, dialled bool) string {
	var b strings.Builder
	for _, d := range digits {
		switch {
		case d == '1' && dialled:
			b.WriteRune('幺')
		case d >= '0' && d <= '9':
			b.WriteRune(numerals[d-'0'])
		}
	}
	return b.String()
}

// grouped reads a long number in groups, as it is said so that it can be
// written down: a mobile number three, four, four; others by fours.
func grouped(digits string, dialled bool) string {
	first := 4
	if len(digits) == 11 && digits[0] == '1' {
		first = 3
	} else if len(digits)%4 != 0 && len(digits) > 4 {
		first = len(digits) % 4
		if first == 1 {
			first = 5
		}
	}
	var parts []string
	for len(digits) > 0 {
		n := min(first, len(digits))
		parts = append(parts, digitwise(digits[:n], dialled))
		digits, first = digits[n:], 4
	}
	return strings.Join(parts, "，")
}

// cardinal reads a number as an amount, up to 12 digits; longer ones digit by
// digit.
func cardinal(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return "零"
	case len(digits) > 12:
		return digitwise(digits, false)
	}
	units := []string{"", "万", "亿"}
	var out string
	zero := false
	for section := (len(digits) - 1) / 4; section >= 0; section-- {
		end := len(digits) - 4*section
		part := digits[max(end-4, 0):end]
		text := thousands(part)
		switch {
		case text == "":
			zero = out != ""
			continue
		case out != "" && (zero || part[0] == '0'):
			out += "零"
		}
		out, zero = out+text+units[section], false
	}
	if strings.HasPrefix(out, "一十") {
		out = strings.TrimPrefix(out, "一")
	}
	return out
}

// thousands reads up to four digits; empty for nought.
func thousands(part string) string {
	places := []string{"", "十", "百", "千"}
	var b strings.Builder
	zero := false
	for i, d := range part {
		if d == '0' {
			zero = b.Len() > 0
			continue
		}
		if zero {
			b.WriteRune('零')
			zero = false
		}
		b.WriteRune(numerals[d-'0'])
		b.WriteString(places[len(part)-1-i])
	}
	return b.String()
}

// decimal reads a number with a fraction.
func decimal(number string) string {
	whole, fraction, found := strings.Cut(strings.ReplaceAll(number, ",", ""), ".")
	if fraction = strings.TrimRight(fraction, "0"); !found || fraction == "" {
		return cardinal(whole)
	}
	return cardinal(whole) + "点" + digitwise(fraction, false)
}
