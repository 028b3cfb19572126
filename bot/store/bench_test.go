package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

// What the benchmarks lay out: a week's openings of the whole city.
const (
	clients       = 256
	weekOpenings  = 1_170_662
	people        = 10_000_000
	benchServices = 119
	benchHalls    = 40
	benchDays     = 6
	benchPeriods  = 41
	hotCapacity   = 1 << 30
)

// benchNow is a Monday before the day's release.
var benchNow = time.Date(2026, 11, 30, 8, 0, 0, 0, bot.Shanghai())

// everyDay is a calendar without days off.
type everyDay struct{}

func (everyDay) IsWorkday(string) bool { return true }

// city is a store with a week's openings and people to book them.
type city struct {
	*store.Store
	citizens []bot.CitizenID
	serial   atomic.Int64
}

// openCity lays out service v × hall × period × day, a little more than
// weekOpenings, and one opening of service 0 on a later day that never fills.
func openCity(b *testing.B) *city {
	b.Helper()
	return openCityIn(b, "")
}

// openCityIn is openCity in a PostgreSQL database, or in SQLite if there is
// none.
func openCityIn(b *testing.B, database string) *city {
	b.Helper()
	rules := booking.DefaultRules()
	rules.ReleaseDays = benchDays
	s, err := store.Open(context.Background(), store.Options{Dir: b.TempDir(), Database: database, Rules: rules, Calendar: everyDay{}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	c := &city{Store: s}
	c.lay(b, 1, 1, 1, hotCapacity, 10)
	c.lay(b, benchServices, benchHalls, benchPeriods, 20, 1)
	c.enrol(b, 10_000)
	return c
}

func (c *city) enrol(b testing.TB, n int) {
	b.Helper()
	c.citizens = make([]bot.CitizenID, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				who, err := c.Identify(context.Background(), bot.Address{Channel: bot.WeChat, ID: "o" + strconv.FormatInt(i, 10)}, benchNow)
				if err != nil {
					b.Error(err)
					return
				}
				c.citizens[i] = who.ID
			}
		})
	}
	all.Wait()
}

func (c *city) lay(b *testing.B, services, halls, periods, capacity, from int) {
	b.Helper()
	var p store.Plan
	for i := range services {
		p.Services = append(p.Services, booking.Service{ID: "s" + strconv.Itoa(i), Title: "业务"})
	}
	for i := range halls {
		p.Halls = append(p.Halls, booking.Hall{ID: "h" + strconv.Itoa(i), Name: "大厅"})
	}
	for i := range periods {
		p.Periods = append(p.Periods, store.Period{Time: periodTime(i), Capacity: capacity})
	}
	if err := c.SavePlan(context.Background(), p); err != nil {
		b.Fatal(err)
	}
	if _, err := c.ReleaseOpenings(context.Background(), benchNow.AddDate(0, 0, from)); err != nil {
		b.Fatal(err)
	}
}

func periodTime(i int) string {
	return time.Date(2026, 1, 1, 8, 30+12*i, 0, 0, time.UTC).Format("15:04")
}

// request asks for one of the week's openings, or for the one that never fills.
func (c *city) request(hot bool) booking.Request {
	n := rand.IntN(people)
	r := booking.Request{
		Citizen: c.citizens[rand.IntN(len(c.citizens))], Channel: bot.WeChat, Service: "s0", Hall: "h0",
		Date: benchNow.AddDate(0, 0, 10).Format(time.DateOnly), Time: periodTime(0),
		Name: bot.Secret("陈小明" + strconv.Itoa(n)), Phone: bot.Secret(fmt.Sprintf("138%08d", n)), Now: benchNow,
	}
	r.Key = string(r.Citizen) + "-" + strconv.FormatInt(c.serial.Add(1), 10)
	if hot {
		return r
	}
	i := rand.IntN(weekOpenings)
	r.Service, i = "s"+strconv.Itoa(i%benchServices), i/benchServices
	r.Hall, i = "h"+strconv.Itoa(i%benchHalls), i/benchHalls
	r.Time, i = periodTime(i%benchPeriods), i/benchPeriods
	r.Date = benchNow.AddDate(0, 0, 1+i).Format(time.DateOnly)
	return r
}

// book makes one appointment, durable when it returns.
func (c *city) book(hot bool) error {
	ctx := context.Background()
	r := c.request(hot)
	err := c.Commit(ctx, func(tx bot.Tx) error {
		_, err := c.Book(ctx, tx, r)
		return err
	})
	if errors.Is(err, booking.ErrFull) || errors.Is(err, booking.ErrSameService) || errors.Is(err, booking.ErrTooMany) {
		return nil // an answer too
	}
	return err
}

// closedLoop runs b.N deeds by n clients and reports durable deeds a second,
// the latency as callers see it, and the processor time of all.
func closedLoop(b *testing.B, n int, deed func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	took := make([][]time.Duration, n)
	var all sync.WaitGroup
	b.ResetTimer()
	cpu := processorTime()
	for i := range n {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				begun := time.Now()
				if err := deed(); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(begun))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	cpu = processorTime() - cpu
	if b.Failed() {
		b.FailNow()
	}
	sorted := slices.Sorted(slices.Values(slices.Concat(took...)))
	at := func(q float64) float64 {
		return float64(sorted[int(q*float64(len(sorted)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "durable/s")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(0, "ns/op")
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBooking is the booking core: limits of the person served, the
// idempotency key, the place, the sealed appointment and its change for the
// desk, durable on return. The last two are what else could be had: SQLite
// with a transaction for each booking, and the disk alone.
func BenchmarkBooking(b *testing.B) {
	c := openCity(b)
	b.Run("uniform", func(b *testing.B) { closedLoop(b, clients, func() error { return c.book(false) }) })
	b.Run("hot", func(b *testing.B) { closedLoop(b, clients, func() error { return c.book(true) }) })
	b.Run("naive/uniform", func(b *testing.B) { naive(b, c, 32, false) })
	b.Run("naive/hot", func(b *testing.B) { naive(b, c, 32, true) })
	b.Run("fdatasync", fdatasync)
	c.balanced(b)
}

// BenchmarkTurn is the turn that ends in an appointment, as the engine commits
// it: "commit" is its one commit (booking, the person remembered, two lines,
// the reply and two reminders in the outbox, the conversation, the receipt),
// "whole" has the message accepted before it. "talk" is a turn that only talks,
// whole: two lines, the reply, the conversation, the receipt, the reply sent.
func BenchmarkTurn(b *testing.B) {
	c := openCity(b)
	b.Run("talk", func(b *testing.B) { closedLoop(b, clients, c.talk) })
	b.Run("commit", func(b *testing.B) {
		closedLoop(b, clients, func() error { return c.turn(c.request(false), 0) })
	})
	b.Run("whole", func(b *testing.B) {
		closedLoop(b, clients, func() error {
			r := c.request(false)
			receipt, err := c.Accept(context.Background(), r.Citizen, bot.Inbound{From: bot.Address{Channel: bot.WeChat, ID: "o1"}, Key: r.Key, At: benchNow, Text: "确认"})
			if err != nil {
				return err
			}
			return c.turn(r, receipt.ID)
		})
	})
	c.balanced(b)
}

// talk is a turn of a citizen who asks something.
func (c *city) talk() error {
	ctx := context.Background()
	citizen := c.citizens[rand.IntN(len(c.citizens))]
	from := bot.Address{Channel: bot.WeChat, ID: "oABCDEFGHIJKLMNOPQRSTUVWXYZ12"}
	in := bot.Inbound{From: from, Key: strconv.FormatInt(c.serial.Add(1), 10), At: benchNow, Text: "居住证要带什么材料"}
	receipt, err := c.Accept(ctx, citizen, in)
	if err != nil {
		return err
	}
	conv, err := c.Conversation(ctx, citizen)
	if err != nil {
		return err
	}
	text := "办理居住证要带：身份证原件；近期免冠相片（粤居码可自动获取）；房屋租赁合同、就业证明或就读证明其中一项。\n还要问什么，直接告诉我。\n来源：办事指南，2026年11月"
	var out bot.OutgoingID
	err = c.Commit(ctx, func(tx bot.Tx) error {
		conv := conv
		_, err1 := tx.Append(bot.Line{Citizen: citizen, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: benchNow, Text: in.Text})
		_, err2 := tx.Append(bot.Line{Citizen: citizen, Speaker: bot.SpeakerBot, Channel: bot.WeChat, At: benchNow, Text: text})
		var err3 error
		out, err3 = tx.Enqueue(receipt.ID, bot.Outgoing{Citizen: citizen, To: from, Reply: bot.Reply{Text: text}, Due: benchNow, From: "bot"}, bot.LeaseTime)
		conv.Handling, conv.Address, conv.LastAt, conv.Last = bot.ByBot, from, benchNow, []bot.Reply{{Text: text}}
		return errors.Join(err1, err2, err3, tx.Answered(receipt.ID), tx.SaveConversation(&conv))
	})
	if errors.Is(err, store.ErrStale) {
		return nil // picked at random, without the citizen's order
	}
	if err != nil {
		return err
	}
	return c.Sent(ctx, out)
}

func (c *city) turn(r booking.Request, receipt int64) error {
	ctx := context.Background()
	conv, err := c.Conversation(ctx, r.Citizen)
	if err != nil {
		return err
	}
	err = c.Commit(ctx, func(tx bot.Tx) error {
		conv := conv
		a, err := c.Book(ctx, tx, r)
		if err != nil {
			return err
		}
		return c.tell(tx, &conv, a, receipt)
	})
	if errors.Is(err, store.ErrStale) || errors.Is(err, booking.ErrFull) || errors.Is(err, booking.ErrSameService) || errors.Is(err, booking.ErrTooMany) {
		return nil // citizens are picked at random here, without their turns' order
	}
	return err
}

// tell writes what goes with an appointment.
func (c *city) tell(tx bot.Tx, conv *bot.Conversation, a booking.Appointment, receipt int64) error {
	to := bot.Address{Channel: bot.WeChat, ID: "oABCDEFGHIJKLMNOPQRSTUVWXYZ12"}
	text := "约好了，预约号 " + a.Number + "。\n2026年12月2日（周三） 15:00，虎门镇政务服务中心，居住证办理。\n请带好材料，提前 15 分钟到厅取号；要改要取消，直接告诉我。还要办别的吗？"
	reply := bot.Outgoing{Citizen: a.Citizen, To: to, Reply: bot.Reply{Text: text}, Due: benchNow, From: "bot"}
	topic := "appointment:" + a.Number
	_, err1 := tx.Append(bot.Line{Citizen: a.Citizen, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: benchNow, Text: "确认"})
	_, err2 := tx.Append(bot.Line{Citizen: a.Citizen, Speaker: bot.SpeakerBot, Channel: bot.WeChat, At: benchNow, Text: text})
	_, err3 := tx.Enqueue(receipt, reply, bot.LeaseTime)
	errs := []error{err1, err2, err3, tx.Drop(topic)}
	for _, before := range c.Rules().RemindBefore {
		_, err := tx.Enqueue(0, bot.Outgoing{Citizen: a.Citizen, To: to, Reply: bot.Reply{Text: text}, Due: a.Starts().Add(-before), From: "bot",
			Topic: topic, Key: "remind:" + a.Number + before.String(), Proactive: true}, 0)
		errs = append(errs, err)
	}
	conv.Handling, conv.Address, conv.LastAt, conv.Last = bot.ByBot, to, benchNow, []bot.Reply{{Text: text}}
	conv.Topic = bot.Topic{Guide: a.Service, At: benchNow}
	if receipt != 0 {
		errs = append(errs, tx.Answered(receipt))
	}
	return errors.Join(append(errs, tx.SaveCitizen(bot.Citizen{ID: a.Citizen, Name: a.Name, Phone: a.Phone}), tx.SaveConversation(conv))...)
}

// BenchmarkRelease lays out the demo: 30 services at 40 halls, six periods,
// all days of a week, and finds that nothing is left to do.
func BenchmarkRelease(b *testing.B) {
	var p store.Plan
	for i := range 40 {
		p.Services = append(p.Services, booking.Service{ID: "service-number-" + strconv.Itoa(i)})
		p.Halls = append(p.Halls, booking.Hall{ID: "town-" + strconv.Itoa(i)})
	}
	p.Services = p.Services[:30]
	for i := range 6 {
		p.Periods = append(p.Periods, store.Period{Time: periodTime(i), Capacity: 10})
	}
	for _, again := range []bool{false, true} {
		b.Run(map[bool]string{false: "first", true: "again"}[again], func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s, err := store.Open(context.Background(), store.Options{Dir: b.TempDir()})
				if err != nil {
					b.Fatal(err)
				}
				release := func() {
					if _, err := s.ReleaseOpenings(context.Background(), monday); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.SavePlan(context.Background(), p); err != nil {
					b.Fatal(err)
				}
				if again {
					release()
				}
				b.StartTimer()
				release()
				b.StopTimer()
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// balanced fails the benchmark when places and appointments differ.
func (c *city) balanced(b testing.TB) {
	b.Helper()
	openings, err := c.Openings(context.Background(), booking.Query{})
	if err != nil {
		b.Fatal(err)
	}
	taken := map[string]int{}
	for _, o := range openings {
		taken[o.Date] += o.Capacity - o.Remaining
		if o.Remaining < 0 {
			b.Errorf("%d places of %d are left", o.Remaining, o.Capacity)
		}
	}
	all, err := c.AllAppointments(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	for _, a := range all {
		if _, there := taken[a.Date]; there && a.Status != booking.Cancelled {
			taken[a.Date]--
		}
	}
	for date, n := range taken {
		if n != 0 {
			b.Errorf("on %s %d more places are taken than there are appointments", date, n)
		}
	}
}
