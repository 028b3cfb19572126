package policy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/knowledge/policies"
)

// City is what the errand asks of the city's data.
type City interface {
	// Agreed records the citizen's yes to a look-up, and gives its id.
	Agreed(ctx context.Context, citizen bot.CitizenID, purpose string, at time.Time) (consent string, err error)
	// Firm is the profile of the firm with a unified social credit code;
	// known is false when there is none.
	Firm(ctx context.Context, citizen bot.CitizenID, consent, code string) (facts map[string]string, known bool, err error)
}

// Purpose names, in the query log, what the firm register is asked for.
const Purpose = "policy"

// register is the flow that reads a firm's profile instead of asking for it.
const register bot.Intent = "policy:firm"

func (e *Errand) firm() *bot.Flow {
	f := &bot.Flow{
		Intent: register, Within: bot.AskPolicy, Name: "用企业代码查政策", NameEN: "the firm's profile",
		Slots: []bot.Slot{{
			Name: "code", Label: "统一社会信用代码", Free: true,
			Why: "有了代码，登记过的情况就不用您一项项答。", WhyEN: "What is registered need not be asked.",
			Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
				return bot.Prompt{Text: f.Say("请发 18 位统一社会信用代码。发来就是同意：从登记部门查一次企业的基本情况，只用来挑政策，查询会留记录。不同意就回“不办了”。",
					"Please send the 18-character credit code. By sending it you agree to one look-up of the firm, which is recorded.")}, nil
			},
			Accept: acceptCode,
		}},
		Show: e.registered,
		After: func(f *bot.Form) ([]bot.Choice, bot.Topic) {
			told := map[string]bot.Value{}
			for _, id := range e.Policies().Facts() {
				if v, ok := f.Value(id); ok {
					told[id] = v
				}
			}
			if len(told) == 0 {
				return []bot.Choice{{Text: f.Say("一项项答", "Answer myself"), Flow: matching}}, bot.Topic{}
			}
			return []bot.Choice{{Text: f.Say("看哪些适合", "What fits"), Flow: matching, Slot: policies.Scope, Value: bot.Value{Value: "firm", Shown: "企业或个体户"}, Also: told}}, bot.Topic{Text: "惠企政策"}
		},
		Gist: func(*bot.Form) string { return "用企业代码查政策" },
	}
	return f
}

func acceptCode(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(en.Value))
	if len(code) != 18 {
		return bot.Value{}, &bot.Problem{Text: f.Say("代码是 18 位，在营业执照上，请再看一下发过来。", "The code has 18 characters. Once more?")}, nil
	}
	return bot.Value{Value: code, Shown: "****" + code[14:]}, nil, nil
}

// registered reads the profile once and says what it tells.
func (e *Errand) registered(ctx context.Context, f *bot.Form) ([]bot.Reply, error) {
	consent, err := e.City.Agreed(ctx, f.Citizen.ID, Purpose, f.Now)
	if err != nil {
		return nil, fmt.Errorf("record consent: %w", err)
	}
	facts, known, err := e.City.Firm(ctx, f.Citizen.ID, consent, f.Get("code"))
	switch {
	case err != nil: // noted by the client; the facts can still be asked for
		return []bot.Reply{{Text: f.Say("登记信息现在查不到，不影响：可以一项项答。", "It cannot be looked up right now; you can answer yourself.")}}, nil
	case !known:
		return []bot.Reply{{Text: f.Say("没有查到这个代码的企业，请核对一下，或者一项项答。", "There is no firm with that code.")}}, nil
	}
	for id, v := range facts {
		if fact, ok := e.Policies().Fact(id); ok {
			f.Set(id, bot.Value{Value: v, Shown: fact.Show(v)})
		}
	}
	return []bot.Reply{{Text: f.Say("查到了："+e.profileShown(f)+"。这些不再问您，不对的可以说。", "Found."), Source: "来源：政务数据平台企业登记，刚刚查询"}}, nil
}
