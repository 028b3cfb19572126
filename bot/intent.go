package bot

// Intent names what a citizen wants. The names are part of the contract with
// other programs and never change meaning.
type Intent string

// The intents of the service.
const (
	BookAppointment       Intent = "book_appointment"
	RescheduleAppointment Intent = "reschedule_appointment"
	CancelAppointment     Intent = "cancel_appointment"
	CheckAppointment      Intent = "check_appointment"
	RequestHelp           Intent = "request_help"  // 民生大莞家: 急难求助, 微心愿
	ClaimWish             Intent = "claim_wish"    // 社会认领
	FileReport            Intent = "file_report"   // 12345 诉求: 投诉 举报 建议 表扬
	CheckRequest          Intent = "check_request" // progress, urging, asking for redoing
	HealthCode            Intent = "health_code"
	AskProcedure          Intent = "ask_procedure"
	AskPolicy             Intent = "ask_policy" // money and measures for firms and founders
	TalkToOperator        Intent = "talk_to_operator"
	Emergency             Intent = "emergency"
	Greet                 Intent = "greet"
	Thank                 Intent = "thank"
	Goodbye               Intent = "goodbye"
	Capability            Intent = "capability" // questions about the bot itself
	OutOfScope            Intent = "out_of_scope"
)

// Intents lists every intent, in the contract's order.
func Intents() []Intent {
	return []Intent{
		BookAppointment, RescheduleAppointment, CancelAppointment, CheckAppointment,
		RequestHelp, ClaimWish, FileReport, CheckRequest,
		HealthCode, AskProcedure, AskPolicy, TalkToOperator, Emergency,
		Greet, Thank, Goodbye, Capability, OutOfScope,
	}
}

// Title is how an intent is named to citizens, in options and in handover.
func (i Intent) Title() string {
	switch i {
	case BookAppointment:
		return "预约办事"
	case RescheduleAppointment:
		return "改预约时间"
	case CancelAppointment:
		return "取消预约"
	case CheckAppointment:
		return "查我的预约"
	case RequestHelp:
		return "急难求助"
	case ClaimWish:
		return "认领微心愿"
	case FileReport:
		return "反映诉求"
	case CheckRequest:
		return "查诉求进度"
	case HealthCode:
		return "粤康码、莞e申报"
	case AskProcedure:
		return "问办事指南"
	case AskPolicy:
		return "问惠企政策"
	case TalkToOperator:
		return "转人工"
	case Emergency:
		return "紧急求救"
	case Capability:
		return "我能做什么"
	default:
		return "其他"
	}
}

// titleEN names an intent to those who write English.
func (i Intent) titleEN() string {
	switch i {
	case BookAppointment:
		return "Book an appointment"
	case RescheduleAppointment:
		return "Change an appointment"
	case CancelAppointment:
		return "Cancel an appointment"
	case CheckAppointment:
		return "My appointments"
	case RequestHelp:
		return "Ask for urgent help"
	case ClaimWish:
		return "Fulfil a wish"
	case FileReport:
		return "Report a problem"
	case CheckRequest:
		return "Progress of my request"
	case HealthCode:
		return "Health code"
	case AskProcedure:
		return "Ask how something is done"
	case AskPolicy:
		return "Support for firms"
	case TalkToOperator:
		return "Talk to a person"
	}
	return "Something else"
}
