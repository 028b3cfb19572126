package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// ErrCipher means that a cipher is asked for that the store does not know.
var ErrCipher = errors.New("no such cipher: aes and sm4 are known")

// suite is what particulars are sealed with: under each citizen's key, and that
// key under the installation's. A key says by its tag whose it is, so that what
// was sealed before a change still opens.
type suite struct {
	name   string
	tag    string
	length int // of a key, in bytes
	block  func(key []byte) (cipher.Block, error)
	hash   func() hash.Hash // keys are derived by, and digests made
}

// suites are those known, the one that is taken unasked first: AES-256, and SM4
// (GB/T 32907, with SM3 of GB/T 32905) where an assessment of commercial
// cryptography (密评) asks for it. Both seal in GCM.
func suites() []suite {
	return []suite{
		{name: "aes", length: 32, block: aes.NewCipher, hash: sha256.New},
		{name: "sm4", tag: "sm4:", length: sm4.BlockSize, block: sm4.NewCipher, hash: sm3.New},
	}
}

// suiteNamed finds a suite by name.
func suiteNamed(name string) (suite, error) {
	for _, s := range suites() {
		if s.name == name {
			return s, nil
		}
	}
	return suite{}, ErrCipher
}

// tagged finds whose a line of the key file is.
func tagged(line string) (s suite, rest string) {
	all := suites()
	for _, s := range all[1:] {
		if rest, found := strings.CutPrefix(line, s.tag); found {
			return s, rest
		}
	}
	return all[0], line
}

// suiteOf finds whose a citizen's key is. An AES key may begin like a tag, but
// is never as long as a tagged one.
func suiteOf(key []byte) (s suite, bare []byte) {
	if s, rest := tagged(string(key)); s.tag != "" && len(rest) == s.length {
		return s, []byte(rest)
	}
	return suites()[0], key
}

// mark puts the suite's tag before a citizen's key, for suiteOf.
func (s suite) mark(key []byte) []byte { return append([]byte(s.tag), key...) }

// aead makes the cipher of a key.
func (s suite) aead(key []byte) (cipher.AEAD, error) {
	block, err := s.block(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCM(block)
}
