package ticket

import "testing"

// TestNamesPlace tells a place from what else is said where a place was asked for.
func TestNamesPlace(t *testing.T) {
	for words, want := range map[string]bool{
		"锦厦": true, "西湖区": true, "在我家楼下": true, "连马路那边": true, "新塘村那个鞋厂，叫鑫达鞋厂": true, "就在镇上": true,
		"小的五岁": false, "先说医药费的": false, "就我一个人带": false, "投诉了三次都没人来": false, "好": false, "陈婆婆": false, "张先生": false, "是哪个村办的吗？": false,
	} {
		if got := NamesPlace(words); got != want {
			t.Errorf("%s: %v", words, got)
		}
	}
}

// TestPlacesTogether joins what is told of a place little by little.
func TestPlacesTogether(t *testing.T) {
	for _, c := range []struct{ before, now, want string }{
		{"", "河田村", "河田村"}, {"河田村", "河田大道88号对面", "河田村河田大道88号对面"}, {"河田村", "河田村", "河田村"},
		{"河田村连升路", "河田村", "河田村连升路"}, {"连升路", "8号", "连升路8号"}, {"连升路8号", "民昌路3号", "民昌路3号"},
		{"美佳超市", "东泰社区旁边", "东泰社区旁边，美佳超市"},
	} {
		if got := joined(c.before, c.now); got != c.want {
			t.Errorf("%s + %s: %q, not %q", c.before, c.now, got, c.want)
		}
	}
	for _, c := range []struct{ words, found, want string }{
		{"新塘村那个鞋厂，叫鑫达鞋厂", "新塘村", "新塘村那个鞋厂，叫鑫达鞋厂"}, {"河田村15号，电话13800138000", "河田村15号", "河田村15号"},
		{"田美村，半夜排黑烟", "田美村", "田美村"}, {"在连升路那边", "连升路那边", "连升路那边"}, {"锦厦", "锦厦", "锦厦"}, {"就在松山湖大道那边", "就在松山湖大道那边", "松山湖大道那边"},
	} {
		if got := answered(c.words, "", c.found); got != c.want {
			t.Errorf("%s: %q, not %q", c.words, got, c.want)
		}
	}
}
