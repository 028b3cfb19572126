package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/bot/routing"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/config"
)

// role is one kind of who may come to the inner door.
type role struct {
	name  string
	staff store.Staff // nobody where it has no role
}

// roles in the order of the matrix's columns. The matter is of Humen; Chang'an
// is another town.
func roles() []role {
	of := func(name, kind, town string, more ...string) role {
		v := store.Staff{Name: name, Role: kind, Town: town}
		if len(more) > 0 {
			v.Department = more[0]
		}
		if len(more) > 1 {
			v.Village = more[1]
		}
		return role{name, v}
	}
	return []role{
		{name: "nobody"},
		of("operator", "operator", ""), of("operator of humen", "operator", "humen"), of("operator of changan", "operator", "changan"),
		of("supervisor", "supervisor", ""), of("supervisor of humen", "supervisor", "humen"), of("supervisor of changan", "supervisor", "changan"),
		of("administrator", "administrator", ""),
		of("hall of humen", "hall", "humen"), of("hall of changan", "hall", "changan"),
		of("centre", "centre", ""),
		of("department", "department", "", "cgj"), of("department in humen", "department", "humen", "cgj"), of("department in changan", "department", "changan", "cgj"),
		of("town humen", "town", "humen"), of("town changan", "town", "changan"),
		of("village in humen", "village", "humen", "", "北栅社区"), of("village in changan", "village", "changan", "", "乌沙社区"),
		of("social worker in humen", "social_worker", "humen"), of("social worker in changan", "social_worker", "changan"),
	}
}

// What a role is answered: o it may, n it has to sign in, f it may not, m there
// is no such thing to it. A row has a letter for each role, in the groups
// nobody | operators, supervisors, administrator | halls | centre | department,
// town, village, social worker.
const (
	forEveryone  = "o | ooo ooo o | oo | o | ooo oo oo oo"
	mayAll       = "n | ooo ooo o | oo | o | ooo oo oo oo" // is signed in
	mayTalk      = "n | ooo ooo o | ff | f | fff ff ff ff"
	maySupervise = "n | fff ooo o | ff | f | fff ff ff ff"
	mayOversee   = "n | fff off o | ff | f | fff ff ff ff"
	mayTurnKeys  = "n | fff fff o | ff | f | fff ff ff ff"
	mayConverse  = "n | oom oom o | ff | f | fff ff ff ff" // about Humen's citizen
	mayRunHalls  = "n | nnn off o | ff | n | nnn nn nn nn"
	inTheHall    = "n | nnn oom o | om | n | nnn nn nn nn" // Humen's
	inSomeHall   = "n | nnn ooo o | oo | n | nnn nn nn nn"
	mayDeal      = "n | fff fff o | ff | o | ooo oo oo oo"
	isCentre     = "n | fff fff o | ff | o | fff ff ff ff"
	hasTicket    = "n | fff fff o | ff | o | oom mm mm mm" // a ticket with the department's branch in Humen
	maySettle    = "n | fff fff o | ff | o | fff oo ff oo" // who settles claims
	settlesClaim = "n | fff fff o | ff | o | mmm om mm om" // a claim in Humen
	notAsked     = "-"
)

// matter is a citizen of Humen with everything the inner door can show of one.
type matter struct {
	citizen                                                   bot.CitizenID
	attachment, picture, ticket, wish, appointment, recording string
	claim                                                     int64
	secrets                                                   []string // what nobody of another town may read
}

// rights are the rows of the matrix: of every route at least one, with an
// address that exists.
func (v matter) rights() [][3]string {
	talkOf, ticketOf := "/desk/conversation/"+string(v.citizen), "/desk/work/ticket/"+v.ticket
	return [][3]string{
		{"GET /{$}", "/", forEveryone}, {"GET /desk/login", "/desk/login", forEveryone}, {"POST /desk/login", "/desk/login", notAsked}, // TestDeskSignIn
		{"GET /metrics", "/metrics", forEveryone}, {"GET /healthz", "/healthz", forEveryone}, {"GET /readyz", "/readyz", forEveryone},
		{"GET /debug/pprof/", "/debug/pprof/heap", mayTurnKeys}, {"GET /debug/pprof/symbol", "/debug/pprof/symbol", mayTurnKeys},
		{"GET /debug/pprof/profile", "/debug/pprof/profile?seconds=1", mayTurnKeys}, {"GET /debug/pprof/trace", "/debug/pprof/trace?seconds=0.01", mayTurnKeys},
		{"GET /desk/static/{file}", "/desk/static/desk.css", forEveryone}, {"GET /hall/static/{digest}/{name}", "/hall/static/x/tokens.css", forEveryone},
		{"POST /desk/logout", "/desk/logout", "n | nnn nnn n | nn | n | nnn nn nn nn"}, {"GET /desk/{$}", "/desk/", mayAll}, {"POST /desk/here", "/desk/here", mayAll},
		{"GET /desk/signins", "/desk/signins", mayAll}, {"POST /desk/signins", "/desk/signins", mayAll},
		{"GET /desk/password", "/desk/password", mayAll}, {"POST /desk/password", "/desk/password", mayAll},
		{"GET /desk/city", "/desk/city", notAsked}, {"GET /desk/city/back", "/desk/city/back", notAsked}, // TestCitySignOn
		{"GET /desk/factor", "/desk/factor", mayAll}, {"POST /desk/factor", "/desk/factor", mayAll}, {"GET /desk/factor/enrol", "/desk/factor/enrol", mayAll},
		{"POST /desk/factor/enrol", "/desk/factor/enrol", mayAll}, {"POST /desk/factor/off", "/desk/factor/off", "n | nnn nnn n | nn | n | nnn nn nn nn"}, // who has none has no code
		{"POST /desk/passkey/ask", "/desk/passkey/ask", mayAll}, {"POST /desk/passkey", "/desk/passkey", mayAll}, {"POST /desk/passkey/new/ask", "/desk/passkey/new/ask", mayAll},
		{"POST /desk/passkey/new", "/desk/passkey/new", mayAll}, {"POST /desk/passkey/off", "/desk/passkey/off", mayAll},
		{"GET /desk/queue", "/desk/queue?q=%E8%99%8E%E9%97%A8", mayTalk}, {"GET /desk/queue", "/desk/queue", mayTalk}, {"GET /desk/events", "/desk/events?after=0", mayTalk},
		{"GET /desk/colleagues", "/desk/colleagues", mayTalk}, {"GET /desk/quick", "/desk/quick", mayTalk}, {"GET /desk/guides", "/desk/guides?q=x", mayTalk},
		{"POST /desk/presence", "/desk/presence", mayTalk}, {"POST /desk/quick", "/desk/quick", mayOversee},
		{"GET /desk/conversation/{citizen}", talkOf, mayConverse}, {"GET /desk/conversation/{citizen}", talkOf + "?after=1", mayConverse},
		{"GET /desk/conversation/{citizen}/earlier", talkOf + "/earlier?before=99", mayConverse},
		{"POST /desk/conversation/{citizen}/tag", talkOf + "/tag", mayConverse}, {"POST /desk/conversation/{citizen}/{deed}", talkOf + "/note", mayConverse},
		{"POST /desk/conversation/{citizen}/assign", talkOf + "/assign", "n | fff oom o | ff | f | fff ff ff ff"}, {"POST /desk/conversation/{citizen}/{deed}", talkOf + "/take", mayConverse}, {"POST /desk/conversation/{citizen}/{deed}", talkOf + "/pass", mayConverse},
		{"POST /desk/conversation/{citizen}/listen", talkOf + "/listen", "n | fff oom o | ff | f | fff ff ff ff"}, // who is not on the line
		{"GET /desk/samples", "/desk/samples", maySupervise}, {"GET /desk/samples/mine", "/desk/samples/mine", mayTalk}, {"GET /desk/samples/{id}", "/desk/samples/999", "n | fff mmm m | ff | f | fff ff ff ff"}, {"POST /desk/samples/{id}", "/desk/samples/999", "n | fff mmm m | ff | f | fff ff ff ff"},
		{"POST /desk/conversation/{citizen}/picture", talkOf + "/picture?key=picture-1&seen=0&fence=0", mayConverse},
		{"POST /desk/conversation/{citizen}/typing", talkOf + "/typing", mayConverse},
		{"GET /desk/errands", "/desk/errands", mayTalk}, {"GET /desk/conversation/{citizen}/matters", talkOf + "/matters", mayConverse}, {"GET /desk/conversation/{citizen}/colleagues", talkOf + "/colleagues", mayConverse},
		{"POST /desk/conversation/{citizen}/draft", talkOf + "/draft", mayConverse}, {"POST /desk/conversation/{citizen}/draft/ask", talkOf + "/draft/ask", mayConverse},
		{"POST /desk/conversation/{citizen}/draft/carry", talkOf + "/draft/carry", mayConverse}, {"POST /desk/conversation/{citizen}/matters/{number}/dispatch", talkOf + "/matters/" + v.ticket + "/dispatch", mayConverse},
		{"GET /desk/attachment/{id}", "/desk/attachment/" + v.attachment, mayConverse},
		{"GET /desk/learn/conversation/{citizen}", "/desk/learn/conversation/" + string(v.citizen), mayConverse},
		{"POST /desk/learn/conversation/{citizen}", "/desk/learn/conversation/" + string(v.citizen), mayConverse},
		{"GET /desk/wall", "/desk/wall", maySupervise}, {"GET /desk/wall/figures", "/desk/wall/figures", maySupervise},
		{"GET /desk/reports", "/desk/reports", maySupervise}, {"GET /desk/reports/{kind}", "/desk/reports/desk.csv", maySupervise}, {"GET /desk/people", "/desk/people", maySupervise},
		{"GET /desk/shifts", "/desk/shifts", mayTalk}, {"POST /desk/shifts", "/desk/shifts", maySupervise}, {"POST /desk/shifts/{id}", "/desk/shifts/999", "n | fff mmm m | ff | f | fff ff ff ff"},
		{"POST /desk/people/{name}", "/desk/people/operator%20of%20humen", "n | fff oom o | ff | f | fff ff ff ff"},
		{"GET /desk/policies", "/desk/policies", mayOversee}, {"GET /desk/learn", "/desk/learn", mayOversee}, {"POST /desk/learn/{id}", "/desk/learn/1", mayOversee},
		{"POST /desk/learn", "/desk/learn", notAsked}, // learns for seconds; it is one of the same sort
		{"GET /knowledge/import", "/knowledge/import", mayTurnKeys}, {"POST /knowledge/import", "/knowledge/import", mayTurnKeys},
		{"GET /knowledge/sample.xlsx", "/knowledge/sample.xlsx", mayTurnKeys},
		{"GET /knowledge/new", "/knowledge/new", mayTurnKeys}, {"POST /knowledge/new", "/knowledge/new", mayTurnKeys},
		{"GET /knowledge", "/knowledge", mayOversee}, {"GET /knowledge/{id}", "/knowledge/id-card-lost", mayOversee},
		{"POST /knowledge/{id}", "/knowledge/id-card-lost", mayOversee}, {"POST /knowledge/{id}/restore", "/knowledge/id-card-lost/restore", mayTurnKeys},
		{"GET /desk/switches", "/desk/switches", maySupervise}, {"POST /desk/switches", "/desk/switches", mayTurnKeys}, {"POST /desk/switches/{id}", "/desk/switches/1", mayTurnKeys},
		{"GET /desk/state", "/desk/state", mayTurnKeys},
		{"GET /desk/audit", "/desk/audit", mayOversee}, {"GET /desk/audit/trail.csv", "/desk/audit/trail.csv", mayOversee}, {"POST /desk/audit/verify", "/desk/audit/verify", mayOversee},
		{"GET /desk/calls", "/desk/calls", mayOversee}, {"GET /desk/calls/rules", "/desk/calls/rules", mayOversee}, {"POST /desk/calls/rules", "/desk/calls/rules", mayTurnKeys},
		{"GET /desk/calls/{citizen}", "/desk/calls/" + string(v.citizen), "n | fff mff m | ff | f | fff ff ff ff"},
		{"POST /desk/calls/{citizen}/{deed}", "/desk/calls/" + string(v.citizen) + "/ring", "n | fff mff m | ff | f | fff ff ff ff"}, // who is not on the line
		{"GET /desk/phone", "/desk/phone", mayTalk}, {"POST /desk/phone/{citizen}/{deed}", "/desk/phone/" + string(v.citizen) + "/wrapup?way=%E5%B7%B2%E8%A7%A3%E7%AD%94", mayConverse},
		{"GET /desk/recording/{id}", "/desk/recording/" + v.recording, mayConverse}, {"POST /desk/recording/{id}", "/desk/recording/" + v.recording, mayConverse},
		{"GET /desk/recording/{id}/sound", "/desk/recording/" + v.recording + "/sound", "n | ffm ffm f | ff | f | fff ff ff ff"}, // no reason was given
		{"GET /hall/{$}", "/hall/", inSomeHall}, {"GET /hall/board", "/hall/board", mayRunHalls}, {"GET /hall/rules", "/hall/rules", mayRunHalls},
		{"POST /hall/rules", "/hall/rules", mayRunHalls}, {"GET /hall/appeals", "/hall/appeals", mayRunHalls}, {"POST /hall/appeals/{id}/decide", "/hall/appeals/1/decide", mayRunHalls},
		{"POST /hall/exempt", "/hall/exempt", mayRunHalls}, {"POST /hall/closures", "/hall/closures", mayRunHalls}, {"POST /hall/closures/{id}/end", "/hall/closures/1/end", mayRunHalls},
		{"GET /hall/release", "/hall/release", mayRunHalls}, {"POST /hall/release", "/hall/release", mayRunHalls}, {"POST /hall/release/{id}/tune", "/hall/release/1/tune", mayRunHalls},
		{"POST /hall/release/many", "/hall/release/many", mayRunHalls}, {"GET /hall/services/import", "/hall/services/import", mayRunHalls},
		{"POST /hall/services/import", "/hall/services/import", mayRunHalls}, {"GET /hall/services/template.xlsx", "/hall/services/template.xlsx", mayRunHalls},
		{"GET /hall/services/sample.xlsx", "/hall/services/sample.xlsx", mayRunHalls},
		{"POST /hall/release/many/{id}/undo", "/hall/release/many/1/undo", mayRunHalls},
		{"GET /hall/calendar", "/hall/calendar", mayRunHalls}, {"POST /hall/calendar/day", "/hall/calendar/day", mayRunHalls}, {"POST /hall/calendar/period", "/hall/calendar/period", mayRunHalls},
		{"GET /hall/services", "/hall/services", mayRunHalls}, {"GET /hall/services/{service}/edit", "/hall/services/residence-permit/edit", mayRunHalls},
		{"POST /hall/services/{service}/edit", "/hall/services/residence-permit/edit", mayRunHalls}, {"POST /hall/services/{service}/rules", "/hall/services/residence-permit/rules", mayRunHalls},
		{"GET /hall/departments", "/hall/departments", mayRunHalls}, {"POST /hall/departments", "/hall/departments", mayRunHalls}, {"GET /hall/new", "/hall/new", mayRunHalls},
		{"POST /hall/new", "/hall/new", mayRunHalls}, {"GET /hall/services/new", "/hall/services/new", mayRunHalls}, {"POST /hall/services/new", "/hall/services/new", mayRunHalls},
		{"POST /hall/services/{service}/retire", "/hall/services/residence-permit/retire", mayRunHalls}, {"POST /hall/calendar/year", "/hall/calendar/year", mayRunHalls},
		{"POST /hall/{hall}/retire", "/hall/humen/retire", "n | nnn ofm o | fm | n | nnn nn nn nn"}, {"GET /hall/{hall}/window", "/hall/humen/window", inTheHall},
		{"GET /hall/{hall}/edit", "/hall/humen/edit", inTheHall}, {"POST /hall/{hall}/edit", "/hall/humen/edit", inTheHall}, {"POST /hall/{hall}/window", "/hall/humen/window", inTheHall},
		{"GET /hall/{hall}", "/hall/humen", inTheHall}, {"GET /hall/{hall}/day.xlsx", "/hall/humen/day.xlsx", inTheHall}, {"POST /hall/{hall}/checkin", "/hall/humen/checkin", inTheHall},
		{"POST /hall/{hall}/sieves", "/hall/humen/sieves", inTheHall},
		{"POST /hall/{hall}/walkin", "/hall/humen/walkin", inTheHall}, {"POST /hall/{hall}/call", "/hall/humen/call", inTheHall}, {"POST /hall/{hall}/missed", "/hall/humen/missed", inTheHall},
		{"POST /hall/{hall}/arrival/{id}/{deed}", "/hall/humen/arrival/1/served", inTheHall}, {"GET /hall/{hall}/screen", "/hall/humen/screen", inTheHall},
		{"GET /desk/work/{$}", "/desk/work/?tab=all", mayDeal}, {"GET /desk/work/{$}", "/desk/work/?number=" + v.ticket, mayDeal},
		{"GET /desk/work/ticket/{number}", ticketOf, hasTicket}, {"GET /desk/work/ticket/{number}/picture/{id}", ticketOf + "/picture/" + v.picture, hasTicket},
		{"POST /desk/work/ticket/{number}/{action}", ticketOf + "/reveal", hasTicket}, {"POST /desk/work/ticket/{number}/{action}", ticketOf + "/note", hasTicket},
		{"GET /desk/work/claims", "/desk/work/claims", maySettle},
		{"POST /desk/work/claims/{number}/publish", "/desk/work/claims/" + v.wish + "/publish", settlesClaim},
		{"POST /desk/work/claims/{number}/words/{id}/{action}", "/desk/work/claims/" + v.wish + "/words/1/keep", settlesClaim},
		{"POST /desk/work/claims/{number}/{claim}/{action}", fmt.Sprintf("/desk/work/claims/%s/%d/deliver", v.wish, v.claim), settlesClaim},
		{"GET /desk/work/report", "/desk/work/report", isCentre}, {"GET /desk/work/report.svg", "/desk/work/report.svg", isCentre}, {"GET /desk/work/report.xlsx", "/desk/work/report.xlsx", isCentre},
		{"POST /desk/work/sieves", "/desk/work/sieves", mayDeal}, {"POST /desk/work/dispatch", "/desk/work/dispatch", isCentre},
		{"GET /desk/work/surges", "/desk/work/surges", isCentre}, {"GET /desk/work/limits", "/desk/work/limits", mayDeal}, {"POST /desk/work/limits", "/desk/work/limits", mayTurnKeys},
		{"GET /desk/work/keys", "/desk/work/keys", mayTurnKeys}, {"POST /desk/work/keys", "/desk/work/keys", mayTurnKeys},
	}
}

// TestRights asks every route of the inner door as every role, about a citizen
// of Humen: who may is let in, who may not is not, and what is answered to
// those of another town says nothing of the citizen. The routes are those the
// door has: one that has no row here fails.
func TestRights(t *testing.T) {
	s, _ := insideOf(t, nil, t.TempDir())
	v := s.settled(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	rows := v.rights()
	named := map[string]bool{"/": true} // the desk itself
	for _, row := range rows {
		named[row[0]] = true
	}
	for _, pattern := range slices.Concat(patterns(t, s.inner()), patterns(t, s.desk.Routes())) {
		if !named[pattern] {
			t.Errorf("%s: who may? Give it a row", pattern)
		}
	}
	callers := s.callers(t, door.URL)
	for _, row := range rows {
		if row[2] == notAsked {
			continue
		}
		var got strings.Builder
		want := strings.NewReplacer(" ", "", "|", "").Replace(row[2])
		for _, c := range callers {
			status, where, text := c.ask(row)
			letter := letterOf(status, where)
			got.WriteString(letter)
			if status >= 500 {
				t.Errorf("%s %s as %s: %d %s", row[0], row[1], c.role.name, status, text)
			}
			if row[0] == "GET /desk/queue" || row[0] == "GET /desk/events" {
				mine := c.role.name == "administrator" || strings.HasPrefix(c.role.name, "operator") || strings.HasPrefix(c.role.name, "supervisor")
				if mine = mine && !strings.Contains(c.role.name, "changan"); strings.Contains(text, string(v.citizen)) != mine {
					t.Errorf("%s shows %s the citizen: %v", row[1], c.role.name, !mine)
				}
			}
			if !strings.Contains(c.role.name, "changan") && letter == "o" {
				continue
			}
			for _, secret := range v.secrets {
				if strings.Contains(text, secret) && !strings.Contains(row[1], secret) { // what was typed in is no news
					t.Errorf("%s %s tells %s of %q", row[0], row[1], c.role.name, secret)
				}
			}
		}
		if got.String() != want {
			t.Errorf("%s %s\n got %s\nwant %s", row[0], row[1], grouping(got.String()), row[2])
		}
	}
	at := "/desk/conversation/" + string(v.citizen)
	if _, _, text := callers[1].ask([3]string{"POST", at + "/take"}); !strings.Contains(text, "ok") {
		t.Fatalf("take: %s", text)
	}
	// It turns out to be Chang'an's: theirs to see, and Humen's no more.
	if err := s.house.engine.Pass(t.Context(), v.citizen, bot.Holder{Name: "operator"}, bot.Target{Town: "changan"}, ""); err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]int{2: http.StatusNotFound, 3: http.StatusOK} {
		if status, _, text := callers[i].ask([3]string{"GET", at}); status != want {
			t.Errorf("after it became another town's, %s: %d %s", callers[i].role.name, status, text)
		}
	}
}

// grouping writes a row as the matrix does.
func grouping(row string) string {
	var out strings.Builder
	for i, r := range row {
		switch i {
		case 1, 8, 10, 11:
			out.WriteString(" | ")
		case 4, 7, 14, 16, 18:
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func letterOf(status int, where string) string {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusSeeOther && where == "/desk/login":
		return "n"
	case status == http.StatusForbidden:
		return "f"
	case status == http.StatusNotFound:
		return "m"
	}
	return "o"
}

// insideService is a service that is built and serves nobody yet.
func insideService(t *testing.T, set ...string) (*service, *standingClock) {
	t.Helper()
	g := stand(t)
	dir := g.dir(t)
	if slices.Contains(set, "demo") { // what the ground has laid out is the demo's
		dir = t.TempDir()
	}
	return insideOf(t, g.house, dir, set...)
}

// insideOf is insideService on a data directory; with no house that lends it
// knowledge it opens its own, with the history of its guides.
func insideOf(t *testing.T, lent *house, dir string, set ...string) (*service, *standingClock) {
	t.Helper()
	flags := map[string]string{"demo": "true", "sip_addr": "", "data_dir": dir}
	for i := 0; i+1 < len(set); i += 2 {
		flags[set[i]] = set[i+1]
	}
	settings, _, err := config.Load(config.Input{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	clock := &standingClock{now: tuesday()}
	log := slog.New(slog.DiscardHandler)
	h, err := openHouse(t.Context(), opening{settings: settings, dir: settings.DataDir, live: true, clock: clock.Now, lent: lent, log: log})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{program: &program{settings: settings, log: log}, house: h}
	if err := s.build(); err != nil {
		t.Fatal(errors.Join(err, h.close()))
	}
	t.Cleanup(func() {
		s.desk.Close()
		if err := errors.Join(s.chat.Close(context.Background()), h.close()); err != nil {
			t.Error(err)
		}
	})
	return s, clock
}

// hears says a citizen's words.
func (s *service) hears(t *testing.T, who string, words ...string) bot.CitizenID {
	t.Helper()
	from := bot.Address{Channel: bot.WeChat, ID: who}
	for i, text := range words {
		if _, err := s.house.engine.Receive(t.Context(), bot.Inbound{From: from, Text: text, Key: fmt.Sprintf("%s-%d-%s", who, i, text)}); err != nil {
			t.Fatal(err)
		}
	}
	id, err := s.house.store.Known(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// settled has a citizen of Humen do everything that leaves something.
func (s *service) settled(t *testing.T) matter {
	t.Helper()
	ctx, h := t.Context(), s.house
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.hears(t, "helper", "你好")
	v := matter{citizen: s.hears(t, "citizen",
		"投诉虎门镇连升路12号烧烤店半夜油烟大，楼上三十多户受不了，电话13712345678", "确认",
		"孩子想要一个书包，能不能登记微心愿，我在虎门镇，大概300元", "跳过", "陈敏 13812345678", "确认",
		"我想预约办居住证", "虎门", "11月26日", "15:00", "陈小明", "13800138000", "确认")}
	must(h.runDue(ctx))
	all, err := h.store.AllTickets(ctx)
	must(err)
	if len(all) != 2 {
		t.Fatalf("%d tickets", len(all))
	}
	for _, one := range all {
		if one.Kind == ticket.Help {
			v.wish = one.Number
		} else {
			v.ticket = one.Number
		}
	}
	mine, err := h.store.Appointments(ctx, v.citizen, true)
	must(err)
	if len(mine) != 1 {
		t.Fatalf("%d appointments", len(mine))
	}
	v.appointment = mine[0].Number
	s.hears(t, "citizen", "我想预约办身份证", "虎门", "转人工")
	v.attachment, err = h.keepPicture(ctx, v.citizen, bot.Attachment{Kind: "image", Type: "image/png", Name: "a", Bytes: []byte("png")}, h.clock())
	must(err)
	must(h.store.Commit(ctx, func(tx bot.Tx) (err error) {
		v.recording, err = tx.Keep(v.citizen, bot.Attachment{Kind: "recording", Type: "application/octet-stream", Name: "2026-12-01/x.rec", Bytes: []byte("key")}, h.clock())
		return err
	}))
	v.picture, err = h.keepPicture(ctx, v.citizen, bot.Attachment{Kind: "image", Type: "image/png", Name: "b", Bytes: []byte("png")}, h.clock())
	must(err)
	branch := ticket.Actor{Role: ticket.RoleDepartment, Name: "程虎", Body: ticket.Body{Department: "cgj", Town: "humen"}}
	_, err = h.office.Do(ctx, v.ticket, ticket.Command{Action: ticket.DoSign, By: branch, At: h.clock(), Attachment: v.picture})
	must(err)
	town := ticket.Actor{Role: ticket.RoleTown, Name: "莞虎", Body: ticket.Body{Town: "humen"}}
	for _, c := range []ticket.Command{{Action: ticket.DoSign}, {Action: ticket.DoContact, Words: "已联系"}, {Action: ticket.DoMatch, Way: ticket.WayPolicy, Finding: ticket.Unmet, Words: "没有对得上的"},
		{Action: ticket.DoSkip, Way: ticket.WayFund, Words: "数额小"}, {Action: ticket.DoPublish, Words: "认不出是谁家"}} {
		c.By, c.At = town, h.clock()
		_, err = h.office.Do(ctx, v.wish, c)
		must(err)
	}
	must(h.store.Commit(ctx, func(tx bot.Tx) error {
		_, err := h.claiming.Claim(ctx, tx, ticket.Claim{Wish: v.wish, By: s.hears(t, "helper"), At: h.clock()})
		return err
	}))
	claims, err := h.store.Claims(ctx, v.wish)
	must(err)
	v.claim = claims[0].ID
	must(h.claiming.Confirm(ctx, v.wish, v.claim, town, h.clock()))
	must(h.claiming.Deliver(ctx, v.wish, v.claim, town, "送到家里", "", h.clock()))
	must(h.store.Commit(ctx, func(tx bot.Tx) error {
		_, err := h.claiming.Say(ctx, tx, ticket.Word{Wish: v.wish, By: v.citizen, Text: "谢谢您", At: h.clock(), Key: "thanks"})
		return err
	}))
	v.secrets = []string{string(v.citizen), "连升路", v.ticket, v.wish, v.appointment, "13712345678", "13800138000", "小明"}
	return v
}

// caller is somebody of a role, signed in.
type caller struct {
	t     *testing.T
	s     *service
	role  role
	base  string
	token string
}

func (s *service) callers(t *testing.T, base string) []*caller {
	t.Helper()
	var all []*caller
	for _, r := range roles() {
		c := &caller{t: t, s: s, role: r, base: base}
		if r.staff.Role != "" {
			if err := s.house.worksFor(t.Context(), r.staff); err != nil {
				t.Fatal(err)
			}
			if err := s.house.store.AddStaff(t.Context(), r.staff); err != nil {
				t.Fatal(err)
			}
			c.signIn()
		}
		all = append(all, c)
	}
	return all
}

func (c *caller) signIn() {
	c.t.Helper()
	c.token = "token-of-" + strings.ReplaceAll(c.role.name, " ", "-")
	if err := c.s.house.store.StartSession(c.t.Context(), c.token, c.role.name, "", c.s.house.clock()); err != nil {
		c.t.Fatal(err)
	}
}

// ask asks for a row's address; a stream is read until everybody's last change.
func (c *caller) ask(row [3]string) (status int, where, text string) {
	c.t.Helper()
	method, _, _ := strings.Cut(row[0], " ")
	body, kind := "", "application/x-www-form-urlencoded"
	if method == "POST" && strings.HasPrefix(row[1], "/desk/conversation/") || strings.HasSuffix(row[0], "/quick") || strings.HasSuffix(row[0], "/presence") {
		body, kind = `{"text":"看过了","name":"回访"}`, "application/json"
	}
	stop := ""
	if row[0] == "GET /desk/events" {
		stop = c.s.lastForAll(c.t)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+row[1], strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if c.token != "" {
		req.AddCookie(&http.Cookie{Name: "guanjia_desk", Value: c.token})
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	if stop != "" && res.StatusCode == http.StatusOK {
		text = until(res.Body, stop)
	} else {
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(raw)
	}
	if row[0] == "POST /desk/logout" && c.token != "" {
		c.signIn()
	}
	return res.StatusCode, res.Header.Get("Location"), text
}

// lastForAll makes a change that everybody is told, and says how it begins in a
// stream.
func (s *service) lastForAll(t *testing.T) string {
	t.Helper()
	now := s.house.clock()
	for _, state := range []routing.Presence{routing.On, routing.Away} {
		if err := s.house.store.SetPresence(t.Context(), "operator", state, now); err != nil {
			t.Fatal(err)
		}
	}
	seq, err := s.house.store.LastChange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("id: %d", seq)
}

func until(from io.Reader, stop string) string {
	var all bytes.Buffer
	for lines := bufio.NewScanner(from); lines.Scan() && lines.Text() != stop; {
		fmt.Fprintln(&all, lines.Text())
	}
	return all.String()
}

// patterns are the routes a mux has, read from the mux itself.
func patterns(t *testing.T, mux *http.ServeMux) []string {
	t.Helper()
	found := map[string]bool{}
	add := func(list reflect.Value) {
		for i := range list.Len() {
			found[list.Index(i).Elem().FieldByName("str").String()] = true
		}
	}
	index := reflect.ValueOf(mux).Elem().FieldByName("index")
	for _, key := range index.FieldByName("segments").MapKeys() {
		add(index.FieldByName("segments").MapIndex(key))
	}
	add(index.FieldByName("multis"))
	if len(found) < 10 {
		t.Fatalf("the mux has %d routes: does net/http keep them elsewhere now?", len(found))
	}
	return slices.Sorted(maps.Keys(found))
}
