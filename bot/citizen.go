package bot

import (
	"log/slog"
	"regexp"
	"strings"
	"time"
)

// CitizenID is our own id of a person; it says nothing about them.
type CitizenID string

// Citizen is a person as the service knows them. Identities join only by a
// code sent to the number or a call over a trusted trunk; until then each
// address is a citizen of its own.
type Citizen struct {
	ID        CitizenID
	CreatedAt time.Time
	// Name and Phone are what the citizen last gave and confirmed, to be
	// offered again; empty when unknown.
	Name      Secret
	Phone     Secret
	Language  Language
	Simulated bool // a record of the demo or of simulated citizens
}

// Secret is a particular of a person: a name, a phone number, an id number.
// It never prints; Reveal is the one way to its words.
type Secret string

// Reveal returns the particular itself.
func (s Secret) Reveal() string { return string(s) }

// String masks the particular wherever it is formatted by accident.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString masks the particular in %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue masks the particular in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MaskPhone shows a phone number as 138****1234; other numbers keep their
// last four digits.
func MaskPhone(phone string) string {
	r := []rune(phone)
	switch {
	case len(r) == 11:
		return string(r[:3]) + "****" + string(r[7:])
	case len(r) > 4:
		return "****" + string(r[len(r)-4:])
	case len(r) > 0:
		return "****"
	}
	return ""
}

// CallerName stands for a name that was not told: a caller cannot key one in.
// It says no more of the number than MaskPhone does.
func CallerName(number string) string {
	return callerName + number[max(0, len(number)-4):]
}

const callerName = "来电市民"

// MaskName keeps the family name: 陈*, 欧阳**; what stands for a name has none.
func MaskName(name string) string {
	r := []rune(name)
	if len(r) == 0 || strings.HasPrefix(name, callerName) {
		return name
	}
	keep := 1
	if len(r) > 3 {
		keep = 2
	}
	masked := string(r[:keep])
	for range len(r) - keep {
		masked += "*"
	}
	return masked
}

var (
	phones = regexp.MustCompile(`1[3-9]\d[ -]?\d{4}[ -]?\d{4}`)
	papers = regexp.MustCompile(`\d{17}[\dXx]`)
	digits = strings.NewReplacer(" ", "", "-", "")
)

// MaskWords is a citizen's telling as it is shown: phone and id numbers in it
// are masked, for who needs them asks for them and that is recorded.
func MaskWords(text string) string {
	text = papers.ReplaceAllStringFunc(text, MaskID)
	return phones.ReplaceAllStringFunc(text, func(p string) string { return MaskPhone(digits.Replace(p)) })
}

// MaskID shows the last four characters of an id number only.
func MaskID(id string) string {
	r := []rune(id)
	if len(r) <= 4 {
		return "****"
	}
	return "**************" + string(r[len(r)-4:])
}
