package bot

import (
	"slices"
	"strings"
)

// Mentions says whether one of the words stands in a text.
func Mentions(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}
