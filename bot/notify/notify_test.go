package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/notify"
)

// operator is a stand-in for the SMS operator that records what it was told
// and checks signatures by its own reading of the documentation.
type operator struct {
	mu     sync.Mutex
	secret string
	got    []map[string]any
	answer string // the status of the next message
	status int
	fault  string
}

func (o *operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if o.fault = o.forged(r, body); o.fault != "" {
		fmt.Fprintf(w, `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":%q},"RequestId":"1"}}`, o.fault)
		return
	}
	var in map[string]any
	if json.Unmarshal(body, &in) != nil {
		o.fault = "no JSON"
	}
	o.got = append(o.got, in)
	if o.status != 0 {
		w.WriteHeader(o.status)
		return
	}
	fmt.Fprintf(w, `{"Response":{"SendStatusSet":[{"SerialNo":"1","PhoneNumber":"","Fee":1,"SessionContext":"","Code":%q,"Message":"","IsoCode":"CN"}],"RequestId":"1"}}`, o.answer)
}

// forged says what is wrong with a request's signature.
func (o *operator) forged(r *http.Request, body []byte) string {
	sum := func(b string) string { s := sha256.Sum256([]byte(b)); return hex.EncodeToString(s[:]) }
	sign := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		io.WriteString(h, text)
		return h.Sum(nil)
	}
	var stamp int64
	if _, err := fmt.Sscan(r.Header.Get("X-TC-Timestamp"), &stamp); err != nil {
		return "timestamp"
	}
	day := time.Unix(stamp, 0).UTC().Format("2006-01-02")
	canonical := "POST\n/\n\ncontent-type:" + r.Header.Get("Content-Type") + "\nhost:" + r.Host + "\n\ncontent-type;host\n" + sum(string(body))
	text := "TC3-HMAC-SHA256\n" + fmt.Sprint(stamp) + "\n" + day + "/sms/tc3_request\n" + sum(canonical)
	key := sign(sign(sign([]byte("TC3"+o.secret), day), "sms"), "tc3_request")
	want := "Signature=" + hex.EncodeToString(sign(key, text))
	if !strings.HasSuffix(r.Header.Get("Authorization"), want) || r.Header.Get("X-TC-Action") != "SendSms" {
		return "signature"
	}
	return ""
}

func notice() notify.Notice {
	return notify.Notice{Kind: notify.Reminder, Citizen: "c1", OpenID: "o1", Phone: "13800138000", Service: "居住证", Hall: "虎门镇政务服务中心",
		When: "2026年12月2日 15:00", Number: "YY2611230019"}
}

func sms(t *testing.T, o *operator) *notify.SMS {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	return &notify.SMS{URL: server.URL, SecretID: "id", SecretKey: "secret", AppID: "1400", Sign: "莞家政务", Client: server.Client(),
		Templates: map[notify.Kind]string{notify.Reminder: "1001"}, Clock: func() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }}
}

func TestSMS(t *testing.T) {
	o := &operator{secret: "secret", answer: "Ok"}
	s := sms(t, o)
	if err := s.Notify(context.Background(), notice()); err != nil {
		t.Fatal(err)
	}
	want := `["居住证","2026年12月2日 15:00","虎门镇政务服务中心","YY2611230019"]`
	if got, _ := json.Marshal(o.got[0]["TemplateParamSet"]); string(got) != want || o.got[0]["TemplateId"] != "1001" || fmt.Sprint(o.got[0]["PhoneNumberSet"]) != "[+8613800138000]" {
		t.Errorf("sent %v", o.got[0])
	}
	for _, c := range []struct {
		name, code string
		status     int
		change     func(*notify.Notice)
		is, not    error
	}{
		{"in the blacklist", "FailedOperation.PhoneNumberInBlacklist", 0, nil, notify.ErrNoWay, nil},
		{"too many today", "LimitExceeded.PhoneNumberDailyLimit", 0, nil, notify.ErrNoWay, nil},
		{"a fault", "InternalError.OtherError", 0, nil, nil, notify.ErrNoWay},
		{"a gateway's fault", "", 502, nil, nil, bot.ErrUnknownOutcome},
		{"a landline", "Ok", 0, func(n *notify.Notice) { n.Phone = "076922830000" }, notify.ErrNoWay, nil},
		{"no template", "Ok", 0, func(n *notify.Notice) { n.Kind = notify.Changed }, notify.ErrNoWay, nil},
	} {
		o.answer, o.status = c.code, c.status
		n := notice()
		if c.change != nil {
			c.change(&n)
		}
		err := s.Notify(context.Background(), n)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || c.not != nil && errors.Is(err, c.not) {
			t.Errorf("%s: %v", c.name, err)
		}
		if strings.Contains(fmt.Sprint(err), "138") {
			t.Errorf("%s: the error tells the number", c.name)
		}
	}
	s.SecretKey = "wrong"
	o.answer, o.status = "Ok", 0
	if err := s.Notify(context.Background(), notice()); err == nil || !strings.Contains(err.Error(), "AuthFailure") {
		t.Errorf("with a wrong key: %v", err)
	}
	s.URL = "http://127.0.0.1:1"
	if err := s.Notify(context.Background(), notice()); !errors.Is(err, bot.ErrUnknownOutcome) {
		t.Errorf("with nobody there: %v", err)
	}
}

// channel and way record what they are given.
type channel struct{ err error }

func (c channel) Send(context.Context, bot.Outgoing) error { return c.err }

type way struct {
	name string
	err  error
	log  *[]string
}

func (w way) Name() string { return w.name }
func (w way) Notify(_ context.Context, n notify.Notice) error {
	*w.log = append(*w.log, w.name+" "+n.Number)
	return w.err
}

// TestRelay: the conversation first; then the first way that can; nothing
// twice; what nobody takes is held.
func TestRelay(t *testing.T) {
	held := fmt.Errorf("window closed: %w", bot.ErrHold)
	for _, c := range []struct {
		name          string
		channel       error
		first, second error
		reply         bool // not of our own accord
		want          error
		tried         []string
	}{
		{"the channel takes it", nil, nil, nil, false, nil, nil},
		{"by subscription", held, nil, nil, false, nil, []string{"subscription n"}},
		{"not agreed to: by text message", held, notify.ErrNoWay, nil, false, nil, []string{"subscription n", "sms n"}},
		{"a fault: by text message", held, errors.New("busy"), nil, false, nil, []string{"subscription n", "sms n"}},
		{"maybe arrived: no second", held, bot.ErrUnknownOutcome, nil, false, bot.ErrUnknownOutcome, []string{"subscription n"}},
		{"no way at all", held, notify.ErrNoWay, notify.ErrNoWay, false, bot.ErrHold, []string{"subscription n", "sms n"}},
		{"an answer waits for its citizen", held, nil, nil, true, bot.ErrHold, nil},
		{"the channel will be tried again", errors.New("busy"), nil, nil, false, nil, nil},
	} {
		var tried []string
		r := notify.Relay{Channel: channel{c.channel}, Log: slog.New(slog.DiscardHandler),
			Ways: []notify.Way{way{"subscription", c.first, &tried}, way{"sms", c.second, &tried}},
			Describe: func(context.Context, bot.Outgoing) (notify.Notice, bool, error) {
				return notify.Notice{Kind: notify.Reminder, Number: "n"}, true, nil
			}}
		err := r.Send(context.Background(), bot.Outgoing{Proactive: !c.reply})
		if c.want != nil && !errors.Is(err, c.want) || c.want == nil && (err == nil) != (c.channel == nil || len(tried) > 0) {
			t.Errorf("%s: %v", c.name, err)
		}
		if !slices.Equal(tried, c.tried) {
			t.Errorf("%s: tried %q", c.name, tried)
		}
	}
}

// subscriber records subscription messages.
type subscriber struct {
	data map[string]string
	err  error
}

func (s *subscriber) SendSubscribed(_ context.Context, _, _, _ string, data map[string]string) error {
	s.data = data
	return s.err
}

func TestSubscribed(t *testing.T) {
	to := &subscriber{}
	s := notify.Subscribed{To: to, Templates: map[notify.Kind]string{notify.Reminder: "T1"}}
	n := notice()
	n.Service = strings.Repeat("业", 30)
	if err := s.Notify(context.Background(), n); err != nil || len([]rune(to.data["thing1"])) != 20 || to.data["character_string4"] != n.Number {
		t.Errorf("%v: %v", to.data, err)
	}
	to.err = fmt.Errorf("refused: %w", bot.ErrPermanent)
	if err := s.Notify(context.Background(), n); !errors.Is(err, notify.ErrNoWay) {
		t.Errorf("not agreed to: %v", err)
	}
	n.OpenID = ""
	if err := s.Notify(context.Background(), n); !errors.Is(err, notify.ErrNoWay) {
		t.Errorf("without an openid: %v", err)
	}
}

// TestACodeGoesAlone sends a sign-in code with nothing beside it.
func TestACodeGoesAlone(t *testing.T) {
	var got struct {
		PhoneNumberSet, TemplateParamSet []string
		TemplateId                       string
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"Response":{"SendStatusSet":[{"Code":"Ok","Message":"send success"}],"RequestId":"r"}}`)
	}))
	defer server.Close()
	sms := &notify.SMS{URL: server.URL, SecretID: "id", SecretKey: "key", AppID: "1400", Sign: "莞家政务", Templates: map[notify.Kind]string{notify.Code: "1004"}, Client: server.Client(), Clock: time.Now}
	if err := sms.Notify(t.Context(), notify.Notice{Kind: notify.Code, Phone: "13800138000", Number: "123456"}); err != nil {
		t.Fatal(err)
	}
	if got.TemplateId != "1004" || len(got.TemplateParamSet) != 1 || got.TemplateParamSet[0] != "123456" || got.PhoneNumberSet[0] != "+8613800138000" {
		t.Errorf("sent %+v", got)
	}
}
