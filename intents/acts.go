package intents

import (
	"maps"
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

// actWords are the words that mean something only in context, by act.
func actWords() map[bot.Act][]string {
	return map[bot.Act][]string{
		bot.Yes:          {"好", "好的", "好呀", "好啊", "好嘅", "好吧", "好滴", "好哒", "行", "行的", "行吧", "可以", "可以的", "是", "是的", "是啊", "对", "对的", "对啊", "没错", "确认", "确定", "确认预约", "确认提交", "没问题", "冇问题", "嗯", "嗯嗯", "恩", "系", "系呀", "系啊", "得", "得啦", "得嘅", "啱", "同意", "要", "要的", "需要", "接着办", "继续办", "ok", "okay", "yes", "yep", "yeah", "sure", "confirm", "confirmed", "提交", "提交吧", "就这样", "就咁", "就这个", "约吧", "办吧", "中", "对对", "对对对", "是是", "是是是", "好好", "好好好", "嗯嗯嗯", "行行", "行行行", "可以可以", "系系", "啱啱", "没错没错", "对的没错", "信息没错", "都没错", "没有错", "全对", "正确", "全部正确", "没有问题", "sounds good", "looks good", "that is right", "correct"},
		bot.No:           {"不", "不是", "不是的", "不要", "不用", "不用了", "不需要", "不行", "不可以", "不可", "先不用", "没有", "没有了", "唔系", "唔使", "唔要", "唔得", "唔好", "冇", "否", "别", "no", "nope", "not now", "算了不用", "不了", "暂时不用", "先不", "不确认", "先不确认", "别确认", "先别确认", "不提交", "先不提交", "先别提交"},
		bot.Cancel:       {"算了", "不办了", "唔办了", "唔办喇", "不约了", "唔约了", "取消", "取消吧", "退出", "不弄了", "不搞了", "不想办了", "不想约了", "先不办了", "先不办", "不用办了", "算啦", "停", "停止", "结束", "cancel", "stop", "quit", "never mind", "nevermind", "forget it", "算数啦", "都系算了", "还是算了", "不预约了", "不反映了", "不报了", "不求助了", "不登记了", "不改了", "算了不改了", "唔改了"},
		bot.Correct:      {"不对", "错了", "不是这个", "说错了", "讲错了", "打错了", "写错了", "填错了", "弄错了", "搞错了", "改成", "改为", "改到", "改一下", "换成", "换到", "应该是", "更正", "唔啱", "错咗", "修改", "不是", "改", "i mean", "actually", "wrong", "change it"},
		bot.Repeat:       {"再说一遍", "再说一次", "再讲一次", "再讲一遍", "重复一遍", "重复一下", "没听清", "听不清", "没听清楚", "听不清楚", "听得不清楚", "听唔清", "听唔清楚", "咩话", "你说什么", "你讲咩", "什么？", "再讲多次", "repeat", "say again", "say it again", "pardon", "没看清", "刚才说什么", "刚才说啥", "再发一遍", "再发一次"},
		bot.Back:         {"上一步", "返回", "退回", "回上一步", "返回上一步", "上一个", "倒回去", "重新选", "back", "go back", "返转头", "退回去"},
		bot.Skip:         {"跳过", "不想说", "不方便说", "不知道", "唔知", "唔知道", "不清楚", "记不得", "不记得", "忘了", "没有身份证号", "不想给", "不想留", "不告诉你", "唔想讲", "略过", "skip", "说不清", "不方便", "都可以", "随便", "不填", "不留", "没想好", "没有电话", "没电话", "没有手机", "没手机", "冇电话", "冇手机", "没有号码", "no phone"},
		bot.Why:          {"为什么要", "为啥要", "为何要", "点解要", "干嘛要", "为什么需要", "要来干嘛", "有什么用", "凭什么要", "什么意思", "咩意思", "乜意思", "乜嘢意思", "what does that mean", "why do you need", "why"},
		bot.Slower:       {"慢点", "慢一点", "说慢点", "讲慢啲", "慢啲", "太快了", "听不懂", "没听懂", "听唔明", "听不明白", "没听明白", "slower", "slow down"},
		bot.Louder:       {"大声点", "大点声", "大声啲", "声音大点", "听不见", "听唔到", "louder", "speak up"},
		bot.Person:       {"人工", "转人工", "人工客服", "人工服务", "转接人工", "找人工", "要人工", "真人", "找真人", "客服", "转客服", "接线员", "话务员", "坐席", "揾人", "揾人工", "搵人", "搵人工", "找个人", "跟人说", "和人说", "找人说", "叫人来", "操作员", "operator", "agent", "human", "real person", "talk to a person", "talk to someone", "找工作人员", "转工作人员", "person", "a person"},
		bot.NoneOfThese:  {"都不是", "都不对", "全不是", "没有我要的", "都唔系", "没有一个是", "都没有", "none", "none of these", "都不合适", "都不行", "都唔得", "都不要", "都不想要", "都唔要", "一个都不行", "都没空", "都唔啱"},
		bot.More:         {"还有吗", "还有呢", "换一批", "换一个", "更多", "继续", "下一页", "其他的", "别的呢", "还有别的吗", "仲有冇", "more", "next", "continue", "换个", "另外的"},
		bot.Later:        {"晚一点", "晚点", "晚一些", "晚啲", "迟一点", "迟点", "迟一些", "迟啲", "再晚", "更晚", "往后", "后一点", "晚一天", "迟一天", "推后", "later", "晚几天", "迟几日"},
		bot.Earlier:      {"早一点", "早点", "早一些", "早啲", "更早", "再早", "往前", "前一点", "早一天", "提前一天", "earlier", "早几天"},
		bot.Any:          {"最早", "最早的", "最快", "最近的", "尽快", "越快越好", "越早越好", "都可以", "都行", "都得", "随便", "哪天都行", "几点都行", "哪个都行", "任何", "随便哪个", "边个都得", "你定", "你帮我选", "你帮我定", "earliest", "soonest", "asap", "any time", "anytime", "any day", "any", "whichever"},
		bot.Anonymous:    {"匿名", "不留名", "不想留名", "不实名", "anonymous", "anonymously", "唔留名", "唔使留名", "唔想留名", "不用留名", "不用留名字", "不用留姓名", "不要留名", "不用写名字", "不写名字", "不用登记名字", "不用记名字", "唔使留名字", "唔使写名", "no name please", "不留名字", "不署名", "不要写我名字", "不要登记我的名字", "不想说我是谁", "不说我是谁", "不要留我名字", "不留姓名", "不想留姓名", "不想透露姓名", "不透露姓名", "不想报名字", "唔想讲我系边个"},
		bot.OwnData:      ownDataWords(),
		bot.Confidential: {"保密", "别透露", "不要透露", "替我保密", "不要告诉", "别告诉他", "怕报复", "怕被报复", "confidential", "唔好话俾", "不要让他们知道", "别让他们知道", "不要公开", "不公开", "别公开", "不想公开", "会不会泄露", "会泄露", "别泄露", "不要泄露"},
	}
}

// ownDataWords are the ways to ask for what is kept of oneself.
func ownDataWords() []string {
	words := []string{"我的数据", "我嘅数据", "my data", "my personal data", "delete my information", "撤回同意", "撤回授权"}
	for _, verb := range []string{"删", "删除", "删掉", "删咗", "清除", "清空", "注销", "导出", "下载", "查看", "看看"} {
		for _, what := range []string{"我的数据", "我的信息", "我的个人信息", "我的资料", "我的个人资料", "我的聊天记录", "我的记录", "我嘅资料"} {
			words = append(words, verb+what, what+verb)
		}
	}
	return words
}

// newActs makes the acts' words ready. A word of several acts tells them in
// alphabetical order, the same in every process.
func newActs() *trie {
	t, words := newTrie(), actWords()
	for _, act := range slices.Sorted(maps.Keys(words)) {
		for _, w := range words[act] {
			t.add(hanzi.Fold(w), string(act))
		}
	}
	for _, w := range []string{"你好", "您好", "好久", "好像", "好多", "好难", "好烦", "好慢", "行政", "行程", "对面", "对方", "不好意思", "要求", "要带", "要准备", "不匿名", "不用匿名", "不要匿名", "取消匿名", "不用人工", "不要人工", "不转人工", "不用转人工", "人工不用了", "人工不用", "先不转人工", "不找人工", "不需要人工"} {
		t.add(hanzi.Fold(w), "") // these only look as if one stood there
	}
	return t
}

// anywhere are acts that count wherever they stand in a sentence.
func anywhere(a bot.Act) bool {
	switch a {
	case bot.Anonymous, bot.Confidential, bot.Repeat, bot.Correct, bot.OwnData:
		return true
	}
	return false
}

// fillers may stand around words in context.
var fillers = []string{"那", "那就", "啊", "呀", "吧", "啦", "喇", "了", "嘛", "哦", "噢", "嗯", "呃", "额", "我", "就", "请", "帮我", "给我", "麻烦", "唔该", "唔該", "谢谢", "你", "您", "想", "要", "先", "都", "还是", "好", "please", "the", "i", "want", "to", "和", "说", "吗", "一下", "给", "我要", "我想", "的", "快", "赶紧", "马上", "直接", "可以", "能不能", "可不可以", "同志", "it", "that", "oh", "um", "let", "me", "speak", "with", "talk", "a", "接", "转", "找", "个", "我们", "俾", "多次", "阵", "吖", "嘅", "哎", "唉", "sir", "thanks"}

// hear finds the words in context, and what a correction is about. A word
// counts when it opens or closes the utterance, or stands alone but for
// fillers; some count anywhere.
func (r *Recognizer) hear(folded []rune) (acts []bot.Act, corrected []bot.EntityType, bare bool) {
	text := trimmed(folded)
	rest := slices.Clone(text) // what is left when the words are taken out
	add := func(ids []string) {
		for _, id := range ids {
			if !slices.Contains(acts, bot.Act(id)) {
				acts = append(acts, bot.Act(id))
			}
		}
	}
	for i := 0; i < len(text); {
		n, ids := r.acts.longest(text, i)
		if n == 0 || cutsWord(text, i, n) {
			i++
			continue
		}
		keep := ids[:0:0]
		for _, id := range ids {
			if id == "" {
				continue
			}
			if anywhere(bot.Act(id)) || r.counts(text, i, n, bot.Act(id)) {
				keep = append(keep, id)
			}
		}
		add(keep)
		for k := i; len(keep) > 0 && k < i+n; k++ {
			rest[k] = ' '
		}
		i += n
	}
	acts = settleActs(string(text), acts)
	if slices.Contains(acts, bot.Correct) {
		corrected = correctedTypes(string(text))
	}
	return acts, corrected, len(acts) > 0 && onlyFillers(string(rest))
}

func trimmed(folded []rune) []rune {
	return []rune(strings.Trim(string(folded), " 。.！!，,~～、…"))
}

// cutsWord keeps Latin words from being found inside longer ones.
func cutsWord(text []rune, i, n int) bool {
	if !latin(text[i]) {
		return false
	}
	return i > 0 && latin(text[i-1]) || i+n < len(text) && latin(text[i+n])
}

// counts says whether a word in context counts where it stands.
func (r *Recognizer) counts(text []rune, i, n int, act bot.Act) bool {
	opens := onlyFillers(string(text[:i]))
	closes := onlyFillers(string(text[i+n:]))
	if opens && closes {
		return !asksBack(act, text[i+n:])
	}
	rest := string(text[i+n:])
	switch act {
	case bot.Yes, bot.No:
		if opens && r.only(text[i+n:], act) {
			return true // 对的对的, 是的没错
		}
		if act == bot.No && opens && n == 1 && rest != "" && !strings.ContainsAny(rest[:min(len(rest), 3)], "，, 。") {
			return false // 不 begins another word
		}
		return opens && n <= len(text) && pause(text, i+n) || closes && pause(text, i-1) && !strings.ContainsAny(rest, "吗?？")
	case bot.Cancel:
		if n == 1 && !pause(text, i+n) {
			return false // 停车方便吗, 停水三天了
		}
		return (opens || closes && i > 0) && len(text)-n <= 8 && !strings.Contains(string(text), "预约") && !strings.Contains(string(text), "怎么")
	case bot.Person:
		if closes && pause(text, i-1) {
			return true // a clause of its own, however much was said before
		}
		return len(text) <= n+12 && !containsAny(string(text), []string{"收费", "几点上班", "人工流产", "人工智能", "是人工", "是真人", "真人吗", "真人还是", "人工还是", "人工多少"})
	case bot.Why:
		return opens || len(text) <= 16
	case bot.Later, bot.Earlier, bot.Any:
		return len(text) <= n+8
	case bot.Skip:
		return len(text) <= n+6 || opens && pause(text, i+n) && len(text) <= n+14 // 没电话，这是邻居的
	case bot.Back, bot.Slower, bot.Louder, bot.NoneOfThese, bot.More:
		return len(text) <= n+6
	}
	return false
}

// only says whether nothing but words of one act and fillers stands there.
func (r *Recognizer) only(text []rune, act bot.Act) bool {
	for len(text) > 0 {
		if strings.ContainsRune(" ，,。.、！!~～", text[0]) {
			text = text[1:]
			continue
		}
		n, ids := r.acts.longest(text, 0)
		if n == 0 || !slices.Contains(ids, string(act)) {
			return onlyFillers(string(text)) && !asksBack(act, text)
		}
		text = text[n:]
	}
	return true
}

// asksBack hears that the last words turn a yes into a question: 可以吗.
func asksBack(act bot.Act, rest []rune) bool {
	return act == bot.Yes && strings.ContainsAny(string(rest), "吗?？")
}

// pause says whether a clause ends at i.
func pause(text []rune, i int) bool {
	if i < 0 || i >= len(text) {
		return true
	}
	return strings.ContainsRune("，,。. 、;；！!", text[i])
}

// onlyFillers says whether nothing but fillers and punctuation stands there.
func onlyFillers(text string) bool {
	for changed := true; changed && text != ""; {
		changed = false
		text = strings.Trim(text, " ，,。.、！!~～?？")
		for _, f := range fillers {
			if strings.HasPrefix(text, f) {
				text = text[len(f):]
				changed = true
			}
		}
	}
	return text == ""
}

// settleActs drops acts that others deny: 不对 is no plain no, 不可以 no yes.
func settleActs(text string, acts []bot.Act) []bot.Act {
	drop := func(a bot.Act) { acts = slices.DeleteFunc(acts, func(x bot.Act) bool { return x == a }) }
	if slices.Contains(acts, bot.Cancel) {
		drop(bot.No)
		drop(bot.Yes)
	}
	if slices.Contains(acts, bot.NoneOfThese) || slices.Contains(acts, bot.Skip) {
		drop(bot.No)
		drop(bot.Yes)
	}
	if slices.Contains(acts, bot.Person) || slices.Contains(acts, bot.Why) || slices.Contains(acts, bot.Anonymous) || slices.Contains(acts, bot.Confidential) {
		drop(bot.Yes)
		drop(bot.No)
	}
	if slices.Contains(acts, bot.Repeat) {
		drop(bot.More)
		drop(bot.No)
	}
	if text == "不是" || text == "不是的" {
		drop(bot.Correct)
	}
	return acts
}

// correctedTypes reads what a correction is about: 电话写错了.
func correctedTypes(text string) []bot.EntityType {
	if !containsAny(text, []string{"错", "不对", "改", "换", "修改", "wrong", "change", "唔啱"}) {
		return nil
	}
	var out []bot.EntityType
	for _, w := range []struct {
		words []string
		types []bot.EntityType
	}{
		{[]string{"电话", "手机", "号码", "phone", "number"}, []bot.EntityType{bot.Phone}},
		{[]string{"名字", "姓名", "name"}, []bot.EntityType{bot.PersonName}},
		{[]string{"日期", "日子", "哪天", "date", "day"}, []bot.EntityType{bot.Date}},
		{[]string{"时间", "时段", "time", "几点"}, []bot.EntityType{bot.Time}},
		{[]string{"大厅", "地方", "地点", "hall", "place"}, []bot.EntityType{bot.Hall}},
		{[]string{"业务", "事项", "service"}, []bot.EntityType{bot.Service}},
		{[]string{"地址", "address"}, []bot.EntityType{bot.PostalAddress}},
		{[]string{"镇街", "镇", "town"}, []bot.EntityType{bot.Town}},
	} {
		if containsAny(text, w.words) {
			out = append(out, w.types...)
		}
	}
	return out
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// ordinal reads a choice: 第二个, 2, 选三, B, 最后一个; or an offered option
// named in part.
func (t *reading) ordinal(options []string, entities []bot.Entity) int {
	text := string(trimmed(t.r))
	if n := spokenOrdinal(text); n != 0 {
		return n
	}
	if len(options) == 0 {
		return 0
	}
	if n := misheard(text, options); n != 0 {
		return n
	}
	match := 0
	for i, o := range options {
		folded := string(hanzi.Fold(o))
		if folded == text {
			return i + 1
		}
		core := strings.TrimSpace(strings.Trim(text, "我要选就那个的吧呀啊请 "))
		if len([]rune(core)) >= 2 && strings.Contains(folded, core) {
			if match > 0 {
				return 0 // names two of them
			}
			match = i + 1
		}
	}
	return match
}

// misheard finds the offered option that the words sound like, tone aside:
// 却认 is 确认. 0 where none does, or several.
func misheard(text string, options []string) int {
	match := 0
	for i, o := range options {
		if !alike(text, string(hanzi.Fold(o))) {
			continue
		}
		if match > 0 {
			return 0
		}
		match = i + 1
	}
	return match
}

// alike says whether two words of two to four characters sound the same, tone
// aside. Fuzzy sounds are not enough: 李明 is not 匿名.
func alike(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) || len(x) < 2 || len(x) > 4 {
		return false
	}
	for i := range x {
		if p := hanzi.Pinyin(x[i]); p == "" || p != hanzi.Pinyin(y[i]) {
			return false
		}
	}
	return true
}

// saidInstead are words the service asks for beside what it asks, in which
// misheard ones are recognised.
var saidInstead = []struct {
	word string
	act  bot.Act
}{{"匿名", bot.Anonymous}, {"跳过", bot.Skip}, {"人工", bot.Person}, {"转人工", bot.Person}}

// instead hears a misheard word of that kind, said alone where a particular
// other than a name was asked for: 匿明.
func (t *reading) instead() (bot.Act, bool) {
	if t.asked == "" || t.asked == bot.PersonName {
		return "", false
	}
	for _, w := range saidInstead {
		if alike(string(trimmed(t.r)), w.word) {
			return w.act, true
		}
	}
	return "", false
}

// latest hears that the last of the choices is wanted: 那就最晚的. How late there
// are any is a question: 最晚几点.
func latest(text string) bool {
	for _, lead := range []string{"那就", "那", "就要", "就", "我要", "我选", "要", "选"} {
		text = strings.TrimPrefix(text, lead)
	}
	if !strings.HasPrefix(text, "最晚") && !strings.HasPrefix(text, "最迟") {
		return false
	}
	return !strings.Contains(text, "几") && !strings.Contains(text, "什么时候") && !strings.Contains(text, "何时")
}

func spokenOrdinal(text string) int {
	text = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(text, "吧"), "呀"), "啊")
	if text == "最后一个" || text == "最尾嗰个" || text == "the last one" || text == "last one" || text == "the last" || latest(text) || text == "最后那个" || text == "最后的" {
		return -1
	}
	for _, p := range []string{"我选", "选择", "选第", "选", "要第", "第", "就第", "我要第", "揀", "拣第", "拣", "option ", "number ", "我要"} {
		if strings.HasPrefix(text, p) {
			text = strings.TrimPrefix(text, p)
			break
		}
	}
	for _, s := range []string{"个选项", "个", "项", "号", "條", "条", "种", "嗰个", "the one"} {
		text = strings.TrimSuffix(text, s)
	}
	switch text {
	case "the first", "first":
		return 1
	case "the second", "second":
		return 2
	case "the third", "third":
		return 3
	}
	if len(text) == 1 && text[0] >= 'a' && text[0] <= 'h' {
		return int(text[0]-'a') + 1
	}
	if r := []rune(text); len(r) > 3 || len(r) == 0 {
		return 0
	}
	for _, c := range text {
		if !numeric(c) {
			return 0
		}
	}
	if n, ok := hanzi.Number(text); ok && n >= 1 && n <= 50 {
		return int(n)
	}
	return 0
}
