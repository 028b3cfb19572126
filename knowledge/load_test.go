package knowledge

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestStarter(t *testing.T) {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	if len(guides) != 61 {
		t.Errorf("%d starter guides, want 61", len(guides))
	}
	bookable, doubted := 0, 0
	for _, g := range guides {
		if g.Bookable {
			bookable++
		}
		if len(g.Verify) > 0 {
			doubted++
		}
		if len(g.Sources) == 0 || g.AsOf == "" || g.Confidence == "" || len(g.Phone) == 0 || g.TimeLimit == "" || g.Where == "" || g.Fee == "" && !g.doubted(Fee) {
			t.Errorf("%s lacks a field every starter guide has", g.ID)
		}
		for _, d := range g.Verify {
			if len(d.Fields) == 0 {
				t.Errorf("%s: the doubt %q touches no field", g.ID, d.Note)
			}
		}
	}
	if bookable != 38 {
		t.Errorf("%d are bookable, want 38", bookable)
	}
	if doubted < 40 {
		t.Errorf("only %d carry their doubts", doubted)
	}
}

func TestLoadNamesFileAndField(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unknown field", "guides:\n- {id: a, title: 甲, prise: 3}", "prise"},
		{"no title", "guides:\n- {id: a}", "x.yaml: a: title"},
		{"no id", "guides:\n- {title: 甲}", "id"},
		{"same id", "guides:\n- {id: a, title: 甲}\n- {id: a, title: 乙}", "stands already"},
		{"unknown source", "guides:\n- {id: a, title: 甲, source: [Q]}", `"Q"`},
		{"bad date", "guides:\n- {id: a, title: 甲, effective_to: 明年}", "effective_to"},
		{"bad status", "guides:\n- {id: a, title: 甲, status: old}", "status"},
		{"bad doubt field", "guides:\n- {id: a, title: 甲, verify: [{note: n, fields: [prise]}]}", "prise"},
		{"nameless material", "guides:\n- {id: a, title: 甲, materials: [{note: n}]}", "materials"},
		{"not YAML", "guides: [", "x.yaml"},
		{"a list for a text", "guides:\n- {id: a, title: [甲]}", "x.yaml"},
	}
	for _, tt := range tests {
		_, err := LoadDir(fstest.MapFS{"x.yaml": {Data: []byte(tt.yaml)}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want mention of %s", tt.name, err, tt.want)
		}
	}
}

// No phrase may ask for two fields: which one won would be chance.
func TestLexiconIsUnambiguous(t *testing.T) {
	of := map[string]Field{}
	for _, phrases := range []map[Field]string{fieldPhrases(), keptPhrases()} {
		for f, list := range phrases {
			for _, p := range strings.Fields(list) {
				key := string(fold(p))
				if other, ok := of[key]; ok && other != f {
					t.Errorf("%q asks for %s and %s", p, other, f)
				}
				of[key] = f
			}
		}
	}
}

func TestRoute(t *testing.T) {
	x := starterBase(t).current.Load()
	tests := []struct {
		text string
		want []Field
	}{
		{"要带什么材料", []Field{Materials}},
		{"帶咩去、邊度辦、幾多錢", []Field{Materials, Where, Fee}},
		{"周六开门吗", []Field{Hours}},
		{"可以帮我妈领吗", []Field{Proxy}},
		{"要户口本吗", []Field{Materials}},
		{"使唔使本人去", []Field{Visits}},
		{"失业金能领多少", []Field{Result}},
		{"有什么法律依据", []Field{Legal}},
		{"怎么申请", []Field{Steps}},
		{"我想办护照", nil},
		{"法律援助", nil},
	}
	for _, tt := range tests {
		r := x.route(tt.text)
		if len(r.fields) != len(tt.want) {
			t.Errorf("%s: %v, want %v", tt.text, r.fields, tt.want)
			continue
		}
		for i := range tt.want {
			if r.fields[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", tt.text, r.fields, tt.want)
			}
		}
	}
}
