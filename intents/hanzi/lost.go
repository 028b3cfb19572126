package hanzi

import (
	"strings"
	"unicode"
)

// Lost says whether characters of a text were lost on its way here: the mark of
// an unreadable one, what becomes of that mark when it is read as GBK (锟斤拷),
// or the question marks that programs write where they lack the character.
func Lost(text string) bool {
	for _, sign := range []string{"\ufffd", "锟斤", "斤拷", "??"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// LostInName is Lost for a name, in which nobody asks anything before its end:
// one question mark ahead of a Chinese character is a lost one.
func LostInName(name string) bool {
	var before rune
	for _, r := range name {
		if before == '?' && unicode.Is(unicode.Han, r) {
			return true
		}
		before = r
	}
	return Lost(name)
}
