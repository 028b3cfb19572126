package intents

import (
	_ "embed" // the lexicon
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

//go:embed safety.yml
var safetyLexicon []byte

// safety finds signs of danger to life. It is rules only, so that everybody can
// read why it spoke; what a sign weighs, belief.json says.
type safety struct {
	near   int
	past   []string
	denial []string
	open   []string
	signs  []sign // of all hazards, in order
}

// sign is a word that may tell of danger.
type sign struct {
	word   string
	runes  runeSet // most have some that the words have not
	of     *pattern
	hazard bot.Hazard
}

type hazardPatterns struct {
	Hazard   bot.Hazard `yaml:"hazard"`
	Patterns []pattern  `yaml:"patterns"`
}

type pattern struct {
	Any  []string `yaml:"any"`
	With []string `yaml:"with"`
	Not  []string `yaml:"not"`
	// Sure patterns are denied neither by words of the past nor by a denial:
	// that no ambulance came is no comfort.
	Sure bool `yaml:"sure"`
}

// general is the kind of what has no kind of its own.
const general = "general"

// runeSet is a rough set of a text's characters, by their last six bits. What
// is missing in it is missing in the text.
type runeSet uint64

func runesOf(text string) (set runeSet) {
	for _, r := range text {
		set |= 1 << (r % 64)
	}
	return set
}

// newSafety reads the embedded lexicon.
func newSafety() (*safety, error) {
	var f struct {
		Near    int              `yaml:"near"`
		Past    []string         `yaml:"past"`
		Denial  []string         `yaml:"denial"`
		Open    []string         `yaml:"open"`
		Hazards []hazardPatterns `yaml:"hazards"`
	}
	dec := yaml.NewDecoder(strings.NewReader(string(safetyLexicon)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("read safety lexicon: %w", err)
	}
	if f.Near < 1 || len(f.Hazards) == 0 {
		return nil, fmt.Errorf("safety lexicon is empty")
	}
	s := &safety{near: f.Near, past: fold(f.Past), denial: fold(f.Denial), open: fold(f.Open)}
	for _, h := range f.Hazards {
		for i := range h.Patterns {
			p := &h.Patterns[i]
			p.Any, p.With, p.Not = fold(p.Any), fold(p.With), fold(p.Not)
			for _, w := range p.Any {
				s.signs = append(s.signs, sign{w, runesOf(w), p, h.Hazard})
			}
		}
	}
	return s, nil
}

func fold(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(hanzi.Fold(w))
	}
	return out
}

// sighting is what the lexicon makes of an utterance.
type sighting struct {
	hazard bot.Hazard
	sign   string // of danger, empty where none stands
	// denied says that a sign stands but the words deny it: 没有着火. Then the
	// wording as a whole is not asked either.
	denied bool
}

// find names the danger the words tell of, by the first sign of it.
func (s *safety) find(text string) sighting {
	text = strings.ReplaceAll(text, "没有人", "没人") // no 有人 stands in it
	runes := runesOf(text)
	var denied bool
	for i := range s.signs {
		g := &s.signs[i]
		if g.runes&^runes != 0 {
			continue
		}
		met, deny := s.met(text, g)
		if met {
			return sighting{hazard: hazardOf(string(g.hazard)), sign: g.word}
		}
		denied = denied || deny
	}
	return sighting{hazard: bot.HazardNone, denied: denied}
}

// lettersPerCharacter is how many Latin letters say what one Chinese character
// says, about.
const lettersPerCharacter = 3

// met says whether a sign stands somewhere in the words and means danger, and
// whether it stands but is denied.
func (s *safety) met(text string, g *sign) (met, denied bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], g.word)
		if i < 0 {
			return false, denied
		}
		i += from
		switch {
		case !s.meant(text, i, g.word, g.of):
		case !g.of.Sure && s.denied(text[:i]):
			denied = true
		default:
			return true, false
		}
		from = i + len(g.word)
	}
}

// meant says whether a sign at i means what its pattern says, and now.
func (s *safety) meant(text string, i int, sign string, p *pattern) bool {
	near, end := s.near, i+len(sign)
	if sign[0] < utf8.RuneSelf {
		near *= lettersPerCharacter
	}
	around := window(text, i, end, near)
	if len(p.With) > 0 && !containsAny(window(text, i, end, near+4), p.With) {
		return false
	}
	return !containsAny(around, p.Not) && (p.Sure || !s.over(text, i, end))
}

// over says whether words around tell that the matter is past or a procedure.
func (s *safety) over(text string, i, j int) bool {
	return containsAny(window(text, i, j, s.near), s.past)
}

// denied says whether the words before a sign end in a denial of it.
func (s *safety) denied(before string) bool {
	return hasSuffix(before, s.denial) && !hasSuffix(before, s.open)
}

func hasSuffix(text string, endings []string) bool {
	return slices.ContainsFunc(endings, func(w string) bool { return strings.HasSuffix(text, w) })
}

// window cuts out a place with n runes to either side.
func window(text string, i, j, n int) string {
	start := i
	for k := 0; k < n && start > 0; k++ {
		start--
		for start > 0 && text[start]&0xC0 == 0x80 {
			start--
		}
	}
	end := j
	for k := 0; k < n && end < len(text); k++ {
		end++
		for end < len(text) && text[end]&0xC0 == 0x80 {
			end++
		}
	}
	return text[start:end]
}
