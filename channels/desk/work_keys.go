package desk

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/bot/ticket"
)

// workKeys lists who may file through the public interface, and lets an
// administrator give out keys and end them. A key is shown once.
func (d *Desk) workKeys(w http.ResponseWriter, r *http.Request, who Account) {
	if who.Role != "administrator" {
		d.workSay(w, http.StatusForbidden, who, "接口密钥由管理员发放。")
		return
	}
	view := map[string]any{}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		var fault string
		if fault = d.changeKeys(w, r, who, view); fault == refusedAlready {
			return
		}
		if fault != "" {
			view["Error"], status = fault, http.StatusBadRequest
		}
	}
	keys, err := d.Work.Tickets.Keys(r.Context(), d.Clock())
	if err != nil {
		d.fail(w, "list keys", err)
		return
	}
	view["Keys"] = keys
	d.workShow(w, status, "work-keys.html", "接口", who, view)
}

// refusedAlready says that the request was answered.
const refusedAlready = "-"

// changeKeys adds or ends a key; what comes back is what is wrong.
func (d *Desk) changeKeys(w http.ResponseWriter, r *http.Request, who Account, view map[string]any) string {
	name := strings.TrimSpace(strings.Map(printable, r.PostFormValue("name")))
	if n := utf8.RuneCountInString(name); n < 2 || n > 40 || strings.Contains(name, ":") {
		return "名称要 2 到 40 个字，不带冒号。"
	}
	end := r.PostFormValue("end") != ""
	deed := "give out key"
	if end {
		deed = "end key"
	}
	if !d.audit(w, r, who.Name, deed, name) {
		return refusedAlready
	}
	if end {
		if err := d.Work.Tickets.RevokeKey(r.Context(), name, d.Clock()); err != nil && !errors.Is(err, ticket.ErrNoKey) {
			d.fail(w, "end key", err)
			return refusedAlready
		}
		return ""
	}
	quota, err := strconv.Atoi(r.PostFormValue("quota"))
	if err != nil || quota < 1 || quota > 1_000_000 {
		return "每天限额要写成 1 到 1000000 的数。"
	}
	secret := rand.Text()
	if err := d.Work.Tickets.AddKey(r.Context(), name, secret, quota, d.Clock()); err != nil {
		return "这个名称用过了，换一个。"
	}
	view["Secret"], view["Name"] = secret, name
	return ""
}
