package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// toPerson puts the conversation in the operators' queue. The bot says so
// once, with the place, and goes on serving.
func (s *scene) toPerson(reason HandoffReason) {
	already := s.conv.Handling == Queued
	s.conv.Handling = Queued
	s.conv.Misses = 0
	s.note()
	if s.trace.Intent == "" || s.trace.Intent == OutOfScope {
		s.trace.Intent, s.trace.Decision = TalkToOperator, Accept
	}
	s.handoff = s.packet(reason)
	lead := s.conv.Language.Say("好的，已为您转人工。", "I have asked for a person.")
	switch {
	case already:
		lead = s.conv.Language.Say("您已经在排队了。", "You are in the queue.")
	case reason == ReasonSilent:
		lead = s.conv.Language.Say("没听到您的声音，我请工作人员来接。", "I cannot hear you; a person will take over.")
	case reason == ReasonNotUnderstood && !s.in.ByLine: // the line has said why
		lead = s.conv.Language.Say("抱歉，一直没听明白您的意思，我请工作人员来接。", "Sorry, I keep missing your point; a person will take over.")
	}
	asked := s.conv.Asked
	if asked.Kind != AskedSlot && asked.Kind != AskedConfirm {
		asked = Asked{}
	}
	s.conv.Asked = asked
	s.place = func(place int) {
		where := s.conv.Language.Say("下一位就是您。", " You are next.")
		if place > 1 {
			where = s.conv.Language.Say("您前面还有 %d 位。", " There are %d before you.", place-1)
		}
		if s.engine.hours != nil {
			if on, next := s.engine.hours(s.now); !on {
				where = s.offHours(next)
			}
		}
		rest := s.conv.Language.Say("等的时候可以继续跟我说，前面说过的不用再讲一遍。", " You can go on talking to me while you wait.")
		s.say(Reply{Text: lead + where + rest})
	}
}

// offHours says that nobody is at the desk now, and when somebody will be.
func (s *scene) offHours(next time.Time) string {
	now := s.now.In(Shanghai())
	next = next.In(Shanghai())
	clock := next.Format("15:04")
	switch next.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return s.conv.Language.Say("现在没有人当班，今天 %s 上班先接您。", " Nobody is on duty now; colleagues are back today at %s and you come first.", clock)
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return s.conv.Language.Say("现在没有人当班，明天 %s 上班先接您。", " Nobody is on duty now; colleagues are back tomorrow at %s and you come first.", clock)
	}
	if next.Year() < now.Year() { // none is planned
		return s.conv.Language.Say("现在没有人当班，上班先接您。", " Nobody is on duty now; you come first when colleagues are back.")
	}
	day := next.Format("1月2日") + "（周" + string([]rune("日一二三四五六")[next.Weekday()]) + "）"
	if s.conv.Language == English {
		day = next.Format("Monday 2 January")
	}
	return s.conv.Language.Say("现在没有人当班，%s %s 上班先接您。", " Nobody is on duty now; colleagues are back on %s at %s and you come first.", day, clock)
}

// packet is the handover: who needs what, what is known, what was tried.
func (s *scene) packet(reason HandoffReason) *Handoff {
	h := &Handoff{
		Citizen: s.citizen.ID, Channel: s.in.From.Channel, Reason: reason, Priority: 2,
		Intent: s.u.Intent, Slots: map[string]string{}, Status: HandoffWaiting, At: s.now, Language: s.conv.Language,
	}
	if reason.waits() {
		h.Priority = 1
	}
	parts := []string{reason.Title()}
	if reason == ReasonEmergency {
		parts[0] += "：" + s.u.Hazard.Title()
	}
	if flow := s.flow(); flow != nil {
		h.Intent = flow.Intent
		gist := flow.Name
		if flow.Gist != nil {
			gist = cmp.Or(strings.TrimSpace(flow.Gist(s.form())), flow.Name)
		}
		parts = append(parts, "正在办："+MaskWords(gist))
		for name, v := range s.frame().Slots {
			h.Slots[name] = MaskWords(maskSlot(flow.slot(name), v))
		}
		h.Town = s.engine.townOf(s.frame().Slots)
	} else if s.conv.Topic.Title != "" {
		if h.Intent == TalkToOperator || h.Intent == "" {
			h.Intent = AskProcedure // what they came for, not that they want a person
		}
		parts = append(parts, "刚问过："+s.conv.Topic.Title)
	}
	if s.conv.Misses > 0 {
		parts = append(parts, fmt.Sprintf("连续 %d 次没听明白", s.conv.Misses))
	}
	h.Summary = strings.Join(parts, "；")
	h.Tried = slices.Clone(s.trace.Commands)
	return h
}

// townOf is the town an errand is about: the one named, or its hall's.
func (e *Engine) townOf(slots map[string]Value) string {
	if town := slots["town"].Value; town != "" {
		return town
	}
	if hall := slots["hall"].Value; e.places[hall] != "" { // the city's hall is no town's
		return hall
	}
	return ""
}

// Title names a hazard to operators.
func (h Hazard) Title() string {
	switch h {
	case HazardFire:
		return "火情"
	case HazardGas:
		return "燃气"
	case HazardMedical:
		return "急病受伤"
	case HazardViolence:
		return "人身伤害"
	case HazardDomestic:
		return "家庭暴力"
	case HazardChild:
		return "儿童受侵害"
	case HazardSelfHarm:
		return "自杀自伤"
	case HazardTraffic:
		return "交通事故"
	case HazardLost:
		return "人员走失"
	case HazardWater:
		return "溺水水浸"
	}
	return "生命危险"
}

// maskSlot shows a slot's value to operators without the particulars.
func maskSlot(slot *Slot, v Value) string {
	if slot == nil {
		return v.Show()
	}
	for _, t := range slot.Types {
		switch t {
		case Phone:
			return MaskPhone(v.Value)
		case IDNumber, Permit, Passport:
			return MaskID(v.Value)
		case PersonName:
			return MaskName(v.Value)
		}
	}
	return v.Show()
}
