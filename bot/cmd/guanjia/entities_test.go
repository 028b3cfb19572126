package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestUnderstandEntities holds every line of the contract's table of values:
// each wording with what must be found in it, as type=value..end/grain and, in
// braces, the other readings. It is Tuesday, the 24th of November, ten o'clock.
func TestUnderstandEntities(t *testing.T) {
	cases := []struct{ text, want string }{
		// days
		{"就明天吧", "date=2026-11-25/day"},
		{"大后天过去", "date=2026-11-27/day"},
		{"那就12月3号", "date=2026-12-03/day"},
		{"１２月３日", "date=2026-12-03/day"},
		{"这个月28号", "date=2026-11-28/day"},
		{"下个月5号", "date=2026-12-05/day"},
		{"2026-12-03去", "date=2026-12-03/day"},
		{"下周三", "date=2026-12-02/day"},
		{"这周六", "date=2026-11-28/day"},
		{"下下周一", "date=2026-12-07/day"},
		{"星期二", "date=2026-11-24/day{2026-12-01}"},
		{"周五", "date=2026-11-27/day"},
		{"礼拜日有人吗", "date=2026-11-29/day"},
		{"聽日", "date=2026-11-25/day"},
		{"下個禮拜三", "date=2026-12-02/day"},
		{"两天后", "date=2026-11-26/day"},
		{"元旦那天", "date=2027-01-01/day"},
		{"正月十五", "date=2027-02-20/day"},
		{"周三，哦不，周四", "date=2026-11-26/day"},
		{"今天或者明天", "date=2026-11-24/day date=2026-11-25/day"},
		// hours
		{"三点", "time=15:00/hour"},
		{"九点", "time=09:00/hour"},
		{"下午两点一刻", "time=14:15/minute"},
		{"三點三個字", "time=15:15/minute"},
		{"上昼十点半", "time=10:30/minute"},
		{"14:30", "time=14:30/minute"},
		{"３点半左右", "time=15:30/minute"},
		// days with hours
		{"下周三下午三点", "datetime=2026-12-02T15:00/hour"},
		{"听朝九点", "datetime=2026-11-25T09:00/hour"},
		{"12月3日下午2:30", "datetime=2026-12-03T14:30/minute"},
		{"tomorrow 10am", "datetime=2026-11-25T10:00/hour"},
		// parts of the day
		{"早上", "timerange=06:00..09:00/hour"},
		{"上午都行", "timerange=08:00..12:00/hour"},
		{"中午", "timerange=11:00..14:00/hour"},
		{"下午比较有空", "timerange=12:00..18:00/hour"},
		{"晏晝", "timerange=12:00..18:00/hour"},
		{"晚上", "timerange=18:00..24:00/hour"},
		{"下周三上午", "datetimerange=2026-12-02T08:00..2026-12-02T12:00/hour"},
		{"後日下晝", "datetimerange=2026-11-26T12:00..2026-11-26T18:00/hour"},
		// ranges
		{"12月1号到12月5号", "daterange=2026-12-01..2026-12-06/day"},
		{"周末", "daterange=2026-11-28..2026-11-30/day"},
		{"下周", "daterange=2026-11-30..2026-12-07/week"},
		{"两点到四点之间", "timerange=14:00..16:00/hour"},
		{"明天九点到十一点", "datetimerange=2026-11-25T09:00..2026-11-25T11:00/hour"},
		// durations, numbers, money
		{"要等三天", "duration=P3D/day"},
		{"半小时够吗", "duration=PT30M/hour"},
		{"我有3个问题", "number=3"},
		{"两万三", "number=23000"},
		{"五百块", "money=500"},
		{"3.5万元", "money=35000"},
		{"一百二十块五毛", "money=120.5"},
		{"¥300", "money=300"},
		// phones
		{"138 0013 8000", "phone=13800138000"},
		{"+86-138-0013-8000", "phone=13800138000"},
		{"１３８００１３８０００", "phone=13800138000"},
		{"幺三八，洞洞幺三，八洞洞洞", "phone=13800138000"},
		{"138零零138三个零", "phone=13800138000"},
		{"137 双八 1234 56", "phone=13788123456"},
		{"0769-22331234", "phone=076922331234"},
		// papers
		{"身份证号是11010519491231002x", "id_number=11010519491231002X"},
		{"一一零一零五一九四九一二三一零零二叉", "id_number=11010519491231002X"},
		{"11010519491231002 X", "id_number=11010519491231002X"},
		{"号码110105194912310021", ""},
		{"110105194913310028", ""},
		{"回乡证 H12345678", "permit=H12345678"},
		{"我的台胞证是12345678", "permit=12345678"},
		{"证号c12345678", "permit=C12345678"},
		{"E12345678", "passport=E12345678"},
		{"my passport number is AB123456", "service=passport passport=AB123456"},
		// places
		{"人在虎门", "town=humen"},
		{"石龍鎮", "town=shilong"},
		{"Chang'an town, near the market", "town=changan"},
		{"去虎们办", "town=humen"},
		{"我在廖步", "town=liaobu"},
		{"道教那边办", "town=daojiao"},
		{"道教是宗教", ""},
		{"天下太平", ""},
		{"松山湖", "town=songshanhu"},
		{"虎门大厅", "hall=humen"},
		{"去长安镇政务服务中心", "hall=changan"},
		{"市民服务中心", "hall=city"},
		// services
		{"办居住证", "service=residence-permit"},
		{"社保卡丢了", "service=social-card"},
		{"小孩上户口", "service=hukou-birth"},
		{"换驾照", "service=driver-license-renew"},
		// whom it is for
		{"替我妈办", "relation=母亲"},
		{"帮老豆攞", "relation=父亲"},
		{"我老婆的", "relation=配偶"},
		{"给儿子办", "relation=子女"},
		{"帮奶奶", "relation=祖辈"},
		{"帮我叔叔", "relation=亲属"},
		{"替朋友", "relation=朋友"},
		{"给我员工办", "relation=雇员"},
		{"我自己办", "relation=本人"},
		// names, offices, addresses
		{"我叫欧阳小红", "person_name=欧阳小红"},
		{"找社保局", "department=社保局"},
		{"去公安局问", "department=公安局"},
		{"南城街道鸿福路100号", "town=nancheng address=鸿福路100号"},
		{"虎门镇怀德村三巷5号", "town=humen address=怀德村三巷5号"},
		{"莞城运河东一路18号3栋502", "town=guancheng address=运河东一路18号3栋502"},
		// numbers of ours, right check digit or not
		{"DG2026112400018", "ticket_no=DG2026112400018"},
		{"dg 20261124-00011", "ticket_no=DG2026112400011"},
		{"ＹＹ2611240017", "appointment_no=YY2611240017"},
		{"yy 261124 0018", "appointment_no=YY2611240018"},
	}
	var in strings.Builder
	for _, c := range cases {
		line, err := json.Marshal(map[string]string{"text": c.text, "now": testNow})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	out := lines(t, guanjia(t, in.String(), "understand", "--data", t.TempDir()))
	if len(out) != len(cases) {
		t.Fatalf("%d lines for %d", len(out), len(cases))
	}
	for i, c := range cases {
		var found []string
		for _, x := range out[i]["entities"].([]any) {
			e := x.(map[string]any)
			found = append(found, entityLine(e))
			cut := string([]rune(c.text)[int(e["start"].(float64)):int(e["end"].(float64))])
			if cut != e["text"] {
				t.Errorf("%s: the offsets cut out %q, not %q", c.text, cut, e["text"])
			}
		}
		if got := strings.Join(found, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

// entityLine is an entity on one line; services that may be meant besides are left out.
func entityLine(e map[string]any) string {
	s := fmt.Sprintf("%v=%v", e["type"], e["value"])
	if end := e["end_value"]; end != "" {
		s += fmt.Sprintf("..%v", end)
	}
	if grain := e["grain"]; grain != "" {
		s += fmt.Sprintf("/%v", grain)
	}
	if others := e["ambiguity"].([]any); len(others) > 0 && e["type"] != "service" {
		s += strings.ReplaceAll(fmt.Sprint(others), "[", "{")
		s = strings.ReplaceAll(s, "]", "}")
	}
	return s
}
