package wechattest

import (
	"encoding/json"
	"io"
	"net/http"
)

// Menu is the menu the account has now, nil if none.
func (s *Server) Menu() json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.menu
}

// createMenu is 创建自定义菜单, with its bounds.
func (s *Server) createMenu(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	type button struct {
		Type, Name, Key, URL string
		Sub                  []json.RawMessage `json:"sub_button"`
	}
	var in struct {
		Button []button `json:"button"`
	}
	if err != nil || json.Unmarshal(raw, &in) != nil {
		refuse(w, 47001, "data format error")
		return
	}
	if len(in.Button) < 1 || len(in.Button) > 3 {
		refuse(w, 40016, "invalid button size")
		return
	}
	for _, b := range in.Button {
		if len(b.Name) == 0 || len(b.Name) > 16 {
			refuse(w, 40018, "invalid button name size")
			return
		}
		if len(b.Sub) > 5 {
			refuse(w, 40023, "invalid sub button size")
			return
		}
		if len(b.Sub) == 0 && b.Type == "" {
			refuse(w, 40017, "invalid button type")
			return
		}
		for _, rawSub := range b.Sub {
			var sub button
			if json.Unmarshal(rawSub, &sub) != nil || len(sub.Name) == 0 || len(sub.Name) > 60 {
				refuse(w, 40025, "invalid sub button name size")
				return
			}
			if sub.Type == "click" && (sub.Key == "" || len(sub.Key) > 128) {
				refuse(w, 40019, "invalid button key size")
				return
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.menu = raw
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
}

func (s *Server) getMenu(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.menu == nil {
		refuse(w, 46003, "menu no exist")
		return
	}
	answer(w, map[string]any{"menu": s.menu})
}

func (s *Server) deleteMenu(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.menu = nil
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
}
