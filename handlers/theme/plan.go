package theme

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/knowledge/themes"
)

// tell words a plan: what and by whom, what to bring, how it goes. On the
// phone it is a few sentences.
func (e *Errand) tell(p themes.Plan, f *bot.Form) []bot.Reply {
	source := source(p.Theme)
	if f.Channel == bot.Hotline {
		return []bot.Reply{{Text: e.spoken(p), Source: source, Citations: citations(p)}}
	}
	lead := ""
	if f.Language == bot.English {
		lead = "The guides are in Chinese:\n"
	}
	return []bot.Reply{
		{Text: lead + matters(p), Citations: citations(p)},
		{Text: papers(p)},
		{Text: way(p), Source: source},
	}
}

// mostLines is how many matters or steps one message holds.
const mostLines = 12

// matters lists the departments' matters with their limits.
func matters(p themes.Plan) string {
	lines := []string{fmt.Sprintf("“%s”您要办这 %d 件事，找 %d 个部门：", p.Theme.Title, len(p.Items), len(p.Departments()))}
	for i, m := range p.Items {
		if i == mostLines {
			break
		}
		line := fmt.Sprintf("%d. %s（%s）", i+1, m.Name, m.Dept)
		if m.Maybe {
			line += "，可能需要"
		}
		for _, more := range []string{m.Limit, m.Fee, money(m.Note)} {
			if more != "" && utf8.RuneCountInString(more) <= 40 {
				line += "，" + more
			}
		}
		lines = append(lines, line)
	}
	for _, s := range p.Says {
		lines = append(lines, "· "+s)
	}
	return strings.Join(lines, "\n")
}

// money is a note that tells an amount; other notes wait to be asked for.
func money(note string) string {
	if strings.Contains(note, "元") {
		return note
	}
	return ""
}

// groups are the papers by what has to be done about them.
func groups(p themes.Plan) (need, licence, free []string) {
	for _, m := range p.Materials {
		name := m.Name
		if m.Maybe {
			name += "（可能）"
		}
		if m.Note != "" && m.Waive != themes.Needed {
			name += "（" + m.Note + "）"
		}
		switch m.Waive {
		case themes.Needed:
			if m.Note != "" {
				name += "，" + m.Note
			}
			need = append(need, name)
		case themes.ELicence:
			licence = append(licence, name)
		default:
			free = append(free, name)
		}
	}
	return need, licence, free
}

// papers lists what is to be brought, each paper once.
func papers(p themes.Plan) string {
	need, licence, free := groups(p)
	lines := []string{fmt.Sprintf("材料合并后共 %d 样：", len(p.Materials))}
	if len(need) == 0 {
		lines = append(lines, "要您提交的：没有")
	} else {
		lines = append(lines, "要您提交的：\n"+bulleted(need))
	}
	if len(licence) > 0 {
		lines = append(lines, "免提交（有电子证照就不用交原件）："+strings.Join(licence, "、"))
	}
	if len(free) > 0 {
		lines = append(lines, "不用另交（网上填、系统生成或部门之间核对）："+strings.Join(free, "、"))
	}
	return strings.Join(lines, "\n")
}

func bulleted(items []string) string { return "· " + strings.Join(items, "\n· ") }

// way tells the steps, how long the longest chain takes, the visits, and what
// is not known.
func way(p themes.Plan) string {
	lines := []string{steps(p), limit(p), visits(p)}
	if len(p.Theme.Online) > 0 {
		lines = append(lines, "网上入口："+strings.Join(p.Theme.Online, "、"))
	}
	if unknown := unknown(p); unknown != "" {
		lines = append(lines, unknown)
	}
	return strings.Join(lines, "\n")
}

// steps are what is done, in order.
func steps(p themes.Plan) string {
	lines := []string{"怎么走（同一个数字可以同时办）："}
	for _, s := range p.Steps {
		line := fmt.Sprintf("%d. %s", s.Layer+1, s.Do)
		if s.Maybe {
			line += "（可能）"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// limit tells how long the whole takes, by its critical path.
func limit(p themes.Plan) string {
	path := p.Path()
	if p.Theme.Limit != "" {
		return "多久：" + p.Theme.Limit
	}
	var days []string
	if path.Working > 0 {
		days = append(days, fmt.Sprintf("%d 个工作日", path.Working))
	}
	if path.Calendar > 0 {
		days = append(days, fmt.Sprintf("%d 日", path.Calendar))
	}
	if len(days) == 0 {
		return "多久：各步没有查到统一的期限，以受理的部门答复为准"
	}
	text := "多久：最长的一条线，有期限的几步加起来最多 " + strings.Join(days, "加 ")
	if path.Open > 0 {
		text += fmt.Sprintf("，另有 %d 步没有写期限", path.Open)
	}
	return text
}

// visits is the one plan of coming in person.
func visits(p themes.Plan) string {
	all := p.Visits()
	if len(all) == 0 {
		return "到场：可以全程网上办。要去窗口的话，到" + p.Theme.Where
	}
	var places []string
	for _, v := range all {
		place := v.Where
		if v.Maybe {
			place += "（可能）"
		}
		places = append(places, place)
	}
	return fmt.Sprintf("到场：%d 次，%s；其余在网上办", len(all), strings.Join(places, "、"))
}

// unknown says what is not known for sure.
func unknown(p themes.Plan) string {
	gaps := append([]string{}, p.Theme.Gaps...)
	if names := p.Unverified(); len(names) > 0 {
		gaps = append(gaps, strings.Join(names, "、")+"在东莞怎么办")
	}
	if len(gaps) == 0 {
		return ""
	}
	return "还没有核实到：" + strings.Join(gaps, "；") + "。这几样以窗口或 12345 的答复为准"
}

// spoken is the plan in a few sentences for the phone.
func (e *Errand) spoken(p themes.Plan) string {
	var names []string
	for _, m := range p.Items {
		if len(names) < 3 && !m.Maybe {
			names = append(names, m.Name)
		}
	}
	text := fmt.Sprintf("一共 %d 件事", len(p.Items))
	if len(names) > 0 {
		text += "，主要是" + strings.Join(names, "、")
	}
	text += "。" + spokenPapers(p)
	if all := p.Visits(); len(all) > 0 {
		text += fmt.Sprintf("。要到场 %d 次", len(all))
	} else {
		text += "。可以全程网上办"
	}
	return text + "。详细清单在微信里问我就能看到。"
}

// spokenPapers is what is to be brought in a sentence without its end.
func spokenPapers(p themes.Plan) string {
	need, _, _ := groups(p)
	if len(need) == 0 {
		return "没有要您提交的材料"
	}
	text := fmt.Sprintf("要您提交 %d 样：%s", len(need), strings.Join(need[:min(2, len(need))], "、"))
	if len(need) > 2 {
		text += "等"
	}
	return text
}

func source(t *themes.Theme) string {
	text := "来源：" + t.Sources[0]
	if n := len(t.Sources); n > 1 {
		text += fmt.Sprintf("等%d份资料", n)
	}
	return text + "（" + t.AsOf + "）"
}

// citations name the guides the plan rests on.
func citations(p themes.Plan) []string {
	var out []string
	seen := map[string]bool{}
	for _, id := range append([]string{p.Theme.Guide}, guidesOf(p)...) {
		if id != "" && !seen[id] {
			seen[id] = true
			out = append(out, id+"#overview")
		}
	}
	return append(out, prefix+p.Theme.ID)
}

func guidesOf(p themes.Plan) []string {
	var ids []string
	for _, m := range p.Items {
		ids = append(ids, m.Guide)
	}
	return ids
}
