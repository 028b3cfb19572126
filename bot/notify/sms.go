package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
)

// SMS sends text messages through Tencent Cloud's SendSms (version 2021-01-11,
// signature TC3-HMAC-SHA256). Its templates are registered with the operator;
// each takes four parameters in this order: service, day and time, hall,
// number; those of a sign-in code and of a call's summary take the number alone. The free words of a conversation never go this way.
type SMS struct {
	URL       string // https://sms.tencentcloudapi.com
	SecretID  string
	SecretKey string
	AppID     string // SmsSdkAppId
	Sign      string // the sender's registered name
	Region    string // ap-guangzhou when empty
	Templates map[Kind]string
	Client    *http.Client
	Clock     bot.Clock
}

// Name implements Way.
func (s *SMS) Name() string { return "sms" }

// Notify implements Way.
func (s *SMS) Notify(ctx context.Context, n Notice) error {
	template := s.Templates[n.Kind]
	phone := n.Phone.Reveal()
	if template == "" || len(phone) != 11 || phone[0] != '1' {
		return ErrNoWay // no template, or a landline
	}
	parameters := []string{n.Service, n.When, n.Hall, n.Number}
	if n.Kind == Code || n.Kind == Summary {
		parameters = []string{n.Number}
	}
	body, err := json.Marshal(map[string]any{
		"PhoneNumberSet": []string{"+86" + phone}, "SmsSdkAppId": s.AppID, "SignName": s.Sign, "TemplateId": template,
		"TemplateParamSet": parameters,
	})
	if err != nil {
		return fmt.Errorf("encode text message: %w", err)
	}
	answer, err := s.call(ctx, "SendSms", body)
	if err != nil {
		return err
	}
	return answer.verdict()
}

// smsAnswer is what the operator says.
type smsAnswer struct {
	Response struct {
		Error *struct{ Code, Message string }
		Sent  []struct{ Code, Message, SerialNo string } `json:"SendStatusSet"`
	}
}

// verdict sorts the operator's codes: a number that may not be written to is
// no way, a full quota or a fault is tried later.
func (a smsAnswer) verdict() error {
	code, message := "", ""
	switch {
	case a.Response.Error != nil:
		code, message = a.Response.Error.Code, a.Response.Error.Message
	case len(a.Response.Sent) == 1:
		code, message = a.Response.Sent[0].Code, a.Response.Sent[0].Message
	default:
		return fmt.Errorf("text message: %d answers to one number: %w", len(a.Response.Sent), bot.ErrUnknownOutcome)
	}
	switch {
	case code == "Ok":
		return nil
	case strings.HasPrefix(code, "FailedOperation.PhoneNumberInBlacklist"), strings.HasPrefix(code, "InvalidParameterValue.IncorrectPhoneNumber"),
		strings.HasPrefix(code, "UnsupportedOperation"), strings.HasPrefix(code, "LimitExceeded.PhoneNumber"):
		return fmt.Errorf("text message: %s: %w", code, ErrNoWay)
	}
	return fmt.Errorf("text message: %s: %s", code, message)
}

// call signs and posts one action.
func (s *SMS) call(ctx context.Context, action string, body []byte) (smsAnswer, error) {
	var answer smsAnswer
	req, err := s.request(ctx, action, body)
	if err != nil {
		return answer, err
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		var address *url.Error
		if errors.As(err, &address) {
			err = address.Err // without the address
		}
		return answer, fmt.Errorf("text message: %w: %w", err, bot.ErrUnknownOutcome)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return answer, fmt.Errorf("text message: %w: %w", err, bot.ErrUnknownOutcome)
	}
	if resp.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("text message: status %d", resp.StatusCode)
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return answer, fmt.Errorf("text message: unreadable answer: %w", bot.ErrUnknownOutcome)
	}
	return answer, nil
}

const smsService = "sms"

// request signs an action: a digest of what is sent, keyed by day and service.
func (s *SMS) request(ctx context.Context, action string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("text message: %w", err)
	}
	now := s.Clock().UTC()
	day, stamp := now.Format(time.DateOnly), strconv.FormatInt(now.Unix(), 10)
	const kind, signed = "application/json; charset=utf-8", "content-type;host"
	canonical := strings.Join([]string{"POST", "/", "", "content-type:" + kind + "\nhost:" + req.URL.Host + "\n", signed, hexSum(body)}, "\n")
	scope := day + "/" + smsService + "/tc3_request"
	text := strings.Join([]string{"TC3-HMAC-SHA256", stamp, scope, hexSum([]byte(canonical))}, "\n")
	key := mac(mac(mac([]byte("TC3"+s.SecretKey), day), smsService), "tc3_request")
	region := s.Region
	if region == "" {
		region = "ap-guangzhou"
	}
	for name, v := range map[string]string{
		"Content-Type": kind, "X-TC-Action": action, "X-TC-Version": "2021-01-11", "X-TC-Region": region, "X-TC-Timestamp": stamp,
		"Authorization": "TC3-HMAC-SHA256 Credential=" + s.SecretID + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + hex.EncodeToString(mac(key, text)),
	} {
		req.Header.Set(name, v)
	}
	return req, nil
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
