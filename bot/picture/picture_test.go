package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// scene is a picture whose upper left quarter is red.
func scene(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, color.White)
			if x < w/2 && y < h/2 {
				p.Set(x, y, color.RGBA{255, 0, 0, 255})
			}
		}
	}
	return p
}

// photo is a JPEG file whose camera was held so, with a place in its Exif and
// words behind its end.
func photo(t *testing.T, p image.Image, held uint16, order binary.AppendByteOrder) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, p, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM")
	if order == binary.LittleEndian {
		tiff = []byte("II")
	}
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = order.AppendUint16(tiff, 0x010e)
	tiff = order.AppendUint16(tiff, 2)
	tiff = append(tiff, 0, 0, 0, 4, 'H', 'O', 'M', 'E')
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, held)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	out = append(append(out, body...), plain.Bytes()[2:]...)
	return append(out, "HOME<script>"...)
}

func red(p image.Image, x, y int) bool {
	r, g, _, _ := p.At(x, y).RGBA()
	return r > 0xb000 && g < 0x5000
}

// TestPhotosStandUpright: however the camera was held the red quarter is where
// it was seen, and nothing of the Exif or behind the end stays.
func TestPhotosStandUpright(t *testing.T) {
	corners := map[uint16]string{1: "left top", 2: "right top", 3: "right bottom", 4: "left bottom", 5: "left top", 6: "right top", 7: "right bottom", 8: "left bottom", 9: "left top", 0: "left top"}
	for held, corner := range corners {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			clean, kind, err := Redraw(photo(t, scene(80, 40), held, order), 4000)
			if err != nil || kind != "image/jpeg" || bytes.Contains(clean, []byte("HOME")) || bytes.Contains(clean, []byte("Exif")) {
				t.Fatalf("held %d: %s, %d bytes: %v", held, kind, len(clean), err)
			}
			p, err := jpeg.Decode(bytes.NewReader(clean))
			if err != nil {
				t.Fatal(err)
			}
			w, h := p.Bounds().Dx(), p.Bounds().Dy()
			if turned := held >= 5 && held <= 8; turned != (w == 40 && h == 80) {
				t.Errorf("held %d: %d × %d", held, w, h)
			}
			x, y := w/4, h/4
			if strings.Contains(corner, "right") {
				x = 3 * w / 4
			}
			if strings.Contains(corner, "bottom") {
				y = 3 * h / 4
			}
			if !red(p, x, y) {
				t.Errorf("held %d: the red is not %s", held, corner)
			}
		}
	}
}

func TestOtherKinds(t *testing.T) {
	var pngFile, gifFile bytes.Buffer
	if err := errors.Join(png.Encode(&pngFile, scene(300, 200)), gif.Encode(&gifFile, scene(30, 20), nil)); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"PNG": append(pngFile.Bytes(), "HOME"...), "GIF": append(gifFile.Bytes(), "HOME"...)} {
		clean, kind, err := Redraw(raw, 100)
		if err != nil || kind != "image/png" || bytes.Contains(clean, []byte("HOME")) {
			t.Fatalf("%s: %s: %v", name, kind, err)
		}
		p, err := png.Decode(bytes.NewReader(clean))
		if err != nil || !red(p, 1, 1) || red(p, p.Bounds().Dx()-2, 1) || p.Bounds().Dx() > 100 {
			t.Errorf("%s is not what it was: %v, %v", name, p.Bounds(), err)
		}
	}
	chunk := func(name, body string) string {
		out := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
		return out + strings.Repeat("\x00", len(body)&1)
	}
	body := "WEBP" + chunk("VP8X", "\x0c\x00\x00\x00\x09\x00\x00\x09\x00\x00") + chunk("VP8L", "pixels!") + chunk("EXIF", "HOME") + chunk("XMP ", "HOME!")
	clean, kind, err := Redraw([]byte("RIFF"+string(binary.LittleEndian.AppendUint32(nil, uint32(len(body))))+body+"HOME"), 100)
	if err != nil || kind != "image/webp" || bytes.Contains(clean, []byte("HOME")) || !bytes.Contains(clean, []byte("pixels!")) || clean[20]&0x0c != 0 ||
		int(binary.LittleEndian.Uint32(clean[4:])) != len(clean)-8 {
		t.Errorf("WebP: %s %q: %v", kind, clean, err)
	}
}

func TestNoPictures(t *testing.T) {
	var vast bytes.Buffer
	if err := png.Encode(&vast, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	huge := vast.Bytes()
	binary.BigEndian.PutUint32(huge[16:], 100_000)
	binary.BigEndian.PutUint32(huge[20:], 100_000)
	for name, raw := range map[string]string{
		"nothing": "", "text": "hello", "a page": "<html>", "half a JPEG": "\xff\xd8\xff\xe0\x00\x10JFIF", "half a WebP": "RIFF\xff\x00\x00\x00WEBPVP8 ",
		"an empty WebP": "RIFF\x04\x00\x00\x00WEBPxxxxxxxx", "a PNG whose size is a lie": string(huge), "SVG": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
	} {
		if _, _, err := Redraw([]byte(raw), 100); !errors.Is(err, ErrNoPicture) && !errors.Is(err, ErrVast) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzRedraw: no bytes crash it, and what comes out is a picture again.
func FuzzRedraw(f *testing.F) {
	f.Add([]byte("RIFF\x10\x00\x00\x00WEBPVP8L\x01\x00\x00\x00x\x00"))
	var small bytes.Buffer
	if err := jpeg.Encode(&small, scene(8, 8), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if size, _, err := image.DecodeConfig(bytes.NewReader(raw)); err == nil && size.Width*size.Height > 1_000_000 {
			return // slow, and nothing new
		}
		clean, kind, err := Redraw(raw, 64)
		if err != nil {
			return
		}
		if _, again, err := Redraw(clean, 64); err != nil || again != kind {
			t.Errorf("what came out as %s is %s: %v", kind, again, err)
		}
	})
}
