package hall

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// later is a hall with one appointment, three days on.
type later struct{ Ledger }

func (later) RulesFor(string) booking.Rules { return booking.DefaultRules() }

func (later) Day(_ context.Context, hall, date string) ([]booking.Appointment, error) {
	if hall != "humen" || date != "2026-11-27" {
		return nil, nil
	}
	return []booking.Appointment{{Number: "YY2611240015", Date: date, Time: "10:00"}}, nil
}

// A clerk is told for which day an appointment is that is not today's.
func TestOtherDay(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, bot.Shanghai())
	p := &Pages{Config: Config{Ledger: later{}, Clock: func() time.Time { return now }}}
	why := p.whyNot(context.Background(), "YY2611240015", booking.Hall{ID: "humen"}, booking.ErrOtherDay)
	if !strings.Contains(why, "11月27日（周五） 10:00") {
		t.Errorf("the clerk is told %q", why)
	}
	if why := p.whyNot(context.Background(), "YY2611240023", booking.Hall{ID: "humen"}, booking.ErrOtherDay); why != "" {
		t.Errorf("of an unknown number: %q", why)
	}
}

// ended is a hall's day with one appointment that is over.
type ended struct {
	Ledger
	as booking.Status
}

func (e ended) Day(context.Context, string, string) ([]booking.Appointment, error) {
	return []booking.Appointment{{Number: "YY2611240015", Date: "2026-11-24", Time: "10:00", Status: e.as}}, nil
}

func (ended) Arrivals(string, string, time.Time) []booking.Arrival { return nil }

// passed is a hall's day on which the number of the appointment was called in
// vain.
type passed struct{ ended }

func (passed) Arrivals(string, string, time.Time) []booking.Arrival {
	return []booking.Arrival{{Number: "A001", Appointment: "YY2611240015", Status: booking.ArrivalGone}}
}

// A clerk is told how an appointment ended, and that who stands there can be
// given a number all the same.
func TestOver(t *testing.T) {
	now := time.Date(2026, 11, 24, 11, 0, 0, 0, bot.Shanghai())
	for as, want := range map[booking.Status]string{booking.NoShow: "记了没到场。人来了，可以给他取现场号", booking.Cancelled: "已经取消。人来了，可以给他取现场号", booking.Served: "已经办完"} {
		p := &Pages{Config: Config{Ledger: ended{as: as}, Clock: func() time.Time { return now }}}
		if why := p.whyNot(context.Background(), "YY2611240015", booking.Hall{ID: "humen"}, booking.ErrNotActive); !strings.Contains(why, want) {
			t.Errorf("of %s the clerk is told %q", as, why)
		}
	}
	p := &Pages{Config: Config{Ledger: passed{ended{as: booking.NoShow}}, Clock: func() time.Time { return now }}}
	if why := p.whyNot(context.Background(), "YY2611240015", booking.Hall{ID: "humen"}, booking.ErrNotActive); !strings.Contains(why, "A001 叫过了，人不在。人来了，在“过号”里点“回来了”") {
		t.Errorf("of a number called in vain the clerk is told %q", why)
	}
	if why := p.whyNot(context.Background(), "YY2611240023", booking.Hall{ID: "humen"}, booking.ErrNotActive); why != "" {
		t.Errorf("of an unknown number: %q", why)
	}
}

// Behind TLS no cookie of the halls' pages leaves it; without, they still work.
func TestHallCookies(t *testing.T) {
	for _, secure := range []bool{true, false} {
		p := &Pages{Config: Config{Secure: secure}}
		w := httptest.NewRecorder()
		p.tell(w, "好", "不行")
		r := httptest.NewRequest("GET", "/hall/city", nil)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
		if said, wrong := p.told(httptest.NewRecorder(), r); said != "好" || wrong != "不行" {
			t.Errorf("told %q, %q", said, wrong)
		}
		taken := httptest.NewRecorder()
		p.told(taken, r)
		set := append(w.Result().Cookies(), taken.Result().Cookies()...)
		for _, c := range set {
			if c.Secure != secure {
				t.Errorf("%s is secure: %v, want %v", c.Name, c.Secure, secure)
			}
		}
		if len(set) != 4 {
			t.Errorf("%d cookies were set", len(set))
		}
	}
}
