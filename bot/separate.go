package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SeparateConsent is a yes that the law wants for itself and not with others
// (单独同意): a guardian's to an errand of a child, a citizen's to having
// sensitive particulars written into a ticket. It is told in the conversation;
// that the voice is a parent's cannot be proved.
type SeparateConsent struct {
	ID      string
	Citizen CitizenID
	About   Separate
	Errand  Intent
	Key     string // of the errand, for what was filed on it
	Name    string // of the errand, as it was told
	By      string // 本人, 妈妈, 爸爸 … as they called themselves; 监护人 where they did not
	What    Secret // the kinds of particulars agreed to; empty where it is the whole errand
	Asked   string // the words that asked
	Channel Channel
	At      time.Time
}

// Separate is what a separate consent is about.
type Separate string

// What is asked for separately.
const (
	OfChild     Separate = "child"     // 个人信息保护法 article 31
	OfSensitive Separate = "sensitive" // articles 28 and 29
)

// Sensitive is how an errand treats sensitive particulars (个人信息保护法
// articles 28 to 30).
type Sensitive struct {
	// In are the kinds of them in a telling, named as citizens are asked.
	In func(told string) []string
	// Without is a telling without them, empty where nothing is left.
	Without func(told string) string
	// Urgent says that what was told cannot wait even for a yes (article 13,
	// the fourth).
	Urgent func(told string) bool
	// Why is what they are needed for: 知道怎么帮您.
	Why, WhyEN string
}

// apart are the kinds of sensitive particulars in the form that await a yes of
// their own, or, where the matter cannot wait, are filed without one. For what
// an operator fills in the operator asks.
func (s *scene) apart() (asked, rushed []string) {
	flow, frame := s.flow(), s.frame()
	if flow == nil || flow.Sensitive == nil || s.receipt < 0 {
		return nil, nil
	}
	told := s.toldFreely()
	kinds := flow.Sensitive.In(told)
	if flow.Sensitive.Urgent(told) || frame.Consent == unasked {
		return nil, kinds
	}
	return kinds, nil
}

// apartForm is the form with what the summary has to say of these kinds.
func (s *scene) apartForm(asked, rushed []string) *Form {
	form := s.form()
	form.apart, form.rushed = asked, rushed
	if flow := s.flow(); flow != nil {
		form.sensitive = flow.Sensitive
	}
	return form
}

// toldFreely is what stands in the form in the citizen's own words.
func (s *scene) toldFreely() string {
	var told []string
	flow := s.flow()
	for i := range flow.Slots {
		if v := s.frame().Slots[flow.Slots[i].Name]; flow.Slots[i].Free && v.Value != "" {
			told = append(told, v.Value)
		}
	}
	return strings.Join(told, "\n")
}

// Closing is the last line of a summary: how to say yes, and, where sensitive
// particulars were told, the question for them alone.
func (f *Form) Closing() string {
	sure := f.Say("没问题请回“确认”。", "If all is right, say \"confirm\".")
	switch {
	case len(f.apart) > 0:
		return f.question()
	case len(f.rushed) > 0:
		return f.Say("事情急，您说到的"+strings.Join(f.rushed, "、")+"先写上，只给经办的人看。\n", "As this is urgent, the sensitive particulars you told are included; only those who deal with it read them.\n") + sure
	}
	return sure
}

// question asks for the sensitive particulars and nothing else.
func (f *Form) question() string {
	kinds := strings.Join(f.apart, "、")
	if f.Channel == Hotline {
		return f.Say("您说到了"+kinds+"，写上只给经办的人看。写上请说“同意”，不写请说“不写”。", "You told sensitive particulars; only those who deal with it read them. Say \"I agree\" to include them, or \"leave out\".")
	}
	return f.Say("其中"+kinds+"是敏感信息，单独问您一声：写上是为了"+f.sensitive.Why+"，只给经办的人看，不公开；不写也照样受理。\n写上并提交请回“同意”，不写请回“不写”。",
		"Some of this is sensitive (health, disability, a child …), so I ask separately: it is included "+f.sensitive.WhyEN+", only those who deal with it read it, and it is never published. Without it your request is taken all the same.\nSay \"I agree\" to include and submit it, or \"leave out\".")
}

// separately takes what was said to that question. done: the turn is over.
func (e *Engine) separately(ctx context.Context, s *scene) (done bool, err error) {
	asked := s.conv.Asked
	if asked.Kind != AskedConfirm || !asked.Apart || s.flow() == nil || utf8.RuneCountInString(s.u.Text) > longestYes {
		return false, nil
	}
	next, command := e.confirm, Command{Do: DoConfirm}
	switch {
	case leavesOut(s.u.Norm), asked.Alone && s.plainNo():
		next, command = e.leaveOut, Command{Do: DoDeny}
	case len(s.u.Entities) == 0 && (agrees(s.u.Norm) || writes(s.u.Norm) || asked.Alone && s.plainYes()):
		s.agreed = true
	case s.plainYes(): // to the summary, and not to this
	default:
		return false, nil
	}
	s.trace.Intent, s.trace.Decision = e.served(s.frame().Flow), Accept
	s.trace.Commands = append(s.trace.Commands, command.String())
	return true, next(ctx, s)
}

// leavesOut hears that the sensitive particulars are not to be written.
func leavesOut(norm string) bool {
	return Mentions(norm, "不写", "别写", "不要写", "不用写", "唔写", "唔好写", "唔使写", "不同意", "唔同意", "去掉", "删掉", "别记", "不要记", "leave out", "leave it out", "leave them out", "don't include", "not agree", "don't agree", "disagree")
}

// writes hears that they are.
func writes(norm string) bool {
	return Mentions(norm, "写上", "写进去", "可以写", "写落去", "include it", "include them") && !Mentions(norm, "吗", "?", "？", "不", "别")
}

// askApart asks for the sensitive particulars alone, where the summary was
// agreed to without a word on them.
func (s *scene) askApart(kinds []string) {
	s.note()
	s.say(Reply{Text: s.apartForm(kinds, nil).question()})
	s.ask(Asked{Kind: AskedConfirm, Apart: true, Alone: true, Choices: s.writeOrNot()})
}

// writeOrNot are the two answers to that question.
func (s *scene) writeOrNot() []Choice {
	return s.yesNo("同意写上并确认", "I agree, submit it", "不写这些", "Leave them out")
}

// consentApart is the yes to sensitive particulars, recorded with the deed.
func (s *scene) consentApart(flow *Flow, kinds []string) *SeparateConsent {
	return &SeparateConsent{
		ID: fmt.Sprintf("%s-%d-s", s.citizen.ID, s.receipt), Citizen: s.citizen.ID, About: OfSensitive, Errand: flow.Intent, Key: s.frame().Key,
		Name: flow.Name, By: "本人", What: Secret(strings.Join(kinds, "、")), Asked: s.apartForm(kinds, nil).question(), Channel: s.in.From.Channel, At: s.now,
	}
}

// leaveOut takes the sensitive particulars out of the form and reads it back
// again; where nothing is left of the story, it is asked for in other words.
func (e *Engine) leaveOut(ctx context.Context, s *scene) error {
	flow, frame := s.flow(), s.frame()
	for i := range flow.Slots {
		slot := &flow.Slots[i]
		v, told := frame.Slots[slot.Name]
		if !slot.Free || !told || len(flow.Sensitive.In(v.Value+"\n"+v.Said)) == 0 {
			continue
		}
		v.Value = flow.Sensitive.Without(v.Value)
		if n := utf8.RuneCountInString(v.Value); n < leastLeft && (slot.Tells == nil || !slot.Tells(v.Value)) {
			delete(frame.Slots, slot.Name)
			continue
		}
		v.Said = ""
		frame.Slots[slot.Name] = v
	}
	for i, w := range frame.Words {
		frame.Words[i] = flow.Sensitive.Without(w)
	}
	frame.Words = slices.DeleteFunc(frame.Words, func(w string) bool { return w == "" })
	s.conv.Asked, s.conv.Misses = Asked{}, 0
	lead := Reply{Text: s.conv.Language.Say("好，这些不写。", "All right, they are left out.")}
	if story := flow.story(); story != nil && !s.form().Has(story.Name) {
		lead.Text += s.conv.Language.Say("请换个说法，只说需要什么、出了什么事。", " Please tell in other words what is needed or what happened.")
		s.say(lead)
		s.note()
		s.ask(Asked{Kind: AskedSlot, Slot: story.Name})
		return nil
	}
	return e.proceed(ctx, s, &lead)
}

// leastLeft is how many characters make a story still: 我要求助 is none.
const leastLeft = 8
