package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUpgrade opens records that earlier versions of the program made (one
// citizen booked, one asked for help, one waits for a person; the folder's name
// is the schema's) and goes on where they were.
func TestUpgrade(t *testing.T) {
	folders, err := filepath.Glob("testdata/upgrade/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no earlier records to open", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			data := unpack(t, folder)
			talk := []struct{ text, citizen, want string }{
				{"我的预约", "c1", "YY2612010013"},
				{"改到下午三点", "c1", "15:00"},
				{"是", "c1", "改好了"},
				{"查进度 DG2026120100014", "c2", "已受理"},
			}
			var in strings.Builder
			for _, s := range talk {
				fmt.Fprintf(&in, "{\"text\":%q,\"citizen\":%q}\n", s.text, s.citizen)
			}
			got := lines(t, guanjia(t, in.String(), "chat", "--json", "--data", data, "--now", "2026-12-01T11:00:00+08:00"))
			for i, s := range talk {
				if text, _ := replies(got[i]); !strings.Contains(text, s.want) {
					t.Errorf("%s is answered %q, without %q", s.text, text, s.want)
				}
			}
			for what, want := range map[string]string{"appointments": "陈大文", "tickets": "13900139000", "handoffs": "waiting"} {
				if r := guanjia(t, "", "list", what, "--reveal", "--data", data); !strings.Contains(r.out, want) {
					t.Errorf("list %s shows %q, without %q", what, r.out, want)
				}
			}
			if r := guanjia(t, "", "audit", "verify", "--data", data); r.status != 0 {
				t.Errorf("audit verify after the upgrade: %s", r.err)
			}
		})
	}
}

func unpack(t *testing.T, folder string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "data.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	packed, err := os.Open(filepath.Join(to, "guanjia.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "guanjia.db"), body, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
