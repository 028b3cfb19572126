package hotline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/outcall"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/signal"
)

// orders are calls to be placed, as a test keeps them.
type orders struct {
	mu   sync.Mutex
	line *Line
	wait []outcall.Order
	came []string
}

func (o *orders) Next(context.Context) (outcall.Order, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.line == nil || len(o.wait) == 0 {
		return outcall.Order{}, false, nil
	}
	first := o.wait[0]
	o.wait = o.wait[1:]
	return first, true, nil
}

func (o *orders) Whose(_ context.Context, at bot.Address) (bot.CitizenID, error) {
	return bot.CitizenID("p-" + at.ID), nil
}

// Ask says the question as the outbox's dispatcher does: beside the call.
func (o *orders) Ask(_ context.Context, v outcall.Order, at bot.Address) error {
	go o.line.Send(context.Background(), bot.Outgoing{Citizen: bot.CitizenID("p-" + at.ID), To: at,
		Reply: bot.Reply{Text: "您满意吗？", Options: []bot.Option{{Text: "满意"}, {Text: "没解决"}}}})
	return nil
}

func (o *orders) End(_ context.Context, v outcall.Order, what outcall.Outcome) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.came = append(o.came, v.Ref+" "+string(what))
	return nil
}

func (o *orders) AtOnce(context.Context) (int, error) { return 2, nil }

func (o *orders) list() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(slices.Values(o.came))
}

// place opens a line whose calls leave for a trunk.
func (o *orders) open(t *testing.T, s *script, trunk string) *Line {
	t.Helper()
	l := openLine(t, s, func(c *Config) {
		c.Orders, c.Outbound, c.Times = o, signal.Trunk{URI: trunk, User: "guanjia"}, hurried()
		c.Times.Silence = time.Second
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	o.line = l
	return l
}

func ordered(phones ...string) *orders {
	o := &orders{}
	for _, p := range phones {
		o.wait = append(o.wait, outcall.Order{Key: p, Kind: outcall.FollowUp, Ref: p, Phone: bot.Secret(p)})
	}
	return o
}

// TestPlaced: who is rung hears who calls and what it is about, and answers by
// a key; others are busy, do not answer, have no such number.
func TestPlaced(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(in bot.Inbound) bot.Turn {
		if in.Event == bot.EventDigits {
			return reply("谢谢您的评价。")
		}
		return bot.Turn{}
	}}
	city := hotlinetest.NewPhone(t, 8)
	city.Answer(func(c *signal.Call) int {
		return map[string]int{"13800000001": 200, "13800000002": 486, "13800000003": 0, "13800000004": 404, "13800000005": 503, "13800000006": 200}[c.To().User]
	})
	o := ordered("13800000001", "13800000002", "13800000003", "13800000004", "13800000005", "13800000006", "12345")
	o.open(t, s, fmt.Sprintf("sip:%s", city.Endpoint.Addr()))
	for range 2 {
		call := city.Incoming()
		if got := call.Call.From().User; got != "guanjia" {
			t.Errorf("called by %q", got)
		}
		eventually(t, "the greeting", func() bool { return !call.FirstSound().IsZero() })
		if call.Call.To().User == "13800000001" {
			eventually(t, "the question", func() bool { return call.LastSound().Sub(call.FirstSound()) > 1500*time.Millisecond })
			call.Press("1")
			eventually(t, "the answer", func() bool { return slices.Contains(s.heard(), "dtmf:1") })
		}
		// The line says goodbye by itself.
		select {
		case <-call.Call.Done():
		case <-time.After(time.Minute):
			t.Fatal("the line does not hang up")
		}
	}
	want := []string{"12345 invalid", "13800000001 answered", "13800000002 busy", "13800000003 no_answer", "13800000004 invalid", "13800000005 unreachable", "13800000006 listened"}
	eventually(t, "every outcome", func() bool { return len(o.list()) == len(want) })
	if got := o.list(); !slices.Equal(got, want) {
		t.Errorf("came out %q", got)
	}
}

// TestPlacedToSipp: somebody else's telephone is rung, answers and hangs up.
func TestPlacedToSipp(t *testing.T) {
	t.Parallel()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatal("sipp is not installed: apt-get install sip-tester")
	}
	// sipp answers at a port of its own choosing only where it is told one.
	spare := hotlinetest.NewPhone(t, 1)
	at := spare.Endpoint.Addr()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	if err := spare.Endpoint.Close(ctx); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	scenario := filepath.Join(dir, "answer.xml")
	if err := os.WriteFile(scenario, []byte(answering), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sipp, "-sf", scenario, "-i", "127.0.0.1", "-p", fmt.Sprint(at.Port()), "-m", "1", "-nostdin", "-timeout", "100s", "-timeout_error")
	cmd.Dir = dir
	out := make(chan error, 1)
	go func() {
		text, err := cmd.CombinedOutput()
		if err != nil {
			err = errors.Join(err, errors.New(string(text)))
		}
		out <- err
	}()
	o := ordered("13800000001")
	o.open(t, &script{}, "sip:"+at.String())
	eventually(t, "the call", func() bool { // sipp may take its time to start
		o.mu.Lock()
		defer o.mu.Unlock()
		if len(o.came) == 1 && o.came[0] == "13800000001 unreachable" {
			o.came, o.wait = nil, []outcall.Order{{Ref: "13800000001", Phone: "13800000001"}}
		}
		return len(o.came) == 1
	})
	if got := o.list(); got[0] != "13800000001 cut_short" {
		t.Errorf("came out %q", got)
	}
	if err := <-out; err != nil {
		t.Errorf("sipp: %v", err)
	}
}

// answering is a sipp scenario: it rings, answers, and hangs up after a second.
const answering = `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="answer">
  <recv request="INVITE" crlf="true"><action>
    <ereg regexp=";tag=.*" search_in="hdr" header="From:" assign_to="tag"/>
    <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="them"/>
  </action></recv>
  <send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000

]]></send>
  <recv request="ACK" crlf="true"/>
  <pause milliseconds="700"/>
  <send retrans="500"><![CDATA[
BYE [$them] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800000001@[local_ip]:[local_port]>;tag=[pid]SIPpTag01[call_number]
To: <sip:guanjia@[remote_ip]>[$tag]
[last_Call-ID:]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
`
