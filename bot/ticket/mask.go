package ticket

import (
	"regexp"

	"guanjia/bot"
)

var (
	phones = regexp.MustCompile(`1[3-9]\d[ -]?\d{4}[ -]?\d{4}`)
	papers = regexp.MustCompile(`\d{17}[\dXx]`)
	digits = regexp.MustCompile(`\D`)
)

// Masked is a citizen's telling as it is shown: phone and id numbers in it are
// masked, for who needs them asks for them and that is recorded.
func Masked(text string) string {
	text = papers.ReplaceAllStringFunc(text, bot.MaskID)
	return phones.ReplaceAllStringFunc(text, func(p string) string { return bot.MaskPhone(digits.ReplaceAllString(p, "")) })
}
