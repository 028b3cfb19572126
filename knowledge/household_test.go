package knowledge

import "testing"

func TestHouseholdOf(t *testing.T) {
	for words, want := range map[string]household{
		"我们是外地户口": fromElsewhere, "没有东莞户籍": fromElsewhere, "唔系东莞户口": fromElsewhere, "户口在老家": fromElsewhere,
		"积分入学(非户籍子女读公办)": fromElsewhere, "外来工子女": fromElsewhere, "户口不在东莞": fromElsewhere,
		"东莞户口孩子上小学": ofCity, "户籍儿童入读公办学校": ofCity, "户口在东莞": ofCity, "本市户籍老人": ofCity,
		"户口迁移": anyHousehold, "怎么把户口迁到东莞": anyHousehold, "恢复户籍登记": anyHousehold, "户口在哪里迁": anyHousehold, "农村户口怎么转": anyHousehold,
		"户口在本地": ofCity, "户口还在外省": fromElsewhere,
	} {
		if got := householdOf(words); got != want {
			t.Errorf("%s is %d, want %d", words, got, want)
		}
	}
}

func TestOtherHouseholdsGuideIsNotTheirs(t *testing.T) {
	base := starterBase(t)
	for question, want := range map[string]string{
		"我儿子明年要上小学，我们是外地户口": "points-school",
		"非户籍孩子怎么上小学":        "points-school",
		"东莞户口孩子上小学":         "school-enroll",
	} {
		if a := base.Ask(t.Context(), Question{Text: question}); a.Guide != want {
			t.Errorf("%s: %q, want %s", question, a.Guide, want)
		}
	}
}
