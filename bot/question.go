package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// question is the answer-errand the words ask for inside a flow, empty if none.
func (s *scene) question(telling, filled bool) Intent {
	u := &s.u
	if s.onlyTag() {
		return ""
	}
	if _, ok := s.engine.answers[u.Intent]; ok && u.Decision == Accept && !social(u.Intent) {
		if telling && !((u.Question || saysItAsks.MatchString(u.Norm)) && utf8.RuneCountInString(u.Text) <= 24) {
			return ""
		}
		if !filled || u.Question {
			return u.Intent
		}
	}
	if !u.Question || telling && (utf8.RuneCountInString(u.Text) > 24 || u.Intent == s.frame().Flow) { // 隔壁老人没人照顾，能帮忙吗 is its story
		return ""
	}
	if u.Intent == AskProcedure || u.Intent == AskPolicy || u.Intent == HealthCode {
		return u.Intent
	}
	for i, a := range u.Alternatives {
		if i < 3 && a.Intent == AskProcedure {
			return AskProcedure
		}
	}
	if filled {
		return ""
	}
	return AskProcedure
}

// saysItAsks is how somebody says that they ask, and tell nothing: 不是，我想问入学.
var saysItAsks = regexp.MustCompile(`^(?:你好|您好|请问|不是|不系|唔系|不对|错了|哦|噢|那|其实|就|，|,| )*我(?:其实|就|只|净系|只是|就是)?(?:是|系)?(?:想|要)(?:问|咨询|了解|知道)|我问的是|我係想問|我想問`)

// asksOnly says whether the words are one question to the guides and tell
// nothing besides: 你们中午休息吗 chooses no period.
func (s *scene) asksOnly() bool {
	u := &s.u
	if _, ok := s.engine.answers[u.Intent]; !ok || !u.Question || u.Decision != Accept || s.onlyTag() {
		return false
	}
	return !has(u.Acts, Yes) && !has(u.Acts, Correct) && !strings.ContainsAny(strings.Trim(u.Text, " ，,。；;!！?？"), " ，,。；;!！")
}

// temporal says whether a type tells when.
func temporal(t EntityType) bool {
	switch t {
	case Date, Time, DateTime, DateRange, TimeRange, DateTimeRange:
		return true
	}
	return false
}

// questionIn is the clause that asks, where the words also told something:
// "周三可以，要收费吗" asks about the fee only.
func (s *scene) questionIn(text string, told bool) string {
	if !told {
		return text
	}
	for clause := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("，,。；;!！ ", r) }) {
		if s.engine.understand.Understand(Utterance{Text: clause, Now: s.now}).Question {
			return clause
		}
	}
	return text
}

// asksOfService hears a question about a service that was named, where nothing
// else is nearly as likely meant. The guides may still not know.
func (s *scene) asksOfService() bool {
	u := &s.u
	says := saysItAsks.MatchString(u.Norm)
	if !u.Question && !says || !hasEntity(u, Service) {
		return false
	}
	if says && slices.ContainsFunc(u.Alternatives[:min(len(u.Alternatives), 2)], func(r Ranked) bool { return r.Intent == AskProcedure }) {
		return true // 你好，我想问下补办驾驶证
	}
	return u.Intent == AskProcedure || u.Intent == OutOfScope && len(u.Alternatives) > 0 && u.Alternatives[0].Intent == AskProcedure && u.Alternatives[0].Score >= 0.05
}

// followsUp says whether a short question goes on about the guide just talked
// about: 那要多少钱.
func (s *scene) followsUp() bool {
	u, t := &s.u, s.conv.Topic
	if s.namesMatter() {
		return true
	}
	if t.Guide == "" && t.Text == "" || s.now.Sub(t.At) > topicLife || utf8.RuneCountInString(u.Text) > 18 {
		return false
	}
	if !u.Question && !s.leansOnTopic() && (u.Intent != AskProcedure || u.Decision != Clarify) { // 那我去哪办, which only the talk before makes sure
		return false
	}
	if u.Intent == Capability && !toUs.MatchString(u.Norm) {
		return true // 要钱吗, of the card
	}
	return u.Decision != Accept && u.Intent != Emergency || u.Intent == AskProcedure
}

// namesMatter says whether words name the matter that a question before them lacked:
// 居住证, said to "of which?".
func (s *scene) namesMatter() bool {
	u, t := &s.u, s.conv.Topic
	if t.Guide != "" || t.Text != "" || t.Field == "" || s.now.Sub(t.At) > topicLife {
		return false
	}
	return u.Decision != Accept && !u.Question && len(u.Acts) == 0 && utf8.RuneCountInString(u.Text) <= 10
}

// leansOnTopic says whether words that ask nothing still go on about the guide at
// hand: where one is, that one has no phone to do it with, what is to be sent.
func (s *scene) leansOnTopic() bool {
	u := &s.u
	if hasEntity(u, Town) && utf8.RuneCountInString(strings.TrimLeft(s.besides(u.Entities), "我们哋喺系在是住就 ")) <= 1 {
		return true
	}
	return HasNoPhone(u.Norm) || TellsWhatOneHas(u.Norm) || sendMe.MatchString(u.Norm)
}

// HasNoPhone says whether words tell no more than that something cannot be done
// by phone: 她不会用手机.
func HasNoPhone(words string) bool { return withoutPhone.MatchString(words) }

// TellsWhatOneHas says whether words only tell what somebody has and lacks, as one
// does of a guide's conditions: 有房子没社保.
func TellsWhatOneHas(words string) bool { return hasAndLacks.MatchString(words) }

var (
	withoutPhone = regexp.MustCompile(`^\p{Han}{0,6}?(?:(?:不会|不太会|唔识|唔会|不懂)(?:用|玩|弄|搞|上)?(?:智能)?(?:手机|微信|电脑|网)|(?:没有?|冇)(?:智能)?手机)(?:的|啊|呀|噃|呢|怎么办|点算|点办)?$`)
	hasAndLacks  = regexp.MustCompile(`^(?:我|我们|我哋|他|她|佢|家里|屋企)*(?:有\p{Han}{1,5}|(?:没有?|冇)\p{Han}{1,5})[，, ]?(?:但|但是|就是|不过)?(?:有\p{Han}{1,5}|(?:没有?|冇)\p{Han}{1,5})$`)
	sendMe       = regexp.MustCompile(`^(?:帮我|请|麻烦)?(?:把|将)?(?:材料|资料|流程|清单|地址|条件|步骤)(?:清单)?(?:都)?(?:发|告诉|说|讲|列)(?:一下|下)?(?:给|畀|俾)?(?:我|出来|清楚)?$`)
)

// toUs is what is asked of us ourselves, and not of what was talked about.
var toUs = regexp.MustCompile(`[你您]|机器|機器|助手|小莞|莞家|真人|这个?(?:号|电话|服务|系统)|聊天|\b(?:you|your|bot)\b`)

// goesOnAbout is the errand, not the guides, whose answer short words go on about:
// 那我妈没手机怎么办, after the health code; 我们没领证, after a plan. Empty if there
// is none; what names a matter of its own does not go on.
func (s *scene) goesOnAbout() Intent {
	u, t := &s.u, s.conv.Topic
	if t.Of == "" || s.now.Sub(t.At) > topicLife || utf8.RuneCountInString(u.Text) > 18 {
		return ""
	}
	if a := s.engine.answers[t.Of]; a != nil && a.Takes != nil {
		if other := u.Decision == Accept && u.Intent != t.Of; other && namesErrand.MatchString(u.Norm) || !a.Takes(t, u) {
			return ""
		}
		return t.Of
	}
	if !u.Question || u.Decision == Accept || hasEntity(u, Service) {
		return ""
	}
	return t.Of
}

// tags are questions that only ask whether what was told will do, or whether
// there are places at all: the next question of the errand answers them.
var tags = []string{
	"得唔得", "可唔可以", "可不可以", "可以不可以", "可以吗", "可以不", "行不行", "行吗", "行不", "好不好", "好吗", "得吗", "得未", "系咪", "是吗", "对吗",
	"没号了吗", "没号了", "没有号了吗", "没有号", "还有没有号", "还有号吗", "有没有号", "有号吗", "有冇号", "有冇位", "有位吗", "还有吗", "能约吗", "能不能约", "约得到吗", "约得了吗", "有空吗", "方便吗",
	"can i do it", "can i come", "is that ok", "is it ok", "is that possible", "available", "possible", "ok",
}

// onlyTag says whether nothing but such a question stands beside the
// particulars that were told.
func (s *scene) onlyTag() bool {
	if !s.u.Question {
		return false
	}
	rest := strings.ToLower(s.besides(s.u.Entities))
	found := false
	for _, t := range tags {
		if strings.Contains(rest, t) {
			rest, found = strings.ReplaceAll(rest, t, ""), true
		}
	}
	return found && utf8.RuneCountInString(strings.Trim(rest, " ，,。.?？!！呀啊吧呢嘅的了去我就那想要约個个onat")) <= 1
}

// besides is what was said around these particulars.
func (s *scene) besides(entities []Entity) string {
	r := []rune(s.u.Text)
	for _, e := range entities {
		for i := max(e.Start, 0); i < e.End && i < len(r); i++ {
			r[i] = ' '
		}
	}
	return strings.Join(strings.Fields(string(r)), " ")
}
