package desk

import (
	"testing"
	"time"
)

// TestCodesAreTheStandards holds codes to RFC 6238, appendix B.
func TestCodesAreTheStandards(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := codeOf(secret, stepOf(time.Unix(at, 0)), 8); got != want {
			t.Errorf("at %d the code is %s, not %s", at, got, want)
		}
	}
	now := time.Unix(1234567890, 0)
	for off, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		if got := stepFor(secret, codeOf(secret, stepOf(now)+off, codeDigits), now) == stepOf(now)+off; got != want {
			t.Errorf("a code %d steps off is taken: %v", off, got)
		}
	}
}
