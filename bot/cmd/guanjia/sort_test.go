package main

import (
	"fmt"
	"os"
	"testing"

	"gopkg.in/yaml.v3"

	"guanjia/bot/ticket"
	"guanjia/config"
)

// told is a report of the set of our own, with its right category.
type told struct {
	Category string `yaml:"category"`
	Text     string `yaml:"text"`
	Held     bool   `yaml:"held"`    // only measured
	Learned  bool   `yaml:"learned"` // phrases were written after it
}

// sorted counts how a part of the set was sorted.
type sorted struct{ n, unsure, department, sureDepartment, category int }

func (c sorted) share(n int) float64 { return float64(n) / float64(c.n) }

// sureRight is the share of right departments among those that were sure.
func (c sorted) sureRight() float64 { return float64(c.sureDepartment) / float64(c.n-c.unsure) }

// String implements fmt.Stringer.
func (c sorted) String() string {
	return fmt.Sprintf("%d reports, department right %.3f (of the sure %.3f), unsure %.3f, category right %.3f",
		c.n, c.share(c.department), c.sureRight(), c.share(c.unsure), c.share(c.category))
}

// TestSortReports gates the sorting of the held half a little under what it
// reached, and holds every second report of the measure back.
func TestSortReports(t *testing.T) {
	s, reports := starterSorter(t), reportSet(t)
	held := measureSorting(t, s, reports, func(r told) bool { return r.Held })
	heard := measureSorting(t, s, reports, func(r told) bool { return !r.Held && !r.Learned })
	t.Logf("held: %s", held)
	t.Logf("tuned on: %s", heard)
	if held.n < 160 || held.n != heard.n {
		t.Fatalf("%d reports are held and %d are not", held.n, heard.n)
	}
	if held.share(held.department) < 0.92 || held.share(held.category) < 0.90 {
		t.Errorf("the held half is sorted worse than it was: %s", held)
	}
	if held.share(held.unsure) > 0.12 || held.sureRight() < 0.94 {
		t.Errorf("what goes out without a person is not as it was: %s", held)
	}
}

// TestSortScripts sorts what names a town, is written in traditional characters
// or says too little.
func TestSortScripts(t *testing.T) {
	s := starterSorter(t)
	for text, want := range map[string]string{
		"楼上天天半夜装修吵死了，我在东城岗贝，投诉三次没人管": "生活噪声",
		"樓上成晚裝修嘈到瞓唔著，我喺石龍住":          "生活噪声",
		"長安有間廠三個月冇出糧":                "欠薪与劳动报酬",
		"大朗、大岭山、石龙":                  "",
		"你好，我想说件事":                   "",
	} {
		got := s.Sort(text)
		if got.Sure != (want != "") || got.Sure && got.Category.Name != want {
			t.Errorf("%s: %s %.2f %q", text, got.Category.Name, got.Confidence, got.Reasons)
		}
	}
}

func measureSorting(t *testing.T, s *ticket.Sorter, reports []told, in func(told) bool) (c sorted) {
	for _, r := range reports {
		if !in(r) {
			continue
		}
		want := s.Category(r.Category)
		if want.ID == "" {
			t.Fatalf("no category %q", r.Category)
		}
		got := s.Sort(r.Text)
		right := got.Category.Department == want.Department
		c.n++
		c.department += count(right)
		c.category += count(got.Category.ID == want.ID)
		c.unsure += count(!got.Sure)
		c.sureDepartment += count(got.Sure && right)
	}
	return c
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func starterSorter(t testing.TB) *ticket.Sorter {
	t.Helper()
	departments, categories, err := config.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	towns, err := config.Towns()
	if err != nil {
		t.Fatal(err)
	}
	return sorterOf(departments, categories, towns)
}

func reportSet(t *testing.T) (reports []told) {
	t.Helper()
	raw, err := os.ReadFile("../../../config/testdata/reports.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &reports); err != nil {
		t.Fatal(err)
	}
	return reports
}

func BenchmarkSort(b *testing.B) {
	s := starterSorter(b)
	for b.Loop() {
		s.Sort("楼上天天半夜装修吵死了，我在东城岗贝，投诉三次没人管，老人小孩都睡不好")
	}
}

func BenchmarkNewSorter(b *testing.B) { // the reading of the catalogue included
	for b.Loop() {
		starterSorter(b)
	}
}
