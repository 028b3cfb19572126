package knowledge

import (
	_ "embed" // what no guide tells
	"strconv"
	"strings"
	"sync"
)

//go:embed strangers.txt
var strangerLines string

// strangers is an index of what no guide tells, made once and never changed.
var strangers = sync.OnceValue(func() *index {
	var guides []Guide
	for line := range strings.Lines(strangerLines) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			guides = append(guides, Guide{ID: "stranger-" + strconv.Itoa(len(guides)), Title: line})
		}
	}
	return build(guides)
})

// strange is what of no guide's a question is most like.
type strange struct {
	fit, named float32
	exact      bool
}

// strangest finds it. The strangers' own index has none.
func (x *index) strangest(r *routed) strange {
	others := strangers()
	if x == others || r.matterText == "" {
		return strange{}
	}
	other := *r
	other.words = others.words(r.content)
	near := others.judge(&other, nil)
	if len(near) == 0 {
		return strange{}
	}
	return strange{near[0].fit, near[0].named, near[0].exact}
}

// stranger tells whether a question is more like something no guide tells
// than like the best guide: it fits better, and says more of the question. A
// guide whose name the question is, is never doubted so.
func (r *routed) stranger(best *judged) bool {
	s := r.strange
	return !best.exact && s.fit > best.fit && (s.exact || s.named > best.named)
}

// twoWays weighs ways of doing it against each other, which is no idle talk: 网上办和窗口办哪个快.
var twoWays = newPattern(`(网上|线上|手机|自助机|邮寄|寄|窗口|大厅|现场|自己去).{0,8}(和|跟|同|还是|与).{0,8}(哪个|哪样|哪种)(更)?(快|好|方便|省|便宜)`, "和跟同还与")

// idle are frames of talk that ask no office for anything, whatever is named in
// them: 写一段居住证的故事, 结婚送什么礼物, 护照封面什么颜色.
var idle = newPattern(strings.Join([]string{
	`(写|编|讲|作|来)(一|个|段|首|篇|则|下)*.{0,8}(故事|诗|作文|笑话|文案|歌词|段子|小说)`,
	`(英文|英语|日语|韩语|法语)(怎么|如何|是)?(说|写|讲|念|读|什么)|英文名|成语|谜语|(是)?什么意思`,
	`好看|坏看|好喝|好吃|好玩|好听|漂亮|可爱|无聊|厉害|流行|颜色|牌子`,
	`心情|运势|星座|八字|口味|礼物|难过|走出来|疼不疼|痛不痛|打发时间|起(什么|啥|个)?名`,
	`谁发明|由来|历史|怎么来的|几岁了|多高|多重|多远|皇帝|恐龙|宇宙`,
	`哪家(好|便宜)|(哪个|什么)牌子|哪个(更)?(好|重要|强|厉害|划算|快|准|贵|靠谱)|推荐|值得|值钱|划算|划得来|赚钱|[^保险]{2}(在)?(哪里|哪儿|哪)(能|可以|有)?(买|卖)`,
	`(怎么|如何|怎样|咋)(才能|才|能)?(喂|哄|修|洗|煮|炒|腌|砍价|打扮|化妆|聊|追|保养|清理|练|防晒|挑|搭配|唱|拍)`,
	`天气|明星|电影|教学|配方|好当吗|坐什么车|攻略|门票|舞蹈|游戏|比赛|篮球|足球|综艺|食谱|菜谱|减肥|口红|面膜|护肤|发型|宠物|猫`,
}, "|"), "写编讲作来英日韩法成谜好坏漂可无厉流颜牌心运星八口礼难走疼痛打起谁由历怎几多皇恐宇哪推值划赚如咋天明电教配坐攻门舞游比篮足综食菜减护面发宠猫什")
