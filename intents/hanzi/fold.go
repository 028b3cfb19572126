// Package hanzi knows characters: width, traditional and simplified script,
// pinyin, spoken digits and numerals. It keeps no state beyond its tables.
//
// It refuses to know words, grammar or meaning.
package hanzi

import (
	_ "embed" // the tables
	"strings"
	"sync"
	"unicode"
)

//go:embed simplified.txt
var simplifiedTable string

//go:embed traditional.txt
var traditionalTable string

// tables are made once, when the first text needs them.
type tables struct {
	simple map[rune]rune // traditional → simplified
	both   map[rune]bool // stands in simplified texts too
}

var folding = sync.OnceValue(func() tables {
	t := tables{simple: make(map[rune]rune, 4000), both: map[rune]bool{}}
	for line := range strings.SplitSeq(simplifiedTable, "\n") {
		if r := []rune(line); len(r) == 2 {
			t.simple[r[0]] = r[1]
		}
	}
	// Characters that are themselves in everyday simplified text.
	for _, r := range "乾瞭藉餘於徵後著隻夥甦" {
		t.both[r] = true
	}
	// Cantonese characters the tables do not fold.
	for from, to := range map[rune]rune{'係': '系', '嘅': '嘅', '妳': '你', '裏': '里', '裡': '里', '啲': '啲', '衞': '卫', '説': '说', '閲': '阅', '樽': '樽'} {
		t.simple[from] = to
	}
	return t
})

// Fold makes one rune of each rune, so that offsets stay: full width to half,
// traditional to simplified, capitals to small letters, any space to a blank.
func Fold(text string) []rune {
	t := folding()
	out := make([]rune, 0, len(text)/2)
	for _, r := range text {
		out = append(out, t.fold(r))
	}
	return out
}

func (t *tables) fold(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	case r == 0x3000 || r == 0xA0:
		return ' '
	case 0xFF01 <= r && r <= 0xFF5E:
		r -= 0xFEE0
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	if s, ok := t.simple[r]; ok {
		return s
	}
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return r
}

// Simplify turns traditional characters to simplified ones and nothing else.
func Simplify(text string) string {
	t := folding()
	return strings.Map(func(r rune) rune {
		if s, ok := t.simple[r]; ok {
			return s
		}
		return r
	}, text)
}

// IsTraditional says whether a text is written in traditional characters: it
// holds some that simplified text never has, and more of them than
// characters only simplified text has.
func IsTraditional(text string) bool {
	t, s := folding(), writing()
	traditional, simplified := 0, 0
	for _, r := range text {
		if to, ok := t.simple[r]; ok && to != r && !t.both[r] {
			traditional++
		} else if _, ok := s.chars[r]; ok && !s.shared[r] {
			simplified++
		}
	}
	return traditional > 0 && traditional >= 2*simplified
}

// script turns simplified text to traditional.
type script struct {
	chars   map[rune]rune
	phrases map[string]string
	first   map[rune]int // longest phrase that begins so
	shared  map[rune]bool
}

var writing = sync.OnceValue(func() script {
	s := script{chars: map[rune]rune{}, phrases: map[string]string{}, first: map[rune]int{}, shared: map[rune]bool{}}
	for line := range strings.SplitSeq(traditionalTable, "\n") {
		from, to, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		f, t := []rune(from), []rune(to)
		if len(f) == 1 && len(t) == 1 {
			s.chars[f[0]] = t[0]
			continue
		}
		s.phrases[from] = to
		s.first[f[0]] = max(s.first[f[0]], len(f))
	}
	// Simplified forms that traditional texts use too, in another sense.
	for _, r := range "里后台干面只几余于云制志谷发系松范丑出回向千卷历合同周咸困复够家布帘幸并广当志念愿才扎托术朱朴杯极核据折拐斗斤旋旱曲杰杠板栗漓灶炼烟症皂秋种筑签累纤绷胡胜致舍苏荐获蒙蔑表谷赞酸采钟须风饥鼓" {
		s.shared[r] = true
	}
	return s
})

// Traditional turns simplified text to traditional characters in Hong Kong's
// variants, phrases before characters.
func Traditional(text string) string {
	s := writing()
	r := []rune(text)
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(r); {
		n := s.phrase(r[i:])
		if n > 0 {
			b.WriteString(s.phrases[string(r[i:i+n])])
			i += n
			continue
		}
		if to, ok := s.chars[r[i]]; ok {
			b.WriteRune(to)
		} else {
			b.WriteRune(r[i])
		}
		i++
	}
	return b.String()
}

// phrase is the length of the longest known phrase a text begins with.
func (s *script) phrase(r []rune) int {
	for n := min(s.first[r[0]], len(r)); n >= 2; n-- {
		if _, ok := s.phrases[string(r[:n])]; ok {
			return n
		}
	}
	return 0
}
