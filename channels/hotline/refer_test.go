package hotline

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReferred: a trunk that passes calls on itself is asked to by REFER, tells
// by NOTIFY how it fares, and is hung up on once somebody answered; one that
// fails leaves the caller with the bot. The trunk is somebody else's: sipp.
func TestReferred(t *testing.T) {
	t.Parallel()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatal("sipp is not installed: apt-get install sip-tester")
	}
	for status, outcome := range map[string]string{"200 OK": "referred", "486 Busy Here": "refer_failed"} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			s, debts := asking(), &owed{}
			l := openLine(t, s, func(c *Config) {
				c.Transfer, c.Operators, c.Callbacks, c.Times = Refer, []string{"sip:800@127.0.0.1:9"}, debts, hurried()
			})
			dir := t.TempDir()
			scenario := filepath.Join(dir, "refer.xml")
			ending := byUs
			if outcome == "referred" {
				ending = byThem
			}
			if err := os.WriteFile(scenario, []byte(strings.NewReplacer("STATUS", status, "ENDING", ending).Replace(referring)), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(sipp, l.Addr().String(), "-sf", scenario, "-i", "127.0.0.1", "-s", "12345", "-m", "1", "-nostdin", "-timeout", "100s", "-timeout_error")
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("sipp: %v\n%.3000s", err, out)
			}
			eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
			if got := l.figures.copied(&l.figures.transfers)(); got[outcome] != 1 || len(got) != 1 {
				t.Errorf("came out %v", got)
			}
			if owes := len(debts.list()) == 1; owes != (outcome == "refer_failed") {
				t.Errorf("owed %v", debts.list())
			}
		})
	}
}

// The two ways a call ends: the line hangs up once the trunk has passed the
// call on; else the caller does.
const (
	byThem = `<recv request="BYE"/><send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`
	byUs = `<pause milliseconds="500"/><send retrans="500"><![CDATA[
BYE sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]refer[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 5 BYE
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/>`
)

// referring is a sipp scenario of a trunk: it calls, presses 0, is asked to
// pass the call on and tells what came of it.
const referring = `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="refer">
  <send retrans="500"><![CDATA[
INVITE sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]refer[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:13800000001@[local_ip]:[local_port]>
Max-Forwards: 70
Allow: INVITE, ACK, BYE, CANCEL, REFER, INFO, NOTIFY
Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000

]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200"/>
  <send><![CDATA[
ACK sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]refer[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="1500"/>
  <send retrans="500"><![CDATA[
INFO sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]refer[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=0
Duration=160
]]></send>
  <recv response="200"/>
  <recv request="REFER"/>
  <send><![CDATA[
SIP/2.0 202 Accepted
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:13800000001@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
NOTIFY sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]refer[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 3 NOTIFY
Max-Forwards: 70
Event: refer
Subscription-State: active;expires=60
Content-Type: message/sipfrag
Content-Length: [len]

SIP/2.0 100 Trying
]]></send>
  <recv response="200"/>
  <send retrans="500"><![CDATA[
NOTIFY sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]refer[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 4 NOTIFY
Max-Forwards: 70
Event: refer
Subscription-State: terminated;reason=noresource
Content-Type: message/sipfrag
Content-Length: [len]

SIP/2.0 STATUS
]]></send>
  <recv response="200"/>
  ENDING
</scenario>
`
