package linear

import (
	"math"
	"slices"
)

// vocabulary maps the keys of n-grams to columns, by open addressing.
type vocabulary struct {
	keys  []uint64 // by column
	idf   []float32
	slots []int32 // column + 1, 0 when empty; a power of two long
	rare  float32 // idf of an n-gram never seen
	kinds []uint8 // of each column, while learning
}

func newVocabulary(keys []uint64, idf []float32, rare float32) *vocabulary {
	size := 16
	for size < 2*len(keys)+1 {
		size *= 2
	}
	v := &vocabulary{keys: keys, idf: idf, rare: rare, slots: make([]int32, size)}
	for column, key := range keys {
		at := key & uint64(size-1)
		for v.slots[at] != 0 {
			at = (at + 1) & uint64(size-1)
		}
		v.slots[at] = int32(column) + 1
	}
	return v
}

// column finds the column of a key, -1 when it was never seen.
func (v *vocabulary) column(key uint64) int32 {
	mask := uint64(len(v.slots) - 1)
	for at := key & mask; ; at = (at + 1) & mask {
		s := v.slots[at]
		if s == 0 || v.keys[s-1] == key {
			return s - 1
		}
	}
}

// learnVocabulary numbers the n-grams of all readings in order of appearance
// and weighs them by rarity: idf = ln((1+n)/(1+df)) + 1.
func learnVocabulary(readings []*reading, minCount int) *vocabulary {
	index := make(map[uint64]int32, 64*len(readings))
	var keys []uint64
	var kinds []uint8
	var df, last []int32
	for doc, r := range readings {
		for _, g := range r.grams {
			column, seen := index[g.key]
			if !seen {
				column = int32(len(keys))
				index[g.key] = column
				keys = append(keys, g.key)
				kinds = append(kinds, g.kind)
				df = append(df, 0)
				last = append(last, -1)
			}
			if last[column] != int32(doc) {
				last[column] = int32(doc)
				df[column]++
			}
		}
	}
	keys, kinds, df = frequent(keys, kinds, df, int32(minCount))
	n := float64(len(readings))
	idf := make([]float32, len(df))
	for i, d := range df {
		idf[i] = float32(math.Log((1+n)/(1+float64(d))) + 1)
	}
	v := newVocabulary(keys, idf, float32(math.Log(1+n)+1))
	v.kinds = kinds
	return v
}

// frequent keeps the n-grams that stand in enough examples.
func frequent(keys []uint64, kinds []uint8, df []int32, least int32) ([]uint64, []uint8, []int32) {
	n := 0
	for i, d := range df {
		if d >= least {
			keys[n], kinds[n], df[n] = keys[i], kinds[i], d
			n++
		}
	}
	return keys[:n:n], kinds[:n:n], df[:n:n]
}

// term is one column of a vector; column is -1 for what was never seen.
type term struct {
	column int32
	value  float32
}

// vector weighs the n-grams of a reading: (1+ln tf)·idf, each part brought
// to its length. What the vocabulary has never seen
// counts towards the length and nothing else: the fewer known n-grams a text
// has, the nearer its margins lie to those of an empty text.
func (o *Options) vector(v *vocabulary, r *reading, terms []term) []term {
	return o.vectorIn(&room{terms: terms}, v, r)
}

// room is what weighing a reading needs room for.
type room struct {
	columns []int64
	parts   []int8
	terms   []term
}

// vectorIn is vector in the room of an earlier one.
func (o *Options) vectorIn(in *room, v *vocabulary, r *reading) []term {
	columns, terms := slices.Grow(in.columns[:0], len(r.grams)), in.terms[:0]
	var unseen [partCount]float64
	for _, g := range r.grams {
		c := v.column(g.key)
		if g.kind == kindExtra {
			feature := term{c, float32(o.ExtraWeight)}
			if c >= 0 && !slices.Contains(terms, feature) {
				terms = append(terms, feature)
			}
			continue
		}
		if c < 0 {
			unseen[part(g.kind)] += float64(v.rare) * float64(v.rare)
			continue
		}
		columns = append(columns, int64(c)*partCount+int64(part(g.kind)))
	}
	slices.Sort(columns)
	var squares [partCount]float64
	for p := range squares {
		squares[p] = o.Unseen * unseen[p]
	}
	first := len(terms)
	parts := slices.Grow(in.parts[:0], len(columns))
	for i := 0; i < len(columns); {
		end := i + 1
		for end < len(columns) && columns[end] == columns[i] {
			end++
		}
		c, p := int32(columns[i]/partCount), int8(columns[i]%partCount)
		value := v.idf[c]
		if end-i > 1 {
			value *= float32(1 + math.Log(float64(end-i)))
		}
		squares[p] += float64(value) * float64(value)
		terms = append(terms, term{c, value})
		parts = append(parts, p)
		i = end
	}
	var scale [partCount]float32
	for p, want := range o.lengths() {
		scale[p] = length(want, squares[p])
	}
	for i, p := range parts {
		terms[first+i].value *= scale[p]
	}
	in.columns, in.parts, in.terms = columns, parts, terms
	return terms
}

func length(want, squares float64) float32 {
	if squares == 0 {
		return 0
	}
	return float32(want / math.Sqrt(squares))
}

// partCount is how many parts a vector has, each brought to a length of its own:
// what is written, how it sounds, and the last clause.
const partCount = 3

// lengths are those of the parts.
func (o *Options) lengths() [partCount]float64 {
	return [partCount]float64{1, o.PinyinWeight, o.LastWeight}
}

func part(kind uint8) int {
	switch kind {
	case kindPinyin:
		return 1
	case kindLast:
		return 2
	}
	return 0
}
