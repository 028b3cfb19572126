package open311

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"

	"guanjia/bot/ticket"
)

// Specification is what endpoints say they follow.
const Specification = "http://wiki.open311.org/GeoReport_v2"

// changed is when this interface last changed.
var changed = stamp(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))

type discovery struct {
	XMLName    xml.Name   `xml:"discovery" json:"-"`
	Changeset  string     `xml:"changeset" json:"changeset"`
	Contact    string     `xml:"contact" json:"contact"`
	KeyService string     `xml:"key_service" json:"key_service"`
	Endpoints  []endpoint `xml:"endpoints>endpoint" json:"endpoints"`
}

type endpoint struct {
	Specification string   `xml:"specification" json:"specification"`
	URL           string   `xml:"url" json:"url"`
	Changeset     string   `xml:"changeset" json:"changeset"`
	Type          string   `xml:"type" json:"type"`
	Formats       []string `xml:"formats>format" json:"formats"`
}

func (d *Door) discovery(w http.ResponseWriter, f format) {
	d.write(w, f, http.StatusOK, discovery{
		Changeset: changed, Contact: "接口的密钥和问题请联系 12345 热线平台管理员，也可以拨打 12345。",
		KeyService: "密钥由 12345 平台管理员在工作台发放。",
		Endpoints: []endpoint{{Specification: Specification, URL: d.URL + Root, Changeset: changed, Type: "production",
			Formats: []string{"text/xml", "application/json"}}},
	})
}

// other is the service of what nobody can sort: a person does, and so the
// number comes later, by a token.
const other = "other"

type service struct {
	Code        string `xml:"service_code" json:"service_code"`
	Name        string `xml:"service_name" json:"service_name"`
	Description string `xml:"description" json:"description"`
	Metadata    bool   `xml:"metadata" json:"metadata"`
	Type        string `xml:"type" json:"type"`
	Keywords    string `xml:"keywords" json:"keywords"`
	Group       string `xml:"group" json:"group"`
}

type services struct {
	XMLName  xml.Name  `xml:"services" json:"-"`
	Services []service `xml:"service"`
}

func (s services) list() any { return s.Services }

func (d *Door) serviceList(w http.ResponseWriter, f format) {
	var all services
	for _, c := range d.Categories {
		all.Services = append(all.Services, service{
			Code: c.ID, Name: c.Name, Description: c.Group + "：" + c.Name + "，由" + c.Department + "负责", Metadata: true, Type: "realtime",
			Keywords: strings.Join(c.Phrases, ","), Group: c.Group,
		})
	}
	all.Services = append(all.Services, service{Code: other, Name: "其他", Description: "分不清归谁管的，由 12345 分派，先给凭证，分派后换编号", Metadata: true, Type: "batch", Keywords: "其他", Group: "其他"})
	d.write(w, f, http.StatusOK, all)
}

type attribute struct {
	Variable            bool    `xml:"variable" json:"variable"`
	Code                string  `xml:"code" json:"code"`
	Datatype            string  `xml:"datatype" json:"datatype"`
	Required            bool    `xml:"required" json:"required"`
	DatatypeDescription string  `xml:"datatype_description" json:"datatype_description"`
	Order               int     `xml:"order" json:"order"`
	Description         string  `xml:"description" json:"description"`
	Values              []value `xml:"values>value,omitempty" json:"values,omitempty"`
}

type value struct {
	Key  string `xml:"key" json:"key"`
	Name string `xml:"name" json:"name"`
}

type definition struct {
	XMLName    xml.Name    `xml:"service_definition" json:"-"`
	Code       string      `xml:"service_code" json:"service_code"`
	Attributes []attribute `xml:"attributes>attribute" json:"attributes"`
}

func (d *Door) serviceDefinition(w http.ResponseWriter, f format, code string) {
	if _, ok := d.services[code]; !ok && code != other {
		d.refuse(w, f, http.StatusNotFound, "service_code provided was not found")
		return
	}
	d.write(w, f, http.StatusOK, definition{Code: code, Attributes: d.attributes()})
}

// attributes are what may be told with a report of any service.
func (d *Door) attributes() []attribute {
	var towns, purposes []value
	for _, t := range d.Towns {
		towns = append(towns, value{t.ID, t.Name})
	}
	for _, t := range purposesOf() {
		purposes = append(purposes, value{string(t), string(t)})
	}
	return []attribute{
		{Variable: true, Code: "town", Datatype: "singlevaluelist", DatatypeDescription: "从列表里选一个镇街", Order: 1, Description: "在哪个镇街？不填按位置或地址判断。", Values: towns},
		{Variable: true, Code: "type", Datatype: "singlevaluelist", DatatypeDescription: "从列表里选一个", Order: 2, Description: "投诉、举报、建议、求助、咨询还是表扬？", Values: purposes},
		{Variable: true, Code: "since", Datatype: "datetime", DatatypeDescription: "ISO 8601，如 2026-12-02T15:00:00Z", Order: 3, Description: "什么时候开始的？"},
		{Variable: true, Code: "confidential", Datatype: "singlevaluelist", DatatypeDescription: "从列表里选一个", Order: 4, Description: "要保密吗？保密的不会公开。", Values: []value{{"yes", "保密"}, {"no", "不用"}}},
		{Variable: true, Code: consent, Datatype: "singlevaluelist", DatatypeDescription: "从列表里选一个", Order: 5, Description: asking, Values: []value{{"yes", "本人同意写上"}, {"no", "不写"}}},
	}
}

func purposesOf() []ticket.Type {
	return []ticket.Type{ticket.Complaint, ticket.Tipoff, ticket.Suggestion, ticket.Assistance, ticket.Inquiry, ticket.Praise}
}

func knownPurpose(t ticket.Type) bool { return slices.Contains(purposesOf(), t) }
