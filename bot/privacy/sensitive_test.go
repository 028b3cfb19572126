package privacy

import (
	"strings"
	"testing"
)

// What tells of somebody's body, faith, account or child is found; what only
// sounds like it is not.
func TestSensitive(t *testing.T) {
	for told, want := range map[string]string{
		"我妈得了乳腺癌，交不起药费":               health,
		"爸爸尿毒症要透析":                    health,
		"我妈得了肝豆状核变性，家里交不起房租":          health,
		"my mother has asthma":        health,
		"老公重病住院，积蓄花光了":                health,
		"我有艾滋，不敢去找工作":                 health,
		"他有精神分裂，砸了家里的东西":              health,
		"我爸瘫痪在床，想要一张轮椅":               disability,
		"儿子残疾二级，低保停了":                 disability,
		"我女儿今年八岁，没有书桌":                minor,
		"孩子读三年级，想要个书包":                minor,
		"我六岁的儿子发烧":                    minor,
		"我是穆斯林，想换个食堂":                 faith,
		"低保打到我银行卡6222020200112345678": account,
		"我刚刑满释放，找不到工作":                past,
		"my mother has cancer":        health,
		"阿妈癱咗喺床":                      disability,
		"女兒白血病，父親高血壓":                 health,
		"我老公瘫了，孩子才3岁":                 disability + " " + minor,

		"残疾人通道被共享单车堵了":  "",
		"盲道上停满了车":       "",
		"系统瘫痪了交不了社保":    "",
		"大病救助怎么申请":      "",
		"精神病院旁边路灯坏了":    "",
		"医院停车太难":        "",
		"小学门口没有红绿灯":     "",
		"孩子要读书，房租拖了两个月": "",
		"隔壁装修吵死人":       "",
		"我家没有病人，只是没米了":  "",
		"想要一张轮椅，大概800元": "",
		"我奶奶八十三岁，一个人住":  "",
		"我今年35岁，失业了":    "",
		"婴儿车放楼道被偷了":     "",
		"手续办不下来":        "",
	} {
		if got := strings.Join(Sensitive(told), " "); got != want {
			t.Errorf("%s: %q, want %q", told, got, want)
		}
	}
}

// Leaving them out leaves the rest as it was told, or nothing.
func TestWithout(t *testing.T) {
	for told, want := range map[string]string{
		"我爸瘫痪在床，想要一张轮椅，大概800元，寮步镇": "想要一张轮椅，大概800元，寮步镇",
		"房租拖了两个月，孩子读三年级。":          "房租拖了两个月",
		"我爸瘫痪在床":         "",
		"家里没米了":          "家里没米了",
		"女儿很乖，今年八岁，想要书桌": "",
	} {
		got := Without(told)
		if got != want {
			t.Errorf("%s: %q, want %q", told, got, want)
		}
		if left := Sensitive(got); len(left) > 0 {
			t.Errorf("%s leaves %v", told, left)
		}
	}
}
