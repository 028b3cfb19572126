package linear

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func small() []Example {
	return []Example{
		{Text: "预约居住证", Label: "book", Extra: []string{"has:service"}}, {Text: "我想约个号", Label: "book"},
		{Text: "取消预约", Label: "cancel"}, {Text: "不去了帮我取消", Label: "cancel"},
	}
}

func saved(t testing.TB) []byte {
	t.Helper()
	o := Chinese()
	m, err := Train(context.Background(), small(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Save(&b, Fingerprint(small(), o)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLoadGivesTheSameModel(t *testing.T) {
	o := Chinese()
	want, err := Train(context.Background(), small(), o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(bytes.NewReader(saved(t)), Fingerprint(small(), o))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Thresholds(), want.Thresholds()) || !reflect.DeepEqual(got.Options(), want.Options()) {
		t.Errorf("thresholds %+v, want %+v", got.Thresholds(), want.Thresholds())
	}
	for _, text := range []string{"取消居住证", "约号", ""} {
		if a, b := got.Rank(text, "has:service"), want.Rank(text, "has:service"); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v, want %v", text, a, b)
		}
		if a, b := got.Explain(text), want.Explain(text); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v, want %v", text, a, b)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	whole, o := saved(t), Chinese()
	fingerprint := Fingerprint(small(), o)
	for i := 0; i < len(whole); i += 97 {
		if _, err := Load(bytes.NewReader(whole[:i]), fingerprint); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
		broken := bytes.Clone(whole)
		broken[i] ^= 0x40
		if _, err := Load(bytes.NewReader(broken), fingerprint); err == nil {
			t.Fatalf("byte %d changed, and loaded", i)
		}
	}
	o.C = 2
	if _, err := Load(bytes.NewReader(whole), Fingerprint(small(), o)); !errors.Is(err, ErrStale) {
		t.Errorf("with other options: %v", err)
	}
	if _, err := Load(bytes.NewReader(whole), Fingerprint(small()[1:], Chinese())); !errors.Is(err, ErrStale) {
		t.Errorf("with other examples: %v", err)
	}
}

func TestFingerprintTellsFieldsApart(t *testing.T) {
	a := Fingerprint([]Example{{Text: "ab", Label: "c"}}, Chinese())
	for _, other := range []Example{{Text: "a", Label: "bc"}, {Text: "ab", Label: "c", Group: "d"}, {Text: "ab", Label: "c", Extra: []string{""}}} {
		if Fingerprint([]Example{other}, Chinese()) == a {
			t.Errorf("%+v is not told apart", other)
		}
	}
}

func TestCached(t *testing.T) {
	given := func() ([]Example, error) { return small(), nil }
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "intents.model")
	for _, spoil := range []func(){
		func() {}, func() {},
		func() { os.WriteFile(path, []byte("not a model"), 0o600) },
	} {
		spoil()
		m, err := Cached(ctx, path, Fingerprint(small(), Chinese()), given, Chinese())
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Rank("取消")[0].Label; got != "cancel" {
			t.Errorf("取消: %s", got)
		}
		f, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(bytes.NewReader(f), Fingerprint(small(), Chinese())); err != nil {
			t.Errorf("the cache does not hold the model: %v", err)
		}
	}
	if _, err := Cached(ctx, filepath.Join(t.TempDir(), "no", "such", "folder"), Fingerprint(small(), Chinese()), given, Chinese()); err != nil {
		t.Errorf("an unwritable cache costs the model: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	whole := saved(f)
	f.Add(whole[len(magic)+64:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		m, err := decode(payload)
		if err != nil {
			return
		}
		if ranked := m.Rank("取消居住证的预约 book", "has:service"); len(ranked) != len(m.labels) {
			t.Errorf("%d labels ranked of %d", len(ranked), len(m.labels))
		}
		m.Explain("取消")
	})
}

func FuzzRank(f *testing.F) {
	m := trained(f, Chinese())
	english := English()
	for _, s := range []string{"", "我想预约", "聽日 book 一個 appointment", "\xff\x00\u202e", "\uE000\uE0FF", "13812345678", "a  b\tc"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, text, extra string) {
		ranked := m.Rank(text, extra)
		if len(ranked) != len(m.labels) {
			t.Errorf("%d labels ranked", len(ranked))
		}
		for _, r := range ranked {
			if !finite(r.Margin) || !finite(r.Prob) {
				t.Fatalf("%q: %+v", text, r)
			}
		}
		r := english.read(text, []string{extra})
		for _, g := range r.grams {
			_ = r.name(g)
		}
	})
}
