package intents

import (
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

func TestEnglishTimes(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) // a Tuesday
	for text, want := range map[string]string{
		"tomorrow 3pm":                 "datetime 2026-11-25T15:00",
		"Next Friday at 10:30 am":      "datetime 2026-12-04T10:30",
		"this Thursday morning please": "datetimerange 2026-11-26T08:00 2026-11-26T12:00",
		"day after tomorrow":           "date 2026-11-26",
		"December 2nd, 9 o'clock":      "datetime 2026-12-02T09:00",
		"on the 2nd of December":       "date 2026-12-02",
		"3 pm":                         "time 15:00",
		"at 4:00":                      "time 16:00",
		"in the afternoon":             "timerange 12:00 18:00",
		"Wed":                          "date 2026-11-25",
		"I sat in the sun with 3 men":  "",
		"12 dogs":                      "",
	} {
		r := newReading([]rune(text), hanzi.Fold(text), now)
		got := ""
		for _, c := range r.englishTimes() {
			got = string(c.Type) + " " + c.Value
			if c.EndValue != "" {
				got += " " + c.EndValue
			}
			if string([]rune(text)[c.Start:c.End]) != c.Text {
				t.Errorf("%q: offsets cut another text than %q", text, c.Text)
			}
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
