package ticket

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wording is what a Sorter should know of the words besides the catalogue.
type Wording struct {
	Fold   func(string) string // into the catalogue's script; nil: as written
	Ignore []string            // names that tell where, never what
}

// Sorting is what a Sorter found.
type Sorting struct {
	Category   Category
	Confidence float64  // of the department, 0 to 1
	Reasons    []string // the citizen's words that decided, the weightiest first
	Sure       bool     // else a person decides
}

// Sorter finds the category a report is about: naive Bayes over the characters
// of the categories' names and phrases, one and two at a time. Chances are
// summed by department, for a report that may belong to two categories of one
// body still goes the right way. It is safe for concurrent use.
type Sorter struct {
	categories []Category
	byID       map[string]int
	bodies     []int // index of each category's department
	grams      map[string]gram
	absent     [3][]float64 // by length of the gram, what it costs a category not to have it
	fold       func(string) string
	ignore     *strings.Replacer
}

// gram is a character or pair of characters the catalogue knows.
type gram struct {
	length int
	said   float64 // how often in the catalogue, a name and a telling word twice each
	gains  []gain
}

// gain is what a gram adds to a category that has it, beyond its absence.
type gain struct {
	category int
	weight   float64
}

const (
	wordWeight  = 2    // a telling word, likewise
	nameWeight  = 2    // a category's name counts as so many phrases
	smoothing   = 1.0  // how much of the common wording each category is lent
	temperature = 3.0  // neighbouring characters are no independent witnesses
	sureAt      = 0.60 // the department's least chance for going without a person
	maxReasons  = 3
)

// common are characters that say nothing about the matter, alone or together.
const common = "我你他她它们的了着过在有是就都不没人一二两三四五六七八九十个说给要去来到上下又也还很太被把让叫跟和与对从向这那哪什么怎样几多少能可以会想吗呢吧啊呀得地里面后前天今昨明每次月年日点半好大小只再已经现请帮问知道东西事情之其中间等为因所唔冇咗喺哋嘅佢咁啲畀俾乜嘢噉"

// NewSorter learns the catalogue.
func NewSorter(categories []Category, w Wording) *Sorter {
	s := &Sorter{categories: categories, byID: map[string]int{}, grams: map[string]gram{}, fold: w.Fold}
	if s.fold == nil {
		s.fold = func(text string) string { return text }
	}
	s.ignore = ignoring(w.Ignore)
	counts := map[string]map[int]float64{}
	bodies := map[string]int{}
	for i, c := range categories {
		s.byID[c.ID] = i
		body := cmp.Or(c.Department, c.ID)
		if _, ok := bodies[body]; !ok {
			bodies[body] = len(bodies)
		}
		s.bodies = append(s.bodies, bodies[body])
		s.count(counts, i, c.Name, nameWeight)
		for _, phrase := range c.Phrases {
			s.count(counts, i, phrase, 1)
		}
		for _, word := range c.Words {
			s.count(counts, i, word, wordWeight)
		}
	}
	s.weigh(counts)
	return s
}

// ignoring blanks names out of a text, the longest first.
func ignoring(names []string) *strings.Replacer {
	names = slices.Clone(names)
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, n := range names {
		if utf8.RuneCountInString(n) > 1 {
			pairs = append(pairs, n, " ")
		}
	}
	return strings.NewReplacer(pairs...)
}

func (s *Sorter) count(counts map[string]map[int]float64, category int, text string, weight float64) {
	s.each(s.plain(text), func(g string, _, _ int) {
		if counts[g] == nil {
			counts[g] = map[int]float64{}
		}
		counts[g][category] += weight
	})
}

// weigh turns counts into logarithms of how much likelier a gram is in a
// category than anywhere, smoothed by its share of the whole.
func (s *Sorter) weigh(counts map[string]map[int]float64) {
	var all [3]float64
	totals := [3][]float64{1: make([]float64, len(s.categories)), 2: make([]float64, len(s.categories))}
	sums := map[string]float64{}
	for g, by := range counts {
		n := gramLength(g)
		for c, count := range by {
			totals[n][c] += count
			all[n] += count
			sums[g] += count
		}
	}
	var lent [3]float64
	for n := 1; n <= 2; n++ {
		lent[n] = smoothing * all[n] / float64(len(s.categories))
		s.absent[n] = make([]float64, len(s.categories))
		for c, total := range totals[n] {
			s.absent[n][c] = math.Log(lent[n] / (total + lent[n]))
		}
	}
	for g, by := range counts {
		n := gramLength(g)
		share := sums[g] / all[n]
		known := gram{length: n, said: sums[g]}
		for c, count := range by {
			known.gains = append(known.gains, gain{c, math.Log1p(count / (lent[n] * share))})
		}
		s.grams[g] = known
	}
}

// gramLength is 1 for a single Chinese character; a Latin word counts as a pair.
func gramLength(g string) int {
	if r, size := utf8.DecodeRuneInString(g); size == len(g) && unicode.Is(unicode.Han, r) {
		return 1
	}
	return 2
}

// Category finds a category by its id; its zero where there is none.
func (s *Sorter) Category(id string) Category {
	if i, ok := s.byID[id]; ok {
		return s.categories[i]
	}
	return Category{}
}

// Sort finds the department a citizen's telling is for, and its likeliest
// category. It is unsure where nothing points anywhere, or two ways at once.
func (s *Sorter) Sort(text string) Sorting {
	if len(s.categories) == 0 {
		return Sorting{}
	}
	scores := make([]float64, len(s.categories))
	told := map[string]bool{}
	pairs := 0
	text = s.plain(text)
	s.each(text, func(g string, n, _ int) {
		known, ok := s.grams[g]
		if !ok || told[g] {
			return
		}
		told[g] = true
		pairs += n - 1
		for c := range scores {
			scores[c] += s.absent[n][c]
		}
		for _, k := range known.gains {
			scores[k.category] += k.weight
		}
	})
	if pairs == 0 {
		return Sorting{}
	}
	best, chance := s.choose(scores)
	return Sorting{Category: s.categories[best], Confidence: chance, Reasons: s.reasons(best, text), Sure: chance >= sureAt}
}

// choose finds the likeliest department, its chance, and its likeliest category.
func (s *Sorter) choose(scores []float64) (best int, chance float64) {
	top, sum := slices.Max(scores), 0.0
	chances := make([]float64, len(scores))
	for c, score := range scores {
		share := math.Exp((score - top) / temperature)
		chances[s.bodies[c]] += share
		sum += share
	}
	body := 0
	for b, v := range chances {
		if v > chances[body] {
			body = b
		}
	}
	best = -1
	for c, score := range scores {
		if s.bodies[c] == body && (best < 0 || score > scores[best]) {
			best = c
		}
	}
	return best, chances[body] / sum
}

// reasons are the stretches of a text that speak most for a category, the
// weightiest first: neighbouring pairs are told as the words they are part of.
func (s *Sorter) reasons(category int, text string) []string {
	var found []stretch
	s.each(text, func(g string, n, at int) {
		weight := s.gains(g, category)
		if n != 2 || weight == 0 {
			return
		}
		if last := len(found) - 1; last >= 0 && at <= found[last].end {
			found[last].end, found[last].weight = at+len(g), found[last].weight+weight
			return
		}
		found = append(found, stretch{at, at + len(g), weight})
	})
	shard := func(v stretch) bool { // half a word most likely: a character that says nothing, and met once
		words := text[v.begin:v.end]
		return s.grams[words].said == 1 && strings.ContainsAny(words, common)
	}
	if slices.ContainsFunc(found, func(v stretch) bool { return !shard(v) }) {
		found = slices.DeleteFunc(found, shard)
	}
	slices.SortStableFunc(found, func(a, b stretch) int { return cmp.Compare(b.weight, a.weight) })
	var words []string
	for _, v := range found {
		if w := text[v.begin:v.end]; len(words) < maxReasons && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// stretch is a piece of a text and how much it speaks for a category.
type stretch struct {
	begin, end int
	weight     float64
}

// gains is what a gram adds to a category; 0 where it does not know it.
func (s *Sorter) gains(g string, category int) float64 {
	for _, k := range s.grams[g].gains {
		if k.category == category {
			return k.weight
		}
	}
	return 0
}

// plain is a text in the catalogue's script without names of places.
func (s *Sorter) plain(text string) string { return s.ignore.Replace(strings.ToLower(s.fold(text))) }

// each tells the grams of a plain text with their lengths and where they begin:
// single Chinese characters, neighbouring ones, and words in Latin letters.
func (s *Sorter) each(text string, f func(g string, n, at int)) {
	before, word := -1, -1 // where the character before and the Latin word began
	for i, r := range text + " " {
		if r < unicode.MaxASCII && unicode.IsLetter(r) {
			if word < 0 {
				word = i
			}
			before = -1
			continue
		}
		if word >= 0 {
			f(text[word:i], 2, word)
			word = -1
		}
		if !unicode.Is(unicode.Han, r) {
			before = -1
			continue
		}
		end := i + utf8.RuneLen(r)
		plain := strings.ContainsRune(common, r)
		if !plain {
			f(text[i:end], 1, i)
		}
		if before >= 0 && !(plain && strings.Contains(common, text[before:i])) {
			f(text[before:end], 2, before)
		}
		before = i
	}
}
