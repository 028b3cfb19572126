package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What people say of a death in the family, and of being afraid, before they
// can say what they need. Danger is heard elsewhere and comes first.
var (
	lost = regexp.MustCompile(`(?:爸|妈|父亲|母亲|父母|爷爷|奶奶|外公|外婆|公公|婆婆|老公|老婆|爱人|丈夫|妻子|老豆|老母|阿爷|阿嫲|老人家?|家人|儿子|女儿|哥哥?|姐姐?|弟弟?|妹妹?)(?:\p{Han}{0,4}(?:去世|过世|病逝|离世|过身|不在了|走咗)|(?:刚刚?|今天|昨天|前天|前几天|上周|上个?星期|上个?月)走了|没了$)|my (?:father|mother|husband|wife|son|daughter|grand(?:father|mother)) (?:has )?(?:just )?(?:died|passed away)`)
	// afraid is said alone, or is a child's who is alone at home.
	afraid    = regexp.MustCompile(`^(?:我|我好|我很|我有点|好|心里好)?(?:害怕|好怕|怕|好惊)(?:啊|呀|了)?[。！!]*$|^i(?:'m| am) (?:so |very )?(?:scared|afraid)[.!]*$`)
	homeAlone = regexp.MustCompile(`(?:妈妈|爸爸|爸妈|大人|妈咪|爹地|外婆|奶奶).{0,8}(?:没回|还没|未返|不在|出去).*(?:我|就我)?(?:一个人|自己)(?:一个人)?(?:在家|喺屋企)|(?:我)(?:一个人|自己)(?:一个人)?(?:在家|喺屋企).{0,4}(?:怕|惊)`)
)

// unwell is who feels ill and says nothing of danger or of what they need.
var unwell = regexp.MustCompile(`^(?:我|我好|我很|我有点|我而家|我突然)(?:头晕|头好晕|头痛|头疼|个头好晕|不舒服|唔舒服|身体不舒服|难受|想吐|心慌|发烧|没力气|冇力)(?:了|啊|呀|得很|怎么办|点算)*$|^i (?:feel|am feeling) (?:dizzy|sick|unwell|ill)$`)

// hindered is who cannot see, read, type or hear.
var (
	hindered = regexp.MustCompile(`看不见|看不清|视障|盲人|读屏|不识字|不认字|不认得字|唔识字|不会打字|唔识打字|耳聋|聋哑|听障|听不见`)
	deaf     = regexp.MustCompile(`耳聋|聋哑|听障|听不见`)
)

// ease says which way is open to such a citizen, a person among them.
func (s *scene) ease() {
	s.conv.Misses = 0
	if deaf.MatchString(s.u.Norm) {
		s.sayText("不用打电话，在这里打字或发图片就能办完；去窗口的话，把约好的内容给工作人员看就行。要请人在这里帮您吗？",
			"No call is needed: everything can be done here in writing. Shall I get a person to help you here?")
	} else {
		s.sayText("不用打字：在这里发语音就行，也可以直接打 12345，全程用说的；出门不方便的，打 12345 能约上门办。要现在请人帮您吗？",
			"You need not type: send a voice message, or call 12345. Shall I get a person to help you now?")
	}
	s.ask(Asked{Kind: AskedHandoff, Choices: s.yesNo("转人工", "Yes, a person", "先不用", "Not now")})
}

// bereaved says whether somebody close has died. Most words are done with at
// the first look: the pattern alone would cost a hundredth of a turn.
func (s *scene) bereaved() bool {
	return Mentions(s.u.Norm, "世", "逝", "过身", "不在了", "走咗", "走了", "没了", "died", "passed away") && lost.MatchString(s.u.Norm)
}

// frightened says whether the citizen is afraid, or a child alone.
func (s *scene) frightened() bool {
	text := strings.Trim(s.u.Norm, " 。！!")
	return utf8.RuneCountInString(text) <= 40 && (afraid.MatchString(text) || homeAlone.MatchString(text))
}

// What people say when it takes long, and when they are not understood, and
// nothing else. Abuse is heard elsewhere.
var (
	slow  = regexp.MustCompile(`^(?:你们?|你哋|办事|回复|处理|怎么|咁|真的?是?|也)*(?:这么|那么|咁|真|好|太|够)(?:慢|耐|久)(?:了|啊|呀|嘅|的|吗)*$|^(?:点解|怎么)(?:咁|这么|那么)(?:慢|耐|久).{0,2}$|^(?:that is |this is |you are |you're |why (?:is it |are you )?|so |too |very )+slow$`)
	inept = regexp.MustCompile(`^(?:你们?|你哋|这个?|机器人|真的?是?|怎么|点解)*(?:这么|咁|真|好|太|够|有够)(?:笨|蠢|傻|没用|冇用|差劲|差|烂)(?:了|啊|呀|嘅|的|吗)*$|^(?:you are |you're |this is )?(?:so |really |totally )?(?:useless|dumb|terrible|no help)$`)
)

// wordy is what people say who cannot take in so much at once.
var wordy = regexp.MustCompile(`^(?:你|您)?(?:们|哋)?(?:写|说|讲|講|发|打)?(?:的|得|嘅|咗)?(?:字|话|内容|東西|东西)?(?:太|咁)(?:多|长|長|复杂|複雜)(?:了|啦|字)?[，, ]*(?:我)?(?:看不懂|看不明白|睇唔明|睇唔晒|看不过来|听不懂|記不住|记不住|看不完)?(?:了|啊|呀)*$|^(?:我)?(?:看不懂|看不明白|睇唔明)(?:啊|呀|了)*[，, ]*(?:太多|太长|太复杂)(?:了|啦)?$|^(?:能不能|可不可以|可以|请|麻烦)?(?:说|讲|講|写)?(?:得)?(?:简单|短|簡單)(?:一?点|啲)(?:说|讲)?(?:吗|吧|呀)?$|^(?:that is |that's |it's )?too (?:much|long)(?: text| to read)?$`)

// wearied says whether the words are about our many words and nothing else.
func (s *scene) wearied() bool {
	text := strings.ToLower(strings.Trim(s.u.Norm, " ,，.。!！?？~"))
	return !s.telling() && utf8.RuneCountInString(text) <= 24 && wordy.MatchString(text)
}

// briefly goes on with one thing at a time.
func (e *Engine) briefly(ctx context.Context, s *scene) error {
	s.conv.Misses = 0
	if s.flow() != nil {
		s.sayText("好，一样一样来，您只答这一句：", "All right, one thing at a time:")
		return e.resume(ctx, s)
	}
	s.sayText("好，我说短些。您要办哪件事，说几个字就行；想跟人说就转人工。", "All right, I will be brief. Tell me in a few words what you need, or let a person help you.")
	s.ask(Asked{Kind: AskedOffer, Choices: []Choice{{Text: TalkToOperator.title(s.conv.Language), Flow: TalkToOperator}}})
	return nil
}

// reproached says whether the words reproach us and say nothing else.
func (s *scene) reproached() bool {
	text := strings.ToLower(strings.Trim(s.u.Norm, " ,，.。!！?？~"))
	return !s.telling() && len(s.u.Entities) == 0 && utf8.RuneCountInString(text) <= 24 && (slow.MatchString(text) || inept.MatchString(text))
}

// soothe answers a reproach by what it says. To one that comes again a person
// is offered.
func (e *Engine) soothe(ctx context.Context, s *scene) error {
	if s.conv.Calmed {
		return e.offerPerson(s)
	}
	s.conv.Calmed, s.conv.Misses = true, 0
	tardy := slow.MatchString(strings.ToLower(strings.Trim(s.u.Norm, " ,，.。!！?？~")))
	if s.flow() != nil {
		if tardy {
			s.sayText("让您等了，抱歉，就差这几步。", "I am sorry this takes so long; only a few steps are left.")
		} else {
			s.sayText("没听懂您的意思，抱歉，我们接着办；要人接手就回“人工”。", "I am sorry I did not understand you. Let us go on, or say \"person\".")
		}
		return e.resume(ctx, s)
	}
	l := s.conv.Language
	person := Choice{Text: TalkToOperator.title(l), Flow: TalkToOperator}
	if tardy {
		s.sayText("让您久等了，抱歉。登记过的事我马上帮您看办到哪一步，也可以催一下；想跟人说就转人工。",
			"I am sorry it takes so long. I can look at once how far your request is, urge it, or get a person.")
		s.ask(Asked{Kind: AskedOffer, Choices: []Choice{{Text: l.Say("查进度", "How it stands"), Flow: CheckRequest}, {Text: l.Say("催一下", "Please hurry"), Flow: CheckRequest}, person}})
		return nil
	}
	s.sayText("没帮好您，抱歉。您换个说法再说一次，比如要办什么、出了什么事；想跟人说就转人工。",
		"I am sorry I did not understand you. Please say in other words what you need, or let a person help you.")
	s.ask(Asked{Kind: AskedOffer, Choices: []Choice{person}})
	return nil
}

// felt puts feelings before options: who tells of a death or of fear and of
// nothing the service could do yet is not asked which errand they mean.
func (s *scene) felt(commands []Command) []Command {
	if len(commands) > 0 && commands[0].Do != DoCalm && s.reproached() {
		return []Command{{Do: DoSoothe}}
	}
	if len(commands) > 0 && commands[0].Do != DoCalm && s.wearied() {
		return []Command{{Do: DoBrief}}
	}
	if s.flow() != nil || len(commands) == 0 || s.u.Decision == Accept && s.u.Intent != Capability {
		return commands
	}
	open := idle(commands) || commands[0].Do == DoClarify || commands[0].Do == DoAnswer && slices.ContainsFunc(commands, func(c Command) bool { return c.Do == DoLost })
	if s.in.From.Channel != Hotline && (open || commands[0].Do == DoChat) && hindered.MatchString(s.u.Norm) {
		return []Command{{Do: DoEase}}
	}
	if open && (s.bereaved() || s.frightened() || s.ailing()) {
		return []Command{{Do: DoConsole}}
	}
	return commands
}

// ailing says whether the citizen feels ill.
func (s *scene) ailing() bool {
	return unwell.MatchString(strings.ToLower(strings.Trim(s.u.Norm, " ，,。.！!")))
}

// console answers grief, fear or feeling ill, and has a person near.
func (s *scene) console() {
	s.conv.Misses = 0
	if s.bereaved() {
		s.sayText("请节哀。要办的事不急，一件一件来：户口、社保、公积金、房子，您先说最挂心的一件，我查给您；想有人陪着办，就转人工。",
			"I am sorry for your loss. There is no hurry: tell me what weighs most, one thing at a time, or let a person help you.")
		s.ask(Asked{Kind: AskedOffer, Choices: []Choice{{Text: TalkToOperator.title(s.conv.Language), Flow: TalkToOperator}}})
		return
	}
	if s.ailing() {
		s.sayText("先坐下歇着，叫身边的人过来陪您。越来越重、胸口痛、喘不上气或者手脚不听使唤，马上打 120。要不要现在就请人跟您说话？",
			"Sit down and call somebody to you. If it gets worse, or your chest hurts, you cannot breathe or move an arm or leg, call 120 at once. Shall I get a person to talk to you now?")
		s.ask(Asked{Kind: AskedHandoff, Choices: s.yesNo("转人工", "Yes, a person", "先不用", "Not now")})
		return
	}
	s.sayText("别怕，我在。先把门锁好，待在安全的地方；有危险马上打 110。要不要现在就请人跟您说话？",
		"Do not be afraid, I am here. Lock the door and stay where it is safe; in danger call 110. Shall I get a person to talk to you now?")
	s.ask(Asked{Kind: AskedHandoff, Choices: s.yesNo("转人工", "Yes, a person", "先不用", "Not now")})
}

// condole is said once, before an answer to somebody who tells of a death that
// does not begin so itself.
func (s *scene) condole() {
	const zh, en = "请节哀。", "I am sorry for your loss."
	said := func(r Reply) bool {
		return strings.Contains(r.Text, zh) || strings.Contains(r.Text, "sorry for your loss")
	}
	if !slices.ContainsFunc(s.conv.Last, said) && !slices.ContainsFunc(s.replies, said) {
		s.replies = slices.Insert(s.replies, 0, Reply{Text: s.conv.Language.Say(zh, en)})
	}
}

// howSoon says whether the words ask when somebody comes, of a request that is
// told and not filed yet.
func (s *scene) howSoon() bool {
	flow := s.flow()
	if flow.Soon == nil || !s.u.Question || utf8.RuneCountInString(s.u.Text) > 36 || len(s.fills()) > 0 {
		return false
	}
	story := flow.story()
	if story == nil || !s.form().Has(story.Name) || s.conv.Asked.Slot == story.Name {
		return false
	}
	return Mentions(s.u.Norm, "什么时候", "多久", "几时", "几耐", "几天", "多长时间", "how long", "how soon", "when will")
}

// soon answers that and goes on.
func (e *Engine) soon(ctx context.Context, s *scene) error {
	s.conv.Misses = 0
	s.say(Reply{Text: s.flow().Soon(s.form())})
	return e.resume(ctx, s)
}
