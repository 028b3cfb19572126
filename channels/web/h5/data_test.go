package h5

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
)

// consents are all that these pages ask of a citizen's data here.
type consents struct {
	Data
	withdrawn string
	all       []privacy.Separate
}

func (c *consents) Consents(context.Context, bot.CitizenID) ([]privacy.Separate, error) {
	return c.all, nil
}

func (c *consents) Withdraw(_ context.Context, _ bot.CitizenID, consent string) (privacy.Proof, error) {
	c.withdrawn = consent
	return privacy.Proof{Entry: 7, At: time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()), Hash: "abcdef"}, nil
}

// A separate consent stands on the page with a button that takes it back; what is
// taken back stands there without one, and the proof can be read.
func TestConsentsOnThePage(t *testing.T) {
	data := &consents{}
	p := &Pages{Config: Config{Data: data, Clock: bot.SystemClock,
		Browser: func(*http.Request) (bot.Address, bool) { return bot.Address{}, false }}}
	if err := p.load(); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, bot.Shanghai())
	w := httptest.NewRecorder()
	data.all = []privacy.Separate{
		{ID: "one", About: bot.OfChild, Errand: "预约办事", By: "妈妈", At: at, Entry: 5}, {ID: "two", Errand: "急难求助", By: "爸爸", At: at, Entry: 3, Withdrawn: at.Add(time.Hour)},
		{ID: "three", About: bot.OfSensitive, Errand: "急难求助", By: "本人", What: "病情", At: at, Entry: 4}}
	p.render(w, httptest.NewRequest("GET", "/h5/data", nil), 200, "data.html", frame{View: dataView{Consents: data.all}})
	page := w.Body.String()
	if w.Code != 200 || !strings.Contains(page, `value="one"`) || strings.Contains(page, `value="two"`) || !strings.Contains(page, "妈妈同意") || !strings.Contains(page, "已撤回") {
		t.Errorf("the page is %d %s", w.Code, page)
	}
	for id, says := range map[string]string{"one": "监护人的同意已经撤回", "three": "写上病情的同意已经撤回"} {
		r := httptest.NewRequest("POST", "/h5/data/consent", strings.NewReader("consent="+id))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w = httptest.NewRecorder()
		p.withdraw(w, r, "c1")
		if w.Code != 200 || data.withdrawn != id || !strings.Contains(w.Body.String(), "abcdef") || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%q was taken back: %d %s", data.withdrawn, w.Code, w.Body)
		}
	}
}
