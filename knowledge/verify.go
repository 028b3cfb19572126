package knowledge

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Flaw is why a sentence of a draft may not be said: a sentence to whoever
// wrote it, for another try.
type Flaw struct {
	Sentence int // from 0; -1: the draft as a whole
	What     string
}

// String is the flaw in a line, for whoever writes the next draft.
func (f Flaw) String() string {
	if f.Sentence < 0 {
		return f.What
	}
	return fmt.Sprintf("第%d句：%s", f.Sentence+1, f.What)
}

// What a draft may hold.
const (
	mostSentences = 8
	mostDraft     = 320 // characters
	leastQuote    = 4   // characters, unless the quote is a whole line
	leastCovered  = 0.5 // of a sentence's pairs of characters, by what it cites
)

// Verify holds a draft against the blocks it was written from and returns its
// flaws, none where it may be said. Every sentence cites; every quote stands in
// its block; every number with its unit, time, date, phone number, document
// number, name of an authority or a place, title and Latin word of a sentence
// stands in the lines it quotes; what they deny the sentence does not affirm,
// nor the other way round; and most of its wording is theirs. about is the
// citizen's question, whose words may be used too.
func Verify(d Composition, blocks []Block, about string) []Flaw {
	var flaws []Flaw
	if len(d.Sentences) == 0 {
		return []Flaw{{-1, "没有句子"}}
	}
	n := 0
	for i, s := range d.Sentences {
		n += utf8.RuneCountInString(s.Text)
		for _, what := range verifySentence(s, blocks, canon(about)) {
			flaws = append(flaws, Flaw{i, what})
		}
	}
	if len(d.Sentences) > mostSentences || n > mostDraft {
		flaws = append(flaws, Flaw{-1, fmt.Sprintf("太长，最多 %d 句 %d 字", mostSentences, mostDraft)})
	}
	return flaws
}

// verifySentence names the flaws of one sentence.
func verifySentence(s Sentence, blocks []Block, about string) []string {
	text := canon(s.Text)
	if text == "" || strings.ContainsAny(s.Text, "*#`<>!！") {
		return []string{"空句子或有标记符号"}
	}
	if len(s.Cites) == 0 {
		return []string{"没有引用"}
	}
	var flaws []string
	var lines, whole strings.Builder // what is quoted, line by line; all of the cited blocks
	for _, c := range s.Cites {
		b := slices.IndexFunc(blocks, func(b Block) bool { return b.ID == c.Block })
		if b < 0 {
			return []string{"引用了没有给出的块 " + clip(c.Block, 20)}
		}
		quoted := blocks[b].around(c.Quote)
		if quoted == "" {
			flaws = append(flaws, "引文不是原文："+clip(c.Quote, 30))
			continue
		}
		lines.WriteString(quoted + "\n")
		whole.WriteString(blocks[b].canon() + "\n")
	}
	if len(flaws) > 0 {
		return flaws
	}
	told := map[fact]int{}
	for _, f := range factsOf(text) {
		if told[f]++; f.standsIn(lines.String()) < told[f] { // said twice, it must stand there twice
			flaws = append(flaws, "引文那一行里没有："+f.text)
		}
	}
	flaws = append(flaws, namesAmiss(text, whole.String()+about)...)
	flaws = append(flaws, polarityAmiss(text, lines.String())...)
	if covered(text, whole.String()+about) < leastCovered {
		flaws = append(flaws, "大部分说法不在原文里")
	}
	return flaws
}

// around is the block's lines that a quote stands on, with the titles they
// stand under; empty where it stands nowhere.
func (b Block) around(quote string) string {
	want := canon(quote)
	all := strings.Split(b.Text, "\n")
	var canons []string
	for _, l := range all {
		canons = append(canons, canon(l))
	}
	if utf8.RuneCountInString(want) < leastQuote && !slices.Contains(canons, want) || want == "" {
		return ""
	}
	joined := strings.Join(canons, "")
	at := strings.Index(joined, want)
	if at < 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString(canon(b.Title) + "\n")
	from := 0
	for _, l := range canons { // every line the quote touches
		if from < at+len(want) && at < from+len(l) {
			out.WriteString(l + "\n")
		}
		from += len(l)
	}
	return out.String()
}

func (b Block) canon() string { return canon(b.Title) + "\n" + canon(b.Text) }

// covered is the share of a sentence's pairs of characters that stand in what
// it cites.
func covered(text, source string) float64 {
	have := map[[2]rune]bool{}
	pairs(source, func(p [2]rune) { have[p] = true })
	n, in := 0, 0
	pairs(text, func(p [2]rune) {
		n++
		if have[p] {
			in++
		}
	})
	if n == 0 {
		return 1
	}
	return float64(in) / float64(n)
}

// pairs calls f for every two neighbouring word characters.
func pairs(text string, f func([2]rune)) {
	var last rune
	for _, r := range text {
		if !isHan(r) && !isWord(r) {
			last = 0
			continue
		}
		if last != 0 {
			f([2]rune{last, r})
		}
		last = r
	}
}
