package ticket

import (
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Action is something done to a ticket.
type Action string

// The actions.
const (
	DoFile       Action = "file"       // 登记
	DoReject     Action = "reject"     // 不予受理
	DoDispatch   Action = "dispatch"   // 派单
	DoSort       Action = "sort"       // 改分类，留作学习
	DoSign       Action = "sign"       // 签收
	DoReturn     Action = "return"     // 退单
	DoAdmit      Action = "admit"      // 反馈受理意见（民生大莞家）
	DoContact    Action = "contact"    // 首次联系
	DoNote       Action = "note"       // 办理记录
	DoVisit      Action = "visit"      // 走访
	DoVerify     Action = "verify"     // 核查
	DoMeet       Action = "meet"       // 联席会议
	DoPay        Action = "pay"        // 资金拨付
	DoMatch      Action = "match"      // 匹配：看过一条路，结果怎样
	DoSkip       Action = "skip"       // 跳过一条路，写明理由
	DoPublish    Action = "publish"    // 公开认领
	DoHide       Action = "hide"       // 不公开
	DoExtend     Action = "extend"     // 申请延期
	DoGrant      Action = "grant"      // 同意延期
	DoRefuse     Action = "refuse"     // 不同意延期
	DoReply      Action = "reply"      // 答复
	DoApprove    Action = "approve"    // 审核通过
	DoSendBack   Action = "send_back"  // 审核退回
	DoClose      Action = "close"      // 办结
	DoFollowUp   Action = "follow_up"  // 回访
	DoRedo       Action = "redo"       // 重办
	DoArchive    Action = "archive"    // 归档
	DoMerge      Action = "merge"      // 合并
	DoWithdraw   Action = "withdraw"   // 撤回
	DoUrge       Action = "urge"       // 市民催办
	DoSupplement Action = "supplement" // 市民补充
	DoSupervise  Action = "supervise"  // 督办
	DoWorks      Action = "works"      // 转为微实事
	DoAlarm      Action = "alarm"      // 到时提醒
	DoReveal     Action = "reveal"     // 查看联系方式
	DoPass       Action = "pass"       // 合并件转告结果
	DoClaim      Action = "claim"      // 社会认领
)

// Title names an action in a colleague's words.
func (a Action) Title() string {
	return map[Action]string{
		DoFile: "登记", DoReject: "不予受理", DoDispatch: "派单", DoSort: "改分类", DoSign: "签收", DoReturn: "退单",
		DoAdmit: "反馈受理意见", DoContact: "首次联系", DoNote: "办理记录", DoVisit: "走访", DoVerify: "核查", DoMeet: "联席会议",
		DoPay: "资金拨付", DoMatch: "匹配", DoSkip: "跳过一步", DoPublish: "公开认领", DoHide: "不公开", DoExtend: "申请延期", DoGrant: "同意延期", DoRefuse: "不同意延期", DoReply: "答复", DoApprove: "审核通过",
		DoSendBack: "审核退回", DoClose: "办结", DoFollowUp: "回访", DoRedo: "重办", DoArchive: "归档", DoMerge: "合并",
		DoWithdraw: "撤回", DoUrge: "催办", DoSupplement: "补充", DoSupervise: "督办", DoWorks: "转微实事", DoAlarm: "到时提醒",
		DoReveal: "查看联系方式", DoPass: "转告结果", DoClaim: "社会认领",
	}[a]
}

// Command is one thing somebody does to a ticket.
type Command struct {
	Action Action
	By     Actor
	At     time.Time
	// Words are the reason, the reply, the note: some actions need them.
	Words bot.Secret
	To    Body // dispatch
	// Category and Department of a dispatch or a corrected sorting; empty: as
	// they are.
	Category, Department string
	Was                  string    // the category before, filled in by the Office
	Confidence           float64   // of an automatic dispatch
	Until                time.Time // the extension asked for
	Into                 string    // merge: the other ticket's number
	Amount               float64   // pay: yuan; works, verify: the verified need
	Way                  Way       // match, skip
	Finding              Finding   // match
	Solved, Satisfied    Verdict   // follow-up
	Attachment           string    // id of a kept picture
	Alarm                Alarm
	// Key makes a repeat harmless: the same key on the same ticket again
	// changes nothing.
	Key string
	// Seen is the version the actor had before them; 0: whatever it is.
	Seen int64
}

// ErrStale means that a colleague did something after what the actor had seen.
var ErrStale = errors.New("ticket changed meanwhile")

// Refusal is why the life cycle does not allow a command. It wraps ErrRefused.
type Refusal struct {
	Text  string // for whoever did it, in Chinese
	Cause string
}

// Error is the cause.
func (r *Refusal) Error() string { return "step not allowed: " + r.Cause }

// Is says that a refusal is ErrRefused.
func (r *Refusal) Is(target error) bool { return target == ErrRefused }

func refused(text, cause string, args ...any) *Refusal {
	return &Refusal{Text: text, Cause: fmt.Sprintf(cause, args...)}
}

// AlarmKind names what time brings about.
type AlarmKind string

// The alarms.
const (
	AlarmAdmit   AlarmKind = "admit"   // no acceptance opinion in time
	AlarmSign    AlarmKind = "sign"    // not signed in time
	AlarmContact AlarmKind = "contact" // nobody has spoken to the citizen in time
	AlarmYellow  AlarmKind = "yellow"  // most of the time is gone
	AlarmWarn    AlarmKind = "warn"    // it is due soon
	AlarmRed     AlarmKind = "red"     // overdue
	AlarmPress   AlarmKind = "press"   // 催办 the day after
	AlarmReport  AlarmKind = "report"  // 通报
	AlarmClose   AlarmKind = "close"   // reviewed: it can be closed
	AlarmArchive AlarmKind = "archive" // closed, and nobody says a word
	AlarmOut     AlarmKind = "out"     // accepted and sorted: it can go out
)

// Title says what an alarm means.
func (k AlarmKind) Title() string {
	return map[AlarmKind]string{
		AlarmAdmit: "24 小时内没有反馈受理意见", AlarmSign: "没有按时签收", AlarmContact: "没有按时联系市民", AlarmYellow: "时限已过七成，黄牌",
		AlarmWarn: "快到期", AlarmRed: "已逾期，红牌", AlarmPress: "逾期催办", AlarmReport: "逾期通报", AlarmClose: "可以办结",
		AlarmArchive: "可以归档", AlarmOut: "可以派单",
	}[k]
}

// Alarm is a moment in a ticket's life when something is to be said or done.
type Alarm struct {
	Kind  AlarmKind
	At    time.Time
	Level Level
	// Whom it tells: the holder, and the centre too where Centre is set.
	Centre bool
}

// Notice is somebody being told something about a ticket.
type Notice struct {
	To      Body // zero: the centre
	Citizen bool // the citizen is told, in Text
	Alarm   AlarmKind
	Text    Telling
}

// Telling is a sentence to a citizen in Chinese and English; the language
// and the script are chosen when it is sent.
type Telling struct {
	Zh, En  string
	Options []string // answers to tap
}

// Outcome is what a command comes to: the ticket after it, the step to be
// recorded and who is to be told.
type Outcome struct {
	Ticket  Ticket
	Step    Step
	Notices []Notice
	Wish    *Wish // put on the public list with it
}
