package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaultsAreTheContracts(t *testing.T) {
	_, lines, err := Load(Input{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"http_addr": "127.0.0.1:8080", "desk_addr": "127.0.0.1:8081", "public_url": "http://127.0.0.1:8080",
		"sip_addr": "127.0.0.1:5060", "rtp_ports": "20000-20999", "sip_operator_uri": "", "sip_transfer": "b2bua",
		"sip_trunk": "", "sip_allow": "127.0.0.0/8,::1/128", "sip_max_calls": "200", "drain_timeout": "20s",
		"data_dir": "./data", "database_url": "", "redis_url": "", "wechat_app_id": "", "wechat_app_secret": "",
		"wechat_token": "", "wechat_aes_key": "", "wechat_api_url": "https://api.weixin.qq.com",
		"openai_base_url": "", "openai_api_key": "", "openai_model": "", "openai_embed_model": "",
		"openai_transcribe_model": "", "openai_speech_model": "", "health_mode": "guidance", "data_key_file": "", "demo": "true",
	}
	for key, v := range map[string]string{"trusted_proxies": "", "otlp_url": "", "kms_url": "", "kms_key": "guanjia", "kms_token": "", "peer_addr": "", "sip_tls_addr": "", "sip_tls_cert": "", "sip_tls_key": "", "sip_users": "", "desk_second_factor": "optional", "oidc_issuer": "", "oidc_client_id": "", "oidc_client_secret": "", "oidc_redirect": "", "oidc_claim": "preferred_username", "citydata_url": "", "citydata_key_id": "guanjia", "citydata_key_file": "",
		"wechat_templates": "", "sms_url": "https://sms.tencentcloudapi.com", "sms_secret_id": "", "sms_secret_key": "", "sms_app_id": "", "sms_sign": "", "sms_templates": "", "first_password_life": "168h"} { // ours, beside the contract's
		want[key] = v
	}
	want["sip_outbound"], want["sip_trust"], want["sip_drain_timeout"] = "", "127.0.0.0/8,::1/128", "3m"

	if len(lines) != len(want) {
		t.Errorf("%d settings, want %d", len(lines), len(want))
	}
	for _, l := range lines {
		if v, ok := want[l.Key]; !ok || v != l.Value {
			t.Errorf("%s is %q, want %q", l.Key, l.Value, v)
		}
	}
}

func TestLayers(t *testing.T) {
	dir := t.TempDir()
	file, secret := filepath.Join(dir, "s.yaml"), filepath.Join(dir, "secret")
	write(t, file, "http_addr: 127.0.0.1:1\ndesk_addr: 127.0.0.1:2\nsip_max_calls: 5\n")
	write(t, secret, "token123\n")
	s, lines, err := Load(Input{File: file,
		Env:   []string{"GUANJIA_DESK_ADDR=127.0.0.1:3", "GUANJIA_WECHAT_TOKEN_FILE=" + secret, "HOME=/"},
		Flags: map[string]string{"data_dir": "/tmp/x"}})
	if err != nil {
		t.Fatal(err)
	}
	if s.HTTPAddr != "127.0.0.1:1" || s.DeskAddr != "127.0.0.1:3" || s.DataDir != "/tmp/x" || s.SIPMaxCalls != 5 || s.WeChatToken.Reveal() != "token123" {
		t.Fatalf("settings are %+v", s)
	}
	if s.Demo {
		t.Error("demo holds with WeChat configured")
	}
	for _, l := range lines {
		if strings.Contains(l.Value, "token123") {
			t.Error("a secret shows")
		}
	}
	s, _, err = Load(Input{Env: []string{"GUANJIA_WECHAT_TOKEN=token123", "GUANJIA_DEMO=true"}})
	if err != nil || !s.Demo {
		t.Errorf("demo set to true: %v %v", s.Demo, err)
	}
}

func TestEveryFaultAtOnce(t *testing.T) {
	_, _, err := Load(Input{Env: []string{"GUANJIA_HTTP_ADR=x", "GUANJIA_RTP_PORTS=9-1", "GUANJIA_WECHAT_AES_KEY=secretshort",
		"GUANJIA_SIP_ALLOW=10.0.0.0", "GUANJIA_DRAIN_TIMEOUT=-1s", "GUANJIA_DEMO=perhaps", "GUANJIA_REDIS_URL=http://x"}})
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{"http_adr", "did you mean http_addr", "rtp_ports", "wechat_aes_key", "sip_allow", "drain_timeout", "demo", "redis_url"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secretshort") {
		t.Error("a secret shows in a fault")
	}
}

func TestStarterData(t *testing.T) {
	towns, err := Towns()
	if err != nil || len(towns) != 37 {
		t.Fatalf("%d towns: %v", len(towns), err)
	}
	if halls := Halls(towns); len(halls) != 38 || halls[0].ID != "city" {
		t.Fatalf("halls are %v", halls)
	}
	departments, categories, err := Catalogue()
	if err != nil || len(departments) != 41 || len(categories) != 108 {
		t.Fatalf("%d departments, %d categories: %v", len(departments), len(categories), err)
	}
	for _, c := range categories {
		if len(c.Phrases) < 20 || len(strings.Fields(c.Words)) < 10 {
			t.Errorf("%s has %d phrases and words %q", c.Name, len(c.Phrases), c.Words)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("http_addr: 127.0.0.1:1", "GUANJIA_DEMO=1")
	f.Add("[1,2]", "GUANJIA_X_FILE=/nowhere")
	f.Add("a: {b: c}", "GUANJIA_=")
	f.Fuzz(func(t *testing.T, file, env string) {
		name := filepath.Join(t.TempDir(), "s.yaml")
		write(t, name, file)
		Load(Input{File: name, Env: []string{env}})
	})
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
