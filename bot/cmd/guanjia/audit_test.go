package main

import (
	"encoding/csv"
	"regexp"
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
	d.trailIsShown(t)
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 || !strings.Contains(r.out, "entries stand") {
		t.Errorf("verify: %+v", r)
	}
}

// trailIsShown reads the trail as an administrator does at the desk: narrowed,
// turned over, held against its chain, as a file; and each look is in it.
func (d *running) trailIsShown(t *testing.T) {
	t.Helper()
	admin := newClient(t, d.inner)
	admin.signIn("admin", d.admin)
	whole := admin.get("/desk/audit")
	for _, want := range []string{"打开会话", "登录没成功", "服务器命令", "陈静", "c1"} {
		if !strings.Contains(whole.text, want) {
			t.Errorf("the page of the trail lacks %q", want)
		}
	}
	answered := func(a answer) string {
		must(t, a, 200)
		return a.text
	}
	rows := func(path string) int { return strings.Count(answered(admin.get(path)), "<th scope=\"row\">") }
	if n := rows("/desk/audit?who=%E9%99%88%E9%9D%99&deed=open_conversation&of=c1&from=2026-11-24&to=2026-11-24"); n != 1 {
		t.Errorf("陈静 opened c1 on the day %d times by the page", n)
	}
	for _, nothing := range []string{"of=c9", "to=2026-11-23", "from=2026-11-25", "who=nobody", "deed=backup"} {
		if n := rows("/desk/audit?" + nothing); n != 0 {
			t.Errorf("%s: %d entries", nothing, n)
		}
	}
	must(t, admin.get("/desk/audit?from=24.11."), 422)
	for range 50 { // more than a page
		admin.get("/desk/audit?of=13812345678&before=2")
	}
	first := admin.get("/desk/audit").text
	next := regexp.MustCompile(`href="(/desk/audit\?before=\d+)" rel="next"`).FindStringSubmatch(first)
	if next == nil || !strings.Contains(first, "看审计") || rows(next[1]) == 0 {
		t.Errorf("the page does not turn: %v", next)
	}
	file := answered(admin.get("/desk/audit/trail.csv?deed=read_audit"))
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if err != nil || len(table) < 60 || table[1][4] != "read_audit" || table[1][2] != "admin" {
		t.Errorf("as a file: %d rows, %v", len(table), err)
	}
	if strings.Contains(file+first, "138") {
		t.Error("the trail shows what was looked for in it")
	}
	if page := answered(admin.form("/desk/audit/verify")); !strings.Contains(page, "全部对得上") {
		t.Error("the page does not say that the chain stands")
	}
	trail := guanjia(t, "", "--data", d.dir, "audit", "list", "--json").out
	for _, deed := range []string{"read_audit", "verify_audit", "export_audit"} {
		if !strings.Contains(trail, `"`+deed+`"`) {
			t.Errorf("that somebody did %s is not in the trail", deed)
		}
	}
}
