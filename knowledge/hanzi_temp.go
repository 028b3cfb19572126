package knowledge

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

type tmpHanzi struct{}

var hanzi tmpHanzi

func (tmpHanzi) Fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }
func (tmpHanzi) FuzzyPinyin(s string) []string {
	a := pinyin.NewArgs()
	p := pinyin.LazyPinyin(s, a)
	r := strings.NewReplacer("zh", "z", "ch", "c", "sh", "s", "ng", "n")
	for i := range p {
		p[i] = r.Replace(p[i])
	}
	return p
}
