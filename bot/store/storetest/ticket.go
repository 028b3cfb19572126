package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

func helpTicket(c bot.Citizen, key string) ticket.Ticket {
	return ticket.Ticket{
		Citizen: c.ID, Channel: bot.Web, Kind: ticket.Help, Type: ticket.Assistance, Category: "hardship", Title: "急难求助",
		Text: "父亲住院没钱交费", Town: "humen", Address: "虎门大道1号", Name: "陈一", Phone: "13800000000", Urgency: ticket.Urgent,
		Department: "民政局", Confidential: true, Amount: 3000, Relation: "父亲", Latitude: 22.8, Longitude: 113.6,
		Attachments: []string{"f1"}, Key: key, CreatedAt: monday, DueAt: monday.AddDate(0, 0, 7),
	}
}

func (s *installation) file(v ticket.Ticket) ticket.Ticket {
	s.t.Helper()
	s.commit(func(tx bot.Tx) (err error) {
		v, err = s.File(context.Background(), tx, v)
		return err
	})
	return v
}

func testTicket(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c, d := s.citizen("o1"), s.citizen("o2")
	v := s.file(helpTicket(c, "k1"))
	if !bot.ValidNumber(v.Number) || v.Status != ticket.Accepted {
		t.Fatalf("filed as %s, %s", v.Number, v.Status)
	}
	if again := s.file(helpTicket(c, "k1")); again.Number != v.Number || again.Text != v.Text {
		t.Fatalf("the same key gave %s", again.Number)
	}
	if other := s.file(helpTicket(d, "k1")); other.Number == v.Number {
		t.Fatal("another citizen's key gave the same ticket")
	}
	got, steps, err := s.Ticket(ctx, v.Number)
	s.must(err)
	want := helpTicket(c, "k1")
	want.Number, want.Status, want.UpdatedAt = v.Number, ticket.Accepted, monday
	want.Life.Band, want.Life.NextAt = ticket.BandVerify, monday
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || got.Text != want.Text || got.Address != want.Address || got.Name != want.Name || got.Phone != want.Phone {
		t.Fatalf("it came back as %+v", got)
	}
	if len(steps) != 1 || steps[0].Status != ticket.Accepted {
		t.Fatalf("its steps: %+v", steps)
	}
	if _, _, err := s.Ticket(ctx, "DG0"); !errors.Is(err, ticket.ErrNoTicket) {
		t.Fatalf("unknown number: %v", err)
	}
}

func testSteps(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c := s.citizen("o1")
	v := s.file(helpTicket(c, "k1"))
	later := helpTicket(c, "k2")
	later.CreatedAt = monday.Add(time.Hour)
	second := s.file(later)
	office := &ticket.Office{Books: s.Store}
	centre := ticket.Actor{Role: ticket.RoleCentre, Name: "amy"}
	for _, c := range []ticket.Command{
		{Action: ticket.DoDispatch, By: centre, At: monday, To: ticket.Body{Town: "humen"}, Words: "转虎门"},
		{Action: ticket.DoUrge, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday, Words: "催办", Key: "k"},
		{Action: ticket.DoUrge, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday, Words: "催办", Key: "k"}, // the same again
		{Action: ticket.DoSupplement, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday, Words: "照片", Attachment: "f2"},
	} {
		if _, err := office.Do(ctx, v.Number, c); err != nil {
			t.Fatalf("%s: %v", c.Action, err)
		}
	}
	if _, err := office.Do(ctx, v.Number, ticket.Command{Action: ticket.DoSign, By: centre, At: monday}); !errors.Is(err, ticket.ErrRefused) {
		t.Fatalf("the centre signs: %v", err)
	}
	stale := ticket.Command{Action: ticket.DoUrge, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday, Seen: 1}
	if _, err := office.Do(ctx, v.Number, stale); !errors.Is(err, ticket.ErrStale) {
		t.Fatalf("a step on what was seen before: %v", err)
	}
	got, steps, err := s.Ticket(ctx, v.Number)
	s.must(err)
	if got.Status != ticket.Dispatched || len(got.Attachments) != 2 || got.Attachments[1] != "f2" || got.Text != v.Text || got.Life.Version != 3 || got.Life.Urged != 1 {
		t.Fatalf("after the steps: %+v", got)
	}
	if len(steps) != 4 || steps[1].Note != "转虎门" || steps[1].By != "amy" || steps[1].Holder != (ticket.Body{Town: "humen"}) ||
		steps[2].Status != ticket.Dispatched || steps[2].Note != "催办" || steps[3].Attachment != "f2" {
		t.Fatalf("its steps: %+v", steps)
	}
	told, err := s.Notices(ctx, v.Number)
	if err != nil || len(told) != 4 || told[0].Reader != "citizen" || told[1].Reader != "t:humen" || !told[1].At.Equal(monday) {
		t.Fatalf("told: %+v %v", told, err)
	}
	own, err := s.Tickets(ctx, c.ID, 1)
	if err != nil || len(own) != 1 || own[0].Number != second.Number {
		t.Fatalf("the newest: %+v %v", own, err)
	}
	if all, err := s.AllTickets(ctx); err != nil || len(all) != 2 || all[0].Number != v.Number {
		t.Fatalf("all, oldest first: %+v %v", all, err)
	}
	if _, err := office.Do(ctx, "DG0", stale); !errors.Is(err, ticket.ErrNoTicket) {
		t.Fatalf("on an unknown ticket: %v", err)
	}
}

func testWishes(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c, d := s.citizen("o1"), s.citizen("o2")
	v := s.file(helpTicket(c, "k1"))
	w := ticket.Wish{Number: v.Number, Town: "humen", Category: "aids", Needs: []string{"aids", "care"}, Text: "需要轮椅、照料", Amount: 3000, Status: ticket.WishOpen, CreatedAt: monday}
	for range 2 {
		s.commit(func(tx bot.Tx) error { return s.KeepWish(ctx, tx, w) })
	}
	office := &ticket.Claiming{Books: s.Store}
	claim := func(by bot.CitizenID, share float64, at time.Time) error {
		return s.Commit(ctx, func(tx bot.Tx) error {
			_, err := office.Claim(ctx, tx, ticket.Claim{Wish: v.Number, By: by, Share: share, Name: "李", Phone: "139", At: at, Key: string(by) + at.String()})
			return err
		})
	}
	wish := func() ticket.Wish {
		all, err := s.Wishes(ctx, ticket.WishQuery{})
		s.must(err)
		return all[0]
	}
	if open, err := s.Wishes(ctx, ticket.WishQuery{Open: true, Town: "humen"}); err != nil || len(open) != 1 || open[0].Text != w.Text {
		t.Fatalf("open wishes: %+v %v", open, err)
	}
	for needs, want := range map[string]int{"aids": 1, "care": 1, "goods|care": 1, "car": 0, "goods": 0} {
		if found, err := s.Wishes(ctx, ticket.WishQuery{Open: true, Needs: strings.Split(needs, "|")}); err != nil || len(found) != want {
			t.Fatalf("wishes with any of %s: %+v %v", needs, found, err)
		}
	}
	s.commit(func(tx bot.Tx) error {
		return errors.Join(s.AddDonor(ctx, tx, ticket.Offer{Citizen: d.ID, Key: "k1", Needs: []string{"goods", "care"}, At: monday}),
			s.AddDonor(ctx, tx, ticket.Offer{Citizen: d.ID, Key: "k2", At: monday}))
	})
	for needs, want := range map[string]int{"aids|care": 1, "goods": 1, "aids": 0} {
		if found, err := s.Donors(ctx, strings.Split(needs, "|"), "humen", 5); err != nil || len(found) != want {
			t.Fatalf("offers that meet any of %s: %+v %v", needs, found, err)
		}
	}
	if found, err := s.Donors(ctx, nil, "", 5); err != nil || len(found) != 2 {
		t.Fatalf("all offers: %+v %v", found, err)
	}
	if err := claim(c.ID, 0, monday); !errors.Is(err, ticket.ErrRefused) {
		t.Fatalf("one's own wish: %v", err)
	}
	if err := errors.Join(claim(d.ID, 1000, monday), claim(d.ID, 1000, monday)); err != nil {
		t.Fatalf("claim twice by one: %v", err)
	}
	if got := wish(); got.Status != ticket.WishOpen || got.Left() != 2000 || got.ClaimedBy != d.ID {
		t.Fatalf("after a part: %+v", got)
	}
	e := s.citizen("o3")
	if err := claim(e.ID, 2500, monday); !errors.Is(err, ticket.ErrRefused) {
		t.Fatalf("more than is left: %v", err)
	}
	s.must(claim(e.ID, 0, monday))
	if got := wish(); got.Status != ticket.WishClaimed || got.Left() != 0 {
		t.Fatalf("after the rest: %+v", got)
	}
	if err := claim(s.citizen("o4").ID, 0, monday); !errors.Is(err, ticket.ErrRefused) {
		t.Fatalf("claim by a third: %v", err)
	}
	claims, err := s.Claims(ctx, v.Number)
	if err != nil || len(claims) != 2 || claims[0].Name != "李" || claims[1].Share != 2000 {
		t.Fatalf("claims: %+v %v", claims, err)
	}
	worker := ticket.Actor{Role: ticket.RoleSocial, Name: "amy", Body: ticket.Body{Town: "humen", Social: true}}
	stranger := ticket.Actor{Role: ticket.RoleSocial, Name: "bob", Body: ticket.Body{Town: "changan", Social: true}}
	if err := office.Confirm(ctx, v.Number, claims[0].ID, stranger, monday); !errors.Is(err, ticket.ErrRefused) {
		t.Fatalf("confirmed by another town: %v", err)
	}
	s.must(office.Confirm(ctx, v.Number, claims[0].ID, worker, monday))
	s.must(office.Watch(ctx, monday.Add(71*time.Hour)))
	if got := wish(); got.Status != ticket.WishClaimed {
		t.Fatalf("before its time: %+v", got)
	}
	for range 2 {
		s.must(office.Watch(ctx, monday.Add(72*time.Hour)))
	}
	if got := wish(); got.Status != ticket.WishOpen || got.Left() != 2000 || !got.OpenSince.Equal(monday.Add(72*time.Hour)) {
		t.Fatalf("the part nobody confirmed: %+v", got)
	}
	s.must(claim(e.ID, 0, monday.Add(73*time.Hour)))
	claims, err = s.Claims(ctx, v.Number)
	s.must(err)
	last := claims[len(claims)-1].ID
	s.must(office.Confirm(ctx, v.Number, last, worker, monday.Add(74*time.Hour)))
	s.must(office.Deliver(ctx, v.Number, claims[0].ID, worker, "送到家里", "", monday.Add(75*time.Hour)))
	s.must(office.Deliver(ctx, v.Number, last, worker, "送到家里", "谢谢", monday.Add(76*time.Hour)))
	if got := wish(); got.Status != ticket.WishFulfilled || !got.Fulfilled.Equal(monday.Add(76*time.Hour)) {
		t.Fatalf("after both came: %+v", got)
	}
	thankable := func(by bot.CitizenID) int {
		all, err := s.Thankable(ctx, by, 5)
		s.must(err)
		return len(all)
	}
	if thankable(c.ID) != 1 || thankable(d.ID) != 0 {
		t.Fatalf("thankable before thanks: %d of the household, %d of who gave", thankable(c.ID), thankable(d.ID))
	}
	var said ticket.Word
	s.commit(func(tx bot.Tx) (err error) {
		said, err = office.Say(ctx, tx, ticket.Word{Wish: v.Number, By: c.ID, Text: "谢谢你们", At: monday.Add(77 * time.Hour), Key: "w1"})
		return err
	})
	s.must(office.PassOn(ctx, said.ID, worker, "谢谢你们", monday.Add(78*time.Hour)))
	if thankable(d.ID) != 1 || thankable(s.citizen("o5").ID) != 0 {
		t.Fatal("who gave may answer thanks, and nobody else")
	}
	heard, err := s.Transcript(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, 0, 100) // who comes back later reads it too
	if err != nil || !slices.ContainsFunc(heard, func(l bot.Line) bool { return strings.Contains(l.Text, "有热心人认领了") }) || !slices.ContainsFunc(heard, func(l bot.Line) bool { return strings.Contains(l.Text, "送到了") }) {
		t.Fatalf("what the household heard stands in its transcript: %+v %v", heard, err)
	}
	n, err := s.Programme(ctx)
	if err != nil || n.Fulfilled != 1 || n.Pledged != 3000 || n.Towns["humen"].Fulfilled != 1 || n.Help != 1 {
		t.Fatalf("numbers: %+v %v", n, err)
	}
}

// testUnclaimed: a wish nobody claims goes to the government by the clock, and
// is not claimed then.
func testUnclaimed(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	v := s.file(helpTicket(s.citizen("o1"), "k1"))
	s.commit(func(tx bot.Tx) error {
		return s.KeepWish(ctx, tx, ticket.Wish{Number: v.Number, Town: "humen", Category: "aids", Text: "轮椅", Status: ticket.WishOpen, CreatedAt: monday})
	})
	office := &ticket.Claiming{Books: s.Store}
	s.must(office.Watch(ctx, monday.Add(47*time.Hour)))
	if all, err := s.Wishes(ctx, ticket.WishQuery{Open: true}); err != nil || len(all) != 1 {
		t.Fatalf("before its time: %+v %v", all, err)
	}
	s.must(office.Watch(ctx, monday.Add(48*time.Hour)))
	all, err := s.Wishes(ctx, ticket.WishQuery{})
	if err != nil || all[0].Status != ticket.WishGovernment {
		t.Fatalf("after it: %+v %v", all, err)
	}
	late := s.citizen("o2")
	err = s.Commit(ctx, func(tx bot.Tx) error {
		_, err := office.Claim(ctx, tx, ticket.Claim{Wish: v.Number, By: late.ID, At: monday, Key: "k"})
		return err
	})
	if !errors.Is(err, ticket.ErrRefused) {
		t.Fatalf("claimed all the same: %v", err)
	}
}

// testNumbers: serials run by the day of issue, each kind its own, and grow by
// digits when a day needs more.
func testNumbers(t *testing.T, open Open) {
	s := furnished(t, open, 2000)
	c := s.citizen("o1")
	var last string
	s.commit(func(tx bot.Tx) error {
		for i := range 1001 {
			a, err := s.Book(context.Background(), tx, request(c, fmt.Sprint(i), fmt.Sprintf("人%d", i), "2026-11-25", "10:00"))
			if err != nil {
				return err
			}
			switch {
			case i == 0 && a.Number[:11] != "YY261123001":
				t.Errorf("the first number of the day is %s", a.Number)
			case i == 998 && (len(a.Number) != 12 || a.Number[:11] != "YY261123999"):
				t.Errorf("the last with three digits is %s", a.Number)
			case i == 999 && (len(a.Number) != 13 || a.Number[:12] != "YY2611231000"):
				t.Errorf("the first with four digits is %s", a.Number)
			case !bot.ValidNumber(a.Number) || a.Number == last:
				t.Errorf("number %s", a.Number)
			}
			last = a.Number
		}
		return nil
	})
	r := request(c, "next", "明天", "2026-11-25", "15:00")
	r.Now = monday.AddDate(0, 0, 1)
	a, err := s.book(r)
	if err != nil || a.Number[:11] != "YY261124001" {
		t.Errorf("the next day's first number is %s: %v", a.Number, err)
	}
	if v := s.file(helpTicket(c, "k")); len(v.Number) != 15 || v.Number[:14] != "DG202611230001" {
		t.Errorf("the first ticket is %s", v.Number)
	}
}
