package hotline

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/media"
)

// Recordings keeps the keys of recordings under the callers' own keys: who is
// forgotten can no longer be listened to.
type Recordings interface {
	// Keep stores the key of a recording that lies in a file of this name.
	Keep(ctx context.Context, citizen bot.CitizenID, name string, key []byte, lasted time.Duration) error
}

// tape records one call: the caller left, the line right, A-law, sealed in
// pieces of ten seconds under a key of its own, so that a crash loses no more
// than the last piece and nothing lies on the disk in the clear.
type tape struct {
	file   *os.File
	name   string
	key    []byte
	seal   cipher.AEAD
	piece  []byte // what the sound's clock has written so far
	pieces chan []byte
	done   chan error
	frames int
	lost   atomic.Int64 // pieces the disk was too slow for
}

// pieceSize is ten seconds of both sides, in bytes.
const pieceSize = 10 * 2 * media.Rate

// newTape begins a recording in a folder; id names the call.
func newTape(dir, id string, now time.Time) (*tape, error) {
	day := now.In(bot.Shanghai()).Format(time.DateOnly)
	if err := os.MkdirAll(filepath.Join(dir, day), 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for recordings: %w", err)
	}
	t := &tape{name: filepath.Join(day, id+".rec"), key: make([]byte, 32), pieces: make(chan []byte, 8), done: make(chan error, 1)}
	rand.Read(t.key)
	var err error
	if t.seal, err = sealing(t.key); err != nil {
		return nil, err
	}
	if t.file, err = os.OpenFile(filepath.Join(dir, t.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("make a recording: %w", err)
	}
	go func() { t.done <- t.write() }()
	return t, nil
}

func sealing(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of a recording: %w", err)
	}
	return cipher.NewGCM(block)
}

// tap takes 20 ms of both sides. The sound's clock calls it: it does not wait.
func (t *tape) tap(in, out []int16) {
	var left, right [media.Frame]byte
	media.PCMA.Encode(left[:], in)
	media.PCMA.Encode(right[:], out)
	for i := range left {
		t.piece = append(t.piece, left[i], right[i])
	}
	t.frames++
	if len(t.piece) >= pieceSize {
		select {
		case t.pieces <- t.piece:
		default:
			t.lost.Add(1)
		}
		t.piece = make([]byte, 0, pieceSize+2*media.Frame)
	}
}

// write seals pieces as they come: their length, then the sealed bytes; the
// number of a piece is its nonce.
func (t *tape) write() error {
	defer t.file.Close()
	for n := uint64(0); ; n++ {
		piece, more := <-t.pieces
		if !more {
			return t.file.Sync()
		}
		sealed := t.seal.Seal(nil, nonce(n), piece, nil)
		if _, err := t.file.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))), sealed...)); err != nil {
			for range t.pieces { // nobody waits for the disk
			}
			return fmt.Errorf("write a recording: %w", err)
		}
	}
}

func nonce(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 4, 12), n) }

// close ends the recording, once the sound has stopped.
func (t *tape) close() error {
	if len(t.piece) > 0 {
		t.pieces <- t.piece
	}
	close(t.pieces)
	return <-t.done
}

// lasted is how long the recording is.
func (t *tape) lasted() time.Duration { return time.Duration(t.frames) * media.FrameTime }

// ErrRecording is a recording that cannot be read with this key.
var ErrRecording = errors.New("not a recording, or not its key")

// ReadRecording opens a recording with its key and returns it as a WAV file:
// A-law, the caller left, the line right.
func ReadRecording(r io.Reader, key []byte) ([]byte, error) {
	seal, err := sealing(key)
	if err != nil {
		return nil, ErrRecording
	}
	var sound bytes.Buffer
	for n := uint64(0); ; n++ {
		var size [4]byte
		if _, err := io.ReadFull(r, size[:]); errors.Is(err, io.EOF) {
			return stereo(sound.Bytes()), nil
		} else if err != nil {
			return nil, ErrRecording
		}
		length := binary.BigEndian.Uint32(size[:])
		if length > 2*pieceSize {
			return nil, ErrRecording
		}
		sealed := make([]byte, length)
		if _, err := io.ReadFull(r, sealed); err != nil {
			return nil, ErrRecording
		}
		piece, err := seal.Open(nil, nonce(n), sealed, nil)
		if err != nil {
			return nil, ErrRecording
		}
		sound.Write(piece)
	}
}

// stereo writes the head of an A-law WAV file of two channels before sound.
func stereo(sound []byte) []byte {
	le := binary.LittleEndian
	b := append([]byte(nil), "RIFF"...)
	b = le.AppendUint32(b, uint32(38+len(sound)))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, 6) // A-law
	b = le.AppendUint16(b, 2)
	b = le.AppendUint32(b, media.Rate)
	b = le.AppendUint32(b, 2*media.Rate)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 8)
	b = le.AppendUint16(b, 0)
	b = append(b, "data"...)
	return append(le.AppendUint32(b, uint32(len(sound))), sound...)
}

// DropRecordings removes the recordings of days before one, and returns how
// many days went.
func DropRecordings(dir string, before time.Time) (int, error) {
	days, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("list recordings: %w", err)
	}
	gone := 0
	for _, d := range days {
		day, err := time.ParseInLocation(time.DateOnly, d.Name(), bot.Shanghai())
		if err != nil || !day.Before(before) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, d.Name())); err != nil {
			return gone, fmt.Errorf("remove recordings: %w", err)
		}
		gone++
	}
	return gone, nil
}
