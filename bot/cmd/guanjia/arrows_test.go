package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listed is a package as `go list -json` tells it.
type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

const module = "guanjia"

// packages lists every package of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

// allowed are our own packages that a package may import beside those below
// its own folder; longer names of folders win.
func allowed() map[string][]string {
	return map[string][]string{
		"bot":         {},
		"bot/booking": {"bot"}, "bot/booking/week": {"bot", "bot/booking"},
		"bot/notify":   {"bot"},
		"bot/ticket":   {"bot"},
		"bot/outreach": {"bot"},
		"bot/routing":  {"bot"},
		"bot/outcall":  {"bot"},
		"bot/privacy":  {"bot"}, "bot/picture": {},
		"bot/citydata": {"bot"}, "bot/citydata/standin": {"bot", "bot/citydata"},
		"bot/jobs":    {"bot"},
		"bot/inmem":   {"bot"},
		"bot/cluster": {},
		"bot/redis":   {},
		"bot/metrics": {"bot"}, "bot/tracing": {"bot"},
		"bot/bottest": {"bot"},
		"bot/sheet":   {},
		"bot/store":   {"bot", "bot/booking", "bot/routing", "bot/ticket", "bot/outreach", "bot/privacy", "bot/outcall"}, "bot/store/pgtest": {}, "bot/store/storetest": {"bot", "bot/booking", "bot/ticket", "bot/outreach", "bot/privacy", "bot/outcall", "bot/store"},
		"bot/openai":    {"bot"},
		"channels":      {"bot", "bot/inmem", "bot/booking", "bot/routing", "bot/ticket", "bot/outreach", "bot/privacy", "bot/picture", "bot/outcall"},
		"intents":       {"bot"},
		"intents/hanzi": {}, "intents/chinesetime": {"intents/hanzi"},
		"intents/linear": {"intents/hanzi"}, "intents/examples": {},
		"intents/evaluation": {"bot", "intents/linear", "intents/examples", "intents/hanzi"},
		"knowledge":          {"bot", "intents/hanzi", "intents/chinesetime"},
		"handlers":           {"bot", "bot/booking", "bot/ticket", "bot/privacy", "bot/outreach", "bot/outcall", "knowledge", "knowledge/themes", "knowledge/policies", "knowledge/ways", "knowledge/words", "intents/chinesetime"},
		"config":             {},
		"bot/cmd":            {""},
	}
}

// folderOf finds the longest folder of the rules that a package lies in.
func folderOf(pkg string, rules map[string][]string) (string, bool) {
	for dir := pkg; dir != "."; dir = path.Dir(dir) {
		if _, ok := rules[dir]; ok {
			return dir, true
		}
	}
	return "", false
}

// errand is the child of handlers or channels that a package lies in.
func errand(pkg string) string {
	parts := strings.SplitN(pkg, "/", 3)
	if len(parts) < 2 || parts[0] != "handlers" && parts[0] != "channels" {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

// mayImport says whether pkg may import other, both without the module.
func mayImport(pkg, other string, rules map[string][]string) bool {
	folder, ok := folderOf(pkg, rules)
	switch {
	case !ok || other == "bot/cmd/guanjia":
		return false
	case strings.HasPrefix(pkg, "bot/cmd/"):
		return true
	case errand(pkg) != "" && errand(other) == errand(pkg):
		return true
	case errand(pkg) == "" && folder != "bot" && strings.HasPrefix(other, folder+"/"):
		return true
	}
	return slices.Contains(rules[folder], other)
}

// TestArrows holds the house to the arrows of the design.
func TestArrows(t *testing.T) {
	rules := allowed()
	for _, p := range packages(t) {
		pkg := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, path := range p.Imports {
			other, ours := strings.CutPrefix(path, module+"/")
			if ours && !mayImport(pkg, other, rules) {
				t.Errorf("%s imports %s", pkg, other)
			}
			if pkg == "bot" && strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
				t.Errorf("bot imports %s, and may import the standard library only", path)
			}
		}
	}
}

// TestOneFolderForEachLibrary keeps every outside technology in one folder,
// so that it can be replaced there. YAML is the exception.
func TestOneFolderForEachLibrary(t *testing.T) {
	homes := map[string]map[string]bool{}
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			if !strings.Contains(strings.SplitN(path, "/", 2)[0], ".") || strings.HasPrefix(path, "gopkg.in/yaml") || strings.HasPrefix(path, "golang.org/x/text") {
				continue
			}
			parts := strings.Split(path, "/")
			lib := strings.Join(parts[:min(3, len(parts))], "/")
			if homes[lib] == nil {
				homes[lib] = map[string]bool{}
			}
			homes[lib][p.ImportPath] = true
		}
	}
	if len(homes) < 5 {
		t.Fatalf("found only %d libraries", len(homes))
	}
	for lib, used := range homes {
		if len(used) > 1 {
			t.Errorf("%s is imported by %v", lib, slices.Sorted(maps.Keys(used)))
		}
	}
}

// TestOneVoice keeps the outbox behind bot.Tell and bot's say, so that nothing
// is told to a citizen that the transcript does not hold.
func TestOneVoice(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "storetest/") {
			return err
		}
		text, err := os.ReadFile(path)
		calls := strings.Count(string(text), ".Enqueue(")
		if found += calls; calls > 0 && filepath.ToSlash(path) != "../../../bot/tell.go" {
			t.Errorf("%s puts words in the outbox itself; bot.Tell puts them in the transcript too", path)
		}
		return err
	})
	if err != nil || found == 0 {
		t.Fatal(found, err)
	}
}

// TestArrowsCanFail shows that the rules refuse what they must.
func TestArrowsCanFail(t *testing.T) {
	rules := allowed()
	for _, pair := range [][2]string{
		{"bot", "bot/store"}, {"bot/booking", "bot/store"}, {"handlers/help", "handlers/report"},
		{"channels/web", "channels/desk"}, {"channels/web", "handlers/help"}, {"handlers/help", "config"},
		{"knowledge", "intents"}, {"intents", "knowledge"}, {"bot/store", "knowledge"}, {"handlers/help", "bot/store"},
	} {
		if mayImport(pair[0], pair[1], rules) {
			t.Errorf("%s may import %s", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{
		{"handlers/help", "bot/ticket"}, {"handlers/procedure", "knowledge"}, {"channels/wechat", "channels/wechat/platform"},
		{"intents", "intents/linear"}, {"bot/cmd/guanjia", "config"},
	} {
		if !mayImport(pair[0], pair[1], rules) {
			t.Errorf("%s may not import %s", pair[0], pair[1])
		}
	}
}
