package hotline

import (
	"bytes"
	"context"
	"net/netip"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// TestScanners: the tools that look for telephones to abuse find nothing from
// an address that may not call, and find the line from one that may: so the
// silence is the line's doing.
func TestScanners(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"svmap", "svwar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: apt-get install sipvicious", tool)
		}
	}
	closed := openLine(t, &script{}, func(c *Config) { c.Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	open := openLine(t, &script{})
	scan := func(l *Line, tool string, args ...string) []byte {
		ctx, stop := context.WithTimeout(t.Context(), 40*time.Second)
		defer stop()
		cmd := exec.CommandContext(ctx, tool, append([]string{"-p", strconv.Itoa(int(l.Addr().Port()))}, append(args, "127.0.0.1")...)...)
		cmd.Dir = t.TempDir()
		cmd.Env = append(cmd.Environ(), "HOME="+cmd.Dir) // they keep what they find
		said, _ := cmd.CombinedOutput()                  // a scan that finds nothing fails
		return said
	}
	if said := scan(open, "svmap"); !bytes.Contains(said, []byte("127.0.0.1:")) {
		t.Errorf("svmap does not find an open line: %s", said)
	}
	if said := scan(closed, "svmap"); bytes.Contains(said, []byte("127.0.0.1:"+strconv.Itoa(int(closed.Addr().Port())))) {
		t.Errorf("svmap finds the line: %s", said)
	}
	scan(closed, "svwar", "-e", "100-120", "-m", "INVITE")
	if f := closed.endpoint.Figures(); f.Dropped < 2 || f.Taken+f.Refused+f.Malformed != 0 {
		t.Errorf("of the scans %+v was looked at", f)
	}
}
