package h5

import (
	"fmt"
	"net/http"
	"time"

	ics "github.com/arran4/golang-ical"
	"rsc.io/qr"
)

// visitTakes is how long a visit stands in a calendar.
const visitTakes = time.Hour

// calendar is an appointment as a calendar file (RFC 5545), with a reminder
// two hours before. It names no person.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request, a row) {
	cal := ics.NewCalendar()
	cal.SetProductId("-//guanjia//appointments//ZH")
	cal.SetMethod(ics.MethodPublish)
	e := cal.AddEvent(a.Number + "@guanjia")
	e.SetDtStampTime(p.Clock())
	e.SetStartAt(a.Starts())
	e.SetEndAt(a.Starts().Add(visitTakes))
	e.SetSummary("办理：" + a.Title)
	e.SetLocation(a.Place)
	e.SetDescription("预约号 " + a.Number + "。请提前 15 分钟到厅取号，带好材料。")
	e.SetURL(p.PublicURL + "/h5/mine/" + a.Number)
	if !a.Active {
		e.SetStatus(ics.ObjectStatusCancelled)
	} else {
		alarm := e.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetTrigger("-PT2H")
		alarm.SetProperty(ics.ComponentPropertyDescription, "两小时后："+a.Title)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+a.Number+`.ics"`)
	if err := cal.SerializeTo(w); err != nil {
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
