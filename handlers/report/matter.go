package report

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// concern is one thing reported, where several are told at once.
type concern struct {
	text    string // what was said of it; empty: all of it
	sorting ticket.Sorting
}

// counted is how people number what they tell: 第一个是…第二个是, 一是…二是, 1、…2、.
var counted = regexp.MustCompile(`第[一二三四五](?:个|件|点)?(?:事|问题)?(?:就)?(?:是|，|、)?|(?:^|[，。；：:\n])(?:[一二三四五](?:是|来)|[1-5][、.．)）])|(?:还有)?(?:另外一件|另一件|还有一件)(?:事)?(?:是|，)?`)

// leastMatter is the fewest characters that tell a matter.
const leastMatter = 4

// concerns are the things a telling reports: several only where they were
// counted and belong to different bodies, for each goes its own way. One that
// is not clear by itself is left to a person, as it would be alone.
func (e *Errand) concerns(told string) []concern {
	whole := []concern{{sorting: e.Sorter.Sort(e.matter(told))}}
	var parts []concern
	marks := counted.FindAllStringIndex(told, -1)
	bodies := map[string]bool{}
	for i, m := range marks {
		end := len(told)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		text := strings.Trim(told[m[1]:end], " ，,。；;、\n")
		s := e.Sorter.Sort(e.matter(text))
		if utf8.RuneCountInString(text) < leastMatter {
			return whole // counted something else
		}
		if s.Sure {
			bodies[s.Category.Department] = true
		}
		parts = append(parts, concern{text, s})
	}
	if len(bodies) < 2 {
		return whole
	}
	return parts
}

// matter is a telling without how its teller would be reached and without its
// village, whose name says nothing of what it is about: 河田村 is no field.
func (e *Errand) matter(told string) string {
	told = ticket.Matter(told)
	if village := ticket.VillageTold(told, "", e.Towns); village != "" {
		told = strings.ReplaceAll(told, village, " ")
	}
	return told
}

// publicWorks says whether the town is asked to build something small for
// everybody (微实事), which is 民生大莞家's and no report.
func publicWorks(f *bot.Form) bool {
	return strings.Contains(f.Get("text"), "微实事") && f.Has("town")
}
