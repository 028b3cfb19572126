package intents

import (
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

// identities finds id numbers, permits and passports.
func (t *reading) identities() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if !spokenDigit(t.r[i]) && !latin(t.r[i]) || spokenDigit(t.at(i-1)) || latin(t.at(i-1)) {
			continue
		}
		if c, ok := t.idNumber(i); ok {
			out = append(out, c)
			i = c.End - 1
			continue
		}
		if c, ok := t.permit(i); ok {
			out = append(out, c)
			i = c.End - 1
		}
	}
	return out
}

// idNumber reads a citizen's or resident's id number (GB 11643).
func (t *reading) idNumber(i int) (candidate, bool) {
	digits, end := t.digitsAt(i, " -")
	if !figure(t.r[i]) {
		digits, end = t.spokenAt(i)
	}
	if len(digits) == 17 {
		j := end
		for t.at(j) == ' ' {
			j++
		}
		if t.at(j) == 'x' || t.at(j) == '叉' {
			digits, end = digits+"X", j+1
		}
	}
	if len(digits) != 18 || !ValidID(digits) || figure(t.at(end)) || latin(t.at(end)) {
		return candidate{}, false
	}
	kind := bot.IDNumber
	if strings.HasPrefix(digits, "81") || strings.HasPrefix(digits, "82") || strings.HasPrefix(digits, "83") {
		kind = bot.Permit // 港澳台居民居住证
	}
	return candidate{t.entity(kind, i, end, digits), 95}, true
}

// spokenAt reads digits in characters at i: 一一零一零五.
func (t *reading) spokenAt(i int) (digits string, end int) {
	end = i
	for end < len(t.r) && (spokenDigit(t.r[end]) || end > i && strings.ContainsRune(pauses, t.r[end])) {
		end++
	}
	for end > i && !spokenDigit(t.r[end-1]) {
		end--
	}
	if end-i < 17 { // shorter than any id number
		return "", end
	}
	digits, _ = hanzi.Digits(unmarked(t.r[i:end]))
	return digits, end
}

// ValidID checks an id number's check digit and birth date (GB 11643).
func ValidID(id string) bool {
	if len(id) != 18 {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
		sum += int(id[i]-'0') * w
	}
	if "10X98765432"[sum%11] != id[17] {
		return false
	}
	born, err := time.Parse("20060102", id[6:14])
	return err == nil && born.Year() >= 1880 && born.Before(time.Now().AddDate(0, 0, 2)) && id[0] != '0'
}

// permit reads travel permits and passports.
func (t *reading) permit(i int) (candidate, bool) {
	j := i
	for latin(t.at(j)) {
		j++
	}
	letters := string(t.r[i:j])
	digits, end := t.digitsAt(j, " ")
	if figure(t.at(end)) || latin(t.at(end)) || t.at(j) == ' ' {
		return candidate{}, false
	}
	value := strings.ToUpper(letters) + digits
	switch {
	case (letters == "h" || letters == "m") && (len(digits) == 8 || len(digits) == 10):
		return candidate{t.entity(bot.Permit, i, end, value), 90}, true
	case (letters == "c" || letters == "w") && len(digits) == 8, len(letters) == 2 && letters[0] == 'c' && len(digits) == 7:
		return candidate{t.entity(bot.Permit, i, end, value), 90}, true
	case letters == "" && (len(digits) == 8 || len(digits) == 10) && (t.near(i, "台胞证", "台湾通行证") || t.asked == bot.Permit):
		return candidate{t.entity(bot.Permit, i, end, value), 90}, true
	case letters == "e" && len(digits) == 8, letters == "g" && len(digits) == 8, len(letters) == 2 && letters[0] == 'e' && len(digits) == 7:
		return candidate{t.entity(bot.Passport, i, end, value), 90}, true
	case (t.near(i, "护照", "passport") || t.asked == bot.Passport) && len(value) >= 6 && len(value) <= 12 && len(digits) >= 5 && len(letters) <= 2:
		return candidate{t.entity(bot.Passport, i, end, value), 88}, true
	}
	return candidate{}, false
}

// near says whether one of the words stands within twenty-four runes before i.
func (t *reading) near(i int, words ...string) bool {
	return containsAny(string(t.r[max(0, i-24):i]), words)
}
