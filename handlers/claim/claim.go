// Package claim is the errand of volunteers, residents and firms who want to
// fulfil a wish (社会认领): they take one from the public list, or say what
// they can offer. A claim waits for a social worker's word, who delivers and
// passes thanks on; until then it can be given back. An offer goes into the
// donors' pool and to the social workers, and wishes it fits are shown at once.
//
// It refuses to show who made a wish, or to bring the two sides together.
package claim

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Wishes   ticket.Wishes
	Claiming Claiming
	Pool     Pool
	Claims   Claims
	Towns    map[string]string // id → name
}

// Claiming takes claims inside the turn's commit; a *ticket.Refusal says why not.
type Claiming interface {
	Claim(ctx context.Context, tx bot.Tx, c ticket.Claim) (ticket.Wish, error)
	// GiveBack releases what a citizen holds of a wish.
	GiveBack(ctx context.Context, tx bot.Tx, wish string, by bot.CitizenID, at time.Time) error
}

// Claims are a citizen's own, newest first.
type Claims interface {
	ClaimsBy(ctx context.Context, by bot.CitizenID, limit int) ([]ticket.Claim, error)
}

// Pool keeps what people offer.
type Pool interface {
	AddDonor(ctx context.Context, tx bot.Tx, o ticket.Offer) error
}

// Errand takes claims and offers.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// shown is how many wishes are offered at once.
const shown = 5

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	town := bot.TownSlot(e.Towns, "想帮哪个镇街的人？哪里都行就回“都可以”。", "Which town would you like to help in? Say \"skip\" for anywhere.")
	town.Optional, town.Why = true, "按镇街配对，社工上门也方便。"
	claims := func(f *bot.Form) bool { return !f.Has("deed") }
	town.Needed = func(f *bot.Form) bool {
		return claims(f) && (f.Has("text") || !f.Has("wish") && (f.Passed("wish") || offers(f.Words)))
	}
	name := bot.NameSlot("怎么称呼您或您的单位？", "What is your name or your firm's?", "社工联系您时要知道是谁。", "So that the social worker can address you.")
	name.Free, name.Accept, name.Needed = true, acceptName, claims
	phone := bot.PhoneSlot("留个手机号，社工好联系您。", "Please give a phone number for the social worker.", "认领要由社工确认和转交。", "A social worker confirms and delivers.")
	phone.Needed, phone.Accept = claims, acceptPhone
	return &bot.Flow{
		Intent: bot.ClaimWish, Name: "认领微心愿", NameEN: "fulfilling a wish", Keeps: true,
		Slots: []bot.Slot{
			{Name: "wish", Label: "心愿", LabelEN: "Wish", Types: []bot.EntityType{bot.TicketNo}, Optional: true,
				Why: "认领哪一个，就把哪一个留给您。", WhyEN: "So that it is kept for you.",
				Needed: e.choosable, Ask: e.askWish, Accept: e.acceptWish},
			{Name: "share", Label: "金额", LabelEN: "Amount", Types: []bot.EntityType{bot.Money}, Accept: e.acceptShare},
			{Name: "text", Label: "能帮什么", LabelEN: "Offer", Free: true,
				Needed: func(f *bot.Form) bool { return claims(f) && !f.Has("wish") },
				Why:    "知道您能帮什么，才好配上合适的心愿。", WhyEN: "So that a fitting wish can be found.",
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("谢谢您愿意帮忙。您能帮点什么？比如出一台轮椅、陪老人看病、资助学费。", "Thank you. What can you offer?")}, nil
				},
				Accept: e.acceptOffer},
			town,
			name,
			phone,
			{Name: "back", Label: "放回", LabelEN: "Give back", Needed: func(f *bot.Form) bool { return f.Has("deed") }, Ask: e.askBack},
			{Name: "deed"}, {Name: "fitting"},
		},
		Begin: e.begin, Check: e.fit, Confirm: e.confirm, Commit: e.commit,
		Gist: func(f *bot.Form) string { return "社会认领：" + f.Get("text") + f.Get("wish") },
	}
}

// begin takes the opening words as the offer where they name one, and fills in
// who the citizen is.
func (e *Errand) begin(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if deed := deedOf(f.Words); deed != "" {
		return e.mine(ctx, f, deed)
	}
	if !f.Has("wish") && offers(f.Words) {
		f.Set("text", bot.Value{Value: strings.TrimSpace(f.Words)})
	}
	if !f.Has("name") && f.Citizen.Name != "" {
		f.Set("name", bot.Value{Value: f.Citizen.Name.Reveal()})
	}
	if !f.Has("phone") && f.Citizen.Phone != "" {
		phone := f.Citizen.Phone.Reveal()
		f.Set("phone", bot.Value{Value: phone, Shown: bot.MaskPhone(phone)})
	}
	return nil, nil
}

// offers says whether words already say what is given.
func offers(words string) bool {
	for _, w := range []string{"捐", "送", "出钱", "资助", "买", "提供", "陪", "donate", "give"} {
		if strings.Contains(words, w) {
			return utf8.RuneCountInString(words) >= 6
		}
	}
	return false
}

// acceptName takes a person's name, or words short enough to be a firm's.
func acceptName(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if n := utf8.RuneCountInString(strings.TrimSpace(en.Value)); n > 30 || en.Type == "" && n > 4 && claimant(en.Value) != ticket.Firm {
		return bot.Value{}, &bot.Problem{Text: f.Say("只说姓名或单位名称就行。", "Just your name or your firm's, please."), Cause: "no name"}, nil
	}
	name := strings.TrimSpace(en.Value)
	if firm := firmBefore(f.Words, en); firm != "" {
		name = firm + " " + name
	}
	return bot.Value{Value: name, Said: en.Text}, nil, nil
}

// mostFirm is how long a firm's name may be, in characters.
const mostFirm = 25

// acceptPhone takes a number, and the firm's name that was told right before it.
func acceptPhone(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	v, problem, err := bot.AcceptPhone(ctx, f, en)
	before, _, found := strings.Cut(f.Words, en.Text)
	if problem != nil || err != nil || f.Has("name") || !found {
		return v, problem, err
	}
	for _, lead := range []string{"电话", "手机号", "手机", "号码", "联系方式", "是", "：", ":"} {
		before = strings.TrimSuffix(strings.TrimRight(before, " ，,。、：:"), lead)
	}
	if firm := firmAtEnd(before); firm != "" {
		f.Set("name", bot.Value{Value: firm})
	}
	return v, nil, nil
}

// firmBefore is the firm whose name stands right before that of the person who
// speaks for it.
func firmBefore(words string, person bot.Entity) string {
	before, _, found := strings.Cut(words, person.Text)
	if !found || person.Type == "" {
		return ""
	}
	return firmAtEnd(before)
}

// firmAtEnd is the firm's name that words end with; empty where there is none.
func firmAtEnd(words string) string {
	words = strings.Trim(words, " ，,。、的")
	if i := strings.LastIndexAny(words, "，,。、 "); i >= 0 {
		words = strings.TrimLeft(words[i:], "，,。、 ")
	}
	words = strings.TrimPrefix(strings.TrimPrefix(words, "我们是"), "我是")
	if claimant(words) != ticket.Firm || utf8.RuneCountInString(words) > mostFirm {
		return ""
	}
	return words
}

func (e *Errand) acceptOffer(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if id := e.townNamed(en.Value); id != "" { // where, not what
		f.Set("town", bot.Value{Value: id, Shown: e.Towns[id]})
		return bot.Value{}, &bot.Problem{Text: f.Say("好，帮%s的人。您能帮点什么？比如出一台轮椅、陪老人看病、资助学费。", "For people in %s. What can you offer?", e.Towns[id]), Cause: "a town"}, nil
	}
	if unspecific.MatchString(en.Value) {
		return bot.Value{}, &bot.Problem{Text: f.Say("说一样您能帮的就行，比如“一张书桌”“周末陪老人”；出多少钱也可以说。", "Name one thing you can offer, such as \"a desk\" or a sum of money."), Cause: "no offer named"}, nil
	}
	if utf8.RuneCountInString(en.Value) < 2 {
		return bot.Value{}, &bot.Problem{Text: f.Say("再具体一点？", "A little more, please?")}, nil
	}
	return bot.Value{Value: en.Value}, nil, nil
}

// townNamed is the town that words name and nothing else.
func (e *Errand) townNamed(words string) string {
	words = aroundTown.ReplaceAllString(strings.Trim(words, " 。.，,"), "")
	for id, name := range e.Towns {
		if words == name || words == strings.TrimSuffix(strings.TrimSuffix(name, "街道"), "镇") {
			return id
		}
	}
	return ""
}

// aroundTown is what is said around a town that is named alone: 喺虎门嘅.
var aroundTown = regexp.MustCompile(`^(?:在|喺|就|帮)+|(?:那边|这边|嗰边|呢边|本地|的|嘅|人|吧|啦)+$`)

// unspecific are words of wanting to help that name nothing.
var unspecific = regexp.MustCompile(`^(?:我|我们|想|要|来|也|都|再)*(?:认领|認領|帮忙|帮人|帮|献爱心|做好事)(?:一个|几个|个|些|下)?(?:微?心愿|别人|人|忙)?[。.!！]*$|^(?:什么|啥)?都(?:可以|行|得)[。.!！]*$|^(?:随便|随意)[。.!！]*$`)

// choosable says whether there is an open wish to choose, and no offer of
// another kind.
func (e *Errand) choosable(f *bot.Form) bool {
	if f.Has("text") || f.Has("deed") {
		return false
	}
	open, err := e.open(context.Background(), f)
	return err == nil && len(open) > 0
}

// open are the first wishes nobody has claimed, of the town told if any.
func (e *Errand) open(ctx context.Context, f *bot.Form) ([]ticket.Wish, error) {
	if e.Wishes == nil {
		return nil, nil
	}
	return e.Wishes.Wishes(ctx, ticket.WishQuery{Town: f.Get("town"), Open: true, Limit: shown})
}

func (e *Errand) askWish(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	open, err := e.open(ctx, f)
	if err != nil {
		return bot.Prompt{}, err
	}
	var choices []bot.Choice
	for _, w := range open {
		choices = append(choices, bot.Choice{Text: w.Text, Slot: "wish", Value: bot.Value{Value: w.Number, Shown: w.Text}})
	}
	return bot.Prompt{
		Text:    f.Say("谢谢您愿意帮忙。这些心愿在等人认领，选哪一个？都不合适就回“都不是”，告诉我您能帮什么。", "Thank you. These wishes are waiting. Which one? Say \"none\" to tell me what else you can offer."),
		Choices: choices,
	}, nil
}

func (e *Errand) acceptWish(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if deedOf(f.Words) != "" {
		return bot.Value{}, nil, nil // one that is claimed already is meant
	}
	all, err := e.Wishes.Wishes(ctx, ticket.WishQuery{Open: true})
	if err != nil {
		return bot.Value{}, nil, err
	}
	for _, w := range all {
		if w.Number == en.Value {
			return bot.Value{Value: w.Number, Shown: w.Text}, nil, nil
		}
	}
	return bot.Value{}, &bot.Problem{Text: f.Say("这个心愿不在等认领的名单上。", "That wish is not on the list."), Cause: "no such open wish"}, nil
}

// acceptShare takes an amount for a part of the wish chosen; beside an offer it
// is part of the words.
func (e *Errand) acceptShare(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	share, err := strconv.ParseFloat(en.Value, 64)
	if err != nil || share <= 0 || !f.Has("wish") {
		return bot.Value{}, nil, nil
	}
	w, err := e.chosen(ctx, f)
	switch {
	case err != nil:
		return bot.Value{}, nil, err
	case w.Amount == 0:
		return bot.Value{}, &bot.Problem{Text: f.Say("这个心愿只能整个认领。", "This wish can only be claimed whole."), Cause: "no amount known"}, nil
	case share > w.Left():
		return bot.Value{}, &bot.Problem{Text: f.Say("这个心愿还差 %.0f 元，出这么多就够了。", "This wish lacks ¥%.0f; that is enough.", w.Left()), Cause: "more than is left"}, nil
	}
	return bot.Value{Value: en.Value, Said: en.Text}, nil, nil
}

// chosen is the wish on the form; its zero where there is none.
func (e *Errand) chosen(ctx context.Context, f *bot.Form) (ticket.Wish, error) {
	all, err := e.Wishes.Wishes(ctx, ticket.WishQuery{Open: true})
	for _, w := range all {
		if w.Number == f.Get("wish") {
			return w, nil
		}
	}
	return ticket.Wish{}, err
}

func (e *Errand) confirm(ctx context.Context, f *bot.Form) (bot.Reply, error) {
	if v, ok := f.Value("back"); ok {
		return bot.Reply{Text: f.Say("放回：%s（编号 %s）\n放回后别人可以认领。没问题请回“确认”。", "Give back: %s (%s)\nOthers may then claim it. If that is right, say \"confirm\".", v.Show(), v.Value)}, nil
	}
	what := f.Say("能帮：", "Offer: ") + f.Get("text")
	if v, ok := f.Value("wish"); ok {
		w, err := e.chosen(ctx, f)
		if err != nil {
			return bot.Reply{}, err
		}
		what = f.Say("心愿：", "Wish: ") + v.Show()
		switch share := f.Get("share"); {
		case share != "":
			what += f.Say("\n出：%s 元", "\nGive: ¥%s", share)
		case w.Amount > 0:
			what += f.Say("\n出：全部 %.0f 元，想出一部分就说多少元", "\nGive: all of ¥%.0f; name an amount to give a part", w.Left())
		}
	} else if t := e.Towns[f.Get("town")]; t != "" {
		what += f.Say("\n镇街：", "\nTown: ") + t
	}
	return bot.Reply{Text: f.Say("请核对：\n%s\n称呼：%s\n电话：%s\n没问题请回“确认”。", "Please check:\n%s\nName: %s\nPhone: %s\nIf all is right, say \"confirm\".",
		what, f.Get("name"), bot.MaskPhone(f.Get("phone")))}, nil
}

func (e *Errand) commit(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	switch {
	case f.Has("deed"):
		return e.release(ctx, tx, f)
	case f.Has("wish"):
		return e.claim(ctx, tx, f)
	}
	return e.offer(ctx, tx, f)
}

func (e *Errand) claim(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	number := f.Get("wish")
	share, _ := strconv.ParseFloat(f.Get("share"), 64)
	w, err := e.Claiming.Claim(ctx, tx, ticket.Claim{
		Wish: number, By: f.Citizen.ID, As: claimant(f.Get("name")), Share: share, Name: bot.Secret(f.Get("name")),
		Phone: bot.Secret(f.Get("phone")), Words: bot.Secret(strings.Join(f.Told(), "\n")), At: f.Now, Key: f.Key(),
	})
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		return nil, &bot.Problem{Text: f.Say(no.Text, "Somebody else has just claimed it, thank you."), Clear: []string{"wish", "share"}, Cause: no.Cause}
	case errors.Is(err, ticket.ErrNoTicket):
		return nil, &bot.Problem{Text: f.Say("这个心愿不在名单上了。", "That wish is not on the list any more."), Clear: []string{"wish", "share"}, Cause: err.Error()}
	case err != nil:
		return nil, fmt.Errorf("claim wish: %w", err)
	}
	if err := e.handOver(tx, f, "社会认领："+number+" "+w.Text); err != nil {
		return nil, err
	}
	return []bot.Reply{{Text: f.Say("认领好了：%s（编号 %s）。社工会在 72 小时内和您联系确认，由社工转交，双方信息都保密。", "Claimed: %s (%s). A social worker will contact you within 72 hours and deliver; both sides stay confidential.", w.Text, number), Options: f.OnPage("/h5/requests")}}, nil
}

// claimant tells a firm by its name; everybody else is a resident.
func claimant(name string) ticket.Claimant {
	for _, w := range []string{"公司", "集团", "厂", "商会", "协会", "银行", "店", "企业"} {
		if strings.Contains(name, w) {
			return ticket.Firm
		}
	}
	return ticket.Resident
}

func (e *Errand) offer(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	o := ticket.Offer{
		Citizen: f.Citizen.ID, As: claimant(f.Get("name")), Town: f.Get("town"), Needs: met(f.Get("text")),
		Words: bot.Secret(f.Get("text")), Name: bot.Secret(f.Get("name")), Phone: bot.Secret(f.Get("phone")), At: f.Now, Key: f.Key(),
	}
	if err := e.Pool.AddDonor(ctx, tx, o); err != nil {
		return nil, fmt.Errorf("keep the offer: %w", err)
	}
	if err := e.handOver(tx, f, strings.TrimSpace("社会认领："+f.Get("text")+" "+e.Towns[f.Get("town")])); err != nil {
		return nil, err
	}
	if !f.Has("fitting") {
		return []bot.Reply{{Text: f.Say("收到您的心意了，已记进爱心资源库。社工会和您联系；有合适的心愿，我马上告诉您。由社工转交，双方信息都保密。",
			"Thank you, your offer is kept. A social worker will contact you, and I tell you when a wish fits; both sides stay confidential."), Options: f.OnPage("/h5/wishes")}}, nil
	}
	r := bot.Reply{Text: f.Say("收到您的心意了，已记进爱心资源库。现在就有合适的心愿在等，点一个就能认领；社工也会和您联系，双方信息都保密。",
		"Thank you, your offer is kept. These wishes fit and wait; tap one to claim it. A social worker will contact you too; both sides stay confidential.")}
	for _, line := range strings.Split(f.Get("fitting"), "\n") {
		r.Options = append(r.Options, bot.Option{Text: f.Say("认领 ", "claim ") + line})
	}
	return []bot.Reply{r}, nil
}

// handOver brings the claim or offer before the social workers.
func (e *Errand) handOver(tx bot.Tx, f *bot.Form, summary string) error {
	_, err := tx.OpenHandoff(bot.Handoff{
		Citizen: f.Citizen.ID, Channel: f.Channel, Reason: bot.ReasonClaim, Priority: 2, Summary: bot.MaskWords(summary),
		Intent: bot.ClaimWish, Town: f.Get("town"), Status: bot.HandoffWaiting, At: f.Now,
		Slots: map[string]string{"text": bot.MaskWords(f.Get("text")), "wish": f.Get("wish"), "name": bot.MaskName(f.Get("name")), "phone": bot.MaskPhone(f.Get("phone"))},
	})
	if err != nil {
		return fmt.Errorf("hand the offer over: %w", err)
	}
	return nil
}
