package main

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"guanjia/config"
)

// root is the repository's, seen from this package.
const root = "../../.."

func readme(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// build makes the program as a user would, and returns the folder it is in.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "guanjia"), ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return dir
}

// TestReadmeCommands runs every line of both READMEs' sh blocks in an empty folder.
func TestReadmeCommands(t *testing.T) {
	bin, done := build(t), map[string]bool{}
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		folder := t.TempDir()
		ran := 0
		for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readme(t, name), -1) {
			for line := range strings.Lines(block[1]) {
				ran++
				deed, _, _ := strings.Cut(line, "  #") // the same line in the other language
				if done[deed] {
					continue
				}
				done[deed] = true
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				cmd := exec.CommandContext(ctx, "sh", "-ec", deed)
				cmd.Dir = folder
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %s%v\n%s", name, line, err, out)
				}
				cancel()
			}
		}
		if ran < 10 {
			t.Errorf("%s: found only %d commands", name, ran)
		}
	}
}

// TestReadmeNames holds the READMEs to what is there: every setting, and
// every file they link to.
func TestReadmeNames(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text := readme(t, name)
		for _, o := range config.Options() {
			if !strings.Contains(text, "`"+o.Key+"`") {
				t.Errorf("%s: the setting %s is missing", name, o.Key)
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestPapersNameTests: every test that a paper names as proof is there.
func TestPapersNameTests(t *testing.T) {
	var papers []string
	for _, pattern := range []string{"*.md", "docs/*.md", "channels/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		papers = append(papers, found...)
	}
	written := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(raw, -1) {
			written[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, paper := range papers {
		raw, err := os.ReadFile(paper)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllSubmatch(raw, -1) {
			if !written[string(m[1])] {
				t.Errorf("%s names %s, which is not there", paper, m[1])
			}
		}
	}
}

// TestHandbookCommands: each command that a paper names between backquotes is
// there, with the flags it is written with.
func TestHandbookCommands(t *testing.T) {
	papers, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile("`guanjia ([^`]+)`")
	word := regexp.MustCompile(`^[a-z][a-z-]*$`)
	seen := 0
	for _, paper := range append(papers, filepath.Join(root, "SECURITY.md"), filepath.Join(root, "channels/hotline/README.md")) {
		raw, err := os.ReadFile(paper)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range written.FindAllStringSubmatch(string(raw), -1) {
			seen++
			args := strings.Fields(m[1])
			var words, flags []string
			for _, a := range args {
				switch {
				case strings.HasPrefix(a, "--"):
					flags = append(flags, a)
				case word.MatchString(a) && len(flags) == 0:
					words = append(words, a)
				}
			}
			help := guanjia(t, "", append(words, "--help")...)
			if help.status != 0 || strings.Contains(help.out, "<command>") {
				t.Errorf("%s: there is no %q: %s", paper, m[1], help.err)
				continue
			}
			for _, flag := range flags {
				if name, _, _ := strings.Cut(flag, "="); strings.HasPrefix(name, "--") && !strings.Contains(help.out, name) {
					t.Errorf("%s: %q has no flag %s", paper, m[1], name)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("the papers name only %d commands", seen)
	}
}
