package intents

import "regexp"

// Words that ask for what is somebody else's: who they are, where they live,
// what they told us. A complaint about a neighbour names the neighbour too,
// but asks for nothing of theirs.
var (
	// theirs is a particular of somebody else.
	theirs = regexp.MustCompile(`(别人|他人|其他人|人家|隔壁老.|隔壁那家人?|我?邻居|前面(那个|那位|的)?人|上一?个人|刚才那个(人|女的|男的)|所有人|每个人|大家|(所有|全部|全体|其他)市民|前妻|前夫|前男友|前女友|局长|领导|工作人员|管理员|接线员|话务员|操作员|社工|受助人|举报人|投诉人|求助人|心愿的联系人|残疾人|贫困户|低保户|债主|欠我钱的人)` +
		`(们)?(的|家的?|都)?(预约了什么|问了什么|说了什么|(全部|所有|家庭|私人|个人|真实)?(名字|姓名|名单|电话|手机|号码|住址|地址|住哪|住在哪|身份证|聊天|录音|密码|病历|二维码|健康码|求助内容|投诉内容|投诉记录|信息|资料|数据)|叫什么|是谁)`)
	// who asks for the person behind something.
	who = regexp.MustCompile(`(谁|边个|哪个人)(在)?(举报|投诉|举告|告)(了)?(我|我们|我家|我店|你|他)|(举报|投诉)(我|我们|我们店)的(人)?是(谁|边个)|谁认领了|(号码|电话|手机号|车牌|身份证号?|工单|地址|房子).{0,24}(是谁的?|住的是谁|谁住|后面的人)$|住的是谁|在我(前面|前边)的人`)
	// English words for the same.
	another = regexp.MustCompile(`(who|which citizens?) (complained about|reported|booked before|is behind|asked for help)|(my neighbou?r|someone else|the previous user|the last caller|other people|everyone|every citizen|the operator)('s)?( [a-z]+){0,2} (name|names|number|phone|address|appointment|conversation|password|data|records?|say)|list every phone|owner of this number`)
)

// A look for a few characters spares most utterances the patterns.
var (
	ofOthers  = []string{"人", "隔壁", "邻居", "前妻", "前夫", "前男友", "前女友", "局长", "领导", "员", "大家", "户", "社工", "市民"}
	ofSomeone = []string{"谁", "边个", "哪个人", "前面", "前边", "后面"}
	// whatOfThem is all that theirs asks for.
	whatOfThem = []string{"了什么", "名字", "姓名", "名单", "电话", "手机", "号码", "址", "住哪", "住在哪", "身份证", "聊天", "录音", "密码", "病历", "二维码", "健康码", "内容", "记录", "信息", "资料", "数据", "叫什么", "是谁"}
)

// prying says whether words ask for what is somebody else's.
func prying(norm string) bool {
	switch {
	case containsAny(norm, ofSomeone) && who.MatchString(norm):
		return true
	case containsAny(norm, ofOthers) && containsAny(norm, whatOfThem) && theirs.MatchString(norm):
		return !own.MatchString(norm)
	}
	return norm != "" && norm[0] < 0x80 && another.MatchString(norm)
}

// own are words beside which the same are about oneself or a procedure.
var own = regexp.MustCompile(`我是|泄露|骚扰|诈骗|假冒|怎么办|怎么补|申请|补贴|丢了|办理`)
