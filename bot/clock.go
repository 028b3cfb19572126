package bot

import "time"

// Shanghai is the time zone of the service: UTC+8 without summer time.
func Shanghai() *time.Location { return shanghai }

var shanghai = time.FixedZone("CST", 8*60*60)

// Clock tells the time; tests and simulations pass their own.
type Clock func() time.Time

// SystemClock is the machine's time in Asia/Shanghai.
func SystemClock() time.Time { return time.Now().In(shanghai) }

// Weekday names a day of the week in Chinese: 周三.
func Weekday(t time.Time) string {
	return [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[t.Weekday()]
}

// Date reads a date back in the citizen's language.
func (l Language) Date(t time.Time) string {
	if l == English {
		return t.Format("Monday, 2 January 2006")
	}
	return FullDate(t)
}

// FullDate is how a date is read back to a citizen: 2026年12月2日（周三）.
func FullDate(t time.Time) string {
	return t.Format("2006年1月2日") + "（" + Weekday(t) + "）"
}
