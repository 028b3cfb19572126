package desk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

const (
	importPage       = "/knowledge/import"
	uploadPage       = "knowledge" // whose file it is that waits
	longestUpload    = 8 << 20     // bytes
	uploadLife       = time.Hour
	mostImportFaults = 200 // are listed at once
)

// Uploads keeps the files that were looked at and wait for a yes: one of each
// person, for a while, over a restart too.
type Uploads interface {
	KeepUpload(ctx context.Context, staff, page string, u bot.Upload) error
	Upload(ctx context.Context, staff, page string, now time.Time) (bot.Upload, bool, error)
	DropUpload(ctx context.Context, staff, page string) error
}

// LibraryColumn is a column of a file: its heading, what it is taken for, and
// what stands in it.
type LibraryColumn struct {
	Heading, Key string
	Samples      []string
}

// LibraryTarget is something a column can be taken for.
type LibraryTarget struct{ Key, Label string }

// LibraryFault is what is wrong in a row.
type LibraryFault struct {
	Row                       int
	ID, Column, Value, Reason string
	Rejected                  bool // the whole row is left out
}

// LibraryCount is how often something is wrong.
type LibraryCount struct {
	N    int
	What string
}

// LibraryImport is what a file of guides holds and would change.
type LibraryImport struct {
	Columns []LibraryColumn // none: the file is in a form of ours
	Targets []LibraryTarget
	Problem string // why it cannot be read with these columns

	Rows, Taken, Rejected, Added, Changed, Unchanged int

	Faults []LibraryFault
	Counts []LibraryCount
	First  []LibraryPreview // how the first of them would be told, under their names
}

// importView is what the page shows.
type importView struct {
	Name, Told, Error string
	Waiting           string // the file that waits for a yes
	Found             *LibraryImport
	Faults            []LibraryFault
	More              int
	Done              bool
	Note              string
	Columns           []string // that a table may have
	Sample            bool     // one can be had
}

// showImportPage renders the page, with what a table may hold.
func (d *Desk) showImportPage(w http.ResponseWriter, status int, v importView) {
	v.Columns, v.Sample = d.Library.Sample()[0], d.Sheet != nil
	d.render(w, status, "import.html", v)
}

// sampleOfGuides is a table to be written over.
func (d *Desk) sampleOfGuides(w http.ResponseWriter, _ *http.Request, _ Account) {
	if d.Sheet == nil {
		refuse(w, http.StatusNotFound, "这里没有装表格功能。")
		return
	}
	raw, err := d.Sheet([]WorkTable{{Name: "指南", Rows: d.Library.Sample()}})
	if err != nil {
		d.fail(w, "write a sample of guides", err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="guides.xlsx"`)
	w.Write(raw)
}

// importGuidesPage is where a file is chosen, or the one that waits is shown.
func (d *Desk) importGuidesPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	u, waits, err := d.Uploads.Upload(r.Context(), who.Name, uploadPage, d.Clock())
	switch {
	case err != nil:
		d.fail(w, "read upload", err)
	case !waits:
		d.showImportPage(w, http.StatusOK, importView{Name: who.Name})
	default:
		d.examine(w, r, who, http.StatusOK, u, nil, importView{})
	}
}

// importGuides takes one step with a file: chosen, looked at with other
// columns, taken in, or let go.
func (d *Desk) importGuides(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, longestUpload+1<<20)
	if err := r.ParseMultipartForm(longestUpload); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		d.showImportPage(w, http.StatusRequestEntityTooLarge, importView{Name: who.Name, Error: "文件太大，一个文件最大 8 MB。请分成几个，或用 guanjia knowledge import。"})
		return
	}
	if r.PostFormValue("deed") == "" {
		d.chooseGuides(w, r, who)
		return
	}
	u, waits, err := d.Uploads.Upload(r.Context(), who.Name, uploadPage, d.Clock())
	if err != nil {
		d.fail(w, "read upload", err)
		return
	}
	if !waits {
		d.showImportPage(w, http.StatusConflict, importView{Name: who.Name, Error: "文件放得太久了，请再选一次。"})
		return
	}
	switch keys := r.PostForm["column"]; r.PostFormValue("deed") {
	case "look":
		d.examine(w, r, who, http.StatusOK, u, keys, importView{Note: r.PostFormValue("note")})
	case "take":
		d.takeGuides(w, r, who, u, keys)
	default:
		if err := d.Uploads.DropUpload(r.Context(), who.Name, uploadPage); err != nil {
			d.fail(w, "drop upload", err)
			return
		}
		http.Redirect(w, r, importPage, http.StatusSeeOther)
	}
}

// chooseGuides keeps the file that was chosen and shows what it holds.
func (d *Desk) chooseGuides(w http.ResponseWriter, r *http.Request, who Account) {
	file, header, err := r.FormFile("file")
	if err != nil {
		d.showImportPage(w, http.StatusBadRequest, importView{Name: who.Name, Error: "请选一个 Excel、CSV、JSON 或 YAML 文件。"})
		return
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		d.fail(w, "read uploaded guides", err)
		return
	}
	u := bot.Upload{Name: clipped(strings.Map(printable, header.Filename), 80), Raw: raw, Until: d.Clock().Add(uploadLife)}
	found, err := d.Library.Examine(raw, nil)
	if err != nil {
		d.unreadable(w, who, err)
		return
	}
	if err := d.Uploads.KeepUpload(r.Context(), who.Name, uploadPage, u); err != nil {
		d.fail(w, "keep upload", err)
		return
	}
	d.showImport(w, http.StatusOK, found, importView{Name: who.Name, Waiting: u.Name})
}

// examine shows what the waiting file holds, with its columns as keys says;
// none: as they are guessed.
func (d *Desk) examine(w http.ResponseWriter, r *http.Request, who Account, status int, u bot.Upload, keys []string, v importView) {
	found, err := d.Library.Examine(u.Raw, keys)
	if err != nil {
		d.unreadable(w, who, err)
		return
	}
	v.Name, v.Waiting = who.Name, u.Name
	d.showImport(w, status, found, v)
}

// takeGuides takes in what was looked at.
func (d *Desk) takeGuides(w http.ResponseWriter, r *http.Request, who Account, u bot.Upload, keys []string) {
	note := strings.TrimSpace(r.PostFormValue("note"))
	if note == "" || utf8.RuneCountInString(note) > 100 {
		d.examine(w, r, who, http.StatusUnprocessableEntity, u, keys, importView{Note: note, Error: "请写明为什么导入，不超过 100 字，会留在每条的版本里。"})
		return
	}
	found, err := d.Library.Import(r.Context(), u.Raw, keys, who.Name, note)
	if err != nil {
		d.unreadable(w, who, err)
		return
	}
	v := importView{Name: who.Name, Waiting: u.Name, Note: note}
	status := http.StatusUnprocessableEntity
	if found.Problem == "" {
		status, v.Done, v.Told = http.StatusOK, true, "收下了，市民马上就能问到。"
		if err := d.Uploads.DropUpload(r.Context(), who.Name, uploadPage); err != nil {
			d.Log.Error("drop upload", "error", err) // it is taken in all the same
		}
	}
	d.showImport(w, status, found, v)
}

func (d *Desk) showImport(w http.ResponseWriter, status int, found LibraryImport, v importView) {
	v.Found = &found
	v.Faults = found.Faults[:min(len(found.Faults), mostImportFaults)]
	v.More = len(found.Faults) - len(v.Faults)
	d.showImportPage(w, status, v)
}

// unreadable says why a file could not be read at all.
func (d *Desk) unreadable(w http.ResponseWriter, who Account, err error) {
	var unusable ErrUnusable
	if !errors.As(err, &unusable) {
		d.fail(w, "import guides", err)
		return
	}
	d.showImportPage(w, http.StatusUnprocessableEntity, importView{Name: who.Name, Error: unusable.Sentence})
}
