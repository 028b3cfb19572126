package storetest

import (
	"context"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testUpload: a file that waits for a yes is there for who chose it, on that
// page, over a restart, until its time is over or it is let go.
func testUpload(t *testing.T, open Open) {
	dir := t.TempDir()
	first, err := open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s := &installation{Store: first, t: t}
	ctx := context.Background()
	s.must(s.AddStaff(ctx, store.Staff{Name: "amy", Role: "administrator", CreatedAt: monday}))
	waits := func(staff, page string, at time.Time) string {
		t.Helper()
		u, ok, err := s.Upload(ctx, staff, page, at)
		s.must(err)
		if !ok {
			return ""
		}
		return u.Name + ":" + string(u.Raw)
	}
	s.must(s.KeepUpload(ctx, "amy", "guides", bot.Upload{Name: "a.csv", Raw: []byte("1"), Until: monday.Add(time.Hour)}))
	s.must(s.KeepUpload(ctx, "amy", "guides", bot.Upload{Name: "b.csv", Raw: []byte("\x002"), Until: monday.Add(time.Hour)}))
	s.must(first.Close())
	s = opened(t, open, store.Options{Dir: dir})
	for _, test := range []struct {
		staff, page string
		at          time.Time
		want        string
	}{
		{"amy", "guides", monday, "b.csv:\x002"}, {"amy", "services", monday, ""}, {"bob", "guides", monday, ""}, {"amy", "guides", monday.Add(time.Hour), ""},
	} {
		if got := waits(test.staff, test.page, test.at); got != test.want {
			t.Errorf("%s, %s: %q, not %q", test.staff, test.page, got, test.want)
		}
	}
	s.must(s.EndStaleSessions(ctx, monday, monday.Add(time.Minute)))
	if waits("amy", "guides", monday) == "" {
		t.Error("forgotten before its time was over")
	}
	s.must(s.DropUpload(ctx, "amy", "guides"))
	if got := waits("amy", "guides", monday); got != "" {
		t.Errorf("let go and still there: %q", got)
	}
}
