package chinesetime

import "testing"

// What is looked at first must let every holiday through.
func TestEveryFeastMayBegin(t *testing.T) {
	names := []string{"母亲节", "父亲节", "感恩节", "清明", "冬至"}
	for _, f := range feasts {
		names = append(names, f.names...)
	}
	for _, f := range lunarFeasts {
		names = append(names, f.names...)
	}
	for _, n := range names {
		if !beginsFeast([]rune(n)[0]) {
			t.Errorf("%s is never looked for", n)
		}
	}
}
