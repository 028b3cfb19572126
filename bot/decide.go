package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// decide works out what a turn says and does, gathering it in the scene.
func (e *Engine) decide(ctx context.Context, s *scene) error {
	defer s.finishTrace()
	// What is said to a person aloud is theirs to answer, also where the
	// conversation is nobody's at the desk any more.
	held := s.conv.Handling == ByPerson || s.in.Event == EventOverheard
	if s.conv.Handling == Closed || s.conv.Handling == "" {
		s.conv.Handling = ByBot
	}
	if s.wordless() {
		s.hearChild()
		if held {
			s.pressed(s.in.EventKey, "")
			s.quiet = true
			return nil
		}
		return e.event(ctx, s)
	}
	s.hear()
	s.hearChild()
	if s.u.Decision == Danger && !s.offeredWords() {
		s.danger(held)
		return nil
	}
	if held {
		s.quiet = true
		return nil
	}
	return e.converse(ctx, s)
}

// offeredWords says whether the words are one of the answers just offered:
// 小孩, said to "for whom?", calls for nobody.
func (s *scene) offeredWords() bool {
	text := strings.TrimSpace(s.u.Text)
	return slices.ContainsFunc(s.before.Choices, func(c Choice) bool { return strings.EqualFold(c.Text, text) })
}

// wordless says whether the turn is an event without words to understand.
func (s *scene) wordless() bool {
	switch s.in.Event {
	case NoEvent, EventChoice, EventOverheard:
		return strings.TrimSpace(s.in.Text) == ""
	case EventVoice:
		return strings.TrimSpace(s.in.Text) == ""
	}
	return true
}

// hear understands the turn's words.
func (s *scene) hear() {
	s.u = s.engine.understand.Understand(s.utterance(s.in.Text))
	s.conv.Language = s.language()
	s.trace.Intent, s.trace.Score, s.trace.Decision = s.engine.served(s.u.Intent), s.u.Score, s.u.Decision
	if s.u.Abusive {
		s.trace.Acts = append(s.trace.Acts, "abusive")
	}
	for _, a := range s.u.Acts {
		s.trace.Acts = append(s.trace.Acts, string(a))
	}
}

// utterance tells the understanding what was asked.
func (s *scene) utterance(text string) Utterance {
	u := Utterance{Text: text, Now: s.now}
	if flow := s.flow(); flow != nil {
		if slot := s.askedSlot(); slot != nil && len(slot.Types) > 0 {
			u.Asked = slot.Types[0]
		}
		u.Open = s.openTypes()
	}
	for _, c := range s.conv.Asked.Choices {
		u.Options = append(u.Options, c.Text)
	}
	return u
}

// openTypes are the particulars the errand lacks, unless names of another kind
// are awaited: 胡门 said to "which hall?" is nobody's name.
func (s *scene) openTypes() []EntityType {
	asked := s.askedSlot()
	if asked != nil && takesOne(asked, PostalAddress) && s.lacksName() {
		return []EntityType{PersonName} // 陈大文, said to "where?", is no place
	}
	if asked != nil && (asked.Free || takesOne(asked, Hall, Town, Service)) {
		return nil
	}
	var open []EntityType
	for i := range s.flow().Slots {
		if slot := &s.flow().Slots[i]; !s.form().Has(slot.Name) || takesOne(slot, PersonName) && utf8.RuneCountInString(s.form().Get(slot.Name)) == 1 {
			open = append(open, slot.Types...)
		}
	}
	return open
}

// lacksName says whether the errand keeps a name and has none yet.
func (s *scene) lacksName() bool {
	return slices.ContainsFunc(s.flow().Slots, func(slot Slot) bool { return takesOne(&slot, PersonName) && !s.form().Has(slot.Name) })
}

// converse carries out what the words ask for.
func (e *Engine) converse(ctx context.Context, s *scene) error {
	if done, err := e.guard(ctx, s); done || err != nil {
		return err
	}
	if done, err := e.separately(ctx, s); done || err != nil {
		return err
	}
	if c := s.aside(); c != nil {
		return e.apply(ctx, s, c)
	}
	if s.returning() {
		s.offerDraft()
		return nil
	}
	s.conv.Stale = false
	s.complete()
	commands := e.consult(ctx, s, s.interpret())
	if s.alarmed() && (idle(commands) || (commands[0].Do == DoAnswer || commands[0].Do == DoClarify) && s.u.Decision != Accept) {
		commands = []Command{{Do: DoComfort}}
	}
	commands = s.felt(commands)
	answers := commands[0].Do == DoAnswer || commands[0].Do == DoStart && commands[0].Flow == RequestHelp && s.flow() == nil
	grieves := answers && s.bereaved()
	if err := e.apply(ctx, s, commands); err != nil {
		return err
	}
	if grieves {
		s.condole()
	}
	return nil
}

// complete reads an answer to "which do you mean" that chooses none together
// with the words that were unclear: 身份证, then 补领; or a place told to a matter.
func (s *scene) complete() {
	asked := s.conv.Asked
	if asked.Kind != AskedClarify || asked.Text == "" || s.u.Decision == Accept || s.u.Ordinal != 0 || len(s.u.Acts) > 0 || s.u.Abusive || s.flow() != nil {
		return
	}
	placed := hasEntity(&s.u, Town) || hasEntity(&s.u, PostalAddress)
	if !short(s.u.Text) && !placed {
		return
	}
	text := asked.Text + s.u.Text
	if placed {
		text = s.withUnclear("")
	}
	u := s.engine.understand.Understand(Utterance{Text: text, Now: s.now})
	if u.Decision == Danger {
		return // neither part told of any
	}
	named := slices.ContainsFunc(u.Entities, func(e Entity) bool { return e.Type == Service && len(e.Ambiguity) == 0 })
	if placed && u.Decision == Abstain {
		u.Decision = Clarify // to say where makes nothing less clear than it was
	}
	if u.Decision == Accept || named || placed && u.Decision == Clarify {
		s.u = u
		s.trace.Intent, s.trace.Score, s.trace.Decision = u.Intent, u.Score, u.Decision
	}
}

// withUnclear is what an errand is about that keeps a story: with the words told
// now, those before them that were unclear, so that nobody tells them twice.
// Without a flow it is both in any case.
func (s *scene) withUnclear(errand Intent) string {
	before, now := s.before.Text, s.u.Text
	flow := s.engine.flows[errand]
	switch {
	case s.before.Kind != AskedClarify || before == "" || strings.HasPrefix(now, before) || s.gap > s.engine.resumeGap:
		return now
	case errand != "" && (flow == nil || flow.story() == nil):
		return now
	}
	return strings.TrimRight(before, " ，,。；;") + "，" + now
}

// alarmLife is how long after an emergency errands wait to be taken up by the
// citizen: nobody is pressed for a day and a time then.
const alarmLife = 30 * time.Minute

func (s *scene) alarmed() bool {
	return !s.conv.Alarm.IsZero() && s.now.Sub(s.conv.Alarm) < alarmLife && s.conv.Handling == Queued
}

// idle says whether commands neither do nor answer anything of substance.
func idle(commands []Command) bool {
	switch commands[0].Do {
	case DoChat, DoLost, DoCalm, DoSkip, DoDeny, DoConfirm, DoMore:
		return true
	}
	return false
}

// returning says whether the citizen comes back to an old draft without
// simply going on with it.
func (s *scene) returning() bool {
	if s.frame() == nil || s.flow() == nil || s.conv.Asked.Kind == AskedResume || s.alarmed() {
		return false
	}
	if s.gap < s.engine.resumeGap && !s.conv.Stale {
		return false
	}
	if has(s.u.Acts, Person) || has(s.u.Acts, Cancel) || has(s.u.Acts, Repeat) {
		return false
	}
	if has(s.u.Acts, Yes) || s.answersAsked() || s.u.Ordinal != 0 || s.in.Event == EventChoice {
		return false
	}
	if len(s.fills()) > 0 && len(s.u.Entities) > 0 {
		return false // tells what the errand lacks: it goes on
	}
	return s.u.Decision != Accept || social(s.u.Intent) || s.u.Intent == s.frame().Flow
}

// offerDraft asks whether to go on with the draft.
func (s *scene) offerDraft() {
	name := s.flow().name(s.conv.Language)
	s.conv.Stale = false
	s.note()
	if known := s.known(); known != "" {
		s.sayText("您上次的“%s”还没办完（%s），接着办吗？", "You had not finished: %s (%s). Shall we go on with it?", name, known)
	} else {
		s.sayText("您上次的“%s”还没办完，接着办吗？", "You had not finished: %s. Shall we go on with it?", name)
	}
	s.ask(Asked{Kind: AskedResume, Choices: s.yesNo("接着办", "Go on", "不办了", "Drop it")})
}

// known is what the draft holds so far, in a few words and without
// particulars of people.
func (s *scene) known() string {
	var parts []string
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		v, filled := s.form().Value(slot.Name)
		if !filled || slot.Label == "" || slot.Name == "text" || takesOne(slot, Phone, PersonName, IDNumber, Permit, Passport, PostalAddress) {
			continue
		}
		if len(parts) < 4 {
			parts = append(parts, v.Show())
		}
	}
	return strings.Join(parts, s.conv.Language.Say("，", ", "))
}

func (s *scene) yesNo(yes, yesEN, no, noEN string) []Choice {
	return []Choice{{Text: s.conv.Language.Say(yes, yesEN)}, {Text: s.conv.Language.Say(no, noEN)}}
}

func (f *Flow) name(l Language) string {
	if l == English && f.NameEN != "" {
		return f.NameEN
	}
	return f.Name
}

// apply carries out commands in order.
func (e *Engine) apply(ctx context.Context, s *scene, commands []Command) error {
	for _, c := range commands {
		s.trace.Commands = append(s.trace.Commands, c.String())
	}
	if changes(commands) {
		return e.fill(ctx, s, commands)
	}
	for i, c := range commands {
		done, err := e.carry(ctx, s, c)
		if err != nil {
			return err
		}
		if done && c.Do != DoQueue && (i+1 >= len(commands) || commands[i+1].Do != DoQueue) {
			return nil
		}
	}
	if len(commands) > 1 && commands[0].Do == DoStart && s.flow() == nil {
		s.leftovers() // the first errand is over already: there was nothing to cancel
	}
	return nil
}

// changes says whether commands change slots of the active form.
func changes(commands []Command) bool {
	for _, c := range commands {
		switch c.Do {
		case DoSet, DoCorrect, DoClear, DoAvoid:
			return true
		}
	}
	return false
}

// carry carries out one command that does not fill slots. It returns false
// where the next command is to be tried instead.
func (e *Engine) carry(ctx context.Context, s *scene, c Command) (bool, error) {
	switch c.Do {
	case DoHandoff:
		s.toPerson(c.Reason)
	case DoOffer:
		return true, e.offerPerson(s)
	case DoDoubt:
		return true, e.offerStop(ctx, s)
	case DoRepeat, DoSlower:
		return true, e.again(ctx, s, c.Do == DoSlower)
	case DoWhy:
		return true, e.explain(ctx, s)
	case DoChoose:
		return true, e.choose(ctx, s, c.N)
	case DoStart:
		return true, e.start(ctx, s, Waiting{Flow: c.Flow, Text: cmp.Or(c.Text, s.withUnclear(c.Flow))})
	case DoQueue:
		s.conv.Waiting = append(s.conv.Waiting, Waiting{Flow: c.Flow, Text: s.keepable(c.Text)})
		s.noted = notedNext
	case DoDrop:
		return true, e.drop(ctx, s)
	case DoConfirm:
		return true, e.confirm(ctx, s)
	case DoDeny:
		return true, e.deny(ctx, s)
	case DoAnswer:
		return e.reply(ctx, s, c)
	case DoClarify:
		return true, e.clarify(ctx, s)
	case DoSkip:
		return true, e.skip(ctx, s)
	case DoBack:
		return true, e.back(ctx, s)
	case DoMore:
		return true, e.next(ctx, s)
	case DoShift:
		return true, e.shift(ctx, s, c.Slot, c.N)
	case DoPending:
		s.pending()
	case DoComfort:
		s.comfort()
	case DoRevive:
		return true, e.revive(ctx, s)
	case DoConsole:
		s.console()
	case DoSoothe:
		return true, e.soothe(ctx, s)
	case DoBrief:
		return true, e.briefly(ctx, s)
	case DoEase:
		s.ease()
	case DoSoon:
		return true, e.soon(ctx, s)
	case DoAssure:
		return true, e.reassure(ctx, s)
	case DoKeep:
		s.keepDigits(c.Text)
	case DoChat:
		return true, e.chat(ctx, s, c.Flow)
	case DoCalm:
		return true, e.calm(ctx, s)
	case DoLost:
		return true, e.lost(ctx, s)
	}
	return true, nil
}

// finishTrace settles what the turn reports of itself.
func (s *scene) finishTrace() {
	if s.trace.Flow == "" {
		s.note()
	}
	if s.u.Decision == Danger {
		s.trace.Decision = Danger
		return
	}
	switch {
	case s.conv.Asked.Kind == AskedClarify || s.conv.Asked.Which:
		s.trace.Decision = Clarify
	case s.trace.Flow != "" && s.trace.Decision != Accept && len(s.trace.Commands) > 0 && !s.wasLost():
		s.trace.Decision = Accept
	}
	if s.trace.Flow != "" && (s.trace.Intent == "" || s.trace.Intent == OutOfScope || s.answeredOnly()) && s.trace.Decision == Accept {
		s.trace.Intent = s.trace.Flow
	}
	if s.trace.Intent == "" {
		s.trace.Intent = OutOfScope
	}
}

// answeredOnly says whether the turn was nothing but an answer to what was
// asked; its intent is the errand's.
func (s *scene) answeredOnly() bool {
	if len(s.trace.Commands) == 0 || social(s.trace.Flow) {
		return false
	}
	deed, _, _ := strings.Cut(s.trace.Commands[0], "(")
	switch Deed(deed) {
	case DoChoose, DoConfirm, DoDeny, DoSkip, DoBack, DoMore, DoShift, DoSet, DoCorrect, DoClear, DoAvoid:
		return len(s.trace.Commands) == 1 || !strings.HasPrefix(s.trace.Commands[len(s.trace.Commands)-1], string(DoAnswer))
	}
	return false
}

func (s *scene) wasLost() bool {
	for _, c := range s.trace.Commands {
		if c == string(DoLost) {
			return true
		}
	}
	return false
}
