package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/silenceper/wechat/v2/officialaccount/menu"
)

// Button is an entry of the account's menu: a heading with Below, a key that
// comes back as an event, or a page.
type Button struct {
	Name  string   `json:"name"`
	Key   string   `json:"key,omitempty"`
	URL   string   `json:"url,omitempty"`
	Below []Button `json:"below,omitempty"`
}

// CheckMenu holds a menu to the platform's bounds (自定义菜单): 1 to 3 entries of
// at most 16 bytes, 1 to 5 below each of at most 60 bytes, keys of at most 128
// and pages of at most 1024 bytes. All faults are returned, joined.
func CheckMenu(buttons []Button) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(buttons) < 1 || len(buttons) > 3 {
		fault("a menu has 1 to 3 entries, not %d", len(buttons))
	}
	for _, b := range buttons {
		if len(b.Below) > 5 {
			fault("%s has %d entries below it, at most 5 are shown", b.Name, len(b.Below))
		}
		if len(b.Below) > 0 && (b.Key != "" || b.URL != "") {
			fault("%s is a heading and cannot do anything itself", b.Name)
		}
		checkButton(b, 16, fault)
		for _, below := range b.Below {
			checkButton(below, 60, fault)
			if len(below.Below) > 0 {
				fault("%s lies too deep: a menu has two levels", below.Name)
			}
		}
	}
	return errors.Join(faults...)
}

func checkButton(b Button, most int, fault func(string, ...any)) {
	switch {
	case b.Name == "" || len(b.Name) > most:
		fault("name %q is empty or longer than %d bytes", b.Name, most)
	case len(b.Key) > 128:
		fault("%s: the key is longer than 128 bytes", b.Name)
	case len(b.URL) > 1024:
		fault("%s: the page's address is longer than 1024 bytes", b.Name)
	case len(b.Below) == 0 && (b.Key == "") == (b.URL == ""):
		fault("%s needs a key or a page", b.Name)
	case b.URL != "":
		if u, err := url.Parse(b.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			fault("%s: %q is no address of a page", b.Name, b.URL)
		}
	}
}

// PushMenu puts the menu in place of the account's present one.
func (a *API) PushMenu(ctx context.Context, buttons []Button) error {
	if err := CheckMenu(buttons); err != nil {
		return fmt.Errorf("push menu: %w", err)
	}
	var out refusal
	body := map[string]any{"button": wire(buttons)}
	if err := a.call(ctx, http.MethodPost, "/cgi-bin/menu/create", nil, body, &out); err != nil {
		return fmt.Errorf("push menu: %w", notUnknown(err))
	}
	return nil
}

// wire puts buttons into the platform's form.
func wire(buttons []Button) []*menu.Button {
	var out []*menu.Button
	for _, b := range buttons {
		w := &menu.Button{}
		switch {
		case len(b.Below) > 0:
			w.SetSubButton(b.Name, wire(b.Below))
		case b.URL != "":
			w.SetViewButton(b.Name, b.URL)
		default:
			w.SetClickButton(b.Name, b.Key)
		}
		out = append(out, w)
	}
	return out
}

// noMenu is the platform's code for an account without a menu.
const noMenu = 46003

// ShowMenu returns the account's present menu as the platform tells it, null
// where there is none.
func (a *API) ShowMenu(ctx context.Context) (json.RawMessage, error) {
	var out struct {
		refusal
		Menu json.RawMessage `json:"menu"`
	}
	err := a.call(ctx, http.MethodGet, "/cgi-bin/menu/get", nil, nil, &out)
	var told *Error
	if errors.As(err, &told) && told.Code == noMenu {
		return json.RawMessage("null"), nil
	}
	if err != nil {
		return nil, fmt.Errorf("show menu: %w", notUnknown(err))
	}
	return out.Menu, nil
}
