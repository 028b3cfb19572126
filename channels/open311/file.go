package open311

import (
	"cmp"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

type filed struct {
	XMLName  xml.Name  `xml:"service_requests" json:"-"`
	Requests []receipt `xml:"request"`
}

func (f filed) list() any { return f.Requests }

// receipt answers a report: its number, or a token while a person still has to
// sort it.
type receipt struct {
	Number  string `xml:"service_request_id,omitempty" json:"service_request_id,omitempty"`
	Token   string `xml:"token,omitempty" json:"token,omitempty"`
	Notice  string `xml:"service_notice" json:"service_notice"`
	Account string `xml:"account_id" json:"account_id"`
}

// bounds of a report, in characters.
const (
	mostWords = 4000
	mostField = 200
)

// file takes a report.
func (d *Door) file(w http.ResponseWriter, r *http.Request, f format) {
	secret := r.PostFormValue("api_key")
	name, err := d.Books.KeyName(r.Context(), secret)
	if errors.Is(err, ticket.ErrNoKey) {
		d.refuse(w, f, http.StatusForbidden, "Missing or Invalid API Key")
		return
	}
	if err != nil {
		d.fail(w, f, "check key", err)
		return
	}
	t, told, status, why := d.read(r, name)
	if why != "" {
		d.refuse(w, f, status, why)
		return
	}
	token := ""
	if t.Category == "" {
		token = rand.Text()
	}
	v, err := d.Filing.FilePublic(r.Context(), reporter(r, name), secret, token, t, told.yes)
	switch {
	case errors.Is(err, ticket.ErrNoKey):
		d.refuse(w, f, http.StatusForbidden, "Missing or Invalid API Key")
	case errors.Is(err, ticket.ErrQuota):
		w.Header().Set("Retry-After", strconv.Itoa(int(untilMidnight(d.Clock()).Seconds())))
		d.refuse(w, f, http.StatusTooManyRequests, "the key's quota of today is used up")
	case errors.Is(err, ticket.ErrPaused):
		w.Header().Set("Retry-After", "600")
		d.refuse(w, f, http.StatusServiceUnavailable, "filing reports is paused for now")
	case err != nil:
		d.fail(w, f, "file report", err)
	case token != "":
		d.write(w, f, http.StatusCreated, filed{Requests: []receipt{{Token: token, Notice: told.after("由 12345 分派，分派后凭证可换编号")}}})
	default:
		d.write(w, f, http.StatusCreated, filed{Requests: []receipt{{Number: v.Number, Notice: told.after(d.notice(v))}}})
	}
}

func untilMidnight(t time.Time) time.Duration {
	t = t.In(bot.Shanghai())
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, bot.Shanghai()).Sub(t)
}

func (d *Door) notice(v ticket.Ticket) string {
	if v.Life.Root != "" {
		return "附近已有人反映同样的事，合并一起办；" + bot.Simplified.Date(v.DueAt) + "前答复"
	}
	return "由" + v.Department + "办理，" + bot.Simplified.Date(v.DueAt) + "前答复"
}

// reporter is who files: by the account or device the key's owner names, else
// somebody new each time. The key's name parts the owners' people.
func reporter(r *http.Request, key string) bot.Address {
	for _, field := range []string{"account_id", "device_id", "email", "phone"} {
		if v := strings.TrimSpace(r.PostFormValue(field)); v != "" && len(v) <= mostField {
			return bot.Address{Channel: Channel, ID: key + ":" + field + ":" + v}
		}
	}
	return bot.Address{Channel: Channel, ID: key + ":" + rand.Text()}
}

// read makes a ticket of a form; why says what is wrong with it.
func (d *Door) read(r *http.Request, key string) (t ticket.Ticket, told told, status int, why string) {
	field := func(name string) string { return clean(r.PostFormValue(name)) }
	code := field("service_code")
	c, known := d.services[code]
	switch {
	case code == "":
		return t, told, http.StatusBadRequest, "service_code was not provided"
	case !known && code != other:
		return t, told, http.StatusNotFound, "service_code provided was not found"
	}
	for _, name := range []string{"email", "device_id", "account_id", "first_name", "last_name", "phone", "media_url", "address_string", "address_id"} {
		if utf8.RuneCountInString(field(name)) > mostField {
			return t, told, http.StatusBadRequest, name + " is too long"
		}
	}
	t = ticket.Ticket{
		Channel: Channel, Kind: ticket.Report, Category: c.ID, Status: ticket.Accepted, Urgency: ticket.Normal,
		Department: c.Department, DepartmentID: c.DepartmentID, Confidential: c.Confidential || field("attribute[confidential]") == "yes",
		Name: bot.Secret(field("last_name") + field("first_name")), Phone: bot.Secret(field("phone")), CreatedAt: d.Clock(), Key: rand.Text(),
	}
	t.Anonymous = t.Name == "" && t.Phone == "" && field("email") == ""
	if why = d.place(r, &t); why != "" {
		return t, told, http.StatusBadRequest, why
	}
	t.TownBranch = c.TownBody != "" && t.Town != ""
	words, why := d.words(r, c)
	if why != "" {
		return t, told, http.StatusBadRequest, why
	}
	t.Urgency = ticket.UrgencyOf(words)
	if told, why = d.separately(r, key, words, privacy.Addition{Key: t.Key}); why != "" {
		return t, told, http.StatusBadRequest, why
	}
	words = cmp.Or(told.words, c.Name, "见图片和位置")
	t.Text = bot.Secret(words)
	t.Affected, t.ContactWish = ticket.Affected(words), bot.Secret(ticket.ContactWish(words))
	t.Type = ticket.Type(field("attribute[type]"))
	if t.Type == "" {
		t.Type = ticket.TypeOf(words, c.Default)
	}
	if !knownPurpose(t.Type) {
		return t, told, http.StatusBadRequest, "attribute[type] is not one of its values"
	}
	t.Title = d.Books.TicketRules().Names.Towns[t.Town] + c.Name + string(t.Type)
	t.Life.Confidence = 1 // the reporter chose
	if c.ID == "" {
		t.Life.Confidence = 0
	}
	return t, told, 0, ""
}

// words is what is told, with what else was told of it.
func (d *Door) words(r *http.Request, c ticket.Category) (string, string) {
	words := clean(r.PostFormValue("description"))
	if words == "" {
		words = c.Name
	}
	if since := clean(r.PostFormValue("attribute[since]")); since != "" {
		at, err := time.Parse(time.RFC3339, since)
		if err != nil {
			return "", "attribute[since] is no date and time of ISO 8601 with a zone"
		}
		words += "\n开始时间：" + at.In(bot.Shanghai()).Format("2006-01-02 15:04")
	}
	for _, extra := range [][2]string{{"email", "邮箱："}, {"media_url", "图片："}} {
		if v := clean(r.PostFormValue(extra[0])); v != "" {
			words += "\n" + extra[1] + v
		}
	}
	if utf8.RuneCountInString(words) > mostWords {
		return "", "description is too long"
	}
	return words, ""
}

// clean drops control characters other than line breaks.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || r == utf8.RuneError {
			return -1
		}
		return r
	}, s))
}

// place finds where a report is about: one of a position, an address or an
// address's id must be given. The town is the one named, or the nearest.
func (d *Door) place(r *http.Request, t *ticket.Ticket) string {
	address := clean(r.PostFormValue("address_string"))
	if address == "" {
		address = clean(r.PostFormValue("address_id"))
	}
	lat, long := r.PostFormValue("lat"), r.PostFormValue("long")
	if address == "" && (lat == "" || long == "") {
		return "a location is needed: lat and long, address_string or address_id"
	}
	t.Address, t.Village = bot.Secret(address), ticket.VillageOf(address)
	if lat != "" || long != "" {
		var errLat, errLong error
		t.Latitude, errLat = strconv.ParseFloat(lat, 64)
		t.Longitude, errLong = strconv.ParseFloat(long, 64)
		if errLat != nil || errLong != nil || math.Abs(t.Latitude) > 90 || math.Abs(t.Longitude) > 180 || math.IsNaN(t.Latitude+t.Longitude) {
			return "lat and long are not degrees"
		}
	}
	if id := clean(r.PostFormValue("attribute[town]")); id != "" {
		if _, ok := d.towns[id]; !ok {
			return "attribute[town] is not one of its values"
		}
		t.Town = id
		return ""
	}
	if t.Town = d.townIn(address); t.Town == "" && (lat != "" || long != "") {
		near := ticket.Nearest(d.middles, t.Latitude, t.Longitude, 1)
		if len(near) == 0 {
			return "the position is not in this city"
		}
		t.Town = near[0]
	}
	return ""
}

// townIn finds the town an address names.
func (d *Door) townIn(address string) string {
	for _, t := range d.Towns {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			if utf8.RuneCountInString(name) > 1 && strings.Contains(address, name) {
				return t.ID
			}
		}
	}
	return ""
}
