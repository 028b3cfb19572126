package hall

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"guanjia/bot/booking"
)

// whole is the plan of a whole city: 5,153 services of their own, a hall, and
// a window that serves a thousand of them.
type whole struct{ Ledger }

func (whole) Plan(context.Context) (booking.Plan, error) {
	p := booking.Plan{Halls: []booking.Hall{{ID: "humen", Name: "虎门镇政务服务中心"}}}
	busy := booking.Window{Hall: "humen", Number: "1"}
	for i := range 5153 {
		id := fmt.Sprintf("s%04d", i)
		p.Services = append(p.Services, booking.Service{ID: id, Title: fmt.Sprintf("第 %d 号业务的申请、变更和注销", i), Department: fmt.Sprintf("第 %d 局", i%40)})
		if i%5 == 0 {
			busy.Groups = append(busy.Groups, id)
		}
	}
	for i := range 300 {
		p.Groups = append(p.Groups, booking.Group{ID: fmt.Sprintf("g%d", i), Name: fmt.Sprintf("第 %d 组", i)})
	}
	p.Windows = []booking.Window{busy, {Hall: "humen", Number: "2"}}
	return p, nil
}

func (w whole) Halls(ctx context.Context) ([]booking.Hall, error) {
	p, err := w.Plan(ctx)
	return p.Halls, err
}

func (w whole) Services(ctx context.Context) ([]booking.Service, error) {
	p, err := w.Plan(ctx)
	return p.Services, err
}

func (whole) Arrivals(string, string, time.Time) []booking.Arrival { return nil }

func (whole) Day(context.Context, string, string) ([]booking.Appointment, error) {
	at := booking.At("2026-11-23", "09:30")
	return []booking.Appointment{
		{Number: "YY2611240017", Service: "s0001", Date: "2026-11-24", Time: "10:00", Name: "陈阿婆", Relation: "母亲", Consent: booking.Consent{By: booking.ByPerson, At: at, For: "陈阿婆"}},
		{Number: "YY2611240025", Service: "s0001", Date: "2026-11-24", Time: "10:00", Name: "陈小宝", Relation: "子女", Consent: booking.Consent{By: booking.ByGuardian, At: at, For: "陈小宝"}},
		{Number: "YY2611240033", Service: "s0001", Date: "2026-11-24", Time: "10:00", Name: "陈老伯", Relation: "父亲"},
		{Number: "YY2611240041", Service: "s0001", Date: "2026-11-24", Time: "10:00", Name: "陈小明", Relation: "本人"},
	}, nil
}

func (whole) Opinions(context.Context, string, int) ([]booking.Opinion, error) { return nil, nil }

func (whole) Satisfaction(context.Context, string) (map[string]booking.Satisfaction, error) {
	return nil, nil
}

func (whole) Filled(string, time.Time) []booking.Fill { return nil }

func (whole) RulesFor(string) booking.Rules { return booking.DefaultRules() }

func (whole) RuleBook() *booking.RuleBook {
	own := map[string]json.RawMessage{}
	for i := range 5153 {
		own[fmt.Sprintf("s%04d", i)] = json.RawMessage(`{"max_places":1}`)
	}
	book, err := booking.NewRuleBook(booking.DefaultRules(), own)
	if err != nil {
		panic(err)
	}
	return book
}

func (whole) Impact(context.Context, booking.Change, time.Time) (booking.Impact, error) {
	return booking.Impact{}, nil
}

// TestPagesOfAWholeCity: a hall's pages stay small however many services there
// are, and what is looked for is found with nothing lost.
func TestPagesOfAWholeCity(t *testing.T) {
	p, err := New(Config{Ledger: whole{}, Clerk: func(*http.Request) (Clerk, bool) { return Clerk{Name: "小叶", Runs: true}, true }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Routes(mux)
	ask := func(r *http.Request) string {
		t.Helper()
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", r.URL, w.Code, w.Body)
		}
		return w.Body.String()
	}
	for path, most := range map[string]int{"/hall/humen": 8 << 10, "/hall/humen/edit": 8 << 10, "/hall/humen/window": 16 << 10, "/hall/humen/window?number=2": 16 << 10,
		"/hall/calendar": 24 << 10, "/hall/board": 8 << 10, "/hall/services": 16 << 10, "/hall/rules": 24 << 10, "/hall/departments": 24 << 10} {
		page := ask(httptest.NewRequest("GET", path, nil))
		if len(page) > most {
			t.Errorf("%s has %d bytes, more than %d", path, len(page), most)
		}
	}
	list := ask(httptest.NewRequest("GET", "/hall/humen?date=2026-11-24", nil))
	for _, want := range []string{"代母亲约，11 月 23 日 09:30 说明本人同意", "代子女约，11 月 23 日 09:30 以父母身份同意", "代父亲约，没有同意的记录"} {
		if strings.Count(list, want) != 1 {
			t.Errorf("the day's list does not say once %q", want)
		}
	}
	if n := strings.Count(list, "约，"); n != 3 || strings.Contains(list, "阿婆") {
		t.Errorf("the list speaks of %d who were booked for, or names one in full", n)
	}
	post := func(path string, form url.Values) string {
		t.Helper()
		r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return ask(r)
	}
	for _, v := range []struct {
		path    string
		form    url.Values
		holds   []string
		without string
	}{
		{"/hall/humen/walkin", url.Values{"business": {"注销 47"}}, []string{`name="service" value="s0047"`, "项没有列出"}, `name="service" value="s0005"`},
		{"/hall/closures", url.Values{"business": {"47"}, "hall": {"humen"}, "told": {"停电"}}, []string{`name="group" value="s0047"`, `name="told" value="停电"`, `name="hall" value="humen"`}, `value="s0005"`},
		{"/hall/calendar/period", url.Values{"business": {"业务"}, "weekday": {"6", "7"}, "time": {"09:30"}}, []string{`name="group" value="s0001"`, `name="weekday" value="7"`}, `value="s4000"`},
		{"/hall/calendar/period", url.Values{"business": {"第 47 号业务的申请、变更和注销"}, "time": {"09:30"}, "capacity": {"4"}}, []string{"改时段和号数", "第 47 号业务的申请、变更和注销"}, `value="s0005"`},
		{"/hall/departments", url.Values{"rename": {"yes"}, "name": {"第 3 局"}, "to": {"第三局"}}, []string{"部门改名", "129 项业务、0 个窗口"}, "没有这个部门"},
	} {
		page := post(v.path, v.form)
		for _, want := range v.holds {
			if !strings.Contains(page, want) {
				t.Errorf("%s %v: the page lacks %q", v.path, v.form, want)
			}
		}
		if strings.Contains(page, v.without) || len(page) > 24<<10 {
			t.Errorf("%s %v: %d bytes, or it has %q", v.path, v.form, len(page), v.without)
		}
	}
	form := url.Values{"number": {"7"}, "new": {"yes"}, "name": {"综合"}, "group": {"s0003"}, "q": {"第 4711 号"}, "find": {"yes"}}
	page := post("/hall/humen/window", form)
	for _, want := range []string{`value="7"`, `value="综合"`, `value="s0003" checked`, `value="s4711">`, `name="new"`} {
		if !strings.Contains(page, want) {
			t.Errorf("after looking for a service the page lacks %q", want)
		}
	}
	if strings.Contains(page, `value="s0005"`) {
		t.Error("the page lists what was not looked for")
	}
}

// tuner is a dynamic release that has proposed more places once and fewer
// often, and did something in between.
type tuner struct{ Keeper }

func (tuner) Control(context.Context) (booking.Control, error) { return booking.DefaultControl(), nil }

func (tuner) Tuned(_ context.Context, _ booking.Scope, limit int) ([]Tuned, error) {
	all := []Tuned{
		{ID: 3, Status: "proposed", Adjustment: booking.Adjustment{Group: "s0001", Hall: "humen", Kind: booking.More, Places: 3}},
		{ID: 2, Status: "applied", By: "admin", Adjustment: booking.Adjustment{Group: "s0002", Hall: "humen", Kind: booking.Less, Places: 4}},
	}
	for i := range limit {
		all = append(all, Tuned{ID: int64(100 + i), Status: "proposed", Adjustment: booking.Adjustment{Group: "s0003", Hall: "humen", Kind: booking.Less, Places: 5}})
	}
	return all, nil
}

func (tuner) Proposals(context.Context, booking.Scope) (booking.Proposals, error) {
	return booking.Proposals{Count: 21, Places: map[booking.Kind]int{booking.More: 3, booking.Less: 100}, UpTo: 119}, nil
}

func (tuner) Batches(context.Context, int) ([]booking.Batch, error) {
	return []booking.Batch{{ID: 7, By: "admin", Reason: "淡季", Applied: true, Count: 4, Places: 20, Scope: booking.Scope{Kind: booking.Less}}}, nil
}

// TestShortPlacesComeFirst: what waits for a decision where places are short
// stands above what was done, and that above the many that could do with fewer.
func TestShortPlacesComeFirst(t *testing.T) {
	p, err := New(Config{Ledger: whole{}, Keeper: tuner{}, Clerk: func(*http.Request) (Clerk, bool) { return Clerk{Name: "小叶", Runs: true}, true }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Routes(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/hall/release", nil))
	page, at := w.Body.String(), -1
	for _, next := range []string{"21 条建议", "增放 3 个号，暂留 100 个号", `name="upto" value="119"`, "执行了 4 条（暂留，", "/hall/release/many/7/undo", "号不够的", "/hall/release/3/tune", `class="go" name="deed" value="apply"`, "<h2>做过的", "第 2 号业务", `name="deed" value="undo"`, "号用不完的，等您决定（最近的 20 条）", "/hall/release/100/tune", "/hall/release/119/tune"} {
		i := strings.Index(page, next)
		if i <= at {
			t.Fatalf("%q stands at %d, after %d", next, i, at)
		}
		at = i
	}
}
