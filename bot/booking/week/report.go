package week

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Table is the comparison in a few lines of text.
func Table(all ...Outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-10s %9s %9s %8s %8s %9s %9s %9s %8s %7s %7s %7s %8s\n",
		"", "号源", "来约", "约到", "没约到", "三天内", "最差时", "逐厅", "平均等", "约满率", "办了", "拥挤", "用时")
	for _, o := range all {
		fmt.Fprintf(&b, "%-10s %9d %9d %8d %8d %8.2f%% %8.2f%% %8.2f%% %6.1f天 %6.1f%% %6.1f%% %6.2f%% %8s\n", o.Name, o.Openings, o.Asked, o.Booked, o.Refused,
			o.Share()*100, o.Worst()*100, o.PairShare()*100, o.Days, o.mean(func(s Sample) float64 { return s.Fill })*100,
			100*float64(o.Served)/math.Max(1, float64(o.Booked)), o.Crowded*100, o.Took.Round(1e8))
	}
	for _, o := range all {
		for _, k := range sortedKinds(o.Changes) {
			fmt.Fprintf(&b, "%s：%s %d 次，%d 个号\n", o.Name, kindName(string(k)), o.Changes[k], o.Places[k])
		}
	}
	return b.String()
}

func kindName(k string) string {
	switch k {
	case "reserve":
		return "放出预留"
	case "more":
		return "增放"
	}
	return "暂留"
}

// Report writes the comparison as a page with charts that needs nothing else.
func Report(w io.Writer, c City, all ...Outcome) error {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>放号动态调整：一周演练</title><style>
body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ccc;padding:.4rem .5rem;text-align:right}th:first-child,td:first-child{text-align:left}
figure{margin:2rem 0}figcaption{color:#555}svg{width:100%;height:auto}li{margin:.2rem 0}</style><h1>放号动态调整：一周演练</h1>`)
	fmt.Fprintf(&b, "<p>按 2020 年一周的规模演练：%d 项业务、%d 个大厅、每周计划 %d 个号、%d 人次来约，约到的人里 %.0f%% 到窗口办了，其余取消或没来。两种放法面对同样的人和同样的先后。数字由种子 %d 生成，用来比较两种放法，不是预测。</p>",
		c.Services, c.Halls, c.Openings, c.Bookings, c.Served*100, c.Seed)
	b.WriteString("<table><tr><th>放法<th>放出的号<th>来约<th>约到<th>没约到<th>三天内可约的业务<th>最差时刻<th>逐个大厅三天内可约<th>平均等几天<th>约满率<th>来人超过窗口能力的时段</tr>")
	for _, o := range all {
		fmt.Fprintf(&b, "<tr><td>%s<td>%d<td>%d<td>%d<td>%d<td>%.2f%%<td>%.2f%%<td>%.2f%%<td>%.1f<td>%.1f%%<td>%.2f%%</tr>", html.EscapeString(o.Name), o.Openings, o.Asked, o.Booked,
			o.Refused, o.Share()*100, o.Worst()*100, o.PairShare()*100, o.Days, o.mean(func(s Sample) float64 { return s.Fill })*100, o.Crowded*100)
	}
	b.WriteString("</table>")
	b.WriteString("<figure>" + lineChart(all) + "<figcaption>一周里每天 10:00 和 16:00，三天内在至少一个大厅约得到的业务所占比例；虚线是 2020 年公布的 99.24%。</figcaption></figure>")
	b.WriteString("<figure>" + barChart(all) + "<figcaption>周末时，逐项业务逐个大厅：离最早有号的日子还有几天（柱高按对数，看数字）。</figcaption></figure>")
	for _, o := range all {
		if len(o.Changes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "<h2>%s改了什么</h2><ul>", html.EscapeString(o.Name))
		for _, k := range sortedKinds(o.Changes) {
			fmt.Fprintf(&b, "<li>%s %d 次，%d 个号</li>", kindName(string(k)), o.Changes[k], o.Places[k])
		}
		b.WriteString("</ul><p>例如：</p><ul>")
		for _, why := range o.Whys {
			fmt.Fprintf(&b, "<li>%s</li>", html.EscapeString(why))
		}
		b.WriteString("</ul>")
	}
	b.WriteString("</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// colours tell the ways of release apart, in print and to the colour-blind.
var colours = []string{"#7a7a7a", "#0a7d4f", "#b5561b"}

// The charts' area.
const (
	wide, high   = 800.0, 320.0
	left, bottom = 70.0, 40.0
	top          = 30.0
)

// lineChart draws the share of services bookable within three days.
func lineChart(all []Outcome) string {
	low := 0.9924
	for _, o := range all {
		low = min(low, o.Worst())
	}
	low = math.Floor(low*100-0.5) / 100
	y := func(v float64) float64 { return top + (1-v)/(1-low)*(high-top-bottom) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="三天内可约的业务比例">`, wide, high)
	for i := 0; i <= 4; i++ {
		v := low + (1-low)*float64(i)/4
		fmt.Fprintf(&b, `<line x1="%g" x2="%g" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%g" y="%.1f" font-size="13" text-anchor="end">%.1f%%</text>`, left, wide, y(v), y(v), left-8, y(v)+4, v*100)
	}
	fmt.Fprintf(&b, `<line x1="%g" x2="%g" y1="%.1f" y2="%.1f" stroke="#222" stroke-dasharray="6 5"/>`, left, wide, y(.9924), y(.9924))
	for i, o := range all {
		var points []string
		for n, s := range o.Samples {
			x := left + (wide-left-44)*float64(n)/math.Max(1, float64(len(o.Samples)-1))
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, y(s.Services)))
			if i == 0 {
				fmt.Fprintf(&b, `<text x="%.1f" y="%g" font-size="12" text-anchor="middle">%s</text>`, x, high-18, s.At.Format("1/2 15时"))
			}
		}
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="3" points="%s"/>`, colours[i%3], strings.Join(points, " "))
		fmt.Fprintf(&b, `<rect x="%g" y="6" width="14" height="14" fill="%s"/><text x="%g" y="18" font-size="14">%s</text>`, left+float64(i)*140, colours[i%3], left+20+float64(i)*140, html.EscapeString(o.Name))
	}
	b.WriteString("</svg>")
	return b.String()
}

// barChart draws how far away the first free opening is.
func barChart(all []Outcome) string {
	most := 1
	for _, o := range all {
		for _, n := range o.First {
			most = max(most, n)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="离最早有号几天">`, wide, high)
	group := (wide - left - 10) / 9
	bar := group * 0.92 / float64(len(all))
	for day := range 9 {
		name := fmt.Sprintf("%d 天", day)
		if day == 8 {
			name = "约满"
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%g" font-size="13" text-anchor="middle">%s</text>`, left+group*(float64(day)+.45), high-18, name)
		for i, o := range all {
			tall := (high - top - bottom) * math.Log1p(float64(o.First[day])) / math.Log1p(float64(most))
			x := left + group*float64(day) + bar*float64(i)
			fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/><text x="%.1f" y="%.1f" font-size="10" text-anchor="middle">%d</text>`,
				x, high-bottom-tall, bar-2, tall, colours[i%3], x+bar/2, high-bottom-tall-4, o.First[day])
		}
	}
	b.WriteString("</svg>")
	return b.String()
}
