package knowledge

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// elsewhere tells whether a question is about doing something in another
// city, of which the guide says nothing.
func elsewhere(asked []string, g *Guide) bool {
	for _, p := range asked {
		switch {
		case strings.Contains(g.Title, p), strings.Contains(g.Area, p), travels(g):
		case slices.ContainsFunc(g.Aliases, func(a string) bool { return strings.Contains(a, p) }):
		case g.Type == TypePolicy && strings.Contains(g.Text, p):
		case !g.Home() && strings.Contains(g.body(), p):
		default:
			return true
		}
	}
	return false
}

// placesOf are the other places a folded question says something is to be
// done in. Where somebody comes from or goes to is not meant.
func (r *routed) placesOf() []string {
	var found []string
	text := r.plain
	for _, p := range otherPlaces {
		if first, _ := utf8.DecodeRuneInString(p); !r.chars.has(first) {
			continue
		}
		at := strings.Index(text, p)
		if at >= 0 && !strings.Contains(text, "在东莞") && !strings.Contains(text, "东莞发") && !strings.Contains(text, "东莞交") && !strings.Contains(text, "东莞买") && !passing(text[:at], text[at+len(p):]) {
			found = append(found, p)
		}
	}
	return found
}

// passing: the place is where somebody comes from, goes to or is treated.
func passing(before, after string) bool {
	for _, w := range []string{"人", "户口", "户籍", "籍", "过来", "来的", "老家", "省人", "市人", "省户", "市户", "医院", "看病", "住院", "就医", "治病", "生活", "养老", "旅游", "玩",
		"出差", "当兵", "服役", "驻", "带孙", "带娃", "带小孩", "照顾", "陪", "回不", "返不", "走不开", "那边上班", "那边打工"} {
		if strings.HasPrefix(after, w) {
			return true
		}
	}
	if (strings.HasSuffix(before, "是") || strings.HasSuffix(before, "我")) && (after == "" || strings.HasPrefix(after, "的") || strings.HasPrefix(after, ",")) {
		return true
	}
	if (strings.HasPrefix(after, "的") || after == "") && slices.ContainsFunc(strings.Fields(kin+" 爸 妈 老公 老婆 爸爸 妈妈 丈夫 妻子 男方 女方 对象"), func(k string) bool { return strings.HasSuffix(before, k) }) {
		return true // 孩子爸江西的
	}
	for _, w := range []string{"户口在", "老家", "回", "去", "来自", "户籍在", "从", "老家在", "不是", "到"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// travels: the guide is itself about other places.
func travels(g *Guide) bool {
	for _, w := range []string{"异地", "跨省", "全国通办", "往来"} {
		if strings.Contains(g.Title, w) {
			return true
		}
	}
	return false
}

// otherPlaces by which a question shows that it is about somewhere else:
// neighbours, larger cities and provinces.
var otherPlaces = strings.Fields(`广州 深圳 惠州 佛山 珠海 中山 江门 肇庆 汕头 汕尾 揭阳 潮州 梅州 河源 清远 韶关 湛江 茂名 阳江 云浮
	北京 上海 天津 重庆 成都 武汉 长沙 南宁 南昌 福州 厦门 杭州 南京 苏州 郑州 西安 昆明 贵阳 海口 三亚 合肥 济南 青岛 沈阳 大连 哈尔滨 长春
	石家庄 太原 兰州 西宁 银川 乌鲁木齐 拉萨 呼和浩特 桂林 柳州 赣州 衡阳 宁波 温州 无锡
	湖南 湖北 广西 江西 福建 浙江 江苏 河南 河北 山东 山西 陕西 甘肃 四川 云南 贵州 海南 安徽 辽宁 吉林 黑龙江 内蒙古 新疆 西藏 宁夏 青海 台湾 香港 澳门
	美国 日本 韩国 英国 加拿大 澳大利亚 新加坡 泰国`)
