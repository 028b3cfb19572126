package wechattest

import (
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"
)

// send is 发送客服消息.
func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ToUser  string `json:"touser"`
		Msgtype string `json:"msgtype"`
		Text    *struct {
			Content string `json:"content"`
		} `json:"text"`
		Image *struct {
			MediaID string `json:"media_id"`
		} `json:"image"`
		Msgmenu *struct {
			Head string `json:"head_content"`
			Tail string `json:"tail_content"`
			List []struct {
				ID      string `json:"id"`
				Content string `json:"content"`
			} `json:"list"`
		} `json:"msgmenu"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, 47001, "data format error")
		return
	}
	m := Sent{To: in.ToUser, Type: in.Msgtype}
	switch {
	case in.Msgtype == "text" && in.Text != nil && in.Text.Content != "":
		m.Text = in.Text.Content
	case in.Msgtype == "text":
		refuse(w, 44004, "empty content")
		return
	case in.Msgtype == "msgmenu" && in.Msgmenu != nil && len(in.Msgmenu.List) > 0:
		m.Text, m.Tail = in.Msgmenu.Head, in.Msgmenu.Tail
		for _, c := range in.Msgmenu.List {
			m.Choices = append(m.Choices, [2]string{c.ID, c.Content})
		}
	case in.Msgtype == "image" && in.Image != nil:
		s.mu.Lock()
		data, ok := s.media[in.Image.MediaID]
		s.mu.Unlock()
		if !ok {
			refuse(w, 40007, "invalid media_id")
			return
		}
		m.Picture = data
	default:
		refuse(w, 40008, "invalid message type")
		return
	}
	if !utf8.ValidString(m.Text) || len(m.Text) > 2048 {
		refuse(w, 45002, "content size out of limit")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if code, text := s.spend(in.ToUser); code != 0 {
		refuse(w, code, text)
		return
	}
	s.sent = append(s.sent, m)
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
}

// spend takes one message from what may be sent, the shortest-lived first.
func (s *Server) spend(openID string) (int, string) {
	if openID == "" || len(openID) > 64 {
		return 40003, "invalid openid"
	}
	if s.absent[openID] {
		return 43004, "require subscribe"
	}
	w := s.windows[openID]
	if w == nil {
		return 45015, "response out of time limit or subscription is canceled"
	}
	best, live := -1, false
	for i, g := range w.messages {
		if s.now().After(g.until) {
			continue
		}
		live = true
		if g.left > 0 && (best < 0 || g.until.Before(w.messages[best].until)) {
			best = i
		}
	}
	switch {
	case !live:
		return 45015, "response out of time limit or subscription is canceled"
	case best < 0:
		return 45047, "out of response count limit"
	}
	w.messages[best].left--
	return 0, ""
}

// showTyping is 客服输入状态.
func (s *Server) showTyping(w http.ResponseWriter, r *http.Request) {
	var in struct{ ToUser, Command string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Command != "Typing" && in.Command != "CancelTyping" {
		refuse(w, 45072, "invalid command")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch at, ok := s.typing[in.ToUser]; {
	case s.windows[in.ToUser] == nil:
		refuse(w, 45080, "need msg from user in 30 seconds")
	case ok && s.now().Before(at.Add(15*time.Second)):
		refuse(w, 45081, "already in typing status")
	default:
		s.typing[in.ToUser] = s.now()
		answer(w, map[string]any{"errcode": 0, "errmsg": "ok"})
	}
}

// Typed says whether a citizen was shown that an answer is being written.
func (s *Server) Typed(openID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.typing[openID]
	return ok
}
