package citydata_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
	"guanjia/bot/citydata"
	"guanjia/bot/citydata/standin"
)

var (
	key    = []byte(strings.Repeat("k", 32))
	chen   = standin.Person{Name: "陈小燕", IDNumber: "440000199001010000", Licences: []citydata.Licence{{Kind: "id_card", ValidTo: "2030-01-01"}, {Kind: "hukou_book"}, {Kind: "marriage_cert"}}}
	asking = citydata.For{Citizen: "p1", Purpose: "theme:newborn", Consent: "c1"}
)

// notes is the query log.
type notes struct {
	mu   sync.Mutex
	all  []citydata.Query
	fail bool
}

func (n *notes) NoteQuery(_ context.Context, q citydata.Query) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail {
		return errors.New("disk full")
	}
	n.all = append(n.all, q)
	return nil
}

// clock moves by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type bench struct {
	client *citydata.Client
	server *standin.Server
	log    *notes
	clock  *clock
}

func newBench(t *testing.T) bench {
	t.Helper()
	b := bench{log: &notes{}, clock: &clock{now: time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())}}
	b.server = &standin.Server{KeyID: "guanjia", Key: key, Clock: b.clock.Now, People: []standin.Person{chen}, Version: "7",
		Firms:    map[string]citydata.Firm{"91441900MA4W000000": {Facts: map[string]string{"ent.type": "company"}, AsOf: "2026-11-01"}},
		Services: []citydata.Service{{ID: "s1", Title: "民宿备案", Version: 3}}}
	web := httptest.NewServer(b.server)
	t.Cleanup(web.Close)
	client, err := citydata.New(citydata.Config{URL: web.URL, KeyID: "guanjia", Key: key, Log: b.log, Clock: b.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	b.client = client
	return b
}

func (b bench) licences() ([]citydata.Licence, error) {
	return b.client.Licences(context.Background(), asking, bot.Secret(chen.Name), bot.Secret(chen.IDNumber), []string{"id_card", "marriage_cert", "diploma"})
}

func TestAnswersAsTheDocumentSays(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	for name, want := range map[string]bool{chen.Name: true, "陈大燕": false} {
		if got, err := b.client.Agree(ctx, asking, bot.Secret(name), bot.Secret(chen.IDNumber)); err != nil || got != want {
			t.Errorf("%s agrees %v: %v", name, got, err)
		}
	}
	held, err := b.licences()
	if err != nil || len(held) != 2 || held[0].Kind != "id_card" {
		t.Errorf("%v %v", held, err)
	}
	if firm, err := b.client.Firm(ctx, asking, "91441900MA4W000000"); err != nil || firm.Facts["ent.type"] != "company" {
		t.Errorf("%v %v", firm, err)
	}
	if _, err := b.client.Firm(ctx, asking, "91441900MA4W000001"); !errors.Is(err, citydata.ErrUnknown) {
		t.Errorf("an unknown firm: %v", err)
	}
	if _, err := b.client.Firm(ctx, asking, "no code"); !errors.Is(err, citydata.ErrCode) {
		t.Errorf("no code: %v", err)
	}
	if all, version, err := b.client.Services(ctx, ""); err != nil || len(all) != 1 || version != "7" {
		t.Errorf("%v %s %v", all, version, err)
	}
	if all, _, err := b.client.Services(ctx, "7"); err != nil || len(all) != 0 {
		t.Errorf("nothing changed, and yet %v %v", all, err)
	}
}

// Every query is noted before and after, by ids only; without a note or a
// consent nothing is asked.
func TestQueriesAreNotedAndNeedConsent(t *testing.T) {
	b := newBench(t)
	if _, err := b.licences(); err != nil {
		t.Fatal(err)
	}
	if len(b.log.all) != 2 || b.log.all[0].Outcome != "asked" || b.log.all[1].Outcome != "ok" || b.log.all[1].Purpose != "theme:newborn" || b.log.all[1].Consent != "c1" {
		t.Errorf("%+v", b.log.all)
	}
	if _, err := b.client.Agree(context.Background(), citydata.For{Citizen: "p1", Purpose: "x"}, "a", "b"); !errors.Is(err, citydata.ErrNoConsent) {
		t.Errorf("without consent: %v", err)
	}
	b.log.fail = true
	before := b.server.Asked("/v1/licences")
	if _, err := b.licences(); err == nil || b.server.Asked("/v1/licences") != before {
		t.Errorf("asked without a note: %v", err)
	}
}

func TestRepeatsOnlyWhatMayBeRepeated(t *testing.T) {
	for _, fault := range []standin.Fault{standin.Broken, standin.Busy, standin.CutOff, standin.Nonsense, standin.Forged, standin.Slow} {
		b := newBench(t)
		b.server.Behave(fault)
		if held, err := b.licences(); err != nil || len(held) != 2 {
			t.Errorf("%s once: %v %v", fault, held, err)
		}
		b.server.Behave(fault)
		if _, err := b.client.Agree(context.Background(), asking, "a", "b"); !errors.Is(err, citydata.ErrDown) {
			t.Errorf("%s: %v", fault, err)
		}
		if n := b.server.Asked("/v1/identity"); n != 1 {
			t.Errorf("%s: identity was asked %d times", fault, n)
		}
	}
}

func TestBadAnswersAreNeverTaken(t *testing.T) {
	for _, fault := range []standin.Fault{standin.Forged, standin.Nonsense, standin.CutOff, standin.Huge, standin.Elsewhere} {
		b := newBench(t)
		b.server.Behave(fault, fault, fault)
		held, err := b.licences()
		if err == nil || len(held) != 0 {
			t.Errorf("%s: %v", fault, held)
		}
		if err != nil && (strings.Contains(err.Error(), chen.Name) || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("%s: the error tells too much: %v", fault, err)
		}
	}
}

func TestAPlatformThatIsDownIsNotWaitedFor(t *testing.T) {
	b := newBench(t)
	b.server.Behave(slices.Repeat([]standin.Fault{standin.Broken}, 5)...)
	for range 2 {
		b.licences()
	}
	if asked := b.server.Asked("/v1/licences"); asked != 5 {
		t.Errorf("asked %d times before giving up", asked)
	}
	if _, err := b.licences(); !errors.Is(err, citydata.ErrDown) || b.server.Asked("/v1/licences") != 5 {
		t.Errorf("asked while the breaker is open: %v", err)
	}
	b.clock.move(time.Minute)
	if held, err := b.licences(); err != nil || len(held) != 2 {
		t.Errorf("not asked again after a while: %v", err)
	}
}

func TestTheServerRefusesWhatIsNotSigned(t *testing.T) {
	b := newBench(t)
	web := httptest.NewServer(b.server)
	defer web.Close()
	good := func(nonce, stamp string) *http.Request {
		body := `{"purpose":"p","consent":"c","name":"a","id_number":"b"}`
		r, err := http.NewRequest(http.MethodPost, web.URL+"/v1/identity", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Key-Id", "guanjia")
		r.Header.Set("X-Nonce", nonce)
		r.Header.Set("X-Timestamp", stamp)
		r.Header.Set("X-Signature", citydata.SignRequest(key, r.Method, "/v1/identity", stamp, nonce, []byte(body)))
		return r
	}
	now := "1795658400" // 2026-11-26 10:00
	b.clock.move(time.Unix(1795658400, 0).Sub(b.clock.Now()))
	forged := good("0123456789abcdef0", now)
	forged.Header.Set("X-Signature", strings.Repeat("0", 64))
	for _, tc := range []struct {
		what string
		r    *http.Request
		want int
	}{
		{"a good one", good("0123456789abcdef1", now), 200},
		{"the same again", good("0123456789abcdef1", now), 409},
		{"an old one", good("0123456789abcdef2", "1795650000"), 401},
		{"a forged one", forged, 401},
	} {
		resp, err := http.DefaultClient.Do(tc.r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.want {
			t.Errorf("%s: %d, want %d", tc.what, resp.StatusCode, tc.want)
		}
	}
}

// The stand-in serves the document's paths and no others.
func TestTheStandInKeepsToTheDocument(t *testing.T) {
	raw, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Paths) != len(standin.Routes()) {
		t.Errorf("the document has %d paths, the stand-in %d", len(doc.Paths), len(standin.Routes()))
	}
	for _, path := range standin.Routes() {
		if doc.Paths[path] == nil {
			t.Errorf("%s is not in the document", path)
		}
	}
}

func TestAddressAndKeyAreChecked(t *testing.T) {
	for _, c := range []citydata.Config{{URL: "ftp://x", Key: key}, {URL: "https://x", Key: []byte("short")}, {Key: key}} {
		if _, err := citydata.New(c); err == nil {
			t.Errorf("taken: %+v", c.URL)
		}
	}
}
