package desk

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct {
		name, password string
		want           error
	}{
		{"小陈", "short", ErrShortPassword},
		{"小陈", strings.Repeat("长", 86), ErrLongPassword},
		{"小陈", "iloveyou", ErrCommonPassword},
		{"小陈", "TrustNo1", ErrCommonPassword},
		{"chenli", "Chenli@2026", nil},
		{"chenli", "chenli88888888", ErrNamedPassword},
		{"chenli", "Guanjia12345", ErrNamedPassword},
		{"小陈", "小陈小陈小陈小陈", ErrNamedPassword},
		{"小陈", "0769234567890", ErrNamedPassword},
		{"小陈", "东莞政务12345", ErrNamedPassword},
		{"陈", "荔枝 雨伞 河堤 单车", nil},
		{"小陈", "a-password-of-the-tests", nil},
		{"小陈", strings.Repeat("x9 ", 21), nil},
	} {
		if err := CheckPassword(c.name, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s of %s: %v, want %v", c.password, c.name, err, c.want)
		}
		if c.want != nil && passwordFault(c.want) == "" {
			t.Errorf("no words for %v", c.want)
		}
	}
	if n := len(commonPasswords()); n < 3000 { // ASVS 5.0 6.2.4
		t.Errorf("%d common passwords", n)
	}
}
