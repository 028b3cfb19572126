// Package storetest is the suite every store must pass, whatever database
// stands behind it. It uses exported methods only.
//
// It refuses to know how anything is kept: what is particular to one database
// (its files, its locks, its crashes) is tested beside that database.
package storetest

import (
	"context"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

// Open opens the installation kept under o.Dir, or begins it. A database that
// is not in a directory takes o.Dir for the installation's name.
type Open func(o store.Options) (*store.Store, error)

// Run holds a store to the whole suite.
func Run(t *testing.T, open Open) {
	for _, part := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"identify", testIdentify}, {"enrol", testEnrol}, {"citizen", testCitizen}, {"forget", testForget}, {"privacy", testPrivacy}, {"privacy/sensitive", testSensitive}, {"prune", testPrune}, {"visit", testVisit}, {"outreach", testOutreach}, {"citydata", testCityData}, {"audit", testAudit}, {"outcall", testOutcall}, {"outcall/follow", testUnfollowed}, {"call", testCall},
		{"accept", testAccept}, {"outstanding", testOutstanding},
		{"conversation", testConversation}, {"conversation/loaded", testConversationLoaded}, {"transcript", testTranscript}, {"changes", testChanges}, {"attachment", testAttachment},
		{"commit", testCommit}, {"together", testTogether},
		{"outbox/order", testOutboxOrder}, {"outbox/lease", testOutboxLease}, {"outbox/retry", testOutboxRetry}, {"outbox/back", testOutboxSetBack},
		{"outbox/held", testOutboxHeld}, {"outbox/held/kept", testOutboxHeldKept}, {"outbox/dead", testOutboxDead}, {"outbox/keys", testOutboxKeys}, {"outbox/wake", testOutboxWake},
		{"outbox/reminders", testReminders},
		{"lessons", testLessons},
		{"standing", testStanding}, {"handoff/queue", testHandoffQueue}, {"handoff/life", testHandoffLife},
		{"release", testRelease}, {"release/later", testReleaseLater}, {"release/clock", testReleaseClock}, {"openings", testOpenings},
		{"booking/limits", testBookingLimits}, {"booking/key", testBookingKey}, {"booking/ban", testBan},
		{"booking/cancel", testCancel}, {"booking/move", testMove}, {"booking/list", testAppointments},
		{"ticket", testTicket}, {"ticket/steps", testSteps}, {"wishes", testWishes}, {"wishes/unclaimed", testUnclaimed}, {"numbers", testNumbers},
		{"guides", testGuides}, {"missed", testMissed}, {"staff", testStaff}, {"upload", testUpload}, {"demo", testDemo}, {"reopen", testReopen},
		{"race/places", testPlacesRace}, {"race/person", testPersonRace}, {"race/identify", testIdentifyRace},
		{"race/turns", testTurns}, {"race/claim", testClaimRace}, {"race/linearizable", testLinearizable},
		{"hold", testHold}, {"hold/kept", testHoldKept}, {"line", testLine}, {"arrival", testArrival},
		{"rules", testRuleBook}, {"impact", testImpact}, {"founding", testFounding}, {"planned", testPlanned}, {"traps", testTraps}, {"adjustments", testAdjustments}, {"batches", testBatches},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, open) })
	}
}

// monday is when the suite's day begins: Monday, 23 November 2026, 10:00.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())

// days is a calendar whose days off and working weekends are written down.
type days struct{ off, work map[string]bool }

// IsWorkday implements store.Workdays.
func (d days) IsWorkday(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return err == nil && (d.work[day] || !d.off[day] && !weekend)
}

// installation is an open store with the few things every test needs.
type installation struct {
	*store.Store
	t *testing.T
}

// opened opens a fresh installation that is closed with the test.
func opened(t *testing.T, open Open, o store.Options) *installation {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &installation{Store: s, t: t}
}

// furnished is a fresh installation with two halls, two services and three
// periods, released at monday.
func furnished(t *testing.T, open Open, capacity int) *installation {
	t.Helper()
	s := opened(t, open, store.Options{})
	s.plan(plan(capacity))
	s.release(monday)
	return s
}

func plan(capacity int) store.Plan {
	return store.Plan{
		Halls:    []booking.Hall{{ID: "city", Name: "市民服务中心"}, {ID: "humen", Name: "虎门镇政务服务中心", Town: "humen"}},
		Services: []booking.Service{{ID: "residence-permit", Title: "居住证"}, {ID: "id-card-lost", Title: "身份证补领"}},
		Periods:  []store.Period{{Time: "09:00", Capacity: capacity}, {Time: "10:00", Capacity: capacity}, {Time: "15:00", Capacity: capacity}},
	}
}

func (s *installation) plan(p store.Plan) {
	s.t.Helper()
	s.must(s.SavePlan(context.Background(), p))
}

func (s *installation) release(now time.Time) []string {
	s.t.Helper()
	made, err := s.ReleaseOpenings(context.Background(), now)
	s.must(err)
	return made
}

func (s *installation) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// citizen is the person behind an openid.
func (s *installation) citizen(openid string) bot.Citizen {
	s.t.Helper()
	c, err := s.Identify(context.Background(), bot.Address{Channel: bot.WeChat, ID: openid}, monday)
	s.must(err)
	return c
}

// commit commits what must succeed.
func (s *installation) commit(do func(tx bot.Tx) error) {
	s.t.Helper()
	s.must(s.Commit(context.Background(), do))
}

// request asks for a residence permit's place in 虎门.
func request(c bot.Citizen, key, name, date, clock string) booking.Request {
	return booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: key, Service: "residence-permit", Hall: "humen",
		Date: date, Time: clock, Name: bot.Secret(name), Phone: "13800000000", Now: monday}
}

func (s *installation) book(r booking.Request) (booking.Appointment, error) {
	var a booking.Appointment
	err := s.Commit(context.Background(), func(tx bot.Tx) error {
		var err error
		a, err = s.Book(context.Background(), tx, r)
		return err
	})
	return a, err
}

func (s *installation) cancel(number string, now time.Time) (booking.Appointment, error) {
	var a booking.Appointment
	err := s.Commit(context.Background(), func(tx bot.Tx) error {
		var err error
		a, err = s.Cancel(context.Background(), tx, number, now)
		return err
	})
	return a, err
}

func (s *installation) move(number, hall, date, clock string, now time.Time) (booking.Appointment, error) {
	var a booking.Appointment
	err := s.Commit(context.Background(), func(tx bot.Tx) error {
		var err error
		a, err = s.Move(context.Background(), tx, number, hall, date, clock, now)
		return err
	})
	return a, err
}

// remaining is how many places an opening of the residence permit has left.
func (s *installation) remaining(hall, date, clock string) int {
	s.t.Helper()
	all, err := s.Openings(context.Background(), booking.Query{Service: "residence-permit", Hall: hall, Date: date})
	s.must(err)
	for _, o := range all {
		if o.Time == clock {
			return o.Remaining
		}
	}
	s.t.Fatalf("no opening at %s on %s %s", hall, date, clock)
	return 0
}

// balanced fails when the places taken are not those of active appointments.
func (s *installation) balanced() {
	s.t.Helper()
	all, err := s.Openings(context.Background(), booking.Query{})
	s.must(err)
	taken := map[booking.Opening]int{}
	at := func(service, hall, date, clock string) booking.Opening {
		return booking.Opening{Service: service, Hall: hall, Date: date, Time: clock}
	}
	for _, o := range all {
		if o.Remaining < 0 || o.Remaining > o.Capacity {
			s.t.Errorf("%d of %d places left at %v", o.Remaining, o.Capacity, o)
		}
		taken[at(o.Service, o.Hall, o.Date, o.Time)] += o.Capacity - o.Remaining
	}
	appointments, err := s.AllAppointments(context.Background())
	s.must(err)
	for _, a := range appointments {
		if a.Status != booking.Cancelled {
			taken[at(a.Service, a.Hall, a.Date, a.Time)]--
		}
	}
	for o, n := range taken {
		if n != 0 {
			s.t.Errorf("%d places more taken than booked at %v", n, o)
		}
	}
}
