package knowledge

import (
	_ "embed" // questions that their guides leave open
	"math"
	"slices"
	"strings"
	"sync"
)

//go:embed unsaid.txt
var unsaidLines string

// Where a guide is found and most likely does not say what was asked of it, its nearest
// line is told with that and whom to ask; where it may well not, its answer says so first.
const (
	unsaidBar = 0.92
	// likelyLine is how likely a line that has a word of the question must be to be told
	// as an answer all the same.
	likelyLine = 0.5
	unsureBar  = 0.75
)

// residue is what of a question is neither what its guide is called nor how things are
// asked.
type residue struct {
	text   []rune
	at     []bool    // it is residue
	weight []float32 // of each rune
	all    float32
}

// residueOf takes from a question what a guide is called, question words and soft words.
func (x *index) residueOf(i int, r *routed) residue {
	d := residue{text: r.text, at: make([]bool, len(r.text)), weight: make([]float32, len(r.text))}
	called := x.called(i, r.text)
	w := x.words(r.text)
	for k, c := range r.content {
		if d.at[k] = !called[k] && !r.soft[k] && (isHan(c) || isWord(c)); !d.at[k] || isWord(c) && k > 0 && isWord(r.content[k-1]) {
			continue
		}
		d.weight[k] = x.weight(&w.chars[k])
		d.all += d.weight[k]
	}
	return d
}

// unsaid is how much of a residue a text does not speak of, neither by its words nor by
// others for the same thing (groups of the thesaurus), and the longest stretch of it.
func (d *residue) unsaid(text string, groups []uint16) (not float32, from, to int) {
	heard := d.meant(groups)
	var run, most float32
	begun := -1
	for k := range len(d.text) + 1 {
		if k < len(d.text) && d.at[k] && !heard[k] && !d.stands(k, text) {
			not += d.weight[k]
			run += d.weight[k]
			if begun < 0 {
				begun = k
			}
			continue
		}
		if begun >= 0 && run > most {
			most, from, to = run, begun, k
		}
		begun, run = -1, 0
	}
	return not, from, to
}

// adds tells whether a line has most of what the parts do not speak of in a question:
// 谈不拢的，只能到法院起诉 where the steps were asked for as 没谈拢怎么办.
func (x *index) adds(i int, r *routed, parts []part, extra part) bool {
	if len(extra.lines) == 0 {
		return false
	}
	d := x.residueOf(i, r)
	without := func(text string) float32 {
		folded := fold(text)
		not, _, _ := d.unsaid(string(folded), thesaurusOf().in(folded))
		return not
	}
	told := worded(parts)
	before := without(told)
	return before > 0 && without(told+extra.lines[0]) <= before/2
}

// meant are the runes of words that have one for the same thing among the groups.
func (d *residue) meant(groups []uint16) []bool {
	heard := make([]bool, len(d.text))
	words := thesaurusOf().words
	for k, c := range d.text {
		for _, w := range words[c] {
			if k+len(w.text) > len(d.text) || !slices.Equal(d.text[k:k+len(w.text)], w.text) {
				continue
			}
			if _, in := slices.BinarySearch(groups, w.group); in {
				for j := range w.text {
					heard[k+j] = true
				}
			}
		}
	}
	return heard
}

// stands tells whether a pair that a rune is part of stands in a text; a rune between
// none by itself.
func (d *residue) stands(k int, text string) bool {
	if isWord(d.text[k]) {
		return strings.ContainsRune(text, d.text[k])
	}
	left, right := k > 0 && isHan(d.text[k-1]), k+1 < len(d.text) && isHan(d.text[k+1])
	if left && strings.Contains(text, string(d.text[k-1:k+1])) || right && strings.Contains(text, string(d.text[k:k+2])) {
		return true
	}
	alone := !(left && d.at[k-1]) && !(right && d.at[k+1])
	return alone && strings.ContainsRune(text, d.text[k])
}

// doubtCount is how many things the doubt that a guide says what was asked goes by.
const doubtCount = 19

// doubts are what speaks for it that a guide does not say what was asked of it; words is
// what of the question it most lacks, where that can be told apart.
func (x *index) doubts(i int, r *routed, found *found, open leanings) (z [doubtCount]float32, words string) {
	s := x.shelfOf(i)
	d := x.residueOf(i, r)
	z[0] = 1
	notGuide, from, to := d.unsaid(s.all, s.groups)
	told := string(fold(worded(found.parts)))
	notTold, f, t := d.unsaid(told, thesaurusOf().in([]rune(told)))
	if d.all > 0 {
		z[1], z[4] = notGuide/d.all, notTold/d.all
	}
	z[2], z[5] = min(4, notGuide/x.unseen)/4, min(4, notTold/x.unseen)/4
	z[3], z[6] = float32(min(to-from, 6))/6, float32(min(t-f, 6))/6
	for k := range found.lines {
		l := &found.lines[k]
		z[7], z[8], z[9] = max(z[7], l.leaves[1]), max(z[8], l.leaves[3]), max(z[9], l.leaves[4])
	}
	if len(found.lines) > 0 {
		z[10], z[11] = found.lines[0].p, when(slices.Contains(found.fields, found.lines[0].from), 1, 0)
	}
	kinds := kindsIn(told)
	for k := range asksFor {
		if kinds&(1<<k) == 0 && asksFor[k].fits(r) {
			z[12]++
		}
	}
	z[13], z[14] = when(len(r.fields) == 0, 1, 0), when(found.fields[0] == Conditions, 1, 0)
	masked := x.masked(i, r.text)
	for f, p := range manner().likely(masked) {
		if slices.Contains(found.fields, f) {
			z[15] += float32(p)
		}
		z[16] = max(z[16], float32(p))
	}
	left := open.of(masked)
	z[17], z[18] = float32(left), float32(math.Tanh(left))
	return z, d.word(from, to)
}

// word is a stretch of a residue that stands by itself in the question; else empty.
func (d *residue) word(from, to int) string {
	whole := (from == 0 || !d.at[from-1]) && (to == len(d.text) || !d.at[to])
	word := string(d.text[from:to])
	if n := to - from; n < 2 || n > 6 || !whole || strings.ContainsAny(word, "不没了着过的得地个这那有上下笔") {
		return "" // hardly one word
	}
	return word
}

// worded are the lines of parts.
func worded(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strings.Join(p.lines, "\n"))
		b.WriteString("\n" + p.also + "\n")
	}
	return b.String()
}

// doubtWeights are those of a logistic regression, learnt from our own questions and
// those in testdata/silent.jsonl, whose guides do not say what they ask
// (TestUnsaidIsLearnt -learn).
var doubtWeights = [doubtCount]float32{0.73, 1.71, 0.17, 0.41, 0.17, -0.29, 0.43, -2.25, -0.34, -0.17, -1.17, -0.24, 0.18, 0.38, 0.03, -0.12, -0.77, 0.94, 0.63}

// doubt is how likely a guide does not say what was asked of it, 0 to 1, and what of the
// question it most lacks. There is none where nothing was asked or is told, and in what a
// guide tells to questions that name nothing.
func (x *index) doubt(i int, r *routed, f *found) (float32, string) {
	if len(f.lines) == 0 || f.day || slices.Contains(x.guides[i].General, f.fields[0]) || !slices.ContainsFunc(f.parts, func(p part) bool { return len(p.lines) > 0 }) {
		return 0, ""
	}
	z, words := x.doubts(i, r, f, openness())
	var sum float32
	for k, v := range z {
		sum += v * doubtWeights[k]
	}
	doubt := logistic(sum)
	if first := f.lines[0]; first.p >= likelyLine && first.shares() {
		doubt = min(doubt, unsureBar)
	}
	return doubt, words
}

// How many lines are told where a guide does not say what was asked.
const (
	nearestLines = 2
	nearestSize  = 80 // characters of each
)

// leaveOpen says that a guide does not say what was asked, with its nearest lines and
// whom to ask.
func (a *Answer) leaveOpen(g *Guide, f *found, words string) {
	a.Decision, a.Source = Abstained, g.source()
	lacks, spoken := "您问的这一点，指南里没有找到。", "您问的这一点，指南里没有写。"
	if words != "" {
		lacks, spoken = "指南里没有写到“"+words+"”。", "指南里没有写到"+words+"。"
	}
	var near []string
	for k := range f.lines {
		l := &f.lines[k]
		if line := l.says(); len(near) < nearestLines && g.still(l.reading) && !told([]part{{lines: near}}, line) {
			near = append(near, clip(line, nearestSize))
		}
	}
	a.Text = g.Title + "\n" + lacks + "\n"
	if len(near) > 0 {
		a.Text += "最接近的写着：" + strings.Join(near, "；") + "\n"
	}
	a.Text = trimLong(a.Text + "要问准，可拨" + g.ask() + "，或说“转人工”。")
	a.Brief = a.Text
	a.Spoken = spokenLimit(spoken+"可以拨"+digits(g.ask())+"，或者说转人工。", spokenMost)
}

// leanings say of the marks of a question's manner how much more often questions that
// guides leave open have them than those that they answer, as log odds.
type leanings map[string]float64

const (
	leaningLeap  = 0.5 // what a mark that was never met counts
	leaningScale = 5   // brings sums of leanings near one
)

// openness is learnt once from how fields are asked for and from what guides leave open.
var openness = sync.OnceValue(func() leanings {
	var answered []string
	for line := range strings.Lines(askedLines) {
		if _, text, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			answered = append(answered, text)
		}
	}
	return learnLeanings(answered, strings.Split(strings.TrimSpace(unsaidLines), "\n"))
})

func learnLeanings(answered, open []string) leanings {
	count := func(lines []string) map[string]float64 {
		n := map[string]float64{}
		for _, l := range lines {
			for _, t := range mannerTokens(l) {
				n[t]++
			}
		}
		return n
	}
	said, left, w := count(answered), count(open), leanings{}
	for _, n := range []map[string]float64{said, left} {
		for t := range n {
			w[t] = math.Log((left[t]+leaningLeap)/float64(len(open)+1)) - math.Log((said[t]+leaningLeap)/float64(len(answered)+1))
		}
	}
	return w
}

// of a masked question.
func (w leanings) of(masked string) float64 {
	sum := 0.0
	for _, t := range mannerTokens(masked) {
		sum += w[t]
	}
	return sum / leaningScale
}
