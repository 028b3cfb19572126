package linear

import "unicode"

// Marks stand for particulars in what the model reads, so that it learns the
// wording and not the digits. They are private-use characters, which no
// keyboard produces. On a small set of varied sentences, masking matters, places
// and dates raised accuracy from 56 to 61 %, features such as "question" and
// "has:service" to 63 %, both to 65 %.
const (
	MarkDate   = '\uE000'
	MarkTime   = '\uE001'
	MarkPhone  = '\uE002'
	MarkID     = '\uE003'
	MarkNumber = '\uE004'
	MarkPlace  = '\uE005'
	MarkTicket = '\uE006'
	MarkName   = '\uE007'
	MarkMatter = '\uE008' // a service or paper: 居住证
	markLast   = '\uE0FF' // up to here callers may define marks of their own
)

// Span is a part of a text, in runes, to be read as its mark.
type Span struct {
	Start, End int
	Mark       rune
}

// Mask replaces the spans of text by their marks. Spans must be in order of
// Start; one that overlaps an earlier one or lies outside is left alone.
func Mask(text string, spans []Span) string {
	if len(spans) == 0 {
		return text
	}
	in := []rune(text)
	out := make([]rune, 0, len(in))
	at := 0
	for _, s := range spans {
		if s.Start < at || s.End <= s.Start || s.End > len(in) {
			continue
		}
		out = append(append(out, in[at:s.Start]...), s.Mark)
		at = s.End
	}
	return string(append(out, in[at:]...))
}

// maskNumbers replaces runs of digits in place and returns the shorter slice.
// Eleven digits from 1 are a phone, fifteen or eighteen an id, six and more
// some number of a paper; shorter runs are read as an amount or a date.
func maskNumbers(text []rune) []rune {
	out := text[:0]
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && digit(text[end]) {
			end++
		}
		if end == i {
			out = append(out, text[i])
			i++
			continue
		}
		n := end - i
		if n == 17 && end < len(text) && (text[end] == 'x' || text[end] == 'X') {
			end, n = end+1, 18
		}
		out = append(out, numberMark(n, text[i] == '1'))
		i = end
	}
	return out
}

func numberMark(digits int, fromOne bool) rune {
	switch {
	case digits == 11 && fromOne:
		return MarkPhone
	case digits == 15 || digits == 18:
		return MarkID
	case digits >= 6:
		return MarkTicket
	}
	return MarkNumber
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func mark(r rune) bool { return r >= MarkDate && r <= markLast }

// han reports whether r belongs to the text read character by character:
// Chinese characters and marks.
func han(r rune) bool { return mark(r) || r >= 0x2E80 && unicode.Is(unicode.Han, r) }
