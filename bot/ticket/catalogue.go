package ticket

import (
	"regexp"
	"strings"
)

// Category is a second-level category of the dispatch catalogue with the body
// responsible for it.
type Category struct {
	ID           string
	Name         string
	Group        string // the first level's name
	Department   string // the responsible body's name
	DepartmentID string // and its id
	TownBody     string // its counterpart in the town, empty if none
	Default      Type
	Confidential bool     // the reporter is protected without asking
	Phrases      []string // as citizens say it
	Words        []string // what tells it from the others
}

// TypeOf reads the citizen's purpose from their words, falling back on the
// category's own.
func TypeOf(text string, fallback Type) Type {
	for _, w := range []struct {
		t     Type
		words []string
	}{
		{Praise, []string{"表扬", "表揚", "点赞", "點讚", "感谢信", "锦旗", "錦旗"}},
		{Tipoff, []string{"举报", "舉報", "检举", "揭发"}},
		{Suggestion, []string{"建议", "建議", "提议", "希望能", "能不能增加", "可不可以增设"}},
		{Complaint, []string{"投诉", "投訴", "维权"}},
	} {
		for _, word := range w.words {
			if strings.Contains(text, word) {
				return w.t
			}
		}
	}
	if asksFor.MatchString(text) && !tellsTrouble(text) {
		return Suggestion
	}
	if thanked.MatchString(text) && !tellsTrouble(text) {
		return Praise
	}
	if fallback == "" || fallback == Suggestion && tellsTrouble(text) {
		return Complaint
	}
	return fallback
}

// thanked is somebody who is thanked for what they did; a thank you at the end
// of a matter names nobody.
var thanked = regexp.MustCompile(`(?:感谢|感謝|感激|谢谢|謝謝|多谢|多謝|夸一?夸|夸夸|讚下|赞下)[^，。；]{0,16}(?:民警|交警|警察|派出所|消防|医生|护士|老师|司机|师傅|工作人员|窗口|社工|志愿者|网格员|好心人|热心人|保安|城管|环卫|阿姨|小哥|律师|社区|阿sir|義工|义工)`)

// asksFor is a wish for something that is not there yet.
var asksFor = regexp.MustCompile(`(?:能不能|可不可以|可否|能否|希望|申请|请求)[^，。；]{0,12}(?:加装|安装|装个|装一|装上|增设|增加|设个|设置|新建|建一|建个|开通|延长|划)`)

// tellsTrouble says whether something is broken, dangerous or a nuisance: no
// suggestion, whatever the category is mostly used for.
func tellsTrouble(text string) bool {
	for _, w := range []string{"坏", "壞", "坑", "摔", "漏", "断", "倒了", "堵", "臭", "吵", "没人管", "没人修", "危险", "危險", "烂", "破损", "塌", "撞", "淹", "浸", "积水", "走不了", "过不去", "开不过"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
