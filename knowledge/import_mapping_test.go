package knowledge

import (
	"errors"
	"slices"
	"testing"
)

// oddTable is a table as an office kept it: two columns that would be the title,
// one that nobody guesses.
func oddTable() []Record {
	return []Record{
		{Number: 1, Cells: []string{"流水号", "事项名称", "标题", "俗称", "申请材料", "内部备注"}},
		{Number: 2, Cells: []string{"g-1", "养犬登记", "狗证", "狗证、给狗上户口", "身份证", "张三经手"}},
		{Number: 3, Cells: []string{"g-2", "", "", "", "", ""}},
		{Number: 4, Cells: []string{"g 3", "空格", "", "", "", ""}},
	}
}

func TestColumnsAreGuessedAndSaid(t *testing.T) {
	table := oddTable()
	guess := Mapping(table[0].Cells)
	if want := []string{"", "title", "", "", "materials", ""}; !slices.Equal(guess, want) {
		t.Fatalf("guessed %q", guess)
	}
	var unusable ErrMapping
	if _, _, err := ImportMapped(t.Context(), table, guess, nil); !errors.As(err, &unusable) {
		t.Errorf("without a number it is %v", err)
	}
	for name, keys := range map[string][]string{
		"two titles": {"id", "title", "title", "", "", ""}, "no such part": {"id", "title", "evil", "", "", ""}, "too few": {"id", "title"},
	} {
		if _, _, err := ImportMapped(t.Context(), table, keys, nil); !errors.As(err, &unusable) || unusable.Sentence == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	guides, report, err := ImportMapped(t.Context(), table, []string{"id", "title", "-", "aliases", "materials", ""}, nil)
	if err != nil || len(guides) != 1 || report.Rows != 3 || report.Rejected != 2 {
		t.Fatalf("%d taken of %+v: %v", len(guides), report, err)
	}
	g := guides[0]
	if g.ID != "g-1" || g.Title != "养犬登记" || !slices.Equal(g.Aliases, []string{"狗证", "给狗上户口"}) || g.Wording[Materials] != "身份证" {
		t.Errorf("%+v", g)
	}
	if len(g.Extra) != 1 || g.Extra["内部备注"] != "张三经手" {
		t.Errorf("kept aside: %v", g.Extra)
	}
	for _, target := range Targets() {
		if target.Label == "" || columnOf(target.Key).target() != target.Key {
			t.Errorf("%q is not read back as itself", target.Key)
		}
	}
}

// TestForeignFilesAreTables: objects under other people's names are rows of a
// table; what is in a form of ours is none.
func TestForeignFilesAreTables(t *testing.T) {
	for name, raw := range map[string]string{
		"lines": "{\"编号\":\"a\",\"名\":\"甲\",\"叫法\":[\"子\",\"丑\"]}\n\n{\"编号\":\"b\",\"费\":3}\n{\"编号\":",
		"list":  `[{"编号":"a","名":"甲","叫法":["子","丑"]},{"编号":"b","费":3},4]`,
		"YAML":  "事项:\n- 编号: a\n  名: 甲\n  叫法: [子, 丑]\n- 编号: b\n  费: 3\n- 4\n",
	} {
		table := TableOf([]byte(raw))
		if len(table) != 4 || !slices.Equal(table[0].Cells, []string{"编号", "名", "叫法", "费"}) ||
			!slices.Equal(table[1].Cells, []string{"a", "甲", "子\n丑", ""}) || !slices.Equal(table[2].Cells, []string{"b", "", "", "3"}) {
			t.Errorf("%s: %v", name, table)
			continue
		}
		guides, report, err := ImportMapped(t.Context(), table, []string{"id", "title", "aliases", "fee"}, nil)
		if err != nil || len(guides) != 1 || len(guides[0].Aliases) != 2 || report.Rejected != 2 || report.Rows != 3 {
			t.Errorf("%s: %+v %v", name, report, err)
		}
	}
	for _, ours := range []string{catalogueRow, `{"id":"a","title":"甲","text":"x"}`, `{"id":"a","title":"甲","fee":"免费"}`, "guides:\n- id: a\n  title: 甲\n", "", "guides: []", "{", "只是一句话"} {
		if table := TableOf([]byte(ours)); table != nil {
			t.Errorf("%q is taken for a table: %v", ours, table)
		}
	}
}

// TestColumnsAreSaid: somebody says of some columns what they are; the others
// are guessed, but for what was said of one.
func TestColumnsAreSaid(t *testing.T) {
	header := oddTable()[0].Cells
	for _, c := range []struct {
		said []string
		want []string // nil: it is refused
	}{
		{[]string{"流水号=编号", "俗称=aliases", "内部备注=-"}, []string{"id", "title", "", "aliases", "materials", "-"}},
		{[]string{"流水号=编号", "标题=名称"}, []string{"id", "", "title", "", "materials", ""}},
		{[]string{"流水号=编号", "俗称=申请材料"}, []string{"id", "title", "", "materials", "materials", ""}}, // a part that several may tell
		{[]string{"流水号"}, nil}, {[]string{"=编号"}, nil}, {[]string{"没有这列=编号"}, nil}, {[]string{"流水号=没有这项"}, nil},
	} {
		keys, err := MappingSaid(header, c.said)
		var unusable ErrMapping
		if c.want == nil {
			if !errors.As(err, &unusable) || unusable.Sentence == "" {
				t.Errorf("%q: %q, %v", c.said, keys, err)
			}
			continue
		}
		if err != nil || !slices.Equal(keys, c.want) {
			t.Errorf("%q: %q, want %q: %v", c.said, keys, c.want, err)
		}
	}
}
