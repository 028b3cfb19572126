package wechattest

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
	"strings"
	"syscall"
)

// Libraries are the implementations of the envelope that are not ours.
func Libraries() []string { return []string{"wechat-crypto", "wechat-encrypt", "@wecom/crypto"} }

// interopDir is where the scripts and their packages lie.
func interopDir() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("interop: the source's place is not known")
	}
	return filepath.Join(filepath.Dir(file), "interop"), nil
}

// install fetches the packages the lock file names, once for all tests that
// run at the same time.
func install(ctx context.Context) (string, error) {
	dir, err := interopDir()
	if err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "guanjia-interop.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("interop: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("interop: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil {
		return dir, nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("interop: npm ci: %w: %s", err, out)
	}
	return dir, nil
}

// Answered is what one of the other implementations made of an answer.
type Answered struct {
	Status  int    `json:"status"`
	Content string `json:"content"`
	To      string `json:"to"`
}

// PostWith posts messages to the account's callback through another
// implementation of the envelope, one after the other.
func (a *Account) PostWith(ctx context.Context, library string, messages ...string) ([]Answered, error) {
	raw, err := node(ctx, strings.Join(messages, "\n")+"\n", "callback.js", library, a.Callback, a.AppID, a.Token, a.AESKey)
	if err != nil {
		return nil, err
	}
	var all []Answered
	dec := json.NewDecoder(bytes.NewReader(raw))
	for dec.More() {
		var one Answered
		if err := dec.Decode(&one); err != nil {
			return all, fmt.Errorf("interop: %w", err)
		}
		all = append(all, one)
	}
	if len(all) != len(messages) {
		return all, fmt.Errorf("interop: %d messages, %d answers", len(messages), len(all))
	}
	return all, nil
}

// CallWith calls the server through a client of its API that is not ours.
func (s *Server) CallWith(ctx context.Context, openID string) (map[string]any, error) {
	raw, err := node(ctx, "", "api.js", s.URL, s.AppID, s.Secret, openID)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(raw, &out)
}

func node(ctx context.Context, stdin string, args ...string) ([]byte, error) {
	dir, err := install(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", append([]string{"--no-deprecation"}, args...)...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("interop: node %s: %w: %s", args[0], err, errs.String())
	}
	return out.Bytes(), nil
}
