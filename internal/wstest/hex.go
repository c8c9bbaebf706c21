package wstest

import (
	"encoding/hex"
	"strings"
)

// Unhex decodes hex digits; spaces between them are for the reader. It panics
// at anything else.
func Unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}
