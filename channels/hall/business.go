package hall

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"guanjia/bot/booking"
)

// A city has thousands of businesses: no form lists them all. Who fills one in
// writes a few words of the name, and where these name several is asked which.

const (
	mostOffered   = 40 // of what the words may mean, at once
	mostSuggested = 80 // of what the browser suggests while somebody writes; beyond, nothing
)

// suggestions are what a browser may suggest: everything, where that is not
// too much for a page.
func suggestions(all []fact) []fact {
	if len(all) > mostSuggested {
		return nil
	}
	return all
}

// named is a business as a form names it.
type named struct {
	Form  string // where the form stands, to go back to
	To    string // where it goes
	Field string // under which its id is sent
	All   []fact // what there is, by id and name
}

// whichOne is the page that asks which of several businesses was meant.
type whichOne struct {
	Who Clerk
	named
	Method string
	Words  string
	Found  []fact
	More   int
	Fields url.Values // what else was filled in
}

// business reads which business a form means: its id where one was chosen, else
// the one that the words name; empty where nothing was written. ok is false
// where the request was answered by asking which, or that there is none.
func (p *Pages) business(w http.ResponseWriter, r *http.Request, who Clerk, n named) (id string, ok bool) {
	if err := r.ParseForm(); err != nil {
		p.refuse(w, r, n.Form, "填写的内容太长。")
		return "", false
	}
	id, words := r.Form.Get(n.Field), strings.TrimSpace(r.Form.Get("business"))
	if id != "" || words == "" {
		return id, true
	}
	found := matching(n.All, words)
	switch len(found) {
	case 0:
		p.refuse(w, r, n.Form, "没有名字里有“"+shortened(words)+"”的业务，换几个字试试。")
		return "", false
	case 1:
		return found[0].Name, true
	}
	v := whichOne{Who: who, named: n, Method: strings.ToLower(r.Method), Words: words, Found: found, Fields: url.Values{}}
	for name, values := range r.Form {
		if name != "business" && name != n.Field {
			v.Fields[name] = values
		}
	}
	if len(found) > mostOffered {
		v.Found, v.More = found[:mostOffered], len(found)-mostOffered
	}
	p.render(w, http.StatusOK, "which.html", v)
	return "", false
}

// matching are the businesses that words name: the one of that id or name, or
// those whose names have all the words, the shortest first.
func matching(all []fact, words string) []fact {
	if i := slices.IndexFunc(all, func(f fact) bool { return f.Name == words }); i >= 0 {
		return all[i : i+1]
	}
	var found, exact []fact
	parts := strings.Fields(strings.ToLower(words))
	for _, f := range all {
		title := strings.ToLower(f.Value)
		if title == strings.ToLower(words) {
			exact = append(exact, f)
		}
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(title, part) }) {
			found = append(found, f)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	slices.SortStableFunc(found, func(a, b fact) int { return cmp.Compare(len(a.Value), len(b.Value)) })
	return found
}

// shortened is what somebody wrote, to be said back to them.
func shortened(words string) string {
	if runes := []rune(words); len(runes) > 20 {
		return string(runes[:20]) + "…"
	}
	return words
}

// servicesAt are the services that a hall offers, by id and name.
func servicesAt(plan booking.Plan, hall string) []fact {
	offered := map[string]bool{} // of the groups of which something is said
	for _, o := range plan.Offers {
		offered[o.Group] = offered[o.Group] || o.Hall == hall
	}
	var all []fact
	for _, s := range plan.Services {
		here, said := offered[cmp.Or(s.Group, s.ID)]
		if !s.Retired && (here || !said) {
			all = append(all, fact{s.ID, s.Title})
		}
	}
	return all
}
