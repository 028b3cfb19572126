package knowledge

import "regexp"

// household is where somebody's household is registered: what is done for those
// of the city is often another matter than what is done for those from elsewhere.
type household byte

const (
	anyHousehold household = iota
	ofCity
	fromElsewhere
)

const (
	here = `(?:东莞|本地|本市|这边|这里|当地)`
	away = `(?:外地|外省|外市|异地|省外|老家|乡下)`
	held = `(?:户口|户籍)`
)

var (
	// notOfCity tells, of a question or in a guide's title, of who came from
	// elsewhere.
	notOfCity = regexp.MustCompile(`非` + here + `?(?:莞|市)?(?:户籍|户口|籍)|非(?:本地|本市|东莞)|随迁|外来(?:务?工|人|的)|积分入学|` +
		`(?:不是|不系|没有|冇|没|唔系|唔係|无)` + here + `(?:的|嘅)?(?:户口|户籍|人)|` +
		away + `(?:的|嘅)?(?:户口|户籍|人|孩子|小孩|来)|` +
		held + `(?:不|唔)在` + here + `|` + held + `(?:还|仲)?在` + away)
	// oneOfCity tells of who is registered here.
	oneOfCity = regexp.MustCompile(`(?:东莞|本地|本市|莞)(?:市|的|嘅)?(?:户口|户籍|籍)|^户籍(?:儿童|孩子|学生|居民|老人|人口)|` + held + `(?:就|都)?(?:在|是|系)` + here)
)

// householdOf hears whose household words speak of.
func householdOf(words string) household {
	switch {
	case notOfCity.MatchString(words):
		return fromElsewhere
	case oneOfCity.MatchString(words):
		return ofCity
	}
	return anyHousehold
}

// byHousehold gives what speaks for a guide that is by its title for the others to
// the one of its theme that is for those who ask: 户籍儿童入读 is not for who says
// 我们是外地户口, 积分入学 is.
func (x *index) byHousehold(asked household, near []judged) {
	if asked == anyHousehold {
		return
	}
	for i := range near {
		g := &x.guides[near[i].guide]
		if whose := householdOf(g.Title); whose == anyHousehold || whose == asked {
			continue
		}
		for k := range near {
			if other := &x.guides[near[k].guide]; g.Theme != "" && other.Theme == g.Theme && householdOf(other.Title) == asked {
				near[k].fit, near[k].sure = max(near[k].fit, near[i].fit), max(near[k].sure, near[i].sure)
			}
		}
		near[i].fit, near[i].sure = near[i].fit*0.55, 0
	}
}
