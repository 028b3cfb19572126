package wechat

import (
	"strings"
	"unicode/utf8"
)

// plain takes Markdown away, which WeChat would show as it stands: bold,
// headings, code marks; links become <a href>. A masked number (138****5678)
// is none of it.
func plain(text string) string {
	if !strings.ContainsAny(text, "*#`[_") {
		return text
	}
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, line := range lines {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "```") {
			continue
		}
		kept = append(kept, inline(block(line)))
	}
	return strings.Join(kept, "\n")
}

// block takes away what a line begins with.
func block(line string) string {
	trimmed := strings.TrimLeft(line, " ")
	if level := len(trimmed) - len(strings.TrimLeft(trimmed, "#")); level > 0 && level <= 6 && strings.HasPrefix(trimmed[level:], " ") {
		return strings.TrimSpace(trimmed[level:])
	}
	for _, mark := range []string{"* ", "+ "} {
		if rest, ok := strings.CutPrefix(trimmed, mark); ok {
			return "· " + rest
		}
	}
	return line
}

// inline takes away what stands within a line.
func inline(line string) string {
	line = unwrap(unwrap(line, "**"), "__")
	line = unwrap(line, "`")
	var b strings.Builder
	for {
		open := strings.IndexByte(line, '[')
		if open < 0 {
			break
		}
		mid := strings.Index(line[open:], "](http")
		if mid < 0 {
			break
		}
		mid += open
		end := strings.IndexByte(line[mid:], ')')
		if end < 0 {
			break
		}
		open = strings.LastIndexByte(line[:mid], '[')
		url := line[mid+2 : mid+end]
		b.WriteString(line[:open] + `<a href="` + strings.ReplaceAll(url, `"`, "%22") + `">` + line[open+1:mid] + "</a>")
		line = line[mid+end+1:]
	}
	b.WriteString(line)
	return b.String()
}

// unwrap takes away pairs of a mark around words. The mark must stand alone:
// no further such character beside it, no space inside it.
func unwrap(line, mark string) string {
	for from := 0; ; {
		open := lone(line, mark, from)
		if open < 0 {
			return line
		}
		inside := open + len(mark)
		shut := lone(line, mark, inside)
		if shut < 0 {
			return line
		}
		words := line[inside:shut]
		if words == "" || words != strings.TrimSpace(words) {
			from = inside
			continue
		}
		line = line[:open] + words + line[shut+len(mark):]
		from = open + len(words)
	}
}

// lone finds a mark with no such character beside it that does not mask digits.
func lone(line, mark string, from int) int {
	for from < len(line) {
		i := strings.Index(line[from:], mark)
		if i < 0 {
			return -1
		}
		i += from
		end := i
		for end < len(line) && line[end] == mark[0] {
			end++
		}
		masked := i > 0 && digit(line[i-1]) && end < len(line) && digit(line[end])
		if end-i == len(mark) && !masked {
			return i
		}
		from = end
	}
	return -1
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// split cuts a text into parts of at most most bytes, at the end of a line if
// there is one in the second half, else of a sentence, a clause, and at worst
// between characters; never inside a link.
func split(text string, most int) []string {
	var parts []string
	for len(text) > most {
		at := cut(text, most)
		parts = append(parts, strings.TrimRight(text[:at], " \n"))
		text = strings.TrimLeft(text[at:], " \n")
	}
	return append(parts, text)
}

func cut(text string, most int) int {
	limit := most
	if open := strings.LastIndex(text[:limit], "<a "); open > 0 && !strings.Contains(text[open:limit], "</a>") {
		limit = open
	}
	for limit < len(text) && limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	for _, marks := range []string{"\n", "。！？!?", "；;，,、 "} {
		if at := lastOf(text[:limit], marks); at > limit/2 {
			return at
		}
	}
	if limit == 0 {
		return most
	}
	return limit
}

// lastOf is the end of the last of some characters, outside links.
func lastOf(text, marks string) int {
	for {
		i := strings.LastIndexAny(text, marks)
		if i < 0 {
			return -1
		}
		open := strings.LastIndex(text[:i], "<a ")
		if open < 0 || strings.Contains(text[open:i], "</a>") {
			_, n := utf8.DecodeRuneInString(text[i:])
			return i + n
		}
		text = text[:open]
	}
}
