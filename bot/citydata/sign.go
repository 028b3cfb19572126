package citydata

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// SignRequest signs a request as openapi.yaml says. uri is path with query.
func SignRequest(key []byte, method, uri, timestamp, nonce string, body []byte) string {
	return sign(key, method, uri, timestamp, nonce, digest(body))
}

// SignAnswer signs the answer to the request with that nonce.
func SignAnswer(key []byte, nonce string, body []byte) string {
	return sign(key, "answer", nonce, digest(body))
}

// SignedAnswer says whether an answer's signature is right, in constant time.
func SignedAnswer(key []byte, nonce string, body []byte, signature string) bool {
	return hmac.Equal([]byte(SignAnswer(key, nonce, body)), []byte(signature))
}

func sign(key []byte, lines ...string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
