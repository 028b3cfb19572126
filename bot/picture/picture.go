// Package picture draws pictures anew, so that what is kept shows what they
// show and holds nothing else: not where and with what they were taken, no
// comments, no bytes behind their end, nothing that is not a picture.
//
// It refuses what is no picture and what would be vast when it is opened.
package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
)

// Errors of Redraw.
var (
	ErrNoPicture = errors.New("not a picture that can be kept")
	ErrVast      = errors.New("picture is too large")
)

// maxPixels bounds what opening a picture takes, some 240 MB.
const maxPixels = 60_000_000

// quality of JPEG files: text on papers stays readable.
const quality = 85

// Redraw draws a picture anew, upright, its longer side at most so many
// pixels: JPEG as JPEG, PNG and the first image of a GIF as PNG. WebP, for
// which there is no drawing here, loses its descriptions and keeps its pixels.
// It returns the media type with the bytes.
func Redraw(raw []byte, side int) (clean []byte, mediaType string, err error) {
	kind := http.DetectContentType(raw)
	if kind == "image/webp" {
		clean, err = undescribed(raw)
		return clean, kind, err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || size.Width <= 0 || size.Height <= 0 {
		return nil, "", ErrNoPicture
	}
	if size.Width > maxPixels/size.Height {
		return nil, "", ErrVast
	}
	var p image.Image
	switch kind {
	case "image/jpeg":
		if p, err = jpeg.Decode(bytes.NewReader(raw)); err == nil {
			p = upright(smaller(p, side), orientation(raw))
		}
	case "image/png":
		p, err = png.Decode(bytes.NewReader(raw))
	case "image/gif":
		p, err = gif.Decode(bytes.NewReader(raw))
	default:
		return nil, "", ErrNoPicture
	}
	if err != nil {
		return nil, "", ErrNoPicture
	}
	var out bytes.Buffer
	if kind == "image/jpeg" {
		err = jpeg.Encode(&out, p, &jpeg.Options{Quality: quality})
	} else {
		kind = "image/png"
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, smaller(p, side))
	}
	if err != nil {
		return nil, "", fmt.Errorf("draw picture: %w", err)
	}
	return out.Bytes(), kind, nil
}

// smaller shrinks a picture until its longer side fits, by whole steps; each
// pixel is the mean of those it stands for.
func smaller(p image.Image, side int) image.Image {
	b := p.Bounds()
	step := (max(b.Dx(), b.Dy()) + side - 1) / side
	if step <= 1 {
		return p
	}
	out := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()/step), max(1, b.Dy()/step)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetRGBA(x, y, mean(p, image.Rect(x*step, y*step, (x+1)*step, (y+1)*step).Add(b.Min).Intersect(b)))
		}
	}
	return out
}

func mean(p image.Image, of image.Rectangle) color.RGBA {
	var r, g, b, a, n uint32
	for y := of.Min.Y; y < of.Max.Y; y++ {
		for x := of.Min.X; x < of.Max.X; x++ {
			cr, cg, cb, ca := p.At(x, y).RGBA()
			r, g, b, a, n = r+cr>>8, g+cg>>8, b+cb>>8, a+ca>>8, n+1
		}
	}
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), uint8(a / n)}
}

// upright turns a picture as a camera says that it was held (Exif 2.32, tag
// Orientation, 1 to 8).
func upright(p image.Image, held int) image.Image {
	if held < 2 || held > 8 {
		return p
	}
	b := p.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if held >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			var at image.Point
			switch held {
			case 2:
				at = image.Pt(w-1-x, y)
			case 3:
				at = image.Pt(w-1-x, h-1-y)
			case 4:
				at = image.Pt(x, h-1-y)
			case 5:
				at = image.Pt(y, x)
			case 6:
				at = image.Pt(h-1-y, x)
			case 7:
				at = image.Pt(h-1-y, w-1-x)
			case 8:
				at = image.Pt(y, w-1-x)
			}
			out.Set(at.X, at.Y, p.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// orientation reads how a JPEG file's camera was held; 1 where it does not say.
func orientation(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
		marker, size := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(raw) { // the image itself
			return 1
		}
		if body := raw[at+4 : at+2+size]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at += 2 + size
	}
	return 1
}

// tiffOrientation reads the tag from the first directory of a TIFF header.
func tiffOrientation(t []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case len(t) < 8:
		return 1
	case t[0] == 'I':
		order = binary.LittleEndian
	}
	at := int(order.Uint32(t[4:]))
	if at < 8 || at+2 > len(t) {
		return 1
	}
	n := int(order.Uint16(t[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > len(t) {
			return 1
		}
		if order.Uint16(t[entry:]) == 0x0112 {
			return int(order.Uint16(t[entry+8:]))
		}
	}
	return 1
}

// undescribed takes a WebP file's descriptions out (EXIF and XMP chunks of
// RIFF) and what stands behind its end.
func undescribed(raw []byte) ([]byte, error) {
	if len(raw) < 20 || string(raw[:4]) != "RIFF" || string(raw[8:12]) != "WEBP" {
		return nil, ErrNoPicture
	}
	end := int64(binary.LittleEndian.Uint32(raw[4:])) + 8
	if end < 12 || end > int64(len(raw)) {
		return nil, ErrNoPicture
	}
	out := append(make([]byte, 0, end), raw[:12]...)
	drawn := false
	for rest := raw[12:end]; len(rest) > 0; {
		if len(rest) < 8 {
			return nil, ErrNoPicture
		}
		size := int64(binary.LittleEndian.Uint32(rest[4:]))
		whole := 8 + size + size&1
		if whole > int64(len(rest)) {
			return nil, ErrNoPicture
		}
		switch name := string(rest[:4]); name {
		case "EXIF", "XMP ":
		case "VP8X":
			chunk := append([]byte(nil), rest[:whole]...)
			if size < 10 {
				return nil, ErrNoPicture
			}
			chunk[8] &^= 0x0c // it says no longer that descriptions follow
			out = append(out, chunk...)
		default:
			drawn = drawn || name == "VP8 " || name == "VP8L" || name == "ANMF"
			out = append(out, rest[:whole]...)
		}
		rest = rest[whole:]
	}
	if !drawn {
		return nil, ErrNoPicture
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}
