package bot

import (
	"context"
	"regexp"
	"unicode/utf8"
)

// fearsTelling is how people ask, or fear, that the other side learns of them:
// 会保密吗, 会不会报复我, 他们会知道是我举报的吗.
var fearsTelling = regexp.MustCompile(`(?:会|會|能|有|可以|使唔使|识唔识)?(?:替我|帮我|幫我)?保密(?:吗|嗎|吧|不|的|嘅|㗎|么|\?|？|$)|保唔保密|` +
	`(?:怕|惊|驚|会|會|能|别|不要|不想|唔想|唔好)[^，。,；;]{0,10}(?:报复|報復|穿小鞋|(?:曝光|泄露|洩露|透露)(?:了|到|咗)?我|` +
	`(?:知道|知|晓得|发现|发觉|查到|认出)(?:了|到|咗)?(?:(?:是|系|係)我|我(?:吗|嗎|吧|么|呀|啊|[?？。!！]|$)|(?:是|系|係)?(?:我|谁|誰|边个|邊個)(?:去)?(?:举报|舉報|投诉|投訴|反映)))|` +
	`confidential|retaliat|find out (?:it was|who)|know it was me`)

// mostFear is how long words may be that say nothing else, in characters.
const mostFear = 24

// fearsExposure says whether that is asked or feared and nothing else is told.
// What is being told where a story is asked for is the story.
func (s *scene) fearsExposure() bool {
	u := &s.u
	if !fearsTelling.MatchString(u.Norm) || utf8.RuneCountInString(u.Text) > mostFear || s.telling() || hasEntity(u, Phone) {
		return false
	}
	begins := (u.Intent == FileReport || u.Intent == RequestHelp) && u.Decision == Accept && !u.Question
	return s.flow() != nil || !begins
}

// reassure says who sees what a citizen tells, and keeps an errand under way
// from the other side.
func (e *Engine) reassure(ctx context.Context, s *scene) error {
	s.conv.Misses = 0
	if s.flow() != nil && s.flow().slot("confidential") != nil {
		s.form().Set("confidential", Value{Value: "yes", Shown: s.conv.Language.Say("保密", "confidential"), Said: s.u.Text})
		nameless := ""
		if s.flow().slot("anonymous") != nil {
			nameless = s.conv.Language.Say("姓名电话也可以不留，回“匿名”就行。", "You may also stay anonymous: just say so. ")
		}
		s.sayText("会替您保密，不向对方透露您。"+nameless+"真有人为难您，马上打 110，也告诉我。",
			"It stays confidential; the other side is not told. "+nameless+"If anybody threatens you, call 110 and tell me.")
		return e.resume(ctx, s)
	}
	s.sayText("您的姓名电话只给办这件事的人看，不告诉被反映的一方；反映时说“保密”或“匿名”都可以。真有人为难您，马上打 110，也告诉我。",
		"Only those who work on it see your name and number; the other side is not told. You can ask for secrecy or stay anonymous. If anybody threatens you, call 110 and tell me.")
	if s.flow() != nil {
		return e.resume(ctx, s)
	}
	s.ask(Asked{Kind: AskedOffer, Choices: s.errands(FileReport, TalkToOperator)})
	return nil
}
