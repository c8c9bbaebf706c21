package ws

import (
	"slices"

	"github.com/wirews/wirews/internal/entropy"
	"github.com/wirews/wirews/internal/mask"
)

// Cipher masks or unmasks payload in place: both are the same XOR (RFC 6455,
// section 5.3). offset is the place of payload[0] in the frame's payload;
// only offset modulo 4 counts, for negative ones too.
func Cipher(payload []byte, key [4]byte, offset int) {
	mask.XOR(payload, payload, mask.Key(key, offset))
}

// AppendCipher appends payload to dst, masked or unmasked as by [Cipher], in
// one pass; payload itself stays as it is. dst and payload must not overlap.
func AppendCipher(dst, payload []byte, key [4]byte, offset int) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(payload))[:n+len(payload)]
	mask.XOR(dst[n:], payload, mask.Key(key, offset))
	return dst
}

// NewMask returns a fresh masking key from a cryptographically strong source,
// as RFC 6455, section 10.3, demands. Safe for concurrent use; it allocates
// nothing and makes one system call for 128 keys.
func NewMask() [4]byte { return entropy.MaskKey() }
