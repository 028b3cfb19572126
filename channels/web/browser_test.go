package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// chromium starts a browser of its own for a test binary's test; tabs of it
// are cheap, starting it is not. A test without Chromium fails.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path := "/usr/bin/chromium"
	if env := os.Getenv("CHROMIUM"); env != "" {
		path = env
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("these tests need Chromium (apt install chromium, or CHROMIUM=path): %v", err)
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true),
	)
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// towns are a few places to choose from.
func towns() []Town {
	return []Town{{"guancheng", "莞城街道"}, {"dongcheng", "东城街道"}, {"nancheng", "南城街道"}, {"humen", "虎门镇"}, {"changan", "长安镇"}, {"songshanhu", "松山湖"}}
}

// place is a chat with its clerk on a port of this machine.
type place struct {
	clerk  *clerk
	chat   *Chat
	server *httptest.Server
}

func open(t *testing.T, change ...func(*Config)) *place {
	t.Helper()
	k := newClerk()
	cfg := Config{
		Receiver: k, History: k, Pictures: k, Towns: towns(),
		Doors: []Door{{Name: "12345 热线", Text: "拨 12345，说“办事预约”"}, {Name: "微信公众号", Text: "搜索“莞家政务”"}},
	}
	for _, c := range change {
		c(&cfg)
	}
	chat, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	chat.Routes(mux)
	p := &place{clerk: k, chat: chat, server: httptest.NewServer(mux)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := chat.Close(ctx); err != nil {
			t.Error(err)
		}
		p.server.Close()
	})
	return p
}

// tab opens a page of its own, with cookies of its own.
func tab(t *testing.T, browser context.Context, first ...act) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 60*time.Second)
	t.Cleanup(cancel)
	do(t, ctx, first...)
	return ctx
}

func do(t *testing.T, ctx context.Context, actions ...act) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// act is one step in a browser.
type act = chromedp.Action[chromedp.Void]

// until waits for a JavaScript condition.
func until(condition string) act {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool]("Boolean("+condition+")", chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(8*time.Second))(ctx, target)
		if err != nil {
			err = fmt.Errorf("wait for %s: %w", condition, err)
		}
		return chromedp.Void{}, err
	}
}

// call runs a protocol command.
func call[P, R any](cmd cdp.Command[P, R], params P) act {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, cmd, params)
		return chromedp.Void{}, err
	}
}

func click(selector string) act { return chromedp.Click(chromedp.CSS(selector)) }
func goTo(url string) act       { return chromedp.Navigate(url) }
func window(w, h int64) act     { return chromedp.EmulateViewport(w, h) }

// greeted waits for the greeting.
func greeted() act { return until(`document.querySelectorAll(".msg.bot").length > 0`) }

func js[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func scheme(name string) act {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

// shoot keeps a picture of the page when SHOTS names a folder for them.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// newest is the address id of the browser heard last.
func (p *place) newest(t *testing.T) string {
	t.Helper()
	p.clerk.mu.Lock()
	defer p.clerk.mu.Unlock()
	if len(p.clerk.received) == 0 {
		t.Fatal("no browser was heard")
	}
	return p.clerk.received[len(p.clerk.received)-1].From.ID
}
