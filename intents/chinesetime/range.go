package chinesetime

// ranged reads a second end behind a first: 周一到周五, 三点到五点.
func (s *scanner) ranged(f found) found {
	j := f.end + s.blanks(f.end)
	m := s.has(j, "到", "至", "--", "-", "~", "～", "—", "一直到", "直到")
	if m == 0 || f.days != nil && (f.days.invalid || f.days.clock != nil) {
		return f
	}
	j += m
	j += s.blanks(j)
	if j >= len(s.r) || s.decoy(j) {
		return f
	}
	switch {
	case f.at == nil:
		return s.rangeOfDays(f, j)
	case f.at.to < 0:
		return s.rangeOfHours(f, j)
	}
	return f
}

// rangeOfDays ends a stretch of days; a bare day takes the month of the first.
func (s *scanner) rangeOfDays(f found, j int) found {
	if f.days.lasts && f.days.grain == "day" {
		return f
	}
	end, n := s.days(j)
	if n == 0 || end.invalid || end.clock != nil {
		return f
	}
	to := end.to
	if d, k := s.dayAt(j, true); k == n { // 12月1号到5号
		t := date(f.days.from.Year(), int(f.days.from.Month()), d)
		if !t.invalid {
			to = t.to
		}
	} else if k := s.has(j, "周", "星期", "礼拜"); k > 0 && n == k+1 { // 下周一到周三: the same week
		to = monday(f.days.from).AddDate(0, 0, weekdayOf(s.at(j+k)))
	}
	if !to.After(f.days.from) {
		if end.grain != "day" || end.lasts {
			return f
		}
		to = to.AddDate(0, 0, 7)
		if !to.After(f.days.from) {
			return f
		}
	}
	grain := f.days.grain
	f.days = &span{from: f.days.from, to: to, grain: grain, lasts: true}
	f.end = j + n
	if at := s.glue(f.end); f.at == nil {
		if c, m := s.hour(at); m > 0 && c.to >= 0 {
			f.at, f.end = c, at+m
		}
	}
	return f
}

// rangeOfHours ends a stretch of hours; the second hour keeps the first's half
// of the day unless it says otherwise.
func (s *scanner) rangeOfHours(f found, j int) found {
	var p *partOfDay
	for k := range partsOfDay {
		if partsOfDay[k].name == f.at.part {
			p = &partsOfDay[k]
		}
	}
	c, n := s.hour(j)
	if own, _ := s.part(j); own == nil && p != nil {
		if inherited, m := s.clockAt(j, p); m > 0 {
			c, n = inherited, m
		}
	}
	if n == 0 || c.to >= 0 {
		return f
	}
	to := c.from
	if to <= f.at.from {
		for _, o := range append(c.others, to+12*60) {
			if o > f.at.from && o <= 24*60 {
				to = o
				break
			}
		}
	}
	if to <= f.at.from {
		return f
	}
	f.at = &clock{from: f.at.from, to: to, grain: f.at.grain, part: f.at.part}
	f.end = j + n
	return f
}

// decoy keeps words that only look like times from being read.
func (s *scanner) decoy(i int) bool {
	if s.has(i, "一天到晚", "三心二意", "一日三餐", "日日", "天天", "月月", "年年", "十月怀胎", "七上八下", "一年到头",
		"五一路", "五一广场", "八一路", "一号通", "三八路", "春节联欢", "朝阳", "朝廷", "早餐", "早恋", "早产", "早教", "早就", "晚餐", "晚饭", "晚辈", "晚婚", "夜宵", "夜总会", "夜市", "午饭", "午餐", "午休", "中秋月饼", "周岁", "周边", "周围", "周转", "周到", "周期", "周六福", "周大福", "月嫂", "月子", "月亮", "月饼", "月租", "月薪", "年龄", "年纪", "年轻", "年检", "年审", "年票", "年金", "年级", "年货", "年夜饭", "日常", "日用", "日子", "日本", "日照", "日期", "下周转", "当年的", "前半", "后半", "前一", "后一", "前两", "后两") > 0 {
		return s.has(i, "前一天", "后一天", "前两天", "后两天", "日子", "前半年", "后半年") == 0 || s.has(i, "日子") > 0
	}
	return false
}

// followedBadly gives up an expression that the words behind it deny.
func (s *scanner) followedBadly(f found) bool {
	if f.at != nil && f.days == nil && f.at.to >= 0 && f.end-f.start == 1 {
		return true // a single character is a part of the day only behind a day
	}
	return false
}
