package knowledge

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

const catalogueRow = `{"TASK_CODE":"T1","TASK_NAME":"砂石码头设置审批","AREA_CODE_TEXT":"广东省","DEPT_NAME":"某厅","matter_daily":"码头审批","matter_short":"无","visit_number":"1","handle_location":"办理地点：某路1号","handle_time":"20(工作日)","handle_time_limit":"30(工作日)","accept_standard":"无","consult_phone":"电话：020-37886901 、020-37886909","complain_phone":"0000swjw","courier_service":"是","bear_paltform":"某平台","URL":"http://a.example/x","online_book":"是","theme_category":["其他"],"service_object_name":["自然人"],"material_intro":["申请书","无"]}`

func imported(t *testing.T, text string) ([]Guide, Report) {
	t.Helper()
	guides, report, err := Import(t.Context(), strings.NewReader(text), FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	return guides, report
}

func TestImportCatalogue(t *testing.T) {
	guides, report := imported(t, catalogueRow)
	if len(guides) != 1 || report.Taken != 1 || report.Rejected != 0 {
		t.Fatalf("%+v", report)
	}
	g := guides[0]
	if g.ID != "T1" || g.Title != "砂石码头设置审批" || !slices.Equal(g.Aliases, []string{"码头审批"}) || g.Area != "广东省" || g.Bookable {
		t.Errorf("%+v", g)
	}
	if !slices.Equal(g.Phone, []string{"020-37886901", "020-37886909"}) || len(g.Complain) != 0 {
		t.Errorf("phones %q, %q", g.Phone, g.Complain)
	}
	if g.TimeLimit != "法定20(工作日)" || g.Promised != nil || g.Legally.N != 20 || !g.Legally.Working {
		t.Errorf("a promise longer than the law allows is kept: %q %+v", g.TimeLimit, g.Promised)
	}
	if len(g.Materials) != 1 || len(g.Conditions) != 0 || g.Where != "某路1号" {
		t.Errorf("%+v", g)
	}
	for _, want := range []string{"complain_phone phone", "accept_standard placeholder", "material_intro placeholder", "handle_time_limit promise-over-legal"} {
		if !slices.ContainsFunc(report.Faults, func(f RowFault) bool {
			return f.Row == 1 && f.ID == "T1" && !f.Rejected && f.Field+" "+string(f.Rule) == want && f.Reason != ""
		}) {
			t.Errorf("%q is not reported: %+v", want, report.Faults)
		}
	}
}

func TestImportCorpus(t *testing.T) {
	text := `{"id":"k1","title":"冷库备案","aliases":["冷库登记"],"type":"guide","text":"主管的事都在这。\n申请材料：平面图、\n营业执照\n【办理时限】：法定20个工作日\n承诺时限：5个工作日\n收费标准：不收费\n办理地点: 甲路2号\n办公时间：周一至周五9:00-12:00\n咨询电话：0769-22001234\n受理条件：无\n办理流程：提交；审核；发证\n法律依据：某办法第三条\n是否代办：可委托他人代办\n到现场次数：1次\n办理结果：备案回执"}`
	guides, report := imported(t, text)
	if len(guides) != 1 {
		t.Fatalf("%+v", report)
	}
	g := guides[0]
	want := map[Field]string{
		Materials: "平面图、\n营业执照", TimeLimit: "法定20个工作日\n承诺时限：5个工作日", Fee: "不收费", Where: "甲路2号",
		Hours: "周一至周五9:00-12:00", Phone: "0769-22001234", Steps: "提交；审核；发证", Legal: "某办法第三条",
		Proxy: "可委托他人代办", Visits: "1次", Result: "备案回执",
	}
	for f, w := range want {
		if g.Wording[f] != w {
			t.Errorf("%s: %q, want %q", f, g.Wording[f], w)
		}
	}
	if g.Text != "主管的事都在这。" || g.Wording[Conditions] != "" || len(report.Faults) != 1 {
		t.Errorf("%q %v", g.Text, report.Faults)
	}
	b := New(guides)
	for q, has := range map[string]string{"冷库备案要几天": "5个工作日", "冷库备案几点上班": "9:00-12:00", "冷库备案可以找人代办吗": "委托他人代办", "冷库登记要跑几次": "1次"} {
		if a := b.Ask(t.Context(), Question{Text: q}); a.Guide != "k1" || !strings.Contains(a.Text, has) {
			t.Errorf("%s: %s %q", q, a.Decision, a.Text)
		}
	}
}

func TestImportPolicyIsQuoted(t *testing.T) {
	long := strings.Repeat("为优化营商环境，各部门要提高效率。", 40)
	row := fmt.Sprintf(`{"id":"p1","title":"关于稳定生猪生产的通知","type":"policy","text":"%s对年出栏五百头以上的养殖场，每场一次性补助八万元。%s"}`, long, long)
	guides, _ := imported(t, row)
	a := New(guides).Ask(t.Context(), Question{Text: "年出栏五百头以上的养殖场补助多少"})
	if a.Decision != Answered || a.Guide != "p1" || !strings.Contains(a.Text, "每场一次性补助八万元") || a.Citations[0] != "p1#text" {
		t.Errorf("%+v", a)
	}
}

func TestImportTablesAndFiles(t *testing.T) {
	tests := []struct{ name, text string }{
		{"csv with Chinese labels", "\ufeff事项编码,事项名称,日常用语,申请材料,收费标准,备注\nk2,打井备案,\"打井、挖井\",申请表,30元,x\n"},
		{"csv with our fields", "id,title,aliases,materials,fee\nk2,打井备案,打井；挖井,申请表,30元\n"},
		{"our YAML", "sources:\n  S: {title: 甲}\nguides:\n- {id: k2, title: 打井备案, aliases: [打井, 挖井], materials: [{name: 申请表}], fee: 30元, source: [S]}\n"},
		{"our JSON", `{"id":"k2","title":"打井备案","aliases":["打井","挖井"],"materials":[{"name":"申请表"}],"fee":"30元"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			guides, report := imported(t, tt.text)
			if len(guides) != 1 || len(report.Faults) != 0 {
				t.Fatalf("%+v", report)
			}
			if g := guides[0]; g.ID != "k2" || !slices.Equal(g.Aliases, []string{"打井", "挖井"}) {
				t.Errorf("%+v", g)
			}
			a := New(guides).Ask(t.Context(), Question{Text: "挖井多少钱，要什么材料"})
			if !strings.Contains(a.Text, "30元") || !strings.Contains(a.Text, "申请表") {
				t.Errorf("%q", a.Text)
			}
		})
	}
}

func TestBadRowsAreReportedAndTheRestIsTaken(t *testing.T) {
	rows := []string{
		`{"id":"a","title":"甲","text":""}`,
		`{"id":"b"`,
		`[]`,
		`{"title":"没有编号","text":""}`,
		`{"id":"a","title":"又一个甲","text":""}`,
		`{"id":"c d","title":"空格","text":""}`,
		`{"id":"e","title":"戊","type":"song","text":""}`,
		`{"id":"f","title":"己","fee":{"x":1}}`,
		"{\"id\":\"g\",\"title\":\"\xff\",\"text\":\"\"}",
		``,
		`{"id":"h","title":"辛","text":""}`,
	}
	var seen int
	guides, report, err := Import(t.Context(), strings.NewReader(strings.Join(rows, "\n")), FormatAuto, func(n int, _ int64) { seen = n })
	if err != nil {
		t.Fatal(err)
	}
	if len(guides) != 2 || guides[0].ID != "a" || guides[1].ID != "h" || seen == 0 {
		t.Errorf("%+v", guides)
	}
	if report.Rows != 10 || report.Taken != 2 || report.Rejected != 8 {
		t.Errorf("rows %d taken %d rejected %d", report.Rows, report.Taken, report.Rejected)
	}
	rejected := map[int]bool{}
	for _, f := range report.Faults {
		if f.Reason == "" || f.Field == "" {
			t.Errorf("%+v says nothing", f)
		}
		rejected[f.Row] = rejected[f.Row] || f.Rejected
	}
	for row := 2; row <= 9; row++ {
		if !rejected[row] {
			t.Errorf("row %d is not reported", row)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"broken YAML": "guides: [", "unknown key": "guide: []", "a header without id": "名,值\n甲,1\n",
	} {
		if _, _, err := Import(t.Context(), strings.NewReader(text), FormatAuto, nil); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, _, err := Import(t.Context(), strings.NewReader("流水号,名称,俗称\n1,甲,乙\n"), FormatCSV, nil); err == nil || !strings.Contains(err.Error(), "没认出的列：流水号、俗称") {
		t.Errorf("columns that mean nothing are not told: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Import(ctx, strings.NewReader(catalogueRow), FormatAuto, nil); err == nil {
		t.Error("goes on when told to stop")
	}
	long := `{"id":"a","title":"` + strings.Repeat("x", maxRow) + `"}` + "\n" + `{"id":"b","title":"乙"}`
	guides, report := imported(t, long)
	if len(guides) != 1 || report.Rejected != 1 {
		t.Errorf("a row too long: %d taken, %d rejected", len(guides), report.Rejected)
	}
}

// Whatever the bytes, the importer neither panics nor takes a guide that
// cannot be used, and its guides can be asked.
func FuzzImport(f *testing.F) {
	f.Add([]byte(catalogueRow))
	f.Add([]byte(`{"id":"a","title":"甲","text":"申请材料：乙\n丙","aliases":"丁"}`))
	f.Add([]byte("id,title,fee\na,甲,\"1\n2\"\n"))
	f.Add([]byte("guides:\n- {id: a, title: 甲, verify: [x], tips: 乙}\n"))
	f.Add([]byte("\ufeff{\"id\":1,\"title\":null}\n\xff\n{}"))
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, format := range []Format{FormatAuto, FormatJSONL, FormatYAML, FormatCSV} {
			guides, report, err := Import(context.Background(), bytes.NewReader(raw), format, nil)
			if err != nil {
				continue
			}
			if report.Taken != len(guides) || report.Taken+report.Rejected != report.Rows {
				t.Fatalf("%d rows, %d taken (%d), %d rejected", report.Rows, report.Taken, len(guides), report.Rejected)
			}
			for i := range guides {
				if bad := guides[i].check(); len(bad) > 0 {
					t.Fatalf("took an unusable guide: %+v", bad)
				}
			}
			if format != FormatAuto {
				continue // asked already
			}
			Lint(guides, now)
			b := New(guides)
			for i := range guides[:min(3, len(guides))] {
				a := b.Ask(context.Background(), Question{Text: guides[i].Title + "要什么材料", Now: now})
				if !utf8.ValidString(a.Text) && utf8.ValidString(guides[i].Title) && utf8.Valid(raw) {
					t.Fatalf("answer is not UTF-8: %q", a.Text)
				}
			}
		}
	})
}

// The numbers of the national catalogue are kept each in its place; where a table has no
// other number, the item's is the guide's.
func TestTablesKeepCodes(t *testing.T) {
	table := "事项名称,实施编码,基本编码,业务办理项编码\n龙舟下水登记,11441900007330000X4442000000001,000142000000,11441900007330000X444200000000101\n"
	guides, report, err := Import(t.Context(), strings.NewReader(table), FormatCSV, nil)
	if err != nil || len(guides) != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	g := guides[0]
	if want := (Codes{"11441900007330000X4442000000001", "000142000000", "11441900007330000X444200000000101"}); g.Codes != want || g.ID != want.Item {
		t.Errorf("%q %+v", g.ID, g.Codes)
	}
	a := New(guides).Ask(t.Context(), Question{Text: "龙舟下水登记的实施编码是多少"})
	if !strings.Contains(a.Text, g.Codes.Item) {
		t.Error(a.Text)
	}
}

// A table's legal and promised times are told apart, and a promise longer than the law
// allows is left out and reported by its row.
func TestTableTellsLimitsApart(t *testing.T) {
	table := "编号,事项名称,承诺办结时限,法定办结时限\ndog,养犬登记,5个工作日,20个工作日\ntree,移植大树,15个工作日,10个工作日\n"
	guides, report, err := Import(t.Context(), strings.NewReader(table), FormatCSV, nil)
	if err != nil || len(guides) != 2 {
		t.Fatal(err, len(guides))
	}
	if g := guides[0]; g.Wording[TimeLimit] != "承诺办结时限：5个工作日\n法定办结时限：20个工作日" || g.Promised.N != 5 || g.Legally.N != 20 {
		t.Errorf("%+v %v %v", g.Wording, g.Promised, g.Legally)
	}
	if g := guides[1]; g.Wording[TimeLimit] != "法定办结时限：10个工作日" || g.Promised != nil {
		t.Errorf("%+v %v", g.Wording, g.Promised)
	}
	if len(report.Faults) != 1 || report.Faults[0].Rule != RulePromise || report.Faults[0].Row != 3 {
		t.Errorf("%+v", report.Faults)
	}
}

// A cell that lost characters on its way from another encoding is told by row
// and kept out; without its name the whole guide is.
func TestLostCharactersAreTold(t *testing.T) {
	guides, report := imported(t, "id,title,材料,费用\na,养犬登记,身份证??,免费\nb,养?登记,身份证,免费\nc,\ufffd登记,身份证,免费\nd,交钱吗?,带钱吗?带,免费\n")
	if len(guides) != 2 || len(guides[0].Materials)+len(guides[0].Wording[Materials]) != 0 || guides[1].Title != "交钱吗?" || guides[1].Wording[Materials] != "带钱吗?带" {
		t.Errorf("%+v", guides)
	}
	var rows []int
	for _, f := range report.Faults {
		if f.Rule == RuleLost {
			rows = append(rows, f.Row)
		}
	}
	if !slices.Equal(rows, []int{2, 3, 4}) || report.Rejected != 2 {
		t.Errorf("%+v", report)
	}
	for _, whole := range []string{`{"id":"a","title":"养犬登记","text":"申请材料：锟斤拷"}`, `{"id":"a","title":"养??","status":"draft"}`, "guides:\n  - id: a\n    title: 养犬登记\n    wording: {fee: \"免??\"}\n"} {
		if guides, report := imported(t, whole); len(guides) != 0 || report.Faults[0].Rule != RuleLost {
			t.Errorf("%s: %+v, %+v", whole, guides, report)
		}
	}
}

// An answer says which body checked its guide and when, and no person's name.
func TestWhoCheckedIsTold(t *testing.T) {
	guides, _ := imported(t, "编号,名称,费用,事实时点,部门,核实日期,核实单位\na,甲,免费,2024-05,市公安局,2026-11-20,东莞市公安局\nb,乙,免费,2024-05,市公安局,2026-11-20,王小明\nc,丙,免费,2024-05,市公安局,,\n")
	for i, want := range []string{"来源：市公安局（2024-05），东莞市公安局 2026-11-20 核对", "来源：市公安局（2024-05），2026-11-20 核对", "来源：市公安局（2024-05）"} {
		if got := guides[i].source(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
