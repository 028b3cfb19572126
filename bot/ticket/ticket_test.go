package ticket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
)

func catalogue() []Category {
	return []Category{
		{ID: "wages", Name: "欠薪", Default: Complaint, Phrases: []string{"拖欠工资", "老板不发工钱"}},
		{ID: "noise", Name: "生活噪声", Default: Complaint, Phrases: []string{"楼上太吵", "半夜唱歌"}},
		{ID: "road", Name: "道路", Default: Suggestion, Phrases: []string{"路上有大坑", "路口要加灯"}},
		{ID: "site", Name: "工地噪声", Default: Complaint, Phrases: []string{"工地半夜施工", "打桩太吵"}},
	}
}

func TestSort(t *testing.T) {
	s := NewSorter(catalogue(), Wording{})
	for text, want := range map[string]string{"老板拖欠工资三个月": "wages", "路上有个大坑": "road", "半夜有人唱歌": "noise"} {
		if got := s.Sort(text); got.Category.ID != want || !got.Sure || len(got.Reasons) == 0 {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if s.Sort("我有件事想说").Sure {
		t.Error("nothing points anywhere, and it is sure")
	}
	if s.Sort("噪声").Sure {
		t.Error("two categories are as near, and it is sure")
	}
}

// TestSortTellsWhole: what decided is told in the citizen's own words, whole ones.
func TestSortTellsWhole(t *testing.T) {
	s := NewSorter(catalogue(), Wording{})
	for text, want := range map[string]string{"老板拖欠工资三个月": "老板拖欠工资", "楼上有人半夜唱歌，楼上太吵了": "半夜唱歌"} {
		if got := s.Sort(text).Reasons; len(got) == 0 || got[0] != want {
			t.Errorf("%s: %q, want %q first", text, got, want)
		}
	}
	if got := s.Sort("工地有人打桩").Reasons; !slices.Equal(got, []string{"工地", "打桩"}) {
		t.Errorf("two stretches: %q", got)
	}
	if got := s.Sort("厨房上有人拖欠").Reasons; !slices.Equal(got, []string{"拖欠"}) {
		t.Errorf("beside a shard: %q", got)
	}
}

func TestSortByDepartment(t *testing.T) {
	s := NewSorter([]Category{
		{ID: "dogs", Name: "养犬", Department: "police", Phrases: []string{"狗吵"}},
		{ID: "music", Name: "音响", Department: "police", Phrases: []string{"歌吵"}},
		{ID: "stalls", Name: "摆摊", Department: "city", Phrases: []string{"喇叭", "档吵"}},
	}, Wording{})
	got := s.Sort("狗吵，歌吵")
	if got.Category.Department != "police" || !got.Sure {
		t.Errorf("two categories of one body: %+v", got)
	}
}

func TestSortWording(t *testing.T) {
	s := NewSorter(catalogue(), Wording{
		Fold:   strings.NewReplacer("資", "资").Replace,
		Ignore: []string{"大坑村"},
	})
	if got := s.Sort("拖欠工資"); got.Category.ID != "wages" || !got.Sure {
		t.Errorf("another script: %+v", got)
	}
	if got := s.Sort("大坑村"); got.Category.ID != "" || got.Sure {
		t.Errorf("a place's name is no matter: %+v", got)
	}
	if got := NewSorter(nil, Wording{}).Sort("拖欠工资"); got.Sure {
		t.Errorf("an empty catalogue is sure: %+v", got)
	}
}

func TestTypeOf(t *testing.T) {
	for _, c := range []struct {
		text     string
		fallback Type
		want     Type
	}{
		{"我要举报他", Complaint, Tipoff}, {"建议加个红绿灯", Complaint, Suggestion}, {"表扬小陈", Complaint, Praise}, {"谢谢那位帮我推车的交警", Complaint, Praise}, {"路灯不亮，麻烦来看看，谢谢", Complaint, Complaint}, {"感谢社区，但是垃圾还是臭", Complaint, Complaint},
		{"路上有个大坑，摔了人", Suggestion, Complaint}, {"路口要加灯", Suggestion, Suggestion}, {"没说什么", "", Complaint},
	} {
		if got := TypeOf(c.text, c.fallback); got != c.want {
			t.Errorf("%s: %s, not %s", c.text, got, c.want)
		}
	}
}

func TestDue(t *testing.T) {
	received := time.Date(2026, 11, 24, 16, 30, 0, 0, bot.Shanghai())
	limits := StandardLimits()
	for _, c := range []struct {
		kind   Kind
		as     Type
		amount float64
		want   string
	}{
		{Help, Assistance, 0, "2026-12-01"}, {Help, Assistance, 9000, "2026-12-01"}, {Help, Assistance, 30000, "2026-12-01"},
		{Report, Inquiry, 0, "2026-11-26"}, {Report, Suggestion, 0, "2026-12-08"},
		{Report, Complaint, 0, "2026-12-15"}, {Report, Tipoff, 0, "2026-12-15"}, {Report, Praise, 0, "2026-12-08"},
	} {
		due := Due(Ticket{Kind: c.kind, Type: c.as, Amount: c.amount, CreatedAt: received}, limits, NewClock(nil, limits))
		if got := due.Format(time.DateOnly); got != c.want || due.Format(time.TimeOnly) != "23:59:59" {
			t.Errorf("%s %s: %s", c.kind, c.as, due)
		}
	}
}

func TestCoordinates(t *testing.T) {
	if lat, lng := Coordinates("22.9376,113.8855"); lat != 22.9376 || lng != 113.8855 {
		t.Error(lat, lng)
	}
	for _, bad := range []string{"", "here", "91,0", "0,181", "1"} {
		if lat, lng := Coordinates(bad); lat != 0 || lng != 0 {
			t.Errorf("%q: %v %v", bad, lat, lng)
		}
	}
}
