package open311

import (
	"net/http"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// told is what was told once its sensitive particulars were seen to.
type told struct {
	words string
	yes   *bot.SeparateConsent
	note  string // what is said of it to the program that told
}

// after is a notice with that note.
func (t told) after(notice string) string {
	switch {
	case t.note == "":
		return notice
	case notice == "":
		return t.note
	}
	return notice + "；" + t.note
}

// consent is the attribute by which a program says that it asked, and got a yes
// to sensitive particulars alone (个人信息保护法 article 29).
const consent = "sensitive_consent"

// asking is what a program is to ask with: it stands in each service's
// definition, and with the yes in the records.
const asking = "说到病情、残疾、不满 14 岁孩子的情况、宗教信仰、银行账号或不便公开的经历，是敏感信息，要单独问本人一声：写上是为了把事情办好，只给经办的人看，不公开；不写也照样办。本人同意才填 yes；不填的，这些话不写上。"

// separately leaves sensitive particulars out of what is told, unless the
// program says that the citizen agreed to them alone, or they cannot wait. What
// was left out is said in the notice. why says what is wrong with the attribute.
func (d *Door) separately(r *http.Request, key, words string, a privacy.Addition) (t told, why string) {
	answer := clean(r.PostFormValue("attribute[" + consent + "]"))
	if answer != "" && answer != "yes" && answer != "no" {
		return t, "attribute[" + consent + "] is not one of its values"
	}
	t.words, a.Kinds = words, privacy.Sensitive(words)
	switch {
	case len(a.Kinds) == 0:
	case answer == "yes":
		yes := a.Agreed("", "接口提交", "本人（经 "+key+" 转达）", asking, Channel, d.Clock())
		t.yes = &yes
	case ticket.UrgencyOf(words) == ticket.Urgent:
		t.note = "事情急，说到的" + a.What() + "先写上了，只给经办的人看"
	default:
		t.words = privacy.Without(words)
		t.note = "说到的" + a.What() + "是敏感信息，没有本人的单独同意，没有写上；本人同意的，请带 attribute[" + consent + "]=yes 再补充"
	}
	return t, ""
}
