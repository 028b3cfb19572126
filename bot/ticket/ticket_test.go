package ticket_test

import (
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
	"guanjia/intents/chinesetime"
)

// TestDue: working days of the statutory calendar, the day of receipt not
// counted, to the end of the last day.
func TestDue(t *testing.T) {
	for _, c := range []struct {
		name     string
		received string
		kind     ticket.Kind
		of       ticket.Type
		want     string
	}{
		{"help: 5 working days", "2026-11-23T10:00:00+08:00", ticket.Help, ticket.Assistance, "2026-11-30T23:59:59+08:00"},
		{"inquiry: 2", "2026-11-23T10:00:00+08:00", ticket.Report, ticket.Inquiry, "2026-11-25T23:59:59+08:00"},
		{"suggestion: 10", "2026-11-23T10:00:00+08:00", ticket.Report, ticket.Suggestion, "2026-12-07T23:59:59+08:00"},
		{"assistance: 10", "2026-11-23T10:00:00+08:00", ticket.Report, ticket.Assistance, "2026-12-07T23:59:59+08:00"},
		{"complaint: 15", "2026-11-23T10:00:00+08:00", ticket.Report, ticket.Complaint, "2026-12-14T23:59:59+08:00"},
		{"tip-off: 15", "2026-11-23T10:00:00+08:00", ticket.Report, ticket.Tipoff, "2026-12-14T23:59:59+08:00"},
		{"just after midnight counts from that day", "2026-11-23T00:00:00+08:00", ticket.Report, ticket.Inquiry, "2026-11-25T23:59:59+08:00"},
		{"just before midnight too", "2026-11-23T23:59:59+08:00", ticket.Report, ticket.Inquiry, "2026-11-25T23:59:59+08:00"},
		{"another zone's evening is our next day", "2026-11-23T17:00:00Z", ticket.Report, ticket.Inquiry, "2026-11-26T23:59:59+08:00"},
		{"received on a Saturday", "2026-11-28T10:00:00+08:00", ticket.Report, ticket.Inquiry, "2026-12-01T23:59:59+08:00"},
		{"over the National Day of 2026 (1 to 7 October off, 10 October worked)", "2026-09-30T16:00:00+08:00", ticket.Help, ticket.Assistance, "2026-10-13T23:59:59+08:00"},
		{"a Sunday worked before it (20 September)", "2026-09-18T16:00:00+08:00", ticket.Report, ticket.Inquiry, "2026-09-21T23:59:59+08:00"},
	} {
		received, err := time.Parse(time.RFC3339, c.received)
		if err != nil {
			t.Fatal(err)
		}
		if got := ticket.Due(received, c.kind, c.of, chinesetime.Statutory()).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: due %s, want %s", c.name, got, c.want)
		}
	}
}

// countdown is a calendar on which every day is worked.
type countdown struct{}

func (countdown) AddWorkdays(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) }

func TestLimits(t *testing.T) {
	day := time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())
	for _, of := range []ticket.Type{ticket.Assistance, ticket.Inquiry, ticket.Complaint, ticket.Tipoff, ticket.Suggestion, ticket.Praise} {
		if n := ticket.Limit(ticket.Help, of); n != 5 {
			t.Errorf("help of type %s has %d days", of, n)
		}
		n := ticket.Limit(ticket.Report, of)
		if due := ticket.Due(day, ticket.Report, of, countdown{}); due.Sub(day) < time.Duration(n)*24*time.Hour || due.Day() != day.AddDate(0, 0, n).Day() {
			t.Errorf("%s is due %v after %d days", of, due, n)
		}
	}
}

func TestStatusTitles(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []ticket.Status{ticket.Accepted, ticket.Rejected, ticket.Dispatched, ticket.Signed, ticket.Returned, ticket.Processing,
		ticket.ExtensionRequested, ticket.Replied, ticket.Reviewed, ticket.Closed, ticket.Reopened, ticket.Withdrawn, ticket.Merged} {
		if title := s.Title(); title == string(s) || seen[title] {
			t.Errorf("%s is called %s", s, title)
		}
		seen[s.Title()] = true
	}
}

func TestCoordinates(t *testing.T) {
	for _, c := range []struct {
		said     string
		lat, lng float64
	}{
		{"22.816000,113.673000", 22.816, 113.673}, {"-90,180", -90, 180}, {"91,113", 0, 0}, {"22,181", 0, 0},
		{"22", 0, 0}, {"a,b", 0, 0}, {"", 0, 0}, {"NaN,1", 0, 0},
	} {
		if lat, lng := ticket.Coordinates(c.said); lat != c.lat || lng != c.lng {
			t.Errorf("%q is %v,%v", c.said, lat, lng)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for _, c := range []struct {
		words    string
		fallback ticket.Type
		want     ticket.Type
	}{
		{"楼下烧烤店油烟太大，我要投诉", "", ticket.Complaint},
		{"有人偷倒建筑垃圾，我举报", "", ticket.Tipoff},
		{"建议在路口加个红绿灯", "", ticket.Suggestion},
		{"表扬一下窗口的小李", ticket.Complaint, ticket.Praise},
		{"路灯坏了", ticket.Assistance, ticket.Assistance},
		{"路灯坏了", "", ticket.Complaint},
	} {
		if got := ticket.TypeOf(c.words, c.fallback); got != c.want {
			t.Errorf("%q is %s, want %s", c.words, got, c.want)
		}
	}
}
