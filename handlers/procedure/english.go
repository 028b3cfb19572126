package procedure

import (
	"strings"

	"guanjia/knowledge"
)

// labels are the fields' names for who reads English; the lines below them stay as the
// guide words them.
var labels = []struct {
	field knowledge.Field
	title string
}{
	{knowledge.Materials, "Bring"}, {knowledge.Fee, "Fee"}, {knowledge.TimeLimit, "Time needed"}, {knowledge.Where, "Where"},
	{knowledge.Hours, "Hours"}, {knowledge.Conditions, "Conditions"}, {knowledge.Steps, "Steps"}, {knowledge.Online, "Online"},
	{knowledge.Visits, "In person"}, {knowledge.Phone, "Phone"}, {knowledge.Proxy, "By somebody else"},
	{knowledge.Result, "Afterwards"}, {knowledge.Legal, "Legal basis"},
}

// inEnglish tells which guide it is and names its parts; what the guide says is Chinese.
func (e *Errand) inEnglish(a knowledge.Answer, text string) string {
	for _, l := range labels {
		text = strings.ReplaceAll(text, "\n"+l.field.Title()+"：", "\n"+l.title+" "+l.field.Title()+"：")
	}
	about := ""
	if g, ok := e.Base.Guide(a.Guide); ok && g.English() != "" {
		about = "About: " + g.English() + ". "
	}
	return about + "The official guide is in Chinese:\n" + text
}
