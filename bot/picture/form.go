package picture

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

var (
	// ErrNone means that a form came without a picture.
	ErrNone = errors.New("no picture in the form")
	// ErrCut means that a picture did not come whole.
	ErrCut = errors.New("picture did not come whole")
)

// FromForm is the picture in a field of a form, drawn anew as by Redraw; ErrNone
// and ErrCut, and Redraw's errors for what is no picture.
func FromForm(r *http.Request, field string, side int) (clean []byte, mediaType string, err error) {
	f, _, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, "", ErrNone
	}
	if err != nil {
		return nil, "", errors.Join(ErrCut, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, "", fmt.Errorf("read picture: %w", err)
	}
	if len(raw) == 0 {
		return nil, "", ErrNone
	}
	return Redraw(raw, side)
}
