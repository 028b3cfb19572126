package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"guanjia/channels/web"
	"guanjia/channels/wechat/platform"
)

// wechatCommand is `guanjia wechat`.
type wechatCommand struct {
	Menu menuCommand `cmd:"" help:"The account's menu."`
}

type menuCommand struct {
	Push menuPushCommand `cmd:"" help:"Put our menu in place of the account's."`
	Show menuShowCommand `cmd:"" help:"Show the menu the account has now."`
}

type menuPushCommand struct{}

type menuShowCommand struct {
	JSON bool `help:"As the platform tells it."`
}

// menuTime bounds a command's calls.
const menuTime = 20 * time.Second

// buttons are the account's menu: the same as the try-it chat shows.
func buttons(items []web.MenuItem) []platform.Button {
	var out []platform.Button
	for _, i := range items {
		out = append(out, platform.Button{Name: i.Title, Key: i.Key, Below: buttons(i.Items)})
	}
	return out
}

// withPlatform runs a deed with the account's API.
func (p *program) withPlatform(ctx context.Context, deed func(context.Context, *platform.API) error) error {
	s := p.settings
	if p.house != nil {
		s = p.house.settings
	}
	if faults := halfWeChat(s); len(faults) > 0 {
		return usagef("%s", strings.Join(faults, "; "))
	}
	if !s.WeChat() {
		return usagef("no account is configured: set wechat_app_id, wechat_app_secret and wechat_token")
	}
	ctx, cancel := context.WithTimeout(ctx, menuTime)
	defer cancel()
	api := openPlatform(s, nil, nil, slog.New(slog.DiscardHandler)) // one line of ours says it
	defer api.Close()
	return refusedByWeChat(deed(ctx, api))
}

func (c *menuPushCommand) run(ctx context.Context, p *program) error {
	return p.withPlatform(ctx, func(ctx context.Context, api *platform.API) error {
		menu := buttons(web.DefaultMenu())
		if err := api.PushMenu(ctx, menu); err != nil {
			return err
		}
		fmt.Fprintln(p.con.out, "菜单已推送；已关注的人最迟 24 小时后看到，取消关注再关注即刻可见。")
		return nil
	})
}

func (c *menuShowCommand) run(ctx context.Context, p *program) error {
	return p.withPlatform(ctx, func(ctx context.Context, api *platform.API) error {
		raw, err := api.ShowMenu(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			var line bytes.Buffer
			if err := json.Compact(&line, raw); err != nil {
				return fmt.Errorf("show menu: %w", err)
			}
			fmt.Fprintln(p.con.out, line.String())
			return nil
		}
		return printMenu(p.con.out, raw)
	})
}

// shown is an entry as the platform tells it.
type shown struct {
	Type, Name, Key, URL string
	Sub                  []shown `json:"sub_button"`
}

// does says what an entry does when it is touched.
func (b shown) does() string {
	switch {
	case b.URL != "":
		return b.Type + " " + b.URL
	case b.Type != "":
		return b.Type + " " + b.Key
	}
	return ""
}

// printMenu prints a menu as a tree.
func printMenu(w io.Writer, raw json.RawMessage) error {
	var menu struct {
		Button []shown `json:"button"`
	}
	if err := json.Unmarshal(raw, &menu); err != nil {
		return fmt.Errorf("show menu: the platform's answer is not as documented: %w", err)
	}
	if len(menu.Button) == 0 {
		fmt.Fprintln(w, "账号现在没有菜单；用 guanjia wechat menu push 推送。")
	}
	for _, top := range menu.Button {
		fmt.Fprintln(w, strings.TrimSpace(top.Name+"  "+top.does()))
		for _, below := range top.Sub {
			fmt.Fprintln(w, "  "+below.Name+"  "+below.does())
		}
	}
	return nil
}
