package wsjson

import (
	"fmt"

	"github.com/wirews/wirews/websocket"
)

// DepthError says that arrays and objects of a message are nested deeper than
// Codec.MaxDepth allows.
type DepthError struct {
	Max    int // Codec.MaxDepth
	Offset int // of the bracket or brace that is too deep, in bytes
}

// Error returns a text with both.
func (e *DepthError) Error() string {
	return fmt.Sprintf("arrays and objects are nested deeper than %d at offset %d; Codec.MaxDepth can raise the limit", e.Max, e.Offset)
}

// SizeError says that a message is longer than Codec.MaxBytes allows. errors.Is finds
// websocket.ErrMessageTooBig in it.
type SizeError struct {
	Max  int // Codec.MaxBytes
	Size int // of the message, in bytes
}

// Error returns a text with both.
func (e *SizeError) Error() string {
	return fmt.Sprintf("a message of %d bytes is over the limit of %d; Codec.MaxBytes can raise it", e.Size, e.Max)
}

// Is reports whether target is websocket.ErrMessageTooBig.
func (e *SizeError) Is(target error) bool { return target == websocket.ErrMessageTooBig }

// deeper returns where arrays and objects of p are nested deeper than max for the
// first time. It looks no further, and allocates nothing. p need not be JSON: whatever
// deeper makes of what is not, the decoder refuses.
func deeper(p []byte, max int) (at int, found bool) {
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '[', '{':
			if depth++; depth > max {
				return i, true
			}
		case ']', '}':
			depth--
		case '"':
			i = stringEnd(p, i+1)
		}
	}
	return 0, false
}

// stringEnd returns where the string ends whose text begins at i: at its quote, or at
// the end of p.
func stringEnd(p []byte, i int) int {
	for ; i < len(p) && p[i] != '"'; i++ {
		if p[i] == '\\' {
			i++
		}
	}
	return i
}
