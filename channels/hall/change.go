package hall

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"guanjia/bot/booking"
)

// fact is a line of what a change is.
type fact struct{ Name, Value string }

// proposed is a change on the page that shows its effect before it is made.
type proposed struct {
	Who    Clerk
	Title  string
	Facts  []fact
	Impact []string
	To     string     // where the form goes
	Back   string     // where it came from
	Fields url.Values // what was filled in, sent again with the yes
	Reason string
	Asks   bool // for a reason
	Wrong  string
}

// longestReason is how long a reason may be, in characters.
const longestReason = 100

// make shows what a change would do, and makes it once it is meant.
func (p *Pages) make(w http.ResponseWriter, r *http.Request, v proposed, c booking.Change, done string) {
	v.Reason = strings.TrimSpace(r.PostFormValue("reason"))
	sure := r.PostFormValue("sure") == "yes"
	if sure && v.Reason != "" && len([]rune(v.Reason)) <= longestReason {
		if err := p.Keeper.Change(r.Context(), c, v.Who.Name, v.Reason); err != nil {
			p.failed(w, "change the plan", err)
			return
		}
		p.tell(w, done, "")
		http.Redirect(w, r, v.Back, http.StatusSeeOther)
		return
	}
	if sure {
		v.Wrong = "请写明为什么改，不超过 100 字。"
	}
	impact, err := p.Ledger.Impact(r.Context(), c, p.Clock())
	if err != nil {
		p.failed(w, "look at a change's effect", err)
		return
	}
	v.Impact = worded(impact)
	v.Fields = r.PostForm
	v.Fields.Del("sure")
	v.Fields.Del("reason")
	v.To = r.URL.Path
	status := http.StatusOK
	if v.Wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	p.render(w, status, "change.html", v)
}

// worded says what a change would do.
func worded(v booking.Impact) []string {
	var out []string
	if v.Added > 0 {
		out = append(out, fmt.Sprintf("已放号的日子里马上多出 %d 个号", v.Added))
	}
	if v.Shut > 0 {
		out = append(out, fmt.Sprintf("已放号的日子里收回 %d 个没约的号", v.Shut))
	}
	if v.Concerned > 0 {
		out = append(out, fmt.Sprintf("%d 人已经约在里面，会发消息给他们改约", v.Concerned))
	}
	if v.Week != v.Was {
		out = append(out, fmt.Sprintf("之后一周放的号从 %d 个变成 %d 个", v.Was, v.Week))
	}
	if len(out) == 0 {
		out = append(out, "已放的号和之后一周的号都不变")
	}
	return out
}

// told back to a page.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, to, wrong string) {
	p.tell(w, "", wrong)
	http.Redirect(w, r, to, http.StatusSeeOther)
}
