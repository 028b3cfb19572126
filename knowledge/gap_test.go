package knowledge

import (
	"testing"
	"time"

	"guanjia/bot"
)

func TestGaps(t *testing.T) {
	b := starterBase(t)
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	miss := func(reason bot.MissReason, words, guide, field string, score float64) bot.Missed {
		return bot.Missed{At: at, Reason: reason, Words: words, Guide: guide, Field: field, Score: score}
	}
	gaps := b.Gaps([]bot.Missed{
		miss(bot.MissNoGuide, "养蜂许可证怎么办", "", "steps", 0.1), miss(bot.MissNoGuide, "怎么办养蜂许可证呀", "", "steps", 0.1),
		miss(bot.MissNoGuide, "请问养蜂的许可证怎么办理", "", "steps", 0.1), miss(bot.MissNoGuide, "养蜂许可证去哪办", "", "where", 0.1),
		miss(bot.MissNoAlias, "蓝本本多少钱", "passport", "fee", 0.4),
		miss(bot.MissNoGuide, "养鸡场许可证哪里办", "open-restaurant", "where", 0.5),
		miss(bot.MissNoField, "护照几点下班", "passport", "hours", 1), miss(bot.MissDown, "护照多少钱", "passport", "fee", 1),
		miss(bot.MissUp, "护照多少钱", "passport", "fee", 1), miss(bot.MissLowMargin, "护照", "passport", "", 1),
	})
	if len(gaps) != 6 || gaps[0].N != 4 || gaps[0].Field != "" || gaps[0].Reason != bot.MissNoGuide || len(gaps[0].Others) != 3 {
		t.Fatalf("%+v", gaps)
	}
	for _, g := range gaps {
		switch g.Reason {
		case bot.MissNoAlias:
			if g.Propose != "蓝本本" || g.Title != "普通护照" {
				t.Errorf("%+v", g)
			}
		case bot.MissLowMargin, bot.MissNoGuide: // the guide has this name already, or is about something else
			if g.Propose != "" {
				t.Errorf("%+v", g)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	b := starterBase(t)
	l, a := b.Explain(Question{Text: "互照要几多錢"})
	if a.Guide != "passport" || l.Read == "" || len(l.Fields) != 1 || l.Fields[0] != Fee || len(l.Ranked) == 0 || l.Ranked[0].ID != "passport" || l.Ranked[0].Sure < sureBar {
		t.Errorf("%+v", l)
	}
	for text, band := range map[string]string{"身份证": Clarified, "今天天气": Abstained, "": Abstained} {
		if l, _ := b.Explain(Question{Text: text}); l.Band != band || l.Why == "" {
			t.Errorf("%q: %+v", text, l)
		}
	}
}
