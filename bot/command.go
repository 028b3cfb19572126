package bot

import "fmt"

// Deed is what a command does. Whatever understands — rules, classifier, a
// model — proposes deeds of this short list; the engine and the flows dispose.
type Deed string

// The deeds.
const (
	DoSet     Deed = "set_slot"
	DoCorrect Deed = "correct_slot"
	DoClear   Deed = "clear_slot"
	DoAvoid   Deed = "avoid_value"
	DoStart   Deed = "start_flow"
	DoDrop    Deed = "cancel_flow"
	DoConfirm Deed = "confirm"
	DoDeny    Deed = "deny"
	DoChoose  Deed = "choose"
	DoAnswer  Deed = "answer_question"
	DoClarify Deed = "clarify"
	DoSkip    Deed = "skip_question"
	DoBack    Deed = "go_back"
	DoWhy     Deed = "explain"
	DoRepeat  Deed = "repeat"
	DoSlower  Deed = "slower"
	DoHandoff Deed = "human_handoff"
	DoChat    Deed = "chitchat"
	DoMore    Deed = "more"
	DoShift   Deed = "shift"       // an earlier or later one: N is -1 or 1
	DoPending Deed = "pending"     // nothing is done before the yes
	DoComfort Deed = "comfort"     // after an emergency
	DoRevive  Deed = "revive"      // the draft just given up, after all
	DoConsole Deed = "console"     // grief or fear, before any errand
	DoSoothe  Deed = "soothe"      // a reproach that is no abuse: slow, stupid
	DoBrief   Deed = "brief"       // less at once
	DoEase    Deed = "ease"        // for who cannot see, read, type or hear
	DoSoon    Deed = "how_soon"    // when somebody comes, of a request not filed yet
	DoAssure  Deed = "reassure"    // who fears that the other side learns of them
	DoKeep    Deed = "keep_digits" // of a number told in parts: Text
	DoQueue   Deed = "queue_flow"
	DoCalm    Deed = "calm"
	DoLost    Deed = "cannot_handle"
)

// Command is one typed proposal about a turn.
type Command struct {
	Do     Deed
	Slot   string
	Entity Entity
	Flow   Intent
	N      int
	Text   string
	Also   string // another wording of a question, to find more by
	Reason HandoffReason
}

// String names the command for traces and tests; it holds no particulars.
func (c Command) String() string {
	switch {
	case c.Slot != "":
		return fmt.Sprintf("%s(%s)", c.Do, c.Slot)
	case c.Flow != "":
		return fmt.Sprintf("%s(%s)", c.Do, c.Flow)
	case c.Do == DoChoose:
		return fmt.Sprintf("%s(%d)", c.Do, c.N)
	}
	return string(c.Do)
}
