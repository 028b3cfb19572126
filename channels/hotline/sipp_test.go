package hotline

import (
	"os/exec"
	"testing"
	"time"

	"guanjia/bot"
)

// TestSipp: somebody else's callers, many in a second, over UDP and over one
// TCP stream.
func TestSipp(t *testing.T) {
	t.Parallel()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatal("sipp is not installed: apt-get install sip-tester")
	}
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("请问您要办什么事？") }}
	l := openLine(t, s)
	for _, transport := range []string{"u1", "t1"} {
		cmd := exec.Command(sipp, l.Addr().String(), "-sn", "uac", "-t", transport, "-i", "127.0.0.1", "-s", "12345",
			"-m", "150", "-r", "50", "-l", "150", "-d", "500", "-nostdin", "-timeout", "100s", "-timeout_error")
		cmd.Dir = t.TempDir()
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sipp over %s: %v\n%.3000s", transport, err, out)
		}
		t.Logf("150 calls over %s in %v", transport, time.Since(began))
	}
	eventually(t, "the line to be idle", func() bool { return l.endpoint.Figures().Calls == 0 })
	if got := l.endpoint.Figures().Taken; got != 300 {
		t.Errorf("%d calls were taken", got)
	}
}
