package web

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif" // the formats a picture may have
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"strconv"

	"guanjia/bot"
)

const (
	// MaxPicture is how large a picture may be, in bytes.
	MaxPicture = 10 << 20
	// maxPixels keeps out pictures that are small files and vast images.
	maxPixels = 100_000_000
)

// serveUpload takes a picture: the body is the file, its key is in the header
// Idempotency-Key and the last line the page has in ?after=. What the file is
// is read from its bytes, not from what the sender calls it.
func (c *Chat) serveUpload(w http.ResponseWriter, r *http.Request) {
	from, ok := c.known(w, r)
	if !ok || !c.admit(w, r, from, uploadCosts) {
		return
	}
	after, err := lineNumber(r.URL.Query().Get("after"))
	key := r.Header.Get("Idempotency-Key")
	if err != nil || !keyForm.MatchString(key) {
		refuse(w, http.StatusBadRequest, "消息缺少编号。")
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPicture))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		refuse(w, http.StatusRequestEntityTooLarge, "图片太大，请换一张不超过 10 MB 的。")
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "图片没有传完，请再发一次。")
		return
	}
	kind, ok := pictureType(raw)
	if !ok {
		refuse(w, http.StatusUnsupportedMediaType, "只能发 JPG、PNG、GIF 或 WebP 图片。")
		return
	}
	c.take(w, r, bot.Inbound{
		From: from, Key: from.ID[:16] + ":" + key, Event: bot.EventImage,
		Attachment: &bot.Attachment{Kind: "image", Type: kind, Name: "picture", Bytes: raw},
	}, after)
}

// pictureType finds a picture's media type in its content.
func pictureType(raw []byte) (kind string, ok bool) {
	kind = http.DetectContentType(raw)
	switch kind {
	case "image/jpeg", "image/png", "image/gif":
		size, _, err := image.DecodeConfig(bytes.NewReader(raw))
		return kind, err == nil && size.Width > 0 && size.Height > 0 && size.Width <= maxPixels/size.Height
	case "image/webp":
		return kind, len(raw) > 20
	}
	return kind, false
}

// servePicture shows a picture to the person who sent it, or was sent it.
func (c *Chat) servePicture(w http.ResponseWriter, r *http.Request) {
	from, ok := c.known(w, r)
	if !ok {
		return
	}
	if c.pictures == nil {
		refuse(w, http.StatusNotFound, "没有这张图片。")
		return
	}
	a, err := c.pictures.Picture(r.Context(), from, r.PathValue("id"))
	kind, isPicture := pictureType(a.Bytes)
	if err != nil || !isPicture {
		refuse(w, http.StatusNotFound, "没有这张图片。")
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Bytes)))
	w.Header().Set("Content-Disposition", "inline; filename=picture")
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	w.Write(a.Bytes)
}
