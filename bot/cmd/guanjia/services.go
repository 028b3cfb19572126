package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot/booking"
	"guanjia/bot/sheet"
	"guanjia/bot/store"
)

// servicesCommand is `guanjia services`.
type servicesCommand struct {
	Import servicesImportCommand `cmd:"" help:"Load services and halls from CSV, Excel or JSON: columns service_id, title, hall_id, hall, town, address, phone."`
}

type servicesImportCommand struct {
	File string `arg:"" help:"CSV, Excel or JSON; - is standard input."`
	JSON bool   `help:"The report as a JSON object."`
}

// rowFault is what was wrong in a row of services.
type rowFault struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func (c *servicesImportCommand) run(ctx context.Context, p *program) error {
	if p.house == nil {
		p.settings.Demo = false // what is imported stands by itself
	}
	return p.withHouse(ctx, opening{}, func(h *house) error { return c.take(ctx, p, h) })
}

func (c *servicesImportCommand) take(ctx context.Context, p *program, h *house) error {
	in, _, err := p.input(c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	rows, err := sheet.Read(in)
	if err != nil {
		return usageError{err}
	}
	if rows, err = planColumns(rows); err != nil {
		return usageError{err}
	}
	plan, faults := planOf(rows)
	plan.Periods = periods() // real ones, that clearing the demo leaves
	if err := h.store.SavePlan(ctx, plan); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.con.out, map[string]any{"rows": len(rows), "services": len(plan.Services), "halls": len(plan.Halls), "faults": faults})
	}
	for _, f := range faults {
		value := ""
		if f.Value != "" {
			value = " “" + shorten(oneLineText(f.Value), 40) + "”"
		}
		fmt.Fprintf(p.con.out, "第 %d 行未收：%s%s %s\n", f.Row, f.Column, value, f.Reason)
	}
	fmt.Fprintf(p.con.out, "共 %d 行：收下业务 %d 项、大厅 %d 个；未收 %d 行\n", len(rows), len(plan.Services), len(plan.Halls), len(faults))
	return nil
}

// idForm is what ids of services and halls look like.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// planColumns puts Chinese headings under the names of the columns. A table
// that has neither services nor halls is refused.
func planColumns(rows []sheet.Row) ([]sheet.Row, error) {
	names := map[string]string{
		"业务编号": "service_id", "事项编码": "service_id", "业务名称": "title", "事项名称": "title", "业务": "title",
		"大厅编号": "hall_id", "大厅": "hall", "大厅名称": "hall", "镇街": "town", "地址": "address", "电话": "phone",
	}
	known := false
	for _, r := range rows {
		for heading, v := range r.Cells {
			if name, ok := names[heading]; ok {
				r.Cells[name] = v
			}
		}
		known = known || r.Cells["service_id"] != "" || r.Cells["hall_id"] != ""
	}
	if !known {
		return nil, errors.New("表里没有业务编号（service_id），也没有大厅编号（hall_id）：请看表头和内容")
	}
	return rows, nil
}

// planOf makes halls and services of rows; a faulty row is left out.
func planOf(rows []sheet.Row) (store.Plan, []rowFault) {
	services, halls := map[string]booking.Service{}, map[string]booking.Hall{}
	faults := []rowFault{}
	for _, r := range rows {
		fault := func(column, reason string) {
			faults = append(faults, rowFault{r.Number, column, r.Cells[column], reason})
		}
		id, hall := r.Cells["service_id"], r.Cells["hall_id"]
		switch {
		case id == "" && hall == "":
			fault("service_id", "没有业务编号，也没有大厅编号")
			continue
		case id != "" && !idForm.MatchString(id):
			fault("service_id", "编号只能用字母、数字、点、横线，最长64位")
			continue
		case hall != "" && !idForm.MatchString(hall):
			fault("hall_id", "编号只能用字母、数字、点、横线，最长64位")
			continue
		case id != "" && (r.Cells["title"] == "" || utf8.RuneCountInString(r.Cells["title"]) > 200):
			fault("title", "业务名为空或超过200字")
			continue
		case hall != "" && r.Cells["hall"] == "":
			fault("hall", "大厅没有名字")
			continue
		}
		if old, ok := services[id]; ok && old.Title != r.Cells["title"] {
			fault("title", "同一编号前面是“"+shorten(old.Title, 20)+"”")
			continue
		}
		if id != "" {
			services[id] = booking.Service{ID: id, Title: r.Cells["title"]}
		}
		if hall != "" {
			halls[hall] = booking.Hall{ID: hall, Name: r.Cells["hall"], Town: r.Cells["town"], Address: r.Cells["address"], Phone: r.Cells["phone"]}
		}
	}
	var plan store.Plan
	for _, id := range slices.Sorted(maps.Keys(services)) {
		plan.Services = append(plan.Services, services[id])
	}
	plan.Halls = slices.SortedFunc(maps.Values(halls), func(a, b booking.Hall) int { return strings.Compare(a.ID, b.ID) })
	return plan, faults
}
