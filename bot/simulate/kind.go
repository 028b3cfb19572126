package simulate

import "math/rand/v2"

// kind is what a citizen comes for.
type kind struct {
	name    string
	weight  int // of a thousand
	opening func(*citizen) string
	more    func(*citizen) string // what else may be said when the errand is done; nil: nothing
}

func pickKind(r *rand.Rand) kind {
	n := r.IntN(1000)
	all := kinds()
	for _, k := range all {
		if n -= k.weight; n < 0 {
			return k
		}
	}
	return all[0]
}

// kinds are shaped after a city hotline's figures: nearly half ask, a third
// need help or report, the rest book, follow up or want a person.
func kinds() []kind {
	ask := func(c *citizen) string { return pick(c.rand, asks()) }
	follow := func(c *citizen) string { return pick(c.rand, asides()) }
	return []kind{
		{name: "ask", weight: 400, opening: ask, more: follow},
		{name: "book", weight: 220, opening: func(c *citizen) string {
			if c.rand.IntN(3) == 0 {
				return "我想" + pick(c.rand, []string{"明天下午", "后天上午", "这周五"}) + "去" + c.town + pick(c.rand, bookings()) + "，我叫" + c.name + "，电话" + c.phone
			}
			return pick(c.rand, []string{"我想预约", "帮我约个号", "想约"}) + pick(c.rand, bookings())
		}},
		{name: "report", weight: 150, opening: func(c *citizen) string { return pick(c.rand, reports()) }},
		{name: "help", weight: 70, opening: func(c *citizen) string { return pick(c.rand, needs()) }},
		{name: "follow", weight: 60, opening: func(c *citizen) string {
			return pick(c.rand, []string{"我的预约", "查一下我反映的事到哪一步了", "我约的号能改时间吗"})
		}},
		{name: "policy", weight: 30, opening: func(c *citizen) string {
			return pick(c.rand, []string{"开小店有什么补贴", "大学生创业有什么政策", "招人有没有社保补贴"})
		}},
		{name: "person", weight: 35, opening: func(c *citizen) string {
			return pick(c.rand, []string{"转人工", "我要同人讲", "找工作人员"})
		}},
		{name: "small talk", weight: 25, opening: func(c *citizen) string {
			return pick(c.rand, []string{"你好", "在吗", "你是机器人吗", "今天天气怎么样"})
		}},
		{name: "emergency", weight: 3, opening: func(c *citizen) string {
			return pick(c.rand, []string{"我家厨房着火了", "老人晕倒了没有反应"})
		}},
		{name: "noise", weight: 7, opening: func(c *citizen) string {
			return pick(c.rand, []string{"？？？", "啊啊啊", "。", "1", "那个那个就是那个"})
		}},
	}
}

func bookings() []string {
	return []string{"办居住证", "补身份证", "社保卡换卡", "办港澳通行证", "办护照", "公积金提取", "开个体户执照", "身份证到期换证"}
}

func asks() []string {
	return []string{
		"居住证要带什么材料", "身份证丢了怎么补", "社保卡去哪里换", "办港澳通行证要多少钱", "护照多久能拿到", "公积金租房怎么提取",
		"生了小孩怎么上户口", "积分入学什么时候开始", "失业金怎么领", "个体户营业执照怎么办", "市民服务中心几点上班", "老人证几岁能办",
		"粤康码还能用吗", "异地就医怎么备案", "买房怎么入户", "退休手续要带什么",
	}
}

func asides() []string {
	return []string{"要带什么材料", "要多少钱", "几天能办好", "可以网上办吗", "别人能代办吗", "在哪里办", "周末上班吗", "要不要本人去"}
}

func reports() []string {
	return []string{
		"楼下工地半夜还在施工，吵得睡不着，我要投诉", "小区门口垃圾好几天没人清", "路灯坏了一个多星期了", "有人占用消防通道停车",
		"工厂晚上偷排废气，很臭", "老板拖欠三个月工资", "自来水发黄有泥沙", "人行道的砖烂了，老人摔过跤", "店里卖过期食品", "建议在学校门口加个红绿灯",
	}
}

func needs() []string {
	return []string{
		"我爸摔断了腿，家里拿不出住院的钱，想申请帮助", "孩子上学没有书桌，想许个微心愿", "我失业半年了，房租都交不起", "独居老人家里电线老化很危险，没钱修",
		"邻居阿婆一个人，米都没有了", "残疾人想要一台轮椅", "家里被火烧了，没地方住",
	}
}

func families() []string {
	return []string{"陈", "李", "黄", "张", "梁", "何", "叶", "莫", "袁", "卢", "王", "刘"}
}
func given() []string {
	return []string{"小明", "美玲", "志强", "丽华", "建国", "晓燕", "伟", "静", "浩然", "子轩", "桂芳", "国栋"}
}

func towns() []string {
	return []string{"莞城", "东城", "南城", "万江", "虎门", "长安", "厚街", "寮步", "大朗", "塘厦", "常平", "石龙", "麻涌", "樟木头", "凤岗", "清溪"}
}

func streets() []string {
	return []string{"人民路", "振兴路", "东兴路", "体育路", "新村南街", "工业二路", "莲湖路", "港口大道"}
}
