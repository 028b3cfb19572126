package bot

// danger answers an emergency before anything else: the right number, a calm
// sentence, a person at the front of the queue. No slot is asked.
func (s *scene) danger(held bool) {
	s.trace.Intent, s.trace.Decision = Emergency, Danger
	if s.trace.Score == 0 {
		s.trace.Score = 1
	}
	s.changes = append(s.changes, Change{At: s.now, Kind: ChangeUrgent, Citizen: s.citizen.ID})
	if !held {
		s.say(Reply{Text: hazardWords(s.u.Hazard, s.conv.Language), Urgent: true})
		s.conv.Handling = Queued
	}
	s.conv.Alarm, s.conv.Asked = s.now, Asked{}
	s.handoff = s.packet(ReasonEmergency)
	s.handoff.Priority = 0
	s.handoff.Slots[AlarmSlot] = s.keepable(s.in.Text)
	if town := s.townNamed(); town != "" { // not that of the errand before
		s.handoff.Town = town
	}
	s.note()
	if !held {
		s.conv.Misses = 0
	}
}

// comfort stays with a citizen who waits for help: nothing is asked, nothing
// is pressed.
func (s *scene) comfort() {
	s.conv.Misses = 0
	s.note()
	if town := s.townNamed(); town != "" { // who waits is listed there from now on
		s.handoff = s.packet(ReasonEmergency)
		s.handoff.Priority, s.handoff.Town = 0, town
		s.changes = append(s.changes, Change{At: s.now, Kind: ChangeQueued, Citizen: s.citizen.ID})
	}
	s.sayText("我在。人工马上接过来，先顾好人，别的事都可以等。您说的都会转给接手的人；情况有变化，直接拨 120、110、119。",
		"I am here. A person is about to take over; look after people first, everything else can wait. What you say is passed on. If it gets worse call 120, 110 or 119.")
}

// AlarmSlot holds, in the packet of an emergency, the words that raised it.
const AlarmSlot = "alarm"

// townNamed is the town the citizen has just named, empty for none.
func (s *scene) townNamed() string {
	for _, e := range s.u.Entities {
		if e.Type == Town {
			return e.Value
		}
	}
	return ""
}

// hazardWords are the words for a kind of danger. The numbers: 110 police, 119
// fire and rescue, 120 ambulance, 122 traffic police, 12356 psychological aid,
// 12338 women's rights line.
func hazardWords(h Hazard, l Language) string {
	const line = "我已把您排在人工最前面，马上有人接手。"
	const lineEN = " You are first in line for a person, who will be with you at once."
	switch h {
	case HazardFire:
		return l.Say("请马上离开火场，弯腰走楼梯，拨打 119。不要回去拿东西。"+line, "Leave at once by the stairs and call 119. Do not go back."+lineEN)
	case HazardGas:
		return l.Say("请别开灯、别打火，关掉阀门，开窗，人先出去，到外面拨打 119。"+line, "Do not switch anything on. Close the valve, open windows, get out, then call 119."+lineEN)
	case HazardMedical:
		return l.Say("请马上拨打 120，说清地址，别让病人独自一人。"+line, "Call 120 now, give the address and stay with the patient."+lineEN)
	case HazardDomestic:
		return l.Say("您的安全最要紧。请马上拨打 110，能离开就先到邻居家或人多的地方；也可拨 12338 妇女维权热线。"+line, "Your safety comes first. Call 110 now and go to neighbours or a public place if you can; 12338 also helps."+lineEN)
	case HazardViolence:
		return l.Say("请先到安全的地方，马上拨打 110；不方便说话可发短信到 12110。"+line, "Get to a safe place and call 110; if you cannot speak, text 12110."+lineEN)
	case HazardChild:
		return l.Say("孩子的安全最要紧，请马上拨打 110，有伤先拨 120。"+line, "The child's safety comes first: call 110 now, 120 if hurt."+lineEN)
	case HazardSelfHarm:
		return l.Say("听到您这么难受，我很担心您。请先别一个人待着，现在就拨 12356 心理援助热线，24 小时有人听您说；有立刻的危险请拨 120 或 110。"+line, "I am worried about you. Please do not stay alone. Call 12356 now, someone listens day and night; in immediate danger call 120 or 110."+lineEN)
	case HazardTraffic:
		return l.Say("请先到路边安全处，有人受伤拨 120，事故拨 122。"+line, "Get to safety beside the road. Injured: call 120; accident: call 122."+lineEN)
	case HazardLost:
		return l.Say("请马上拨打 110，走失不用等 24 小时；说清衣着、最后见到的地方，留一个人在原地等。"+line, "Call 110 now, there is no need to wait 24 hours. Say what they wear and where they were last seen."+lineEN)
	case HazardWater:
		return l.Say("请马上拨打 119 和 110，往高处走，不要下水去追；岸上的人先扔绳子、木板这类能浮的东西。"+line, "Call 119 and 110, move to high ground, throw something that floats; do not go into the water."+lineEN)
	}
	return l.Say("有生命危险请马上拨打：报警 110，火警 119，急救 120，交通事故 122，心理援助 12356。"+line, "In danger call: police 110, fire 119, ambulance 120, traffic 122, psychological aid 12356."+lineEN)
}
