package knowledge

import (
	"strings"
	"testing"
)

// Questions in a stranger's manner over many guides, whose answers were read one by one;
// those that were answered wrongly at first stand before the empty line.
func TestProbes(t *testing.T) {
	b := starterBase(t)
	for _, q := range []struct{ text, guide, has string }{
		{"不会用手机，孩子不在身边，养老认证有没有人上门", "pension-auth", "约上门认证"},
		{"居住证网上办和窗口办哪个快，都要带啥、多少钱", "residence-permit", "首次申领免费"},
		{"居住证网上办和窗口办哪个快，都要带啥、多少钱", "residence-permit", "居住证相片回执"},
		{"老婆老家没低保，我东莞户口，能一起算低保吗", "dibao", "一起生活的非东莞户籍成员"},
		{"家里着火了什么都没了，政府有没有马上给钱的", "temp-relief", "发救助金"},
		{"小孩才三个月想带他坐飞机，要不要给他办身份证", "id-card-first", "未满16周岁的自愿办"},
		{"号抢不到，直接去大厅行不行", "appointment", "窗口业务都要先约"},
		{"小孩户口在湖南，想读东莞公办一年级，要多少分", "points-school", "积分高低录取"},
		{"市民服务中心的地址在哪里", "appointment", "鸿福路199号"},
		{"结婚登记是哪个部门管的", "marriage", "市民政局"},

		{"我是贵州的，来东莞上班才两个月，能办居住证不", "residence-permit", "满半年"},
		{"居住证过期一年多没签，是不是要重新来过", "residence-permit-sign", "从补签那天重新算起"},
		{"大专毕业三十岁能不能入东莞户", "hukou-talent", "不再限年龄"},
		{"香港签注用完了再签一次要跑出入境吗", "hk-macau-permit", "自助签注机"},
		{"老爸今年没做刷脸，退休金这个月没打过来，补做了以前的还给不给", "pension-auth", "续发并补发"},
		{"自己辞职的失业金领得到不", "unemployment-benefit", "主动辞职的一般不能领"},
		{"在工地摔了老板没签合同，怎么认工伤", "work-injury", "没签合同"},
		{"小孩的医保错过了去年12月还能补交吗", "resident-medical", "等3个月"},
		{"买二手房，卖家贷款没还清能过户吗", "property-transfer", "带押过户"},
		{"公司没业务了想关掉，欠着税能走简易吗", "biz-close", "不欠税费"},
		{"结婚一方是外国人能在镇里登记吗", "marriage", "指定的登记机关"},
	} {
		if a := b.Ask(t.Context(), Question{Text: q.text}); a.Guide != q.guide || !strings.Contains(a.Text, q.has) {
			t.Errorf("%s: %s, want %s with %q in\n%s", q.text, a.Guide, q.guide, q.has, a.Text)
		}
	}
}
