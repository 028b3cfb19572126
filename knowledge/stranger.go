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

// idle are frames of talk that ask no office for anything, whatever is named in
// them: 写一段居住证的故事, 结婚送什么礼物.
var idle = newPattern(`(写|编|讲|作|来)(一|个|段|首|篇|则|下)*.{0,8}(故事|诗|作文|笑话|文案|歌词|段子|小说)|(英文|英语|日语|韩语|法语)(怎么|如何|是)?(说|写|讲|念|读|什么)|好看|好喝|好吃|好玩|好听|漂亮|心情|运势|星座|八字|口味|礼物|难过|走出来|疼不疼|痛不痛|谁发明|哪家(好|便宜)|(哪个|什么)牌子|推荐|值得|赚钱|天气|明星|电影|教学|配方|好当吗|坐什么车|攻略|[^保险]{2}(在)?(哪里|哪儿|哪)(能|可以|有)?(买|卖)`, "写编讲作来英日韩法好漂心运星八口礼难走疼痛谁哪牌推值赚天明电教配坐攻")
