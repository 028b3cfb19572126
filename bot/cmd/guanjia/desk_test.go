package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestDeskSignIn holds the inner door to what a sign-in must be.
func TestDeskSignIn(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	d.hire("小陈")
	c := newClient(t, d.inner)

	if got := c.get("/desk/"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/login" {
		t.Errorf("the desk without a sign-in: %d to %q", got.status, got.header.Get("Location"))
	}
	for _, path := range []string{"/desk/queue", "/desk/events?after=0", "/desk/conversation/c1", "/desk/attachment/f1"} {
		if got := c.get(path); got.status != http.StatusUnauthorized {
			t.Errorf("%s without a sign-in: %d", path, got.status)
		}
	}
	if got := c.post("/desk/conversation/c1/take", object{}); got.status != http.StatusUnauthorized {
		t.Errorf("a deed without a sign-in: %d", got.status)
	}
	wrong, unknown := c.signIn("小陈", "not it, really"), c.signIn("小王", "not it, really")
	if wrong.status != http.StatusUnauthorized || strings.ReplaceAll(wrong.text, "小陈", "") != strings.ReplaceAll(unknown.text, "小王", "") {
		t.Errorf("a wrong password (%d) and an unknown name (%d) are told apart", wrong.status, unknown.status)
	}

	got := c.signIn("小陈", theirPassword)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/" {
		t.Fatalf("sign in: %d to %q", got.status, got.header.Get("Location"))
	}
	cookie := got.header.Get("Set-Cookie")
	for _, flag := range []string{"guanjia_desk=", "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"} {
		if !strings.Contains(cookie, flag) {
			t.Errorf("the cookie %q lacks %s", cookie, flag)
		}
	}
	page := c.get("/desk/")
	if page.status != http.StatusOK || !strings.Contains(page.text, "小陈") {
		t.Errorf("signed in, the desk answers %d", page.status)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if page.header.Get(name) != want {
			t.Errorf("%s: %q", name, page.header.Get(name))
		}
	}
	token := strings.TrimPrefix(strings.Split(cookie, ";")[0], "guanjia_desk=")
	d.keptHashed(token)

	must(t, c.get("/desk/wall"), 403)
	eventually(t, "who was refused to be noted", func() bool {
		log := d.logged.String()
		return strings.Contains(log, "refused by right") && strings.Contains(log, "小陈") && strings.Contains(log, "GET /desk/wall")
	})
	other := newClient(t, d.inner) // a computer that was left open
	other.signIn("小陈", theirPassword)
	page = c.get("/desk/signins")
	id := regexp.MustCompile(`name="id" value="([0-9a-f]{16})"`).FindStringSubmatch(page.text)
	if page.status != http.StatusOK || id == nil || !strings.Contains(page.text, "就是这里") {
		t.Fatalf("the sign-ins: %d %s", page.status, page.text)
	}
	must(t, c.form("/desk/signins"), 400)
	stranger := d.colleague("小李")
	must(t, stranger.form("/desk/signins", "id", id[1]), 404) // somebody else's
	if got := other.get("/desk/queue"); got.status != http.StatusOK {
		t.Errorf("a colleague ended it: %d", got.status)
	}
	must(t, c.form("/desk/signins", "id", id[1]), 303)
	if got := other.get("/desk/queue"); got.status != http.StatusUnauthorized {
		t.Errorf("after it was ended: %d", got.status)
	}
	other.signIn("小陈", theirPassword)
	must(t, c.form("/desk/signins", "all", "yes"), 303)
	if a, b := other.get("/desk/queue").status, c.get("/desk/queue").status; a != http.StatusUnauthorized || b != http.StatusOK {
		t.Errorf("after ending all others: theirs %d, this %d", a, b)
	}

	other.signIn("小陈", theirPassword)
	const chosen = "荔枝 雨伞 河堤"
	for _, p := range [][3]string{{"wrong", chosen, chosen}, {theirPassword, "iloveyou", "iloveyou"}, {theirPassword, chosen, chosen + "。"}, {theirPassword, "", ""}} {
		if got := c.form("/desk/password", "old", p[0], "new", p[1], "again", p[2]); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, `role="alert"`) {
			t.Errorf("%q: %d", p, got.status)
		}
	}
	must(t, c.form("/desk/password", "old", theirPassword, "new", chosen, "again", chosen), 200)
	if a, b := other.get("/desk/queue").status, c.get("/desk/queue").status; a != http.StatusUnauthorized || b != http.StatusOK {
		t.Errorf("after a new password: elsewhere %d, here %d", a, b)
	}
	must(t, other.form("/desk/login", "name", "小陈", "password", theirPassword), 401)
	must(t, other.form("/desk/login", "name", "小陈", "password", chosen), 303)

	if got := c.do("POST", "/desk/logout", nil); got.status != http.StatusSeeOther {
		t.Errorf("log out: %d", got.status)
	}
	if got := c.do("GET", "/desk/queue", nil, "Cookie", "guanjia_desk="+token); got.status != http.StatusUnauthorized {
		t.Errorf("after logging out the token still opens the queue: %d", got.status)
	}
}

// keptHashed looks into the records for a password and a token as they are.
func (d *running) keptHashed(token string) {
	d.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(d.dir, "guanjia.db")+"?mode=ro")
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	var secret string
	if err := db.QueryRow("SELECT secret FROM staff WHERE name = '小陈'").Scan(&secret); err != nil {
		d.t.Fatal(err)
	}
	if !strings.HasPrefix(secret, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(secret, theirPassword) {
		d.t.Errorf("the password is kept as %q", secret)
	}
	var n int
	if err := db.QueryRow("SELECT COUNT(*) FROM session WHERE CAST(hash AS TEXT) = ?", token).Scan(&n); err != nil || n != 0 {
		d.t.Errorf("the session's token is kept as it is (%d, %v)", n, err)
	}
}

// TestDeskGuessingIsSlowed tries passwords until the desk makes one wait.
func TestDeskGuessingIsSlowed(t *testing.T) {
	w := newWheel(tuesday())
	w.hold() // on a slow machine a wait of seconds is over before the next try
	d := serve(t, w.now)
	d.hire("小陈")
	d.hire("小李")
	c := newClient(t, d.inner)
	for i := range 5 {
		if got := c.signIn("小陈", "guess"); got.status != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i, got.status)
		}
	}
	for i := 3; i < 8; i++ { // each guess doubles the wait
		w.turn(time.Second << (i - 1)) // the last wait is over
		if got := c.signIn("小陈", "guess"); got.status != http.StatusUnauthorized {
			t.Fatalf("a guess after waiting: %d", got.status)
		}
		got := c.signIn("小陈", theirPassword)
		if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
			t.Fatalf("the right password while waiting: %d, Retry-After %q", got.status, got.header.Get("Retry-After"))
		}
	}
	if got := newClient(t, d.inner).signIn("小李", theirPassword); got.status != http.StatusSeeOther {
		t.Errorf("a colleague is kept out too: %d", got.status)
	}
	w.turn(15 * time.Minute)
	if got := c.signIn("小陈", theirPassword); got.status != http.StatusSeeOther {
		t.Errorf("after a quarter of an hour: %d", got.status)
	}
}

// TestDeskSessionsEnd lets sessions end by idleness, by age and by a reset.
func TestDeskSessionsEnd(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	idle, busy, reset := d.colleague("闲"), d.colleague("忙"), d.colleague("换")
	open := func(c *client) int { return c.get("/desk/queue").status }

	w.turn(20 * time.Minute)
	if got := busy.post("/desk/here", object{}); got.status != http.StatusNoContent {
		t.Fatalf("here: %d", got.status)
	}
	if open(idle) != http.StatusOK { // a page refreshing itself is no person
		t.Error("ended after 20 minutes")
	}
	w.turn(15 * time.Minute)
	if open(idle) != http.StatusUnauthorized || open(busy) != http.StatusOK {
		t.Errorf("after 35 minutes: idle %d, busy %d", open(idle), open(busy))
	}
	for range 33 { // 11 h 35 min in all
		busy.post("/desk/here", object{})
		w.turn(20 * time.Minute)
	}
	if open(busy) != http.StatusOK {
		t.Error("a busy session ended before its time")
	}
	busy.post("/desk/here", object{})
	w.turn(26 * time.Minute)
	if got := busy.post("/desk/here", object{}); got.status != http.StatusUnauthorized {
		t.Errorf("after twelve hours: %d", got.status)
	}
	if got := reset.signIn("换", theirPassword); got.status != http.StatusSeeOther {
		t.Fatalf("sign in again: %d", got.status)
	}
	if r := guanjia(t, "another-password\n", "staff", "reset", "--data", d.dir, "--password", "换"); r.status != 0 {
		t.Fatal(r.err)
	}
	if open(reset) != http.StatusUnauthorized {
		t.Error("a new password left the old session open")
	}
}

// TestDeskStreamLosesNothing (C1) breaks the stream while things happen: every
// change arrives once, in order, whatever was missed.
func TestDeskStreamLosesNothing(t *testing.T) {
	d := serve(t, going(tuesday()))
	o := d.colleague("小陈")
	start, _ := o.queue()
	live := o.listen(fmt.Sprintf("?after=%d", start))
	v := d.visitor()
	v.says("message-1", "你好")
	v.says("message-2", "转人工")
	middle, _ := o.queue()
	seen := live.until(middle)
	live.close()

	var missed []string
	for i := range 320 { // nobody listens
		missed = append(missed, fmt.Sprintf("第 %d 件事", i))
	}
	d.speak("wechat", "c1", missed...)
	end, _ := o.queue()
	if end-middle < 600 { // more than one reading of the records
		t.Fatalf("only %d changes were missed", end-middle)
	}
	again := o.listen("", "Last-Event-ID", fmt.Sprint(middle))
	seen = append(seen, again.until(end)...)
	v.says("message-3", "还在吗")
	last, _ := o.queue()
	seen = append(seen, again.until(last)...)

	for i, n := range seen {
		if n != start+int64(i)+1 {
			t.Fatalf("change %d of the page is number %d of the records; it saw %v", i, n, seen)
		}
	}
	if int64(len(seen)) != last-start {
		t.Errorf("%d of %d changes arrived", len(seen), last-start)
	}
}

// TestDeskSaysOnce (C6, C10) sends one reply many times at once, and stale ones.
func TestDeskSaysOnce(t *testing.T) {
	d := serve(t, going(tuesday()))
	o, p := d.colleague("小陈"), d.colleague("小李")
	v := d.visitor()
	v.says("message-1", "转人工")
	_, rows := o.queue()
	citizen := rows[0]["citizen"].(string)
	at := "/desk/conversation/" + citizen
	seen := func() float64 { l := o.talkLines(citizen); return l[len(l)-1]["id"].(float64) }

	if got := o.post(at+"/say", object{"text": "您好", "key": "before-taking", "seen": seen()}); got.status != http.StatusConflict || !strings.Contains(got.text, "先接入") {
		t.Errorf("a reply before taking: %d %s", got.status, got.text)
	}
	if got := o.post(at+"/take", object{}); got.status != http.StatusOK {
		t.Fatalf("take: %d %s", got.status, got.text)
	}
	for what, got := range map[string]answer{
		"take": p.post(at+"/take", object{}), "say": p.post(at+"/say", object{"text": "我来", "key": "not-mine-1", "seen": seen()}),
		"close": p.post(at+"/close", object{}), "back": p.post(at+"/back", object{}),
	} {
		if got.status != http.StatusConflict || !strings.Contains(got.text, "由小陈接待") {
			t.Errorf("a colleague's %s: %d %s", what, got.status, got.text)
		}
	}

	before := seen()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := o.post(at+"/say", object{"text": "您好，我是小陈", "key": "same-key-1", "seen": before}); got.status != http.StatusOK {
				t.Errorf("a repeat: %d %s", got.status, got.text)
			}
		})
	}
	all.Wait()
	said := slices.DeleteFunc(o.talkLines(citizen), func(l object) bool { return l["speaker"] != "operator" })
	if len(said) != 1 {
		t.Errorf("said %d times: %v", len(said), said)
	}

	if got := p.post(at+"/note", object{"text": "此人上周来过"}); got.status != http.StatusOK {
		t.Errorf("a colleague's note: %d %s", got.status, got.text)
	}
	stale := object{"text": "请问您是第一次来吗", "key": "stale-key-1", "seen": said[0]["id"]}
	if got := o.post(at+"/say", stale); got.status != http.StatusConflict || !strings.Contains(got.text, "新消息") {
		t.Errorf("a stale reply: %d %s", got.status, got.text)
	}
	stale["seen"] = seen()
	if got := o.post(at+"/say", stale); got.status != http.StatusOK {
		t.Errorf("the same after looking: %d %s", got.status, got.text)
	}
	history := v.get("/chat/history")
	if strings.Count(history.text, "我是小陈") != 1 || strings.Contains(history.text, "此人") {
		t.Errorf("the citizen reads %s", history.text)
	}
}

// TestDeskOneTakes (C10) lets many operators reach for one conversation at once.
func TestDeskOneTakes(t *testing.T) {
	d := serve(t, going(tuesday()))
	v := d.visitor()
	v.says("message-1", "转人工")
	var crowd []*client
	for i := range 6 {
		crowd = append(crowd, d.colleague(fmt.Sprintf("坐席%d", i)))
	}
	_, rows := crowd[0].queue()
	at := "/desk/conversation/" + rows[0]["citizen"].(string)
	var all sync.WaitGroup
	won := make(chan int, len(crowd))
	for i, c := range crowd {
		all.Go(func() {
			if c.post(at+"/take", object{}).status == http.StatusOK {
				won <- i
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d operators took the same conversation", len(won))
	}
	winner := <-won
	_, rows = crowd[0].queue()
	if rows[0]["status"] != "taken" || rows[0]["operator"] != fmt.Sprintf("坐席%d", winner) {
		t.Errorf("the queue says %v", rows[0])
	}
}

// TestDeskPacket looks at what the operator is told of a booking under way.
func TestDeskPacket(t *testing.T) {
	d := serve(t, going(tuesday()))
	o, v := d.colleague("小陈"), d.visitor()
	for i, words := range []string{"我想预约办居住证", "虎门", "11月26日", "15:00", "陈小明", "13800138000", "转人工"} {
		v.says(fmt.Sprintf("message-%d", i), words)
	}
	_, rows := o.queue()
	if len(rows) != 1 {
		t.Fatalf("%d in the queue", len(rows))
	}
	row := fmt.Sprint(rows[0])
	for _, want := range []string{"要求人工", "预约办事", "居住证", "虎门", "138****8000", "姓名", "陈", "web"} {
		if !strings.Contains(row, want) {
			t.Errorf("the packet lacks %q: %s", want, row)
		}
	}
	for _, particular := range []string{"13800138000", "陈小明"} {
		if strings.Contains(row, particular) {
			t.Errorf("the packet shows %q", particular)
		}
	}
	if d.list("handoffs")[0]["status"] != "waiting" {
		t.Error("the records do not hold the handoff")
	}
}

// TestEmergencyIsListedWhereItIs has citizens name the town of an emergency
// with it, after it, and while they are at an errand elsewhere: the desk lists
// it there, by the words that raised it, whatever is said since.
func TestEmergencyIsListedWhereItIs(t *testing.T) {
	d := serve(t, going(tuesday()))
	o := d.colleague("小陈")
	for i, said := range [][]string{
		{"我在虎门镇，楼下着火了", "好的，我们都下楼了"},
		{"楼下着火了", "在虎门镇沙角社区"},
		{"我想预约办居住证", "莞城", "虎门镇这边楼下着火了", "消防车来了"},
	} {
		v := d.visitor()
		for k, words := range said {
			v.says(fmt.Sprintf("message-%d-%d", i, k), words)
		}
	}
	_, rows := o.queue()
	if len(rows) != 3 {
		t.Fatalf("%d in the queue", len(rows))
	}
	for _, r := range rows {
		if alarm, _ := r["alarm"].(string); r["town"] != "虎门镇" || !strings.Contains(alarm, "楼下着火了") || r["urgent"] != true {
			t.Errorf("an emergency is listed as %v", r)
		}
	}
}

// TestEmergencyWhileHeld has a citizen come into danger while a person holds
// the conversation: the bot stays silent and the desk is told loudly.
func TestEmergencyWhileHeld(t *testing.T) {
	d := serve(t, going(tuesday()))
	o, v := d.colleague("小陈"), d.visitor()
	v.says("message-1", "转人工")
	_, rows := o.queue()
	if got := o.post("/desk/conversation/"+rows[0]["citizen"].(string)+"/take", object{}); got.status != http.StatusOK {
		t.Fatalf("take: %d %s", got.status, got.text)
	}
	seq, _ := o.queue()
	v.says("message-2", "厨房着火了")
	changes := o.listen(fmt.Sprintf("?after=%d", seq))
	for {
		if !changes.scan.Scan() {
			t.Fatalf("no urgent change came: %v", changes.scan.Err())
		}
		if strings.Contains(changes.scan.Text(), `"kind":"urgent"`) {
			break
		}
	}
	_, rows = o.queue()
	if rows[0]["urgent"] != true || rows[0]["status"] != "taken" || rows[0]["unanswered"] == nil {
		t.Errorf("the queue says %v", rows[0])
	}
	if l := o.talkLines(rows[0]["citizen"].(string)); l[len(l)-1]["speaker"] != "citizen" {
		t.Errorf("the bot spoke: %v", l[len(l)-1])
	}
}

// TestDeskPassesOn (C4) hands a conversation to a colleague, to the queue, and
// takes it from one who left.
func TestDeskPassesOn(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	d.speak("wechat", "c1", "我想预约办居住证", "转人工")
	d.speak("wechat", "c2", "转人工")
	a, b := d.colleague("陈静"), d.colleague("李伟")
	talk := "/desk/conversation/c1/"
	must(t, a.post(talk+"take", object{}), 200)
	must(t, a.post(talk+"pass", object{"to": "王五"}), 409)
	must(t, b.post(talk+"pass", object{"to": ""}), 409) // not theirs
	must(t, a.post(talk+"pass", object{"to": "李伟", "text": "他要带孩子来"}), 200)
	must(t, a.post(talk+"say", object{"text": "我还在", "key": "passed-on-1", "seen": 1e9}), 409) // no longer theirs
	if _, rows := b.queue(); rows[1]["citizen"] != "c1" || rows[1]["operator"] != "李伟" {
		t.Errorf("passed to 李伟: %v", rows)
	}
	if last := b.talkLines("c1"); last[len(last)-1]["text"] != "他要带孩子来" || last[len(last)-1]["speaker"] != "note" {
		t.Errorf("the note: %v", last[len(last)-1])
	}
	must(t, b.post(talk+"pass", object{}), 200)
	if _, rows := b.queue(); rows[0]["citizen"] != "c1" || rows[0]["status"] != "waiting" {
		t.Errorf("back in the queue it is not first: %v", rows)
	}
	must(t, b.post(talk+"take", object{}), 200)
	b.post("/desk/logout", object{})
	eventually(t, "the absent operator's conversation waits again", func() bool {
		_, rows := a.queue()
		return len(rows) == 2 && rows[0]["citizen"] == "c1" && rows[0]["status"] == "waiting"
	})
	d.speak("wechat", "c3", "你好")
	must(t, a.get("/desk/conversation/c3"), 404)
}

// TestDeskToolsAndWall tags, searches the guides, reads older lines and the
// day's figures.
func TestDeskToolsAndWall(t *testing.T) {
	d := serve(t, going(tuesday()))
	d.speak("web", "c1", "居住证要带什么材料", "转人工")
	a := d.colleague("陈静")
	admin := newClient(t, d.inner)
	admin.signIn("admin", d.admin)
	must(t, a.post("/desk/conversation/c1/take", object{}), 200)
	must(t, a.post("/desk/conversation/c1/tag", object{"name": "回访"}), 200)
	must(t, a.post("/desk/conversation/c1/tag", object{"name": "电话13812345678"}), 422)
	open := a.get("/desk/conversation/c1").json(t)
	if tags := open["tags"].([]any); len(tags) != 1 || tags[0] != "回访" {
		t.Errorf("tags: %v", tags)
	}
	found := open["suggestions"].([]any)
	if len(found) == 0 || !strings.Contains(found[0].(map[string]any)["text"].(string), "身份证") {
		t.Errorf("suggested: %v", found)
	}
	suggests := func(after int64, want string) {
		t.Helper()
		found, _ := a.get(fmt.Sprintf("/desk/conversation/c1?after=%d", after)).json(t)["suggestions"].([]any)
		if len(found) == 0 || !strings.Contains(fmt.Sprint(found[0]), want) {
			t.Errorf("suggested: %v, want %s", found, want)
		}
	}
	told := func() int64 { last := a.talkLines("c1"); return int64(last[len(last)-1]["id"].(float64)) }
	seen := told()
	d.speak("web", "c1", "对了，我身份证丢了怎么补办")
	suggests(seen, "居民身份证丢失补领") // as the citizen goes on
	seen = told()
	if more := a.get(fmt.Sprintf("/desk/conversation/c1?after=%d", seen)).json(t); more["suggestions"] != nil {
		t.Errorf("nothing new was told: %v", more["suggestions"])
	}
	d.speak("web", "c1", "那大概要交多少钱呢")
	suggests(seen, "元") // read with what was told before
	d.speak("web", "c1", "我家的狗今天不太高兴")
	suggests(0, "居民身份证丢失补领") // of which the guides know nothing
	lines := open["lines"].([]any)
	last := int64(lines[len(lines)-1].(map[string]any)["id"].(float64))
	if older := a.get(fmt.Sprintf("/desk/conversation/c1/earlier?before=%d", last)); !strings.Contains(older.text, "居住证要带什么材料") {
		t.Errorf("older lines: %s", older.text)
	}
	must(t, a.post("/desk/quick", object{"title": "x", "text": "y"}), 403)
	must(t, admin.post("/desk/quick", object{"title": "停车", "text": "市民服务中心地下有停车场。"}), 200)
	if quick := a.get("/desk/quick"); !strings.Contains(quick.text, "停车场") || !strings.Contains(quick.text, "{坐席}") {
		t.Errorf("quick replies: %s", quick.text)
	}
	must(t, a.get("/desk/wall/figures"), 403)
	for accept, want := range map[string]string{"text/html,*/*": `<p role="alert">这通电话已经结束。</p>`, "*/*": `{"error":"这通电话已经结束。"}`} {
		if got := admin.do("GET", "/desk/calls/gone", nil, "Accept", accept); got.status != http.StatusNotFound || !strings.Contains(got.text, want) {
			t.Errorf("a call that is over, to who accepts %s: %d %s", accept, got.status, got.text)
		}
	}
	if f := admin.get("/desk/wall/figures").json(t); f["held"] != 1.0 || f["offered"] != 1.0 || f["taken"] != 1.0 || f["conversations"] != 1.0 {
		t.Errorf("the wall: %v", f)
	}

	// A supervisor looks on, whispers, and gives the conversation to another.
	held := a.get("/desk/conversation/c1").json(t)
	b := d.colleague("李伟")
	must(t, admin.post("/desk/conversation/c1/note", object{"text": "先问他户口在哪里"}), 200)
	eventually(t, "the whisper", func() bool { return a.row("c1")["note"] == "admin：先问他户口在哪里" })
	must(t, a.post("/desk/conversation/c1/say", object{"text": "您户口在东莞吗", "key": "after-whisper", "seen": 1e9, "fence": held["fence"]}), 200)
	eventually(t, "the whisper to be heard", func() bool { return a.row("c1")["note"] == "" })
	must(t, b.post("/desk/conversation/c1/assign", object{"to": "李伟"}), 403)
	must(t, admin.post("/desk/conversation/c1/assign", object{"to": "王五"}), 409) // is not there
	must(t, admin.post("/desk/conversation/c1/assign", object{"to": "李伟", "text": "他熟"}), 200)
	must(t, a.post("/desk/conversation/c1/say", object{"text": "还有呢", "key": "after-assign", "seen": 1e9, "fence": held["fence"]}), 409)
	if last := b.talkLines("c1"); last[len(last)-1]["name"] != "admin" || last[len(last)-1]["text"] != "改派给李伟：他熟" || b.row("c1")["operator"] != "李伟" {
		t.Errorf("assigned: %v, %v", b.row("c1"), last[len(last)-1])
	}
	d.speak("wechat", "c2", "转人工")
	must(t, admin.post("/desk/conversation/c2/assign", object{"to": "陈静"}), 200) // it only waits
	if a.row("c2")["operator"] != "陈静" {
		t.Errorf("assigned while waiting: %v", a.row("c2"))
	}
	must(t, admin.post("/desk/conversation/c2/assign", object{}), 200)
	if a.row("c2")["status"] != "waiting" {
		t.Errorf("back in the queue: %v", a.row("c2"))
	}
}

// must fails unless an answer has the status.
func must(t *testing.T, got answer, status int) {
	t.Helper()
	if got.status != status {
		t.Errorf("answered %d, want %d: %s", got.status, status, got.text)
	}
}
