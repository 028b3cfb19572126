package hotline

import (
	"strconv"

	"guanjia/channels/hotline/speech"
)

// words are what the line itself says, beside the engine's replies.
type words struct {
	hello, recorded, keysOnly, manner               string
	moment, again, useKeys, failed, closing, nobody string
	noOperator, noNumber, waited, later             string
	back, survey, thanks, changed                   string
	calling, enough, holding                        string
	proof, codeSent, noCode, notProven, isProven    string
	between, stop                                   string
	needsWords, noSuchKey                           string
	press                                           func(option string, key int) string
}

var spoken = map[speech.Language]words{
	speech.Mandarin: {
		hello:      "您好，这里是东莞一二三四五热线，我是智能助手。",
		recorded:   "通话会录音，也可能有人旁听。",
		keysOnly:   "现在只能用按键办理，按零转人工，按星号再听一遍。",
		manner:     "讲粤语请按星号二，讲慢一点请按星号三。",
		moment:     "请稍等，正在为您查。",
		again:      "没听清，麻烦再说一遍。",
		useKeys:    "还是没听清。您可以慢一点说，也可以用按键，按零转人工。",
		failed:     "系统刚才出了点问题，前面说的都还在。麻烦再说一遍，或者按零转人工。",
		closing:    "热线要暂停服务，您说过的都已保存，稍后再拨就能接着办。再见。",
		nobody:     "一直没听到您的声音，我先挂断了，需要时再拨一二三四五。再见。",
		noOperator: "现在没有工作人员能接听。已经为您登记回拨，工作人员会打这个号码找您。您也可以继续跟我说。",
		noNumber:   "现在没有工作人员能接听，您的号码没有显示，我们没法回拨。您可以继续跟我说，也可以过一会儿再打。",
		later:      "没听到您的声音，我先挂断了，工作人员会打给您。再见。",
		waited:     "您上次要找工作人员，我再帮您接。",
		back:       "工作人员已经挂断。",
		survey:     "这次服务满意请按一，一般请按二，不满意请按三。",
		thanks:     "谢谢您。",
		changed:    "好的。",
		calling:    "您好，这里是东莞一二三四五热线，我是智能助手。",
		enough:     "那就不打扰您了，再见。",
		holding:    "请稍等，不要挂断。",
		proof:      "您的号码还没核实，看不到以前的预约和诉求。要看的话，请按星号七。",
		codeSent:   "验证码发到您手机了，请按这六位数字，再按井号键。没收到的话，按预约号或诉求编号里的数字也行。",
		noCode:     "请按您的预约号或诉求编号里的数字，再按井号键。",
		notProven:  "对不上，请再核对一次。",
		isProven:   "核实好了。",
		needsWords: "这件事要听您说，我帮您接人工。",
		noSuchKey:  "没有这个选项。",
		between:    "；", stop: "。",
		press: func(o string, k int) string { return o + "，请按" + strconv.Itoa(k) },
	},
	speech.Cantonese: {
		hello:      "你好，呢度系东莞一二三四五热线，我系智能助手。",
		recorded:   "通话会录音，亦可能有人旁听。",
		keysOnly:   "而家只可以用按键办理，按零转人工，按星号再听一次。",
		manner:     "讲普通话请按星号一，讲慢啲请按星号三。",
		moment:     "请等阵，帮你查紧。",
		again:      "听唔清，唔该再讲一次。",
		useKeys:    "都系听唔清。你可以慢慢讲，亦可以用按键，按零转人工。",
		failed:     "系统头先有啲问题，前面讲嘅都仲喺度。唔该再讲一次，或者按零转人工。",
		closing:    "热线要暂停服务，你讲过嘅都已经保存，迟啲再打就可以接住办。再见。",
		nobody:     "一直听唔到你把声，我收线先，需要时再打一二三四五。再见。",
		noOperator: "而家冇工作人员接听。已经帮你登记回拨，工作人员会打呢个号码揾你。你亦可以继续同我讲。",
		noNumber:   "而家冇工作人员接听，你嘅号码冇显示，我哋冇办法回拨。你可以继续同我讲，亦可以迟啲再打。",
		later:      "听唔到你把声，我收线先，工作人员会打俾你。再见。",
		waited:     "你上次要揾工作人员，我再帮你接。",
		back:       "工作人员已经收线。",
		survey:     "今次服务满意请按一，一般请按二，唔满意请按三。",
		thanks:     "多谢你。",
		changed:    "好。",
		calling:    "你好，呢度系东莞一二三四五热线，我系智能助手。",
		enough:     "咁就唔打扰你，再见。",
		holding:    "请等阵，唔好收线。",
		proof:      "你嘅号码仲未核实，睇唔到之前嘅预约同诉求。要睇嘅话，请按星号七。",
		codeSent:   "验证码发咗去你部手机，请按呢六个数字，再按井号键。收唔到嘅话，按预约号或者诉求编号入面嘅数字都得。",
		noCode:     "请按你嘅预约号或者诉求编号入面嘅数字，再按井号键。",
		notProven:  "对唔上，请再核对一次。",
		isProven:   "核实咗喇。",
		needsWords: "呢件事要听你讲，我帮你接人工。",
		noSuchKey:  "冇呢个选项。",
		between:    "；", stop: "。",
		press: func(o string, k int) string { return o + "，请按" + strconv.Itoa(k) },
	},
	speech.English: {
		hello:      "Hello, this is Dongguan's 12345 line, the assistant speaking.",
		recorded:   "The call is recorded, and a supervisor may listen.",
		keysOnly:   "For now this line works by keys only. Press 0 for a person, star to hear it again.",
		moment:     "One moment, please.",
		again:      "I did not catch that. Please say it again.",
		useKeys:    "I still did not catch that. You can use the keys, or press 0 for a person.",
		failed:     "Something went wrong just now; what you told me is kept. Please say it again, or press 0 for a person.",
		closing:    "The line has to close for a moment. What you told me is kept; please call again later. Goodbye.",
		nobody:     "I could not hear you, so I will hang up now. Please call again any time. Goodbye.",
		noOperator: "Nobody can take the call right now. You are on the list and we will call you back on this number. You can go on talking to me.",
		noNumber:   "Nobody can take the call right now, and as your number is not shown we cannot call you back. You can go on talking to me, or call again later.",
		later:      "I could not hear you, so I will hang up now; we will call you back. Goodbye.",
		waited:     "You asked for a person last time; I am calling one for you.",
		back:       "Our colleague has hung up.",
		survey:     "If you were satisfied press 1, so-so press 2, not satisfied press 3.",
		thanks:     "Thank you.",
		changed:    "All right.",
		calling:    "Hello, this is Dongguan's 12345 line, the assistant speaking.",
		enough:     "I will not trouble you further. Goodbye.",
		holding:    "One moment please, stay on the line.",
		proof:      "This number is not confirmed, so I cannot show what was registered before. To confirm it, press star seven.",
		codeSent:   "A code was sent to this number. Please key its six digits and then hash, or the digits of an appointment or request registered under this number.",
		noCode:     "Please key the digits of an appointment or request registered under this number, and then hash.",
		notProven:  "That does not match. Please check it once more.",
		isProven:   "Your number is confirmed.",
		needsWords: "For this we need to hear you. I am calling a person for you.",
		noSuchKey:  "There is no such choice.",
		between:    "; ", stop: ".",
		press: func(o string, k int) string { return "for " + o + ", press " + strconv.Itoa(k) },
	},
}

// words are the line's own in the caller's language.
func (t *talk) words() words { return spoken[t.manner.Language] }

// greeting is said before the engine's opening question.
func (t *talk) greeting() string { return t.line.greeting(t.manner.Language, t.tape != nil) }

func (l *Line) greeting(language speech.Language, taped bool) string {
	w := spoken[language]
	text := w.hello
	if taped {
		text += w.recorded
	}
	if l.Ears == nil {
		text += w.keysOnly
	}
	return text + w.manner
}

// rehearse makes what is said first and what must come at once, before
// anybody calls: a voice that is asked over the network takes its time.
func (l *Line) rehearse() {
	for _, language := range []speech.Language{speech.Mandarin, speech.Cantonese} {
		w := spoken[language]
		for _, s := range speech.Sentences(l.greeting(language, l.Recordings != nil) + w.moment + w.again) {
			if _, err := l.Voice.Say(l.life, s, speech.Manner{Language: language}); err != nil {
				l.complain("rehearse", string(language), err)
				return
			}
		}
	}
}
