package platform

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// Cipher opens and seals the envelopes of safe mode (消息加解密说明): AES-256-CBC
// under the EncodingAESKey, PKCS#7 to 32 bytes, random16 + length4 + message +
// AppID, signed by SHA-1 over the sorted token, timestamp, nonce and text.
type Cipher struct {
	appID, token, aesKey string
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
	return &Cipher{appID, token, aesKey}, nil
}

// Signed checks the signature of plain mode, in constant time.
func Signed(token, signature, timestamp, nonce string) bool {
	return token != "" && hmac.Equal([]byte(util.Signature(token, timestamp, nonce)), []byte(signature))
}

// Open verifies the signature, in constant time and before anything else,
// decrypts, and checks that the message is for this account.
func (c *Cipher) Open(signature, timestamp, nonce, encrypted string) ([]byte, error) {
	if !hmac.Equal([]byte(util.Signature(c.token, timestamp, nonce, encrypted)), []byte(signature)) {
		return nil, ErrSignature
	}
	_, message, err := util.DecryptMsg(c.appID, encrypted, c.aesKey)
	if err != nil { // its text may quote what was decrypted
		return nil, ErrEnvelope
	}
	return message, nil
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
	encrypted, err := util.EncryptMsg(random[:], plain, c.appID, c.aesKey)
	if err != nil {
		return nil, fmt.Errorf("seal reply: %w", err)
	}
	ts, n := strconv.FormatInt(at.Unix(), 10), hex.EncodeToString(nonce[:])
	var b bytes.Buffer
	fmt.Fprintf(&b, "<xml><Encrypt><![CDATA[%s]]></Encrypt><MsgSignature><![CDATA[%s]]></MsgSignature><TimeStamp>%s</TimeStamp><Nonce><![CDATA[%s]]></Nonce></xml>",
		encrypted, util.Signature(c.token, ts, n, string(encrypted)), ts, n)
	return b.Bytes(), nil
}
