package desk

import (
	"os"
	"regexp"
	"testing"
)

// TestDeedsHaveNames: whoever reads the audit trail reads no code.
func TestDeedsHaveNames(t *testing.T) {
	source, err := os.ReadFile("../../bot/audit.go")
	if err != nil {
		t.Fatal(err)
	}
	deeds := regexp.MustCompile(`\tAudit\w+\s*= "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(deeds) < 40 {
		t.Fatalf("found %d deeds in bot/audit.go", len(deeds))
	}
	for _, deed := range append(deeds, []string{"", "appeal_granted"}, []string{"", "change_hall"}, []string{"", "call_hold"}, []string{"", "dispatch ticket"}) {
		if title := deedTitle(deed[1]); regexp.MustCompile(`[a-z_]`).MatchString(title) {
			t.Errorf("%s is called %q", deed[1], title)
		}
	}
}
