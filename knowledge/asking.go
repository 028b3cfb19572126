package knowledge

import "strings"

// asking builds the phrases by which citizens ask for a field out of their
// parts, one of each: 要 + 带 + 些 + 啥 + 东西. A dash is nothing at that place.
// Phrases that fieldPhrases lists by themselves keep the field they have there.
type asking struct {
	field Field
	parts []string
}

// askings are how the fields are asked for, in Mandarin, in Cantonese (folded
// before it is looked up) and as elders put it. The deeds among them are those
// that say nothing of the matter: 注销 and 挂失 belong to it.
func askings() []asking {
	const (
		what  = `什么 啥 啥子 哪些 哪几样 哪样 几样 哪几个`
		how   = `怎么 咋 咋个 怎样 怎么样 如何 点 点样 咋样 怎么个`
		where = `哪 哪里 哪儿 哪块 哪块儿 哪边 哪头 哪个地方 啥地方 什么地方 啥单位 什么单位 啥部门 什么部门 哪个部门 哪个单位`
		deed  = `办 办理 弄 搞 整 申请 操作 做 处理 预约 约 报名 报 领 交 开 取 拿 申报 申领 缴 缴费 查 提交 提 寄 买`
		done  = `好 办好 弄好 搞好 办完 办妥 下来 能下来 出来 出 拿 拿到 批 批下来 到账 有 生效 有结果 出结果 出证 好得了 答复 回复`
		may   = `能 可以 才能 才 就能 才可以 先 先可以 -`
	)
	return []asking{
		{Materials, []string{`带 拿 备 备齐 准备 交 提供 提交 要带 要拿 要准备 要备 要交 得带 得拿 得备 得准备 需带 需要带 要 需要 得要`, `些 点 好 -`, what, `东西 证 证件 材料 资料 文件 手续 证明 单据 证过去 东西过去 过去 去 -`}},
		{Materials, []string{what, `材料 资料 证件 文件 单据`}},
		{Fee, []string{`要 收 花 交 给 掏 出 付 要收 要给 要交 要花 得花 得交 -`, `多少 几多 几`, `钱 块钱 块 元 费用`, `一本 一张 一个 一次 一件 一年 -`}},
		{Fee, []string{`收 要 用 交 花 给 掏 需要 要收 要交 要给 要花 得 用给 要不要 用不用 不要 收不收 需不需要 要不要给 要不要交 要不要收 要不要花 用不用给 用不用交`, `钱 费 费用`, `吗 么 不 没 的吗`}},
		{Fee, []string{`收不收 要不要 用不用 需不需要 花不花 掏不掏`, `钱 费 费用 收费 交费 缴费 交钱 给钱 花钱`}},
		{TimeLimit, []string{`得 要 需要 需 等 得等 要等 -`, `几 多少 多少个 几个`, `天 日 工作日 礼拜 星期 周`, may, done + ` -`}},
		{TimeLimit, []string{`得 要 需要 需 等 得等 要等 -`, `多久 多长时间 几久 好久`, may, done + ` -`}},
		{Where, []string{`去 到 在 上 找 向 往 喺 响 -`, where, may, deed + ` 搞得 咨询 -`}},
		{Phone, []string{`打 拨 问 打个`, `什么 啥 哪个 几 哪一个`, `电话 号码 号 热线`, `问 咨询 -`}},
		{Phone, []string{`什么 啥 哪个 哪一个`, `电话 号码 热线`, `问 咨询 -`}}, // 几号 by itself is a day
		{Phone, []string{`电话 热线 号码 咨询电话 客服电话`, `多少 几多 是多少 是几 是啥 是什么 几号 有吗`}},
		{Online, []string{`网上 线上 手机上 手机 网络上 微信上 微信 在家`, how + ` 能 可以 能不能 可不可以 在哪 哪里 在哪里 去哪 -`, deed + ` 弄得 搞得`, `吗 不 -`}},
		{Online, []string{`用 在 到 喺 上 去 -`, `哪个 什么 啥 哪一个`, `小程序 app 软件 平台 网站 公众号 网址 网`, deed + ` -`}},
		{Conditions, []string{`要 需要 有 得 满足 符合 要满足 要符合 得符合 -`, `什么 啥 啥子 哪些`, `条件 要求 资格 限制 门槛`}},
		{Conditions, []string{`什么 啥 哪些 哪种 什么样的`, `人 情况 对象 情形`, `能 可以 才能 才可以 先可以 有得 能够`, `办 申请 领 报 申领 享受 买 交 -`}},
		{Steps, []string{how, `去 才能 能 可以 该 来 -`, deed + ` 走 开始 弄好 补救`}},
	}
}

// product is the asking as trees, one for each part.
func (a asking) product() product {
	var p product
	for _, words := range a.parts {
		tree := newBranch()
		for _, w := range strings.Fields(words) {
			tree.put(fold(strings.TrimPrefix(w, "-")), cue{field: a.field})
		}
		p = append(p, tree)
	}
	return p
}
