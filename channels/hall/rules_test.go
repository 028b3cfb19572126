package hall

import (
	"testing"
	"time"

	"guanjia/bot/booking"
)

// The rules are read and written in the units people use: what was shown and is
// sent back unchanged changes nothing, a day is a day and nine is 09:00.
func TestRulesInPeoplesUnits(t *testing.T) {
	now := booking.DefaultRules()
	shown := map[string]string{}
	for _, f := range fieldsOf(now) {
		shown[f.Key] = f.Value
	}
	for key, want := range map[string]string{"ban": "30", "no_show_window": "30", "release_at": "09:00", "cancel_before": "120"} {
		if shown[key] != want {
			t.Errorf("%s shows %q, not %q", key, shown[key], want)
		}
	}
	value := func(key string) string { return shown[key] }
	same, err := rulesFrom(value, now)
	if err != nil || len(changesOf(now, same)) != 0 {
		t.Errorf("sent back as shown: %v %v", err, changesOf(now, same))
	}
	shown["ban"], shown["release_at"] = "1.5", "8：30"
	becomes, err := rulesFrom(value, now)
	if err != nil || becomes.Ban != 36*time.Hour || becomes.ReleaseAt != 8*time.Hour+30*time.Minute {
		t.Errorf("ban %v, release %v: %v", becomes.Ban, becomes.ReleaseAt, err)
	}
	for _, bad := range []struct{ key, value string }{{"ban", "一个月"}, {"ban", "NaN"}, {"release_at", "540"}, {"release_at", "25:00"}} {
		was := shown[bad.key]
		shown[bad.key] = bad.value
		if _, err := rulesFrom(value, now); err == nil {
			t.Errorf("%s takes %q", bad.key, bad.value)
		}
		shown[bad.key] = was
	}
}
