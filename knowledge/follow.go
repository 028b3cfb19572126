package knowledge

import "regexp"

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
	matter := x.bare(r)
	if matter == "" && known {
		if len(r.fields) == 0 && !elliptic.MatchString(string(r.text)) && !r.asks {
			return Answer{}, false
		}
		return x.stay(i, r, topic), true
	}
	if len(ranked) > 0 && ranked[0].sure >= sureBar && (ranked[0].exact || ranked[0].within > 2) {
		return Answer{}, false // names another matter by itself
	}
	joined, a, ok := x.together(r, topic, keep)
	if ok {
		return a, true
	}
	if known && (elliptic.MatchString(string(r.text)) || r.asks || len(r.fields) > 0) && x.speaksOf(i, r) >= 0.6 {
		if len(ranked) > 0 && ranked[0].sure >= sureBar && ranked[0].named > joined {
			return Answer{}, false
		}
		return x.stay(i, r, topic), true
	}
	return Answer{}, false
}

// bare is the matter of a question without soft words and single characters.
func (x *index) bare(r *routed) string {
	content := append([]rune(nil), r.content...)
	for i := range content {
		if r.soft[i] {
			content[i] = ' '
		}
	}
	for i := range content { // a character alone names nothing
		alone := (i == 0 || !isHan(content[i-1])) && (i+1 == len(content) || !isHan(content[i+1]))
		if isHan(content[i]) && alone {
			content[i] = ' '
		}
	}
	return squeeze(content)
}

// stay keeps to the guide at hand.
func (x *index) stay(i int, r *routed, topic Topic) Answer {
	if len(r.fields) == 0 && r.asks {
		r.fields = []Field{Conditions}
	}
	a := x.compose(i, r)
	a.Candidates = []Candidate{{topic.Guide, x.guides[i].Title, 1}}
	for _, id := range topic.Others {
		if o, ok := x.byID[id]; ok && len(a.Candidates) < 10 {
			a.Candidates = append(a.Candidates, Candidate{id, x.guides[o].Title, 0.3})
		}
	}
	a.Topic = Topic{Guide: topic.Guide, Field: a.Field, Others: topic.Others, Text: topic.Text}
	return a
}

// together reads a short question as an addition to the one before: 身份证
// 怎么办 … 丢了的. It holds when the two together name one guide that the
// addition speaks of.
func (x *index) together(r *routed, topic Topic, keep filter) (named float32, a Answer, ok bool) {
	matter := x.bare(r)
	if topic.Text == "" || len([]rune(matter)) > 8 || matter == "" {
		return 0, a, false
	}
	if topic.Guide != "" && !elliptic.MatchString(string(r.text)) {
		return 0, a, false
	}
	both := x.route(topic.Text + " " + matter)
	both.fields, both.asks = r.fields, r.asks
	if len(both.fields) == 0 && topic.Field != "" {
		both.fields = []Field{topic.Field}
	}
	ranked := x.judge(&both, keep)
	if len(ranked) == 0 || ranked[0].sure < sureBar {
		return 0, a, false
	}
	alone := routed{text: r.text, content: r.content, soft: r.soft}
	best := ranked[0]
	x.cover(&best.candidate, &alone)
	if best.named < 0.6 || len(x.rivals(ranked)) > 1 {
		return best.named, a, false
	}
	return best.named, x.answer(&both, ranked), true
}

// speaksOf is how much of a question a guide covers.
func (x *index) speaksOf(i int, r *routed) float32 {
	c := candidate{guide: i, unit: x.first[i]}
	x.cover(&c, r)
	return c.covered
}
