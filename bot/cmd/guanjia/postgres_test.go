package main

import (
	"fmt"
	"strings"
	"testing"

	"guanjia/bot/store/pgtest"
	"guanjia/channels/wechat"
)

// TestServeOnPostgreSQL lets a citizen book and complain, ends the service and
// starts it again: everything is in the database, into which an embedded
// installation was moved before. A second instance beside it is refused, and says by whom.
func TestServeOnPostgreSQL(t *testing.T) {
	var server pgtest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url, dir := server.Database(t, "city"), t.TempDir()
	settings := []string{"GUANJIA_DATABASE_URL=" + url, "GUANJIA_DEMO=true"}
	begun := guanjia(t, "", "openings", "release", "--data", dir, "--demo=true") // an embedded installation until now
	moved := guanjia(t, "", "migrate-data", "--data", dir, "--database-url", url)
	if begun.status != 0 || moved.status != 0 || !strings.Contains(moved.out, "rows moved") || !strings.Contains(moved.err, "hall: ") {
		t.Fatalf("begin: %s; move: exit %d, %s%s", begun.err, moved.status, moved.err, moved.out)
	}
	d := start(t, dir, wechat.Times{}, settings...)
	v := d.visitor()
	for i, text := range []string{"我想预约下周一上午10点在虎门办居住证", "陈小明，13800138000", "确认", "楼下工地半夜施工噪音太大，我要投诉", "虎门镇", "太平路12号", "确认"} {
		v.says(fmt.Sprint("message-", i), text)
	}
	listed := func(what string) []object {
		return lines(t, guanjia(t, "", "list", what, "--json", "--data", dir, "--database-url", url))
	}
	booked, filed := listed("appointments"), listed("tickets")
	if len(booked) != 1 || booked[0]["hall_id"] != "humen" || len(filed) != 1 || filed[0]["town"] != "humen" {
		t.Fatalf("appointments %v, tickets %v", booked, filed)
	}
	second := guanjia(t, "", "serve", "--data", t.TempDir(), "--data-key-file", dir+"/data.key", "--database-url", url, "--demo=true")
	if second.status != 2 || !strings.Contains(second.err, "in use by another process") {
		t.Errorf("a second instance: exit %d, %s", second.status, second.err)
	}
	if written := guanjia(t, "", "openings", "release", "--data", dir, "--database-url", url); written.status != 0 {
		t.Errorf("a command beside the service: %s", written.err)
	}
	d.stop()
	for bad, want := range map[string]string{
		strings.Replace(url, "gate", "fate", 1):                    "refuses who asks",
		"postgres://guanjia:gate-7391@127.0.0.1:1/nothing-is-here": "cannot be reached",
	} {
		for _, command := range [][]string{{"serve"}, {"check"}} {
			r := guanjia(t, "", append(command, "--data", dir, "--database-url", bad)...)
			if r.status == 0 || !strings.Contains(r.err+r.out, want) || strings.Contains(r.err+r.out, "ate-7391") {
				t.Errorf("%v with another address: exit %d, %s%s", command, r.status, r.err, r.out)
			}
		}
	}
	if r := guanjia(t, "", "check", "--data", dir, "--database-url", url, "--demo=true"); r.status != 0 {
		t.Errorf("check: exit %d, %s%s", r.status, r.err, r.out)
	}
	if r := guanjia(t, "", "backup", dir+"/copy", "--data", dir, "--database-url", url); r.status != 2 || !strings.Contains(r.err, "pg_dump") {
		t.Errorf("backup: exit %d, %s", r.status, r.err)
	}
	d = start(t, dir, wechat.Times{}, settings...)
	if said := fmt.Sprint(d.as(v).says("message-again", "我的预约")); !strings.Contains(said, fmt.Sprint(booked[0]["number"])) {
		t.Errorf("after a new start: %s", said)
	}
}

// as is a browser that comes back to another start of the service.
func (d *running) as(v *client) *client {
	v.base = d.public
	return v
}
