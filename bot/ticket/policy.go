package ticket

import (
	"fmt"
	"slices"
	"strings"
)

// Policy is a present policy a household may be entitled to.
type Policy struct {
	ID   string
	Name string
	// Guide is the service guide's id, empty if there is none.
	Guide string
	// Signs are groups of words: one word of each group must be told.
	Signs [][]string
	Not   []string // words that speak against it
	// Reason says what of the telling speaks for it.
	Reason string
}

// Suggested is a policy with what speaks for it.
type Suggested struct {
	Policy Policy
	Said   []string // the words told that decided, in the order of the signs
}

// Why is the reason as it is shown.
func (s Suggested) Why() string {
	return fmt.Sprintf("%s（说到“%s”）", s.Policy.Reason, strings.Join(s.Said, "”“"))
}

// Words that many policies ask for.
var (
	poor     = []string{"低保", "没钱", "冇钱", "没有钱", "困难", "交不起", "揭不开锅", "欠债", "没收入", "没有收入", "冇收入", "收入低", "失业", "穷", "借钱", "凑不出", "凑不齐", "付不起", "负担不起", "积蓄", "家底", "掏空", "撑不下去", "撑唔住", "过不下去", "money", "savings", "poor", "debt"}
	ill      = []string{"住院", "手术", "癌", "白血病", "透析", "尿毒症", "化疗", "重病", "大病", "医药费", "医疗费", "治疗费", "ICU", "hospital", "surgery"}
	disabled = []string{"残疾", "残障", "瘫痪", "失明", "聋", "截肢", "残疾证", "轮椅", "disabled", "wheelchair"}
	elderly  = []string{"老人", "老人家", "爷爷", "奶奶", "阿婆", "阿公", "独居", "elderly"}
	ages     = oldAges()
	child    = []string{"孩子", "小孩", "儿子", "女儿", "孙子", "孙女", "细路", "学生", "child", "kid"}
)

// oldAges are the ages from seventy on as they are told; bare figures may be
// money.
func oldAges() []string {
	ages := []string{"七十", "八十", "九十", "70多", "80多", "90多", "70几", "80几", "90几"}
	for age := 70; age < 110; age++ {
		ages = append(ages, fmt.Sprintf("%d岁", age))
	}
	return ages
}

// Policies are the rules of matching, the first in order: what is there by
// law comes before charity and claiming. They suggest and promise nothing;
// whether somebody is entitled the authority decides.
func Policies() []Policy {
	return []Policy{
		{ID: "temporary-aid", Name: "临时救助", Guide: "temp-relief", Reason: "突然遇到急难、生活过不下去可以申请", Signs: [][]string{
			{"火灾", "烧光", "烧了", "车祸", "意外", "突然", "塌了", "水浸", "出事", "没饭吃", "没吃的", "断粮", "冇饭食", "流落", "没地方住", "被赶出来", "没钱吃饭", "没有米", "米都没", "米也没", "断炊", "冇米", "米都冇", "饿", "摔下来", "摔断", "脑溢血", "脑出血", "中风", "重伤", "停药", "医药费", "医疗费", "住院费", "工伤", "失业", "撑不下去", "过不下去", "走投无路", "花光", "no food", "accident", "fire"},
		}},
		{ID: "subsistence", Name: "最低生活保障（低保）", Guide: "dibao", Reason: "家庭人均收入低于本市标准可以申请", Not: []string{"已经有低保", "有低保", "吃低保", "领着低保", "是低保"}, Signs: [][]string{poor,
			append([]string{"没收入", "没有收入", "冇收入", "收入低", "长期", "一直", "没劳动力", "干不了活", "不能干活", "做唔到嘢", "丢了工作", "失业", "残疾", "单亲", "一个人带"}, elderly...)}},
		{ID: "medical-aid", Name: "医疗救助", Guide: "medical-aid", Reason: "医疗费负担重，低保、特困和因病致贫的家庭可以再报一部分", Signs: [][]string{ill,
			append([]string{"费", "钱", "报销", "欠", "借了", "还差", "cost", "bill"}, poor...)}},
		{ID: "serious-illness", Name: "大病保险", Reason: "参加了基本医保，自付超过起付线的部分按比例再报", Signs: [][]string{ill, {"医保", "报销", "自费", "自付"}}},
		{ID: "disability-allowance", Name: "残疾人两项补贴", Reason: "困难残疾人有生活补贴，重度残疾人有护理补贴", Signs: [][]string{disabled}},
		{ID: "assistive-devices", Name: "残疾人辅助器具适配", Reason: "持残疾人证可以向残联申请轮椅、助听器等", Signs: [][]string{{"轮椅", "助听器", "假肢", "拐杖", "护理床", "辅具", "wheelchair", "hearing aid"}, append(disabled, elderly...)}},
		{ID: "extreme-poverty", Name: "特困人员供养", Reason: "没有劳动能力、没有生活来源、没有人赡养的可以申请", Signs: [][]string{
			{"没有亲人", "冇亲人", "无儿无女", "没儿没女", "冇仔冇女", "冇儿冇女", "五保", "孤寡", "孤身一人"}}},
		{ID: "old-age-allowance", Name: "高龄津贴和居家养老服务", Reason: "七十岁以上有津贴，失能的有居家照护", Signs: [][]string{append([]string{"高龄", "独居", "失能", "没人照顾", "冇人照顾", "送饭"}, ages...), slices.Concat(ages, elderly)}},
		{ID: "children", Name: "孤儿和困境儿童保障", Reason: "父母去世、失联、服刑或重病，没人照料的孩子有基本生活费", Signs: [][]string{child,
			{"父母去世", "爸妈去世", "孤儿", "没有父母", "父亲去世", "爸爸走了", "妈妈走了", "母亲去世", "去世", "过世", "走了", "走咗", "不在家好几天", "失联", "坐牢", "服刑", "没人管", "离家出走"}}},
		{ID: "student-aid", Name: "学生资助", Reason: "家庭困难的学生从幼儿园到大学都有资助和助学贷款", Signs: [][]string{
			{"学费", "上学", "读书", "上大学", "书本费", "助学", "大学", "tuition", "school"}, append(poor, child...)}},
		{ID: "unemployment", Name: "失业保险金", Guide: "unemployment-benefit", Reason: "交过失业保险、不是自己要走的可以申领", Signs: [][]string{{"失业", "丢了工作", "被裁", "被辞退", "厂倒闭", "工厂倒闭", "下岗", "炒鱿鱼", "lost my job", "laid off"}}},
		{ID: "work-injury", Name: "工伤保险待遇", Guide: "work-injury", Reason: "上班受伤先认定工伤，医疗费由工伤保险或单位出", Signs: [][]string{{"工伤", "上班受伤", "上班时受伤", "机器压", "机器把", "工地受伤", "在工地摔", "厂里受伤", "工地摔", "干活摔"}}},
		{ID: "public-housing", Name: "公租房和租赁补贴", Reason: "住房困难的家庭可以申请", Signs: [][]string{{"没地方住", "房租", "交租", "租房", "要我们搬", "让我们搬", "危房", "住不下", "被房东赶", "rent"}, poor}},
		{ID: "legal-aid", Name: "法律援助", Guide: "legal-aid", Reason: "讨薪、工伤、赡养抚养等官司可以免费请律师", Signs: [][]string{{"打官司", "欠薪", "拖欠工资", "粮都未出", "未出粮", "没发工资", "走咗佬", "跑路", "不管了", "不给钱", "赔偿", "抚养费", "赡养", "律师"}, append([]string{"工资", "工头", "厂里", "个月粮", "老板", "赔", "抚养", "赡养", "官司"}, poor...)}},
		{ID: "mental-health", Name: "心理援助热线 12356", Reason: "全天有人听您说", Signs: [][]string{{"抑郁", "失眠", "想不开", "撑不住", "焦虑", "崩溃", "心理", "depressed", "anxious"}}},
	}
}

// Suggest matches a telling with the policies, in their order.
func Suggest(told string) []Suggested {
	told = strings.ToLower(told)
	var out []Suggested
	for _, p := range Policies() {
		if s, ok := p.fits(told); ok {
			out = append(out, s)
		}
	}
	return out
}

func (p Policy) fits(told string) (Suggested, bool) {
	for _, w := range p.Not {
		if strings.Contains(told, w) {
			return Suggested{}, false
		}
	}
	s := Suggested{Policy: p}
	for _, group := range p.Signs {
		word := ""
		for _, w := range group {
			if strings.Contains(told, strings.ToLower(w)) {
				word = w
				break
			}
		}
		if word == "" {
			return Suggested{}, false
		}
		if len(s.Said) == 0 || s.Said[len(s.Said)-1] != word {
			s.Said = append(s.Said, word)
		}
	}
	return s, true
}
