package knowledge

import (
	"slices"
	"strings"
)

// Codes are a service's numbers in the national catalogue (GB/T 39554.1).
type Codes struct {
	Item    string `yaml:"item,omitempty" json:"item,omitempty"`         // 实施编码, 31 characters
	Catalog string `yaml:"catalog,omitempty" json:"catalog,omitempty"`   // 基本编码
	BizItem string `yaml:"biz_item,omitempty" json:"biz_item,omitempty"` // 业务办理项编码
}

// Waiver is why a paper need not be handed in.
type Waiver string

// The waivers; empty is Needed.
const (
	Needed     Waiver = "none"
	SystemMade Waiver = "system_made" // 系统自动生成
	ELicence   Waiver = "e_licence"   // 免提交: an electronic licence stands in
	DataShare  Waiver = "data_share"  // 免提交: offices check it among themselves
	Promise    Waiver = "promise"     // 告知承诺
)

// Title is what a waiver is called to citizens; empty for a paper that must
// be handed in.
func (w Waiver) Title() string {
	switch w {
	case SystemMade:
		return "系统自动生成"
	case ELicence:
		return "有电子证照免提交"
	case DataShare:
		return "部门能查到，免提交"
	case Promise:
		return "可以承诺代替"
	}
	return ""
}

// FeeItem is one charge with its standard and basis.
type FeeItem struct {
	Item   string `yaml:"item" json:"item"`
	Amount string `yaml:"amount" json:"amount"` // yuan, plain decimal
	Unit   string `yaml:"unit,omitempty" json:"unit,omitempty"`
	Basis  string `yaml:"basis,omitempty" json:"basis,omitempty"`
	Waiver string `yaml:"waiver,omitempty" json:"waiver,omitempty"` // who need not pay
}

// Place is a window where it is done.
type Place struct {
	Town    string   `yaml:"town,omitempty" json:"town,omitempty"` // id; empty: the city's
	Hall    string   `yaml:"hall" json:"hall"`
	Window  string   `yaml:"window,omitempty" json:"window,omitempty"`
	Address string   `yaml:"address,omitempty" json:"address,omitempty"`
	Hours   Lines    `yaml:"hours,omitempty" json:"hours,omitempty"`
	Phone   []string `yaml:"phone,omitempty" json:"phone,omitempty"`
	Bus     string   `yaml:"bus,omitempty" json:"bus,omitempty"`
}

// String is a place in one line.
func (p Place) String() string {
	s := p.Hall
	if p.Window != "" {
		s += p.Window
	}
	for _, more := range []string{p.Address, strings.Join(p.Phone, "、"), p.Bus} {
		if more != "" {
			s += "，" + more
		}
	}
	return s
}

// Channel is a way to do it without a window.
type Channel struct {
	Name string `yaml:"name" json:"name"` // 粤省事, 粤商通, 自助机, 邮寄
	URL  string `yaml:"url,omitempty" json:"url,omitempty"`
}

// QA is a question that is often put, and its answer.
type QA struct {
	Q string `yaml:"q" json:"q"`
	A string `yaml:"a" json:"a"`
}

// Overlay is what a town has otherwise than the city; what is empty stays the
// city's. Guides are never copied for a town.
type Overlay struct {
	Fee    string   `yaml:"fee,omitempty" json:"fee,omitempty"`
	Where  string   `yaml:"where,omitempty" json:"where,omitempty"`
	Hours  Lines    `yaml:"hours,omitempty" json:"hours,omitempty"`
	Online Lines    `yaml:"online,omitempty" json:"online,omitempty"`
	Phone  []string `yaml:"phone,omitempty" json:"phone,omitempty"`
	Places []Place  `yaml:"places,omitempty" json:"places,omitempty"`
	Tips   Lines    `yaml:"tips,omitempty" json:"tips,omitempty"`
	Open   *Opening `yaml:"open,omitempty" json:"open,omitempty"` // of the hall itself
}

// Overlays that are no town's.
const (
	CityHall = "city" // the city's own hall
	AnyTown  = "any"  // every town that has none of its own
)

// In is the guide as it is in a town, or itself where the town has nothing of
// its own.
func (g *Guide) In(town string) *Guide {
	o, ok := g.Towns[town]
	if !ok && town != "" && town != CityHall {
		o, ok = g.Towns[AnyTown]
	}
	if !ok {
		return g
	}
	own := *g
	if o.Fee != "" {
		own.Fee = o.Fee
	}
	if o.Where != "" {
		own.Where = o.Where
	}
	if len(o.Hours) > 0 {
		own.Hours = o.Hours
	}
	if len(o.Online) > 0 {
		own.Online = o.Online
	}
	if len(o.Phone) > 0 {
		own.Phone = o.Phone
	}
	if len(o.Places) > 0 {
		own.Places = o.Places
	}
	own.Tips = append(slices.Clone(g.Tips), o.Tips...)
	if len(own.Wording) > 0 { // an imported wording is the city's
		own.Wording = mapsWithout(own.Wording, o.fields())
	}
	return &own
}

// fields are what an overlay changes.
func (o Overlay) fields() []Field {
	var fields []Field
	for _, f := range []struct {
		field Field
		has   bool
	}{{Fee, o.Fee != ""}, {Where, o.Where != "" || len(o.Places) > 0}, {Hours, len(o.Hours) > 0}, {Online, len(o.Online) > 0}, {Phone, len(o.Phone) > 0}} {
		if f.has {
			fields = append(fields, f.field)
		}
	}
	return fields
}

func mapsWithout(m map[Field]string, drop []Field) map[Field]string {
	out := make(map[Field]string, len(m))
	for f, w := range m {
		if !slices.Contains(drop, f) {
			out[f] = w
		}
	}
	return out
}

// placeLines are the places of a guide, one a line.
func (g *Guide) placeLines() []string {
	lines := one(g.Where)
	for _, p := range g.Places {
		lines = append(lines, p.String())
	}
	return lines
}
