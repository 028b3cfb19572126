package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
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
			"第 100 行未收：service_id “坏 编号” 编号只能用", "第 200 行未收：title 业务名为空", "第 300 行未收：hall 大厅没有名字",
			"共 5153 行：收下业务 5150 项、大厅 36 个；未收 3 行",
		} {
			if !strings.Contains(r.out, want) {
				t.Errorf("%q is not in %s", want, r.out)
			}
		}
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
}
