package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestServeAtRest: the program as it is built, with no settings but its ports,
// answers, and then holds no more memory than promised.
func TestServeAtRest(t *testing.T) {
	const promised = 150 // MB
	cmd := exec.CommandContext(t.Context(), filepath.Join(build(t), "guanjia"), "serve", "--data", t.TempDir())
	cmd.Env = append(os.Environ(), "GUANJIA_HTTP_ADDR=127.0.0.1:0", "GUANJIA_DESK_ADDR=127.0.0.1:0", "GUANJIA_SIP_ADDR=127.0.0.1:0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	chat, lines := "", bufio.NewScanner(out)
	for chat == "" && lines.Scan() {
		if found := regexp.MustCompile(`试聊\s+(http://[^/]+)/`).FindStringSubmatch(lines.Text()); found != nil {
			chat = found[1]
		}
	}
	if chat == "" {
		t.Fatal("serve says no address")
	}
	citizen := newClient(t, chat)
	if got := citizen.get("/"); got.status != http.StatusOK {
		t.Fatalf("load the chat: %d", got.status)
	}
	citizen.says("message-1", "居住证要带什么材料") // waits until it has learnt
	eventually(t, "what learning took to be given back", func() bool { return residentMB(cmd.Process.Pid) <= promised })
	t.Logf("%d MB at rest", residentMB(cmd.Process.Pid))
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// residentMB is what a process holds in memory.
func residentMB(process int) int {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(process), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if text, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(text)[0])
			return kb >> 10
		}
	}
	return 0
}
