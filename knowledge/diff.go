package knowledge

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Difference is what a version changed: a key of the guide, and its value in
// both, as lines.
type Difference struct {
	Key    string   `json:"key"`
	Before []string `json:"before,omitempty"`
	After  []string `json:"after,omitempty"`
}

// Diff tells two versions of a guide apart, key by key in the order of the
// file form.
func Diff(before, after *Guide) []Difference {
	var out []Difference
	b, a := reflect.ValueOf(*before), reflect.ValueOf(*after)
	for i := range b.NumField() {
		key, _, _ := strings.Cut(b.Type().Field(i).Tag.Get("json"), ",")
		if key == "-" || key == "version" || reflect.DeepEqual(b.Field(i).Interface(), a.Field(i).Interface()) {
			continue
		}
		if key == "wording" { // told apart by what is worded
			out = append(out, diffWording(before.Wording, after.Wording)...)
			continue
		}
		was, is := linesOf(b.Field(i)), linesOf(a.Field(i))
		if !slices.Equal(was, is) {
			out = append(out, Difference{key, was, is})
		}
	}
	return out
}

func diffWording(before, after map[Field]string) []Difference {
	var out []Difference
	for _, f := range Fields() {
		if was, is := linesIn(before[f]), linesIn(after[f]); !slices.Equal(was, is) {
			out = append(out, Difference{string(f), was, is})
		}
	}
	return out
}

// linesOf words a value: lists by item, other structures as JSON.
func linesOf(v reflect.Value) []string {
	if v.IsZero() {
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		return strings.Split(v.String(), "\n")
	case reflect.Slice:
		var lines []string
		for i := range v.Len() {
			lines = append(lines, itemOf(v.Index(i)))
		}
		return lines
	}
	return []string{itemOf(v)}
}

func itemOf(v reflect.Value) string {
	if s, ok := v.Interface().(Material); ok {
		return s.String()
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return "" // guides always marshal
	}
	return string(raw)
}
