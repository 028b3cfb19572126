package knowledge

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var learn = flag.Bool("learn", false, "write asked.txt anew from the questions for tuning")

// asked.txt is what the questions for tuning say of how fields are asked for; those
// that are held back are not in it.
func TestMannersAreOfOurOwnQuestions(t *testing.T) {
	b := starterBase(t)
	x := b.current.Load()
	var lines strings.Builder
	for _, q := range ownQuestions(t) {
		if q.Held || q.Unanswerable || q.Field == string(Overview) {
			continue
		}
		text := fold(q.Q)
		x.mend(text)
		lines.WriteString(q.Field + "\t" + x.masked(x.byID[q.Gold[0]], text) + "\n")
	}
	if *learn {
		if err := os.WriteFile("asked.txt", []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if lines.String() != askedLines {
		t.Error("the questions or the names of guides changed: go test ./knowledge -run Manners -learn")
	}
}

func TestMannerNamesAField(t *testing.T) {
	for asked, want := range map[string]Field{"#要花多少米": Fee, "#去的时候带啥": Materials, "#大概得等到哪天去了": TimeLimit} {
		if got, _ := manner().second(asked, nil); got != want {
			t.Errorf("%s: %s, not %s", asked, got, want)
		}
	}
}
