// Package healthcode answers about 粤康码 and 莞e申报. The code stopped in
// February 2023; people still ask, and mostly need something else: a
// vaccination record, a doctor, a residence declaration. The guidance of 2020
// is kept as dated history. In an emergency a rule file that two administrators
// approved is what is said.
//
// It refuses to judge a health state, to show a code, and to keep health data.
package healthcode

import (
	"context"
	"strings"
	"time"

	"guanjia/bot"
)

// Stopped is when the code's services ended (notice of 2023-02-16).
const Stopped = "2023年2月16日"

const source = "来源：广东“粤康码”停止服务公告（2023-02-16）"

// topic is a person or problem people ask about, with today's way and, where
// it helps, how it was.
type topic struct {
	words    []string
	now, nEN string
	then     string
}

func topics() []topic {
	return []topic{
		{[]string{"莞e申报", "莞E申报", "莞易申报", "e申报"},
			"莞e申报有两种用法：当年的防疫健康申报已停用；如果您说的是居住登记（积分入学、入户会用到），请按“居住登记/居住证”办理，可以问我“居住证怎么办”，或拨 12345 核实现在的入口。",
			"The epidemic declaration has ended; for residence registration ask me about the residence permit, or call 12345.",
			"2020年2月27日起，莞e申报与粤康码互通，一次申报两边可用。"},
		{[]string{"港澳", "香港", "澳门", "澳門", "回乡证", "回鄉證"},
			"现在港澳居民来莞不需要粤康码，带好往来内地通行证即可；要看病可用通行证直接挂号。",
			"Visitors from Hong Kong and Macao need no code today; the travel permit is enough.",
			"当年：在粤康码里选“港澳居民来往内地通行证”，同意协议后刷脸申领。"},
		{[]string{"外国", "外籍", "foreign", "passport", "护照", "護照", "台胞", "台湾"},
			"现在外籍人士、台胞都不需要粤康码，护照或台胞证就是身份凭证。",
			"Foreigners need no code today; your passport is enough.",
			"当年：用“入境人员粤康码”，手机号短信验证后填证件；外籍小孩由父母在“我的同行人”里添加。"},
		{[]string{"小孩", "孩子", "儿童", "小朋友", "细路", "学生", "宝宝", "娃"},
			"现在孩子上学、看病都不查粤康码。疫苗接种记录可在“粤苗”小程序或接种门诊查。",
			"Children need no code today; vaccination records are at the clinic or in the 粤苗 app.",
			"当年：家长在“我的同行人”里给孩子加码。"},
		{[]string{"老人", "没手机", "没有手机", "冇手机", "不会用", "爷爷", "奶奶", "阿婆", "阿公", "智能手机"},
			"现在老人家进医院、坐车都不用粤康码，带身份证或社保卡就行。",
			"Elders need no code today; an ID or social security card is enough.",
			"当年：可由家人代查、用身份证登记或纸质证明，无码通道不得拒绝。"},
		{[]string{"红码", "黄码", "紅碼", "黃碼", "转码", "变红", "变黄", "颜色", "异常", "错", "申诉", "不对"},
			"现在没有红码黄码了，也不再影响出行，不用申诉。身体不舒服请直接就医或拨 120；想核对当年的记录，平台已承诺销毁数据，查不到了。",
			"There are no coloured codes any more, so nothing to appeal. If you feel unwell, see a doctor or call 120.",
			"当年：红码黄码可在码下“申诉”或拨 12345，社区审核一般 24 小时内。"},
		{[]string{"核酸", "疫苗", "接种", "抗原", "检测"},
			"接种记录可到接种门诊或“粤苗”小程序查；需要检测请到医院发热门诊。卫生健康咨询可拨 12320。",
			"Vaccination records: your clinic or the 粤苗 app. For health advice call 12320.", ""},
		{[]string{"外地", "外省", "其他城市", "跨省", "出省", "行程码", "回莞", "来莞", "返莞"},
			"现在进出东莞、跨省都不用健康码和行程码，也不用报备。",
			"No code or declaration is needed to travel today.", ""},
	}
}

// Mode is how much is said of the codes (the setting health_mode).
type Mode string

// The modes. Emergency takes effect only with a rule file that two
// administrators approved; without one it is Guidance. While such a file holds
// it is what is said, whatever the setting.
const (
	Off       Mode = "off"
	Guidance  Mode = "guidance"
	Emergency Mode = "emergency"
)

// Answer answers what people ask about the codes; rules is the rule file in
// force, nil where there is none.
func Answer(m Mode, rules func(now time.Time) *Rules) *bot.Answer {
	return &bot.Answer{Intent: bot.HealthCode, Name: "粤康码、莞e申报", Reply: func(ctx context.Context, q *bot.Query) (bot.Response, error) {
		if r := rules(q.Now); r != nil {
			return r.answer(ctx, q)
		}
		if m == Off {
			return stopped(ctx, q)
		}
		return reply(ctx, q)
	}}
}

// stopped says that the codes are no more and where health questions go.
func stopped(_ context.Context, q *bot.Query) (bot.Response, error) {
	text := q.Say("粤康码已在"+Stopped+"停用，这里不再提供相关指引。健康问题可拨 12320；不舒服请直接就医，急病拨 120。",
		"The 粤康码 health code was discontinued on 16 February 2023 and is no longer dealt with here. For health advice call 12320, in an emergency 120.")
	return bot.Response{Replies: []bot.Reply{{Text: text, Source: source, Citations: []string{"health-code#overview"}}}}, nil
}

func reply(_ context.Context, q *bot.Query) (bot.Response, error) {
	lead := q.Say("粤康码已在"+Stopped+"停用，现在不用亮码、不用申报。", "The 粤康码 health code was discontinued on 16 February 2023; no code is needed now.")
	text := strings.ToLower(q.Understanding.Norm)
	var best topic
	score := 0
	for _, t := range topics() {
		n := 0
		for _, w := range t.words {
			if strings.Contains(text, strings.ToLower(w)) {
				n += len(w)
			}
		}
		if n > score {
			best, score = t, n
		}
	}
	if score == 0 && q.Understanding.Intent != bot.HealthCode {
		return bot.Response{Unknown: true}, nil // said on, and of something else
	}
	topic := bot.Topic{Of: bot.HealthCode}
	if score == 0 {
		r := bot.Reply{Text: lead + q.Say("您是想办哪件事？我可以直接帮您看。", " What do you really need?"), Source: source, Citations: []string{"health-code#overview"}}
		return bot.Response{Replies: []bot.Reply{r}, Topic: topic, Choices: []bot.Choice{
			{Text: q.Say("查接种记录", "Vaccination record"), Say: "粤康码 疫苗接种记录怎么查"},
			{Text: q.Say("居住登记", "Residence registration"), Say: "居住证怎么办"},
			{Text: q.Say("转人工", "A person"), Flow: bot.TalkToOperator},
		}}, nil
	}
	body := lead + q.Say(best.now, " "+best.nEN)
	if best.then != "" && q.Language != bot.English {
		body += "\n（" + best.then + "仅供了解）"
	}
	return bot.Response{Replies: []bot.Reply{{Text: body, Source: source, Citations: []string{"health-code#overview"}}}, Topic: topic}, nil
}
