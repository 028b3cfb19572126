// Package config holds the installation's settings with their embedded
// defaults, and the starter data an installation begins with: towns and
// halls, the dispatch catalogue, the demo's periods.
//
// It refuses to open or start anything, and to print a secret.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Settings are what an installation runs on. See Options for each key.
type Settings struct {
	HTTPAddr        string
	DeskAddr        string
	PublicURL       string
	TrustedProxies  string
	SIPAddr         string
	RTPPorts        string
	SIPOperatorURI  string
	SIPTransfer     string
	SIPTrunk        Secret // their passwords are in it
	SIPAllow        string
	SIPTrust        string
	SIPMaxCalls     int
	SIPTLSAddr      string
	SIPTLSCert      string
	SIPTLSKey       string
	SIPUsers        Secret
	SIPOutbound     Secret
	DrainTimeout    time.Duration
	SIPDrainTimeout time.Duration
	DataDir         string
	DatabaseURL     Secret
	PeerAddr        string
	RedisURL        Secret

	WeChatAppID     string
	WeChatAppSecret Secret
	WeChatToken     Secret
	WeChatAESKey    Secret
	WeChatAPIURL    string

	OpenAIBaseURL         string
	OpenAIAPIKey          Secret
	OpenAIModel           string
	OpenAIEmbedModel      string
	OpenAITranscribeModel string
	OpenAISpeechModel     string

	CityDataURL     string
	CityDataKeyID   string
	CityDataKeyFile string

	WeChatTemplates string
	SMSURL          string
	SMSSecretID     string
	SMSSecretKey    Secret
	SMSAppID        string
	SMSSign         string
	SMSTemplates    string

	OTLPURL          string
	OIDCIssuer       string
	OIDCClientID     string
	OIDCClientSecret Secret
	OIDCRedirect     string
	OIDCClaim        string
	DeskSecondFactor string

	FirstPasswordLife time.Duration

	HealthMode  string
	DataKeyFile string
	KMSURL      string
	KMSKey      string
	KMSToken    Secret
	Demo        bool
}

// WeChat says whether an account is configured.
func (s Settings) WeChat() bool { return s.WeChatAppID != "" || s.WeChatToken != "" }

// Secret is a setting that never prints.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret wherever it is formatted by accident.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}

// GoString hides the secret in %#v.
func (s Secret) GoString() string { return s.String() }

// Option is one setting: its key, default, help line, and how a value is read.
type Option struct {
	Key     string
	Default string
	Help    string
	Secret  bool
	set     func(s *Settings, value string) error
}

// Options lists every setting, in the contract's order.
func Options() []Option {
	text := func(at func(*Settings) *string, checks ...func(string) error) func(*Settings, string) error {
		return func(s *Settings, v string) error {
			for _, check := range checks {
				if err := check(v); err != nil {
					return err
				}
			}
			*at(s) = v
			return nil
		}
	}
	secret := func(at func(*Settings) *Secret, checks ...func(string) error) func(*Settings, string) error {
		return func(s *Settings, v string) error {
			for _, check := range checks {
				if err := check(v); err != nil {
					return err
				}
			}
			*at(s) = Secret(v)
			return nil
		}
	}
	return []Option{
		{Key: "http_addr", Default: "127.0.0.1:8080", Help: "the public door: WeChat callback, try-it chat, citizens' pages", set: text(func(s *Settings) *string { return &s.HTTPAddr }, address)},
		{Key: "desk_addr", Default: "127.0.0.1:8081", Help: "the inner door: operator desk, metrics, health", set: text(func(s *Settings) *string { return &s.DeskAddr }, address)},
		{Key: "public_url", Default: "http://127.0.0.1:8080", Help: "what links in messages start with", set: text(func(s *Settings) *string { return &s.PublicURL }, webAddress)},
		{Key: "trusted_proxies", Help: "CIDR blocks of reverse proxies whose X-Forwarded-For is believed", set: text(func(s *Settings) *string { return &s.TrustedProxies }, blocks)},
		{Key: "sip_addr", Default: "127.0.0.1:5060", Help: "the hotline, UDP and TCP; empty: none", set: text(func(s *Settings) *string { return &s.SIPAddr }, optional(address))},
		{Key: "rtp_ports", Default: "20000-20999", Help: "ports for speech", set: text(func(s *Settings) *string { return &s.RTPPorts }, portRange)},
		{Key: "sip_operator_uri", Help: "where a call to a person goes", set: text(func(s *Settings) *string { return &s.SIPOperatorURI }, optional(sipAddress))},
		{Key: "sip_transfer", Default: "b2bua", Help: "b2bua or refer", set: text(func(s *Settings) *string { return &s.SIPTransfer }, oneOf("b2bua", "refer"))},
		{Key: "sip_trunk", Secret: true, Help: "REGISTER to these, sip:USER:PASSWORD@HOST[;transfer=refer] with commas", set: secret(func(s *Settings) *Secret { return &s.SIPTrunk }, optional(sipAddress))},
		{Key: "sip_allow", Default: "127.0.0.0/8,::1/128", Help: "CIDR blocks that may call in", set: text(func(s *Settings) *string { return &s.SIPAllow }, blocks)},
		{Key: "sip_trust", Default: "127.0.0.0/8,::1/128", Help: "CIDR blocks whose callers' numbers are believed", set: text(func(s *Settings) *string { return &s.SIPTrust }, blocks)},
		{Key: "sip_max_calls", Default: "200", Help: "calls at once", set: func(s *Settings, v string) (err error) { s.SIPMaxCalls, err = number(v, 1, 100_000); return }},
		{Key: "sip_tls_addr", Help: "the hotline over TLS, usually port 5061; empty: none", set: text(func(s *Settings) *string { return &s.SIPTLSAddr }, optional(address))},
		{Key: "sip_tls_cert", Help: "its certificate and chain, a PEM file", set: text(func(s *Settings) *string { return &s.SIPTLSCert })},
		{Key: "sip_tls_key", Help: "the certificate's key, a PEM file", set: text(func(s *Settings) *string { return &s.SIPTLSKey })},
		{Key: "sip_outbound", Secret: true, Help: "where our own calls leave, sip:USER:PASSWORD@HOST; empty: none are placed", set: secret(func(s *Settings) *Secret { return &s.SIPOutbound }, optional(sipAddress))},
		{Key: "sip_users", Secret: true, Help: "callers who prove themselves by digest, NAME:PASSWORD with commas; empty: sip_allow alone decides", set: secret(func(s *Settings) *Secret { return &s.SIPUsers }, optional(userList))},
		{Key: "desk_second_factor", Default: "optional", Help: "who must sign in with a second factor: optional, supervisors (and administrators), everyone", set: text(func(s *Settings) *string { return &s.DeskSecondFactor }, oneOf("optional", "supervisors", "everyone"))},
		{Key: "first_password_life", Default: "168h", Help: "how long a password that an administrator gave opens the desk, and that only to choose one's own; with demo it may be kept", set: func(s *Settings, v string) (err error) {
			if s.FirstPasswordLife, err = duration(v); err == nil && s.FirstPasswordLife < time.Minute {
				err = errors.New("is less than a minute")
			}
			return err
		}},
		{Key: "oidc_issuer", Help: "the city's identity provider (OpenID Connect), for signing on at the desk; empty: passwords only", set: text(func(s *Settings) *string { return &s.OIDCIssuer }, optional(webAddress))},
		{Key: "oidc_client_id", Help: "who the desk is to it", set: text(func(s *Settings) *string { return &s.OIDCClientID })},
		{Key: "oidc_client_secret", Secret: true, Help: "its secret there", set: secret(func(s *Settings) *Secret { return &s.OIDCClientSecret })},
		{Key: "oidc_redirect", Help: "where it sends browsers back to: the desk's own address and /desk/city/back", set: text(func(s *Settings) *string { return &s.OIDCRedirect }, optional(webAddress))},
		{Key: "oidc_claim", Default: "preferred_username", Help: "the claim that holds the desk account's name", set: text(func(s *Settings) *string { return &s.OIDCClaim }, notEmpty)},
		{Key: "drain_timeout", Default: "20s", Help: "how long work in hand may take to finish on SIGTERM", set: func(s *Settings, v string) (err error) { s.DrainTimeout, err = duration(v); return }},
		{Key: "sip_drain_timeout", Default: "3m", Help: "how long calls may go on after SIGTERM, before the rest is drained; new ones are refused meanwhile", set: func(s *Settings, v string) (err error) { s.SIPDrainTimeout, err = duration(v); return }},
		{Key: "data_dir", Default: "./data", Help: "where everything is kept", set: text(func(s *Settings) *string { return &s.DataDir }, notEmpty)},
		{Key: "database_url", Secret: true, Help: "postgres://… beyond one machine", set: secret(func(s *Settings) *Secret { return &s.DatabaseURL }, optional(scheme("postgres", "postgresql")))},
		{Key: "peer_addr", Help: "where the other instances on the same database reach this one, HOST:PORT; empty: there are none", set: text(func(s *Settings) *string { return &s.PeerAddr }, optional(address))},
		{Key: "redis_url", Secret: true, Help: "redis://… beyond one machine", set: secret(func(s *Settings) *Secret { return &s.RedisURL }, optional(scheme("redis", "rediss")))},
		{Key: "wechat_app_id", Help: "the account's AppID", set: text(func(s *Settings) *string { return &s.WeChatAppID })},
		{Key: "wechat_app_secret", Secret: true, Help: "the account's AppSecret", set: secret(func(s *Settings) *Secret { return &s.WeChatAppSecret })},
		{Key: "wechat_token", Secret: true, Help: "the callback's Token", set: secret(func(s *Settings) *Secret { return &s.WeChatToken }, optional(wechatToken))},
		{Key: "wechat_aes_key", Secret: true, Help: "EncodingAESKey; with it only encrypted messages are taken", set: secret(func(s *Settings) *Secret { return &s.WeChatAESKey }, optional(aesKey))},
		{Key: "wechat_templates", Help: "subscription messages: reminder=ID changed=ID promotion=ID", set: text(func(s *Settings) *string { return &s.WeChatTemplates })},
		{Key: "sms_url", Default: "https://sms.tencentcloudapi.com", Help: "scheme and host of the text message operator", set: text(func(s *Settings) *string { return &s.SMSURL }, webAddress)},
		{Key: "sms_secret_id", Help: "of the text message operator; empty: none are sent", set: text(func(s *Settings) *string { return &s.SMSSecretID })},
		{Key: "sms_secret_key", Help: "its secret", Secret: true, set: secret(func(s *Settings) *Secret { return &s.SMSSecretKey })},
		{Key: "sms_app_id", Help: "SmsSdkAppId", set: text(func(s *Settings) *string { return &s.SMSAppID })},
		{Key: "sms_sign", Help: "the sender's registered name", set: text(func(s *Settings) *string { return &s.SMSSign })},
		{Key: "sms_templates", Help: "registered templates: reminder=ID changed=ID promotion=ID code=ID summary=ID", set: text(func(s *Settings) *string { return &s.SMSTemplates })},
		{Key: "wechat_api_url", Default: "https://api.weixin.qq.com", Help: "scheme and host of the API", set: text(func(s *Settings) *string { return &s.WeChatAPIURL }, webAddress)},
		{Key: "openai_base_url", Help: "any OpenAI-compatible endpoint", set: text(func(s *Settings) *string { return &s.OpenAIBaseURL }, optional(webAddress))},
		{Key: "openai_api_key", Secret: true, Help: "its key", set: secret(func(s *Settings) *Secret { return &s.OpenAIAPIKey })},
		{Key: "openai_model", Help: "for commands and composed answers; empty: off", set: text(func(s *Settings) *string { return &s.OpenAIModel })},
		{Key: "openai_embed_model", Help: "for embeddings; empty: off", set: text(func(s *Settings) *string { return &s.OpenAIEmbedModel })},
		{Key: "openai_transcribe_model", Help: "for transcription; empty: off", set: text(func(s *Settings) *string { return &s.OpenAITranscribeModel })},
		{Key: "openai_speech_model", Help: "for speech; empty: espeak-ng", set: text(func(s *Settings) *string { return &s.OpenAISpeechModel })},
		{Key: "citydata_url", Help: "the city's data platform, scheme and host; empty: nothing is looked up", set: text(func(s *Settings) *string { return &s.CityDataURL }, optional(webAddress))},
		{Key: "citydata_key_id", Default: "guanjia", Help: "the name of our key there", set: text(func(s *Settings) *string { return &s.CityDataKeyID }, notEmpty)},
		{Key: "citydata_key_file", Help: "the file with our key there, 32 bytes or more in hex", set: text(func(s *Settings) *string { return &s.CityDataKeyFile })},
		{Key: "otlp_url", Help: "an OpenTelemetry collector, scheme and host, that is told the way of each message; empty: none", set: text(func(s *Settings) *string { return &s.OTLPURL }, optional(webAddress))},
		{Key: "health_mode", Default: "guidance", Help: "off, guidance or emergency", set: text(func(s *Settings) *string { return &s.HealthMode }, oneOf("off", "guidance", "emergency"))},
		{Key: "data_key_file", Help: "the key that protects particulars at rest; made in data_dir when empty", set: text(func(s *Settings) *string { return &s.DataKeyFile })},
		{Key: "kms_url", Help: "a key service that wraps the key in data_key_file: the address of a Vault's transit engine, as https://vault:8200/v1/transit; empty: the file holds the key itself", set: text(func(s *Settings) *string { return &s.KMSURL }, optional(webAddress))},
		{Key: "kms_key", Default: "guanjia", Help: "the name of the key there", set: text(func(s *Settings) *string { return &s.KMSKey }, notEmpty)},
		{Key: "kms_token", Secret: true, Help: "a token that may encrypt and decrypt with it", set: secret(func(s *Settings) *Secret { return &s.KMSToken })},
		{Key: "demo", Help: "sample halls, services and openings; true until WeChat or a database is configured", set: func(s *Settings, v string) (err error) {
			s.Demo, err = strconv.ParseBool(v)
			return plain(err, "is not true or false")
		}},
	}
}

func plain(err error, problem string) error {
	if err != nil {
		return fmt.Errorf("%s", problem)
	}
	return nil
}

func optional(check func(string) error) func(string) error {
	return func(v string) error {
		if v == "" {
			return nil
		}
		return check(v)
	}
}

func notEmpty(v string) error {
	if strings.TrimSpace(v) == "" {
		return fmt.Errorf("must not be empty")
	}
	return nil
}

func address(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("is not HOST:PORT")
	}
	_, err = number(port, 0, 65535)
	return err
}

func webAddress(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("is not an http or https address")
	}
	return nil
}

func sipAddress(v string) error {
	if !strings.HasPrefix(v, "sip:") && !strings.HasPrefix(v, "sips:") {
		return fmt.Errorf("is not a sip: address")
	}
	return nil
}

func portRange(v string) error {
	from, to, ok := strings.Cut(v, "-")
	a, errA := number(from, 1, 65535)
	b, errB := number(to, 1, 65535)
	if !ok || errA != nil || errB != nil || a >= b {
		return fmt.Errorf("is not a range of ports such as 20000-20999")
	}
	return nil
}

func oneOf(words ...string) func(string) error {
	return func(v string) error {
		for _, w := range words {
			if v == w {
				return nil
			}
		}
		return fmt.Errorf("is not one of %s", strings.Join(words, ", "))
	}
}

func blocks(v string) error {
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if _, err := netip.ParsePrefix(part); err != nil {
			return fmt.Errorf("holds %q, which is not a CIDR block", part)
		}
	}
	return nil
}

func userList(v string) error {
	for part := range strings.SplitSeq(v, ",") {
		if name, password, ok := strings.Cut(strings.TrimSpace(part), ":"); !ok || name == "" || password == "" {
			return fmt.Errorf("is not NAME:PASSWORD, several with commas")
		}
	}
	return nil
}

func number(v string, low, high int) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("is not a number from %d to %d", low, high)
	}
	return n, nil
}

func duration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("is not a duration such as 20s")
	}
	return d, nil
}

func scheme(names ...string) func(string) error {
	return func(v string) error {
		u, err := url.Parse(v)
		if err == nil {
			for _, n := range names {
				if u.Scheme == n {
					return nil
				}
			}
		}
		return fmt.Errorf("does not begin with %s://", names[0])
	}
}

// wechatToken checks the callback's Token: 3 to 32 letters and digits.
func wechatToken(v string) error {
	if len(v) < 3 || len(v) > 32 || strings.Trim(v, letters) != "" {
		return fmt.Errorf("is not 3 to 32 letters and digits")
	}
	return nil
}

// aesKey checks the EncodingAESKey: 43 letters and digits.
func aesKey(v string) error {
	if len(v) != 43 || strings.Trim(v, letters) != "" {
		return fmt.Errorf("is not 43 letters and digits")
	}
	return nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
