package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// interpret turns an understanding into commands, reading it against what was
// asked. It is pure: it looks at the scene and changes nothing.
func (s *scene) interpret() []Command {
	u := &s.u
	if s.asksPerson() {
		return []Command{{Do: DoHandoff, Reason: ReasonAsked}}
	}
	if faces.MatchString(strings.TrimSpace(u.Text)) && s.flow() != nil && s.conv.Asked.Kind != AskedConfirm {
		return []Command{{Do: DoStart, Flow: s.frame().Flow}} // it answers nothing, and is no story
	}
	if faces.MatchString(strings.TrimSpace(u.Text)) && s.frame() == nil {
		if Mentions(u.Text, glad...) {
			return []Command{{Do: DoChat, Flow: Thank}}
		}
		return []Command{{Do: DoChat, Flow: Greet}}
	}
	if s.blank() || u.Injection && !s.telling() {
		return []Command{{Do: DoLost}}
	}
	if c := s.standing(); c != nil {
		return c
	}
	if c := s.chosen(); c != nil {
		return c
	}
	if s.frame() != nil && s.flow() != nil {
		return s.within()
	}
	if s.thinksBetter() {
		return []Command{{Do: DoRevive}}
	}
	return s.outside()
}

// faces is a message of nothing but pictures of feelings, as WeChat writes them
// ([微笑]) and as they are.
var faces = regexp.MustCompile(`^(?:\[[\p{Han}A-Za-z]{1,6}\]|[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}]\x{FE0F}?|[\x{1F3FB}-\x{1F3FF}])+$`)

// glad are the faces of somebody who is content.
var glad = []string{"微笑", "愉快", "呲牙", "偷笑", "可爱", "憨笑", "嘿哈", "强]", "OK]", "ok]", "握手", "玫瑰", "爱心", "鼓掌", "抱拳", "合十", "胜利", "👍", "🙏", "😊", "😄", "😀", "🙂", "👌", "🌹", "❤"}

// asksPerson hears that a person is wanted.
func (s *scene) asksPerson() bool {
	u := &s.u
	switch {
	case has(u.Acts, Person):
		return true
	case u.Intent != TalkToOperator || u.Decision != Accept || s.declinesPerson() || s.tellsAsked():
		return false
	}
	return !s.scrap() || namesPerson.MatchString(u.Norm)
}

// namesPerson are a person to talk to, in a few words: 不请人 and 两个人 are none.
var namesPerson = regexp.MustCompile(`人工|客服|真人|活人|工作人员|话务|接线|坐席|转人|换人|[找揾搵叫喊][个個]?人|[有冇]人|[同跟和与][个個]?人|人[呢来來接听聽]|operator|agent|human|person|someone`)

// scrap says whether the words are a few characters said to a list inside an
// errand. They are meant for that list, whatever they look like alone: what
// leaves the errand in so few words names where to.
func (s *scene) scrap() bool {
	return s.flow() != nil && s.conv.Asked.Kind == AskedSlot && len(s.conv.Asked.Choices) > 0 && !s.u.Question && utf8.RuneCountInString(s.u.Norm) <= 6
}

// namesErrand are words that name an errand, however few they are.
var namesErrand = regexp.MustCompile(`预约|預約|约|約|订|取号|投诉|投訴|举报|反映|诉求|求助|救|帮|幫|心愿|心願|认领|捐|义工|志愿|查|进度|取消|改|码|碼|申报|政策|补贴|评价|表扬|数据|[a-z]{3}`)

// declinesPerson hears that no person is wanted: 人工不用了.
func (s *scene) declinesPerson() bool {
	return Mentions(s.u.Norm, "不用人工", "不要人工", "不转人工", "不用转", "人工不用", "不找人工", "不需要人工", "不要转", "no person", "no human", "don't need a person")
}

// tellsAsked says whether the particular that was asked for was told.
func (s *scene) tellsAsked() bool { return s.flow() != nil && s.answersAsked() }

// telling says whether the citizen was asked to tell something in their words.
func (s *scene) telling() bool {
	if s.flow() == nil {
		return false
	}
	asked := s.askedSlot()
	return asked != nil && asked.Free && len(asked.Types) == 0
}

func has(acts []Act, a Act) bool { return slices.Contains(acts, a) }

// blank says whether the words hold nothing to understand: no letter, no digit.
func (s *scene) blank() bool {
	return strings.IndexFunc(s.u.Text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0
}

// standing are the words that mean the same everywhere.
func (s *scene) standing() []Command {
	u := &s.u
	short := utf8.RuneCountInString(strings.TrimSpace(u.Text)) <= 14
	switch {
	case s.conv.Handling == Queued && !s.alarmed() && s.frame() == nil && !hasEntity(u, TicketNo) && short && asksQueue.MatchString(u.Norm):
		return []Command{{Do: DoHandoff, Reason: ReasonAsked}} // says the place again
	case u.Language == English && noChinese.MatchString(u.Norm):
		return []Command{{Do: DoOffer}}
	case has(u.Acts, Repeat) && short:
		return []Command{{Do: DoRepeat}}
	case (has(u.Acts, Slower) || has(u.Acts, Louder)) && short:
		return []Command{{Do: DoSlower}}
	case has(u.Acts, Why) && s.frame() != nil && s.conv.Asked.Kind == AskedSlot:
		return []Command{{Do: DoWhy}}
	case s.fearsExposure():
		return []Command{{Do: DoAssure}}
	case u.Prying && !s.telling() && s.conv.Asked.Kind != AskedConfirm && !(s.flow() != nil && hasEntity(u, Phone)): // 邻居电话 138…, which is told
		return []Command{{Do: DoChat, Flow: Capability}}
	case has(u.Acts, OwnData) && (u.Bare || short && !s.telling() && s.conv.Asked.Kind != AskedConfirm && u.Intent != HealthCode):
		return []Command{{Do: DoChat, Flow: Capability}}
	}
	return nil
}

// asksQueue is how people who wait for a person ask what becomes of it.
var asksQueue = regexp.MustCompile(`(?:还没|還沒|仲未|仲冇|没有?|冇|怎么没)(?:有?人|来|来人|接|轮到|到我)|(?:等|排)(?:了|咗)?(?:多久|几久|到哪|到几)|(?:前面|仲有|还有)(?:还有|有)?(?:几|多少)(?:个|位|人)|^(?:还要|仲要|要)(?:等)?(?:多久|几久|多长时间)|how long|still nobody|anyone coming`)

// noChinese is who cannot follow the names that are Chinese.
var noChinese = regexp.MustCompile(`(?:don't|do not|can't|cannot|no) (?:understand|speak|read|know)[a-z ]{0,8} chinese`)

// waits hears that the yes is still to come, at a summary: 等我想想, 约好了吗.
func (s *scene) waits() []Command {
	u := &s.u
	if s.conv.Asked.Kind != AskedConfirm || slices.ContainsFunc(u.Entities, func(e Entity) bool { return e.Type != Relation }) {
		return nil
	}
	asksWhether := u.Question && short(u.Text) && (u.Intent == CheckAppointment || u.Intent == CheckRequest)
	if short(u.Text) && (Mentions(u.Norm, "同意的", "他同意", "她同意", "都同意", "答应了") || passesYes.MatchString(u.Norm)) {
		return []Command{{Do: DoPending}} // the person served agrees; the yes to the summary is still to come
	}
	putsOff := has(u.Acts, Yes) && s.hedges() && !has(u.Acts, Correct) && !u.Question
	if asksWhether || putsOff || putsItOff.MatchString(u.Norm) || Mentions(u.Norm, "想想", "考虑", "等一下", "等等", "等阵", "let me think", "wait a") && short(u.Text) {
		return []Command{{Do: DoPending}}
	}
	return nil
}

// passesYes is how the yes of the person served is passed on: 他说可以, 我妈话得.
var passesYes = regexp.MustCompile(`^(?:那|问过|问了|问咗|我)*(?:他|她|佢|我[妈爸]|我老[公婆]|我女儿|我儿子|我家里|家里人?|屋企人?|[爸妈]妈?)们?(?:说|话|讲|都说|也说)(?:是|系)?(?:可以|行|得|好|没问题|冇问题|同意|ok|对|有空|得闲)(?:了|的|啊|啦|喇|呀)?[。.!！]?$`)

// putsItOff is how somebody begins who has to see first: 等等我看看那天要上班吗.
var putsItOff = regexp.MustCompile(`^(?:你|您|请|先)?(?:等等|等一下|等下|等阵|等等先|稍等)[，, ]*(?:我|等我|让我)`)

// within reads the words inside an errand.
func (s *scene) within() []Command {
	u, frame := &s.u, s.frame()
	if s.flow().Undoes && s.conv.Asked.Kind == AskedConfirm && short(u.Text) {
		switch {
		case has(u.Acts, No) || s.keeps():
			return []Command{{Do: DoDrop}}
		case has(u.Acts, Cancel) || u.Intent == CancelAppointment && u.Decision == Accept:
			return []Command{{Do: DoConfirm}}
		}
	}
	if has(u.Acts, Cancel) && strings.Contains(u.Norm, "不改") && frame.Flow != RescheduleAppointment {
		return []Command{{Do: DoStart, Flow: frame.Flow}} // no changes: the errand itself stands
	}
	if s.dropsDraft() || s.disowns() {
		return []Command{{Do: DoDrop}}
	}
	if s.conv.Asked.Kind == AskedConfirm && s.plainYes() {
		return []Command{{Do: DoConfirm}}
	}
	if s.conv.Asked.Kind == AskedOffer && s.frame().Told != "" && s.plainYes() {
		return []Command{{Do: DoStart, Flow: frame.Flow}} // nothing to change after all: read back again
	}
	if s.howSoon() {
		return []Command{{Do: DoSoon}}
	}
	if c := s.waits(); c != nil {
		return c
	}
	if has(u.Acts, Back) && short(u.Text) {
		return []Command{{Do: DoBack}}
	}
	if c := s.spoken(); c != nil {
		return c
	}
	if s.bookAnother() {
		return []Command{{Do: DoQueue, Flow: BookAppointment, Text: u.Text}, {Do: DoStart, Flow: frame.Flow}}
	}
	asked := s.askedSlot()
	if asked != nil && asked.Hears != nil && (!u.Question || short(u.Text)) && asked.Hears(s.form(), u.Text) {
		return []Command{{Do: DoSet, Slot: asked.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}}}
	}
	telling := asked != nil && asked.Free && (asked.Takes == nil || asked.Takes(u.Text)) &&
		!(takesOne(asked, PersonName) && u.Ordinal != 0) // 第一个 is nobody's name
	if other := s.otherFlow(telling); other != "" && !s.tellsParticulars() && s.relabelled() == nil {
		return []Command{{Do: DoStart, Flow: other}}
	}
	commands := append(s.fills(), s.wishes()...)
	commands = append(commands, s.spills(commands)...)
	if telling && s.tellsMore(asked, commands) {
		commands = append(commands, Command{Do: DoSet, Slot: asked.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}})
	}
	if story := s.flow().story(); story != nil && s.addsTo(story, asked, telling, commands) {
		commands = append(commands, Command{Do: DoSet, Slot: story.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}})
	}
	filled := len(commands) > 0
	if s.conv.Asked.Kind == AskedConfirm && !filled {
		switch {
		case s.meansYes():
			return []Command{{Do: DoConfirm}}
		case has(u.Acts, No) || has(u.Acts, Correct):
			return []Command{{Do: DoDeny}}
		}
	}
	if doubted := s.conv.Asked.Doubts; doubted != "" && !filled && (has(u.Acts, No) || has(u.Acts, Correct)) {
		return []Command{{Do: DoClear, Slot: doubted}}
	}
	if c := s.smalltalk(); c != nil && !filled && (!telling || takesOne(asked, PersonName) && short(u.Text) || s.scrap()) {
		return c // 谢谢, said to "what is your name?", is nobody's
	}
	if !filled {
		if c := s.otherChoices(asked); c != nil {
			return c
		}
	}
	if !filled && !telling && asked != nil && s.doesNotKnow() {
		return []Command{{Do: DoSkip, Slot: asked.Name}}
	}
	if !filled && asked != nil && asked.Optional && has(u.Acts, Skip) && utf8.RuneCountInString(u.Text) <= 20 && !strings.ContainsAny(u.Norm, "?吗") {
		return []Command{{Do: DoSkip, Slot: asked.Name}} // 冇电话，呢个系隔篱屋嘅
	}
	if q := s.question(telling, filled); q != "" {
		return append(commands, Command{Do: DoAnswer, Flow: q, Text: s.questionIn(u.Text, filled)})
	}
	if filled {
		return commands
	}
	if asked != nil && has(u.Acts, Skip) && utf8.RuneCountInString(u.Text) <= 12 {
		return []Command{{Do: DoSkip, Slot: asked.Name}}
	}
	if c := s.surnameOnly(); c != nil {
		return c
	}
	if asked != nil && asked.Optional && (has(u.Acts, No) || has(u.Acts, NoneOfThese)) {
		return []Command{{Do: DoSkip, Slot: asked.Name}}
	}
	if telling && !s.empty(u.Text) {
		return []Command{{Do: DoSet, Slot: asked.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}}}
	}
	if story := s.flow().story(); story != nil && s.goesOn(story) {
		return []Command{{Do: DoSet, Slot: story.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}}}
	}
	if frame.Flow == u.Intent && u.Decision == Accept || s.onlyTag() || s.restates() {
		return []Command{{Do: DoStart, Flow: frame.Flow}} // said again: go on where we were
	}
	return []Command{{Do: DoLost}}
}

// doesNotKnow hears that what was asked for is not known: 我不知道我家在哪个镇.
func (s *scene) doesNotKnow() bool {
	return len(s.u.Entities) == 0 && utf8.RuneCountInString(s.u.Text) <= 16 && strings.HasPrefix(strings.TrimPrefix(s.u.Norm, "我"), "不知道")
}

// dropsDraft hears "never mind" about the errand under way.
func (s *scene) dropsDraft() bool {
	u := &s.u
	if s.keeps() {
		return false
	}
	if has(u.Acts, Cancel) && has(u.Acts, Correct) && len(u.Entities) > 0 {
		return false // 算了还是改成办居住证: another value, not another day
	}
	if s.insteadTold() {
		return false
	}
	if (s.frame().Flow == RequestHelp || s.frame().Flow == FileReport) && utf8.RuneCountInString(u.Text) <= 20 && manages.MatchString(u.Norm) {
		return true
	}
	if has(u.Acts, Cancel) && (utf8.RuneCountInString(u.Text) <= 20 || len(u.Entities) == 0) {
		return true
	}
	if asked := s.askedSlot(); strings.HasPrefix(strings.TrimPrefix(u.Norm, "我"), "不要了") && short(u.Text) && (asked == nil || !asked.Optional) && s.conv.Asked.Kind != AskedOffer {
		return true // to a question that "no" does not answer
	}
	if s.frame().Flow == BookAppointment && u.Intent == CancelAppointment && u.Decision == Accept && len(u.Entities) == 0 && len(u.Negated) == 0 {
		return true
	}
	return false
}

// manages is how people say that they need no help any more: 唔使啦我自己搞掂.
var manages = regexp.MustCompile(`(?:不用|不需要|不必|唔使|唔駛|唔需要|不要|不麻烦|唔麻烦).{0,8}自己.{0,4}(?:搞掂|搞定|解决|想办法|谂办法|諗辦法|处理|来)|` +
	`^(?:那|咁|还是|都系)*(?:我|我们|我哋)自己(?:来|去)?(?:搞掂|搞定|解决|想办法|谂办法|处理)(?:了|啦|吧|算了|好了)*$`)

// insteadTold hears a change of mind that is no end: 算了还是九点 puts a value in
// the place of another, 算了周三不去了 does not.
func (s *scene) insteadTold() bool {
	for _, sigh := range []string{"算了", "算啦", "算数啦"} {
		rest, found := strings.CutPrefix(s.u.Norm, sigh)
		rest = strings.Trim(rest, " ，,。")
		if !found || rest == "" || has(s.u.Acts, No) {
			continue
		}
		u := s.engine.understand.Understand(s.utterance(rest))
		return !has(u.Acts, Cancel) && !has(u.Acts, No) && len(u.Negated) == 0 && !strings.ContainsAny(rest, "不唔没") && slices.ContainsFunc(split(s.flow(), u.Entities), func(e Entity) bool { return s.slotFor(e, nil) != nil })
	}
	return false
}

// askedSlot is the slot the last turn asked for, nil if none.
func (s *scene) askedSlot() *Slot {
	if s.conv.Asked.Kind != AskedSlot {
		return nil
	}
	return s.flow().slot(s.conv.Asked.Slot)
}

func (f *Flow) slot(name string) *Slot {
	for i := range f.Slots {
		if f.Slots[i].Name == name {
			return &f.Slots[i]
		}
	}
	return nil
}

// otherFlow is another errand the words clearly ask for, empty if none.
func (s *scene) otherFlow(telling bool) Intent {
	u, active := &s.u, s.frame().Flow
	if u.Decision != Accept || u.Intent == active || u.Ordinal != 0 {
		return "" // 第一个 chooses, and asks for nothing
	}
	if _, ok := s.engine.flows[u.Intent]; !ok {
		return ""
	}
	if s.scrap() && !namesErrand.MatchString(u.Norm) && len(u.Entities) == 0 {
		return ""
	}
	if telling && (u.Score < 0.85 || utf8.RuneCountInString(u.Text) > 24) {
		return ""
	}
	if u.Intent == RescheduleAppointment && has(u.Acts, Correct) && len(s.fills()) > 0 {
		return "" // 改一下，地址是…: of this errand, not of an appointment
	}
	if telling && s.askedSlot().Whole && (u.Intent == RequestHelp || u.Intent == FileReport) && !Mentions(u.Norm, "另", "别的事", "another") {
		return "" // 我妈有糖尿病, asked what is to be added
	}
	if telling && active == ClaimWish && u.Intent == RequestHelp && !ownTrouble.MatchString(u.Norm) {
		return "" // 一张书桌, asked what can be given
	}
	if s.sameMatter(active, u.Intent) || s.answersAsked() || len(s.wishes()) > 0 && utf8.RuneCountInString(u.Text) <= 16 {
		return ""
	}
	return u.Intent
}

// ownTrouble is how somebody tells of a trouble of their own, and not of what they give.
var ownTrouble = regexp.MustCompile(`求助|求救|救命|[帮幫][帮幫忙]?我|我(?:家|屋企|妈|爸|老公|老婆|孩子|儿子|女儿|个仔|个女|自己|没|冇|生病|病了|失业)|没钱|冇钱|没饭|冇饭|困难|i need|help me`)

// bookAnother hears, while an appointment is moved or cancelled, that one for
// somebody or something else is wanted too: 我还想给我老婆也约一个.
func (s *scene) bookAnother() bool {
	u := &s.u
	if flow := s.frame().Flow; flow != RescheduleAppointment && flow != CancelAppointment {
		return false
	}
	return u.Intent == BookAppointment && u.Decision == Accept && len(s.conv.Waiting) < maxDepth &&
		(hasEntity(u, Relation) || hasEntity(u, Service)) && Mentions(u.Norm, "还", "還", "再", "也", "另", "仲", "another", "also", "too")
}

// sameMatter joins errands whose words overlap inside one another: changing
// the day of a booking not yet made is a correction, not a reschedule.
func (s *scene) sameMatter(active, other Intent) bool {
	switch active {
	case BookAppointment, RescheduleAppointment:
		// "Cancel it" alone has dropped the draft already; here something else
		// was said with it, such as a time that does not suit.
		return other == RescheduleAppointment || other == BookAppointment || other == CancelAppointment
	case RequestHelp:
		return other == FileReport
	case FileReport:
		return other == RequestHelp
	}
	return false
}

// answersAsked says whether an entity fills the slot just asked for.
func (s *scene) answersAsked() bool {
	asked := s.askedSlot()
	if asked == nil {
		return false
	}
	return slices.ContainsFunc(s.u.Entities, func(e Entity) bool { return slices.Contains(asked.Types, e.Type) })
}

func social(i Intent) bool { return i == Greet || i == Thank || i == Goodbye }

// smalltalk hears words that want a friendly answer and nothing done.
func (s *scene) smalltalk() []Command {
	u := &s.u
	if u.Abusive {
		return []Command{{Do: DoCalm}}
	}
	if u.Decision == Accept && (social(u.Intent) || u.Intent == Capability) {
		if s.flow() != nil && u.Intent == Greet && has(u.Acts, Yes) {
			return []Command{{Do: DoStart, Flow: s.frame().Flow}} // 好, said to a list: go on
		}
		return []Command{{Do: DoChat, Flow: u.Intent}}
	}
	return nil
}

// outside reads the words when no errand is under way.
func (s *scene) outside() []Command {
	u := &s.u
	if u.Digits != "" && u.Score < 1 && len(u.Entities) == 0 {
		return []Command{{Do: DoLost}} // a number that nobody asked for
	}
	if s.keeps() && short(u.Text) {
		return []Command{{Do: DoDrop}}
	}
	if (has(u.Acts, Later) || has(u.Acts, Earlier)) && s.booked() && s.engine.flows[RescheduleAppointment] != nil {
		return []Command{{Do: DoStart, Flow: RescheduleAppointment}} // what was just booked suits not quite
	}
	if u.Intent == CheckAppointment && u.Decision == Clarify && u.Question && s.booked() && s.engine.flows[CheckAppointment] != nil {
		return []Command{{Do: DoStart, Flow: CheckAppointment}} // 有没有帮我预约
	}
	if u.Intent == CheckAppointment && len(u.Entities) == 0 && s.justDone() && !s.booked() && Mentions(u.Norm, "编号", "号码", "单号", "number") && s.engine.flows[CheckRequest] != nil {
		return []Command{{Do: DoStart, Flow: CheckRequest}} // of what was just filed
	}
	if c := s.several(); c != nil {
		return c
	}
	if of := s.goesOnAbout(); of != "" {
		return []Command{{Do: DoAnswer, Flow: of, Text: u.Text}, {Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoLost}}
	}
	if s.followsUp() {
		return []Command{{Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoLost}}
	}
	if has(u.Acts, Correct) && s.conv.Topic.Open && s.now.Sub(s.conv.Topic.At) < topicLife {
		return []Command{{Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoClarify}}
	}
	if u.Abusive && len(u.Entities) == 0 && (u.Decision != Accept || social(u.Intent) || u.Intent == Capability) {
		return []Command{{Do: DoCalm}}
	}
	switch {
	case u.Decision == Accept:
		if c := s.accepted(); c != nil {
			return c
		}
	case s.asksOfService():
		return []Command{{Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoClarify}}
	case u.Decision == Clarify:
		return []Command{{Do: DoClarify}}
	}
	if c := s.smalltalk(); c != nil {
		return c
	}
	if has(u.Acts, Cancel) && strings.Contains(u.Norm, "取消") {
		return []Command{{Do: DoStart, Flow: CancelAppointment}}
	}
	if (has(u.Acts, Cancel) || has(u.Acts, No) && short(u.Text)) && !(u.Question && !short(u.Text)) { // 算了，你们电话多少 asks
		return []Command{{Do: DoChat, Flow: Goodbye}}
	}
	if (has(u.Acts, Yes) || has(u.Acts, More)) && short(u.Text) {
		if s.justDone() {
			return []Command{{Do: DoChat, Flow: Goodbye}}
		}
		return []Command{{Do: DoChat, Flow: Capability}}
	}
	if hasEntity(u, Service) {
		if u.Question && u.Score >= 0.99 { // of another city
			return []Command{{Do: DoLost}}
		}
		return []Command{{Do: DoClarify}}
	}
	if u.Injection || s.empty(u.Text) {
		return []Command{{Do: DoLost}}
	}
	return []Command{{Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoLost}}
}

// accepted starts what was clearly asked for.
func (s *scene) accepted() []Command {
	u := &s.u
	if _, ok := s.engine.flows[u.Intent]; ok {
		return []Command{{Do: DoStart, Flow: u.Intent}}
	}
	if u.Intent == TalkToOperator { // declined
		return []Command{{Do: DoChat, Flow: Capability}}
	}
	if social(u.Intent) || u.Intent == Capability {
		return []Command{{Do: DoChat, Flow: u.Intent}}
	}
	if _, ok := s.engine.answers[u.Intent]; ok {
		return []Command{{Do: DoAnswer, Flow: u.Intent, Text: u.Text}}
	}
	return nil
}
