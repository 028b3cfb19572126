package hall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"guanjia/bot"
)

const (
	importPath    = "/hall/services/import"
	longestUpload = 8 << 20 // in bytes
	tableLife     = time.Hour
	mostFaults    = 200 // are listed at once
)

// TableError is why a file is no table of services, for who chose it.
type TableError struct{ Why string }

func (e *TableError) Error() string { return e.Why }

// RowFault is why a row of a table is left out.
type RowFault struct {
	Row                   int
	Column, Value, Reason string
}

// Imported is what a table of services holds.
type Imported struct {
	Rows, Services, Halls, Windows, Periods int
	Faults                                  []RowFault
}

// Uploads keeps the files that were looked at and wait for a yes: one of each
// clerk, for a while, over a restart too.
type Uploads interface {
	KeepUpload(ctx context.Context, staff, page string, u bot.Upload) error
	Upload(ctx context.Context, staff, page string, now time.Time) (bot.Upload, bool, error)
	DropUpload(ctx context.Context, staff, page string) error
}

// uploadPage names the page that files wait for.
const uploadPage = "services"

// importing is the page of taking a table in.
type importing struct {
	Who         Clerk
	Columns     []fact
	Waiting     string // the file that was chosen before and waits for a yes
	File        string
	Found       *Imported
	Faults      []RowFault
	More        int // of the faults
	Done        bool
	Reason      string
	Said, Wrong string
}

// What the sample's rows are told by: nothing of them may be booked.
const (
	samplePrefix = "sample-"
	sampleMark   = "样例"
)

// SampleCell is the column of a row that is still as the sample has it: its
// services and its hall are nobody's, and would be offered to citizens.
func SampleCell(cells map[string]string) string {
	for _, name := range []string{"service_id", "hall_id"} {
		if strings.HasPrefix(cells[name], samplePrefix) {
			return name
		}
	}
	for _, name := range []string{"title", "hall"} {
		if strings.Contains(cells[name], sampleMark) {
			return name
		}
	}
	return ""
}

// sampleRows are rows of a table of services, below the heading of columns: a
// hall, two services, of which one is done at a window by the hour.
func sampleRows() [][]string {
	return [][]string{
		{"sample-dog", "养犬登记（样例）", "狗证、养狗登记", "", "公安局", "15", "sample-hall", "样例大厅（请改成自己的）", "虎门镇", "虎门大道 1 号", "0769-12345678", "周一至周五 9:00–17:00", "22.8140", "113.6730", "有无障碍车位", "A1", "09:00", "4", "12345"},
		{"sample-dog", "养犬登记（样例）", "", "", "公安局", "15", "sample-hall", "样例大厅（请改成自己的）", "", "", "", "", "", "", "", "A1", "14:00", "4", "12345"},
		{"sample-bees", "养蜂登记（样例）", "蜂证", "", "农业农村局", "20", "sample-hall", "样例大厅（请改成自己的）", "", "", "", "", "", "", "", "", "", "", ""},
	}
}

// columns are the headings of a table of services, with what they hold.
func columns() []fact {
	return []fact{
		{"业务编号", "字母、数字、点、横线"}, {"业务名称", "市民看到的"}, {"别名", "用顿号分开"}, {"号源组", "同组的共用号"}, {"部门", ""}, {"平均办理分钟", "1–480"},
		{"大厅编号", ""}, {"大厅", "名称"}, {"镇街", ""}, {"地址", ""}, {"电话", ""}, {"开放时间", ""}, {"纬度", ""}, {"经度", ""}, {"停车无障碍", ""},
		{"窗口", "大厅里的窗口号"}, {"时段", "09:00 这样"}, {"号数", "这个时段放几个，0 是不放；没写到的时段照平时的放"}, {"星期", "1–7，不写为工作日"},
	}
}

func (p *Pages) importPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	v := importing{Who: who}
	v.Said, v.Wrong = p.told(w, r)
	t, waits, err := p.Uploads.Upload(r.Context(), who.Name, uploadPage, p.Clock())
	if err != nil {
		p.failed(w, "read an uploaded table", err)
		return
	}
	if waits {
		v.Waiting = t.Name
	}
	p.showImport(w, http.StatusOK, v)
}

// showImport renders the page, with what a table may hold.
func (p *Pages) showImport(w http.ResponseWriter, status int, v importing) {
	v.Columns = columns()
	p.render(w, status, "import.html", v)
}

// template is a table to be filled in.
func (p *Pages) template(w http.ResponseWriter, _ *http.Request, _ Clerk) { p.sendTable(w, nil) }

// sample is one to be written over.
func (p *Pages) sample(w http.ResponseWriter, _ *http.Request, _ Clerk) { p.sendTable(w, sampleRows()) }

// sendTable sends a table of services with the rows.
func (p *Pages) sendTable(w http.ResponseWriter, rows [][]string) {
	var head []string
	for _, c := range columns() {
		head = append(head, c.Name)
	}
	raw, err := p.Excel("业务", append([][]string{head}, rows...))
	if err != nil {
		p.failed(w, "write a template", err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="services.xlsx"`)
	w.Write(raw)
}

// importServices shows what a table holds and which rows are left out, and
// takes it in when that is meant.
func (p *Pages) importServices(w http.ResponseWriter, r *http.Request, who Clerk) {
	if err := r.ParseMultipartForm(longestUpload); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		p.refuse(w, r, importPath, "文件太大，一个文件最大 8 MB：请分成几个。")
		return
	}
	switch r.PostFormValue("sure") {
	case "yes", "look":
		p.takeTable(w, r, who)
		return
	case "no":
		p.dropTable(w, r, who)
		return
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		p.refuse(w, r, importPath, "请选一个 Excel、CSV 或 JSON 文件。")
		return
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		p.failed(w, "read an uploaded table", err)
		return
	}
	t := bot.Upload{Name: shortened(header.Filename), Raw: raw, Until: p.Clock().Add(tableLife)}
	found, err := p.Keeper.ExamineServices(raw)
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	if err := p.Uploads.KeepUpload(r.Context(), who.Name, uploadPage, t); err != nil {
		p.failed(w, "keep an uploaded table", err)
		return
	}
	p.showTable(w, http.StatusOK, importing{Who: who, File: t.Name, Found: &found})
}

// dropTable lets the file that waits go.
func (p *Pages) dropTable(w http.ResponseWriter, r *http.Request, who Clerk) {
	if err := p.Uploads.DropUpload(r.Context(), who.Name, uploadPage); err != nil {
		p.failed(w, "drop an uploaded table", err)
		return
	}
	http.Redirect(w, r, importPath, http.StatusSeeOther)
}

// takeTable takes in what was looked at, or shows it once more.
func (p *Pages) takeTable(w http.ResponseWriter, r *http.Request, who Clerk) {
	t, ok, err := p.Uploads.Upload(r.Context(), who.Name, uploadPage, p.Clock())
	if err != nil {
		p.failed(w, "read an uploaded table", err)
		return
	}
	if !ok {
		p.refuse(w, r, importPath, "文件放得太久了，请再选一次。")
		return
	}
	if r.PostFormValue("sure") == "look" {
		p.examined(w, r, who, t, "", "")
		return
	}
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	if reason == "" || len([]rune(reason)) > longestReason {
		p.examined(w, r, who, t, reason, "请写明为什么导入，不超过 100 字。")
		return
	}
	found, err := p.Keeper.ImportServices(r.Context(), t.Raw, who.Name, reason)
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	if err := p.Uploads.DropUpload(r.Context(), who.Name, uploadPage); err != nil {
		p.Log.Error("drop an uploaded table", "error", err) // it is taken in all the same
	}
	p.showTable(w, http.StatusOK, importing{Who: who, File: t.Name, Found: &found, Done: true, Said: fmt.Sprintf("收下了 %d 项业务、%d 个大厅，号马上放出来。", found.Services, found.Halls)})
}

// examined shows what a waiting table holds; wrong is what keeps it from being
// taken in.
func (p *Pages) examined(w http.ResponseWriter, r *http.Request, who Clerk, t bot.Upload, reason, wrong string) {
	found, err := p.Keeper.ExamineServices(t.Raw)
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	p.showTable(w, status, importing{Who: who, File: t.Name, Found: &found, Reason: reason, Wrong: wrong})
}

func (p *Pages) showTable(w http.ResponseWriter, status int, v importing) {
	v.Faults = v.Found.Faults[:min(len(v.Found.Faults), mostFaults)]
	v.More = len(v.Found.Faults) - len(v.Faults)
	p.showImport(w, status, v)
}

// unreadable says why a file could not be taken.
func (p *Pages) unreadable(w http.ResponseWriter, r *http.Request, err error) {
	var why *TableError
	if errors.As(err, &why) {
		p.refuse(w, r, importPath, why.Why+"。")
		return
	}
	p.failed(w, "import services", err)
}
