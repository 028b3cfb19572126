package bot

import (
	"errors"
	"slices"
	"time"
)

// SwitchKind is what a switch does while it is in force.
type SwitchKind string

// The switches.
const (
	SwitchHealth SwitchKind = "health"       // health mode emergency, by the rule file in Text
	SwitchNotice SwitchKind = "announcement" // Text is said once to everybody who speaks with the bot
	SwitchTopic  SwitchKind = "topic_off"    // Topic is not served; Text says why
)

// SwitchStatus is where a switch stands.
type SwitchStatus string

// The states of a switch. Proposed and Ending wait for a second administrator.
const (
	SwitchProposed SwitchStatus = "proposed"
	SwitchOn       SwitchStatus = "on"
	SwitchEnding   SwitchStatus = "ending" // in force, and its end is proposed
	SwitchEnded    SwitchStatus = "ended"
	SwitchRefused  SwitchStatus = "refused"
)

// Switch is what one administrator proposes and another approves: something
// for everybody, at once, until a set time.
type Switch struct {
	ID     int64
	Kind   SwitchKind
	Topic  Intent
	Text   string
	TextEN string // for those who write English; empty: Text
	Status SwitchStatus
	Until  time.Time

	ProposedBy string
	ProposedAt time.Time
	ApprovedBy string
	ApprovedAt time.Time
	EndBy      string // who proposed its end, or refused it
	EndedBy    string // who approved its end; empty: its time was over
	EndedAt    time.Time
}

// InForce says whether a switch holds now.
func (v Switch) InForce(now time.Time) bool {
	return (v.Status == SwitchOn || v.Status == SwitchEnding) && now.Before(v.Until)
}

// LongestSwitch is how long a switch may hold without being proposed anew.
const LongestSwitch = 30 * 24 * time.Hour

// Errors of switches.
var (
	ErrSameKey    = errors.New("who proposed a switch cannot approve it")
	ErrSwitchOver = errors.New("the switch does not wait for that any more")
	ErrSwitchBad  = errors.New("the switch makes no sense")
)

// Fit says whether a proposal makes sense: a known kind, words, a topic that
// may be shut, an end within bounds.
func (v Switch) Fit(now time.Time) bool {
	topic := v.Topic == ""
	if v.Kind == SwitchTopic {
		topic = slices.Contains(Topics(), v.Topic)
	}
	known := v.Kind == SwitchHealth || v.Kind == SwitchNotice || v.Kind == SwitchTopic
	return known && topic && v.Text != "" && v.ProposedBy != "" && v.Until.After(now) && v.Until.Sub(now) <= LongestSwitch
}

// Topics are the intents that may be switched off. A person and the emergency
// numbers never are.
func Topics() []Intent {
	return []Intent{
		BookAppointment, RescheduleAppointment, CancelAppointment, CheckAppointment,
		RequestHelp, ClaimWish, FileReport, CheckRequest, HealthCode, AskProcedure, AskPolicy,
	}
}

// Switchboard tells what is in force, the latest approved first. It is asked at
// every turn and must be quick.
type Switchboard interface {
	InForce(now time.Time) []Switch
}

// shut finds the switch that keeps a topic off.
func (e *Engine) shut(topic Intent, now time.Time) (Switch, bool) {
	if e.switches == nil {
		return Switch{}, false
	}
	for _, v := range e.switches.InForce(now) {
		if v.Kind == SwitchTopic && v.Topic == e.served(topic) {
			return v, true
		}
	}
	return Switch{}, false
}

// paused says that a topic is off and until when; what was told so far stays
// in the draft, and a person is offered. It returns false where it is on.
func (e *Engine) paused(s *scene, topic Intent) bool {
	v, off := e.shut(topic, s.now)
	if !off {
		return false
	}
	s.conv.Misses = 0
	s.note()
	s.say(Reply{Text: v.Says(s.conv.Language)})
	s.ask(Asked{Kind: AskedOffer, Choices: []Choice{{Text: TalkToOperator.title(s.conv.Language), Flow: TalkToOperator}}})
	return true
}

// Says is what a citizen is told of a topic that is off.
func (v Switch) Says(l Language) string {
	why := v.Text
	if l == English && v.TextEN != "" {
		why = v.TextEN
	}
	until := v.Until.In(Shanghai())
	return l.Say("“%s”暂停办理，预计%s%s恢复。%s", "%s is paused, expected back on %s at %s. %s",
		v.Topic.title(l), l.Date(until), until.Format("15:04"), why)
}

func (i Intent) title(l Language) string {
	if l == English {
		return i.titleEN()
	}
	return i.Title()
}

// announce puts what everybody is to know before what the turn says, once for
// each conversation. Nothing stands before the numbers to call in danger.
func (s *scene) announce() {
	if s.engine.switches == nil || s.quiet || len(s.replies) == 0 && s.deed == nil || s.u.Decision == Danger {
		return
	}
	heard := s.conv.Heard
	var news []Reply
	for _, v := range s.engine.switches.InForce(s.now) {
		if v.Kind != SwitchNotice || v.ID <= s.conv.Heard {
			continue
		}
		text := v.Text
		if s.conv.Language == English && v.TextEN != "" {
			text = v.TextEN
		}
		heard = max(heard, v.ID)
		news = append(news, Reply{Text: s.conv.Language.Say("【紧急通知】", "[Urgent notice] ") + text})
	}
	s.conv.Heard = heard
	slices.Reverse(news) // in the order they were approved
	s.replies = append(news, s.replies...)
}
