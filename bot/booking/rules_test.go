package booking_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())

func standing(service, date string, status booking.Status) booking.Standing {
	return booking.Standing{Service: service, Date: date, Status: status}
}

func TestAllow(t *testing.T) {
	const on = "2026-11-25"
	booked := func(service string, dates ...string) (own []booking.Standing) {
		for _, d := range dates {
			own = append(own, standing(service, d, booking.Booked))
		}
		return own
	}
	missed := func(dates ...string) (own []booking.Standing) {
		for _, d := range dates {
			own = append(own, standing("a", d, booking.NoShow))
		}
		return own
	}
	for _, c := range []struct {
		name string
		own  []booking.Standing
		want error
	}{
		{"nothing yet", nil, nil},
		{"the same service and day", booked("a", on), booking.ErrSameService},
		{"another service that day", booked("b", on), nil},
		{"the service on another day", booked("a", "2026-11-26"), nil},
		{"two elsewhere", booked("b", "2026-11-26", "2026-11-27"), nil},
		{"three elsewhere", booked("b", "2026-11-24", "2026-11-26", "2026-11-27"), booking.ErrTooMany},
		{"checked in counts", []booking.Standing{standing("a", on, booking.CheckedIn)}, booking.ErrSameService},
		{"cancelled and served do not", []booking.Standing{standing("a", on, booking.Cancelled), standing("a", on, booking.Served)}, nil},
		{"yesterday's that nobody settled do not", booked("b", "2026-11-20", "2026-11-21", "2026-11-22"), nil},
		{"two missed", missed("2026-11-20", "2026-11-21"), nil},
		{"three missed", missed("2026-11-19", "2026-11-22", "2026-11-20"), booking.ErrBanned},
		{"three within thirty days, the first older than thirty by now", missed("2026-10-22", "2026-11-05", "2026-11-19"), booking.ErrBanned},
		{"three over thirty-one days", missed("2026-10-20", "2026-11-05", "2026-11-20"), nil},
		{"the stop is just over", missed("2026-10-20", "2026-10-21", "2026-10-23"), nil},
		{"the stop's last day", missed("2026-10-20", "2026-10-21", "2026-10-24"), booking.ErrBanned},
		{"a later stop after one that is over", missed("2026-09-01", "2026-09-02", "2026-09-03", "2026-11-10", "2026-11-11", "2026-11-12"), booking.ErrBanned},
		{"one missed after a stop", missed("2026-09-20", "2026-09-21", "2026-09-22", "2026-11-20"), nil},
	} {
		if err := booking.DefaultRules().Allow(c.own, "a", on, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestAllowWithoutBan: an administrator may stop nobody.
func TestAllowWithoutBan(t *testing.T) {
	rules := booking.DefaultRules()
	rules.NoShows = 0
	own := []booking.Standing{standing("a", "2026-11-20", booking.NoShow), standing("a", "2026-11-21", booking.NoShow)}
	if err := rules.Allow(own, "a", "2026-11-25", now); err != nil {
		t.Error(err)
	}
	if err := rules.Allow(nil, "a", "2026-11-25", now); err != nil {
		t.Error(err)
	}
}

// TestSince: what lies before can never count.
func TestSince(t *testing.T) {
	rules := booking.DefaultRules()
	since, err := time.ParseInLocation(time.DateOnly, rules.Since(now), bot.Shanghai())
	if err != nil {
		t.Fatal(err)
	}
	var own []booking.Standing
	for i := range 100 {
		own = append(own, standing("a", since.AddDate(0, 0, -1-i%3).Format(time.DateOnly), booking.NoShow))
	}
	if err := rules.Allow(own, "a", "2026-11-25", now); err != nil {
		t.Errorf("days before %s still count: %v", rules.Since(now), err)
	}
}

func TestLastReleased(t *testing.T) {
	for _, c := range []struct{ at, want string }{
		{"2026-11-23T00:00:00+08:00", "2026-11-29"},
		{"2026-11-23T08:59:59+08:00", "2026-11-29"},
		{"2026-11-23T09:00:00+08:00", "2026-11-30"},
		{"2026-11-23T23:59:59+08:00", "2026-11-30"},
		{"2026-11-22T17:00:00Z", "2026-11-29"}, // 01:00 of the 23rd here
		{"2026-12-25T09:00:00+08:00", "2027-01-01"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := booking.DefaultRules().LastReleased(at).Format(time.DateOnly); got != c.want {
			t.Errorf("at %s released to %s, want %s", c.at, got, c.want)
		}
	}
}

func TestChangeable(t *testing.T) {
	start := booking.At("2026-11-25", "15:00")
	for before, want := range map[time.Duration]bool{3 * time.Hour: true, 2 * time.Hour: true, 2*time.Hour - time.Second: false, -time.Hour: false} {
		if got := booking.DefaultRules().Changeable(start, start.Add(-before)); got != want {
			t.Errorf("%v before: %v", before, got)
		}
	}
}

func TestAt(t *testing.T) {
	if got := booking.At("2026-12-02", "15:00").Format(time.RFC3339); got != "2026-12-02T15:00:00+08:00" {
		t.Errorf("at %s", got)
	}
	for _, c := range [][2]string{{"", ""}, {"2026-02-30", "15:00"}, {"2026-12-02", "25:00"}, {"today", "now"}} {
		if !booking.At(c[0], c[1]).IsZero() {
			t.Errorf("%v is a time", c)
		}
	}
}

// TestNumbers: the formats citizens see, and a check digit that notices every
// single wrong digit and every swap of neighbours but 09 and 90.
func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{bot.AppointmentNumber(now, 1), "YY261123001"}, {bot.AppointmentNumber(now, 999), "YY261123999"}, {bot.AppointmentNumber(now, 1000), "YY2611231000"},
		{bot.TicketNumber(now, 1), "DG202611230001"}, {bot.TicketNumber(now, 9999), "DG202611239999"}, {bot.TicketNumber(now, 10000), "DG2026112310000"},
	} {
		if c.got[:len(c.got)-1] != c.want || !bot.ValidNumber(c.got) {
			t.Errorf("%s, want %s and a check digit", c.got, c.want)
		}
	}
	if !bot.ValidNumber("79927398713") || bot.ValidNumber("79927398710") {
		t.Error("the check digit is not Luhn's")
	}
	for serial := range 1000 {
		number := []byte(bot.AppointmentNumber(now, serial))
		for i := 2; i < len(number); i++ {
			wrong := []byte(string(number))
			wrong[i] = '0' + (wrong[i]-'0'+1+byte(serial)%9)%10
			if bot.ValidNumber(string(wrong)) {
				t.Fatalf("%s passes for %s", wrong, number)
			}
			if i+1 == len(number) || number[i] == number[i+1] || fmt.Sprintf("%c%c", min(number[i], number[i+1]), max(number[i], number[i+1])) == "09" {
				continue
			}
			wrong = []byte(string(number))
			wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
			if bot.ValidNumber(string(wrong)) {
				t.Fatalf("%s passes for %s", wrong, number)
			}
		}
	}
	for _, none := range []string{"", "YY", "YY1", "YY12a4", "预约"} {
		if bot.ValidNumber(none) {
			t.Errorf("%q passes for a number", none)
		}
	}
}
