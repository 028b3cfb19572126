package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"guanjia/bot/store"
)

// TestColleaguesAreNamed: a note that names somebody is their notice until they
// open the conversation, and nobody of another town is told; who has it open and
// who writes is seen by those who may see the citizen.
func TestColleaguesAreNamed(t *testing.T) {
	s, _ := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	as := map[string]*client{}
	for name, town := range map[string]string{"小陈": "", "小李": "", "小安": "changan"} {
		if err := addStaff(t.Context(), s.house, store.Staff{Name: name, Role: "operator", Town: town}, theirPassword); err != nil {
			t.Fatal(err)
		}
		as[name] = newClient(t, door.URL)
		must(t, as[name].signIn(name, theirPassword), 303)
	}
	if err := addStaff(t.Context(), s.house, store.Staff{Name: "陈静", Role: "operator"}, theirPassword); err != nil { // has not signed in yet
		t.Fatal(err)
	}
	id := string(s.hears(t, "citizen", "我想预约办居住证", "虎门", "转人工"))
	at := "/desk/conversation/" + id
	if got := as["小陈"].get(at + "/colleagues"); got.text != `[{"name":"小李","spelt":["xiaoli","xl"],"away":false},{"name":"陈静","spelt":["chenjing","cj"],"away":true}]`+"\n" {
		t.Errorf("who can be named: %d %q", got.status, got.text)
	}
	must(t, as["小安"].get(at+"/colleagues"), 404) // of another town
	waiting := func(name string) []any {
		t.Helper()
		return as[name].get("/desk/queue").json(t)["mentions"].([]any)
	}
	must(t, as["小陈"].post(at+"/note", object{"text": "@陈静 明早您看看"}), 200)
	as["陈静"] = newClient(t, door.URL)
	must(t, as["陈静"].signIn("陈静", theirPassword), 303)
	if got := waiting("陈静"); len(got) != 1 {
		t.Errorf("who was away when named is told %v", got)
	}
	heard := as["小李"].listen("?after=0")
	must(t, as["小陈"].post(at+"/note", object{"text": "@小李 您熟这一项，@小安 也看看，@没有的人 @小陈"}), 200)
	if got := waiting("小李"); len(got) != 1 || got[0].(map[string]any)["by"] != "小陈" || got[0].(map[string]any)["citizen"] != id {
		t.Errorf("who was named hears %v", got)
	}
	for _, name := range []string{"小陈", "小安"} {
		if got := waiting(name); len(got) != 0 {
			t.Errorf("%s is told %v", name, got)
		}
	}
	must(t, as["小李"].get(at+"?after=1"), 200) // a page that reads on is nobody who looks
	if len(waiting("小李")) != 1 {
		t.Error("the notice is gone before they looked")
	}
	must(t, as["小李"].get(at), 200)
	if got := waiting("小李"); len(got) != 0 {
		t.Errorf("after they looked: %v", got)
	}
	must(t, as["小陈"].post(at+"/note", object{"text": "@小李 还有一句"}), 200)
	if len(waiting("小李")) != 1 {
		t.Error("named again, they are not told")
	}
	must(t, as["小李"].get(at+"?after=1&looked"), 200) // it is before their eyes
	if got := waiting("小李"); len(got) != 0 {
		t.Errorf("after they read it where it stands: %v", got)
	}

	around := func(name string) string { return as[name].get(at).text }
	if got := around("小陈"); !strings.Contains(got, `{"name":"小李","typing":false}`) {
		t.Errorf("who else is there: %s", got)
	}
	must(t, as["小陈"].post(at+"/typing", object{}), 204)
	if got := around("小李"); !strings.Contains(got, `{"name":"小陈","typing":true}`) {
		t.Errorf("who writes: %s", got)
	}
	if !heard.told("around", `"typing":true`) {
		t.Error("a page that has it open is not told who writes")
	}
	must(t, as["小陈"].post(at+"/note", object{"text": "写好了"}), 200)
	if got := around("小李"); !strings.Contains(got, `{"name":"小陈","typing":false}`) {
		t.Errorf("after it was sent: %s", got)
	}
	must(t, as["小安"].post(at+"/typing", object{}), 404)
}
