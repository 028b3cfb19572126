package main

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"guanjia/bot/sheet"
)

// A city's whole list of services, with its faults told row by row.
func TestServicesImport(t *testing.T) {
	const many = 5153
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("业务编号,业务名称,大厅编号,大厅,镇街,地址,电话\n")
	for i := range many {
		id, title, hall := fmt.Sprintf("svc-%d", i), fmt.Sprintf("业务第%d项", i), fmt.Sprintf("%d号大厅", i%36)
		switch i {
		case 98:
			id = "坏 编号"
		case 198:
			title = ""
		case 298:
			hall = ""
		}
		fmt.Fprintf(&b, "%s,%s,hall-%d,%s,,某路%d号,0769-22000000\n", id, title, i%36, hall, i%36)
	}
	file := filepath.Join(dir, "services.csv")
	write(t, file, b.String())
	for range 2 { // the second time changes nothing
		r := guanjia(t, "", "services", "import", file, "--data", dir)
		if r.status != 0 {
			t.Fatal(r.err)
		}
		for _, want := range []string{
			"第 100 行未收：业务编号 “坏 编号” 编号只能用", "第 200 行未收：业务名称 业务名为空", "第 300 行未收：大厅 大厅没有名字",
			"共 5153 行：收下业务 5150 项、大厅 36 个；未收 3 行",
		} {
			if !strings.Contains(r.out, want) {
				t.Errorf("%q is not in %s", want, r.out)
			}
		}
	}
}

// upload posts a file as a browser does.
func (c *client) upload(path, name string, raw []byte) answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		c.t.Fatal(err)
	}
	part.Write(raw)
	if err := form.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", path, &body, "Content-Type", form.FormDataContentType())
}

// TestServicesByUpload: who runs booking imports an Excel and a JSON file on the
// staff page: each faulty row is told before anything is taken, and what was
// sound can be booked the moment it is.
func TestServicesByUpload(t *testing.T) {
	d := serve(t, going(tuesday()))
	admin := newClient(t, d.inner)
	admin.signIn("admin", d.admin)
	const page = "/hall/services/import"
	excel, err := sheet.WriteExcel(sheet.Table{Name: "业务", Rows: [][]string{
		{"业务编号", "业务名称", "别名", "部门", "平均办理分钟", "大厅编号", "大厅", "窗口", "时段", "号数"},
		{"adoption", "收养登记", "领养孩子", "民政局", "30", "humen", "虎门镇政务服务中心", "A9", "09:00", "4"},
		{"坏 编号", "不收的业务", "", "", "", "humen", "虎门镇政务服务中心", "", "", ""},
		{"cremation", "火化证明补领", "", "民政局", "十分钟", "humen", "虎门镇政务服务中心", "", "", ""},
	}})
	if err != nil {
		t.Fatal(err)
	}
	offered := func(id string) bool {
		return slices.ContainsFunc(d.list("openings"), func(o object) bool { return o["service_id"] == id && o["hall_id"] == "humen" })
	}
	says := func(got answer, status int, want ...string) {
		t.Helper()
		for _, w := range want {
			if got.status != status || !strings.Contains(got.text, w) {
				t.Fatalf("%d without %q:\n%s", got.status, w, got.text)
			}
		}
	}
	says(admin.upload(page, "业务.xlsx", excel), 200, "会收下", "业务 1 项，大厅 1 个，窗口 1 个，时段 1 条", "2 行", "<td>3</td><td>业务编号</td><td>坏 编号</td>", "<td>4</td><td>平均办理分钟</td><td>十分钟</td>")
	if offered("adoption") {
		t.Fatal("it was taken before anybody said yes")
	}
	says(admin.get(page), 200, "业务.xlsx 还没有收下")
	says(admin.form(page, "sure", "look"), 200, "会收下", "坏 编号")
	sure := func(reason string) answer {
		form := url.Values{"sure": {"yes"}, "reason": {reason}}
		return admin.do("POST", page, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	}
	says(sure(" "), 422, "请写明为什么导入")
	says(sure("民政局进驻"), 200, "收下了 1 项业务、1 个大厅", "未收")
	if !offered("adoption") || offered("cremation") {
		t.Error("what can be booked is not what was taken")
	}
	says(newClient(t, d.public).get("/h5/book?q="+url.QueryEscape("领养孩子")), 200, "收养登记", "/h5/book/adoption")
	says(admin.upload(page, "业务.json", []byte(`[{"service_id":"cremation","title":"火化证明补领","hall_id":"humen","hall":"虎门镇政务服务中心"},{"service_id":"x","title":""}]`)), 200,
		"业务 1 项", "<td>2</td><td>业务名称</td><td>（空）</td>")
	says(sure("补上"), 200, "收下了 1 项业务")
	if !offered("cremation") {
		t.Error("the service of the JSON file cannot be booked")
	}
	says(sure("再来"), 303, "")
	says(admin.upload(page, "又一份.csv", []byte("service_id,title,hall_id,hall\nz,z,humen,z\n")), 200, "会收下")
	says(admin.form(page, "sure", "no"), 303, "")
	if got := admin.get(page); strings.Contains(got.text, "又一份") {
		t.Error("a file that was let go still waits")
	}
	for name, want := range map[string]string{"a,b\n1,2\n": "没有业务编号", "PK\x03\x04": "这个 Excel 文件坏了或不完整", "": "文件里面是空的",
		"%PDF-1.7": "这是 PDF", "service_id,title\n坏 编号,甲\n": "不收"} {
		got := admin.upload(page, "x.csv", []byte(name))
		if got.status == 303 {
			got = admin.get(page)
		}
		says(got, 200, want)
	}
	says(sure("全都有错"), 303, "")
	says(admin.get(page), 200, "没有一行能收下", "认得这些列（也认英文名）：业务编号（字母")
	says(admin.get("/hall/services/template.xlsx"), 200, "PK")
	says(admin.upload(page, "样表.xlsx", []byte(admin.get("/hall/services/sample.xlsx").text)), 200, "业务 0 项，大厅 0 个", "<dd>3 行</dd>", "<td>sample-dog</td><td>这是样表里的例子")
	says(sure("照样表"), 303, "")
	if offered("sample-dog") || offered("sample-bees") {
		t.Error("the sample can be booked")
	}
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 {
		t.Errorf("audit verify: %+v", r)
	}
}

func TestServicesImportRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, raw := range map[string]string{
		"no columns": "a,b\n1,2\n", "empty": "", "headings alone": "service_id,title\n", "nested": `{"service_id":{"x":1}}`, "broken Excel": "PK\x03\x04",
	} {
		r := guanjia(t, raw, "services", "import", "-", "--data", dir)
		if r.status != 2 || r.out != "" || r.err == "" {
			t.Errorf("%s: exit %d, %q, %q", name, r.status, r.out, r.err)
		}
	}
	r := guanjia(t, "service_id,title\n坏 编号,甲\nok,\n", "services", "import", "-", "--data", dir)
	if r.status != 2 || !strings.Contains(r.out, "第 2 行未收") || !strings.Contains(r.err, "nothing was taken: each of the 2 rows is faulty") {
		t.Errorf("all rows faulty: exit %d, %q, %q", r.status, r.out, r.err)
	}
	if r = guanjia(t, "id,title\n甲 乙,\n", "knowledge", "import", "-", "--data", dir); r.status != 2 || !strings.Contains(r.out, "整行未收") || !strings.Contains(r.err, "no guide was taken") {
		t.Errorf("all guides faulty: exit %d, %q, %q", r.status, r.out, r.err)
	}
	if r = guanjia(t, "", "check", "--data", dir); r.status != 0 || !strings.Contains(r.out, "checked settings, keys, examples, towns, catalogue, ") || !strings.Contains(r.out, " guides, the records: no faults") {
		t.Errorf("check: exit %d, %q, %q", r.status, r.out, r.err)
	}
}

// TestServicesAsOfficesWriteThem: a table's headings and weekdays are taken as
// offices write them, and what means nothing is told.
func TestServicesAsOfficesWriteThem(t *testing.T) {
	const table = "业务编号,业务,大厅编号,大厅,窗口号,时段,名额,星期,经办人\n" +
		"old-card,敬老优待卡,humen,虎门镇政务服务中心,2号窗,14:00,3,周一至周五,小陈\n" +
		"old-card,敬老优待卡,humen,虎门镇政务服务中心,2号窗,15:00,3,\"一、三\"\n" +
		"old-card,敬老优待卡,humen,虎门镇政务服务中心,2号窗,16:00,3,周五至周一\n"
	got, err := readServices(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.unread, []string{"经办人"}) {
		t.Errorf("means nothing: %v", got.unread)
	}
	days := map[string]string{}
	for _, s := range got.plan.Schedules {
		days[s.Time] = fmt.Sprint(s.Weekdays, " ", s.Capacity)
	}
	if days["14:00"] != "12345 3" || days["15:00"] != "13 3" || len(days) != 2 || len(got.faults) != 1 || got.faults[0].Column != "weekdays" {
		t.Errorf("%v, faults %v", days, got.faults)
	}
}

// TestServicesWithLostCharacters: a table that lost characters on its way from
// another encoding is told row by row, the rest of it is taken.
func TestServicesWithLostCharacters(t *testing.T) {
	table, err := simplifiedchinese.GB18030.NewEncoder().String("业务编号,业务名称,大厅编号,大厅\nold-card,敬老优待卡,humen,虎门镇政务服务中心\nbees,养?登记,humen,虎门镇政务服务中心\n" +
		"dogs,养犬登记,humen,虎门镇政务服务中心|\ncats,锟斤拷登记,humen,虎门镇政务服务中心\n")
	if err != nil {
		t.Fatal(err)
	}
	got, err := readServices(strings.NewReader(strings.Replace(table, "|", "\xff", 1)))
	if err != nil {
		t.Fatal(err)
	}
	var faulty []string
	for _, f := range got.faults {
		if strings.Contains(f.Reason, "有的字丢了") {
			faulty = append(faulty, fmt.Sprint(f.Row, f.Column))
		}
	}
	if !slices.Equal(faulty, []string{"3title", "4hall", "5title"}) || len(got.plan.Services) != 1 {
		t.Errorf("%v, taken %v", got.faults, got.plan.Services)
	}
}
