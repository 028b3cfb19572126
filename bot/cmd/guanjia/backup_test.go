package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupThroughTheOwner copies the records of a running service and brings
// them up elsewhere.
func TestBackupThroughTheOwner(t *testing.T) {
	d := serve(t, going(tuesday()))
	d.speak("wechat", "c1", "我想预约办居住证", "虎门", "11月26日", "15:00", "陈小明", "13812345678", "确认")
	file := filepath.Join(t.TempDir(), "copy.db")
	if r := guanjia(t, "", "--data", d.dir, "backup", file); r.status != 0 || !strings.Contains(r.out, file) {
		t.Fatalf("backup: %+v", r)
	}
	if r := guanjia(t, "", "--data", d.dir, "backup", file); r.status != 2 {
		t.Errorf("over a file: %+v", r)
	}
	if r := guanjia(t, "", "--data", d.dir, "restore", file); r.status != 2 {
		t.Errorf("into a running service: %+v", r)
	}
	dir := t.TempDir()
	key, err := os.ReadFile(filepath.Join(d.dir, "data.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := guanjia(t, "", "--data", dir, "restore", filepath.Join(dir, "nothing.db")); r.status != 2 {
		t.Errorf("of nothing: %+v", r)
	}
	if r := guanjia(t, "", "--data", dir, "restore", file); r.status != 0 {
		t.Fatalf("restore: %+v", r)
	}
	got := lines(t, guanjia(t, "", "--data", dir, "list", "appointments", "--json", "--reveal"))
	if len(got) != 1 || got[0]["phone"] != "13812345678" {
		t.Errorf("restored: %v", got)
	}

	// An account of a body that is not there is told which there are.
	if r := guanjia(t, "", "--data", d.dir, "staff", "add", "hu", "--role", "department", "--department", "none"); r.status != 2 || !strings.Contains(r.err, "cgj（") {
		t.Errorf("a department that is not there: %+v", r)
	}

	// The key changes under the running service; the backup keeps to the old.
	if r := guanjia(t, "", "--data", d.dir, "key", "rotate"); r.status != 0 || !strings.Contains(r.out, "old key") || !strings.Contains(r.out, "copy of the new key") {
		t.Fatalf("rotate: %+v", r)
	}
	got = lines(t, guanjia(t, "", "--data", d.dir, "list", "appointments", "--json", "--reveal"))
	if len(got) != 1 || got[0]["phone"] != "13812345678" {
		t.Errorf("under the new key: %v", got)
	}
	d.speak("wechat", "c1", "我的预约")
	if key, err = os.ReadFile(filepath.Join(d.dir, "data.key")); err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	r := guanjia(t, "", "--data", dir, "restore", file)
	if r.status != 2 || !strings.Contains(r.err, "key") {
		t.Errorf("the old backup with the new key: %+v", r)
	}

	// So does the cipher, of what was there before too.
	if r := guanjia(t, "", "--data", d.dir, "key", "rotate", "--cipher", "sm4"); r.status != 0 || !strings.Contains(r.out, "key reseal") {
		t.Fatalf("rotate to another cipher: %+v", r)
	}
	if r := guanjia(t, "", "--data", d.dir, "key", "reseal", "--after", "1ms"); r.status != 0 || !strings.Contains(r.out, "went over to sm4") || !strings.Contains(r.err, "line.body") {
		t.Fatalf("reseal: %+v", r)
	}
	state := guanjia(t, "", "--data", d.dir, "key", "state")
	if !strings.Contains(state.out, "aes\t0 citizens\t0 records") || strings.Contains(state.out, "sm4\t0 citizens") {
		t.Errorf("afterwards: %+v", state)
	}
	got = lines(t, guanjia(t, "", "--data", d.dir, "list", "appointments", "--json", "--reveal"))
	if len(got) != 1 || got[0]["phone"] != "13812345678" {
		t.Errorf("under the new cipher: %v", got)
	}
	d.speak("wechat", "c1", "我的预约")
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 {
		t.Errorf("the trail: %+v", r)
	}

	// An installation may begin with another cipher, once.
	dir = t.TempDir()
	if r := guanjia(t, "", "--data", dir, "key", "new"); r.status != 0 || !strings.Contains(r.out, "installation key: sm4, digests of sm4") {
		t.Fatalf("a key before the first start: %+v", r)
	}
	if r := guanjia(t, "", "--data", dir, "key", "new"); r.status != 2 || !strings.Contains(r.err, "key rotate") {
		t.Errorf("a second key: %+v", r)
	}
	if r := guanjia(t, "", "--data", dir, "key", "state"); !strings.Contains(r.out, "installation key: sm4") || !strings.Contains(r.out, "digests of sm4") {
		t.Errorf("begun with sm4: %+v", r)
	}
	if r := guanjia(t, "", "--data", d.dir, "key", "new"); r.status != 2 {
		t.Errorf("a key beside records: %+v", r)
	}
}
