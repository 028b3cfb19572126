package chinesetime

import (
	"strings"
)

// figures reads dates in figures with separators, and eight figures in a row.
func (s *scanner) figures(i int) (*span, int) {
	if !isFigure(s.at(i)) {
		return nil, 0
	}
	var v [3]int
	var w [3]int
	j, k := i, 0
	sep := rune(0)
	for ; k < 3; k++ {
		for isFigure(s.at(j)) {
			v[k] = v[k]*10 + int(s.at(j)-'0')
			w[k]++
			j++
			if w[k] > 8 {
				return nil, 0
			}
		}
		if w[k] == 0 {
			return nil, 0
		}
		c := s.at(j)
		if k < 2 && isFigure(s.at(j+1)) && (c == '-' || c == '/' || c == '.' || c == '·' || c == ' ' && w[0] == 4) && (sep == 0 || sep == c) {
			sep = c
			j++
			continue
		}
		break
	}
	if w[0] == 8 && strings.ContainsRune("号码编单", s.at(i-1)) {
		return nil, 0 // the number of a paper
	}
	return s.figured(v, w, k+1, sep, j-i, j)
}

// figured judges runs of figures: three of them with a year first or last, two
// as month and day, one of eight as a compact date.
func (s *scanner) figured(v, w [3]int, runs int, sep rune, n, end int) (*span, int) {
	behind := s.at(end)
	if isFigure(behind) || behind >= 'a' && behind <= 'z' && behind != 't' || behind == '-' || behind == '%' {
		return nil, 0
	}
	switch {
	case runs == 1 && w[0] == 8 && v[0] > 19000101 && v[0] < 21000101:
		d := date(v[0]/10000, v[0]/100%100, v[0]%100)
		if d.invalid {
			return nil, 0
		}
		return d, n
	case runs == 3 && w[0] == 4:
		return date(v[0], v[1], v[2]), n
	case runs == 3 && w[2] == 4: // day first where the whole date is in figures
		if v[1] > 12 {
			return date(v[2], v[0], v[1]), n
		}
		return date(v[2], v[1], v[0]), n
	case runs == 3 && w[2] == 2 && w[0] <= 2 && v[1] <= 12:
		y := 2000 + v[2]
		if v[2] > 50 {
			y = 1900 + v[2]
		}
		d := date(y, v[1], v[0])
		if d.invalid {
			return nil, 0
		}
		return d, n
	case runs == 2 && w[0] <= 2 && w[1] <= 2 && sep != ' ':
		return s.monthDay(v, w, sep, n, end)
	}
	return nil, 0
}

// monthDay reads 12/2, 6·30, 09-01, 12.2号; a point alone is a decimal.
func (s *scanner) monthDay(v, w [3]int, sep rune, n, end int) (*span, int) {
	mark := s.has(end, "号", "日")
	if sep == '.' && mark == 0 || sep == '-' && mark == 0 && (w[0] != 2 || w[1] != 2) {
		return nil, 0
	}
	if v[0] < 1 || v[0] > 12 || v[1] < 1 || v[1] > 31 || s.has(end, "元", "块", "米", "楼", "室", "栋", "个", "岁", "人", "万") > 0 {
		return nil, 0
	}
	d := s.nextDay(v[0], v[1])
	if d.invalid && mark == 0 {
		return nil, 0
	}
	return d, n + mark
}
