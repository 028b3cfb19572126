package intents

import (
	"slices"
	"strconv"
	"strings"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

// amounts finds money and plain numbers.
func (t *reading) amounts() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if !numeric(t.r[i]) || i > 0 && numeric(t.r[i-1]) || latin(t.at(i-1)) {
			continue
		}
		j := i
		for numeric(t.at(j)) || t.at(j) == '.' && figure(t.at(j+1)) || t.at(j) == ',' && figure(t.at(j-1)) && figure(t.at(j+1)) && figure(t.at(j+2)) && figure(t.at(j+3)) {
			j++
		}
		value, ok := amount(string(t.r[i:j]))
		if !ok {
			i = j - 1
			continue
		}
		if start, end, sum := t.money(i, j, value); end > 0 {
			out = append(out, candidate{t.entity(bot.Money, start, end, plain(sum)), 65})
			i = end - 1
			continue
		}
		if j-i <= 8 && t.loneNumber(i, j) {
			shown := plain(value)
			if allFigures(t.r[i:j]) {
				shown = string(t.r[i:j])
			}
			out = append(out, candidate{t.entity(bot.Number, i, j, shown), 10})
		}
		i = j - 1
	}
	return out
}

// amount reads a number in figures, in characters, or in figures with 万 or 千
// behind them: 1,200, 三百五, 3.5万.
func amount(text string) (float64, bool) {
	text = strings.ReplaceAll(text, ",", "")
	for unit, times := range map[string]float64{"万": 10_000, "千": 1000, "百": 100} {
		if figures, found := strings.CutSuffix(text, unit); found {
			if v, err := strconv.ParseFloat(figures, 64); err == nil {
				return v * times, true
			}
		}
	}
	return hanzi.Number(text)
}

// money reads the number at [i,j) as a sum of yuan by what stands around it;
// end is 0 where it is none.
func (t *reading) money(i, j int, value float64) (start, end int, yuan float64) {
	start = i
	if c := t.at(i - 1); c == '¥' || c == '￥' {
		start, end = i-1, j
	}
	if n := t.stands(j, "万元", "万块"); n > 0 {
		return start, j + n, value * 10_000
	}
	n := t.stands(j, "块钱", "元钱", "元", "块", "蚊", "rmb", "人民币", "文钱")
	if n == 0 {
		return start, end, value
	}
	end = j + n
	if t.at(end-1) != '块' && t.at(end-1) != '元' && t.at(end-1) != '蚊' {
		return start, end, value
	}
	// 一百二十块五毛, 三块五
	if tenth, ok := hanzi.Number(string(t.at(end))); ok && tenth < 10 && !numeric(t.at(end+1)) {
		tail := t.stands(end+1, "毛钱", "毛", "角")
		if tail > 0 || end+1 == len(t.r) {
			return start, end + 1 + tail, value + tenth/10
		}
	}
	return start, end, value
}

func numeric(r rune) bool {
	return figure(r) || r != 0 && strings.ContainsRune("零〇一二三四五六七八九十百千万两廿卅", r)
}

func allFigures(r []rune) bool {
	return !slices.ContainsFunc(r, func(c rune) bool { return !figure(c) })
}

// loneNumber says whether a number in characters is meant as one: "一下" and
// "一个" are not.
func (t *reading) loneNumber(i, j int) bool {
	if allFigures(t.r[i:j]) {
		return !latin(t.at(j))
	}
	return j-i >= 2 || len(t.r) <= 3
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
