package main

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"guanjia/channels/open311/open311test"
)

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func (e element) child(name string) element {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			return c
		}
	}
	return element{}
}

func (e element) text(name string) string { return strings.TrimSpace(e.child(name).Text) }

func (a answer) xml(t testing.TB) element {
	t.Helper()
	var e element
	if err := xml.Unmarshal([]byte(a.text), &e); err != nil {
		t.Fatalf("%d %q is no XML: %v", a.status, a.text, err)
	}
	return e
}

// keyOf gives out a key at the desk, as an administrator would.
func (d *running) keyOf(name string, quota int) string {
	d.t.Helper()
	admin := newClient(d.t, d.inner)
	if got := admin.signIn("admin", d.admin); got.status != http.StatusSeeOther {
		d.t.Fatalf("sign in: %d", got.status)
	}
	got := admin.form("/desk/work/keys", "name", name, "quota", strconv.Itoa(quota))
	m := regexp.MustCompile(`<code>([A-Z0-9]+)</code>`).FindStringSubmatch(got.text)
	if m == nil {
		d.t.Fatalf("no key: %d %s", got.status, got.text)
	}
	if again := admin.get("/desk/work/keys"); strings.Contains(again.text, m[1]) {
		d.t.Error("the key is shown a second time")
	}
	return m[1]
}

const civic = "/open311/v2"

func (c *client) report(format, key string, fields ...string) answer {
	c.t.Helper()
	return c.form(civic+"/requests."+format, append([]string{"api_key", key}, fields...)...)
}

// TestOpen311Conformance holds the interface to what the two public validators
// demand (open311-validator of SeeClickFix and open311-validator-py), in their
// order.
func TestOpen311Conformance(t *testing.T) {
	d := serve(t, newWheel(tuesday()).now)
	key := d.keyOf("校验程序", 100)
	c := newClient(t, d.public)
	for i, code := range []string{"c0902", "c0906", "c1106"} {
		fields := []string{"service_code", code, "description", "臭得很", "lat", "22.8211", "long", "113.6702", "email", "foo@bar.com"}
		if i == 1 {
			fields = []string{"service_code", code, "address_string", "虎门镇连升路8号"}
		}
		for _, format := range []string{"xml", "json"} {
			if got := c.report(format, key, fields...); got.status != http.StatusCreated || strings.TrimSpace(got.text) == "" {
				t.Fatalf("post %s as %s: %d %s", code, format, got.status, got.text)
			}
		}
	}
	t.Run("discovery", func(t *testing.T) { conformsDiscovery(t, c) })
	t.Run("services", func(t *testing.T) { conformsServices(t, c) })
	t.Run("requests", func(t *testing.T) { conformsRequests(t, c) })
}

func conformsDiscovery(t *testing.T, c *client) {
	x, j := c.get(civic+"/discovery.xml").xml(t), c.get(civic+"/discovery.json").json(t)
	for _, name := range []string{"contact", "key_service"} {
		if x.text(name) == "" || j[name] != x.text(name) {
			t.Errorf("%s: %q and %v", name, x.text(name), j[name])
		}
	}
	past := func(text string) bool {
		at, err := time.Parse(time.RFC3339, text)
		return err == nil && at.Before(tuesday())
	}
	if !past(x.text("changeset")) || !past(j["changeset"].(string)) {
		t.Errorf("changeset: %q", x.text("changeset"))
	}
	endpoints := x.child("endpoints").Children
	if len(endpoints) == 0 || len(j["endpoints"].([]any)) != len(endpoints) {
		t.Fatal("no endpoints")
	}
	for i, e := range endpoints {
		o := object(j["endpoints"].([]any)[i].(map[string]any))
		var formats []string
		for _, f := range e.child("formats").Children {
			formats = append(formats, strings.TrimSpace(f.Text))
		}
		if e.text("specification") == "" || e.text("url") == "" || !past(e.text("changeset")) || e.text("type") == "" || !slices.Contains(formats, "text/xml") || len(o["formats"].([]any)) == 0 {
			t.Errorf("endpoint %+v", e)
		}
	}
}

func conformsServices(t *testing.T, c *client) {
	all := c.get(civic + "/services.xml").xml(t).Children
	if len(all) < 100 {
		t.Fatalf("%d services", len(all))
	}
	for i, s := range all {
		if s.text("service_code") == "" || !slices.Contains([]string{"true", "false"}, s.text("metadata")) ||
			!slices.Contains([]string{"realtime", "batch", "blackbox"}, s.text("type")) || s.text("description") == "" {
			t.Errorf("service %+v", s)
		}
		if s.text("metadata") != "true" || i%10 > 0 && i < len(all)-1 { // all are made the same way
			continue
		}
		def := c.get(civic + "/services/" + s.text("service_code") + ".xml").xml(t)
		if def.text("service_code") != s.text("service_code") {
			t.Errorf("the definition of %s is of %s", s.text("service_code"), def.text("service_code"))
		}
		for _, a := range def.child("attributes").Children {
			_, err := strconv.ParseFloat(a.text("order"), 64)
			if !slices.Contains([]string{"true", "false"}, a.text("variable")) || a.text("code") == "" || a.text("datatype_description") == "" || a.text("description") == "" ||
				!slices.Contains([]string{"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}, a.text("datatype")) ||
				!slices.Contains([]string{"true", "false"}, a.text("required")) || err != nil {
				t.Errorf("attribute %+v", a)
			}
		}
	}
}

func conformsRequests(t *testing.T, c *client) {
	datetime := regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z?$`)
	found := 0
	for _, code := range []string{"c0902", "c0906", "c1106", "c0901"} {
		for _, r := range c.get(civic + "/requests.xml?service_code=" + code).xml(t).Children {
			found++
			if r.text("service_request_id") == "" || !slices.Contains([]string{"open", "closed"}, r.text("status")) || r.text("service_name") == "" || r.text("service_code") != code || r.text("address") == "" {
				t.Errorf("request %+v", r)
			}
			for _, name := range []string{"requested_datetime", "updated_datetime", "expected_datetime"} {
				if v := r.text(name); !datetime.MatchString(v) && (v != "" || name == "requested_datetime") {
					t.Errorf("%s: %q", name, v)
				}
			}
			for _, name := range []string{"lat", "long"} {
				if v := r.text(name); !strings.Contains(v, ".") {
					t.Errorf("%s: %q is no decimal", name, v)
				}
			}
		}
	}
	if found != 6 {
		t.Errorf("%d requests found", found)
	}
}

// TestOpen311Refusals tries what the specification says is an error, in both
// formats.
func TestOpen311Refusals(t *testing.T) {
	d := serve(t, newWheel(tuesday()).now)
	key := d.keyOf("小程序", 2)
	c := newClient(t, d.public)
	place := []string{"address_string", "虎门镇连升路8号"}
	for name, test := range map[string]struct {
		got  func(format string) answer
		want int
	}{
		"no key":          {func(f string) answer { return c.report(f, "", append(place, "service_code", "c0902")...) }, 403},
		"a wrong key":     {func(f string) answer { return c.report(f, "nope", append(place, "service_code", "c0902")...) }, 403},
		"no service":      {func(f string) answer { return c.report(f, key, place...) }, 400},
		"unknown service": {func(f string) answer { return c.report(f, key, append(place, "service_code", "x")...) }, 404},
		"no place":        {func(f string) answer { return c.report(f, key, "service_code", "c0902") }, 400},
		"bad place":       {func(f string) answer { return c.report(f, key, "service_code", "c0902", "lat", "abc", "long", "1") }, 400},
		"elsewhere": {func(f string) answer {
			return c.report(f, key, "service_code", "c0902", "lat", "39.9", "long", "116.4")
		}, 400},
		"bad town": {func(f string) answer {
			return c.report(f, key, append(place, "service_code", "c0902", "attribute[town]", "paris")...)
		}, 400},
		"bad time": {func(f string) answer {
			return c.report(f, key, append(place, "service_code", "c0902", "attribute[since]", "yesterday")...)
		}, 400},
		"too long": {func(f string) answer {
			return c.report(f, key, append(place, "service_code", "c0902", "description", strings.Repeat("长", 5000))...)
		}, 400},
		"another city":     {func(f string) answer { return c.get(civic + "/services." + f + "?jurisdiction_id=sfgov.org") }, 404},
		"unknown request":  {func(f string) answer { return c.get(civic + "/requests/DG0." + f) }, 404},
		"unknown token":    {func(f string) answer { return c.get(civic + "/tokens/abc." + f) }, 404},
		"unknown resource": {func(f string) answer { return c.get(civic + "/nothing." + f) }, 404},
		"unknown code":     {func(f string) answer { return c.get(civic + "/services/zzz." + f) }, 404},
		"unknown filter":   {func(f string) answer { return c.get(civic + "/requests." + f + "?service_code=zzz") }, 400},
		"bad status":       {func(f string) answer { return c.get(civic + "/requests." + f + "?status=done") }, 400},
		"bad date":         {func(f string) answer { return c.get(civic + "/requests." + f + "?start_date=monday") }, 400},
		"too long a span": {func(f string) answer {
			return c.get(civic + "/requests." + f + "?start_date=2026-01-01T00:00:00Z&end_date=2026-11-01T00:00:00Z")
		}, 400},
		"backwards": {func(f string) answer {
			return c.get(civic + "/requests." + f + "?start_date=2026-11-02T00:00:00Z&end_date=2026-11-01T00:00:00Z")
		}, 400},
		"a strange method":  {func(f string) answer { return c.do("PUT", civic+"/requests."+f, nil) }, 405},
		"update, no key":    {func(f string) answer { return c.form(civic+"/servicerequestupdates."+f, "service_request_id", "DG1") }, 403},
		"update of nothing": {func(f string) answer { return c.form(civic+"/servicerequestupdates."+f, "api_key", key) }, 400},
		"update of no one's": {func(f string) answer {
			return c.form(civic+"/servicerequestupdates."+f, "api_key", key, "service_request_id", "DG1", "update_id", "1", "description", "还在")
		}, 404},
	} {
		x, j := test.got("xml"), test.got("json")
		if x.status != test.want || j.status != test.want {
			t.Errorf("%s: %d and %d, not %d", name, x.status, j.status, test.want)
			continue
		}
		e := x.xml(t)
		if e.XMLName.Local != "errors" || e.child("error").text("code") != strconv.Itoa(test.want) || e.child("error").text("description") == "" {
			t.Errorf("%s: %s", name, x.text)
		}
		if !strings.HasPrefix(j.text, `[{"code":`+strconv.Itoa(test.want)+`,"description":"`) || !strings.HasPrefix(j.header.Get("Content-Type"), "application/json") || !strings.HasPrefix(x.header.Get("Content-Type"), "text/xml") {
			t.Errorf("%s: %s", name, j.text)
		}
	}
	for i, want := range []int{201, 201, 429} {
		if got := c.report("json", key, append(place, "service_code", "c0902")...); got.status != want {
			t.Errorf("report %d of a quota of two: %d", i+1, got.status)
		}
	}
	if got := c.get(civic + "/services"); got.status != 404 || got.xml(t).XMLName.Local != "errors" {
		t.Errorf("no format: %d", got.status)
	}
}

// TestOpen311Client lets a client others wrote list, post and read, then
// follows the report's states through FixMyStreet's updates.
func TestOpen311Client(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	key := d.keyOf("市民应用", 10)
	seen, err := open311test.Use(t.Context(), d.public+civic+"/", key, "c0904", "humen")
	if err != nil {
		t.Fatal(err)
	}
	number, _ := seen.Posted[0]["service_request_id"].(string)
	token, _ := seen.Token[0]["token"].(string)
	if len(seen.Services) < 100 || seen.Definition["service_code"] != "c0904" || !strings.HasPrefix(number, "DG20261124") || token == "" || seen.Token[0]["service_request_id"] != nil {
		t.Fatalf("the client saw %+v", seen)
	}
	if seen.Waiting[0]["service_request_id"] != nil || len(seen.One) != 1 || len(seen.Several) != 1 || len(seen.List) != 1 || seen.One[0]["status"] != "open" || seen.One[0]["address"] != "东莞市虎门镇" {
		t.Errorf("the client read %+v", seen)
	}
	for _, secret := range []string{"13800138000", "陈", "小明", "连升路", "整条街"} {
		for _, path := range []string{"/requests/" + number + ".json", "/requests.xml", "/servicerequestupdates.json"} {
			if got := newClient(t, d.public).get(civic + path); got.status != http.StatusOK || strings.Contains(got.text, secret) {
				t.Errorf("%s (%d) tells %s", path, got.status, secret)
			}
		}
	}
	followed(t, d, key, number, token)
}

// followed takes the report to its end by the work pages and watches the
// interface tell so.
func followed(t *testing.T, d *running, key, number, token string) {
	c := newClient(t, d.public)
	holder, centre := d.worker("程虎", "department", "--department", "cgj", "--town", "humen"), d.worker("钟心", "centre")
	eventually(t, "the dispatch", func() bool {
		return strings.Contains(c.get(civic+"/servicerequestupdates.xml").text, "<status>open</status>")
	})
	add := func(f, id string) answer {
		return c.form(civic+"/servicerequestupdates."+f, "api_key", key, "service_request_id", number, "update_id", id, "description", "今晚还是不亮")
	}
	for range 2 { // the same update twice is one
		if got := add("json", "u1"); got.status != http.StatusOK || !strings.Contains(got.text, `"update_id":"u1"`) {
			t.Errorf("an update: %d %s", got.status, got.text)
		}
	}
	foreign := d.keyOf("别的应用", 10)
	if got := c.form(civic+"/servicerequestupdates.xml", "api_key", foreign, "service_request_id", number, "update_id", "u2", "description", "x"); got.status != http.StatusForbidden {
		t.Errorf("an update with another key: %d", got.status)
	}
	holder.step(number, "sign")
	holder.step(number, "contact", "words", "联系过")
	holder.step(number, "reply", "words", "已修好。")
	centre.step(number, "approve")
	eventually(t, "the closing", func() bool {
		return strings.Contains(c.get(civic+"/requests/"+number+".xml").text, "<status>closed</status>")
	})
	var states []string
	supplements := 0
	for _, u := range c.get(civic + "/servicerequestupdates.xml?service_request_id=" + number).xml(t).Children {
		if u.text("description") == "补充" {
			supplements++
			continue
		}
		states = append(states, u.text("status"))
	}
	if want := "open investigating in_progress in_progress in_progress fixed"; strings.Join(states, " ") != want || supplements != 1 {
		t.Errorf("the states were %q with %d supplements, not %q", strings.Join(states, " "), supplements, want)
	}
	var other string
	for _, row := range d.list("tickets") {
		if row["category"] == "" {
			other = row["number"].(string)
		}
	}
	centre.step(other, "dispatch", "to", "t:humen", "category", "c0904", "words", "路灯")
	if got := c.get(civic + "/tokens/" + token + ".xml").xml(t); got.child("request").text("service_request_id") != other {
		t.Errorf("the token stands for %q, not %s", got.child("request").text("service_request_id"), other)
	}
}
