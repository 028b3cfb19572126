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
	"unicode/utf8"
)

//go:embed simplified.txt
var simplifiedTable string

//go:embed traditional.txt
var traditionalTable string

// tables are made once, when the first text needs them.
type tables struct {
	simple *chars        // traditional → simplified
	both   map[rune]bool // stands in simplified texts too
}

// chars turns characters into others. Every character of every message is
// looked up several times: those of the first plane by their place, the few
// others in a map.
type chars struct {
	near [1 << 16]uint16 // 0: stays
	far  map[rune]rune
}

func newChars() *chars { return &chars{far: map[rune]rune{}} }

func (c *chars) put(from, to rune) {
	if from < 1<<16 && to < 1<<16 {
		c.near[from] = uint16(to)
		return
	}
	c.far[from] = to
}

func (c *chars) of(r rune) (rune, bool) {
	if 0 <= r && r < 1<<16 && c.near[r] != 0 {
		return rune(c.near[r]), true
	}
	if len(c.far) == 0 {
		return 0, false
	}
	to, ok := c.far[r]
	return to, ok
}

var folding = sync.OnceValue(func() tables {
	t := tables{simple: newChars(), both: map[rune]bool{}}
	for line := range strings.SplitSeq(simplifiedTable, "\n") {
		if r := []rune(line); len(r) == 2 {
			t.simple.put(r[0], r[1])
		}
	}
	// Characters that are themselves in everyday simplified text.
	for _, r := range "乾瞭藉餘於徵後著隻夥甦" {
		t.both[r] = true
	}
	// Cantonese characters the tables do not fold.
	for from, to := range map[rune]rune{'係': '系', '嘅': '嘅', '妳': '你', '裏': '里', '裡': '里', '啲': '啲', '衞': '卫', '説': '说', '閲': '阅', '樽': '樽'} {
		t.simple.put(from, to)
	}
	return t
})

// Fold makes one rune of each rune, so that offsets stay: full width to half,
// traditional to simplified, capitals to small letters, any space to a blank.
func Fold(text string) []rune { return AppendFold(make([]rune, 0, utf8.RuneCountInString(text)), text) }

// AppendFold appends what Fold makes of a text.
func AppendFold(out []rune, text string) []rune {
	t := folding()
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
	if s, ok := t.simple.of(r); ok {
		return s
	}
	if 0x2E80 <= r && r <= lastHan { // no script here has capitals
		return r
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
		if s, ok := t.simple.of(r); ok {
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
		if to, ok := t.simple.of(r); ok && to != r && !t.both[r] {
			traditional++
		} else if _, ok := s.chars.of(r); ok && !s.shared[r] {
			simplified++
		}
	}
	return traditional > 0 && traditional >= 2*simplified
}

// script turns simplified text to traditional.
type script struct {
	chars   *chars
	phrases map[string]string
	first   *chars // length of the longest phrase that begins so
	shared  map[rune]bool
}

var writing = sync.OnceValue(func() script {
	s := script{chars: newChars(), phrases: map[string]string{}, first: newChars(), shared: map[rune]bool{}}
	for line := range strings.SplitSeq(traditionalTable, "\n") {
		from, to, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		f, t := []rune(from), []rune(to)
		if len(f) == 1 && len(t) == 1 {
			s.chars.put(f[0], t[0])
			continue
		}
		s.phrases[from] = to
		longest, _ := s.first.of(f[0])
		s.first.put(f[0], max(longest, rune(len(f))))
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
		b.WriteRune(s.char(r[i]))
		i++
	}
	return b.String()
}

// DiffersTraditional says whether a text is another in traditional characters.
func DiffersTraditional(text string) bool {
	s := writing()
	r := []rune(text)
	for i := 0; i < len(r); {
		n := s.phrase(r[i:])
		switch {
		case n > 0 && s.phrases[string(r[i:i+n])] != string(r[i:i+n]), n == 0 && s.char(r[i]) != r[i]:
			return true
		}
		i += max(n, 1)
	}
	return false
}

func (s *script) char(r rune) rune {
	if to, ok := s.chars.of(r); ok {
		return to
	}
	return r
}

// phrase is the length of the longest known phrase a text begins with.
func (s *script) phrase(r []rune) int {
	longest, _ := s.first.of(r[0])
	for n := min(int(longest), len(r)); n >= 2; n-- {
		if _, ok := s.phrases[string(r[:n])]; ok {
			return n
		}
	}
	return 0
}
