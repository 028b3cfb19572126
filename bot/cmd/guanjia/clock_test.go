package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanjia/bot/redis/redistest"
	"guanjia/bot/store"
	"guanjia/bot/store/pgtest"
	"guanjia/channels/wechat/wechattest"
)

// TestClockSet sets a service's clock forward and back by hours amid what it
// does, and once more beside a restart, or a takeover by an instance whose clock
// is right. Meanwhile the platform's callbacks are refused, by name, and citizens
// on the web are answered; afterwards nobody waits for the hours to pass, nothing
// is booked or said twice, and nothing is late.
func TestClockSet(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		dir := t.TempDir()
		setClock(t, store.Options{Dir: dir, KeyFile: filepath.Join(dir, "data.key")}, nil)
	})
	t.Run("PostgreSQL", func(t *testing.T) { // as two instances
		var server pgtest.Server
		t.Cleanup(func() {
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		})
		shared, dir := redistest.Start(t), t.TempDir()
		setClock(t, store.Options{Dir: dir, KeyFile: filepath.Join(dir, "data.key"), Database: server.Database(t, "clock")}, shared)
	})
}

// setClock is TestClockSet on records; shared is nil where there is one instance.
func setClock(t *testing.T, records store.Options, shared *redistest.Server) {
	const hours = 6 * time.Hour
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	begun, dir := time.Now().Round(0), records.Dir // as the records keep it: no monotonic reading
	w, right := newWheel(begun), newWheel(begun)
	serve := func(clock *wheel) *official {
		env, at := accountSettings(api, testKey), dir
		if shared != nil {
			env, at = append(env, "GUANJIA_DATABASE_URL="+records.Database, "GUANJIA_DATA_KEY_FILE="+records.KeyFile, "GUANJIA_PEER_ADDR="+freePort(t), "GUANJIA_REDIS_URL=redis://"+shared.Addr), t.TempDir()
		}
		r := launch(t, at, &program{env: env, waits: patient(), clock: clock.now, pulse: time.Second})
		r.records = databaseFlags(records)
		o := &official{r, api, accountAt(r.public, api)}
		o.account.Deadline = time.Minute
		return o
	}
	o := serve(w)
	admin := o.admin
	day := spoken(freeDays(t, dir, "residence-permit", "humen", databaseFlags(records)...)[1])
	for _, words := range []string{"我想预约办居住证", "虎门", day + "下午三点"} {
		o.say("oHolds", words)
	}
	o.hears("oHolds", "我叫张三，电话13800138000", "确认")
	o.hears("oCalls", "转人工", "人工")
	desk := o.signIn("admin", admin)
	id := desk.waiting()
	desk.do(id, "take", "")
	api.Fail(wechattest.Fault{Path: sendPath, Times: 1 << 20, Code: -1})

	w.turn(hours)
	if r, err := o.account.Text(t.Context(), "oHolds", "确认"); err != nil || r.Status != http.StatusForbidden {
		t.Errorf("a callback %v off: %+v %v", hours, r, err)
	}
	if page := newClient(t, o.inner).get("/metrics").text; !strings.Contains(page, `guanjia_wechat_refused_total{reason="timestamp"} 1`) {
		t.Error("the figures do not say why")
	}
	if heard := o.visitor().says("message-1", "居住证要带什么材料"); len(heard) < 2 {
		t.Errorf("on the web: %v", heard)
	}
	desk = o.signIn("admin", admin) // hours have passed, and whoever did not come back has nobody any more
	desk.do(id, "take", "")
	desk.do(id, "say", "马上帮您查。")
	eventually(t, "the words to be tried", func() bool { return api.Asked(sendPath) > 0 })
	w.turn(-hours)
	api.Heal()
	if sent := o.awaitSent("oCalls", 1); len(sent) != 1 || sent[0].Text != "马上帮您查。" {
		t.Errorf("%+v", sent)
	}
	for range 2 { // the place was held by a clock that had gone past it
		if answer := o.say("oHolds", "确认"); !strings.Contains(answer, "预约号") && !strings.Contains(answer, "办好了") {
			t.Errorf("told %q", answer)
		}
	}
	if booked := appointments(t, dir, databaseFlags(records)...); len(booked) != 1 {
		t.Errorf("booked %v", booked)
	}

	api.Fail(wechattest.Fault{Path: sendPath, Times: 1 << 20, Code: -1})
	w.turn(hours)
	tried := api.Asked(sendPath)
	desk = o.signIn("admin", admin)
	desk.do(id, "take", "")
	desk.do(id, "say", "查到了。")
	eventually(t, "more words to be tried", func() bool { return api.Asked(sendPath) > tried })
	if shared == nil {
		o.stop()
		api.Heal()
		o = serve(right)
	} else {
		next := serve(right) // which follows, until the other ends
		o.stop()
		api.Heal()
		eventually(t, "the next to lead", func() bool { return newClient(t, next.inner).get("/readyz").text == "ready\n" })
		o = next
	}
	if sent := o.awaitSent("oCalls", 2); len(sent) != 2 || sent[1].Text != "查到了。" {
		t.Errorf("%+v", sent)
	}
	o.hears("oHolds", "我的预约", "您有 1 个预约")
}
