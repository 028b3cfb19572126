package chinesetime

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// monday is a Monday morning: the moment the phrases below are said.
var said = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))

// TestPhrases is a table of what people say when they book: phrase, and what
// is found in it, "kind value[/end] [|ambiguity]".
func TestPhrases(t *testing.T) {
	for _, row := range phrases {
		phrase, want, _ := strings.Cut(row, " => ")
		if got := worded(Find(phrase, said)); got != strings.TrimSpace(want) {
			t.Errorf("%s\n got %s\nwant %s", phrase, got, want)
		}
	}
}

func worded(list []Expression) string {
	var parts []string
	for _, e := range list {
		v := string(e.Kind) + " " + e.Value
		if e.Invalid {
			v = "invalid"
		}
		if e.EndValue != "" {
			v += "/" + e.EndValue
		}
		if len(e.Ambiguity) > 0 {
			v += " |" + strings.Join(e.Ambiguity, " ")
		}
		parts = append(parts, v)
	}
	return strings.Join(parts, "; ")
}

var phrases = []string{
	"今天 => date 2026-11-23", "明天 => date 2026-11-24", "后天 => date 2026-11-25", "大后天 => date 2026-11-26",
	"聽日 => date 2026-11-24", "後日 => date 2026-11-25", "大後日 => date 2026-11-26", "听日上昼 => datetimerange 2026-11-24T08:00/2026-11-24T12:00",
	"明早 => datetimerange 2026-11-24T06:00/2026-11-24T09:00", "今晚 => datetimerange 2026-11-23T18:00/2026-11-24T00:00",
	"聽朝 => datetimerange 2026-11-24T06:00/2026-11-24T09:00", "今日下晝 => datetimerange 2026-11-23T12:00/2026-11-23T18:00",
	"周三 => date 2026-11-25", "星期三 => date 2026-11-25", "礼拜三 => date 2026-11-25", "禮拜五 => date 2026-11-27",
	"周一 => date 2026-11-23 |2026-11-30", "星期天 => date 2026-11-29", "周日 => date 2026-11-29",
	"下周三 => date 2026-12-02", "下週三 => date 2026-12-02", "下個禮拜三 => date 2026-12-02", "下星期一 => date 2026-11-30",
	"本周五 => date 2026-11-27", "这周五 => date 2026-11-27", "呢個禮拜五 => date 2026-11-27", "上周三 => date 2026-11-18", "下下周一 => date 2026-12-07",
	"下周三下午三点 => datetime 2026-12-02T15:00", "下周三上午 => datetimerange 2026-12-02T08:00/2026-12-02T12:00",
	"下周三的下午 => datetimerange 2026-12-02T12:00/2026-12-02T18:00", "下周三晏晝 => datetimerange 2026-12-02T12:00/2026-12-02T18:00",
	"周三上午十点 => datetime 2026-11-25T10:00", "周三早上9点半 => datetime 2026-11-25T09:30", "周四14:00 => datetime 2026-11-26T14:00",
	"周四下午 2 点 => datetime 2026-11-26T14:00", "明天三点 => datetime 2026-11-24T15:00", "明天上午 => datetimerange 2026-11-24T08:00/2026-11-24T12:00",
	"三点 => time 15:00", "三点半 => time 15:30", "九点 => time 09:00", "十点一刻 => time 10:15", "两点三刻 => time 14:45", "下午两点 => time 14:00",
	"15:00 => time 15:00", "9:00 => time 09:00", "15：30 => time 15:30", "上午十一点 => time 11:00", "中午十二点 => time 12:00", "中午一点 => time 13:00",
	"晚上八点 => time 20:00", "三點三個字 => time 15:15", "六点 => time 18:00 |06:00", "七点 => time 07:00 |19:00",
	"早上 => timerange 06:00/09:00", "上午 => timerange 08:00/12:00", "中午 => timerange 11:00/14:00", "下午 => timerange 12:00/18:00",
	"晏晝 => timerange 12:00/18:00", "晚上 => timerange 18:00/24:00", "下晝 => timerange 12:00/18:00",
	"12月2日 => date 2026-12-02", "12月2号 => date 2026-12-02", "十二月二号 => date 2026-12-02", "2026年12月2日 => date 2026-12-02",
	"2026-12-02 => date 2026-12-02", "12/2 => date 2026-12-02", "12.2号 => date 2026-12-02", "12月2号下午三点 => datetime 2026-12-02T15:00",
	"25号 => date 2026-11-25", "3号 => date 2026-12-03", "下个月3号 => date 2026-12-03", "这个月30号 => date 2026-11-30", "2月30号 => invalid", "13月1号 =>",
	"12月2日（周三）下午三点 => datetime 2026-12-02T15:00",
	"下周 => daterange 2026-11-30/2026-12-07", "这周 => daterange 2026-11-23/2026-11-30", "下周末 => daterange 2026-12-05/2026-12-07",
	"周末 => daterange 2026-11-28/2026-11-30", "下个月 => daterange 2026-12-01/2027-01-01", "月底 => daterange 2026-11-24/2026-12-01",
	"周一到周五 => daterange 2026-11-23/2026-11-28", "下周一到周三 => daterange 2026-11-30/2026-12-03", "12月1号到5号 => daterange 2026-12-01/2026-12-06",
	"三点到五点 => timerange 15:00/17:00", "下午三点到五点 => timerange 15:00/17:00", "上午9点到11点半 => timerange 09:00/11:30",
	"周三下午三点到四点 => datetimerange 2026-11-25T15:00/2026-11-25T16:00",
	"三天 => duration P3D", "半小时 => duration PT30M", "一个半小时 => duration PT1H30M", "两周 => duration P2W", "三个月 => duration P3M", "半年 => duration P6M", "五个工作日 => duration P5D", "15分钟 => duration PT15M",
	"三天后 => date 2026-11-26", "两周后 => date 2026-12-07", "半小时后 => datetime 2026-11-23T10:30", "三天前 => date 2026-11-20", "过两天 => date 2026-11-25",
	"元旦 => date 2027-01-01", "国庆节 => date 2027-10-01", "春节 => date 2027-02-06", "中秋 => date 2027-09-15", "除夕 => date 2027-02-05",
	"农历八月十五 => date 2027-09-15", "正月初五 => date 2027-02-10", "明年春节 => date 2027-02-06",
	"周三,哦不,周四 => date 2026-11-26", "明天，不对，后天上午 => datetimerange 2026-11-25T08:00/2026-11-25T12:00",
	"周三或者周四 => date 2026-11-25; date 2026-11-26", "明天上午或者后天下午 => datetimerange 2026-11-24T08:00/2026-11-24T12:00; datetimerange 2026-11-25T12:00/2026-11-25T18:00",
	"帮我妈预约下周三上午莞城办居住证，电话13800138000 => datetimerange 2026-12-02T08:00/2026-12-02T12:00",
	"我想約聽日下晝三點去莞城 => datetime 2026-11-24T15:00", "改到下周五上午十点行吗 => datetime 2026-12-04T10:00",
	// What only looks like a time.
	"有一点不明白 =>", "快一点 =>", "提三点建议 =>", "一天到晚都很吵 => ", "坐3号线 =>", "去5号窗口 =>", "打12345 =>", "13800138000 =>",
	"五一路12号 =>", "一周三次 => duration P1W", "早餐 =>", "晚饭 =>", "18栋302房 =>", "身份证441900199001011234 =>", "我今年35岁 => daterange 2026-01-01/2027-01-01",
	"有点急 =>", "早上好 =>", "下午好 =>", "晚上好 =>", "东莞大道11号 =>", "我住三村二巷8号 =>", "100元 =>", "3.5元 =>",
}

func TestCalendar(t *testing.T) {
	c := Statutory()
	for day, work := range map[string]bool{"2026-10-01": false, "2026-10-10": true, "2026-11-23": true, "2026-11-28": false, "2030-01-01": false, "2030-01-02": true} {
		if c.IsWorkday(day) != work {
			t.Errorf("%s: workday %v", day, !work)
		}
	}
	if c.Known(2030) || !c.Known(2026) {
		t.Error("known years are wrong")
	}
	if c.Holiday("2026-10-01") == "" || c.Holiday("2026-10-10") != "" {
		t.Error("holiday names are wrong")
	}
	if got := c.AddWorkdays(said, 5).Format("2006-01-02"); got != "2026-11-30" {
		t.Errorf("five working days on is %s", got)
	}
	if c.With(map[string]string{"2027-01-01": "元旦"}, nil).IsWorkday("2027-01-01") {
		t.Error("an added holiday is a working day")
	}
}

func FuzzFind(f *testing.F) {
	for _, row := range phrases {
		phrase, _, _ := strings.Cut(row, " => ")
		f.Add(phrase)
	}
	f.Fuzz(func(t *testing.T, text string) {
		runes := []rune(text)
		last := 0
		for _, e := range Find(text, said) {
			if e.Start < last || e.End <= e.Start || e.End > len(runes) || e.Text != string(runes[e.Start:e.End]) {
				t.Fatalf("bad span %d-%d %q in %q", e.Start, e.End, e.Text, text)
			}
			if !utf8.ValidString(e.Value) || !e.Invalid && e.Value == "" {
				t.Fatalf("no value for %q", e.Text)
			}
			last = e.End
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		Find("帮我妈预约下周三上午莞城办居住证，电话13800138000，不行的话周四下午三点也可以", said)
	}
}
