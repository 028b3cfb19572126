// Package open311test holds our GeoReport interface to a client that others
// wrote: the open311 package of npm, which is fetched as its lock file says.
//
// It refuses to stand in for that client: without Node.js and the package the
// test fails.
package open311test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// Seen is what the client got, call by call.
type Seen struct {
	Found      map[string]any   `json:"found"`
	Services   []map[string]any `json:"services"`
	Definition map[string]any   `json:"definition"`
	Posted     []map[string]any `json:"posted"`
	Token      []map[string]any `json:"token"`
	Waiting    []map[string]any `json:"waiting"`
	One        []map[string]any `json:"one"`
	Several    []map[string]any `json:"several"`
	List       []map[string]any `json:"list"`
}

// Use lets the client discover, list, post and read. The endpoint ends with a
// slash.
func Use(ctx context.Context, endpoint, key, code, town string) (Seen, error) {
	var seen Seen
	dir, err := install(ctx)
	if err != nil {
		return seen, err
	}
	cmd := exec.CommandContext(ctx, "node", "--no-deprecation", "client.js", endpoint, key, code, town)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return seen, fmt.Errorf("open311 client: %w: %s", err, errs.String())
	}
	return seen, json.Unmarshal(out.Bytes(), &seen)
}

// install fetches the packages the lock file names, once for all tests that
// run at the same time.
func install(ctx context.Context) (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("open311 client: the source's place is not known")
	}
	dir := filepath.Dir(file)
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "guanjia-open311.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("open311 client: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("open311 client: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil {
		return dir, nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("open311 client: npm ci: %w: %s", err, out)
	}
	return dir, nil
}
