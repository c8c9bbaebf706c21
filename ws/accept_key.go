package ws

import (
	"crypto/sha1"
	"encoding/base64"

	"github.com/wirews/wirews/internal/entropy"
)

const (
	keySize    = 24 // base64 of 16 bytes
	acceptSize = 28 // base64 of a SHA-1

	// acceptGUID is concatenated to the key (RFC 6455, section 1.3).
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

// validKey reports whether key is the base64 of 16 bytes (RFC 6455, section
// 4.2.1, item 5).
func validKey(key []byte) bool {
	if len(key) != keySize || string(key[keySize-2:]) != "==" {
		return false
	}
	digits := byte(1)
	for _, c := range key[:keySize-2] {
		digits &= base64Digits[c]
	}
	return digits == 1
}

// base64Digits is 1 for each character of RFC 4648, section 4. It is never
// written after initialisation.
var base64Digits = func() (is [256]byte) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		is[c] = 1
	}
	return is
}()

// newKey returns a fresh Sec-WebSocket-Key.
func newKey() (key [keySize]byte) {
	nonce := entropy.Nonce()
	base64.StdEncoding.Encode(key[:], nonce[:])
	return key
}

// appendAccept appends the Sec-WebSocket-Accept that answers key, which has the
// length of a valid one (RFC 6455, section 4.2.2, item 5.4).
func appendAccept(dst, key []byte) []byte {
	var b [keySize + len(acceptGUID)]byte
	copy(b[copy(b[:], key):], acceptGUID)
	sum := sha1.Sum(b[:])
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}
