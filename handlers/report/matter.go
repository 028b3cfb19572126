package report

import (
	"regexp"
	"slices"
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
// is not clear by itself is left to a person, as it would be alone. What was only
// added (还有…) is parted where each is clear and each another body's.
func (e *Errand) concerns(told string) []concern {
	whole := []concern{{sorting: e.Sorter.Sort(e.matter(told))}}
	if parts := e.sorted(numbered(told)); bodies(parts) >= 2 {
		return parts
	}
	parts := e.sorted(and.Split(told, -1))
	sure := !slices.ContainsFunc(parts, func(c concern) bool { return !c.sorting.Sure })
	if sure && bodies(parts) == len(parts) && len(parts) > 1 {
		return parts
	}
	return whole
}

// and is how a further matter is announced that nobody counted.
var and = regexp.MustCompile(`[，,。；;\n](?:还有(?:就是)?|還有|另外|再就是|同埋|仲有)[，,]?`)

// numbered are the parts of a telling where they were counted.
func numbered(told string) []string {
	var parts []string
	marks := counted.FindAllStringIndex(told, -1)
	for i, m := range marks {
		end := len(told)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		parts = append(parts, told[m[1]:end])
	}
	return parts
}

// sorted are parts of a telling as matters; none where one is too short to be.
func (e *Errand) sorted(parts []string) []concern {
	var out []concern
	for _, text := range parts {
		text = strings.Trim(text, " ，,。；;、\n")
		if utf8.RuneCountInString(text) < leastMatter {
			return nil // counted something else
		}
		out = append(out, concern{text, e.Sorter.Sort(e.matter(text))})
	}
	return out
}

// bodies is how many bodies matters surely belong to.
func bodies(parts []concern) int {
	seen := map[string]bool{}
	for _, c := range parts {
		if c.sorting.Sure {
			seen[c.sorting.Category.Department] = true
		}
	}
	return len(seen)
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
