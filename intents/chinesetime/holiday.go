package chinesetime

import (
	"sync"
	"time"

	"github.com/6tail/lunar-go/calendar"
)

// feast is a holiday by the solar calendar.
type feast struct {
	month, day int
	names      []string
}

var feasts = []feast{
	{1, 1, []string{"元旦节", "元旦"}}, {2, 14, []string{"情人节"}}, {3, 7, []string{"女生节"}},
	{3, 8, []string{"三八妇女节", "妇女节", "三八节"}}, {3, 12, []string{"植树节"}}, {3, 15, []string{"消费者权益日"}},
	{4, 1, []string{"愚人节"}}, {5, 1, []string{"五一劳动节", "国际劳动节", "劳动节", "五一假期", "五一节", "五一"}},
	{5, 4, []string{"五四青年节", "青年节"}}, {5, 12, []string{"护士节"}}, {6, 1, []string{"六一儿童节", "国际儿童节", "儿童节", "六一"}},
	{7, 1, []string{"建党节"}}, {8, 1, []string{"八一建军节", "建军节"}}, {9, 10, []string{"教师节"}},
	{10, 1, []string{"国庆节", "国庆", "十一假期", "十一长假", "十一黄金周"}}, {10, 31, []string{"万圣节"}},
	{11, 11, []string{"双十一", "光棍节"}}, {12, 12, []string{"双十二"}}, {12, 24, []string{"平安夜"}}, {12, 25, []string{"圣诞节", "圣诞"}},
	{11, 8, []string{"记者节"}}, {3, 5, []string{"学雷锋日"}}, {11, 9, []string{"消防日"}},
}

// lunarFeast is a holiday by the lunar calendar; day 0 is the year's last.
type lunarFeast struct {
	month, day int
	names      []string
}

var lunarFeasts = []lunarFeast{
	{1, 1, []string{"春节", "大年初一", "年初一", "正月初一", "农历新年", "过年"}}, {1, 15, []string{"元宵节", "元宵"}},
	{5, 5, []string{"端午节", "端午", "端阳节"}}, {7, 7, []string{"七夕节", "七夕"}}, {7, 15, []string{"中元节"}},
	{8, 15, []string{"中秋节", "中秋"}}, {9, 9, []string{"重阳节", "重阳"}}, {12, 8, []string{"腊八节", "腊八"}},
	{12, 0, []string{"除夕夜", "除夕", "大年三十", "年三十", "年卅晚", "年三十晚"}},
}

// holiday reads a holiday with or without its year.
func (s *scanner) holiday(i int) (*span, int) {
	year, n := s.yearAt(i)
	n += s.skip(i+n, "的")
	j := i + n
	on, m := s.feastOf(j)
	if m == 0 {
		return nil, 0
	}
	if s.has(j+m, "后", "前", "之后", "之前", "路", "广场", "花园", "村", "大道", "中学", "小学") > 0 && m < 4 {
		return nil, 0
	}
	n += m + s.skip(j+m, "当天", "那天", "当日", "嗰日")
	if year > 0 {
		return on(year), n
	}
	this, next := on(s.now.Year()), on(s.now.Year()+1)
	if this.from.Before(s.today()) {
		return next, n
	}
	if before := on(s.now.Year() - 1); !before.from.Before(s.today()) {
		return before, n // a lunar year's end falls in the next solar year
	}
	return this, n
}

// beginsFeast says whether the name of a holiday may begin with a character.
func beginsFeast(r rune) bool {
	switch r {
	case '元', '情', '女', '三', '妇', '植', '消', '愚', '五', '国', '劳', '青', '护', '六', '儿', '建', '八', '教', '十', '万', '双', '光', '平', '圣', '记', '学',
		'春', '大', '年', '正', '农', '过', '端', '七', '中', '重', '腊', '除', '母', '父', '感', '清', '冬':
		return true
	}
	return false
}

// feastOf is how to find a holiday in a year.
func (s *scanner) feastOf(j int) (func(year int) *span, int) {
	if !beginsFeast(s.at(j)) {
		return nil, 0
	}
	for _, f := range feasts {
		if m := s.has(j, f.names...); m > 0 && !s.bareNumberFeast(j, m) {
			return func(y int) *span { return date(y, f.month, f.day) }, m
		}
	}
	for _, f := range lunarFeasts {
		if m := s.has(j, f.names...); m > 0 {
			return func(y int) *span { return fromLunar(y, f.month, f.day) }, m
		}
	}
	for _, w := range []struct {
		names        []string
		month, n, wd int
	}{{[]string{"母亲节"}, 5, 2, 7}, {[]string{"父亲节"}, 6, 3, 7}, {[]string{"感恩节"}, 11, 4, 4}} {
		if m := s.has(j, w.names...); m > 0 {
			return func(y int) *span { return oneDay(nthWeekday(y, w.month, w.n, w.wd, false)) }, m
		}
	}
	if m := s.has(j, "清明节", "清明"); m > 0 {
		return func(y int) *span { return solarTerm(y, "清明") }, m
	}
	if m := s.has(j, "冬至"); m > 0 {
		return func(y int) *span { return solarTerm(y, "冬至") }, m
	}
	return nil, 0
}

// bareNumberFeast keeps 五一 and 六一 inside other numbers and names from
// being holidays.
func (s *scanner) bareNumberFeast(j, m int) bool {
	if m != 2 || digit(s.at(j)) < 0 {
		return false
	}
	if digit(s.at(j-1)) >= 0 || digit(s.at(j+m)) >= 0 || s.at(j-1) == '十' || s.at(j+m) == '十' {
		return true
	}
	return s.has(j+m, "前", "后", "期间", "放", "假", "那", "当", "去", "上", "有", "能", "可", "开", "办", "还", "去", "嗰", "，", ",", "。", "？", "?") == 0 && j+m < len(s.r)
}

// solarTerm is the day of a solar term of a year.
func solarTerm(year int, name string) *span {
	if year < 1900 || year > 2099 {
		return &span{invalid: true, grain: "day"}
	}
	table := calendar.NewSolarFromYmd(year, 6, 1).GetLunar().GetJieQiTable()
	t, ok := table[name]
	if !ok {
		return &span{invalid: true, grain: "day"}
	}
	return date(t.GetYear(), t.GetMonth(), t.GetDay())
}

// lunarDays remembers what fromLunar worked out: the library takes a
// millisecond for each, and there are at most some 70,000 of them.
var lunarDays sync.Map

// fromLunar is the solar day of a lunar one; day 0 is the year's last. Leap
// months are taken as the plain ones before them.
func fromLunar(year, month, day int) *span {
	key := year*10000 + month*100 + day
	if known, ok := lunarDays.Load(key); ok {
		return known.(*span)
	}
	sp := toSolar(year, month, day)
	lunarDays.Store(key, sp)
	return sp
}

func toSolar(year, month, day int) (out *span) {
	if year < 1900 || year > 2099 { // the library's own bounds of sense
		return &span{invalid: true, grain: "day"}
	}
	defer func() { // the library panics on days that do not exist
		if recover() != nil {
			out = &span{invalid: true, grain: "day"}
		}
	}()
	if day == 0 {
		first := calendar.NewLunarFromYmd(year+1, 1, 1).GetSolar()
		t := time.Date(first.GetYear(), time.Month(first.GetMonth()), first.GetDay(), 0, 0, 0, 0, time.UTC)
		return oneDay(t.AddDate(0, 0, -1))
	}
	d := calendar.NewLunarFromYmd(year, month, day).GetSolar()
	return date(d.GetYear(), d.GetMonth(), d.GetDay())
}

// lunar reads 农历八月十五, 正月十五, 腊月廿三, 八月初一.
func (s *scanner) lunar(i int) (*span, int) {
	year, n := s.yearAt(i)
	n += s.skip(i+n, "的")
	named := s.has(i+n, "农历", "阴历", "旧历", "古历")
	n += named
	if named > 0 && year == 0 {
		if y, m := s.yearAt(i + n); m > 0 {
			year = y
			n += m
		}
	}
	month, m, special := s.lunarMonth(i + n)
	if m == 0 {
		return nil, 0
	}
	n += m
	day, k := s.lunarDay(i + n)
	if k == 0 || named == 0 && !special && s.at(i+n) != '初' && s.at(i+n) != '廿' && s.at(i+n) != '卅' {
		return nil, 0
	}
	n += k
	if year > 0 {
		return fromLunar(year, month, day), n
	}
	for y := s.now.Year() - 1; ; y++ {
		sp := fromLunar(y, month, day)
		if sp.invalid || !sp.from.Before(s.today()) {
			return sp, n
		}
	}
}

func (s *scanner) lunarMonth(i int) (month, n int, special bool) {
	for word, m := range map[string]int{"正月": 1, "腊月": 12, "冬月": 11} {
		if k := s.has(i, word); k > 0 {
			return m, k, true
		}
	}
	v, k := s.numeral(i)
	if k > 0 && v >= 1 && v <= 12 && s.at(i+k) == '月' {
		return v, k + 1, false
	}
	return 0, 0, false
}

func (s *scanner) lunarDay(i int) (day, n int) {
	if s.at(i) == '初' {
		return s.dayAt(i, false)
	}
	v, k := s.number(i)
	if k == 0 || v < 1 || v > 30 {
		return 0, 0
	}
	return v, k + s.skip(i+k, "日")
}
