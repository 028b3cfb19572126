package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed static
var static embed.FS

//go:embed pages/chat.html
var pages embed.FS

// Tokens is the stylesheet of colours, type and space that every face of the
// service shares.
func Tokens() []byte {
	raw, err := static.ReadFile("static/tokens.css")
	if err != nil {
		panic(err) // the program was built without it
	}
	return raw
}

// file is one static file.
type file struct {
	kind  string
	bytes []byte
}

// view is what the page is made from.
type view struct {
	Menu     []MenuItem
	Towns    []Town
	Examples []string
	Doors    []Door
	MaxText  int
	MaxBytes int
}

// DefaultMenu is the account's menu, as on WeChat.
func DefaultMenu() []MenuItem {
	return []MenuItem{
		{Title: "我要办", Items: []MenuItem{
			{Title: "预约办事", Key: "book"}, {Title: "我的预约", Key: "mine"}, {Title: "办事指南", Key: "procedure"},
			{Title: "惠企政策", Key: "policy"}, {Title: "粤康码", Key: "health"},
		}},
		{Title: "大莞家", Items: []MenuItem{{Title: "急难求助", Key: "help"}, {Title: "认领心愿", Key: "claim"}}},
		{Title: "12345", Items: []MenuItem{
			{Title: "我要反映", Key: "report"}, {Title: "查进度", Key: "progress"},
			{Title: "转人工", Key: "operator"}, {Title: "隐私说明", Key: "privacy"},
		}},
	}
}

// DefaultExamples are sentences to try.
func DefaultExamples() []string {
	return []string{
		"下周三下午想去市民服务中心办居住证",
		"楼下工地半夜还在施工，我要投诉",
		"身份证丢了，补办要带什么材料",
	}
}

// load reads the embedded files and the page.
func (c *Chat) load(cfg Config) error {
	c.files = map[string]file{}
	all := sha256.New()
	entries, err := fs.ReadDir(static, "static")
	if err != nil {
		return fmt.Errorf("read static files: %w", err)
	}
	for _, e := range entries {
		raw, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			return fmt.Errorf("read static file: %w", err)
		}
		fmt.Fprintf(all, "%s %d\n%s", e.Name(), len(raw), raw)
		c.files[e.Name()] = file{kind: kindOf(e.Name()), bytes: raw}
	}
	c.digest = hex.EncodeToString(all.Sum(nil)[:8])
	c.page, err = template.New("chat.html").Funcs(template.FuncMap{"asset": c.asset, "scripts": c.scripts}).ParseFS(pages, "pages/chat.html")
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	c.view = view{Menu: cfg.Menu, Towns: cfg.Towns, Examples: cfg.Examples, Doors: cfg.Doors, MaxText: MaxText, MaxBytes: MaxPicture}
	if c.view.Menu == nil {
		c.view.Menu = DefaultMenu()
	}
	if c.view.Examples == nil {
		c.view.Examples = DefaultExamples()
	}
	return c.page.Execute(&bytes.Buffer{}, c.view)
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// asset is the address of a static file. The digest of all of them is a
// folder in it, so that scripts and styles find each other and change together.
func (c *Chat) asset(name string) (string, error) {
	if _, ok := c.files[name]; !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return "/chat/static/" + c.digest + "/" + name, nil
}

// scripts are the modules chat.js asks for, so that the page asks at once.
func (c *Chat) scripts() []string {
	var names []string
	for name := range c.files {
		if path.Ext(name) == ".js" && name != "chat.js" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// servePage gives the chat and, at the first visit, the browser's id.
func (c *Chat) servePage(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	if err := c.page.Execute(&page, c.view); err != nil {
		c.log.Error("page not made", "error", err)
		http.Error(w, "页面暂时打不开，请稍后再试。", http.StatusInternalServerError)
		return
	}
	c.meet(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page.Bytes())
}

// serveFile gives a static file: for ever under its digest, otherwise to be
// asked for again.
func (c *Chat) serveFile(w http.ResponseWriter, r *http.Request) {
	f, ok := c.files[r.PathValue("name")]
	if !ok {
		refuse(w, http.StatusNotFound, "没有这个文件。")
		return
	}
	h := w.Header()
	h.Set("ETag", `"`+c.digest+`"`)
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("digest") == c.digest {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+c.digest+`"`) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	w.Write(f.bytes)
}
