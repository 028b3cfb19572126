package h5

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/picture"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// Requests is where a citizen's requests for help and reports are followed.
// Do and Say are one commit each; a *ticket.Refusal says why not.
type Requests interface {
	Tickets(ctx context.Context, citizen bot.CitizenID, limit int) ([]ticket.Ticket, error)
	Ticket(ctx context.Context, number string) (ticket.Ticket, []ticket.Step, error)
	TicketRules() ticket.Rules
	// Do keeps the citizen's yes to what is sensitive in the words with them;
	// nil where there is none.
	Do(ctx context.Context, number string, c ticket.Command, yes *bot.SeparateConsent) (ticket.Ticket, error)
	// ClaimsBy are the wishes a citizen took up; WishTexts what those say.
	ClaimsBy(ctx context.Context, by bot.CitizenID, limit int) ([]ticket.Claim, error)
	Claims(ctx context.Context, wish string) ([]ticket.Claim, error)
	WishTexts(ctx context.Context) (map[string]string, error)
	// WordsOf are what the two sides of a wish said to each other.
	WordsOf(ctx context.Context, wish string) ([]ticket.Word, error)
	Say(ctx context.Context, w ticket.Word) error
	// GiveUp lets a wish that a citizen took up go to others.
	GiveUp(ctx context.Context, wish string, by bot.CitizenID, at time.Time) error
	Keep(ctx context.Context, of bot.CitizenID, a bot.Attachment, at time.Time) (string, error)
	Picture(ctx context.Context, of bot.CitizenID, id string) (bot.Attachment, error)
}

const (
	mostRequests = 50
	// mostAdded bounds a form with a picture, in bytes.
	mostAdded = 12 << 20
	// pictureSide is the longer side of a picture in pixels, at most.
	pictureSide = 1920
)

// requestRow is a request in the list.
type requestRow struct {
	ticket.Ticket
	State string
	Ahead string
}

// claimRow is a wish somebody took up.
type claimRow struct {
	Wish, Text, State string
	Ahead             string // what comes next; empty where nothing does
	Share             string // yuan; empty where no amount is known
	Delivered         bool
	Binds             bool // it can be given up
}

// following is the page of what a citizen asked for, reported and took up.
type following struct {
	Rows   []requestRow
	Claims []claimRow
}

func (p *Pages) requests(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	all, err := p.Requests.Tickets(r.Context(), id, mostRequests)
	if err != nil {
		p.failed(w, r, "list requests", err)
		return
	}
	var v following
	rules := p.Requests.TicketRules()
	for _, t := range all {
		v.Rows = append(v.Rows, requestRow{t, t.Status.Title(), ticket.Ahead(t, rules, p.Clock(), bot.Simplified)})
	}
	slices.SortStableFunc(v.Rows, func(a, b requestRow) int { return boolFirst(a.Open(), b.Open()) })
	if v.Claims, err = p.claimRows(r.Context(), id); err != nil {
		p.failed(w, r, "list claims", err)
		return
	}
	p.render(w, r, http.StatusOK, "requests.html", frame{Title: "我的诉求", Back: "/h5/", View: v})
}

func (p *Pages) claimRows(ctx context.Context, id bot.CitizenID) ([]claimRow, error) {
	claims, err := p.Requests.ClaimsBy(ctx, id, mostRequests)
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	texts, err := p.Requests.WishTexts(ctx)
	if err != nil {
		return nil, err
	}
	limits := p.Requests.TicketRules().Limits.Claim
	var out []claimRow
	for _, c := range claims {
		row := claimRow{Wish: c.Wish, Text: texts[c.Wish], State: c.Status.Title(), Ahead: limits.Ahead(c.Status), Delivered: c.Status == ticket.ClaimDelivered,
			Binds: c.Status == ticket.ClaimHeld || c.Status == ticket.ClaimConfirmed}
		if c.Share > 0 {
			row.Share = strconv.FormatFloat(c.Share, 'f', -1, 64)
		}
		out = append(out, row)
	}
	return out, nil
}

// asked is a handler of a page about somebody's own request.
type asked func(w http.ResponseWriter, r *http.Request, c requestCase)

// requestCase is the page of one request.
type requestCase struct {
	ticket.Ticket
	Who    bot.CitizenID `json:"-"`
	Root   ticket.Ticket // what it is dealt with together with; its number is empty where there is none
	Steps  []ticket.Step
	State  string
	Holder string
	Said   string
	Place  string
	Ahead  string
	Ways   []wayLine
	May    map[string]bool
	Done   string // what has just been done
	Words  []ticket.Word
	Thanks bool // the household can say thanks
	Key    string
	Wrong  string
	Typed  string
	Deed   deed
	// Added is what is sensitive in the words, about which is asked before they
	// are added; its kinds are empty where nothing is. Kept is the picture that
	// came with them.
	Added privacy.Addition
	Kept  string
}

// wayLine is a way of being helped with how far it was gone.
type wayLine struct{ Name, State string }

// request lets the owner of a request through; to everybody else it is as if
// there were none.
func (p *Pages) request(next asked) http.HandlerFunc {
	return p.mine(func(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
		t, steps, err := p.Requests.Ticket(r.Context(), strings.ToUpper(r.PathValue("number")))
		if errors.Is(err, ticket.ErrNoTicket) || err == nil && t.Citizen != id {
			p.problem(w, r, http.StatusNotFound, "没有找到这一件", "它可能是用别的手机号登记的，请用那个手机号登录；或者在对话里发编号。", link{"我的诉求", "/h5/requests"})
			return
		}
		c := requestCase{Ticket: t, Who: id, Steps: steps}
		if err == nil {
			err = p.complete(r.Context(), &c)
		}
		if err != nil {
			p.failed(w, r, "load request", err)
			return
		}
		next(w, r, c)
	})
}

// complete adds what the page shows beside the request itself.
func (p *Pages) complete(ctx context.Context, c *requestCase) error {
	rules, now, t := p.Requests.TicketRules(), p.Clock(), c.Ticket
	c.State, c.Ahead, c.Said, c.Key = t.Status.Title(), ticket.Ahead(t, rules, now, bot.Simplified), bot.MaskWords(t.Text.Reveal()), rand.Text()
	c.Holder = t.Department
	if !t.Life.Holder.Centre() {
		c.Holder = rules.Names.Body(t.Life.Holder)
	}
	c.Place = strings.TrimSpace(rules.Names.Towns[t.Town] + " " + t.Address.Reveal())
	if t.Kind == ticket.Help && t.Open() && !t.Life.Holder.Centre() {
		for _, s := range ticket.Stages(t, rules.Limits, nil) {
			c.Ways = append(c.Ways, wayLine{s.Way.Title(), s.State(t, rules, bot.Simplified)})
		}
	}
	acted := t
	if t.Life.Root != "" {
		root, _, err := p.Requests.Ticket(ctx, t.Life.Root)
		if err != nil {
			return err
		}
		c.Root, acted = root, root
	}
	c.May = map[string]bool{}
	for _, a := range ticket.Allowed(acted, ticket.Actor{Role: ticket.RoleCitizen}, rules, now) {
		c.May[string(a)] = true
	}
	if t.Life.Root != "" { // what others asked for is not one's own to end
		delete(c.May, string(ticket.DoWithdraw))
		delete(c.May, string(ticket.DoHide))
		delete(c.May, string(ticket.DoFollowUp))
	}
	if t.Kind != ticket.Help {
		return nil
	}
	claims, err := p.Requests.Claims(ctx, t.Number)
	if err != nil {
		return err
	}
	c.Thanks = slices.ContainsFunc(claims, func(v ticket.Claim) bool { return v.Status == ticket.ClaimDelivered })
	c.Words, err = p.heard(ctx, t.Number, c.Who)
	return err
}

// heard are the words of a wish that somebody may see: their own, and of the
// other side what was passed on.
func (p *Pages) heard(ctx context.Context, wish string, id bot.CitizenID) ([]ticket.Word, error) {
	all, err := p.Requests.WordsOf(ctx, wish)
	if err != nil {
		return nil, err
	}
	mine := ticket.Household
	t, _, err := p.Requests.Ticket(ctx, wish)
	if err != nil {
		return nil, err
	}
	if t.Citizen != id {
		mine = ticket.Claimer
	}
	var out []ticket.Word
	for _, w := range all {
		switch {
		case w.By == id:
			w.Passed = w.Text
			out = append(out, w)
		case w.Side != mine && w.Status == ticket.WordPassed:
			w.By, w.Text = "", ""
			out = append(out, w)
		}
	}
	return out, nil
}

// deed is something a citizen does to a request, with the page that asks for
// what it needs.
type deed struct {
	Path   string
	Action ticket.Action
	Title  string
	Ask    string // above the words; empty: none are asked for
	Why    string
	Button string
	Photo  bool
	Grave  bool
	Done   string // what is said after it
	Empty  string // what is said where words are missing
}

func deeds() []deed {
	return []deed{
		{Path: "add", Action: ticket.DoSupplement, Title: "补充", Ask: "要补充什么", Button: "提交", Photo: true, Done: "补充好了，办的人马上看得到。", Empty: "写一两句，或者选一张照片。"},
		{Path: "urge", Action: ticket.DoUrge, Title: "催办", Why: "会马上送到办理的单位。", Button: "催一下", Done: "已帮您催办，记录送到了办理的单位。"},
		{Path: "redo", Action: ticket.DoRedo, Title: "没解决", Ask: "哪里没解决", Why: "说一两句，重办的人好知道差在哪。", Button: "要求重新办理", Done: "已转为重新办理，会有人联系您。", Empty: "请写一两句哪里没解决。"},
		{Path: "satisfied", Action: ticket.DoFollowUp, Title: "满意", Why: "谢谢您的评价，这一件就归档了。", Button: "满意", Done: "谢谢您的评价，这一件归档了。"},
		{Path: "hide", Action: ticket.DoHide, Title: "不公开", Why: "心愿不再公开请人认领，镇街照样接着办。", Button: "不公开", Done: "好，不公开请人认领，镇街照样接着办。"},
		{Path: "withdraw", Action: ticket.DoWithdraw, Title: "撤回", Why: "撤回后就不办了。以后还有事，可以重新反映。", Button: "撤回", Grave: true, Done: "已撤回。以后还有事，随时告诉我们。"},
		{Path: "thanks", Title: "说句谢谢", Ask: "想对帮您的人说什么", Why: "不用写姓名和电话。社工看过就转达。", Button: "请社工转达", Done: "收到，社工看过就转达。", Empty: "写一两句就行。"},
	}
}

func deedOf(path string) (deed, bool) {
	all := deeds()
	i := slices.IndexFunc(all, func(d deed) bool { return d.Path == path })
	if i < 0 {
		return deed{}, false
	}
	return all[i], true
}

// offered says whether a deed can be done to a request now.
func (c requestCase) offered(d deed) bool {
	if d.Action == "" {
		return c.Thanks
	}
	return c.May[string(d.Action)]
}

func (p *Pages) showRequest(w http.ResponseWriter, r *http.Request, c requestCase) {
	if d, ok := deedOf(r.URL.Query().Get("done")); ok {
		c.Done = d.Done
	}
	p.render(w, r, http.StatusOK, "request.html", frame{Title: c.Title, Back: "/h5/requests", View: c})
}

// requestDeed asks for what a deed needs.
func (p *Pages) requestDeed(w http.ResponseWriter, r *http.Request, c requestCase) {
	d, ok := deedOf(r.PathValue("deed"))
	if !ok || !c.offered(d) {
		p.problem(w, r, http.StatusNotFound, "现在不能这样做", "这一件现在是“"+c.State+"”。", link{"看这一件", "/h5/requests/" + c.Number})
		return
	}
	c.Deed = d
	p.render(w, r, http.StatusOK, "deed.html", frame{Title: d.Title, Back: "/h5/requests/" + c.Number, View: c})
}

// doRequest carries a deed out.
func (p *Pages) doRequest(w http.ResponseWriter, r *http.Request, c requestCase) {
	d, ok := deedOf(r.PathValue("deed"))
	if !ok {
		p.problem(w, r, http.StatusNotFound, "没有这个页面", "请回到这一件重新操作。", link{"看这一件", "/h5/requests/" + c.Number})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostAdded)
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		p.problem(w, r, http.StatusRequestEntityTooLarge, "内容太大", "照片请不超过 10 MB，再提交一次。", link{"返回", "/h5/requests/" + c.Number})
		return
	}
	c.Deed, c.Typed = d, strings.TrimSpace(r.PostFormValue("words"))
	key := r.PostFormValue("key")
	if len(key) < 8 || len(key) > 64 {
		c.Wrong = "页面过期了，请再点一次。"
	}
	var attached string
	if c.Wrong == "" && d.Photo {
		attached, c.Wrong = p.attached(r, c.Who)
	}
	if c.Wrong == "" && d.Empty != "" && c.Typed == "" && attached == "" {
		c.Wrong = d.Empty
	}
	var yes *bot.SeparateConsent
	if c.Wrong == "" && d.Ask != "" && d.Action != "" {
		yes = p.separately(r, &c, attached, "h5:"+key)
	}
	if c.Wrong == "" {
		c.Wrong = p.carryOut(w, r, c, d, attached, "h5:"+key, yes)
	}
	switch c.Wrong {
	case "":
		http.Redirect(w, r, "/h5/requests/"+c.Number+"?done="+d.Path, http.StatusSeeOther)
	case gone:
	default:
		p.render(w, r, http.StatusUnprocessableEntity, "deed.html", frame{Title: "请看一看：" + d.Title, Back: "/h5/requests/" + c.Number, View: c})
	}
}

// gone means that the answer was written already.
const gone = "gone"

// separately sees to the sensitive particulars in what was typed: a yes to them
// alone is what it gives, on a no they are left out, and where neither was said
// the page is to ask. What cannot wait is not asked (个人信息保护法 article 13).
func (p *Pages) separately(r *http.Request, c *requestCase, attached, key string) *bot.SeparateConsent {
	kinds := privacy.Sensitive(c.Typed)
	if len(kinds) == 0 || ticket.UrgencyOf(c.Typed) == ticket.Urgent {
		return nil
	}
	c.Added, c.Kept = privacy.Addition{Number: c.acted(c.Deed), Key: key, Kinds: kinds}, attached
	answer := r.PostFormValue("sensitive")
	if r.PostFormValue("kinds") != c.Added.What() { // it was about something else
		answer = ""
	}
	switch answer {
	case "write":
		yes := c.Added.Agreed(c.Who, c.Deed.Title+" "+c.Number, "本人", c.Added.Question(), bot.Web, p.Clock())
		return &yes
	case "leave":
		if left := privacy.Without(c.Typed); left != "" || attached != "" {
			c.Typed = left
			return nil
		}
		c.Wrong = "去掉这些，就没有剩下的话了。请换个说法。"
	default:
		c.Wrong = "说到了" + c.Added.What() + "，请选一下写不写上。"
	}
	return nil
}

// acted is which request a deed is done to: what is asked of a part is asked of
// the whole.
func (c requestCase) acted(d deed) string {
	if c.Root.Number != "" && (d.Path == "add" || d.Path == "urge" || d.Path == "redo") {
		return c.Root.Number
	}
	return c.Number
}

// carryOut does a deed; wrong is a sentence where it was refused.
func (p *Pages) carryOut(w http.ResponseWriter, r *http.Request, c requestCase, d deed, attached, key string, yes *bot.SeparateConsent) (wrong string) {
	var err error
	words := c.Typed
	if words == "" && attached != "" {
		words = "补充照片"
	}
	if d.Action == "" {
		err = p.Requests.Say(r.Context(), ticket.Word{Wish: c.Number, By: c.Who, Text: bot.Secret(words), At: p.Clock(), Key: key})
	} else {
		_, err = p.Requests.Do(r.Context(), c.acted(d), ticket.Command{
			Action: d.Action, By: ticket.Actor{Role: ticket.RoleCitizen}, At: p.Clock(), Words: bot.Secret(words), Attachment: attached,
			Solved: ticket.Yes, Satisfied: ticket.Yes, Key: key,
		}, yes)
	}
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return no.Text
	}
	if err != nil {
		p.failed(w, r, d.Path+" request", err)
		return gone
	}
	return ""
}

// attached keeps the form's picture, drawn anew: where it was taken, and by
// what, does not stay in it. One that was kept before the page asked something
// is the same again.
func (p *Pages) attached(r *http.Request, of bot.CitizenID) (id, wrong string) {
	clean, kind, err := picture.FromForm(r, "picture", pictureSide)
	switch {
	case errors.Is(err, picture.ErrNone):
		kept := r.PostFormValue("kept")
		if kept == "" {
			return "", ""
		}
		if _, err := p.Requests.Picture(r.Context(), of, kept); err != nil {
			return "", "照片没有存上，请再选一次。"
		}
		return kept, ""
	case errors.Is(err, picture.ErrCut):
		return "", "照片没有传完，请再选一次。"
	case err != nil:
		return "", "照片打不开，请选 JPG 或 PNG。"
	}
	if id, err = p.Requests.Keep(r.Context(), of, bot.Attachment{Kind: "image", Type: kind, Name: "picture", Bytes: clean}, p.Clock()); err != nil {
		p.Log.Error("keep picture", "error", err)
		return "", "照片没有存上，请再选一次。"
	}
	return id, ""
}

// requestPicture shows one of the pictures the citizen sent themselves.
func (p *Pages) requestPicture(w http.ResponseWriter, r *http.Request, c requestCase) {
	id := r.PathValue("id")
	a, err := p.Requests.Picture(r.Context(), c.Who, id)
	if !slices.Contains(c.Attachments, id) || err != nil || !strings.HasPrefix(a.Type, "image/") {
		p.problem(w, r, http.StatusNotFound, "没有这张照片", "请回到这一件看看。", link{"看这一件", "/h5/requests/" + c.Number})
		return
	}
	w.Header().Set("Content-Type", a.Type)
	w.Header().Set("Content-Disposition", "inline; filename=picture")
	w.Write(a.Bytes)
}

// claimCase is the page of a wish somebody fulfilled.
type claimCase struct {
	claimRow
	Words    []ticket.Word
	Answered bool // thanks were passed on: they can answer
	Key      string
	Wrong    string
	Typed    string
	Done     bool
}

// claimed lets who took a wish up see what was said; to everybody else it is as
// if there were none.
func (p *Pages) claimed(next func(http.ResponseWriter, *http.Request, bot.CitizenID, claimCase)) http.HandlerFunc {
	return p.mine(func(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
		rows, err := p.claimRows(r.Context(), id)
		if err != nil {
			p.failed(w, r, "list claims", err)
			return
		}
		i := slices.IndexFunc(rows, func(c claimRow) bool { return c.Wish == r.PathValue("wish") })
		if i < 0 {
			p.problem(w, r, http.StatusNotFound, "没有找到这个心愿", "它可能是用别的手机号认领的，请用那个手机号登录。", link{"我的诉求", "/h5/requests"})
			return
		}
		c := claimCase{claimRow: rows[i], Key: rand.Text(), Done: r.URL.Query().Has("done")}
		if c.Words, err = p.heard(r.Context(), c.Wish, id); err != nil {
			p.failed(w, r, "list words", err)
			return
		}
		c.Answered = c.Delivered && slices.ContainsFunc(c.Words, func(v ticket.Word) bool { return v.Side == ticket.Household })
		next(w, r, id, c)
	})
}

func (p *Pages) showClaim(w http.ResponseWriter, r *http.Request, _ bot.CitizenID, c claimCase) {
	p.render(w, r, http.StatusOK, "claimed.html", frame{Title: "我认领的心愿", Back: "/h5/requests", View: c})
}

// answer takes what a claimant says back.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, id bot.CitizenID, c claimCase) {
	if !p.form(w, r) {
		return
	}
	c.Typed = strings.TrimSpace(r.PostFormValue("words"))
	key := r.PostFormValue("key")
	if len(key) < 8 || len(key) > 64 {
		c.Wrong = "页面过期了，请再点一次。"
	} else {
		err := p.Requests.Say(r.Context(), ticket.Word{Wish: c.Wish, By: id, Text: bot.Secret(c.Typed), At: p.Clock(), Key: "h5:" + key})
		var no *ticket.Refusal
		switch {
		case errors.As(err, &no):
			c.Wrong = no.Text
		case err != nil:
			p.failed(w, r, "answer thanks", err)
			return
		}
	}
	if c.Wrong != "" {
		p.render(w, r, http.StatusUnprocessableEntity, "claimed.html", frame{Title: "请看一看：回话", Back: "/h5/requests", View: c})
		return
	}
	http.Redirect(w, r, "/h5/claims/"+c.Wish+"?done=1", http.StatusSeeOther)
}

// giveUpPage asks whether it is meant.
func (p *Pages) giveUpPage(w http.ResponseWriter, r *http.Request, _ bot.CitizenID, c claimCase) {
	if !c.Binds {
		http.Redirect(w, r, "/h5/claims/"+c.Wish, http.StatusSeeOther)
		return
	}
	p.render(w, r, http.StatusOK, "giveup.html", frame{Title: "放回心愿", Back: "/h5/claims/" + c.Wish, View: c})
}

// giveUp lets others take a wish up; what is over already is what was wanted.
func (p *Pages) giveUp(w http.ResponseWriter, r *http.Request, id bot.CitizenID, c claimCase) {
	err := p.Requests.GiveUp(r.Context(), c.Wish, id, p.Clock())
	var no *ticket.Refusal
	if err != nil && !errors.As(err, &no) {
		p.failed(w, r, "give a claim up", err)
		return
	}
	http.Redirect(w, r, "/h5/claims/"+c.Wish, http.StatusSeeOther)
}
