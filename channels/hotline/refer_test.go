package hotline

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/signal"
)

// TestReferred: a trunk that passes calls on itself is asked to by REFER, tells
// by NOTIFY how it fares, and is hung up on once somebody answered; one that
// fails leaves the caller with the bot. It is asked where the line's setting or
// the trunk's own says so. The trunk is somebody else's: sipp.
func TestReferred(t *testing.T) {
	t.Parallel()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatal("sipp is not installed: apt-get install sip-tester")
	}
	for _, c := range []struct {
		name, status, outcome string
		usual, own            Transfer // the line's and the trunk's
	}{
		{"by the line", "200 OK", "referred", Refer, ""},
		{"and failed", "486 Busy Here", "refer_failed", Refer, ""},
		{"by the trunk", "200 OK", "referred", B2BUA, Refer},
		{"not by the trunk", "200 OK", "busy", Refer, B2BUA},
	} {
		status, outcome := c.status, c.outcome
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, debts := asking(), &owed{}
			from := freePort(t)
			desk := hotlinetest.NewPhone(t, 2)
			desk.Answer(func(*signal.Call) int { return 486 })
			l := openLine(t, s, func(conf *Config) {
				conf.Transfer, conf.Operators, conf.Callbacks, conf.Times = c.usual, []string{desk.URI("800")}, debts, hurried()
				if c.own != "" {
					trunk, err := ParseTrunk(fmt.Sprintf("sip:us:secret@127.0.0.1:%d;transfer=%s", from, c.own))
					if err != nil {
						t.Fatal(err)
					}
					// Another of the same host, which is not where the calls come from.
					conf.Trunks = []Trunk{{Trunk: signal.Trunk{URI: "sip:127.0.0.1:9", User: "us"}, Transfer: c.usual}, trunk}
				}
			})
			eventually(t, "the trunks to be found", func() bool {
				return c.own == "" || l.transferFor(netip.MustParseAddrPort(fmt.Sprintf("127.0.0.1:%d", from))) == c.own
			})
			dir := t.TempDir()
			scenario := filepath.Join(dir, "refer.xml")
			ending, asked := byUs, referring
			switch outcome {
			case "referred":
				ending = byThem
			case "busy": // it is not asked to pass the call on
				before, _, _ := strings.Cut(referring, "<recv request=\"REFER\"/>")
				asked = before + "<pause milliseconds=\"5000\"/>ENDING</scenario>"
			}
			if err := os.WriteFile(scenario, []byte(strings.NewReplacer("STATUS", status, "ENDING", ending).Replace(asked)), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(sipp, l.Addr().String(), "-sf", scenario, "-i", "127.0.0.1", "-p", strconv.Itoa(from), "-s", "12345", "-m", "1", "-nostdin", "-timeout", "100s", "-timeout_error")
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("sipp: %v\n%.3000s", err, out)
			}
			eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
			if got := l.figures.copied(&l.figures.transfers)(); got[outcome] != 1 || len(got) != 1 {
				t.Errorf("came out %v", got)
			}
			if owes := len(debts.list()) == 1; owes != (outcome != "referred") {
				t.Errorf("owed %v", debts.list())
			}
		})
	}
}

// freePort is a UDP port that nobody has.
func freePort(t *testing.T) int {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// TestParseTrunk: what is not a trunk is refused, and its own way to people is
// not part of its address.
func TestParseTrunk(t *testing.T) {
	trunk, err := ParseTrunk(" sip:us:secret@exchange.example:5070;transport=tcp;transfer=refer ")
	if err != nil || trunk.Transfer != Refer || trunk.URI != "sip:exchange.example:5070;transport=tcp" || trunk.User != "us" || trunk.Password != "secret" {
		t.Errorf("%+v %v", trunk, err)
	}
	for _, bad := range []string{"", "sip:exchange.example;transfer=refer", "sip:us:secret@exchange.example;transfer=blind"} {
		if _, err := ParseTrunk(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
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
