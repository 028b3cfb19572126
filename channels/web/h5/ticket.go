package h5

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"rsc.io/qr"

	"guanjia/bot/booking"
)

// visitTakes is how long a visit stands in a calendar.
const visitTakes = time.Hour

// calendar is an appointment as a calendar file (RFC 5545), with a reminder
// two hours before. It names no person. Of one that was cancelled it is the
// file that takes it out of the calendar again.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request, a row) {
	h, _, err := p.hallOf(r, a.Hall)
	if err != nil {
		p.failed(w, r, "list halls", err)
		return
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//guanjia//appointments//ZH")
	e := cal.AddEvent(a.Number + "@guanjia")
	e.SetDtStampTime(p.Clock())
	e.SetSequence(int(p.Clock().Sub(a.CreatedAt) / time.Second)) // what is fetched later replaces what was fetched before
	e.SetStartAt(a.Starts())
	e.SetEndAt(a.Starts().Add(visitTakes))
	e.SetSummary("办理：" + a.Title)
	e.SetLocation(strings.TrimSuffix(a.Place+"，"+h.Address, "，"))
	e.SetURL(p.PublicURL + "/h5/mine/" + a.Number)
	if a.Status == booking.Cancelled {
		cal.SetMethod(ics.MethodCancel)
		e.SetStatus(ics.ObjectStatusCancelled)
		e.SetDescription("预约号 " + a.Number + "，已取消。")
	} else {
		cal.SetMethod(ics.MethodPublish)
		e.SetStatus(ics.ObjectStatusConfirmed)
		e.SetDescription("预约号 " + a.Number + "。请提前 15 分钟到厅取号，带好材料。")
		alarm := e.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetTrigger("-PT2H")
		alarm.SetProperty(ics.ComponentPropertyDescription, "两小时后："+a.Title)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8") // whose lines end as the RFC has it, whatever the machine
	w.Header().Set("Content-Disposition", `attachment; filename="`+a.Number+`.ics"`)
	if err := cal.SerializeTo(w, ics.WithNewLineWindows); err != nil {
		p.Log.Debug("calendar not written", "error", err)
	}
}

// code is the picture the hall's machine reads: the number and nothing else.
func (p *Pages) code(w http.ResponseWriter, r *http.Request, a row) {
	png, err := QR(a.Number)
	if err != nil {
		p.failed(w, r, "draw code", err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Write(png)
}

// QR draws words as a QR code, a PNG picture.
func QR(words string) ([]byte, error) {
	c, err := qr.Encode(words, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	c.Scale = 8
	return c.PNG(), nil
}
