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

// felt puts feelings before options: who tells of a death or of fear and of
// nothing the service could do yet is not asked which errand they mean.
func (s *scene) felt(commands []Command) []Command {
	if s.flow() != nil || len(commands) == 0 || s.u.Decision == Accept && s.u.Intent != Capability {
		return commands
	}
	open := idle(commands) || commands[0].Do == DoClarify || commands[0].Do == DoAnswer && slices.ContainsFunc(commands, func(c Command) bool { return c.Do == DoLost })
	if s.in.From.Channel != Hotline && (open || commands[0].Do == DoChat) && hindered.MatchString(s.u.Norm) {
		return []Command{{Do: DoEase}}
	}
	if open && (s.bereaved() || s.frightened()) {
		return []Command{{Do: DoConsole}}
	}
	return commands
}

// console answers grief or fear, and has a person near.
func (s *scene) console() {
	s.conv.Misses = 0
	if s.bereaved() {
		s.sayText("请节哀。要办的事不急，一件一件来：户口、社保、公积金、房子，您先说最挂心的一件，我查给您；想有人陪着办，就转人工。",
			"I am sorry for your loss. There is no hurry: tell me what weighs most, one thing at a time, or let a person help you.")
		s.ask(Asked{Kind: AskedOffer, Choices: []Choice{{Text: TalkToOperator.title(s.conv.Language), Flow: TalkToOperator}}})
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
