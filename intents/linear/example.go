package linear

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
)

// Example is one labelled utterance to learn from.
type Example struct {
	Text  string
	Label string
	// Group keeps what one hand wrote together in the same held-back fold;
	// empty for none.
	Group string
	// Extra names features the caller found in the text ("has:phone",
	// "question"). What is given here must be given to Rank in the same way.
	Extra []string
	// Weight is what a mistake about it costs beside others; 0 is 1.
	Weight float32
}

// codeVersion changes whenever features, training or the cache's layout do, so
// that models of older code are trained anew.
const codeVersion = 6

// Fingerprint is the hash of all a model depends on: examples in their order,
// options and the version of this code.
func Fingerprint(examples []Example, o Options) [sha256.Size]byte {
	h := sha256.New()
	o.Workers = 0
	fmt.Fprintf(h, "%d %+v %d\n", codeVersion, o, len(examples))
	for _, e := range examples {
		writeHashed(h, e.Text, e.Label, e.Group)
		writeHashed(h, e.Extra...)
		fmt.Fprintf(h, "%g\n", e.Weight)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func writeHashed(h hash.Hash, fields ...string) {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(fields)))
	h.Write(n[:])
	for _, f := range fields {
		binary.LittleEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write([]byte(f))
	}
}

// labelsOf lists the labels in alphabetical order and the label of each
// example as its place in the list.
func labelsOf(examples []Example) ([]string, []int32) {
	var labels []string
	for _, e := range examples {
		labels = append(labels, e.Label)
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	of := make([]int32, len(examples))
	for i, e := range examples {
		n, _ := slices.BinarySearch(labels, e.Label)
		of[i] = int32(n)
	}
	return labels, of
}

// Folds deals the examples into k folds of like composition: within each
// label the examples of one group stay together when the label has at least k
// groups, and are dealt singly when it has fewer or they have no group. The same examples give the
// same folds.
func Folds(examples []Example, k int) []int {
	fold := make([]int, len(examples))
	if k < 2 {
		return fold
	}
	units := make(map[string]map[string][]int) // label → group → examples
	for i, e := range examples {
		if units[e.Label] == nil {
			units[e.Label] = make(map[string][]int)
		}
		units[e.Label][e.Group] = append(units[e.Label][e.Group], i)
	}
	for label, groups := range units {
		size := make([]int, k)
		start := int(keyString(0, label) % uint64(k)) // spread the remainders
		for _, unit := range dealt(groups, k) {
			least := start
			for f := range k {
				if at := (start + f) % k; size[at] < size[least] {
					least = at
				}
			}
			size[least] += len(unit)
			for _, i := range unit {
				fold[i] = least
			}
		}
	}
	return fold
}

// dealt lists what is dealt as one, largest first.
func dealt(groups map[string][]int, k int) [][]int {
	var units [][]int
	whole := len(groups) >= k
	for name, members := range groups {
		if whole && name != "" {
			units = append(units, members)
			continue
		}
		for _, i := range members {
			units = append(units, []int{i})
		}
	}
	slices.SortFunc(units, func(a, b []int) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return scatter(a[0], b[0])
	})
	return units
}

// scatter orders numbers as if at random, so that neighbours in a file, which
// are often alike, are dealt apart no more than chance has it.
func scatter(a, b int) int {
	x, y := finish(step(1, uint64(a))), finish(step(1, uint64(b)))
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return a - b
}
