package knowledge

import (
	"strconv"
	"strings"
)

// Field names a part of a guide that can be asked for. The names are the
// contract's.
type Field string

// The fields.
const (
	Overview   Field = "overview"
	Materials  Field = "materials"
	Fee        Field = "fee"
	TimeLimit  Field = "time_limit"
	Where      Field = "where"
	Hours      Field = "hours"
	Conditions Field = "conditions"
	Steps      Field = "steps"
	Online     Field = "online"
	Visits     Field = "visits"
	Phone      Field = "phone"
	Proxy      Field = "proxy"
	Result     Field = "result"
	Legal      Field = "legal"
)

// Fields lists every field in the contract's order.
func Fields() []Field {
	return []Field{Overview, Materials, Fee, TimeLimit, Where, Hours, Conditions,
		Steps, Online, Visits, Phone, Proxy, Result, Legal}
}

func (f Field) known() bool {
	for _, x := range Fields() {
		if x == f {
			return true
		}
	}
	return false
}

// Title is how a field is called to citizens.
func (f Field) Title() string {
	switch f {
	case Materials:
		return "要带的材料"
	case Fee:
		return "费用"
	case TimeLimit:
		return "办理时间"
	case Where:
		return "办理地点"
	case Hours:
		return "受理时间"
	case Conditions:
		return "办理条件"
	case Steps:
		return "怎么办"
	case Online:
		return "网上办"
	case Visits:
		return "到场"
	case Phone:
		return "咨询电话"
	case Proxy:
		return "代办"
	case Result:
		return "办好以后"
	case Legal:
		return "依据"
	}
	return "概况"
}

// missing is the name of a field in the sentence that says it is not there.
func (f Field) missing() string {
	switch f {
	case Materials:
		return "要带什么材料"
	case Fee:
		return "收费"
	case TimeLimit:
		return "办理时限"
	case Where:
		return "办理地点"
	case Hours:
		return "受理时间"
	case Conditions:
		return "办理条件"
	case Steps:
		return "办理流程"
	case Online:
		return "能不能网上办"
	case Visits:
		return "要不要本人到场、跑几次"
	case Phone:
		return "咨询电话"
	case Proxy:
		return "能不能代办"
	case Result:
		return "办好以后怎么领、管多久"
	case Legal:
		return "依据"
	}
	return "这一点"
}

// lines are a field's words, one sentence an item, as the guide has them.
// Empty means that the guide does not say.
func (g *Guide) lines(f Field) []string {
	if w := strings.TrimSpace(g.Wording[f]); w != "" {
		return strings.Split(w, "\n")
	}
	if p := g.Plain[f]; p != "" {
		return append([]string{p}, g.official(f)...)
	}
	return g.official(f)
}

// official are a field's words without what was put plainly.
func (g *Guide) official(f Field) []string {
	switch f {
	case Materials:
		lines := make([]string, len(g.Materials))
		for i, m := range g.Materials {
			lines[i] = m.String()
		}
		return lines
	case Fee:
		return one(g.Fee)
	case TimeLimit:
		return one(g.TimeLimit)
	case Where:
		return g.placeLines()
	case Hours:
		return g.Hours
	case Conditions:
		return append(one(g.Who), g.Conditions...)
	case Steps:
		return g.Steps
	case Online:
		return g.Online
	case Visits:
		return g.Visits
	case Phone:
		return g.Phone
	case Proxy:
		return g.Proxy
	case Result:
		return g.Result
	case Legal:
		return g.Legal
	}
	return nil
}

// String is a material with its note and why it may be left out, as citizens
// read it.
func (m Material) String() string {
	var notes []string
	if m.Original > 0 || m.Copies > 0 {
		notes = append(notes, m.count())
	}
	for _, n := range []string{m.Note, m.Waive.Title()} {
		if n != "" {
			notes = append(notes, n)
		}
	}
	if m.Required == "容缺" {
		notes = append(notes, "可以后补")
	}
	if len(notes) == 0 {
		return m.Name
	}
	return m.Name + "（" + strings.Join(notes, "；") + "）"
}

func (m Material) count() string {
	switch {
	case m.Copies == 0:
		return "原件" + strconv.Itoa(m.Original) + "份"
	case m.Original == 0:
		return "复印件" + strconv.Itoa(m.Copies) + "份"
	}
	return "原件" + strconv.Itoa(m.Original) + "份、复印件" + strconv.Itoa(m.Copies) + "份"
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// body are all the words of a guide below its title, for the index.
func (g *Guide) body() string {
	var b strings.Builder
	for _, f := range Fields() {
		for _, l := range g.lines(f) {
			b.WriteString(l)
			b.WriteByte('\n')
		}
	}
	for _, l := range g.Tips {
		b.WriteString(l)
		b.WriteByte('\n')
	}
	for _, l := range g.Formal {
		b.WriteString(l)
		b.WriteByte('\n')
	}
	for _, qa := range g.FAQ {
		b.WriteString(qa.Q + "\n" + qa.A + "\n")
	}
	b.WriteString(g.Theme)
	b.WriteByte('\n')
	b.WriteString(g.Department)
	b.WriteByte('\n')
	b.WriteString(g.Text)
	return b.String()
}
