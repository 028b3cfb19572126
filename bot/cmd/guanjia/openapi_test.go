package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// described is a client whose every call and answer is held to the
// description that the service itself serves.
type described struct {
	*client
	paths routers.Router
}

func (c *described) call(want int, method, path, kind, body string, header ...string) string {
	c.t.Helper()
	request := func() *http.Request {
		r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	r := request()
	route, params, err := c.paths.FindRoute(r)
	if err != nil {
		c.t.Fatalf("%s %s is not described: %v", method, path, err)
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	if err := openapi3filter.ValidateRequest(c.t.Context(), in); err != nil && want < 400 {
		c.t.Errorf("%s %s is not asked as described: %v", method, path, err)
	}
	res, err := c.http.Do(request())
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode != want {
		c.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	if err := openapi3filter.ValidateResponse(c.t.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode,
		Header: res.Header, Body: io.NopCloser(bytes.NewReader(raw)), Options: &openapi3filter.Options{IncludeResponseStatus: true}}); err != nil {
		c.t.Errorf("%s %s is not answered as described: %v\n%s", method, path, err, raw)
	}
	return string(raw)
}

// TestOpenAPI holds routes, calls and answers to what /openapi.yaml says.
func TestOpenAPI(t *testing.T) {
	d := serve(t, newWheel(tuesday()).now)
	key := d.keyOf("对照", 100)
	door := newClient(t, d.public)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(door.get("/openapi.yaml").text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, _ := insideService(t)
	routesMeet(t, doc, patterns(t, s.public()), patterns(t, s.inner()))
	doc.Servers = openapi3.Servers{{URL: d.public}, {URL: d.inner}}
	paths, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}

	c := &described{door, paths}
	const form, root = "application/x-www-form-urlencoded", "/open311/v2"
	c.call(200, "GET", root+"/discovery.json", "", "")
	c.call(200, "GET", root+"/services.json", "", "")
	c.call(404, "GET", root+"/services.json?jurisdiction_id=elsewhere", "", "")
	c.call(200, "GET", root+"/services/c0902.json", "", "")
	c.call(404, "GET", root+"/services/nothing.json", "", "")
	report := url.Values{"api_key": {key}, "service_code": {"c0902"}, "description": {"路灯坏了一个星期"}, "address_string": {"虎门镇连升路"}}
	filed := c.call(201, "POST", root+"/requests.json", form, report.Encode())
	report.Set("api_key", "wrong")
	c.call(403, "POST", root+"/requests.json", form, report.Encode())
	report.Set("api_key", key)
	report.Del("service_code")
	c.call(400, "POST", root+"/requests.json", form, report.Encode())
	number := between(t, filed, `"service_request_id":"`, `"`)
	c.call(200, "GET", root+"/requests.json?status=open", "", "")
	c.call(400, "GET", root+"/requests.json?status=lost", "", "")
	c.call(200, "GET", root+"/requests/"+number+".json", "", "")
	c.call(404, "GET", root+"/requests/DG1.json", "", "")
	c.call(404, "GET", root+"/tokens/none.json", "", "")
	more := url.Values{"api_key": {key}, "service_request_id": {number}, "update_id": {"u1"}, "description": {"还有一盏"}}
	c.call(200, "POST", root+"/servicerequestupdates.json", form, more.Encode())
	c.call(200, "GET", root+"/servicerequestupdates.json", "", "")

	c.get("/") // the cookie
	c.call(200, "POST", "/chat/send", "application/json", `{"key":"described-1","text":"居住证要什么材料"}`)
	c.call(400, "POST", "/chat/send", "application/json", `{"key":"x"}`)
	c.call(200, "GET", "/chat/history?after=0", "", "")
	c.call(200, "POST", "/chat/upload?after=0", "image/png", string(snapshot(t)), "Idempotency-Key", "described-2")
	c.call(415, "POST", "/chat/upload?after=0", "image/png", "no picture", "Idempotency-Key", "described-3")
	c.call(404, "GET", "/chat/picture/none", "", "")

	inner := &described{newClient(t, d.inner), paths}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		inner.call(200, "GET", path, "", "")
	}
}

// routesMeet: what is described is served, and what is served is described or a
// page for people.
func routesMeet(t *testing.T, doc *openapi3.T, public, inner []string) {
	t.Helper()
	served := map[string]bool{}
	for _, pattern := range append(public, inner...) {
		served[pattern] = true
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if path != "/wechat" && !strings.HasPrefix(path, "/open311/") && !served[method+" "+path] { // the one has no account here, the others share a pattern
				t.Errorf("%s %s is described and not served", method, path)
			}
		}
	}
	for _, pattern := range public {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok || path == "/{$}" || strings.HasPrefix(path, "/h5") || strings.HasPrefix(path, "/open311/") || strings.Contains(path, "/static/") {
			continue
		}
		if item := doc.Paths.Value(path); item == nil || item.GetOperation(method) == nil {
			t.Errorf("%s is served and not described", pattern)
		}
	}
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	if !ok {
		t.Fatalf("no %s in %s", before, text)
	}
	found, _, _ := strings.Cut(rest, after)
	return found
}
