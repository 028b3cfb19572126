package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// TestAddedSensitive: sensitive particulars that come later, on the pages, are
// asked about alone before they are written down; the yes stands in 我的数据
// with the words that asked, and taken back they go out of that addition.
func TestAddedSensitive(t *testing.T) {
	s, _ := insideService(t)
	door := httptest.NewServer(s.public())
	t.Cleanup(door.Close)
	v := newClient(t, door.URL)
	v.get("/")
	for i, words := range []string{"投诉虎门镇连升路12号烧烤店半夜油烟大，楼上三十多户受不了，电话13712345678", "确认"} {
		v.says(fmt.Sprintf("message-%d", i), words)
	}
	all, err := s.house.store.AllTickets(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d tickets: %v", len(all), err)
	}
	n, id := all[0].Number, all[0].Citizen
	steps := func() (notes []string) {
		_, steps, err := s.house.store.Ticket(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if step.Action == ticket.DoSupplement {
				notes = append(notes, step.Note.Reveal())
			}
		}
		return notes
	}
	add := func(fields ...string) answer { return v.form("/h5/requests/"+n+"/add", fields...) }
	const words, key = "他们还在楼道里烧炭，我妈有哮喘，晚上睡不着", "12345678901"
	asked := add("key", key, "words", words)
	if asked.status != http.StatusUnprocessableEntity || !strings.Contains(asked.text, "其中病情是敏感信息") || !strings.Contains(asked.text, `value="write"`) || len(steps()) > 0 {
		t.Fatalf("added without asking: %d, %q", asked.status, steps())
	}
	if got := add("key", key, "words", words, "kinds", "残疾情况", "sensitive", "write"); got.status != http.StatusUnprocessableEntity || len(steps()) > 0 {
		t.Errorf("a yes to something else: %d", got.status)
	}
	must(t, add("key", key, "words", words, "kinds", "病情", "sensitive", "leave"), 303)
	if got := steps(); len(got) != 1 || got[0] != "他们还在楼道里烧炭，晚上睡不着" {
		t.Errorf("left out: %q", got)
	}
	must(t, add("key", key+"2", "words", words, "kinds", "病情", "sensitive", "write"), 303)
	yes, err := s.house.store.Consents(t.Context(), id)
	if err != nil || len(yes) != 1 || yes[0].What != "病情" || yes[0].Errand != "补充 "+n || !strings.Contains(yes[0].Asked, "只给经办的人看") || yes[0].Entry == 0 {
		t.Fatalf("kept %+v: %v", yes, err)
	}
	must(t, add("key", key+"2", "words", words, "kinds", "病情", "sensitive", "write"), 303) // sent twice
	if got := steps(); len(got) != 2 || got[1] != words {
		t.Errorf("agreed: %q", got)
	}
	must(t, add("key", key+"3", "words", "我妈有哮喘", "kinds", "病情", "sensitive", "leave"), 422) // nothing is left
	proof, err := ownData{s.house}.Withdraw(t.Context(), id, yes[0].ID)
	if err != nil || proof.Hash == "" {
		t.Fatalf("withdrawn with %+v: %v", proof, err)
	}
	if got := steps(); len(got) != 2 || got[1] != "他们还在楼道里烧炭，晚上睡不着" {
		t.Errorf("after it was taken back: %q", got)
	}
	if v, _, err := s.house.store.Ticket(t.Context(), n); err != nil || !strings.Contains(v.Text.Reveal(), "半夜油烟大") {
		t.Errorf("the request itself is %q: %v", v.Text.Reveal(), err)
	}
	must(t, add("key", key+"4", "words", "店里煤气味很大，我妈有哮喘"), 303) // cannot wait
	if yes, err := s.house.store.Consents(t.Context(), id); err != nil || len(yes) != 1 || yes[0].Withdrawn.IsZero() {
		t.Errorf("%+v: %v", yes, err)
	}
}

// TestOpen311Sensitive: what a program passes on is held to the same: without a
// yes to it alone it is not written down, and the answer says so.
func TestOpen311Sensitive(t *testing.T) {
	d := serve(t, going(tuesday()))
	key, c := d.keyOf("12345 app", 100), newClient(t, d.public)
	if got := c.get(civic + "/services/" + someService(t, c) + ".json"); !strings.Contains(got.text, `"sensitive_consent"`) || !strings.Contains(got.text, "单独问本人") {
		t.Errorf("the definition does not say how to ask: %s", got.text)
	}
	file := func(description string, more ...string) (number, notice string) {
		t.Helper()
		got := c.report("json", key, append([]string{"service_code", someService(t, c), "description", description, "address_string", "虎门镇连升路12号", "account_id", "a-1"}, more...)...) // the last of a field counts
		must(t, got, 201)
		var filed []struct {
			Number string `json:"service_request_id"`
			Notice string `json:"service_notice"`
		}
		if err := json.Unmarshal([]byte(got.text), &filed); err != nil || len(filed) != 1 {
			t.Fatalf("%s: %v", got.text, err)
		}
		return filed[0].Number, filed[0].Notice
	}
	textOf := func(number string) any {
		for _, row := range lines(t, guanjia(t, "", "list", "tickets", "--json", "--reveal", "--data", d.dir)) {
			if row["number"] == number {
				return row["text"]
			}
		}
		return "not filed"
	}
	const description = "路灯不亮，我爸残疾，晚上出不了门"
	number, notice := file(description)
	if got := textOf(number); got != "路灯不亮，晚上出不了门" || !strings.Contains(notice, "没有写上") || !strings.Contains(notice, "attribute[sensitive_consent]=yes") {
		t.Errorf("unasked: %q, told %q", got, notice)
	}
	number, notice = file(description, "attribute[sensitive_consent]", "yes", "address_string", "长安镇长青路5号")
	if got := textOf(number); got != description || strings.Contains(notice, "没有写上") {
		t.Errorf("agreed: %q, told %q", got, notice)
	}
	must(t, c.report("json", key, "service_code", someService(t, c), "description", description, "address_string", "虎门镇", "attribute[sensitive_consent]", "maybe"), 400)
	add := func(id, words string, more ...string) answer {
		return c.form(civic+"/servicerequestupdates.json", append([]string{"api_key", key, "service_request_id", number, "update_id", id, "description", words}, more...)...)
	}
	if got := add("u-1", "灯还没修，我妈得了癌症要夜里去医院"); got.status != http.StatusOK || !strings.Contains(got.text, "没有写上") {
		t.Errorf("an update: %d %s", got.status, got.text)
	}
	if got := add("u-2", "我妈得了癌症"); got.status != http.StatusBadRequest || !strings.Contains(got.text, "没有写上") {
		t.Errorf("an update of nothing else: %d %s", got.status, got.text)
	}
	if got := add("u-3", "灯还没修，我妈得了癌症要夜里去医院", "attribute[sensitive_consent]", "yes"); got.status != http.StatusOK || strings.Contains(got.text, "没有写上") {
		t.Errorf("an update agreed to: %d %s", got.status, got.text)
	}
	d.stop()
	records, err := store.Open(t.Context(), store.Options{Dir: d.dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	v, steps, err := records.Ticket(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	var added []string
	for _, step := range steps {
		if step.Action == ticket.DoSupplement {
			added = append(added, step.Note.Reveal())
		}
	}
	if strings.Join(added, "|") != "灯还没修|灯还没修，我妈得了癌症要夜里去医院" {
		t.Errorf("added %q", added)
	}
	yes, err := records.Consents(t.Context(), v.Citizen)
	if err != nil || len(yes) != 2 || yes[0].What != "残疾情况" || yes[1].What != "病情" || !strings.Contains(yes[0].By, "12345 app") || yes[0].Asked == "" {
		t.Errorf("kept %+v: %v", yes, err)
	}
}

// someService is a service the interface lists.
func someService(t *testing.T, c *client) string {
	t.Helper()
	m := regexp.MustCompile(`"service_code":"([^"]+)"[^}]*路灯`).FindStringSubmatch(c.get(civic + "/services.json").text)
	if m == nil {
		t.Fatal("no service about street lamps")
	}
	return m[1]
}
