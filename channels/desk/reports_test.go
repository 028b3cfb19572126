package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"guanjia/bot"
)

// TestReportCountsEachOnce sees two days from every side, and what may be told
// to everybody.
func TestReportCountsEachOnce(t *testing.T) {
	_, d, _ := open(t, false)
	d.Towns = map[string]string{"humen": "虎门镇"}
	from := time.Date(2026, 11, 23, 0, 0, 0, 0, bot.Shanghai())
	to := from.AddDate(0, 0, 2)
	h := func(after time.Duration, by string, wait time.Duration) bot.Handoff {
		v := bot.Handoff{At: from.Add(after), Channel: bot.WeChat, Intent: bot.BookAppointment, Town: "humen", Status: bot.HandoffClosed, Operator: by}
		if by != "" {
			v.TakenAt, v.ClosedAt = v.At.Add(wait), v.At.Add(wait+time.Minute)
		}
		return v
	}
	all := []bot.Handoff{
		h(-time.Second, "陈静", time.Second), // the day before
		h(9*time.Hour, "陈静", 10*time.Second), h(10*time.Hour, "陈静", 20*time.Second), h(10*time.Hour, "=李伟", 30*time.Second),
		h(33*time.Hour, "", 0), h(34*time.Hour, "陈静", 40*time.Second), h(34*time.Hour, "陈静", 40*time.Second), h(48*time.Hour, "陈静", time.Second), // the day after
	}
	ratings := []bot.Rating{{At: from.Add(9 * time.Hour), Channel: bot.WeChat, Operator: "陈静", Town: "humen", Score: bot.Good}, {At: from.Add(9 * time.Hour), Channel: bot.WeChat, Operator: "陈静", Town: "humen", Score: bot.Bad},
		{At: from.Add(9 * time.Hour), Channel: bot.WeChat, Score: bot.Good} /* the bot's */, {At: from.Add(-time.Hour), Operator: "陈静", Score: bot.Bad}}
	v := d.reportOf(all, ratings, from, to, "day", map[string][]string{"陈静": {"社保组", "户籍组"}})
	if got := strings.Join(v.All.cells(), " "); got != "合计 6 5 1 1 83 30 40 60 50" {
		t.Errorf("in all: %s", got)
	}
	for i, want := range []string{"陈静 4,=李伟 1", "户籍组 4,社保组 4", "虎门镇 6", "微信 6", "预约办事 6"} {
		var got []string
		for _, r := range v.Cuts[i].Rows {
			got = append(got, r.Name+" "+r.cells()[1])
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %v, want %s", v.Cuts[i].Title, got, want)
		}
	}
	if n := len(d.reportOf(all, ratings, from, to, "hour", nil).Times.Rows); n != 48 {
		t.Errorf("%d hours of two days", n)
	}
	if rows := d.reportOf(all, ratings, from, to, "week", nil).Times.Rows; len(rows) != 1 || rows[0].Name != "2026-11-23 起" || rows[0].Came != 6 {
		t.Errorf("the week: %+v", rows[0])
	}
	var open strings.Builder
	for _, row := range v.open()[0].Rows {
		open.WriteString(strings.Join(row, " ") + "\n")
	}
	for _, secret := range []string{"陈静", "李伟", "组", "2026-11-23 3"} {
		if strings.Contains(open.String(), secret) {
			t.Errorf("open figures tell %q:\n%s", secret, open.String())
		}
	}
	if !strings.Contains(open.String(), "2026-11-23 <5 <5") || !strings.Contains(open.String(), "虎门镇 6 5") {
		t.Errorf("open figures:\n%s", open.String())
	}
}

// TestChartNamesItsTimes: however long a period is, every name under the chart
// stands within it and clear of the next, and hours are named at the same ones
// each day.
func TestChartNamesItsTimes(t *testing.T) {
	_, d, _ := open(t, false)
	from := time.Date(2026, 12, 21, 0, 0, 0, 0, bot.Shanghai())
	name := regexp.MustCompile(`<text x="([0-9.]+)" y="[0-9]+" text-anchor="([a-z]+)">([^<]+)</text>`)
	for _, span := range []string{"hour", "day", "week"} {
		for _, days := range []int{1, 2, 3, 7, 14, 31, 92} {
			v := d.reportOf(nil, nil, from, from.AddDate(0, 0, days), span, nil)
			for _, width := range []int{920, 320} {
				named, end := name.FindAllStringSubmatch(string(v.chart("broad", width)), -1), 0.0
				if len(named) == 0 {
					t.Errorf("%d days by the %s in %d: nothing is named", days, span, width)
				}
				at := map[string]bool{}
				for _, n := range named {
					begin, err := strconv.ParseFloat(n[1], 64)
					if err != nil {
						t.Fatal(err)
					}
					wide := 0.0 // at the most, as letters of 12 px are
					for _, r := range n[3] {
						wide += 7
						if r > unicode.MaxASCII {
							wide += 5
						}
					}
					if n[2] == "middle" {
						begin -= wide / 2
					}
					if begin < end || begin+wide > float64(width) {
						t.Errorf("%d days by the %s: %s stands from %.0f to %.0f of %d, what was before ends at %.0f", days, span, n[3], begin, begin+wide, width, end)
					}
					end = begin + wide
					_, hour, _ := strings.Cut(n[3], " ")
					at[hour] = true
				}
				if per := (len(named) + days - 1) / days; span == "hour" && len(at) > per {
					t.Errorf("%d days in %d are named at %d hours, %d a day", days, width, len(at), per)
				}
			}
		}
	}
}

// TestReportFiles downloads reports; a name that begins like a formula is none.
func TestReportFiles(t *testing.T) {
	h, d, do := open(t, false)
	d.Clock = func() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) }
	h.account.Role = "supervisor"
	h.shift = bot.Shift{Handoffs: []bot.Handoff{{At: d.Clock(), Operator: "=1+1", Status: bot.HandoffTaken, TakenAt: d.Clock(), Channel: bot.Web}}}
	w := do("GET", "/desk/reports/desk.csv?span=hour", "")
	if w.Code != 200 || !strings.HasPrefix(w.Body.String(), "\ufeff合计,") || !strings.Contains(w.Body.String(), "'=1+1,1,1") || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("CSV: %d %s", w.Code, w.Body)
	}
	for path, want := range map[string]int{"/desk/reports/desk.xlsx": 404, "/desk/reports/other": 404, "/desk/reports?from=nonsense&to=2030-01-01&span=x": 200} {
		if w := do("GET", path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// TestWallCountsTheLost counts who gave up by channel and town, and who was
// satisfied.
func TestWallCountsTheLost(t *testing.T) {
	_, d, _ := open(t, false)
	d.Towns = map[string]string{"humen": "虎门镇"}
	from := time.Date(2026, 11, 23, 0, 0, 0, 0, bot.Shanghai())
	at := from.Add(9 * time.Hour)
	if none := d.count(bot.Shift{}, from, at); none.Operators == nil || none.Hours == nil || none.Towns == nil {
		t.Errorf("before anybody came: %+v", none) // the page would be told null
	}
	f := d.count(bot.Shift{Handoffs: []bot.Handoff{
		{Citizen: "a", At: at, Channel: bot.WeChat, Town: "humen", Status: bot.HandoffClosed},
		{Citizen: "b", At: at, Channel: bot.WeChat, Town: "humen", Status: bot.HandoffClosed, Operator: "陈静", TakenAt: at.Add(time.Second)},
		{Citizen: "c", At: at, Channel: bot.Hotline, Status: bot.HandoffClosed},
	}, Ratings: []bot.Rating{{Channel: bot.WeChat, Operator: "陈静", Town: "humen", Score: bot.SoSo}, {Channel: bot.Web, Score: bot.Good}}}, from, at.Add(time.Hour))
	if f.Abandoned != 2 || f.Rated != 2 || f.Good != 1 {
		t.Errorf("in all: %+v", f)
	}
	if slices.ContainsFunc(f.Channels, func(v tally) bool { return v.Name == "web" }) {
		t.Errorf("who was served by the bot alone counts among conversations with people, as in no report: %+v", f.Channels)
	}
	for _, want := range []struct {
		of                []tally
		name              string
		lost, rated, good int
	}{{f.Channels, "wechat", 1, 1, 0}, {f.Channels, "phone", 1, 0, 0}, {f.Towns, "虎门镇", 1, 1, 0}, {f.Operators, "陈静", 0, 1, 0}} {
		found := false
		for _, v := range want.of {
			if v.Name == want.name {
				found = v.Lost == want.lost && v.Rated == want.rated && v.Good == want.good
			}
		}
		if !found {
			t.Errorf("%s: %+v", want.name, want.of)
		}
	}
}

// TestErrandsAndTimesInWords: who only asked for a person came for nothing the
// reason does not say, and a time reads as one says it.
func TestErrandsAndTimesInWords(t *testing.T) {
	for intent, want := range map[bot.Intent]string{bot.BookAppointment: "预约办事", bot.TalkToOperator: "", bot.OutOfScope: "", "": ""} {
		if got := errand(bot.Handoff{Intent: intent}); got != want {
			t.Errorf("%q: %q, want %q", intent, got, want)
		}
	}
	if got := matter(bot.Handoff{Intent: bot.BookAppointment, Reason: bot.ReasonEmergency, Summary: "紧急：急病受伤"}); got != "急病受伤" {
		t.Errorf("an emergency is about %q", got)
	}
	if got := matter(bot.Handoff{Intent: bot.BookAppointment, Reason: bot.ReasonNotKnown, Summary: "紧急：急病受伤"}); got != "预约办事" {
		t.Errorf("what is none is about %q", got)
	}
	unasked := &reported{}
	unasked.add(bot.Handoff{Reason: bot.ReasonTaken, Status: bot.HandoffTaken, TakenAt: time.Now(), At: time.Now()})
	if unasked.Taken != 1 || unasked.Within15 != 0 || unasked.Awaited() != 0 {
		t.Errorf("taken while nobody waited: %+v", unasked)
	}
	waits := &reported{Name: "厚街镇"}
	waits.add(bot.Handoff{Status: bot.HandoffWaiting})
	if waits.sum(); !slices.Equal(waits.cells(), []string{"厚街镇", "1", "0", "0", "0", "—", "—", "—", "—", "—"}) {
		t.Errorf("who still waits is no figure yet: %q", waits.cells())
	}
	for seconds, want := range map[int]string{0: "0 秒", 59: "59 秒", 322: "5 分 22 秒", 3661: "1 小时 1 分"} {
		if got := lasted(seconds); got != want {
			t.Errorf("%d seconds: %s, want %s", seconds, got, want)
		}
	}
	v := &reported{Came: 10, Taken: 6, Abandoned: 2}
	if v.sum(); v.TakenRate != 75 {
		t.Errorf("of those who were taken or gave up, %d %% were taken", v.TakenRate)
	}
}

// TestOptionsAreFew: more than WeChat takes to be tapped are refused with a sentence.
func TestOptionsAreFew(t *testing.T) {
	for body, want := range map[string]int{
		`{"text":"哪天？","options":[" 周一 ","周二"]}`:                                200,
		`{"text":"哪天？","options":["周一",""]}`:                                    422,
		`{"text":"哪天？","options":["一","二","三","四","五","六","七","八","九"]}`:        422,
		`{"text":"哪天？","options":["` + strings.Repeat("长", maxOption+1) + `"]}`: 422,
	} {
		a, status, fault := readAsked(strings.NewReader(body))
		if status != want || (fault == "") != (want == 200) {
			t.Errorf("%s: %d %s", body, status, fault)
		}
		if want == 200 && a.Options[0] != "周一" {
			t.Errorf("an option reads %q", a.Options[0])
		}
	}
}

// TestCallsTellHowLong: how long a caller waits and talks reads as one says it.
func TestCallsTellHowLong(t *testing.T) {
	_, d, _ := open(t, false)
	call := LiveCall{Citizen: "c1", Number: "138****8888", Lasted: 113 * time.Second}
	var page strings.Builder
	if err := d.pages.ExecuteTemplate(&page, "phone.html", map[string]any{"Name": "小梅", "Waiting": []LiveCall{call}, "Mine": &call}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(page.String(), "138****8888 · 1 分 53 秒"); n != 2 {
		t.Errorf("told %d times:\n%s", n, page.String())
	}
}
