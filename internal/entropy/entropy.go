// Package entropy hands out the masking keys and nonces of RFC 6455.
package entropy

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
)

// batch is a stock of random bytes. One system call fills it for 128 keys.
type batch struct {
	used int
	buf  [512]byte
}

var batches = sync.Pool{New: func() any { return &batch{used: len(batch{}.buf)} }}

// MaskKey returns a masking key. RFC 6455, section 10.3, wants it
// unpredictable, so it comes from crypto/rand; a key that was handed out is
// wiped from the stock. Safe for concurrent use.
func MaskKey() (key [4]byte) {
	b := batches.Get().(*batch)
	if b.used == len(b.buf) {
		rand.Read(b.buf[:]) // never fails: crypto/rand ends the program instead
		b.used = 0
	}
	p := b.buf[b.used : b.used+4]
	copy(key[:], p)
	binary.NativeEndian.PutUint32(p, 0)
	b.used += 4
	batches.Put(b)
	return key
}

// Nonce returns the 16 bytes of a Sec-WebSocket-Key (section 4.1).
func Nonce() (n [16]byte) {
	rand.Read(n[:])
	return n
}
