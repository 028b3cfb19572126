package appointment

import "testing"

func TestOpinionsAsPeopleTellThem(t *testing.T) {
	for _, c := range []struct {
		words  string
		stars  int
		beside bool // heard while something else is asked
		own    bool // with words of their own
	}{
		{"5", 5, false, false}, {"3", 3, false, false}, {"5分", 5, true, false}, {"5分 很满意", 5, true, false}, {"1分 很不满意", 1, true, false},
		{"给四分吧", 4, true, false}, {"五星好评", 5, true, false}, {"两分", 2, true, false}, {"一般", 3, false, false}, {"很好", 5, false, false},
		{"十分满意", 5, true, false}, {"不满意", 2, true, false}, {"唔滿意", 2, true, false}, {"非常滿意", 5, true, false}, {"挺好的", 4, false, false},
		{"挺好的，就是等了半个小时", 4, false, true}, {"2分，排队太久，窗口只开了一个", 2, true, true}, {"态度很差", 1, true, false},
		{"窗口那位姑娘态度很好，很快就办完了", 5, true, true}, {"still ok", 4, false, true}, {"very good", 5, false, false}, {"4 stars", 4, true, false},
		{"周五", 0, false, false}, {"11点", 0, false, false}, {"等了5分钟", 0, false, false}, {"两星期后", 0, false, false}, {"不好意思", 0, false, false},
		{"I want to book", 0, false, false}, {"13800138000", 0, false, false}, {"6", 0, false, false}, {"虎门", 0, false, false},
	} {
		stars, own := opinionIn(c.words)
		if stars != c.stars || (own != "") != c.own {
			t.Errorf("%q is %d, in words %q", c.words, stars, own)
		}
		if heard := stars > 0 && !bare(c.words); heard != c.beside {
			t.Errorf("%q beside something else: %v", c.words, heard)
		}
	}
}
