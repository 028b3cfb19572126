package ticket

import "testing"

// TestScrub takes particulars out of a few kind words, and leaves the rest.
func TestScrub(t *testing.T) {
	for said, want := range map[string]string{
		"谢谢叔叔阿姨，我会好好读书":              "谢谢叔叔阿姨，我会好好读书",
		"谢谢您，我是陈敏，打我电话138 1234 5678": "谢谢您，我是…，打我电话…",
		"我们住新城路88号3栋502，有空来坐":        "…，有空来坐",
		"加我微信号 chenmin_88 吧":         "加我… 吧",
		"陈敏谢谢你们，2026 年会更好":           "…谢谢你们，2026 年会更好",
		"邮箱 cm@example.com":          "邮箱 …",
	} {
		if got := Scrub(said, "陈敏", "13812345678", ""); got != want {
			t.Errorf("%s: %q, not %q", said, got, want)
		}
	}
}
