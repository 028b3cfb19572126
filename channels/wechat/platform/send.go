package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/silenceper/wechat/v2/officialaccount/message"
)

// Choice is an option to tap in a message. Its id comes back with the tap.
type Choice struct{ ID, Content string }

// SendText sends a customer-service message of words (客服消息).
func (a *API) SendText(ctx context.Context, openID, text string) error {
	return a.send(ctx, message.NewCustomerTextMessage(openID, text))
}

// SendMenu sends a customer-service message with options to tap (msgmenu).
func (a *API) SendMenu(ctx context.Context, openID, head string, choices []Choice, tail string) error {
	m := &message.MediaMsgmenu{HeadContent: head, TailContent: tail}
	for _, c := range choices {
		m.List = append(m.List, message.MsgmenuItem{ID: c.ID, Content: c.Content})
	}
	return a.send(ctx, &message.CustomerMessage{ToUser: openID, Msgtype: "msgmenu", Msgmenu: m})
}

// SendImage uploads a picture (新增临时素材) and sends it as a customer-service
// message. To upload once more does no harm, so only the sending may be in doubt.
func (a *API) SendImage(ctx context.Context, openID string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, mediaTime)
	defer cancel()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	file, err := parts.CreateFormFile("media", "picture"+extension(data))
	if err == nil {
		_, err = file.Write(data)
	}
	if err := errors.Join(err, parts.Close()); err != nil {
		return fmt.Errorf("word picture: %w", err)
	}
	var kept struct {
		refusal
		MediaID string `json:"media_id"`
	}
	query := url.Values{"type": {"image"}}
	if err := a.call(ctx, http.MethodPost, "/cgi-bin/media/upload", query, upload{form.Bytes(), parts.FormDataContentType()}, &kept); err != nil {
		return fmt.Errorf("upload picture: %w", notUnknown(err))
	}
	if kept.MediaID == "" {
		return errors.New("upload picture: the platform names no media")
	}
	return a.send(ctx, message.NewCustomerImgMessage(openID, kept.MediaID))
}

// extension is the ending WeChat knows a picture by.
func extension(data []byte) string {
	switch http.DetectContentType(data) {
	case "image/png":
		return ".png"
	case "image/gif":
		return ".gif"
	}
	return ".jpg"
}

func (a *API) send(ctx context.Context, m *message.CustomerMessage) error {
	var out refusal
	if err := a.call(ctx, http.MethodPost, "/cgi-bin/message/custom/send", nil, m, &out); err != nil {
		return fmt.Errorf("send customer message: %w", err)
	}
	return nil
}

// Typing shows the citizen that an answer is being written (客服输入状态).
func (a *API) Typing(ctx context.Context, openID string) error {
	var out refusal
	body := map[string]string{"touser": openID, "command": "Typing"}
	if err := a.call(ctx, http.MethodPost, "/cgi-bin/message/custom/typing", nil, body, &out); err != nil {
		return fmt.Errorf("show typing: %w", notUnknown(err))
	}
	return nil
}

// Media fetches what a citizen sent (获取临时素材), at most MaxMedia bytes. The
// type is told by the content.
func (a *API) Media(ctx context.Context, mediaID string) (data []byte, mediaType string, err error) {
	ctx, cancel := context.WithTimeout(ctx, mediaTime)
	defer cancel()
	for try := 1; ; try++ {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return nil, "", fmt.Errorf("get access token: %w", notUnknown(err))
		}
		q := url.Values{"access_token": {token}, "media_id": {mediaID}}
		raw, _, err := a.fetch(ctx, http.MethodGet, "/cgi-bin/media/get", q, nil, MaxMedia)
		if err != nil {
			return nil, "", fmt.Errorf("fetch media: %w", notUnknown(err))
		}
		var told refusal
		if len(raw) > 0 && raw[0] == '{' && json.Unmarshal(raw, &told) == nil && told.Code != 0 {
			a.refusals.note(told.Code)
			if try == 1 && staleToken(told.Code) {
				a.tokens.drop(token)
				continue
			}
			return nil, "", fmt.Errorf("fetch media: %w", &Error{Code: told.Code, Message: a.redact(told.Message)})
		}
		if len(raw) == 0 {
			return nil, "", errors.New("fetch media: it is empty")
		}
		return raw, mediaKind(raw), nil
	}
}

// mediaKind finds the type in the content. WeChat's voices are AMR, which
// net/http does not know.
func mediaKind(raw []byte) string {
	if len(raw) > 6 && string(raw[:5]) == "#!AMR" {
		return "audio/amr"
	}
	return http.DetectContentType(raw)
}
