package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/outcall"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/signal"
	"guanjia/config"
)

// closedTicket files a ticket for a caller and has it dealt with and closed.
func closedTicket(t *testing.T, h *house, phone, words string, at time.Time) ticket.Ticket {
	t.Helper()
	ctx := context.Background()
	citizen, err := h.store.Identify(ctx, bot.Address{Channel: bot.Web, ID: "web" + phone}, at)
	if err != nil {
		t.Fatal(err)
	}
	var v ticket.Ticket
	err = h.store.Commit(ctx, func(tx bot.Tx) (err error) {
		v, err = h.store.File(ctx, tx, ticket.Ticket{Citizen: citizen.ID, Channel: bot.Web, Kind: ticket.Report, Type: ticket.Complaint, Title: "路灯不亮",
			Text: bot.Secret(words), Phone: bot.Secret(phone), ContactWish: bot.Secret(ticket.ContactWish(words)), Status: ticket.Accepted, Urgency: ticket.Normal, Key: phone, CreatedAt: at})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	worker := ticket.Actor{Role: ticket.RoleDepartment, Name: "小李", Body: ticket.Body{Department: h.departments[0].ID}}
	centre := ticket.Actor{Role: ticket.RoleCentre, Name: "中心"}
	for _, do := range []struct {
		action ticket.Action
		by     ticket.Actor
	}{{ticket.DoDispatch, centre}, {ticket.DoSign, worker}, {ticket.DoContact, worker}, {ticket.DoReply, worker}, {ticket.DoApprove, centre}, {ticket.DoClose, centre}} {
		if v, err = h.office.Do(ctx, v.Number, ticket.Command{Action: do.action, By: do.by, At: at, Words: "修好了", To: worker.Body}); err != nil {
			t.Fatalf("%s: %v", do.action, err)
		}
	}
	return v
}

// TestOutboundCalls: the service rings those whose tickets were closed and
// those who have an appointment, and what they answer is on the ticket: the
// true program, its own engine, telephones at the other end of a trunk.
func TestOutboundCalls(t *testing.T) {
	dir := t.TempDir()
	closed := time.Date(2026, 12, 1, 9, 0, 0, 0, bot.Shanghai())
	settings, _, err := config.Load(config.Input{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), opening{settings: settings, dir: dir, now: closed, lent: stand(t).house, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	// A caller's appointment on the third of December, reminded of the day before.
	tell(t, h, bot.Address{Channel: bot.Hotline, ID: "13800000006"}, "预约后天上午九点在市民服务中心办居住证", "陈小明，电话13800000006", "确认")
	said := map[string]ticket.Ticket{}
	for phone, words := range map[string]string{"13800000001": "路灯不亮", "13800000002": "路灯不亮", "13800000003": "路灯不亮", "13800000004": "路灯不亮", "13800000005": "路灯不亮，请不要打电话给我"} {
		said[phone] = closedTicket(t, h, phone, words, closed)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}

	city := hotlinetest.NewPhone(t, 8)
	city.Answer(func(c *signal.Call) int {
		if c.To().User == "13800000004" {
			return 404
		}
		return 200
	})
	w := newWheel(time.Date(2026, 12, 2, 10, 0, 0, 0, bot.Shanghai()))
	p := &program{env: []string{"GUANJIA_RTP_PORTS=21000-22999", fmt.Sprintf("GUANJIA_SIP_OUTBOUND=sip:12345:secret@%s", city.Endpoint.Addr())}, sip: "127.0.0.1:0", clock: w.now, lent: stand(t).house}
	r := launch(t, dir, p)
	keys := map[string][]string{"13800000001": {"1"}, "13800000002": {"2", "1"}, "13800000003": {"3"}, "13800000006": {"1"}}
	var rung []string
	for range keys {
		call := city.Incoming()
		to := call.Call.To().User
		rung = append(rung, to)
		heard := map[string]int{"13800000006": 3}[to] // what was said when they booked
		for _, k := range keys[to] {
			eventually(t, "a question to "+to, func() bool { return r.asked(to) > heard })
			heard = r.asked(to)
			call.Press(k)
		}
		eventually(t, "the answer to "+to, func() bool { return r.asked(to) > heard })
		call.Hangup()
	}
	slices.Sort(rung)
	if want := []string{"13800000001", "13800000002", "13800000003", "13800000006"}; !slices.Equal(rung, want) {
		t.Errorf("rang %v, want %v", rung, want)
	}
	records, err := store.Open(t.Context(), store.Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	state := func() string {
		orders, err := records.CallOrders(t.Context(), 20)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, o := range orders {
			out = append(out, o.Ref+" "+string(o.State))
		}
		slices.Sort(out)
		return strings.Join(out, "\n")
	}
	eventually(t, "the end of every order", func() bool {
		s := state()
		return !strings.Contains(s, "waiting") && !strings.Contains(s, "ringing") && strings.Count(s, "\n") == 5
	})
	for phone, want := range map[string]string{
		"13800000001": "closed yes done", "13800000002": "reopened no done", "13800000003": "closed  dropped",
		"13800000004": "closed unreached failed", "13800000005": "closed  dropped",
	} {
		v, steps, err := records.Ticket(t.Context(), said[phone].Number)
		if err != nil {
			t.Fatal(err)
		}
		got := string(v.Status) + " " + string(v.Life.Satisfied)
		for _, line := range strings.Split(state(), "\n") {
			if number, s, _ := strings.Cut(line, " "); number == v.Number {
				got += " " + s
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q; last step %q", phone, got, want, steps[len(steps)-1].Note.Reveal())
		}
	}
	// People are to ring who was not reached, and nobody else.
	var callbacks []string
	for _, v := range lines(t, r.listed("tickets", "--reveal")) {
		if strings.Contains(fmt.Sprint(v["title"]), "未接通") {
			callbacks = append(callbacks, fmt.Sprint(v["phone"]))
		}
	}
	if !slices.Equal(callbacks, []string{"13800000004"}) {
		t.Errorf("people are to ring %v", callbacks)
	}
	trail, err := records.AuditTrail(t.Context(), "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	deeds := map[string]int{}
	for _, e := range trail {
		deeds[e.Deed]++
	}
	if deeds[outcall.AuditCall] != 5 || deeds[outcall.AuditNo] != 1 {
		t.Errorf("the trail has %v", deeds)
	}
	heardAtDesk(t, r, records)
	if log := r.logged.String(); strings.Contains(log, "1380000000") || strings.Contains(log, "路灯") {
		t.Errorf("the log tells of the citizens: %s", log)
	}
}

// heardAtDesk plays the recording of a call at the desk: not before a reason
// was given, in ranges, and never as the key that is kept.
func heardAtDesk(t *testing.T, r *running, records *store.Store) {
	t.Helper()
	recording := ""
	eventually(t, "the recording", func() bool {
		said, err := records.Ending(t.Context(), bot.Address{Channel: bot.Hotline, ID: "13800000001"}, 1)
		if err != nil || len(said) == 0 {
			t.Fatalf("%v %v", said, err)
		}
		all, err := records.Recent(t.Context(), said[0].Citizen, 50) // with what is for operators only
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			if strings.HasPrefix(l.Text, "通话录音") {
				recording = l.Attachment
			}
		}
		return recording != ""
	})
	admin := newClient(t, r.inner)
	admin.signIn("admin", r.admin)
	at := "/desk/recording/" + recording
	must(t, admin.get(at), 200)
	must(t, admin.get(at+"/sound"), 403)
	must(t, admin.get("/desk/attachment/"+recording), 303)
	must(t, admin.form(at, "reason", ""), 422)
	must(t, admin.form(at, "reason", "核对诉求"), 303)
	must(t, admin.get(at+"/sound"), 200)
	if part := admin.do("GET", at+"/sound", nil, "Range", "bytes=8-15"); part.status != 206 || part.text != "WAVEfmt " {
		t.Errorf("a part of it: %d %q", part.status, part.text)
	}
	if page := admin.get("/desk/calls"); !strings.Contains(page.text, "138****0001") || strings.Contains(page.text, "13800000001") || !strings.Contains(page.text, "已接通") {
		t.Errorf("the page of calls: %s", page.text)
	}
	must(t, admin.form("/desk/calls/rules", "from", "05:00"), 422)
	trail, err := records.AuditTrail(t.Context(), recording, 0, 10)
	if err != nil || len(trail) != 1 || trail[0].Deed != bot.AuditListen || trail[0].Reason != "核对诉求" || trail[0].Actor != "admin" {
		t.Errorf("the trail of the recording: %+v %v", trail, err)
	}
}
