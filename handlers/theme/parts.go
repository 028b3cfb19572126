package theme

import (
	"fmt"
	"regexp"
	"strings"

	"guanjia/bot"
	"guanjia/knowledge/themes"
)

// part is what of a plan a question asks for.
type part string

// The parts.
const (
	papersPart part = "papers"
	timePart   part = "time"
	wherePart  part = "where"
	stepsPart  part = "steps"
	visitsPart part = "visits"
	onlinePart part = "online"
	costPart   part = "cost"
)

// leadIn is what may stand before a question to the matter in hand.
const leadIn = `^(?:那|那么|咁|请问|我|我们|一共|总共|大概|都|全部|这些|这个|这样|这件事|办|办好|办完|搞掂|要|需要|使)*`

// asksPart are questions to the matter in hand that name no other.
var asksPart = []struct {
	part part
	form *regexp.Regexp
}{
	{papersPart, asking(`(?:带|准备|交|提交)?(?:什么|哪些|啥|咩|乜嘢|乜)(?:材料|资料|证件|东西|手续|文件|嘢)?|(?:的|嘅)?(?:材料|资料|证件)(?:有哪些|有什么|清单|要什么|要哪些)?`)},
	{timePart, asking(`(?:多久|几耐|多长时间|几天|几日|多少天|什么时候|几时)(?:能|可以|先)?(?:办好|办完|办成|办下来|下来|拿到|领到|到账|搞掂|搞定|弄好|开张|开业|好)?`)},
	{wherePart, asking(`(?:应该|喺|在|去|到)*(?:哪里|哪儿|哪|边度|什么地方|哪个大厅|哪个窗口|哪个部门)(?:可以|能)?(?:办|办理|搞|弄)?`)},
	{stepsPart, asking(`(?:应该)?(?:先|首先|第一步|顺序)(?:要|应该)?(?:是|系)?(?:办|做|搞|去)?(?:哪|哪个|哪样|哪件|什么|啥|边个|边样|咩|怎么走|怎样)|(?:的)?(?:流程|步骤)(?:是什么|是怎样的?|怎么走|有哪些)?|怎么走|怎么(?:办|办理|弄|搞)|点办|点搞`)},
	{visitsPart, asking(`(?:得)?(?:跑|去|来|到场)(?:几|多少|几多)(?:次|趟|回|转)|(?:不要|必须|得|一定要|唔使)?(?:本人|亲自|自己)(?:去|来|到场|到)?(?:办)?`)},
	{onlinePart, asking(`(?:能不能|可不可以|可唔可以|能|可以)?(?:在)?(?:网上|线上|手机上?)(?:能不能|可不可以|可唔可以|能|可以)?(?:办|办理|申请|弄|搞|搞掂)`)},
	{costPart, asking(`(?:花)?(?:多少|几多|几)钱|(?:不要|唔要|唔使|不用)?(?:钱|收费|收钱|给钱|交钱)|费用(?:是)?(?:多少|几多)?|免费`)},
}

// asking is a whole question with these words in the middle.
func asking(words string) *regexp.Regexp {
	return regexp.MustCompile(leadIn + `(?:` + words + `)(?:吗|么|嘛|呢|啊|呀|先|的|㗎|不)?[?？]?$`)
}

// partAsked is the part that folded words ask for, empty if none.
func partAsked(norm string) part {
	norm = strings.TrimRight(norm, "。.!！ ")
	for _, a := range asksPart {
		if a.form.MatchString(norm) {
			return a.part
		}
	}
	return ""
}

// ahead answers a question to the plan before all is asked that it rests on.
func ahead(t *themes.Theme, asked part, q *bot.Query) bot.Response {
	text := q.Say("先办什么、要带什么、多久、去哪办，答完就一起列给您。", "What comes first, what to bring, how long it takes and where: all of it is listed once these are answered.")
	if asked == onlinePart && len(t.Online) > 0 {
		text = q.Say("网上入口："+strings.Join(t.Online, "、")+"。要不要到场，答完就一起列给您。", "It can be begun online. Whether you have to come is listed once these are answered.")
	}
	return bot.Response{Replies: []bot.Reply{{Text: text}}, Topic: q.Topic}
}

// tellPart is one part of a plan that was shown.
func (e *Errand) tellPart(p themes.Plan, asked part, q *bot.Query) bot.Reply {
	phone := q.Channel == bot.Hotline
	r := bot.Reply{Source: source(p.Theme), Citations: []string{prefix + p.Theme.ID}}
	switch asked {
	case papersPart:
		r.Text = papers(p)
		if phone {
			r.Text = spokenPapers(p) + "。"
		}
	case timePart:
		r.Text = limit(p)
	case wherePart:
		r.Text = where(p)
	case stepsPart:
		r.Text = steps(p)
		if phone && len(p.Steps) > 0 {
			r.Text = "先" + p.Steps[0].Do + "。详细的在微信里问我就能看到。"
		}
	case visitsPart:
		r.Text = visits(p)
	case onlinePart:
		r.Text = online(p)
	case costPart:
		r.Text = cost(p)
	}
	if !phone {
		r.Text = "“" + p.Theme.Title + "”\n" + r.Text
	}
	return r
}

// where tells the places of a plan: of its visits, else of the whole.
func where(p themes.Plan) string {
	if len(p.Visits()) > 0 {
		return visits(p) + "\n办理地点：" + p.Theme.Where
	}
	return "办理地点：" + p.Theme.Where
}

// online tells the way on the net, and what is left to come for.
func online(p themes.Plan) string {
	if len(p.Theme.Online) == 0 {
		return "没有查到网上的入口。" + visits(p)
	}
	return "网上入口：" + strings.Join(p.Theme.Online, "、") + "\n" + visits(p)
}

// cost tells what of a plan is charged or paid, as far as it is known.
func cost(p themes.Plan) string {
	var lines []string
	for _, m := range p.Items {
		for _, more := range []string{m.Fee, money(m.Note)} {
			if more != "" {
				lines = append(lines, fmt.Sprintf("· %s：%s", m.Name, more))
			}
		}
	}
	if len(lines) == 0 {
		return "费用：这几件事收多少钱没有查到，以窗口或 12345 的答复为准"
	}
	return "费用和补贴，查到的有：\n" + strings.Join(lines, "\n")
}
