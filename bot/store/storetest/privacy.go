package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// testPrivacy shows a citizen what is kept, gives a copy, corrects, and
// erases, but not while something is open.
func testPrivacy(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	ctx := context.Background()
	c, other := s.citizen("o1"), s.citizen("o2")
	appointment, err := s.book(request(c, "k1", "陈一", "2026-11-25", "10:00"))
	s.must(err)
	var picture string
	var filed ticket.Ticket
	s.commit(func(tx bot.Tx) error {
		if picture, err = tx.Keep(c.ID, bot.Attachment{Kind: "image", Type: "image/jpeg", Bytes: []byte("jpeg")}, monday); err != nil {
			return err
		}
		if _, err := tx.Keep(c.ID, bot.Attachment{Kind: "recording", Type: "application/octet-stream", Bytes: []byte("key")}, monday); err != nil {
			return err
		}
		for _, l := range []bot.Line{
			{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Text: "我叫陈一", Attachment: picture},
			{Citizen: c.ID, Speaker: bot.SpeakerBot, Text: "您好"},
			{Citizen: c.ID, Speaker: bot.SpeakerNote, Text: "两人在场"},
			{Citizen: other.ID, Speaker: bot.SpeakerCitizen, Text: "我叫林二"},
		} {
			l.Channel, l.At = bot.WeChat, monday
			if _, err := tx.Append(l); err != nil {
				return err
			}
		}
		filed, err = s.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Channel: bot.WeChat, Kind: ticket.Report, Type: ticket.Complaint, Title: "噪音", Text: "楼上太吵",
			Town: "humen", Status: ticket.Accepted, Key: "k", CreatedAt: monday})
		return err
	})

	s.commit(func(tx bot.Tx) error {
		return tx.(bot.RatingKeeper).KeepRating(bot.Rating{Citizen: c.ID, Channel: bot.WeChat, Score: 2, At: monday})
	})
	s.consents(c)
	held, err := s.Account(ctx, c.ID)
	s.must(err)
	counts := map[privacy.Kind]int{}
	for _, h := range held {
		counts[h.Kind] = h.Count
		if (h.Count > 0) == h.Since.IsZero() {
			t.Errorf("%d of %s since %v", h.Count, h.Kind, h.Since)
		}
	}
	for kind, n := range map[privacy.Kind]int{privacy.Profile: 1, privacy.Words: 2, privacy.Attachments: 2, privacy.Appointments: 1, privacy.Tickets: 1, privacy.Claims: 0, privacy.Ratings: 1, privacy.Consents: 1} {
		if counts[kind] != n {
			t.Errorf("%d of %s are told of, want %d", counts[kind], kind, n)
		}
	}
	taken, err := s.CopyOf(ctx, c.ID, monday)
	s.must(err)
	if len(taken.Words) != 2 || taken.Words[0].Text != "我叫陈一" || len(taken.Attachments) != 1 || taken.Words[0].File != taken.Attachments[0].Name ||
		string(taken.Attachments[0].Data) != "jpeg" || len(taken.Appointments) != 1 || taken.Appointments[0].Name != "陈一" ||
		len(taken.Ratings) != 1 || taken.Ratings[0].Score != 2 || len(taken.Consents) != 1 || taken.Consents[0].Withdrawn.IsZero() || len(taken.Tickets) != 1 || taken.Tickets[0].Text != "楼上太吵" || !slices.Equal(taken.Citizen.Addresses, []string{"wechat"}) {
		t.Errorf("the copy is %+v", taken)
	}
	s.must(s.Rename(ctx, c.ID, "陈小一", monday))
	if who, err := s.Citizen(ctx, c.ID); err != nil || who.Name != "陈小一" {
		t.Errorf("the name is %q: %v", who.Name.Reveal(), err)
	}

	var matters privacy.OpenMatters
	if _, err := s.Erase(ctx, c.ID, monday); !errors.As(err, &matters) || !slices.Equal(matters, privacy.OpenMatters{
		{Kind: privacy.Appointments, Number: appointment.Number}, {Kind: privacy.Tickets, Number: filed.Number}}) {
		t.Fatalf("erased while open: %v (%v)", err, matters)
	}
	if words, err := s.Recent(ctx, c.ID, 10); err != nil || len(words) != 3 {
		t.Fatalf("a refusal left %d lines: %v", len(words), err)
	}
	s.commit(func(tx bot.Tx) error {
		_, err := s.Cancel(ctx, tx, appointment.Number, monday)
		return err
	})
	_, err = (&ticket.Office{Books: s.Store}).Do(ctx, filed.Number, ticket.Command{Action: ticket.DoWithdraw, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday})
	s.must(err)
	proof, err := s.Erase(ctx, c.ID, monday)
	s.must(err)
	trail, err := s.AuditTrail(ctx, string(c.ID), 0, 10)
	s.must(err)
	if n := len(trail); n != 5 || trail[n-1].Deed != bot.AuditErase || trail[n-1].Seq != proof.Entry {
		t.Errorf("the proof is %+v of %+v", proof, trail)
	}
	if _, last, err := s.VerifyAudit(ctx); err != nil || last != proof.Hash {
		t.Errorf("the trail ends with %s, the proof with %s: %v", last, proof.Hash, err)
	}
	if _, err := s.CopyOf(ctx, c.ID, monday); !errors.Is(err, store.ErrForgotten) {
		t.Errorf("a copy of nobody: %v", err)
	}
	if _, err := s.Erase(ctx, c.ID, monday); !errors.Is(err, privacy.ErrNobody) {
		t.Errorf("erased twice: %v", err)
	}
	if all, err := s.Recent(ctx, other.ID, 10); err != nil || len(all) != 1 {
		t.Errorf("another citizen has %d lines: %v", len(all), err)
	}
}

// consents has a guardian agree, in two commits of one turn as after a crash,
// and take it back.
func (s *installation) consents(c bot.Citizen) {
	s.t.Helper()
	yes := bot.SeparateConsent{ID: string(c.ID) + "-1", Citizen: c.ID, About: bot.OfChild, Errand: bot.BookAppointment, Name: "预约办事", By: "妈妈", Channel: bot.WeChat, At: monday}
	for range 2 {
		s.commit(func(tx bot.Tx) error { return tx.Consent(yes) })
	}
	s.commit(func(tx bot.Tx) error {
		return tx.SaveConversation(&bot.Conversation{Citizen: c.ID, Address: bot.Address{Channel: bot.WeChat, ID: "o1"}, Handling: bot.ByBot,
			Frames: []bot.Frame{{Flow: bot.RequestHelp}, {Flow: bot.BookAppointment, Consent: yes.ID}}})
	})
	if _, err := s.WithdrawConsent(context.Background(), "somebody", yes.ID, monday); err == nil {
		s.t.Error("somebody else took it back")
	}
	_, err := s.WithdrawConsent(context.Background(), c.ID, yes.ID, monday.Add(time.Hour))
	s.must(err)
	conv, err := s.Conversation(context.Background(), c.ID)
	if err != nil || len(conv.Frames) != 1 || conv.Frames[0].Flow != bot.RequestHelp {
		s.t.Errorf("under way are %+v: %v", conv.Frames, err)
	}
	if _, err := s.WithdrawConsent(context.Background(), c.ID, yes.ID, monday); !errors.Is(err, privacy.ErrNobody) {
		s.t.Errorf("taken back twice: %v", err)
	}
}

// testSensitive has a citizen agree to sensitive particulars in two requests and
// take one yes back: they go out of what was filed on it and is not over, and
// out of nothing else.
func testSensitive(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	ctx := context.Background()
	c := s.citizen("o1")
	var open1, other ticket.Ticket
	file := func(key string) (v ticket.Ticket) {
		s.commit(func(tx bot.Tx) (err error) {
			if err := tx.Consent(bot.SeparateConsent{ID: key + "-s", Citizen: c.ID, About: bot.OfSensitive, Errand: bot.RequestHelp, Key: key, Name: "急难求助", By: "本人", What: "病情", Asked: "写上吗", Channel: bot.WeChat, At: monday}); err != nil {
				return err
			}
			v, err = s.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Channel: bot.WeChat, Kind: ticket.Help, Type: ticket.Assistance, Title: "求助", Text: "我妈得了癌症，交不起房租",
				Town: "humen", Status: ticket.Accepted, Key: key, CreatedAt: monday})
			return err
		})
		return v
	}
	open1, other = file("k1"), file("k2")
	office := &ticket.Office{Books: s.Store}
	_, err := office.Do(ctx, open1.Number, ticket.Command{Action: ticket.DoSupplement, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday, Words: "她昨天住院了"})
	s.must(err)
	got, err := s.Consents(ctx, c.ID)
	s.must(err)
	if len(got) != 2 || got[0].What != "病情" || got[0].Asked != "写上吗" || got[0].About != bot.OfSensitive || got[0].Entry == 0 {
		t.Fatalf("the consents are %+v", got)
	}
	proof, err := s.WithdrawConsent(ctx, c.ID, "k1-s", monday.Add(time.Hour))
	s.must(err)
	if _, last, err := s.VerifyAudit(ctx); err != nil || last != proof.Hash {
		t.Errorf("the trail ends with %s, the proof with %s: %v", last, proof.Hash, err)
	}
	v, steps, err := s.Ticket(ctx, open1.Number)
	s.must(err)
	if v.Text != "交不起房租" || v.Status != open1.Status {
		t.Errorf("the ticket is %q, %s", v.Text.Reveal(), v.Status)
	}
	for _, st := range steps {
		if strings.Contains(st.Note.Reveal(), "住院") {
			t.Errorf("a step keeps %q", st.Note.Reveal())
		}
	}
	if v, _, err := s.Ticket(ctx, other.Number); err != nil || !strings.Contains(v.Text.Reveal(), "癌症") {
		t.Errorf("the other request is %q: %v", v.Text.Reveal(), err)
	}
	if _, err := office.Do(ctx, open1.Number, ticket.Command{Action: ticket.DoWithdraw, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday}); err != nil {
		t.Errorf("the ticket goes on no longer: %v", err)
	}
}

// testPrune lets what is past its term go and nothing else.
func testPrune(t *testing.T, open Open) {
	s := furnished(t, open, 2000)
	ctx := context.Background()
	terms := []privacy.Term{{Kind: privacy.Words, Days: 365}, {Kind: privacy.Attachments, Days: 100}, {Kind: privacy.Ratings, Days: 300}, {Kind: privacy.Appointments}}
	c := s.citizen("o1")
	const each = 700 // more than one lot
	for _, age := range []int{400, 200, 10} {
		at := monday.AddDate(0, 0, -age)
		s.commit(func(tx bot.Tx) error {
			for range each {
				if _, err := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: at, Text: "话"}); err != nil {
					return err
				}
			}
			if err := tx.(bot.RatingKeeper).KeepRating(bot.Rating{Citizen: c.ID, Channel: bot.WeChat, Score: 1, At: at}); err != nil {
				return err
			}
			_, err := tx.Keep(c.ID, bot.Attachment{Kind: "image", Type: "image/jpeg"}, at)
			return err
		})
		// Two looked over each conversation, one of them a year before.
		for i, by := range []string{"张班长", "李班长"} {
			sheet := bot.Sample{Handoff: int64(age), By: by, Citizen: c.ID, Operator: "小陈", Marks: []int{5}, Words: "讲得清楚", At: at}
			sheet.At = at.AddDate(-i, 0, 0)
			s.must(s.SaveSample(ctx, sheet))
		}
		in := inbound(at.String(), "话")
		in.At = at
		receipt, err := s.Accept(ctx, c.ID, in)
		s.must(err)
		if age != 200 { // that one still waits for its answer
			s.commit(func(tx bot.Tx) error { return tx.Answered(receipt.ID) })
		}
	}
	gone, err := s.Prune(ctx, terms, monday)
	s.must(err)
	if gone["line"] != each || gone["attachment"] != 2 || gone["inbox"] != 1 || gone["change"] != 2*each || gone["rating"] != 1 || gone["sample"] != 2 || gone["appointment"] != 0 {
		t.Errorf("what went: %v", gone)
	}
	if lines, err := s.Lines(ctx, c.ID, 0, 10*each); err != nil || len(lines) != 2*each || lines[0].At.Before(monday.AddDate(0, 0, -365)) {
		t.Errorf("%d lines are left: %v", len(lines), err)
	}
	if waiting, err := s.Outstanding(ctx, monday); err != nil || len(waiting) != 1 {
		t.Errorf("%d messages wait for an answer: %v", len(waiting), err)
	}
	if again, err := s.Prune(ctx, terms, monday); err != nil || len(again) != 0 {
		t.Errorf("pruned twice: %v, %v", again, err)
	}
	trail, err := s.AuditTrail(ctx, "", 0, 10)
	s.must(err)
	if n := len(trail); n != 7 || trail[n-1].Deed != bot.AuditPrune || !strings.Contains(trail[n-1].Reason, "sample 2") { // six sheets before
		t.Errorf("the trail is %+v", trail)
	}
	// All of it may go at last, and numbers go on.
	last, err := s.Lines(ctx, c.ID, 0, 10*each)
	s.must(err)
	if _, err = s.Prune(ctx, terms, monday.Add(3*365*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	rest, err := s.Lines(ctx, c.ID, 0, 10)
	s.must(err)
	if len(rest) != 1 || rest[0].ID != last[len(last)-1].ID {
		t.Errorf("%d lines are left after three years", len(rest))
	}
}
