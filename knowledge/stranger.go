package knowledge

import (
	_ "embed" // what no guide tells
	"strconv"
	"strings"
	"sync"
)

//go:embed strangers.txt
var strangerLines string

// strangers is an index of what no guide tells, made once and never changed.
var strangers = sync.OnceValue(func() *index {
	var guides []Guide
	for line := range strings.Lines(strangerLines) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			guides = append(guides, Guide{ID: "stranger-" + strconv.Itoa(len(guides)), Title: line})
		}
	}
	return build(guides)
})

// stranger tells whether a question is more like something no guide tells
// than like the best guide: it fits better, and says more of the question. A
// guide whose name the question is, is never doubted so.
func (r *routed) stranger(best *judged) bool {
	if best.exact {
		return false
	}
	x := strangers()
	other := *r
	other.words = x.words(r.content)
	near := x.judge(&other, nil)
	if len(near) == 0 || near[0].fit <= best.fit {
		return false
	}
	return near[0].exact || near[0].named > best.named
}
