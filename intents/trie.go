package intents

// trie finds known names in folded text, the longest first.
type trie struct {
	root   *twig
	firsts firsts // of all names
}

type twig struct {
	next map[rune]*twig
	ids  []string // of names that end here
}

func newTrie() *trie { return &trie{root: &twig{}} }

func (t *trie) add(name []rune, id string) {
	if len(name) == 0 {
		return
	}
	t.firsts.add(string(name))
	at := t.root
	for _, r := range name {
		if at.next == nil {
			at.next = map[rune]*twig{}
		}
		if at.next[r] == nil {
			at.next[r] = &twig{}
		}
		at = at.next[r]
	}
	for _, have := range at.ids {
		if have == id {
			return
		}
	}
	at.ids = append(at.ids, id)
}

// longest is the longest name that begins at i, and whose it is.
func (t *trie) longest(text []rune, i int) (n int, ids []string) {
	if i >= len(text) || !t.firsts.may(text[i]) {
		return 0, nil
	}
	at := t.root
	for j := i; j < len(text); j++ {
		at = at.next[text[j]]
		if at == nil {
			return n, ids
		}
		if len(at.ids) > 0 {
			n, ids = j-i+1, at.ids
		}
	}
	return n, ids
}
