package platform

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Cipher opens and seals the envelopes of safe mode (消息加解密说明): AES-256-CBC
// under the EncodingAESKey, PKCS#7 to 32 bytes, random16 + length4 + message +
// AppID, signed by SHA-1 over the sorted token, timestamp, nonce and text.
//
// The library makes the key's schedule anew for every message and holds the
// text five times over; one schedule and one buffer cost a third.
type Cipher struct {
	appID, token string
	block        cipher.Block
	iv           []byte    // the key's first block, by the platform's papers
	rooms        sync.Pool // of *room
}

// room is what a message is encrypted and decrypted in: the modes hold the key's
// whole schedule, which is longer than most messages.
type room struct {
	raw      []byte
	enc, dec chained
}

// chained is a CBC mode that can begin anew.
type chained interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

// What a refused envelope is refused for.
var (
	ErrSignature = errors.New("signature does not match")
	ErrEnvelope  = errors.New("envelope cannot be opened")
)

// NewCipher makes a cipher. The key has 43 letters and digits.
func NewCipher(appID, token, aesKey string) (*Cipher, error) {
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	switch {
	case appID == "" || token == "":
		return nil, errors.New("wechat cipher: wechat_app_id and wechat_token are needed")
	case err != nil || len(aesKey) != 43 || len(key) != 32:
		return nil, errors.New("wechat cipher: the EncodingAESKey is not 43 letters and digits")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("wechat cipher: %w", err)
	}
	c := &Cipher{appID: appID, token: token, block: block, iv: key[:aes.BlockSize]}
	c.rooms.New = func() any {
		return &room{enc: cipher.NewCBCEncrypter(c.block, c.iv).(chained), dec: cipher.NewCBCDecrypter(c.block, c.iv).(chained)}
	}
	return c, nil
}

// sign is SHA-1 over the sorted parts, in hex, as the library's Signature makes
// it in a sixth of the allocations.
func sign[T string | []byte](parts ...T) []byte {
	slices.SortFunc(parts, compare)
	var room [2048]byte
	text := room[:0]
	for _, p := range parts {
		text = append(text, p...)
	}
	sum := sha1.Sum(text)
	return hex.AppendEncode(make([]byte, 0, 2*sha1.Size), sum[:])
}

func compare[T string | []byte](a, b T) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// Signed checks the signature of plain mode, in constant time.
func Signed(token, signature, timestamp, nonce string) bool {
	return token != "" && hmac.Equal(sign(token, timestamp, nonce), []byte(signature))
}

// Open verifies the signature, in constant time and before anything else,
// decrypts, and checks that the message is for this account.
func (c *Cipher) Open(signature, timestamp, nonce, encrypted string) ([]byte, error) {
	if !hmac.Equal(sign(c.token, timestamp, nonce, encrypted), []byte(signature)) {
		return nil, ErrSignature
	}
	return c.decrypt(encrypted)
}

// What stands before the message, and what the whole is filled up to.
const (
	envelopeHead = 20 // random16, length4
	padTo        = 32
)

// decrypt takes the message out of its envelope.
func (c *Cipher) decrypt(encrypted string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(encrypted) // which the message is cut out of
	if err != nil || len(raw) < padTo || len(raw)%aes.BlockSize != 0 {
		return nil, ErrEnvelope
	}
	in := c.rooms.Get().(*room)
	in.dec.SetIV(c.iv)
	in.dec.CryptBlocks(raw, raw)
	c.rooms.Put(in)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > padTo || len(raw)-pad < envelopeHead {
		return nil, ErrEnvelope
	}
	body := raw[envelopeHead : len(raw)-pad]
	n := binary.BigEndian.Uint32(raw[16:])
	if uint64(n) > uint64(len(body)) || string(body[n:]) != c.appID {
		return nil, ErrEnvelope
	}
	return body[:n:n], nil
}

// encrypt appends the envelope of a message, in base64.
func (c *Cipher) encrypt(to []byte, random [16]byte, plain []byte) []byte {
	pad := padTo - (envelopeHead+len(plain)+len(c.appID))%padTo
	in := c.rooms.Get().(*room)
	defer c.rooms.Put(in)
	raw := append(in.raw[:0], random[:]...)
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(plain)))
	raw = append(append(raw, plain...), c.appID...)
	for range pad {
		raw = append(raw, byte(pad))
	}
	in.enc.SetIV(c.iv)
	in.enc.CryptBlocks(raw, raw)
	in.raw = raw
	return base64.StdEncoding.AppendEncode(to, raw)
}

// nonceBytes is how long our nonces are before they are written in hex.
const nonceBytes = 8

// Seal makes the whole envelope of a reply, with a random and a nonce of its
// own.
func (c *Cipher) Seal(plain []byte, at time.Time) ([]byte, error) {
	var random [16]byte
	var nonce [nonceBytes]byte
	rand.Read(random[:]) // never fails, see crypto/rand
	rand.Read(nonce[:])
	// The platform's own random is 16 letters; some readers cut it as text.
	copy(random[:], hex.EncodeToString(random[:])[:16])
	const open, encryptedEnd = "<xml><Encrypt><![CDATA[", "]]></Encrypt><MsgSignature><![CDATA["
	b := make([]byte, 0, base64.StdEncoding.EncodedLen(envelopeHead+len(plain)+len(c.appID)+padTo)+256)
	b = c.encrypt(append(b, open...), random, plain)
	encrypted := b[len(open):]
	ts, n := strconv.AppendInt(nil, at.Unix(), 10), hex.AppendEncode(nil, nonce[:])
	signature := sign([]byte(c.token), ts, n, encrypted)
	b = append(append(append(b, encryptedEnd...), signature...), "]]></MsgSignature><TimeStamp>"...)
	b = append(append(append(b, ts...), "</TimeStamp><Nonce><![CDATA["...), n...)
	return append(b, "]]></Nonce></xml>"...), nil
}
