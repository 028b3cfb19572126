package ticket

import (
	"fmt"
	"strings"
)

// Body is who a ticket lies with. The zero Body is the 12345 centre; a
// department may have its branch in a town; below a town stand its villages
// (communities) and its social workers.
type Body struct {
	Department string // id in the dispatch catalogue
	Town       string // town id
	Village    string // a village's or community's name
	Social     bool   // the town's social workers
}

// String is the body in the form ParseBody reads: "" for the centre, d:scj,
// d:scj@humen, t:humen, v:humen/北栅, s:humen.
func (b Body) String() string {
	switch {
	case b.Department != "" && b.Town != "":
		return "d:" + b.Department + "@" + b.Town
	case b.Department != "":
		return "d:" + b.Department
	case b.Town == "":
		return ""
	case b.Social:
		return "s:" + b.Town
	case b.Village != "":
		return "v:" + b.Town + "/" + b.Village
	}
	return "t:" + b.Town
}

// ParseBody reads what String wrote.
func ParseBody(s string) (Body, error) {
	if s == "" {
		return Body{}, nil
	}
	kind, rest, found := strings.Cut(s, ":")
	if !found || rest == "" {
		return Body{}, fmt.Errorf("body %q is not known", s)
	}
	switch kind {
	case "d":
		department, town, _ := strings.Cut(rest, "@")
		return Body{Department: department, Town: town}, nil
	case "t":
		return Body{Town: rest}, nil
	case "s":
		return Body{Town: rest, Social: true}, nil
	case "v":
		if town, village, ok := strings.Cut(rest, "/"); ok && village != "" {
			return Body{Town: town, Village: village}, nil
		}
	}
	return Body{}, fmt.Errorf("body %q is not known", s)
}

// Centre says whether it is the 12345 centre.
func (b Body) Centre() bool { return b == Body{} }

// Over says whether what lies with other is b's own business too: a
// department's branches, a town's villages and social workers are.
func (b Body) Over(other Body) bool {
	switch {
	case b == other || b.Centre():
		return true
	case other.Centre() || b.Village != "" || b.Social:
		return false
	case b.Department != "":
		return b.Department == other.Department && (b.Town == "" || b.Town == other.Town)
	}
	return other.Department == "" && b.Town == other.Town
}

// Names tell bodies in words.
type Names struct {
	Towns       map[string]string // id → name
	Departments map[string]string // id → name
	// Branches names a department's counterpart in the towns, by its id.
	Branches map[string]string
}

// Body names a body as citizens and colleagues know it.
func (n Names) Body(b Body) string {
	town := n.Towns[b.Town]
	if town == "" {
		town = b.Town
	}
	switch {
	case b.Centre():
		return "12345 中心"
	case b.Department != "" && b.Town != "":
		if branch := n.Branches[b.Department]; branch != "" {
			return town + branch
		}
		return n.department(b.Department) + "（" + town + "）"
	case b.Department != "":
		return n.department(b.Department)
	case b.Social:
		return town + "社工"
	case b.Village != "":
		return town + b.Village
	}
	return town + "公共服务办"
}

func (n Names) department(id string) string {
	if name := n.Departments[id]; name != "" {
		return name
	}
	return id
}
