package knowledge

import (
	"regexp"
)

// elliptic are questions that lean on the one before: 那小孩的呢, 还有呢.
var elliptic = regexp.MustCompile(`^(那|那么|噉|咁|还有|另外|如果|要是|假如|换成)|呢[?？]?$|^(它|这个|呢个|这种|上面|刚才)`)

// follow answers from what was talked about before, when the question leans
// on it: it names a field and no matter of its own, or what it names belongs
// to the guide at hand.
func (x *index) follow(r *routed, ranked []judged, topic Topic, keep filter) (Answer, bool) {
	if topic.empty() {
		return Answer{}, false
	}
	i, known := x.byID[topic.Guide]
	known = known && keep(&x.guides[i])
	if known && rest.MatchString(r.wholeText) {
		return x.goOn(i, topic), true
	}
	matter := r.bareText
	if matter == "" && known {
		if len(r.fields) == 0 && !elliptic.MatchString(r.plain) && !r.asks {
			return Answer{}, false
		}
		return x.unlessBetter(x.stay(i, r, topic), r, ranked)
	}
	if matter == "" && !known && len(topic.Others) > 1 && len(r.fields) > 0 { // 怎么申请, said to "which of these?"
		a := x.whichOf(r, topic.Others)
		a.Topic.Text = topic.Text
		return a, true
	}
	if len(ranked) > 0 && x.namesItself(ranked[0], r, i, known) {
		return Answer{}, false
	}
	if known && len(ranked) > 0 && ranked[0].guide == i && ranked[0].sure >= askBar {
		return x.stay(i, r, topic), true
	}
	joined, a, ok := x.together(r, topic, keep)
	if ok {
		return a, true
	}
	if known && also.MatchString(r.plain) && len([]rune(matter)) <= 2 {
		return x.stay(i, r, topic), true
	}
	if known && (elliptic.MatchString(r.plain) || r.asks || len(r.fields) > 0) && x.coverage(i, r).covered >= 0.6 {
		if len(ranked) > 0 && ranked[0].sure >= sureBar && ranked[0].named > joined {
			return Answer{}, false
		}
		return x.stay(i, r, topic), true
	}
	return Answer{}, false
}

// also carries the guide at hand over to somebody or something else.
var also = regexp.MustCompile(`^(那|那么|噉|咁).*(也|都|呢|吗)`)

// rest asks for what of the last answer was not said yet.
var rest = regexp.MustCompile(`^(那|那么|噉)?(还有呢|还有什么|还有哪些|仲有呢|仲有什么|其余的?|其他的呢|剩下的?|后面的?呢?|继续|继续说|接着说|看全部|全部|全部说说|说完整|more|seeall)$`)

// goOn says what the last answer left out; on the phone the items that were
// not spoken yet.
func (x *index) goOn(i int, topic Topic) Answer {
	f := topic.Field
	if f == "" {
		f = Overview
	}
	a := x.compose(i, &routed{fields: []Field{f}})
	a.Brief = a.Text
	g := &x.guides[i]
	if left := g.unspoken(f); left != "" {
		a.Spoken = left
	}
	a.Candidates = []Candidate{{topic.Guide, g.Title, 1}}
	a.Topic = topic
	return a
}

// stay keeps to the guide at hand.
func (x *index) stay(i int, r *routed, topic Topic) Answer {
	switch {
	case len(r.fields) > 0:
	case r.asks:
		r.fields = []Field{Conditions}
	case topic.Field != "":
		r.fields = []Field{topic.Field}
	}
	a := x.compose(i, r)
	a.Candidates = []Candidate{{topic.Guide, x.guides[i].Title, 1}}
	for _, id := range topic.Others {
		if o, ok := x.byID[id]; ok && len(a.Candidates) < 10 {
			a.Candidates = append(a.Candidates, Candidate{id, x.guides[o].Title, 0.3})
		}
	}
	a.Topic = Topic{Guide: topic.Guide, Field: a.Field, Others: topic.Others, Text: topic.Text, Case: r.known.String()}
	return a
}

// together reads a short question as an addition to the one before: 身份证
// 怎么办 … 丢了的. It holds when the two together name one guide that the
// addition speaks of.
func (x *index) together(r *routed, topic Topic, keep filter) (named float32, a Answer, ok bool) {
	matter := r.bareText
	if topic.Text == "" || len([]rune(matter)) > 8 || matter == "" {
		return 0, a, false
	}
	if topic.Guide != "" && !elliptic.MatchString(r.plain) {
		return 0, a, false
	}
	both := x.route(topic.Text + " " + matter)
	both.fields, both.asks, both.entry = r.fields, r.asks, r.entry
	if len(both.fields) == 0 && topic.Field != "" {
		both.fields = []Field{topic.Field}
	}
	ranked := x.judge(&both, keep)
	if len(ranked) == 0 || ranked[0].sure < sureBar {
		return 0, a, false
	}
	if k := x.sibling(r, ranked, topic); k > 0 {
		ranked[0], ranked[k] = ranked[k], ranked[0]
		return 1, x.answer(&both, ranked), true
	}
	return x.added(r, &both, ranked)
}

// sibling is the candidate that the addition speaks of, where the best is
// the guide at hand and does not: 买房呢 after 公积金租房.
func (x *index) sibling(r *routed, ranked []judged, topic Topic) int {
	if topic.Guide == "" || x.guides[ranked[0].guide].ID != topic.Guide {
		return 0
	}
	here := x.coverage(ranked[0].guide, r).named
	for k := 1; k < min(4, len(ranked)); k++ {
		if ranked[k].fit >= nearFit && x.coverage(ranked[k].guide, r).named >= here+0.3 {
			return k
		}
	}
	return 0
}

// added answers from the best candidate if the addition speaks of it.
func (x *index) added(r, both *routed, ranked []judged) (named float32, a Answer, ok bool) {
	best := ranked[0]
	x.cover(&best.candidate, r)
	if best.named < 0.6 || len(x.rivals(r, ranked)) > 1 {
		return best.named, a, false
	}
	return best.named, x.answer(both, ranked), true
}

// unlessBetter gives up an answer that the guide at hand does not have for
// one that another guide surely has: 大厅几点上班 after a question on a card.
func (x *index) unlessBetter(a Answer, r *routed, ranked []judged) (Answer, bool) {
	if a.Decision == Answered || len(ranked) == 0 || ranked[0].sure < askBar || len(r.fields) == 0 {
		return a, true
	}
	better := &x.guides[ranked[0].guide]
	return a, better.ID == a.Guide || len(better.lines(r.fields[0])) == 0
}

// namesItself tells whether a question says the name of the best guide, so
// that it leans on nothing before it. A name of two characters counts unless
// the guide at hand is called by them as well.
func (x *index) namesItself(best judged, r *routed, i int, known bool) bool {
	switch {
	case best.sure < sureBar:
		return false
	case best.exact, best.within > 2:
		return true
	}
	return best.within == 2 && best.named >= 0.9 && !(known && x.coverage(i, r).named >= 0.5)
}

// coverage is how much of a question a guide covers.
func (x *index) coverage(i int, r *routed) candidate {
	c := candidate{guide: i, unit: x.first[i]}
	x.cover(&c, r)
	return c
}
