package main

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"guanjia/bot/bottest"
	"guanjia/config"
)

// TestLogsHoldNoWords plays conversations, faults among them, with everything
// logged that can be, and looks for what citizens said, their names, numbers
// and addresses.
func TestLogsHoldNoWords(t *testing.T) {
	settings, _, err := config.Load(config.Input{})
	if err != nil {
		t.Fatal(err)
	}
	log := &tail{}
	tell, err := newTester(t.Context(), &program{settings: settings, log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), lent: stand(t).house})
	if err != nil {
		t.Fatal(err)
	}
	defer tell.close()
	files, err := bottest.Conversations()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	report := bottest.NewReport()
	for i, f := range files {
		if os.Getenv("GUANJIA_PROVE") == "" && i%4 != 1 && !strings.HasSuffix(f.Name, "faults.yml") {
			continue
		}
		if err := report.Play(t.Context(), f, tell.open); err != nil {
			t.Fatal(err)
		}
		for _, c := range f.Cases {
			for _, s := range c.Steps {
				// Shorter ones may be words of the program's own.
				if s.User != nil && utf8.RuneCountInString(*s.User) >= 3 {
					said[strings.TrimSpace(*s.User)] = true
				}
			}
		}
	}
	logged := log.String()
	if len(said) < 100 || !strings.Contains(logged, `"level"`) {
		t.Fatalf("%d things were said and %d bytes logged", len(said), len(logged))
	}
	for words := range said {
		if words != "" && strings.Contains(logged, words) {
			t.Errorf("the log holds %q", words)
		}
	}
	for _, particular := range []string{"陈小明", "张三", "李四", "13812345678", "13800138000", "13911112222"} {
		if strings.Contains(logged, particular) {
			t.Errorf("the log holds the particular %q", particular)
		}
	}
	t.Logf("%d conversations, %d bytes logged", report.Passed+report.Failed, len(logged))
}
