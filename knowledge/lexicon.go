package knowledge

import "strings"

// cue says what a phrase of a question is for.
type cue struct {
	field Field // what is asked for; empty: a word that says nothing
	soft  bool  // stays for ranking, but its absence in a guide means nothing
	keep  bool  // names a field and may be part of the matter as well
}

// span is a cue found in a text, in runes.
type span struct {
	from, to int
	cue
}

// lexicon finds the words of a question that are not its matter: the field
// asked for, question words, politeness. The longest phrase wins.
type lexicon struct{ root *branch }

type branch struct {
	next map[rune]*branch
	cue  *cue
}

func newLexicon() *lexicon {
	l := &lexicon{root: &branch{}}
	l.add(stopWords, cue{})
	l.add(softWords, cue{soft: true})
	phrases, kept := fieldPhrases(), keptPhrases()
	for _, f := range Fields() {
		l.add(phrases[f], cue{field: f})
		l.add(kept[f], cue{field: f, keep: true})
	}
	return l
}

func (l *lexicon) add(phrases string, c cue) {
	for _, p := range strings.Fields(phrases) {
		at := l.root
		for _, r := range fold(p) {
			if at.next == nil {
				at.next = map[rune]*branch{}
			}
			if at.next[r] == nil {
				at.next[r] = &branch{}
			}
			at = at.next[r]
		}
		at.cue = &c
	}
}

// spans finds the cues of a folded text, in order, none overlapping.
func (l *lexicon) spans(text []rune) []span {
	var out []span
	for i := 0; i < len(text); {
		at, best := l.root, span{}
		for j := i; j < len(text); j++ {
			if at = at.next[text[j]]; at == nil {
				break
			}
			if at.cue != nil {
				best = span{i, j + 1, *at.cue}
			}
		}
		if best.to == 0 || !whole(text, best) {
			i++
			continue
		}
		out = append(out, best)
		i = best.to
	}
	return out
}

// whole keeps a cue of letters from being found inside a longer word.
func whole(text []rune, s span) bool {
	if isWord(text[s.from]) && s.from > 0 && isWord(text[s.from-1]) {
		return false
	}
	return !(isWord(text[s.to-1]) && s.to < len(text) && isWord(text[s.to]))
}

// content is a text without its cues; soft and kept words stay. A cue that is
// part of a guide's name there (guarded) stays too.
func (l *lexicon) content(text []rune, guarded func(text []rune, s span) bool) []rune {
	out := append([]rune(nil), text...)
	for _, s := range l.spans(text) {
		if s.soft || s.keep || guarded != nil && guarded(text, s) {
			continue
		}
		for i := s.from; i < s.to; i++ {
			out[i] = ' '
		}
	}
	return out
}

const stopWords = `
请问 请教 问下 问一下 问一声 想问 想问下 想问一下 我想 我要 我想问 我想问一下 我想知道 想知道 想了解 了解一下 咨询 咨询一下 麻烦 麻烦问下 帮忙 你好 您好 喂 嗨 谢谢 多谢 唔该 请
打扰了 打扰一下 不好意思 劳驾 老师 师傅 同志 小姐 先生 客服 请说 告诉我 说说 讲讲 介绍一下 说一下 讲一下 帮我查 查一下 查下 帮我查一下
我 我们 我家 咱 咱们 你 您 你们 你哋 我哋 他 她 它 他们 佢 佢哋 自己 人家 大家 别人
的 了 吗 呢 啊 呀 吧 嘛 么 哦 哈 啦 咯 喔 噢 嘅 咗 咩 嘢 系 唔系 㗎 嘞 喇 哋 囉
是 是不是 是否 有 有没有 有冇 没有 冇 要 要不要 需要 需不需要 使唔使 洗唔洗 用 用不用 想 得 会 会不会 能 可 可以 可不可以 行不行 行吗 行 好 对 就 都 也 还 又 再 才 只 很 太 最 更 把 被 给 让 跟 和 与 及 或 或者 在 从 到 去 来 对于 关于 为 因为 所以 如果 要是 假如 的话 那 那么 那个 这 这个 这种 那种 这样 那样 这些 那些 此 该 每 些 个 一个 一下 一些 下 样 一般 到底 究竟 现在 目前 已经 正在 刚 刚刚 刚才 马上 立刻 突然 不小心 之前 之后 以后 以前 后来 时候 的时候 今天 明天 昨天 前天 后天 今年 明年 去年 最近 早上 晚上 
怎么 怎样 怎么样 咋 咋样 如何 点 点样 点解 为什么 为啥 什么 啥 啥子 哪 哪个 哪些 哪种 边个 几 多少 谁 吾知 知道 不知道 唔知 
办 搞 弄 整 做 弄个 办个 办张 搞掂 处理 
应该 必须 一定 打算 准备 希望 觉得 听说 据说 有人说 看到 发现 真的 其实 好像 大概 另外 顺便 还有 然后 而且 但是 不过 可是
急 好急 着急 急用 很急 快 尽快 快点 赶紧
情况 问题 事情 事 东西 方面 相关 有关 具体 详细 一点 有点
嗯 额 呃 呃呃 那啥 就是 就是说 这边 那边 这里 那里 呢度 嗰度 嗰个 依家 而家 宜家
昨晚 上周 上个月 下个月 这个月 下周 周末前 星期 年底 月底
掉 不见 找不到
what how where when much is the a an i my me do to for of in can need you please does it get
`

const softWords = `
东莞 东莞市 莞 在莞 本市 广东 广东省 本地 市里 镇里 镇上 我们镇 中国
虎门 长安 厚街 塘厦 常平 凤岗 寮步 大朗 大岭山 石龙 石碣 茶山 石排 企石 横沥 桥头 谢岗 东坑 樟木头 清溪 黄江 沙田 道滘 洪梅 麻涌 中堂 高埗 望牛墩 莞城 东城 南城 万江 松山湖 滨海湾 虎门镇 长安镇 厚街镇 塘厦镇 常平镇 凤岗镇 寮步镇 大朗镇
申请 申领 办理 领取 领 交 开 登记 申报 报名 弄好 业务 服务 手续办 相关手续
我妈 我妈妈 妈妈 老妈 我爸 爸爸 老爸 父亲 母亲 爸妈 父母 老婆 老公 爱人 妻子 丈夫 儿子 女儿 孩子 朋友 同事 亲戚 爷爷 奶奶 外公 外婆 姐姐 哥哥 弟弟 妹妹 老豆 老母 阿妈 阿爸 仔仔 囡囡 个仔 个女 家人 家里人 人 女士
钱包 手机 旧 新 重新 一直 当天 今日 一次 两次 第一次 已 过 完 
`

// fieldPhrases are the words by which citizens ask for a field. Words of
// Hong Kong and Cantonese stand beside the others, folded to simplified.
func fieldPhrases() map[Field]string {
	return map[Field]string{
		Materials:  `材料 要什么材料 需要什么材料 哪些材料 什么材料 申请材料 所需材料 办理材料 资料 什么资料 要什么资料 带什么 带啥 要带什么 需要带什么 带什么去 带些什么 要带 带哪些 需带 要带啥 带什么东西 拿什么 拿啥 准备什么 要准备什么 准备哪些 准备些什么 需要什么 需要啥 要什么 要啥 需要哪些 要哪些 要提供什么 提供什么 提交什么 交什么 交哪些 什么证件 哪些证件 要什么证件 带什么证件 什么证明 哪些证明 要什么证明 要什么手续 需要什么手续 带咩 要带咩 要咩 要咩材料 带咩去 攞咩 要攞咩 咩文件 带乜 要乜 要备咩 带边啲 要边啲 复印件 要复印件吗 原件 要原件吗 清单 材料清单 文件清单 documents papers bring materials document paperwork`,
		Fee:        `多少钱 要多少钱 需要多少钱 花多少钱 要花多少钱 多少费用 费用 费用多少 收费 收费吗 要收费吗 怎么收费 收费标准 收多少钱 收多少 要钱吗 要不要钱 要给钱吗 用给钱吗 收钱吗 收不收钱 收不收费 收唔收钱 免费吗 是免费的吗 免费 是不是免费 工本费 工本费多少 手续费 手续费多少 几钱 几多钱 要几钱 要几多钱 收几钱 使几多钱 贵吗 贵不贵 价钱 价格 多少元 几块钱 多少块 几块 缴多少 缴多少钱 交多少钱 交多少 要交多少 要交多少钱 交几多钱 邮费 邮费多少 快递费 花费 花钱吗 要花钱吗 掏钱 付费 付多少 付钱 fee cost price pay`,
		TimeLimit:  `多久 要多久 需要多久 多久能办好 多久办好 多久能拿到 多久可以拿到 多久能下来 多久下来 多久出来 多久到账 多久发 要等多久 等多久 多久能好 多久有结果 办多久 要办多久 多久时间 多长时间 要多长时间 需要多长时间 几天 要几天 需要几天 几天能 几天能好 几天能拿到 几天办好 几天拿到 几日 要几日 几耐 要几耐 等几耐 办几耐 要等几耐 几耐有得攞 多少天 要多少天 多少个工作日 几个工作日 办理时限 时限 办结时限 办理期限 期限 承诺时限 法定时限 什么时候能拿到 什么时候能办好 什么时候能下来 什么时候拿到 什么时候能好 什么时候好 什么时候办好 什么时候到账 什么时候发 什么时候能领到 几时攞得 几时有得攞 几时攞到 几时办好 几时得 多快 最快多久 最快几天 当场能拿吗 当天能拿吗 当天能办好吗 能当场拿吗 立等可取吗 几号截止 什么时候截止 截止 截止时间 什么时候开始 几月份 几月报名 什么时候报名 多久回复 多久答复 几天答复 几天回复 多久处理 几天处理 多久受理 办理时间 需要时间 办理周期 周期 时间要多久 需时 long days`,
		Where:      `哪里 在哪里 去哪里 到哪里 哪里办 在哪里办 去哪里办 到哪里办 哪里可以办 在哪里可以办 哪里能办 去哪 去哪办 在哪 在哪办 到哪 到哪办 哪儿 哪儿办 在哪儿 去哪儿 去哪儿办 什么地方 在什么地方 去什么地方 哪个地方 地址 地点 办理地点 办事地点 地址在哪 哪个窗口 什么窗口 去哪个窗口 哪个部门 什么部门 去哪个部门 找哪个部门 哪个单位 找谁 找谁办 归谁管 谁管 哪个局 边度 喺边度 去边度 去边度办 喺边度办 边度办 喺边 去边 去边办 边处 响边度 哪里能 哪里可以 哪里申请 在哪里申请 在哪申请 去哪申请 去哪里申请 向哪里申请 向谁申请 到哪里申请 哪个派出所 去哪个派出所 哪个镇 哪个大厅 几楼 怎么走 就近 能就近办吗 where address`,
		Hours:      `几点 几点上班 几点下班 几点开门 几点关门 几点开始 上班时间 上班吗 下班 下班时间 开门 开门吗 关门 关门时间 办公时间 受理时间 营业时间 工作时间 开放时间 服务时间 接待时间 窗口时间 周六 周日 周末 周六上班吗 周日上班吗 周末上班吗 周六日 星期六 星期天 星期日 礼拜六 礼拜天 礼拜日 周末能办吗 周末开门吗 周六能办吗 节假日 放假 放假吗 中午 中午休息吗 中午有人吗 午休 几点钟 几点收工 几点开 几时开门 几时收工 收工 返工 开工 夜晚 晚上能办吗 什么时间上班 什么时间 何时上班 hours open`,
		Conditions: `条件 什么条件 要什么条件 需要什么条件 办理条件 申请条件 有什么条件 哪些条件 满足什么条件 什么要求 有什么要求 要求 哪些要求 有要求吗 资格 什么资格 符合 符合条件 符合什么 谁能办 谁可以办 谁能 谁可以 谁能申请 谁可以申请 什么人能办 什么人可以 哪些人可以 哪些人能 哪些人 什么人 能不能 能不能办 能不能申请 能不能领 可以办吗 可以申请吗 能办吗 能申请吗 能领吗 可以领吗 可不可以 可不可以办 可唔可以 可唔可以办 办唔办得 办得唔得 得唔得 申请得唔得 领唔领得 我能办吗 我能申请吗 我可以办吗 我可以申请吗 够条件吗 够不够条件 够资格吗 有资格吗 符合吗 符合条件吗 算不算 算吗 算唔算 限制 有限制吗 有什么限制 门槛 咩条件 要咩条件 乜条件 边啲人 我这种情况 这种情况 我这情况 这种情况能办吗 适用范围 受理条件 eligible requirements qualify`,
		Steps:      `怎么办 怎么办理 怎么办呢 怎么办啊 怎么申请 怎么弄 怎么搞 怎么操作 怎么做 怎么报名 怎么登记 怎么处理 怎么走流程 如何办理 如何申请 如何办 如何操作 如何处理 如何登记 咋办 咋弄 咋申请 咋办理 咋整 点办 点样办 点搞 点样搞 点算 点申请 点样申请 点整 点先 流程 办理流程 什么流程 流程是什么 流程怎么走 走什么流程 步骤 什么步骤 哪些步骤 几个步骤 办理步骤 程序 办理程序 先做什么 第一步 第一步做什么 下一步 手续 办手续 怎么个流程 要怎么 该怎么 要怎么办 该怎么办 要怎么做 怎么才能 要预约吗 需要预约吗 用预约吗 要不要预约 procedure process steps apply`,
		Online:     `网上 网上办 网上能办吗 网上可以办吗 网上怎么办 能网上办吗 可以网上办吗 能不能网上办 可不可以网上办 在网上办 网上申请 网上能申请吗 网上怎么申请 线上 线上办 线上能办吗 线上怎么办 线上申请 能线上办吗 网办 全程网办 能网办吗 手机上 手机上能办吗 手机能办吗 手机上怎么办 用手机 用手机办 手机办 手机办理 用手机能办吗 哪个小程序 什么小程序 小程序 哪个app 什么app 公众号 哪个公众号 哪个网站 什么网站 网址 链接 哪个平台 什么平台 网站 入口 在线办 在线 在线申请 电脑上 电脑上办 在家办 在家能办吗 在家里办 不出门 不用出门 远程办 上网办 上网搞 网上搞 网上搞得掂吗 喺网上 online app website`,
		Visits:     `跑几次 要跑几次 跑几趟 要跑几趟 去几次 要去几次 去几趟 跑一次 跑一趟 跑多少次 要不要本人去 要本人去吗 要本人到场吗 本人去吗 要本人吗 必须本人吗 必须本人去吗 需要本人吗 需要本人到场吗 需要本人去吗 一定要本人吗 一定要本人去吗 本人到场 本人要到场吗 本人不去 要亲自去吗 亲自去 亲自 亲自到场 要去现场吗 要到现场吗 需要到现场吗 去现场 到现场 现场办 要去窗口吗 要去大厅吗 一定要去窗口吗 要到场吗 到场 要不要去现场 要不要去窗口 需要去现场吗 要两个人都去吗 两个人都要去吗 都要到场吗 两个人都到场吗 要一起去吗 一起去 必须一起去 要自己去吗 使唔使本人去 洗唔洗本人去 使唔使亲身去 亲身 要去几多次 跑几转 几转 到场次数 到现场次数 visit`,
		Phone:      `电话 电话多少 电话是多少 咨询电话 联系电话 电话号码 打什么电话 打哪个电话 打哪个 打边个电话 打咩电话 打什么号码 什么电话 哪个电话 号码 号码多少 联系方式 怎么联系 客服电话 热线 热线电话 热线多少 打电话 打电话问 问谁 找谁问 找谁咨询 打几多号 电话几多 投诉电话 phone number call contact`,
		Proxy:      `代办 能代办吗 可以代办吗 可以找人代办吗 别人代办 代为办理 代理 委托 委托别人 可以委托吗 能委托吗 委托书 让别人办 让人代办 找人代办 别人能代办吗 代领 能代领吗 可以代领吗 帮忙代办 替我办 帮我办 帮他办 帮她办 帮佢办 帮人办 替别人办 替他办 替她办 代他办 家人代办 家里人代办 家人能办吗 家属代办 子女代办 亲属代办 别人去办 叫人去办 叫人代办 揾人代办 揾人代 代替 本人来不了 本人去不了 本人不能去 人在外地 帮老人办 帮父母办 帮爸妈办 帮妈妈办 帮爸爸办 帮我妈办 帮我爸办 替老人办 替父母办 替我妈办 替我爸办 帮孩子办 帮朋友办 帮老豆办 帮阿妈办 proxy`,
		Result:     `怎么领 怎么领证 怎么领取 怎么拿 在哪里领 去哪里领 哪里领 哪里领取 哪里拿 去哪领 去哪拿 邮寄 能邮寄吗 可以邮寄吗 可以寄吗 能寄吗 寄到家 寄到家里 邮寄到家 快递到家 寄给我 能不能寄 有效期 有效期多久 有效期多长 有效期几年 有效期是多久 有效期多少年 有效几年 几年有效 能用几年 能用多久 可以用多久 管多久 管几年 管用多久 用得几耐 几年换一次 多久换一次 结果 办好之后 办好后 办完之后 办完 办好以后 办成 能领多少 能领多少钱 可以领多少 可以领多少钱 领多少钱 领多少 能拿多少 能拿多少钱 拿多少钱 可以拿多少 拿到多少 补多少 补多少钱 补贴多少 补贴多少钱 补助多少 补助多少钱 能补多少 津贴多少 津贴多少钱 给多少钱 给多少 发多少钱 发多少 有多少钱 每月多少 每月多少钱 每个月多少钱 一个月多少 一个月多少钱 一个月能领多少 一个月领多少 每个月能领多少 每个月领多少 能取多少 可以取多少 取多少 能提多少 可以提多少 提取多少 能报多少 报销多少 报多少 最多多少 最高多少 最多能领多少 最多能取多少 标准 标准是多少 什么标准 金额 额度 多少额度 攞几多 攞得几多 有几多钱 领几多 派几多 能领几个月 领几个月 可以领几个月 能领多久 可以领多久 领多久 放几天 多少天假 几天假`,
		Legal:      `依据 法律依据 什么依据 依据是什么 有什么依据 政策依据 法律 哪条法律 哪部法律 什么法律 法规 哪个法规 根据什么 根据哪条 哪条规定 什么规定 规定 有规定吗 哪个规定 有什么规定 有文件吗 什么文件规定 哪个文件 文件依据 法律规定 政策文件 条例 第几条 凭什么 有咩法律 law legal`,
		Overview:   `介绍 概况 是什么 是什么意思 什么意思 怎么回事 咩来 系咩 是咩 what's`,
	}
}

// keptPhrases ask for a field and are part of the matter too, so that they
// stay in the question.
func keptPhrases() map[Field]string {
	return map[Field]string{
		Conditions: `几岁 多大年龄 年龄 多少岁 满多少岁 几岁可以 几多岁 户籍要求 外地人 外地户口 外省人 非本地`,
		Proxy:      `监护人`,
		Online:     `自助机`,
	}
}
