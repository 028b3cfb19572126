package simulate

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Platform posts a citizen's words to the callback and returns the passive
// reply, as the official account's platform does.
type Platform interface {
	Post(ctx context.Context, openID, words string) (string, error)
}

// WeChat is the official account's door.
type WeChat struct {
	Platform Platform
	Run      uint64
}

// Name implements Door.
func (w *WeChat) Name() string { return "wechat" }

// Address is the n-th citizen's openid: 28 characters, as the platform's are.
func (w *WeChat) Address(n int) string { return fmt.Sprintf("oSIM%012x%012d", w.Run&0xffffffffffff, n) }

// Open implements Door.
func (w *WeChat) Open(n int) Line { return &wechatLine{w, w.Address(n)} }

type wechatLine struct {
	door   *WeChat
	openID string
}

// numbered is an option as it is written where no menu can be sent.
var numbered = regexp.MustCompile(`(?m)^\s*\d{1,2}[.、)]\s*(.+?)\s*$`)

// Say implements Line.
func (l *wechatLine) Say(ctx context.Context, words string) (Answer, error) {
	begun := time.Now()
	text, err := l.door.Platform.Post(ctx, l.openID, words)
	a := Answer{Took: time.Since(begun)}
	if err != nil {
		return a, err
	}
	if strings.TrimSpace(text) == "" || text == "success" {
		return a, nil
	}
	h := Heard{Text: text}
	for _, m := range numbered.FindAllStringSubmatch(text, -1) {
		h.Options = append(h.Options, m[1])
	}
	a.Heard = []Heard{h}
	return a, nil
}
