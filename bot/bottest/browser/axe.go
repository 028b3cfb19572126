package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Findings are what axe-core holds against the page as it stands, of the
// impacts serious and critical, each with where it was found.
func (tab *Tab) Findings() []string {
	tab.t.Helper()
	script, err := axe(tab.ctx)
	if err != nil {
		tab.t.Fatal(err)
	}
	tab.Settle()
	return Eval[[]string](tab, script+`;
		axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations
			.filter((v) => v.impact === "serious" || v.impact === "critical")
			.flatMap((v) => v.nodes.map((n) => v.id + " at " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))))`)
}

// axe is axe-core's source, fetched by its lock file once for all tests that
// run at the same time.
func axe(ctx context.Context) (string, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("axe: the source's place is not known")
	}
	dir := filepath.Join(filepath.Dir(here), "testdata", "axe")
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "guanjia-axe.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("axe: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("axe: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err != nil {
		cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("axe: npm ci: %w: %s", err, strings.TrimSpace(string(out)))
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe: %w", err)
	}
	return string(raw), nil
}
