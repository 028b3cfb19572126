package knowledge

import (
	"maps"
	"strings"
)

// Blank is one line of the form by which a guide is edited.
type Blank struct {
	Key   string
	Label string
	Hint  string
	Lines bool // several, one a line
	Value string

	Choices []Target // what may stand there, where not anything may
}

// statuses are what a guide may be, as its editors say it.
func statuses() []Target {
	return []Target{{string(Active), "在用"}, {string(Draft), "草稿，不回答市民"}, {string(Withdrawn), "停用，不回答市民"}}
}

// blanks are the form's lines: how each is read from a guide and put back.
func (g *Guide) blanks() []struct {
	Blank
	text  *string
	lines *Lines
	list  *[]string
} {
	type row = struct {
		Blank
		text  *string
		lines *Lines
		list  *[]string
	}
	text := func(key, label, hint string, at *string) row {
		return row{Blank{Key: key, Label: label, Hint: hint, Value: *at}, at, nil, nil}
	}
	lines := func(key, label string, at *Lines) row {
		return row{Blank{Key: key, Label: label, Lines: true, Value: strings.Join(*at, "\n")}, nil, at, nil}
	}
	list := func(key, label, hint string, at *[]string) row {
		return row{Blank{Key: key, Label: label, Hint: hint, Lines: true, Value: strings.Join(*at, "\n")}, nil, nil, at}
	}
	return []row{
		text("title", "名称", "", &g.Title), list("aliases", "别名", "市民怎么叫它，一行一个", &g.Aliases),
		text("who", "谁能办", "", &g.Who), lines("conditions", "条件", &g.Conditions),
		lines("steps", "步骤", &g.Steps), text("time_limit", "多久", "", &g.TimeLimit), text("fee", "费用", "", &g.Fee),
		text("where", "在哪办", "", &g.Where), lines("hours", "受理时间", &g.Hours), lines("online", "网上办", &g.Online),
		lines("visits", "到场", &g.Visits), lines("proxy", "代办", &g.Proxy), lines("result", "办好以后", &g.Result),
		lines("legal", "依据", &g.Legal), list("phone", "咨询电话", "一行一个", &g.Phone), lines("tips", "留意", &g.Tips),
		lines("formal", "公文原话", &g.Formal),
		text("item_code", "实施编码", "", &g.Codes.Item), text("remedy", "复议和诉讼", "", &g.Remedy), text("sample", "结果样本", "网址", &g.Sample),
		text("as_of", "事实时点", "", &g.AsOf), text("effective_from", "生效日期", "2026-11-24 这样写", (*string)(&g.EffectiveFrom)),
		text("effective_to", "失效日期", "最后一天，过了就不再回答", (*string)(&g.EffectiveTo)),
		text("verified_at", "核实日期", "市民看得到", (*string)(&g.VerifiedAt)), text("verified_by", "核实单位", "市民看得到，写单位，不写人名", &g.VerifiedBy),
		text("review_by", "复核期限", "", (*string)(&g.ReviewBy)),
		{Blank{Key: "status", Label: "状态", Value: string(g.Status), Choices: statuses()}, (*string)(&g.Status), nil, nil},
	}
}

// materialsKey is the blank of the materials: 名称（说明）, one a line.
const materialsKey = "materials"

// sourceKey is the blank of the sources, one a line: see Source.line.
const sourceKey = "source"

// Form is a guide as it is edited: what most people change. The rest of it
// (situations, towns, codes) stays as it is.
func (g *Guide) Form() []Blank {
	var out []Blank
	for _, row := range g.blanks() {
		out = append(out, row.Blank)
		if row.Key == "conditions" {
			var lines []string
			for _, m := range g.Materials {
				line := m.Name
				if m.Note != "" {
					line += "（" + m.Note + "）"
				}
				lines = append(lines, line)
			}
			out = append(out, Blank{Key: materialsKey, Label: "要带的材料", Hint: "名称（说明），一行一样", Lines: true, Value: strings.Join(lines, "\n")})
		}
		if row.Key == "legal" {
			out = append(out, Blank{Key: sourceKey, Label: "来源", Hint: "每句答复都会说。一行一份：名称，空一格写网址，再空一格写哪天取的（2026-11-24）", Lines: true, Value: strings.Join(g.sourceLines(), "\n")})
		}
	}
	for i := range out {
		if w := g.importedWords(out[i].Key); w != "" {
			out[i].Lines, out[i].Value = true, w
		}
	}
	return out
}

// importedWords are the imported words of the field that a blank is for. They are what
// is told, so they are what is edited.
func (g *Guide) importedWords(key string) string { return strings.TrimSpace(g.Wording[Field(key)]) }

// Fill puts what was written into a guide; keys that are not there stay.
func (g *Guide) Fill(values map[string]string) {
	worded := g.fillWording(values)
	for _, row := range g.blanks() {
		v, ok := values[row.Key]
		if !ok || worded[row.Key] {
			continue
		}
		switch {
		case row.text != nil:
			*row.text = strings.TrimSpace(v)
		case row.lines != nil:
			*row.lines = linesIn(v)
		default:
			*row.list = linesIn(v)
		}
	}
	if v, ok := values[materialsKey]; ok && !worded[materialsKey] {
		g.fillMaterials(linesIn(v))
	}
	if v, ok := values[sourceKey]; ok {
		g.fillSources(linesIn(v))
	}
}

// fillWording puts what was written where the words are imported, and says in
// which blanks. What was read out of the former words goes with them.
func (g *Guide) fillWording(values map[string]string) map[string]bool {
	worded := map[string]bool{}
	g.Wording = maps.Clone(g.Wording) // the guide in force keeps its own
	for key, v := range values {
		was := g.importedWords(key)
		if was == "" {
			continue
		}
		worded[key] = true
		now := strings.Join(linesIn(v), "\n")
		if now == strings.Join(linesIn(was), "\n") {
			continue
		}
		switch g.Wording[Field(key)] = now; Field(key) {
		case TimeLimit:
			g.Promised, g.Legally = nil, nil
		case Phone:
			g.Phone = nil
			g.wordedPhones()
		}
		if now == "" {
			delete(g.Wording, Field(key))
		}
	}
	return worded
}

// fillMaterials keeps what else is known of a paper that is still there.
func (g *Guide) fillMaterials(lines []string) {
	was := map[string]Material{}
	for _, m := range g.Materials {
		was[m.Name] = m
	}
	var now []Material
	for _, l := range lines {
		name, note := l, ""
		if at := strings.Index(l, "（"); at > 0 && strings.HasSuffix(l, "）") {
			name, note = l[:at], strings.TrimSuffix(l[at+len("（"):], "）")
		}
		m := was[name]
		m.Name, m.Note = name, note
		now = append(now, m)
	}
	g.Materials = now
}

func (g *Guide) sourceLines() []string {
	var lines []string
	for _, s := range g.Sources {
		lines = append(lines, s.line())
	}
	return lines
}

// fillSources keeps what else is known of a source whose line is as it was.
func (g *Guide) fillSources(lines []string) {
	was := map[string]Source{}
	for _, s := range g.Sources {
		was[strings.Join(strings.Fields(s.line()), " ")] = s
	}
	var now []Source
	for _, l := range lines {
		s, ok := was[strings.Join(strings.Fields(l), " ")]
		if !ok {
			s = sourceIn(l)
		}
		now = append(now, s)
	}
	g.Sources = now
}

func linesIn(v string) []string {
	var out []string
	for _, l := range strings.Split(strings.ReplaceAll(v, "\r\n", "\n"), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
