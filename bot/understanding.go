package bot

import "time"

// Decision is how sure the intent layer is of what it proposes.
type Decision string

// The decisions. With Abstain the intent is OutOfScope, with Danger it is
// Emergency.
const (
	Accept  Decision = "accept"
	Clarify Decision = "clarify"
	Abstain Decision = "abstain"
	Danger  Decision = "emergency"
)

// Ranked is a candidate intent with its score in [0, 1].
type Ranked struct {
	Intent Intent  `json:"intent"`
	Score  float64 `json:"score"`
}

// Act is a word that means something only in its context: yes, no, cancel,
// back. Acts are not intents; the engine reads them against what was asked.
type Act string

// The acts.
const (
	Yes          Act = "yes"          // 好 是的 可以 确认 系 得 ok
	No           Act = "no"           // 不 不是 唔系 不用
	Cancel       Act = "cancel"       // 算了 不办了 取消
	Correct      Act = "correct"      // 不对 错了 改成 不是…是…
	Repeat       Act = "repeat"       // 再说一遍 咩话
	Back         Act = "back"         // 上一步 返回
	Skip         Act = "skip"         // 跳过 不想说 不知道
	Why          Act = "why"          // 为什么要…
	Slower       Act = "slower"       // 慢点说
	Louder       Act = "louder"       // 大声点
	Person       Act = "person"       // 人工 转人工 揾人
	NoneOfThese  Act = "none"         // 都不是
	More         Act = "more"         // 继续 还有吗 换一批
	Later        Act = "later"        // 晚一点
	Earlier      Act = "earlier"      // 早一点
	Any          Act = "any"          // 都可以 最早的 随便
	Anonymous    Act = "anonymous"    // 匿名
	Confidential Act = "confidential" // 保密 别透露
	OwnData      Act = "own_data"     // 我的数据 删除我的信息
)

// Understanding is what the intent layer makes of one utterance: proposals
// only. What is done about them is decided by the engine and the flows.
type Understanding struct {
	Text         string   // as the citizen wrote it
	Norm         string   // width and script folded, fillers kept
	Intent       Intent   // best intent, OutOfScope on Abstain, Emergency on Danger
	Score        float64  // of Intent, in [0, 1]
	Decision     Decision // how sure
	Alternatives []Ranked // the next best, best first
	Entities     []Entity // in order of Start, none overlapping
	Acts         []Act    // words in context, in order of appearance
	Bare         bool     // and nothing else was said
	Digits       string   // the digits, where nothing but digits was said, spoken or typed
	Ordinal      int      // 1-based choice ("第二个", "2", "最后一个" = -1), 0 if none
	Negated      []Entity // what the citizen does not want ("不要上午"), not in Entities
	// Corrected names what a correction is about when the citizen says so
	// without a value ("电话写错了"): the type of the slot.
	Corrected []EntityType
	Hazard    Hazard   // kind of danger when Decision is Danger
	Language  Language // the citizen's script and language
	Question  bool     // asks something (？, 吗, 怎么, 多少 …)
	Abusive   bool     // swears at us; a real need inside still counts
	Injection bool     // tries to give the machine orders
	Prying    bool     // asks for what is somebody else's
	Child     bool     // tells that they are under 14
	Grown     bool     // … or that they are not
}

// Utterance is what is to be understood, with what the reader must know.
type Utterance struct {
	Text  string
	Now   time.Time
	Asked EntityType // type of the slot being asked for, if any
	// Open are the types an errand under way still lacks and that may be told
	// before they are asked for.
	Open []EntityType
	// Options are the texts last offered; naming one is choosing it.
	Options []string
}

// Hazard is a kind of danger to life, with its own numbers and words.
type Hazard string

// The hazards.
const (
	HazardNone     Hazard = ""
	HazardFire     Hazard = "fire"      // 119
	HazardGas      Hazard = "gas"       // 119 and the gas company
	HazardMedical  Hazard = "medical"   // 120
	HazardViolence Hazard = "violence"  // 110
	HazardDomestic Hazard = "domestic"  // 110, 12338
	HazardChild    Hazard = "child"     // 110, 12345
	HazardSelfHarm Hazard = "self_harm" // 12356, 120, 110
	HazardTraffic  Hazard = "traffic"   // 122, 120
	HazardLost     Hazard = "lost"      // 110
	HazardWater    Hazard = "water"     // drowning, flood: 119, 110
)

// Language is the script and language a citizen uses, and is answered in.
type Language string

// The languages.
const (
	Simplified  Language = "zh-Hans"
	Traditional Language = "zh-Hant"
	Cantonese   Language = "yue" // Cantonese wording in either script
	English     Language = "en"
)
