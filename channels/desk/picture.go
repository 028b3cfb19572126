package desk

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"guanjia/bot"
)

// maxPicture is how large a picture to a citizen may be, in bytes: as large as
// WeChat takes it.
const maxPicture = 10 << 20

// picture sends the citizen a picture: the body is the file, what says sends
// beside its words is in the address. Whether it is a picture is found by
// drawing it anew, which also takes away what it says of where it was made.
func (d *Desk) picture(w http.ResponseWriter, r *http.Request, who Account) {
	if _, ok := d.known(w, r, who, bot.CitizenID(r.PathValue("citizen"))); !ok { // before anything is read of the file
		return
	}
	q := r.URL.Query()
	seen, err := lineNumber(q.Get("seen"))
	fence, fault := strconv.ParseInt(q.Get("fence"), 10, 64)
	if err != nil || fault != nil {
		refuse(w, http.StatusBadRequest, "内容格式不对。")
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPicture))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		refuse(w, http.StatusRequestEntityTooLarge, "图片太大，请换一张不超过 10 MB 的。")
		return
	case err != nil || len(raw) == 0:
		refuse(w, http.StatusBadRequest, "图片没有传完，请再发一次。")
		return
	}
	d.carry(w, r, who, asked{Key: q.Get("key"), Seen: seen, Fence: fence,
		picture: &bot.Attachment{Kind: "image", Type: http.DetectContentType(raw), Name: "picture", Bytes: raw}}, d.say)
}
