package words

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/intents/hanzi"
)

// numerals are the characters numbers are told in.
const numerals = "0123456789.一二三四五六七八九十百千两"

// Count is the first number in folded words that one of the units follows: 12 of
// 社保交了12年, 30 of 我们三十多个人. bare says that hardly anything else was said.
// How many a few are (十几年) nobody knows, and a year (2012年) is no count.
func Count(folded string, units ...string) (n float64, bare, ok bool) {
	for i := 0; i < len(folded); {
		size := 0
		for _, r := range folded[i:] {
			if !strings.ContainsRune(numerals, r) {
				break
			}
			size += utf8.RuneLen(r)
		}
		if size == 0 {
			_, width := utf8.DecodeRuneInString(folded[i:])
			i += width
			continue
		}
		told, rest := folded[i:i+size], folded[i+size:]
		rest = strings.TrimPrefix(rest, "多")
		for _, unit := range units {
			after, follows := strings.CutPrefix(rest, unit)
			if !follows {
				continue
			}
			n, known := number(told)
			if !known || unit == "年" && n >= firstYear {
				break
			}
			if strings.HasPrefix(after, "半") {
				n += 0.5
			}
			beside := around.Replace(folded[:i]) + around.Replace(after)
			return n, beside == "", true
		}
		i += size
	}
	return 0, false, false
}

// firstYear is from where on a number before 年 is a year's.
const firstYear = 1900

// around are words that tell nothing beside a count.
var around = strings.NewReplacer("大概", "", "大约", "", "差不多", "", "左右", "", "有", "", "才", "", "就", "", "吧", "", "了", "", "半", "", "上下", "", "一共", "", "总共", "", "共", "", "约", "", "只", "")

func number(told string) (float64, bool) {
	if n, err := strconv.ParseFloat(told, 64); err == nil {
		return n, true
	}
	return hanzi.Number(told)
}
