package knowledge

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// faithful is a sentence a good writer may make of a line of a guide: as it
// is, introduced, without what stands in brackets, with figures spelled out, in
// other common words, cut at a pause, two lines in one.
type faithful struct {
	sentence Sentence
	blocks   []Block
	how      string
}

var (
	bracketed   = regexp.MustCompile(`（[^（）]*）`)
	smallFigure = regexp.MustCompile(`(^|[^\d.:\-])(\d{1,2})(个工作日|个月|年|份|张|次|岁|周岁|天|日内)`)
	longNumber  = regexp.MustCompile(`\d[\d-]{6,}\d`)
	figureUnit  = regexp.MustCompile(`\d(?:个工作日|个月|天|年|元|份|张|小时|日内)`)
	monthAndDay = regexp.MustCompile(`(\d{1,2})月(\d{1,2})日`)
)

// reword says the same in other common words.
var reword = strings.NewReplacer("需要", "要", "无需", "不用", "不需要", "不用", "可以", "能", "携带", "带上", "不能", "不可以", "天", "日", "不收费", "免费", "没有", "无")

// spell turns small figures before a unit into characters, as people write.
func spell(s string) string {
	names := []rune("零一二三四五六七八九")
	return smallFigure.ReplaceAllStringFunc(s, func(found string) string {
		m := smallFigure.FindStringSubmatch(found)
		n, err := strconv.Atoi(m[2])
		if err != nil || n == 0 {
			return found
		}
		word := ""
		switch {
		case n < 10:
			word = string(names[n])
		case n < 20:
			word = "十"
		default:
			word = string(names[n/10]) + "十"
		}
		if n > 10 && n%10 > 0 {
			word += string(names[n%10])
		}
		return m[1] + word + m[3]
	})
}

// wide writes figures in full width.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

func faithfulOnes(t testing.TB) []faithful {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	base := New(guides)
	var out []faithful
	for _, g := range base.Guides() {
		for _, f := range Fields() {
			blocks := base.blocks(Answer{Decision: Answered, Guide: g.ID, Fields: []Field{f}})
			if f == Overview || len(blocks) == 0 {
				continue
			}
			lines := g.lines(f)
			for i, l := range lines {
				before := ""
				if i > 0 {
					before = lines[i-1]
				}
				out = append(out, versions(&g, f, l, before, blocks)...)
			}
		}
	}
	return out
}

// versions are the faithful sentences of one line; before is the line before it.
func versions(g *Guide, f Field, l, before string, blocks []Block) []faithful {
	var out []faithful
	add := func(how, text string, quotes ...string) {
		s := Sentence{Text: text}
		for _, q := range quotes {
			s.Cites = append(s.Cites, Cite{blocks[0].ID, q})
		}
		out = append(out, faithful{s, blocks, how})
	}
	add("as it is", l+"。", l)
	add("introduced", "办"+g.Title+"，"+f.Title()+"："+l, l)
	if bare := bracketed.ReplaceAllString(l, ""); bare != l && bare != "" {
		add("without brackets", bare, l)
	}
	for how, change := range map[string]func(string) string{"spelled": spell, "full width": wide, "other words": reword.Replace} {
		if s := change(l); s != l {
			add(how, s, l)
		}
	}
	if head, _, cut := strings.Cut(l, "；"); cut && len([]rune(head)) > 6 {
		add("cut", head, head)
	}
	if before != "" && len([]rune(l+before)) < 120 {
		add("two in one", before+"，另外"+l, before, l)
	}
	return out
}

// swap is a way to make a faithful sentence false.
type swap struct {
	name  string
	make  func(s string, r *rand.Rand) string // unchanged: not possible
	least float64                             // the share that must be found
}

// replaceOne exchanges one of several words for its partner.
func replaceOne(s string, r *rand.Rand, pairs ...string) string {
	var at []int
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.Contains(s, pairs[i]) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return s
	}
	i := at[r.IntN(len(at))]
	return strings.Replace(s, pairs[i], pairs[i+1], 1)
}

// oneDigit changes one figure.
func oneDigit(s string, r *rand.Rand) string {
	runes := []rune(s)
	var at []int
	for i, c := range runes {
		if '0' <= c && c <= '9' {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return s
	}
	i := at[r.IntN(len(at))]
	runes[i] = '0' + (runes[i]-'0'+rune(1+r.IntN(9)))%10
	return string(runes)
}

// oneSpelled changes one spelled figure before a unit.
func oneSpelled(s string, r *rand.Rand) string {
	return spelledNumber.ReplaceAllStringFunc(s, func(found string) string {
		digits := []rune("一二三四五六七八九")
		runes := []rune(found)
		for i, c := range runes {
			if j := slices.Index(digits, c); j >= 0 {
				runes[i] = digits[(j+1+r.IntN(8))%9]
				break
			}
		}
		return string(runes)
	})
}

// exchanged exchanges two neighbouring digits of a long number.
func exchanged(s string, _ *rand.Rand) string {
	return longNumber.ReplaceAllStringFunc(s, func(n string) string {
		b := []byte(n)
		for i := len(b) - 1; i > 0; i-- {
			if b[i] != b[i-1] && b[i] != '-' && b[i-1] != '-' {
				b[i], b[i-1] = b[i-1], b[i]
				break
			}
		}
		return string(b)
	})
}

func otherUnit(s string, _ *rand.Rand) string {
	other := map[string]string{"个工作日": "天", "个月": "年", "天": "个工作日", "年": "个月", "元": "万元", "份": "张", "张": "份", "小时": "天", "日内": "个月内"}
	return figureUnit.ReplaceAllStringFunc(s, func(found string) string { return found[:1] + other[found[1:]] })
}

func swaps() []swap {
	return []swap{
		{"one digit", oneDigit, 0.98},
		{"one spelled figure", oneSpelled, 0.95},
		{"digits of a long number exchanged", exchanged, 0.98},
		{"another unit", otherUnit, 0.98},
		{"month and day exchanged", func(s string, _ *rand.Rand) string { return monthAndDay.ReplaceAllString(s, "${2}月${1}日") }, 0.95},
		{"denial taken away", func(s string, r *rand.Rand) string {
			return replaceOne(s, r, "不需要", "需要", "无需", "需要", "不能", "能", "不得", "可以", "不用", "要", "不可", "可", "未满", "满", "免费", "收费", "不收费", "收费", "没有", "有")
		}, 0.9},
		{"denial put in", func(s string, r *rand.Rand) string {
			if strings.ContainsAny(s, deniers) {
				return s
			}
			return replaceOne(s, r, "需要", "不需要", "可以", "不可以", "须", "不须", "必须", "不必", "应当", "不得")
		}, 0.9},
		{"another authority", func(s string, r *rand.Rand) string {
			return replaceOne(s, r, "公安局", "税务局", "民政局", "教育局", "税务局", "公安局", "派出所", "街道办事处", "车管所", "交通局")
		}, 0.9},
		{"a law of its own", func(s string, _ *rand.Rand) string {
			return "依据《东莞市便民服务管理办法》，" + s
		}, 0.98},
		{"an hour of its own", func(s string, r *rand.Rand) string {
			return strings.TrimRight(s, "。") + fmt.Sprintf("，上午%d:30开门", 7+r.IntN(3))
		}, 0.98},
		{"a page of its own", func(s string, _ *rand.Rand) string {
			return strings.TrimRight(s, "。") + "，网址 www.dgbanshi.example"
		}, 0.98},
		{"a sentence of its own", func(string, *rand.Rand) string {
			return "一般窗口人员会酌情通融，提前打个招呼就行。"
		}, 0.98},
	}
}

// TestVerifierMeasured: on sentences made of our own guides the verifier finds
// nearly every falsehood and refuses hardly any faithful one. The figures stand
// in the package's doc.
func TestVerifierMeasured(t *testing.T) {
	ones := faithfulOnes(t)
	if len(ones) < 2000 {
		t.Fatalf("only %d faithful sentences", len(ones))
	}
	refused, by := 0, map[string][2]int{}
	var kept []faithful
	for _, one := range ones {
		n := by[one.how]
		n[1]++
		if flaws := Verify(Composition{Sentences: []Sentence{one.sentence}}, one.blocks, ""); len(flaws) > 0 && !tooLong(flaws) {
			refused++
			n[0]++
			t.Logf("refused (%s): %s: %v", one.how, one.sentence.Text, flaws)
		} else {
			kept = append(kept, one)
		}
		by[one.how] = n
	}
	t.Logf("faithful: %d, refused %.2f %% %v", len(ones), 100*float64(refused)/float64(len(ones)), by)
	if float64(refused) > 0.03*float64(len(ones)) {
		t.Errorf("%d of %d faithful sentences are refused", refused, len(ones))
	}
	r := rand.New(rand.NewPCG(7, 7))
	for _, swap := range swaps() {
		n, found := 0, 0
		for _, one := range kept {
			text := swap.make(one.sentence.Text, r)
			if canon(text) == canon(one.sentence.Text) {
				continue
			}
			n++
			if flaws := Verify(Composition{Sentences: []Sentence{{text, one.sentence.Cites}}}, one.blocks, ""); len(flaws) > 0 && !tooLong(flaws) {
				found++
			} else if n-found <= 20 {
				t.Logf("missed (%s): %s → %s", swap.name, one.sentence.Text, text)
			}
		}
		share := float64(found) / float64(max(n, 1))
		t.Logf("%s: %d, found %.2f %%", swap.name, n, 100*share)
		if n == 0 || share < swap.least {
			t.Errorf("%s: found %d of %d", swap.name, found, n)
		}
	}
}

// tooLong says whether length is all that is wrong: the longest lines of a
// guide are no sentences.
func tooLong(flaws []Flaw) bool {
	return !slices.ContainsFunc(flaws, func(f Flaw) bool { return f.Sentence >= 0 })
}
