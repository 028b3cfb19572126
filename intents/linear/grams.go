package linear

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"guanjia/intents/hanzi"
)

// maxRunes bounds what is read of one text: longer ones are cut. A citizen's
// purpose stands in the first thousand characters or not at all.
const maxRunes = 1000

// The kinds of feature, part of each key.
const (
	kindChar uint8 = iota + 1
	kindLetter
	kindWord
	kindPinyin
	kindLast
	kindExtra
)

// gram is one n-gram of a text: its key in the vocabulary and where it stands,
// as a half-open range of runes (kindChar, kindPinyin: of the seq; kindLast: of
// the clause; kindLetter, kindWord: of the text), or the number of the extra
// feature.
type gram struct {
	key        uint64
	kind       uint8
	start, end int32
}

// reading is a text prepared for taking n-grams, and the n-grams taken.
type reading struct {
	text   []rune  // folded, numbers masked
	seq    []rune  // text without spaces and punctuation, its ends marked
	words  []int32 // start and end of the words of alphabetic scripts, in pairs
	grams  []gram
	extra  []string
	codes  []uint64 // of the syllables of seq
	clause []rune   // the last, without spaces and punctuation
}

const (
	textStart = '\x02' // before the first character
	textEnd   = '\x03' // after the last
)

// read takes the n-grams of text that the options ask for.
func (o *Options) read(text string, extra []string) *reading {
	r := &reading{}
	o.readInto(r, text, extra)
	return r
}

// readInto is read in the room of an earlier reading.
func (o *Options) readInto(r *reading, text string, extra []string) {
	r.extra, r.words = extra, r.words[:0]
	r.text = fold(r.text[:0], text)
	if o.MaskNumbers {
		r.text = maskNumbers(r.text)
	}
	r.split()
	r.grams = slices.Grow(r.grams[:0], 8*len(r.text)+len(extra))
	if o.Chars.on() {
		r.chars(o.Chars)
	}
	if o.Letters.on() {
		r.letters(o.Letters)
	}
	if o.Words.on() {
		r.wordGrams(o.Words)
	}
	if o.Pinyin.on() {
		r.pinyin(o.Pinyin)
	}
	if o.LastWeight > 0 {
		r.last()
	}
	for i, e := range extra {
		r.grams = append(r.grams, gram{key: keyString(kindExtra, e), kind: kindExtra, start: int32(i)})
	}
}

func fold(room []rune, text string) []rune {
	if len(text) > 4*maxRunes { // before folding, which costs by the byte
		text = text[:4*maxRunes]
	}
	folded := hanzi.AppendFold(slices.Grow(room, utf8.RuneCountInString(text)), text)
	if len(folded) > maxRunes {
		folded = folded[:maxRunes]
	}
	return folded
}

// split finds the words of alphabetic scripts and the sequence of characters.
func (r *reading) split() {
	r.seq = append(slices.Grow(r.seq[:0], len(r.text)+2), textStart)
	start, worded := -1, false
	end := func(at int) {
		if start >= 0 && worded {
			r.words = append(r.words, int32(start), int32(at))
		}
		start, worded = -1, false
	}
	for i, c := range r.text {
		switch {
		case han(c):
			end(i)
			r.seq = append(r.seq, c)
		case c <= ' ' || c > 0x7f && (unicode.IsSpace(c) || !unicode.IsLetter(c) && !unicode.IsNumber(c)):
			end(i)
		default:
			if start < 0 {
				start = i
			}
			if c > 0x7f || letter(c) || digit(c) {
				worded = true
				r.seq = append(r.seq, c)
			}
		}
	}
	end(len(r.text))
	r.seq = append(r.seq, textEnd)
}

func letter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// chars takes n-grams over the sequence. Those without any Chinese character
// are left to letters; an end counts only beside a character.
func (r *reading) chars(g Grams) {
	for i := range r.seq {
		key, chinese := seed(kindChar), false
		for n := 1; n <= g.Max && i+n <= len(r.seq); n++ {
			c := r.seq[i+n-1]
			chinese = chinese || han(c)
			key = step(key, uint64(c))
			if chinese && n >= g.Min {
				r.grams = append(r.grams, gram{finish(key), kindChar, int32(i), int32(i + n)})
			}
		}
	}
}

// The last clause begins behind the last pause before which enough is left to
// be one.
const (
	pauses      = ",。!?;，！？； "
	leastLast   = 4 // Chinese characters
	longestGram = 2 // of its n-grams
)

// lastClause is where the last clause of the text begins: long stories tell in
// it what is wanted.
func (r *reading) lastClause() int {
	n := 0
	for i := len(r.text) - 1; i >= 0; i-- {
		switch c := r.text[i]; {
		case han(c):
			n++
		case n >= leastLast && strings.ContainsRune(pauses, c):
			return i + 1
		}
	}
	return 0
}

// last takes the n-grams of the last clause once more, as its own.
func (r *reading) last() {
	r.clause = r.clause[:0]
	for _, c := range r.text[r.lastClause():] {
		if han(c) || letter(c) || digit(c) {
			r.clause = append(r.clause, c)
		}
	}
	for i := range r.clause {
		key := seed(kindLast)
		for n := 1; n <= longestGram && i+n <= len(r.clause); n++ {
			key = step(key, uint64(r.clause[i+n-1]))
			r.grams = append(r.grams, gram{finish(key), kindLast, int32(i), int32(i + n)})
		}
	}
}

// letters takes n-grams within each word, its ends marked by a space. A word
// shorter than n is taken whole, once.
func (r *reading) letters(g Grams) {
	for w := 0; w < len(r.words); w += 2 {
		from, to := int(r.words[w]), int(r.words[w+1])
		padded := to - from + 2
		at := func(i int) uint64 {
			if i == 0 || i == padded-1 {
				return ' '
			}
			return uint64(r.text[from+i-1])
		}
		for i := range padded {
			key := seed(kindLetter)
			for n := 1; n <= g.Max && i+n <= padded; n++ {
				key = step(key, at(i+n-1))
				if n >= g.Min || n == padded {
					r.grams = append(r.grams, gram{finish(key), kindLetter, int32(max(from, from+i-1)), int32(min(to, from+i+n-1))})
				}
			}
		}
	}
}

// wordGrams takes n-grams of whole words.
func (r *reading) wordGrams(g Grams) {
	for w := 0; w < len(r.words); w += 2 {
		key := seed(kindWord)
		for n := 1; n <= g.Max && w+2*n <= len(r.words); n++ {
			from, to := r.words[w+2*n-2], r.words[w+2*n-1]
			for _, c := range r.text[from:to] {
				if letter(c) || digit(c) || c > 0x7f {
					key = step(key, uint64(c))
				}
			}
			key = step(key, ' ')
			if n >= g.Min {
				r.grams = append(r.grams, gram{finish(key), kindWord, r.words[w], to})
			}
		}
	}
}

// pinyin takes n-grams of syllables; what has no syllable stands for itself.
func (r *reading) pinyin(g Grams) {
	table := syllables()
	codes := slices.Grow(r.codes[:0], len(r.seq))
	for _, c := range r.seq {
		codes = append(codes, table.code(c))
	}
	r.codes = codes
	for i := range codes {
		key, spoken := seed(kindPinyin), false
		for n := 1; n <= g.Max && i+n <= len(codes); n++ {
			c := codes[i+n-1]
			spoken = spoken || c >= firstSyllable
			key = step(key, c)
			if spoken && n >= g.Min {
				r.grams = append(r.grams, gram{finish(key), kindPinyin, int32(i), int32(i + n)})
			}
		}
	}
}

// name is how a gram is shown to people.
func (r *reading) name(g gram) string {
	switch g.kind {
	case kindChar:
		return shown(r.seq[g.start:g.end])
	case kindExtra:
		return r.extra[g.start]
	case kindLast:
		return "…" + shown(r.clause[g.start:g.end])
	case kindPinyin:
		out := ""
		for i, c := range r.seq[g.start:g.end] {
			if i > 0 {
				out += " "
			}
			if s := hanzi.FuzzyPinyin(hanzi.Pinyin(c)); s != "" {
				out += s
			} else {
				out += shown([]rune{c})
			}
		}
		return out
	}
	return string(r.text[g.start:g.end])
}

func shown(text []rune) string {
	out := make([]rune, 0, len(text))
	for _, c := range text {
		switch c {
		case textStart:
			c = '^'
		case textEnd:
			c = '$'
		case MarkDate, MarkTime, MarkPhone, MarkID, MarkNumber, MarkPlace, MarkTicket, MarkName, MarkMatter:
			out = append(out, []rune([...]string{"〈日期〉", "〈时间〉", "〈电话〉", "〈证件号〉", "〈数字〉", "〈地点〉", "〈编号〉", "〈姓名〉", "〈事项〉"}[c-MarkDate])...)
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// Keys are 64-bit hashes: with 10⁵ n-grams two of them meet once in 10⁹
// vocabularies, so no strings are kept.
func seed(kind uint8) uint64 { return 0x9e3779b97f4a7c15 * uint64(kind) }

func step(h, c uint64) uint64 { return (h ^ c) * 0x100000001b3 * 0x9e3779b1 }

func finish(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 29
	return h | 1 // 0 marks an empty place in the vocabulary
}

func keyString(kind uint8, s string) uint64 {
	h := seed(kind)
	for _, c := range s {
		h = step(h, uint64(c))
	}
	return finish(h)
}
