package hall

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

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
	p.Windows = []booking.Window{busy, {Hall: "humen", Number: "2"}}
	return p, nil
}

func (w whole) Halls(ctx context.Context) ([]booking.Hall, error) {
	p, err := w.Plan(ctx)
	return p.Halls, err
}

// TestPagesOfAWholeCity: a hall's pages stay small however many services there
// are, and what is looked for is found with nothing lost.
func TestPagesOfAWholeCity(t *testing.T) {
	p, err := New(Config{Ledger: whole{}, Clerk: func(*http.Request) (Clerk, bool) { return Clerk{Name: "小叶", Hall: "humen"}, true }})
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
	for path, most := range map[string]int{"/hall/humen/edit": 8 << 10, "/hall/humen/window": 16 << 10, "/hall/humen/window?number=2": 16 << 10} {
		page := ask(httptest.NewRequest("GET", path, nil))
		if len(page) > most {
			t.Errorf("%s has %d bytes, more than %d", path, len(page), most)
		}
	}
	form := url.Values{"number": {"7"}, "new": {"yes"}, "name": {"综合"}, "group": {"s0003"}, "q": {"第 4711 号"}, "find": {"yes"}}
	r := httptest.NewRequest("POST", "/hall/humen/window", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	page := ask(r)
	for _, want := range []string{`value="7"`, `value="综合"`, `value="s0003" checked`, `value="s4711">`, `name="new"`} {
		if !strings.Contains(page, want) {
			t.Errorf("after looking for a service the page lacks %q", want)
		}
	}
	if strings.Contains(page, `value="s0005"`) {
		t.Error("the page lists what was not looked for")
	}
}
