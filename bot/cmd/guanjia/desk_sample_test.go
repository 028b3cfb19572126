package main

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"guanjia/bot/store"
)

// TestQualitySamples: what citizens say of a conversation that ended is on the
// wall and in the report by who served; conversations are drawn and scored by
// supervisors of the town, who score nobody they may not see and not themselves.
func TestQualitySamples(t *testing.T) {
	s, clock := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	as := map[string]*client{}
	for _, v := range []store.Staff{{Name: "小陈", Role: "operator"}, {Name: "班长", Role: "supervisor"}, {Name: "虎门班长", Role: "supervisor", Town: "humen"}, {Name: "长安班长", Role: "supervisor", Town: "changan"}} {
		if err := addStaff(t.Context(), s.house, v, theirPassword); err != nil {
			t.Fatal(err)
		}
		as[v.Name] = newClient(t, door.URL)
		must(t, as[v.Name].signIn(v.Name, theirPassword), 303)
	}
	serves := func(name, citizen, opinion string) {
		t.Helper()
		at := "/desk/conversation/" + string(s.hears(t, citizen, "虎门居住证要带什么材料", "我想预约办居住证", "虎门", "取消", "虎门那边怎么走，我要找人工"))
		must(t, as[name].post(at+"/take", object{}), 200)
		must(t, as[name].post(at+"/say", object{"text": "您好，电话13712345678的也是您吗", "key": "say-" + citizen + "-0001", "seen": 1 << 40}), 200)
		clock.move(clock.Now().Add(2 * time.Minute))
		must(t, as[name].post(at+"/close", object{}), 200)
		if lines := as[name].get(at).text; !strings.Contains(lines, "您满意吗") {
			t.Errorf("the end: %s", lines)
		}
		s.hears(t, citizen, opinion)
	}
	serves("小陈", "one", "满意")
	serves("小陈", "two", "不满意")
	serves("班长", "three", "满意")
	wall := as["班长"].get("/desk/wall/figures").json(t)
	if wall["rated"] != 3.0 || wall["good"] != 2.0 {
		t.Errorf("the wall: %v rated, %v good", wall["rated"], wall["good"])
	}
	if csv := as["班长"].get("/desk/reports/desk.csv").text; !strings.Contains(csv, "小陈,2,2,2,0,100,0,0,120,50") {
		t.Errorf("the report: %s", csv)
	}
	drawn := as["班长"].get("/desk/samples")
	ids := strings.Split(drawn.text, `href="/desk/samples/`)
	if drawn.status != 200 || len(ids) != 4 || strings.Contains(drawn.text, "13712345678") {
		t.Fatalf("drawn: %d, %d of them: %s", drawn.status, len(ids)-1, drawn.text)
	}
	sheetOf := func(operator string) string {
		t.Helper()
		for _, row := range strings.Split(drawn.text, "<tr>") {
			if strings.Contains(row, `<td data-of="坐席">`+operator+"</td>") {
				_, rest, _ := strings.Cut(row, `href="`)
				at, _, _ := strings.Cut(rest, `"`)
				return at
			}
		}
		t.Fatalf("nothing of %s is drawn", operator)
		return ""
	}
	at, own := sheetOf("小陈"), sheetOf("班长")
	if got := as["班长"].get(at); got.status != 200 || !strings.Contains(got.text, "****5678") {
		t.Errorf("the sheet: %d %s", got.status, got.text)
	}
	marks := []string{}
	for i := range 5 {
		marks = append(marks, fmt.Sprintf("mark%d", i), "4")
	}
	must(t, as["班长"].form(at, marks[:8]...), 422) // one is missing
	must(t, as["班长"].form(at, append([]string{"mark0", "6"}, marks[2:]...)...), 422)
	must(t, as["班长"].form(own, marks...), 422)
	must(t, as["长安班长"].form(at, marks...), 404)
	must(t, as["小陈"].form(at, marks...), 403)
	must(t, as["班长"].form(at, append(marks, "words", "先报工号，再说办法")...), 303)
	after := as["班长"].get("/desk/samples").text
	if !strings.Contains(after, "80 分") || !strings.Contains(after, "先报工号，再说办法") || !strings.Contains(after, `<td data-of="答得准、有依据">4.0</td>`) {
		t.Errorf("after scoring: %s", after)
	}
	if got := as["班长"].get(at).text; strings.Count(got, " checked") != 5 || !strings.Contains(got, `value="4" required checked`) || !strings.Contains(got, "先报工号，再说办法</textarea>") {
		t.Errorf("the sheet does not show what was given: %s", got)
	}
	if got := as["小陈"].get("/desk/samples/mine"); got.status != 200 || !strings.Contains(got.text, "80 分") || !strings.Contains(got.text, "先报工号，再说办法") || !strings.Contains(got.text, "开场和称呼 4") {
		t.Errorf("whose conversation it was sees %d %s", got.status, got.text)
	}
	if got := as["班长"].get("/desk/samples/mine"); strings.Contains(got.text, "先报工号") || !strings.Contains(got.text, "还没有评过") {
		t.Errorf("somebody else's score sheet is shown as one's own: %s", got.text)
	}
	_, id, _ := strings.Cut(at, "samples/")
	if strings.Contains(after, `href="/desk/samples/`+url.PathEscape(id)+`" aria-label`) {
		t.Error("what was scored is drawn again")
	}
}
