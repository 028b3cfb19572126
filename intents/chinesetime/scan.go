package chinesetime

import (
	"strings"
	"time"
	"unicode/utf8"
)

// scanner reads a folded sentence.
type scanner struct {
	r        []rune
	text     string // r once more
	begins   []int  // where each rune begins in text
	now      time.Time
	calendar *Calendar
}

func newScanner(folded []rune, now time.Time) *scanner {
	s := &scanner{r: folded, text: string(folded), begins: make([]int, 0, len(folded)), now: now}
	for i := range s.text {
		s.begins = append(s.begins, i)
	}
	return s
}

// starters are the runes an expression can begin with; anything else is
// passed over at once.
const starters = "0123456789一二三四五六七八九十〇零两廿卅半今明昨前后听琴寻大当本这那呢上下去周星礼拜月年初正腊农阴旧除元春清劳端中国圣母父感教儿妇植建重七双光万愚平青女凌早朝清晨傍夜晚深午晏现而刚立最近未来过接几差季整每冬夏秋暑寒护记情消全单头第再礼月底日"

// canStart tells by a rune of the first plane whether it is one of them.
var canStart = func() (set [1 << 16 / 64]uint64) {
	for _, r := range starters {
		set[r>>6] |= 1 << (r & 63)
	}
	return set
}()

func (s *scanner) may(i int) bool {
	if r := s.r[i]; r>>16 != 0 || canStart[r>>6]>>(r&63)&1 == 0 {
		return false
	}
	// A figure inside a longer number begins nothing.
	if isFigure(s.r[i]) && i > 0 && (isFigure(s.r[i-1]) || s.r[i-1] == '.' && i > 1 && isFigure(s.r[i-2])) {
		return false
	}
	return true
}

func isFigure(r rune) bool { return '0' <= r && r <= '9' }

func (s *scanner) at(i int) rune {
	if i < 0 || i >= len(s.r) {
		return 0
	}
	return s.r[i]
}

// has says how many runes of the first matching word stand at i, 0 if none.
func (s *scanner) has(i int, words ...string) int {
	if i < 0 || i >= len(s.r) {
		return 0
	}
	rest := s.text[s.begins[i]:]
	for _, w := range words {
		if strings.HasPrefix(rest, w) {
			return utf8.RuneCountInString(w)
		}
	}
	return 0
}

// blanks is how many blanks stand at i.
func (s *scanner) blanks(i int) int {
	n := 0
	for s.at(i+n) == ' ' {
		n++
	}
	return n
}

func digit(r rune) int {
	if isFigure(r) {
		return int(r - '0')
	}
	switch r {
	case '〇', '零':
		return 0
	case '一':
		return 1
	case '二', '两':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

// number reads a number below 1000 at i: figures, or characters with tens and
// hundreds. n is how many runes it takes, 0 if there is none.
func (s *scanner) number(i int) (value, n int) {
	if isFigure(s.at(i)) {
		for isFigure(s.at(i + n)) {
			value = value*10 + int(s.at(i+n)-'0')
			n++
			if n > 4 {
				return 0, 0
			}
		}
		return value, n
	}
	return s.numeral(i)
}

// numeral reads 三十五, 十二, 廿九, 一百二十, 两 …
func (s *scanner) numeral(i int) (value, n int) {
	seen := false
	pending := -1
	for {
		c := s.at(i + n)
		d := digit(c)
		switch {
		case c == '百' && pending > 0:
			value += pending * 100
			pending = -1
		case c == '十':
			if pending < 0 {
				pending = 1
			}
			value += pending * 10
			pending = -1
		case c == '廿' || c == '卅':
			value += map[rune]int{'廿': 20, '卅': 30}[c]
		case d >= 0 && !isFigure(c) && (pending < 0 || pending == 0):
			pending = d
		default:
			if pending > 0 {
				value += pending
			}
			if !seen {
				return 0, 0
			}
			return value, n
		}
		seen = true
		n++
		if n > 6 {
			return 0, 0
		}
	}
}

// year reads a year of four digits at i: 2026, 二〇二六, 两千零四, 二零二六.
func (s *scanner) year(i int) (value, n int) {
	if s.has(i+1, "千") > 0 && digit(s.at(i)) > 0 {
		value = digit(s.at(i)) * 1000
		n = 2
		for s.at(i+n) == '零' || s.at(i+n) == '〇' {
			n++
		}
		rest, m := s.numeral(i + n)
		return value + rest, n + m
	}
	for n < 4 {
		d := digit(s.at(i + n))
		if d < 0 {
			return 0, 0
		}
		value = value*10 + d
		n++
	}
	if digit(s.at(i+n)) >= 0 {
		return 0, 0
	}
	return value, n
}

// expression reads the longest expression at i.
func (s *scanner) expression(i int) (found, bool) {
	if s.decoy(i) {
		return found{}, false
	}
	if f, ok := s.counted(i); ok {
		return f, true
	}
	f, ok := s.simple(i)
	if !ok {
		return f, false
	}
	return s.ranged(f), true
}

// simple reads a day, a time of day, or both.
func (s *scanner) simple(i int) (found, bool) {
	f := found{start: i, end: i}
	if days, n := s.days(i); n > 0 {
		f.days, f.end = days, i+n
		if days.clock != nil {
			return f, true
		}
		if c, m := s.hour(s.glue(f.end)); m > 0 && !days.invalid {
			at := s.glue(f.end)
			f.at, f.end = c, at+m
		}
		return s.settled(f), !s.followedBadly(f)
	}
	c, n := s.hour(i)
	if n == 0 {
		return f, false
	}
	f.at, f.end = c, i+n
	return f, !s.followedBadly(f)
}

// settled puts an hour after midnight of "tonight at twelve" on the next day.
func (s *scanner) settled(f found) found {
	if f.days != nil && f.at != nil && f.at.to < 0 && f.at.from >= 24*60 {
		d := *f.days
		d.from, d.to = d.from.AddDate(0, 0, 1), d.to.AddDate(0, 0, 1)
		c := *f.at
		c.from -= 24 * 60
		f.days, f.at = &d, &c
	}
	return f
}

// glue passes over what stands between a day and its hour: 周三的下午, 周三, 下午.
func (s *scanner) glue(i int) int {
	j := i
	if s.at(j) == '的' || s.at(j) == '嘅' || s.at(j) == ',' || s.at(j) == '，' || s.at(j) == 't' && isFigure(s.at(j+1)) {
		j++
	}
	return j + s.blanks(j)
}

// corrected drops what was taken back: 周三,哦不,周四.
func (s *scanner) corrected(list []found) []found {
	out := list[:0:0]
	for k, f := range list {
		if k+1 < len(list) && s.takesBack(f.end, list[k+1].start) {
			continue
		}
		out = append(out, f)
	}
	return out
}

// takesBack says whether the words between two expressions withdraw the first.
func (s *scanner) takesBack(from, to int) bool {
	if to-from > 10 {
		return false
	}
	words := strings.Trim(string(s.r[from:to]), " ,，、。.…啊哦噢呃额嗯诶哎我系是应该")
	switch words {
	case "不", "不对", "不是", "错了", "说错了", "讲错了", "唔", "唔对", "讲错", "弄错了", "更正", "改", "改成", "还是改", "记错了", "no":
		return true
	}
	return false
}
