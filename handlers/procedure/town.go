package procedure

import (
	"regexp"
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/knowledge"
)

// Hall is where a citizen can have an appointment; what nobody has entered of it is
// empty.
type Hall struct{ ID, Name, Address, Phone, Hours string }

// placed are the fields that have to do with where one goes.
var placed = []knowledge.Field{knowledge.Overview, knowledge.Steps, knowledge.Where, knowledge.Hours, knowledge.Phone}

// named is the town or hall that the question itself names, by id and as it was said.
func named(q *bot.Query) (id, said string) {
	for _, kind := range []bot.EntityType{bot.Hall, bot.Town} {
		for _, en := range q.Understanding.Entities {
			if en.Type == kind {
				return en.Value, en.Text
			}
		}
	}
	return "", ""
}

// there is all that a question whether it is done in a town says beside the
// town's name: 厚街有吗, 去石龙可以办吗.
var there = regexp.MustCompile(`^(?:那|那么|咁|在|去|到|喺|我想)*\x00(?:镇|街道|政务中心|大厅)?(?:那边|这边|那里|这里|嗰边|呢边|嗰度|呢度)?(?:有没有|有冇|能不能|可不可以|可唔可以|有|能|可以|得|行)*(?:办|办理|约|预约|搞)?(?:得了|到)?(?:的|嘅|地方|点)?(?:吗|么|呢|不|冇|得唔得|行不行)?[?？]?$`)

// inTown says where one goes for it in the town that the question names: the hall that
// can be booked with what is known of it, or that the guide knows no address there.
// Empty where no town is named or asked about, or the guide tells the town's own.
func (e *Errand) inTown(q *bot.Query, a knowledge.Answer) string {
	town, said := named(q)
	g, ok := e.Base.Guide(a.Guide)
	if town == "" || !ok || !g.Home() || a.Decision != knowledge.Answered || !slices.ContainsFunc(a.Fields, func(f knowledge.Field) bool { return slices.Contains(placed, f) }) {
		return ""
	}
	if own := g.In(town); own != &g && own.Where != g.Where {
		return ""
	}
	hall, ok := e.hall(a.Guide, town)
	if !ok {
		if len(g.Where) == 0 {
			return ""
		}
		return q.Say(said+"的具体地址和电话，指南没有写，可拨12345问。", "The guide has no address in "+said+"; call 12345 to ask.")
	}
	var known, not []string
	for _, f := range []struct{ title, value string }{{"地址", hall.Address}, {"电话", hall.Phone}, {"时间", hall.Hours}} {
		if f.value == "" {
			not = append(not, f.title)
		} else {
			known = append(known, f.title+"："+f.value)
		}
	}
	if q.Language == bot.English {
		return "A window can be booked at " + hall.Name + "; for its address and hours call 12345."
	}
	text := hall.Name + "能预约这一项的窗口"
	if len(known) > 0 {
		text += "，" + strings.Join(known, "，")
	}
	text += "。"
	if len(not) > 0 {
		text += "它的" + strings.Join(not, "、") + "还没有登记，可拨12345问。"
	}
	return text
}

// hall is the town's, where a window for the guide can be booked in it.
func (e *Errand) hall(guide, town string) (Hall, bool) {
	if e.Hall == nil || town == "" {
		return Hall{}, false
	}
	return e.Hall(guide, town)
}
