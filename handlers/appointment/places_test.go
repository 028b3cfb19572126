package appointment

import "testing"

func TestPeopleAsTheyAreTold(t *testing.T) {
	for words, want := range map[string]string{
		"帮我们三个人预约居住证": "3", "5个人": "5", "一共两位": "2", "我们一家四口去办": "4", "改成两个人": "2", "还是一个人办吧": "1", "公司12个人": "12",
		"我们俩人一起": "2", "十二个人": "12", "we are 3 people": "3", "the two of us": "2",
		"第三个人": "", "三四个人": "", "虎门": "", "11月26日": "", "上午十点": "", "后四位数是8000": "", "13800138000": "", "两位数": "", "十人民": "",
	} {
		if got := peopleIn(words); got != want {
			t.Errorf("%q is for %q people, want %q", words, got, want)
		}
	}
}
