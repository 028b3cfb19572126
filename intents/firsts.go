package intents

// firsts is a rough set of the characters that some words begin with, by their
// last nine bits: most places of an utterance need no look at the words.
type firsts [8]uint64

func (f *firsts) add(words ...string) {
	for _, w := range words {
		for _, r := range w {
			f[r>>6&7] |= 1 << (r & 63)
			break
		}
	}
}

// may says whether one of the words may begin with r.
func (f *firsts) may(r rune) bool { return f[r>>6&7]>>(r&63)&1 == 1 }
