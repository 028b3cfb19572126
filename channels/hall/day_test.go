package hall

import (
	"net/http/httptest"
	"testing"
)

// Behind TLS no cookie of the halls' pages leaves it; without, they still work.
func TestHallCookies(t *testing.T) {
	for _, secure := range []bool{true, false} {
		p := &Pages{Config: Config{Secure: secure}}
		w := httptest.NewRecorder()
		p.tell(w, "好", "不行")
		r := httptest.NewRequest("GET", "/hall/city", nil)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
		if said, wrong := p.told(httptest.NewRecorder(), r); said != "好" || wrong != "不行" {
			t.Errorf("told %q, %q", said, wrong)
		}
		taken := httptest.NewRecorder()
		p.told(taken, r)
		set := append(w.Result().Cookies(), taken.Result().Cookies()...)
		for _, c := range set {
			if c.Secure != secure {
				t.Errorf("%s is secure: %v, want %v", c.Name, c.Secure, secure)
			}
		}
		if len(set) != 4 {
			t.Errorf("%d cookies were set", len(set))
		}
	}
}
