package bot

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"
)

// PhoneSlot asks for a phone number the same way in every errand.
func PhoneSlot(ask, askEN, why, whyEN string) Slot {
	return Slot{
		Name: "phone", Label: "电话", LabelEN: "Phone", Types: []EntityType{Phone},
		Why: why, WhyEN: whyEN,
		Ask: func(_ context.Context, f *Form) (Prompt, error) {
			how, howEN := "可以说，也可以用按键输入。", " You can say it or key it in."
			if f.From.caller() != "" {
				how, howEN = ownNumber, " For the number you are calling from, say yes or press the hash key; any other you can say or key in."
			}
			return Prompt{Text: f.Say(ask, askEN), Spoken: f.Say(ask+how, askEN+howEN)}, nil
		},
		Hears:  saysOwn,
		Accept: AcceptPhone,
	}
}

// ownNumber offers a caller the number they call from. The key is one that no
// number begins with: who keys slowly is not taken to have chosen.
const ownNumber = "就用这个来电号码，请说“对”或者按井号键；别的号码可以说，也可以用按键输入。"

// caller is the number an address of the hotline calls from; empty where none is
// shown, none is proven, or nobody can be called back at it.
func (a Address) caller() string {
	if a.Channel != Hotline || !callable(a.ID) {
		return ""
	}
	return a.ID
}

// saysOwn says whether a caller answers that the number they call from will do.
func saysOwn(f *Form, words string) bool {
	if f.From.caller() == "" || strings.ContainsAny(words, "不唔没别另换改0123456789?？") || utf8.RuneCountInString(words) > longestYes {
		return false
	}
	return Mentions(strings.ToLower(words), "这个号", "这个电话", "來電", "来电", "打来的", "打嚟", "本机", "呢个号", "呢個號", "呢个电话", "就这个", "就這個", "用这个", "用呢个", "this number", "this one") ||
		has(f.Acts, Yes) && utf8.RuneCountInString(words) <= 6
}

// callable says whether digits are a mainland mobile number (11 digits from 13
// to 19) or a landline with its area code.
func callable(digits string) bool {
	mobile := len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
	landline := len(digits) >= 10 && len(digits) <= 12 && digits[0] == '0'
	return strings.Trim(digits, "0123456789") == "" && (mobile || landline)
}

// AcceptPhone takes a number somebody can be called at, or a caller's word that
// it is their own.
func AcceptPhone(_ context.Context, f *Form, e Entity) (Value, *Problem, error) {
	digits := e.Value
	if e.Type == "" && saysOwn(f, e.Value) {
		digits = f.From.caller()
	}
	if !callable(digits) {
		return Value{}, &Problem{Text: f.Say("这个号码位数不对，手机号是 1 开头的 11 位。请再发一次？",
			"That number does not look right: a mobile number has 11 digits and starts with 1. Once more?")}, nil
	}
	return Value{Value: digits, Shown: MaskPhone(digits), Said: MaskPhone(digits)}, nil, nil
}

// LooksLikeAddress says whether words tell a place down to a village, a road
// or something one can find.
func LooksLikeAddress(words string) bool {
	n := utf8.RuneCountInString(words)
	return n >= 2 && n <= 60 && !tellsDeed.MatchString(words) && Mentions(words, "村", "社区", "社區", "路", "街", "巷", "号", "號", "栋", "楼", "室", "小区", "小區", "花园", "广场", "市场", "工业区", "工业园", "大道", "桥", "站", "旁", "对面", "附近", "门口", "路口", "学校", "医院", "公园", "超市", "酒店", "宿舍", "出租屋", "厂", "road", "street", "village", "avenue", "bridge", "near ", "next to", "opposite", "building", "station", "school", "hospital", "market")
}

// tellsDeed is what somebody did, whatever place is named in it: 佢跑路咗，厂门锁咗.
var tellsDeed = regexp.MustCompile(`^(?:[佢他她]哋?们?|老板|老闆|房东|包工头|工头)(?:[^，。,在喺住]{0,4}(?:[咗了]|唔|不)|跑路|走佬)`)

// NameSlot asks for a person's name.
func NameSlot(ask, askEN, why, whyEN string) Slot {
	return Slot{
		Name: "name", Label: "姓名", LabelEN: "Name", Types: []EntityType{PersonName},
		Why: why, WhyEN: whyEN,
		Ask: func(_ context.Context, f *Form) (Prompt, error) { return Prompt{Text: f.Say(ask, askEN)}, nil },
	}
}

// courtesy is what people who would rather not tell their name are called by.
var courtesy = regexp.MustCompile(`^(?:我姓|我叫|叫我|免贵姓|姓|叫)?((?:小|老|阿)\p{Han}|\p{Han}{1,2}(?:先生|女士|小姐|师傅|太太|阿姨|大姐|大哥|大叔|伯|叔|姨|姐|哥|婶|嫂)|[^外阿老家]婆婆?)$`)

// kin are whom the number belongs to, not what they are called.
var kin = regexp.MustCompile(`^(?:老[婆公爸妈豆母师板]|小[孩区店]|阿[婆公妈爸嫲爷]|[大小叔伯姑姨]{1,2})$`)

// CalledBy is what somebody wants to be called by who told it with their number:
// 小周 13611112222. Empty where the words are not just that.
func CalledBy(words string) string {
	words = strings.Trim(numerals.ReplaceAllString(words, ""), " ，,。.；;:：、")
	if m := courtesy.FindStringSubmatch(words); m != nil && !kin.MatchString(m[1]) {
		return m[1]
	}
	return ""
}

var numerals = regexp.MustCompile(`[\d\s+-]+`)

// RelationSlot hears whom an errand is for. A relative who only appears in
// the story is nobody it is for: the words must say so (帮我妈, 我爸要办).
func RelationSlot() Slot {
	return Slot{
		Name: "relation", Label: "办理人", LabelEN: "Person served", Types: []EntityType{Relation},
		Accept: func(_ context.Context, f *Form, e Entity) (Value, *Problem, error) {
			if !servedBy(f.Words, e.Text) {
				return Value{}, nil, nil
			}
			return Value{Value: e.Value, Said: e.Text}, nil, nil
		},
	}
}

// servedBy says whether words make the relative they name the one served.
func servedBy(words, relative string) bool {
	at := strings.Index(words, relative)
	if at < 0 || strings.TrimSpace(words) == relative {
		return true
	}
	before, after := words[:at], words[at+len(relative):]
	for _, cue := range []string{"帮", "幫", "替", "给", "給", "为", "代", "陪", "带", "帶", "同", "for ", "for my "} {
		if strings.Contains(relative, cue) || strings.HasSuffix(strings.TrimSuffix(before, "我"), cue) || strings.HasSuffix(before, cue) {
			return true
		}
	}
	for _, cue := range []string{"要", "想", "需要", "办", "辦", "约", "約", "的", "自己", "本人", "能不能", "可以"} {
		if strings.HasPrefix(after, cue) {
			return true
		}
	}
	return false
}

// TownSlot asks for the town; names gives the towns by id.
func TownSlot(names map[string]string, ask, askEN string) Slot {
	return Slot{
		Name: "town", Label: "镇街", LabelEN: "Town", Types: []EntityType{Town, Hall},
		Why: "事情由所在镇街先办，要知道是哪个镇街。", WhyEN: "The town where it is takes care of it first.",
		Ask: func(_ context.Context, f *Form) (Prompt, error) {
			if f.Has("location") {
				return Prompt{Text: f.Say("是在哪个镇街？", "Which town is it in?")}, nil
			}
			return Prompt{Text: f.Say(ask, askEN)}, nil
		},
		Accept: func(_ context.Context, f *Form, e Entity) (Value, *Problem, error) {
			name, ok := names[e.Value]
			if !ok && e.Type == Hall { // the city's own hall is in no town's charge
				return Value{}, nil, nil
			}
			if !ok {
				return Value{}, &Problem{Text: f.Say("没有找到这个镇街，说镇街名就行，比如“虎门”“寮步”。", "I do not know that town. Just name it, such as \"Humen\".")}, nil
			}
			return Value{Value: e.Value, Shown: name, Said: e.Text}, nil, nil
		},
	}
}

// Near makes a town slot offer the towns around a location that was sent;
// near gives their ids, the nearest first.
func (s Slot) Near(names map[string]string, near func(location string) []string) Slot {
	ask := s.Ask
	s.Ask = func(ctx context.Context, f *Form) (Prompt, error) {
		p, err := ask(ctx, f)
		if err == nil && f.Has("location") && near != nil {
			for _, id := range near(f.Get("location")) {
				p.Choices = append(p.Choices, Choice{Text: names[id], Slot: s.Name, Value: Value{Value: id, Shown: names[id]}})
			}
		}
		return p, err
	}
	return s
}
