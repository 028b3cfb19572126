package main

import (
	"slices"
	"strings"
	"testing"
)

// TestTheDeskIsAudited signs in, fails to, looks and signs out, and reads the
// trail while the service runs.
func TestTheDeskIsAudited(t *testing.T) {
	d := serve(t, going(tuesday()))
	d.speak("wechat", "c1", "我的电话是13812345678，转人工")
	p := d.colleague("陈静")
	newClient(t, d.inner).signIn("陈静", "not the password")
	p.get("/desk/conversation/c1")
	p.post("/desk/logout", object{})
	r := guanjia(t, "", "--data", d.dir, "audit", "list", "--json")
	var deeds []string
	for _, e := range lines(t, r) {
		deeds = append(deeds, e["actor"].(string)+" "+e["deed"].(string)+" "+e["subject"].(string))
	}
	for _, want := range []string{"command staff_add 陈静", "陈静 sign_in 127.0.0.1", "陈静 sign_in_refused 127.0.0.1", "陈静 open_conversation c1", "陈静 sign_out 127.0.0.1"} {
		if !slices.Contains(deeds, want) {
			t.Errorf("the trail lacks %q: %q", want, deeds)
		}
	}
	if strings.Contains(r.out, "138") {
		t.Error("the trail holds a particular")
	}
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 || !strings.Contains(r.out, "entries stand") {
		t.Errorf("verify: %+v", r)
	}
}
