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
	iv           []byte // the key's first block, by the platform's papers
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
	return &Cipher{appID, token, block, key[:aes.BlockSize]}, nil
}

// sign is SHA-1 over the sorted parts, in hex, as the library's Signature makes
// it in a sixth of the allocations.
func sign(parts ...string) []byte {
	slices.Sort(parts)
	var room [2048]byte
	text := room[:0]
	for _, p := range parts {
		text = append(text, p...)
	}
	sum := sha1.Sum(text)
	return hex.AppendEncode(make([]byte, 0, 2*sha1.Size), sum[:])
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
	raw, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(raw) < padTo || len(raw)%aes.BlockSize != 0 {
		return nil, ErrEnvelope
	}
	cipher.NewCBCDecrypter(c.block, c.iv).CryptBlocks(raw, raw)
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

// encrypt makes the envelope of a message, in base64.
func (c *Cipher) encrypt(random [16]byte, plain []byte) []byte {
	pad := padTo - (envelopeHead+len(plain)+len(c.appID))%padTo
	raw := make([]byte, 0, envelopeHead+len(plain)+len(c.appID)+pad)
	raw = append(raw, random[:]...)
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(plain)))
	raw = append(append(raw, plain...), c.appID...)
	for range pad {
		raw = append(raw, byte(pad))
	}
	cipher.NewCBCEncrypter(c.block, c.iv).CryptBlocks(raw, raw)
	return base64.StdEncoding.AppendEncode(make([]byte, 0, base64.StdEncoding.EncodedLen(len(raw))), raw)
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
	encrypted := c.encrypt(random, plain)
	ts, n := strconv.FormatInt(at.Unix(), 10), hex.EncodeToString(nonce[:])
	signature := sign(c.token, ts, n, string(encrypted))
	b := make([]byte, 0, len(encrypted)+256)
	b = append(append(append(b, "<xml><Encrypt><![CDATA["...), encrypted...), "]]></Encrypt><MsgSignature><![CDATA["...)
	b = append(append(append(b, signature...), "]]></MsgSignature><TimeStamp>"...), ts...)
	b = append(append(append(b, "</TimeStamp><Nonce><![CDATA["...), n...), "]]></Nonce></xml>"...)
	return b, nil
}
