package bot

import (
	"testing"
	"time"
)

// TestOwnNumber: who calls is offered the number they call from, and takes it
// with a yes or by naming it; who shows none, or is not on the telephone, is
// asked as ever.
func TestOwnNumber(t *testing.T) {
	const ask = "请留一个手机号。"
	slot := PhoneSlot(ask, "Your number?", "好联系您。", "To reach you.")
	for _, c := range []struct {
		from  Address
		words string
		acts  []Act
		want  string
	}{
		{Address{Hotline, "13800138000"}, "对", []Act{Yes}, "13800138000"},
		{Address{Hotline, "13800138000"}, "就用打来的呢个号码啦", nil, "13800138000"},
		{Address{Hotline, "076922223333"}, "就这个电话", nil, "076922223333"},
		{Address{Hotline, "13800138000"}, "不用这个号码", []Act{No}, ""},
		{Address{Hotline, "13800138000"}, "换个号码，不是这个号", nil, ""},
		{Address{Hotline, "13800138000"}, "这个号码安全吗？", nil, ""},
		{Address{Hotline, "13800138000"}, "好，不过我先问一下要带什么材料", []Act{Yes}, ""},
		{Address{Hotline, "withheld:1"}, "对", []Act{Yes}, ""},
		{Address{Hotline, "12345"}, "对", []Act{Yes}, ""},
		{Address{WeChat, "13800138000"}, "就用这个号码", nil, ""},
	} {
		f := NewForm(Citizen{}, c.from.Channel, time.Now(), &Frame{})
		f.From, f.Words, f.Acts = c.from, c.words, c.acts
		if heard := slot.Hears(f, c.words); heard != (c.want != "") {
			t.Errorf("%v %q is heard: %v", c.from, c.words, heard)
		}
		v, p, err := slot.Accept(t.Context(), f, Entity{Value: c.words})
		if err != nil || v.Value != c.want || (p == nil) != (c.want != "") {
			t.Errorf("%v %q gives %q %v %v", c.from, c.words, v.Value, p, err)
		}
		prompt, err := slot.Ask(t.Context(), f)
		if err != nil || prompt.Text != ask {
			t.Errorf("asked %+v %v", prompt, err)
		}
		if offered := prompt.Spoken == ask+ownNumber; offered != (c.from.caller() != "") {
			t.Errorf("%v is asked %q", c.from, prompt.Spoken)
		}
	}
}
