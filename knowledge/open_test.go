package knowledge

import (
	"strings"
	"testing"
)

// Whether a hall is open is answered from its hours and the calendar.
func TestHallHoursOnADay(t *testing.T) {
	b := starterBase(t)
	saturday, sunday := &Day{Date: "2026-11-28"}, &Day{Date: "2026-11-29"}
	tests := []struct {
		text, town string
		day        *Day
		says       []string
		not        string
	}{
		{"周六市民服务中心上班吗", CityHall, saturday, []string{"2026年11月28日（周六）：市民服务中心9-12时、13-16时。"}, "镇街大厅"},
		{"周日虎门大厅开不开", "humen", sunday, []string{"2026年11月29日（周日）：镇街大厅不开。"}, "：市民服务中心9"},
		{"周六大厅上班吗", "", saturday, []string{"市民服务中心9-12时、13-16时；镇街大厅9-12时、14-16时。"}, ""},
		{"元旦那天大厅开门吗", "", &Day{Date: "2027-01-01", Holiday: "元旦"}, []string{"2027年1月1日（周五）是元旦假期", "12345"}, "是工作日"},
		{"2月14日大厅上班吗", "", &Day{Date: "2026-02-14", Workday: true}, []string{"调休上班", "几点上下班，手上的资料没有写"}, "假期，"},
		{"明天你们几点下班", "", &Day{Date: "2026-11-26", Workday: true}, []string{"是工作日，大厅上班", "没有写"}, ""},
		{"节假日开门吗", "", nil, []string{"节假日开不开，手上的资料没有写"}, ""},
		{"国庆节大厅上班吗", "", nil, []string{"节假日开不开"}, ""},
		{"1月1日办事大厅开吗", "", &Day{Date: "2027-01-01", Holiday: "元旦"}, []string{"元旦假期"}, ""},
	}
	for _, tt := range tests {
		a := b.Ask(t.Context(), Question{Text: tt.text, Town: tt.town, Day: tt.day})
		if a.Decision != Answered || a.Guide != "appointment" || a.Field != Hours {
			t.Errorf("%s: %s %s#%s", tt.text, a.Decision, a.Guide, a.Field)
			continue
		}
		for _, s := range tt.says {
			if !strings.Contains(a.Text, s) {
				t.Errorf("%s: %q does not say %q", tt.text, a.Text, s)
			}
		}
		if tt.not != "" && strings.Contains(a.Text, tt.not) {
			t.Errorf("%s: %q", tt.text, a.Text)
		}
		if tt.day != nil && !strings.HasPrefix(a.Spoken, "二零") && !strings.HasPrefix(a.Spoken, "202") {
			t.Errorf("%s: the day is not spoken first: %q", tt.text, a.Spoken)
		}
	}
	// A day changes nothing of what is asked of a service.
	if a := b.Ask(t.Context(), Question{Text: "护照多少钱", Day: saturday}); strings.Contains(a.Text, "周六") {
		t.Errorf("%q", a.Text)
	}
	if a := b.Ask(t.Context(), Question{Text: "救助站几点上班", Day: saturday}); a.Guide != "homeless-help" || strings.Contains(a.Text, "周六") {
		t.Errorf("%s %q", a.Guide, a.Text)
	}
}
