package bot

import (
	"strings"
	"testing"
)

// told makes the entity that words cut out of a text.
func told(text string, kind EntityType, words, value string) Entity {
	at := len([]rune(text[:strings.Index(text, words)]))
	return Entity{Type: kind, Text: words, Start: at, End: at + len([]rune(words)), Value: value}
}

func TestRevised(t *testing.T) {
	for _, c := range []struct {
		text, first, second string
		want                string // the value that stands
		other               string // the other reading, if both may
	}{
		{"周三，哦不，周四", "周三", "周四", "2", ""},
		{"后天，等等，大后天", "后天", "大后天", "2", ""},
		{"下午三点，算了四点吧", "下午三点", "四点", "2", ""},
		{"周三或者周四", "周三", "周四", "1", "2"},
		{"周三或周四都行", "周三", "周四", "1", "2"},
		{"虎门改到长安", "虎门", "长安", "2", ""},
	} {
		got := revised(c.text, []Entity{told(c.text, Date, c.first, "1"), told(c.text, Date, c.second, "2")})
		if len(got) != 1 || got[0].Value != c.want || strings.Join(got[0].Ambiguity, "") != c.other {
			t.Errorf("%s: %+v", c.text, got)
		}
	}
	text := "周三到厚街，周四到长安"
	if got := revised(text, []Entity{told(text, Date, "周三", "1"), told(text, Date, "周四", "2")}); len(got) != 2 {
		t.Errorf("%s: %+v", text, got)
	}
}

func TestDestinations(t *testing.T) {
	text := "我住虎门，想去长安办"
	got := destinations(text, []Entity{told(text, Town, "虎门", "humen"), told(text, Town, "长安", "changan")})
	if len(got) != 1 || got[0].Value != "changan" {
		t.Errorf("%+v", got)
	}
	if alone := destinations("我住虎门", []Entity{told("我住虎门", Town, "虎门", "humen")}); len(alone) != 1 {
		t.Errorf("the only place told is dropped: %+v", alone)
	}
}

func TestMatter(t *testing.T) {
	for text, want := range map[string]string{
		"另外再问下公积金租房提取": "公积金租房提取", "顺便问一下低保怎么申请": "低保怎么申请", "预约社保卡": "预约社保卡", "还想办": "还想办",
	} {
		if got := matter(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestServedBy(t *testing.T) {
	for words, want := range map[string]bool{
		"帮我妈约居住证": true, "我妈要办居住证": true, "替我妈办": true, "我妈": true,
		"我住在我妈家里想约居住证": false, "我和我妈来东莞三年了": false,
	} {
		if got := servedBy(words, "我妈"); got != want {
			t.Errorf("%s: %v", words, got)
		}
	}
}

func TestLooksLikeAddress(t *testing.T) {
	for words, want := range map[string]bool{
		"河田村15号": true, "莞樟路口": true, "万达广场正门": true, "": false, "确认": false, "13800138000": false, "下午三点": false,
		// What somebody did is no place, though one is named in it.
		"佢跑路咗，厂门锁咗": false, "老板跑路了，厂都空了": false, "他走了，学校也不管": false, "佢唔肯开门，楼上": false,
		"老板住在人民路": true, "佢喺村口": true, "鞋厂，叫鸿运鞋厂": true, "老板娘饭店对面": true, "村头大榕树旁边第二间": true,
	} {
		if got := LooksLikeAddress(words); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
}

func TestGrouped(t *testing.T) {
	for number, want := range map[string]string{"138": "138", "13800138": "138 0013 8", "13800138000": "138 0013 8000"} {
		if got := grouped(number); got != want {
			t.Errorf("%s: %s", number, got)
		}
	}
}

func TestMasks(t *testing.T) {
	if got := CallerName("13800138000"); got != "来电市民8000" || MaskName(got) != got {
		t.Errorf("who told no name: %s, masked %s", got, MaskName(got))
	}
	if MaskPhone("13800138000") != "138****8000" || MaskName("欧阳小明") != "欧阳**" || MaskID("11010519491231002X") != "**************002X" {
		t.Error(MaskPhone("13800138000"), MaskName("欧阳小明"), MaskID("11010519491231002X"))
	}
	if s := Secret("张三"); s.String() != "***" || s.LogValue().String() != "***" || s.Reveal() != "张三" {
		t.Error("a particular prints")
	}
}

func TestNumbers(t *testing.T) {
	at := SystemClock()
	for _, n := range []string{AppointmentNumber(at, 1), AppointmentNumber(at, 12345), TicketNumber(at, 1), TicketNumber(at, 123456)} {
		if !ValidNumber(n) {
			t.Errorf("%s fails its own check digit", n)
		}
		wrong := n[:len(n)-1] + string('0'+(n[len(n)-1]-'0'+1)%10)
		if ValidNumber(wrong) {
			t.Errorf("%s passes", wrong)
		}
	}
}

// TestFarFetched: errands few come for are named to those whose words do.
func TestFarFetched(t *testing.T) {
	for words, far := range map[string][2]bool{
		"我被人骗了五万块": {true, true}, "公交卡老人免费怎么办": {true, true}, "我是理发师 想当志愿者": {false, true}, "隔离要不要申报": {true, false},
	} {
		if got := [2]bool{farFetched(ClaimWish, words), farFetched(HealthCode, words)}; got != far {
			t.Errorf("%s: claiming, health code are far-fetched: %v, want %v", words, got, far)
		}
	}
	if farFetched(FileReport, "x") {
		t.Error("a report is far-fetched")
	}
}
