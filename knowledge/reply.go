package knowledge

import (
	"slices"
	"strings"
)

// clarify asks which of a few is meant.
func (x *index) clarify(r *routed, ranked, rivals []judged) Answer {
	if len(rivals) < 2 {
		rivals = ranked[:1:1]
		for _, c := range ranked[1:min(len(ranked), judgedDepth)] {
			if len(r.fields) > 0 && !x.tells(c, r.fields[0]) {
				continue
			}
			if len(rivals) < 3 && c.fit > 0 && c.fit >= 0.6*ranked[0].fit {
				rivals = append(rivals, c)
			}
		}
	}
	for _, c := range ranked[:min(len(ranked), judgedDepth)] { // 身份证 names more than two fit best
		same := func(o judged) bool { return o.guide == c.guide }
		if c.named >= 0.95 && c.fit >= 0.8*ranked[0].fit && !slices.ContainsFunc(rivals, same) {
			rivals = append(rivals, c)
		}
	}
	return x.asked(r, ranked, x.splitting(r, rivals))
}

// asked puts a question back.
func (x *index) asked(r *routed, ranked []judged, s clarification) Answer {
	a := Answer{Decision: Clarified, Candidates: x.candidates(ranked), Clarify: s.ask, Options: s.options}
	if len(r.fields) > 0 {
		a.Field, a.Fields = r.fields[0], r.fields
	}
	a.Text, a.Spoken = a.Clarify, a.Clarify
	if len(a.Options) > 1 {
		var names []string
		for _, o := range a.Options {
			names = append(names, o.Text)
		}
		a.Text += "\n" + strings.Join(names, "\n")
		a.Spoken = spokenChoice(names)
	}
	a.Brief = a.Text
	a.Topic = Topic{Field: a.Field, Text: r.matterText, Others: x.ids(ranked)}
	return a
}

// unknown says that it is not known, with the nearest titles.
func (x *index) unknown(r *routed, ranked []judged, topic Topic) Answer {
	a := Answer{Decision: Abstained, Topic: topic, Candidates: x.candidates(ranked)}
	if len(r.fields) > 0 {
		a.Field, a.Fields = r.fields[0], r.fields
	}
	a.Text = "这件事我这里还没有查到指南，不敢乱答。可以拨12345问，或说“转人工”。"
	a.Spoken = "这件事我没有查到，不敢乱答，可以帮您转人工。"
	for _, c := range ranked[:min(3, len(ranked))] {
		if c.fit < nearFit {
			break
		}
		g := &x.guides[c.guide]
		a.Options = append(a.Options, Option{Text: g.Title, Guide: g.ID, Field: a.Field})
	}
	if len(a.Options) > 0 {
		a.Text += "\n接近的有："
		for _, o := range a.Options {
			a.Text += "\n" + o.Text
		}
	}
	a.Brief = a.Text
	return a
}

// expired says that a guide is no longer in force; it gives nothing of it.
func (x *index) expired(i int) Answer {
	g := &x.guides[i]
	text := "“" + g.Title + "”的指南已不再有效，我没有新的，不敢照旧的答。"
	if g.EffectiveTo != "" {
		text = "“" + g.Title + "”的指南有效期到" + string(g.EffectiveTo) + "，我没有新的，不敢照旧的答。"
	}
	text += "可拨" + g.ask() + "问现在的办法。"
	return Answer{Decision: Abstained, Guide: g.ID, Text: text, Brief: text,
		Spoken:     spokenLimit(g.Title+"的指南已经过期，请拨"+digits(g.ask())+"问现在的办法。", spokenMost),
		Candidates: []Candidate{{g.ID, g.Title, 0.5}}}
}

// quotePolicy answers with the passage of a policy text that fits best.
func (x *index) quotePolicy(i int, r *routed, a *Answer) {
	g := &x.guides[i]
	best, most := 0, float32(-1)
	for p := range x.passages[i] {
		c := candidate{guide: i, unit: x.first[i] + uint32(p)}
		x.cover(&c, r)
		if c.covered > most {
			best, most = p, c.covered
		}
	}
	text := strings.TrimSpace(x.passages[i][best])
	a.Field, a.Fields = Overview, []Field{Overview}
	a.Text = trimLong(g.Title + "\n" + text)
	a.Spoken = spokenLimit(text, spokenMost)
	a.Source = g.source()
	a.Citations = []string{g.ID + "#text"}
	if !g.Home() {
		a.Text += "\n这是" + g.Area + "的文件，东莞的办法可能不同，可拨12345确认。"
	}
	a.Brief = a.Text
}
