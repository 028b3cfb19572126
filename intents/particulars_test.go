package intents

import (
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/intents/linear"
)

// noClassifier knows no intents.
type noClassifier struct{}

func (noClassifier) Mend(folded []rune) []rune { return folded }

func (noClassifier) Judge(...linear.Text) Verdict {
	return Verdict{Decision: bot.Abstain, Alarm: -1}
}

// smallLexicon is enough for the rules of names.
func smallLexicon() Lexicon {
	return Lexicon{
		Towns: []Town{
			{Name: Name{"humen", []string{"虎门镇", "虎门", "humen"}}, Doubtful: []string{"太平"}},
			{Name: Name{"daojiao", []string{"道滘镇", "道滘"}}, Doubtful: []string{"道教"}},
			{Name: Name{"houjie", []string{"厚街镇", "厚街"}}},
			{Name: Name{"liaobu", []string{"寮步镇", "寮步"}}},
			{Name: Name{"nancheng", []string{"南城街道", "南城"}}},
			{Name: Name{"changan", []string{"长安镇", "长安", "changan"}}},
			{Name: Name{"tangxia", []string{"塘厦镇", "塘厦", "tangxia"}}},
			{Name: Name{"machong", []string{"麻涌镇", "麻涌"}}, Doubtful: []string{"水乡"}},
		},
		Halls: []Name{{"city", []string{"市民服务中心", "市民中心"}}},
		Services: []Name{
			{"residence-permit", []string{"广东省居住证申领", "居住证", "办居住证"}},
			{"id-card-lost", []string{"居民身份证丢失补领", "身份证丢了"}},
			{"social-card", []string{"社会保障卡申领", "社保卡"}},
			{"id-card-renew", []string{"居民身份证到期、损坏换领", "换身份证"}},
		},
		Departments: []Name{{"ga", []string{"市公安局", "公安局"}}},
	}
}

func recognizer(t testing.TB) *Recognizer {
	t.Helper()
	r, err := New(smallLexicon(), noClassifier{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func particulars(r *Recognizer, text string, asked bot.EntityType) string {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	var found []string
	for _, e := range r.Understand(bot.Utterance{Text: text, Now: now, Asked: asked}).Entities {
		found = append(found, string(e.Type)+"="+e.Value)
	}
	return strings.Join(found, " ")
}

func TestParticulars(t *testing.T) {
	r := recognizer(t)
	for text, want := range map[string]string{
		"我电话是13800138000":           "phone=13800138000",
		"138 0013 8000":             "phone=13800138000",
		"138-0013-8000":             "phone=13800138000",
		"+86 13800138000":           "phone=13800138000",
		"一三八零零一三八零零零":               "phone=13800138000",
		"幺三八,零零幺三,八零零零":             "phone=13800138000",
		"幺三八，零零幺三，八零零零":             "phone=13800138000",
		"１３８００１３８０００":               "phone=13800138000",
		"拐号不是电话":                    "",
		"1380013800":                "",
		"138001380001":              "",
		"0769-22832118":             "phone=076922832118",
		"身份证号11010519491231002X":    "id_number=11010519491231002X",
		"身份证号 110105 19491231 002x": "id_number=11010519491231002X",
		"身份证号110105194912310021":    "",
		"身份证号110105194913310028":    "",
		"回乡证H12345678":              "permit=H12345678",
		"虎门大厅":                      "hall=humen",
		"虎门镇政务服务中心":                 "hall=humen",
		"去虎门":                       "town=humen",
		"市民中心":                      "hall=city",
		"我在道教办事":                    "town=daojiao",
		"我信道教":                      "",
		"天下太平":                      "",
		"humen":                     "town=humen",
		"inhumen":                   "",
		"办居住证":                      "service=residence-permit",
		"帮我妈约":                      "relation=母亲",
		"张三 13800138000":            "person_name=张三 phone=13800138000",
		"我叫欧阳小红":                    "person_name=欧阳小红",
		"欧阳锦鲤 13977776666":          "person_name=欧阳锦鲤 phone=13977776666",
		"我很高兴":                      "",
		"南城街道鸿福路100号3栋201室":         "town=nancheng address=鸿福路100号3栋201室",
		"我要投诉楼下烧烤店":                 "",
		"大概5000块":                   "money=5000",
		"两万元":                       "money=20000",
		"DG2026112400018":           "ticket_no=DG2026112400018",
		"dg 20261124 00018":         "ticket_no=DG2026112400018",
		"YY2611240017":              "appointment_no=YY2611240017",
		"找公安局":                      "department=公安局",

		"替我家老人约":             "relation=亲属",
		"帮我家老爷子约个号":          "relation=父亲",
		"给俺娘约一个":             "relation=母亲",
		"替老伴约":               "relation=配偶",
		"for my grandma":     "relation=祖辈",
		"老人与海":               "",
		"虎门镇虎兴路烧烤摊占道":        "town=humen address=虎兴路",
		"虎门那条路天天塞车":          "town=humen",
		"虎门镇修马路吵得很":          "town=humen",
		"厚街镇宝屯村委会旁边":         "town=houjie address=宝屯村委会旁边",
		"虎门镇北栅村篮球场对面":        "town=humen address=北栅村篮球场对面",
		"我在寮步汽车站后面":          "town=liaobu address=汽车站后面",
		"长安镇霄边社区祠堂附近":        "town=changan address=霄边社区祠堂附近",
		"寮步上屯小学门口":           "town=liaobu address=上屯小学门口",
		"麻涌镇大步村路口":           "town=machong address=大步村路口",
		"站在我后面":              "",
		"连升路那边":              "address=连升路那边",
		"就在连升路一带":            "address=连升路一带",
		"南丫村，连升路嗰边":          "address=南丫村 address=连升路嗰边",
		"厚街河田村这边没路灯":         "town=houjie address=河田村",
		"马路那边":               "",
		"过了那条路那边":            "",
		"我住虎门镇北栅社区兴华路12号":    "town=humen address=北栅社区兴华路12号",
		"我家在厚街河田村连升路8号":      "town=houjie address=河田村连升路8号",
		"具体是河田村河田大道88号对面":    "address=河田村河田大道88号对面",
		"姓陈，叫陈大文":            "person_name=陈大文",
		"我姓黎，全名黎秀英":          "person_name=黎秀英",
		"姓陈的老板叫陈年旧账都不认":      "",
		"办句住证":               "service=residence-permit",
		"帮我约社宝卡":             "service=social-card",
		"身体状况":               "",
		"DG二零二六一一二四零零零一八":    "ticket_no=DG2026112400018",
		"dg2026幺幺二四洞洞洞幺八":    "ticket_no=DG2026112400018",
		"d g 20261124，零零零一八": "ticket_no=DG2026112400018",
		"YY二六一一二四零零一七":       "appointment_no=YY2611240017",
		"DG二零":               "",
		"水乡麻涌":               "town=machong",
		"Chang'an hall":      "hall=changan",
		"in Tang Xia":        "town=tangxia",
		"near Tang-Xia":      "town=tangxia",
		"a long song":        "",
	} {
		if got := particulars(r, text, ""); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAskedParticulars(t *testing.T) {
	r := recognizer(t)
	for _, c := range []struct {
		text  string
		asked bot.EntityType
		want  string
	}{
		{"陈小燕", bot.PersonName, "person_name=陈小燕"},
		{"叫王伟", bot.PersonName, "person_name=王伟"},
		{"阿依古丽·买买提", bot.PersonName, "person_name=阿依古丽·买买提"},
		{"John Smith", bot.PersonName, "person_name=John Smith"},
		{"不告诉你", bot.PersonName, ""},
		{"三", bot.Time, "time=15:00"},
		{"28", bot.Date, "date=2026-11-28"},
	} {
		if got := particulars(r, c.text, c.asked); got != c.want {
			t.Errorf("%q asked for %s: %q, want %q", c.text, c.asked, got, c.want)
		}
	}
}

func TestOffsetsCutTheText(t *testing.T) {
	r := recognizer(t)
	for _, text := range []string{"帮我媽約後日下晝三點虎門辦居住證，電話１３８００１３８０００", "我叫张三，住南城街道鸿福路100号，138 0013 8000", "😀 明天 去 虎门"} {
		runes := []rune(text)
		for _, e := range r.Understand(bot.Utterance{Text: text, Now: time.Now()}).Entities {
			if got := string(runes[e.Start:e.End]); got != e.Text {
				t.Errorf("%q: [%d,%d) cuts %q, not %q", text, e.Start, e.End, got, e.Text)
			}
		}
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, s := range []string{"下周三下午三点", "我要投诉13800138000", "\xff\xfe", "年年年月月日", "一二三四五六七八九十百千万亿", "tomorrow at 3pm", "110105 19491231 002X"} {
		f.Add(s)
	}
	r, err := New(smallLexicon(), noClassifier{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		runes := []rune(strings.ToValidUTF8(text, "�"))
		end := 0
		for _, e := range r.Understand(bot.Utterance{Text: text, Now: time.Unix(1_800_000_000, 0), Asked: bot.PersonName}).Entities {
			if e.Start < end || e.End <= e.Start || e.End > len(runes) {
				t.Fatalf("entity %+v in %d runes after %d", e, len(runes), end)
			}
			end = e.End
			if string(runes[e.Start:e.End]) != e.Text {
				t.Fatalf("entity %+v cuts %q", e, string(runes[e.Start:e.End]))
			}
			if e.Type == bot.Phone && !validPhone(e.Value) || e.Type == bot.IDNumber && !ValidID(e.Value) {
				t.Fatalf("invalid %+v", e)
			}
		}
	})
}

func TestActs(t *testing.T) {
	r := recognizer(t)
	for text, want := range map[string]string{
		"好": "yes", "好的谢谢": "yes", "是的": "yes", "系呀": "yes", "可以吗": "", "你好": "", "不是": "no", "唔使啦": "no",
		"算了": "cancel", "不办了": "cancel", "取消": "cancel", "再说一遍": "repeat", "咩话": "repeat", "上一步": "back",
		"跳过": "skip", "不想说": "skip", "转人工": "person", "我要找真人": "person", "人工智能是什么": "", "匿名": "anonymous",
		"我想匿名举报": "anonymous", "都不是": "none", "行政许可": "", "不对，是周四": "correct", "ok": "yes", "好多人": "",
	} {
		var acts []string
		for _, a := range r.Understand(bot.Utterance{Text: text, Now: time.Now()}).Acts {
			acts = append(acts, string(a))
		}
		if got := strings.Join(acts, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func BenchmarkParticulars(b *testing.B) {
	r := recognizer(b)
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	for b.Loop() {
		r.Understand(bot.Utterance{Text: "帮我妈预约下周三上午莞城办居住证，她叫刘秀英，电话13800138000", Now: now})
	}
}

// TestABareCountAsksForNobody: a count answers a question; the 人 in it is no
// wish for a person, and being alone no danger.
func TestABareCountAsksForNobody(t *testing.T) {
	for said, want := range map[string]bool{
		"3个人": true, "我们3个人": true, "一家四口": true, "两个": true, "就我一个人": true, "大概十来个吧": true, "我一个人住": true,
		"找个人": false, "换个人来说": false, "3个人打我": false, "三个人吵架": false, "我一个人在家门被砸": false,
	} {
		if got := bareCount.MatchString(said); got != want {
			t.Errorf("%s is a bare count: %v", said, got)
		}
	}
}
