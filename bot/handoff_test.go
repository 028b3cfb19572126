package bot

import "testing"

// TestEachReasonIsCalledByItsOwnName: what is kept under a code, by whichever
// release, reads to operators as just that.
func TestEachReasonIsCalledByItsOwnName(t *testing.T) {
	titles := map[string]HandoffReason{}
	for _, code := range []HandoffReason{"asked", "agreed", "emergency", "not_understood", "failed", "not_known", "refused", "silent", "claim", "taken"} {
		title := code.Title()
		if other, taken := titles[title]; taken || title == HandoffReason("").Title() {
			t.Errorf("%s is called %q, as %q is", code, title, other)
		}
		titles[title] = code
	}
}
