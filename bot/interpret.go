package bot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// interpret turns an understanding into commands, reading it against what was
// asked. It is pure: it looks at the scene and changes nothing.
func (s *scene) interpret() []Command {
	u := &s.u
	if has(u.Acts, Person) || u.Intent == TalkToOperator && u.Decision == Accept && !s.declinesPerson() {
		return []Command{{Do: DoHandoff, Reason: ReasonAsked}}
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
	return s.outside()
}

// declinesPerson hears that no person is wanted: 人工不用了.
func (s *scene) declinesPerson() bool {
	return containsAny(s.u.Norm, []string{"不用人工", "不要人工", "不转人工", "不用转", "人工不用", "不找人工", "不需要人工", "不要转", "no person", "no human", "don't need a person"})
}

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
	case has(u.Acts, Repeat) && short:
		return []Command{{Do: DoRepeat}}
	case (has(u.Acts, Slower) || has(u.Acts, Louder)) && short:
		return []Command{{Do: DoSlower}}
	case has(u.Acts, Why) && s.frame() != nil && s.conv.Asked.Kind == AskedSlot:
		return []Command{{Do: DoWhy}}
	}
	return nil
}

// chosen reads an answer to options that were offered.
func (s *scene) chosen() []Command {
	u, asked := &s.u, s.conv.Asked
	n := len(asked.Choices)
	if s.in.Event == EventChoice {
		for i, c := range asked.Choices {
			if c.Text == u.Text {
				return []Command{{Do: DoChoose, N: i + 1}}
			}
		}
	}
	if n > 0 {
		if u.Ordinal > 0 && u.Ordinal <= n && s.ordinalFits() {
			return []Command{{Do: DoChoose, N: u.Ordinal}}
		}
		if u.Ordinal == -1 {
			return []Command{{Do: DoChoose, N: n}}
		}
		for i, c := range asked.Choices {
			if strings.EqualFold(strings.TrimSpace(u.Text), c.Text) {
				return []Command{{Do: DoChoose, N: i + 1}}
			}
		}
	}
	switch asked.Kind {
	case AskedResume, AskedNext, AskedHandoff:
		if asked.Kind == AskedHandoff && s.frame() != nil && has(u.Acts, Cancel) {
			return nil // no person, and not the errand either
		}
		if len(u.Entities) > 0 || s.turnsAway() {
			return nil
		}
		if has(u.Acts, Yes) && !has(u.Acts, No) {
			return []Command{{Do: DoChoose, N: 1}}
		}
		if has(u.Acts, No) || has(u.Acts, Cancel) {
			return []Command{{Do: DoChoose, N: 2}}
		}
	case AskedSlot:
		if n == 1 && asked.Choices[0].Slot == asked.Slot && s.plainYes() {
			return []Command{{Do: DoChoose, N: 1}}
		}
	case AskedClarify, AskedOffer:
		plainNo := has(u.Acts, No) && len(u.Entities) == 0 && short(u.Text)
		if plainNo && asked.Kind == AskedOffer && s.frame() == nil {
			return []Command{{Do: DoChat, Flow: Goodbye}} // what was offered is not wanted, and nothing else
		}
		if has(u.Acts, NoneOfThese) || plainNo {
			return []Command{{Do: DoDeny}}
		}
		if n == 1 && has(u.Acts, Yes) {
			return []Command{{Do: DoChoose, N: 1}}
		}
	}
	return nil
}

func short(text string) bool { return utf8.RuneCountInString(strings.TrimSpace(text)) <= 8 }

// ordinalFits keeps "3" as three o'clock where a time is asked for and the
// words say more than a number.
func (s *scene) ordinalFits() bool {
	for _, e := range s.u.Entities {
		switch e.Type {
		case Time, Date, DateTime, DateRange, TimeRange, DateTimeRange:
			if strings.TrimSpace(s.u.Text) != e.Text || strings.ContainsAny(e.Text, "点點:：号號日半時时周週月") {
				return false
			}
		case Phone, IDNumber, TicketNo, AppointmentNo:
			return false
		}
	}
	return true
}

// turnsAway says whether the words clearly ask for some other errand.
func (s *scene) turnsAway() bool {
	u := &s.u
	if u.Decision != Accept {
		return false
	}
	_, flow := s.engine.flows[u.Intent]
	_, answer := s.engine.answers[u.Intent]
	return (flow || answer) && !short(u.Text)
}

// within reads the words inside an errand.
func (s *scene) within() []Command {
	u, frame := &s.u, s.frame()
	if s.flow().Undoes && s.conv.Asked.Kind == AskedConfirm && short(u.Text) {
		switch {
		case has(u.Acts, No):
			return []Command{{Do: DoDrop}}
		case has(u.Acts, Cancel) || u.Intent == CancelAppointment && u.Decision == Accept:
			return []Command{{Do: DoConfirm}}
		}
	}
	if s.dropsDraft() {
		return []Command{{Do: DoDrop}}
	}
	if s.conv.Asked.Kind == AskedConfirm && s.plainYes() {
		return []Command{{Do: DoConfirm}}
	}
	if has(u.Acts, Back) && short(u.Text) {
		return []Command{{Do: DoBack}}
	}
	if c := s.spoken(); c != nil {
		return c
	}
	asked := s.askedSlot()
	telling := asked != nil && asked.Free
	if other := s.otherFlow(telling); other != "" && !s.tellsParticulars() {
		return []Command{{Do: DoStart, Flow: other}}
	}
	commands := append(s.fills(), s.wishes()...)
	commands = append(commands, s.spills(commands)...)
	if telling && s.tellsMore(asked, commands) {
		commands = append(commands, Command{Do: DoSet, Slot: asked.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}})
	}
	filled := len(commands) > 0
	if s.conv.Asked.Kind == AskedConfirm && !filled {
		switch {
		case has(u.Acts, Yes) && !has(u.Acts, No) && !has(u.Acts, Correct) && !u.Question:
			return []Command{{Do: DoConfirm}}
		case has(u.Acts, No) || has(u.Acts, Correct):
			return []Command{{Do: DoDeny}}
		}
	}
	if c := s.smalltalk(); c != nil && !filled && !telling {
		return c
	}
	if !filled {
		if c := s.otherChoices(asked); c != nil {
			return c
		}
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
	if asked != nil && asked.Optional && (has(u.Acts, No) || has(u.Acts, NoneOfThese)) {
		return []Command{{Do: DoSkip, Slot: asked.Name}}
	}
	if telling && !s.empty(u.Text) {
		return []Command{{Do: DoSet, Slot: asked.Name, Entity: Entity{Text: u.Text, Value: strings.TrimSpace(u.Text)}}}
	}
	if frame.Flow == u.Intent && u.Decision == Accept || s.onlyTag() || s.restates() {
		return []Command{{Do: DoStart, Flow: frame.Flow}} // said again: go on where we were
	}
	return []Command{{Do: DoLost}}
}

// otherChoices hears that the answers offered do not suit: later ones, any of
// them, others, none.
func (s *scene) otherChoices(asked *Slot) []Command {
	acts := s.u.Acts
	switch {
	case has(acts, Later) || has(acts, Earlier):
		if slot := s.shiftable(asked); slot != "" {
			by := 1
			if has(acts, Earlier) {
				by = -1
			}
			return []Command{{Do: DoShift, Slot: slot, N: by}}
		}
	case asked == nil:
	case has(acts, Any) && len(s.conv.Asked.Choices) > 0 && s.conv.Asked.Choices[0].Slot == asked.Name &&
		(takesOne(asked, Date, Time, Hall) || has(acts, Any) && len(s.conv.Asked.Choices) == 1):
		return []Command{{Do: DoChoose, N: 1}}
	case has(acts, NoneOfThese) || has(acts, More):
		return []Command{{Do: DoMore, Slot: asked.Name}}
	}
	return nil
}

func takesOne(slot *Slot, types ...EntityType) bool {
	return slices.ContainsFunc(types, func(t EntityType) bool { return slices.Contains(slot.Types, t) })
}

// shiftable is the slot of a day or a time that "a bit later" is about.
func (s *scene) shiftable(asked *Slot) string {
	days := strings.ContainsAny(s.u.Text, "天日号號") || strings.Contains(s.u.Text, "day")
	var found string
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		if slot.Ask == nil || !takesOne(slot, Date, Time) {
			continue
		}
		if slot == asked && (takesOne(slot, Date) || !days) {
			return slot.Name
		}
		if s.form().Has(slot.Name) && days == takesOne(slot, Date) {
			found = slot.Name
		}
	}
	return found
}

// tellsParticulars says whether the words hold a particular the errand still
// lacks and next to nothing else: "my number is 138…" asks for no other errand.
func (s *scene) tellsParticulars() bool {
	var told []Entity
	for _, e := range s.u.Entities {
		if slot := s.slotFor(e, nil); slot != nil && takesOne(slot, Phone, PersonName, IDNumber, PostalAddress) {
			told = append(told, e)
		}
	}
	return len(told) > 0 && utf8.RuneCountInString(s.besides(told)) <= 6
}

// wishes hears the wish to stay unknown, where the errand knows such a thing.
func (s *scene) wishes() []Command {
	var commands []Command
	for act, slot := range map[Act]string{Anonymous: "anonymous", Confidential: "confidential"} {
		if has(s.u.Acts, act) && s.flow().slot(slot) != nil && !s.form().Has(slot) {
			commands = append(commands, Command{Do: DoSet, Slot: slot, Entity: Entity{Text: s.u.Text, Value: "yes"}})
		}
	}
	return commands
}

// plainYes says whether a yes is all that was said.
func (s *scene) plainYes() bool {
	u := &s.u
	return has(u.Acts, Yes) && !has(u.Acts, No) && !has(u.Acts, Correct) && !u.Question && len(u.Entities) == 0 && short(u.Text)
}

// tellsMore says whether words that also held particulars tell the story that
// was asked for.
func (s *scene) tellsMore(asked *Slot, commands []Command) bool {
	if len(commands) == 0 || has(s.u.Acts, Correct) || len(asked.Types) > 0 && asked.Types[0] != PostalAddress {
		return false
	}
	rest := utf8.RuneCountInString(strings.TrimSpace(s.u.Text))
	for _, c := range commands {
		if c.Slot == asked.Name {
			return false
		}
		rest -= utf8.RuneCountInString(c.Entity.Text)
	}
	return rest >= 4
}

// empty says whether words tell nothing a free slot could keep.
func (s *scene) empty(text string) bool {
	return utf8.RuneCountInString(strings.TrimSpace(text)) < 2 || (len(s.u.Acts) > 0 && short(text))
}

// dropsDraft hears "never mind" about the errand under way.
func (s *scene) dropsDraft() bool {
	u := &s.u
	if has(u.Acts, Cancel) && (utf8.RuneCountInString(u.Text) <= 20 || len(u.Entities) == 0) {
		return true
	}
	if s.frame().Flow == BookAppointment && u.Intent == CancelAppointment && u.Decision == Accept && len(u.Entities) == 0 && len(u.Negated) == 0 {
		return true
	}
	return false
}

func hasEntity(u *Understanding, t EntityType) bool {
	return slices.ContainsFunc(u.Entities, func(e Entity) bool { return e.Type == t })
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
	if u.Decision != Accept || u.Intent == active {
		return ""
	}
	if _, ok := s.engine.flows[u.Intent]; !ok {
		return ""
	}
	if telling && (u.Score < 0.85 || utf8.RuneCountInString(u.Text) > 24) {
		return ""
	}
	if s.sameMatter(active, u.Intent) || s.answersAsked() || len(s.wishes()) > 0 && utf8.RuneCountInString(u.Text) <= 16 {
		return ""
	}
	return u.Intent
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

// question is the answer-errand the words ask for inside a flow, empty if none.
func (s *scene) question(telling, filled bool) Intent {
	u := &s.u
	if s.onlyTag() {
		return ""
	}
	if _, ok := s.engine.answers[u.Intent]; ok && u.Decision == Accept && !social(u.Intent) {
		if telling && !(u.Question && utf8.RuneCountInString(u.Text) <= 24) {
			return ""
		}
		if !filled || u.Question {
			return u.Intent
		}
	}
	if !u.Question || telling && utf8.RuneCountInString(u.Text) > 24 {
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

func social(i Intent) bool { return i == Greet || i == Thank || i == Goodbye }

// smalltalk hears words that want a friendly answer and nothing done.
func (s *scene) smalltalk() []Command {
	u := &s.u
	if u.Decision == Accept && (social(u.Intent) || u.Intent == Capability) {
		return []Command{{Do: DoChat, Flow: u.Intent}}
	}
	if u.Abusive {
		return []Command{{Do: DoCalm}}
	}
	return nil
}

// outside reads the words when no errand is under way.
func (s *scene) outside() []Command {
	u := &s.u
	if u.Digits != "" && u.Score < 1 && len(u.Entities) == 0 {
		return []Command{{Do: DoLost}} // a number that nobody asked for
	}
	if c := s.several(); c != nil {
		return c
	}
	if s.followsUp() {
		return []Command{{Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoLost}}
	}
	if u.Abusive && u.Decision != Accept && len(u.Entities) == 0 {
		return []Command{{Do: DoCalm}}
	}
	switch u.Decision {
	case Accept:
		if c := s.accepted(); c != nil {
			return c
		}
	case Clarify:
		return []Command{{Do: DoClarify}}
	}
	if c := s.smalltalk(); c != nil {
		return c
	}
	if has(u.Acts, Cancel) && strings.Contains(u.Norm, "取消") {
		return []Command{{Do: DoStart, Flow: CancelAppointment}}
	}
	if has(u.Acts, Cancel) || has(u.Acts, No) && short(u.Text) {
		return []Command{{Do: DoChat, Flow: Goodbye}}
	}
	if (has(u.Acts, Yes) || has(u.Acts, More)) && short(u.Text) {
		if s.justDone() {
			return []Command{{Do: DoChat, Flow: Goodbye}}
		}
		return []Command{{Do: DoChat, Flow: Capability}}
	}
	if hasEntity(u, Service) {
		return []Command{{Do: DoClarify}}
	}
	if u.Injection || s.empty(u.Text) {
		return []Command{{Do: DoLost}}
	}
	return []Command{{Do: DoAnswer, Flow: AskProcedure, Text: u.Text}, {Do: DoLost}}
}

// followsUp says whether a short question goes on about the guide just talked
// about: 那要多少钱.
func (s *scene) followsUp() bool {
	u, t := &s.u, s.conv.Topic
	if t.Guide == "" && t.Text == "" || s.now.Sub(t.At) > topicLife || !u.Question || utf8.RuneCountInString(u.Text) > 12 {
		return false
	}
	return u.Decision != Accept && u.Intent != Emergency || u.Intent == AskProcedure
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

// several hears two errands in one message ("book the permit, and I'd like to
// ask about the fund too"): the first begins, the second waits.
func (s *scene) several() []Command {
	parts := clauses(s.u.Text)
	if len(parts) < 2 {
		return nil
	}
	var commands []Command
	seen := map[Intent]bool{}
	for _, part := range parts {
		u := s.engine.understand.Understand(Utterance{Text: part, Now: s.now})
		_, isFlow := s.engine.flows[u.Intent]
		_, isAnswer := s.engine.answers[u.Intent]
		if u.Decision != Accept || seen[u.Intent] || !(isFlow || isAnswer) || social(u.Intent) {
			continue
		}
		seen[u.Intent] = true
		switch {
		case len(commands) == 0 && isFlow:
			commands = append(commands, Command{Do: DoStart, Flow: u.Intent})
		case len(commands) == 0:
			commands = append(commands, Command{Do: DoAnswer, Flow: u.Intent, Text: part})
		default:
			commands = append(commands, Command{Do: DoQueue, Flow: u.Intent, Text: part})
		}
	}
	if len(seen) < 2 {
		return nil
	}
	return commands
}

// matter is what a further errand is about, without the words that announce it.
func matter(text string) string {
	for cut := true; cut; {
		cut = false
		for _, lead := range []string{"另外", "还有", "還有", "顺便", "順便", "顺手", "同埋", "再", "还", "也", "我", "想", "帮", "请", "问", "問", "一下", "下", "and also", "，", ",", " "} {
			if rest := strings.TrimPrefix(text, lead); rest != text && utf8.RuneCountInString(rest) >= 4 {
				text, cut = rest, true
			}
		}
	}
	return text
}

// clauses splits a message where a further errand is announced.
func clauses(text string) []string {
	marks := []string{"另外", "还有", "還有", "再问", "再問", "再帮", "再幫", "顺便", "順便", "同埋", "还想", "還想", "再想", "也想", "顺手", "and also"}
	cut := -1
	for _, m := range marks {
		if i := strings.Index(text, m); i > 0 && (cut < 0 || i < cut) {
			cut = i
		}
	}
	if cut < 0 {
		return []string{text}
	}
	return []string{strings.Trim(text[:cut], "，,。；; "), strings.Trim(text[cut:], "，,。；; ")}
}
