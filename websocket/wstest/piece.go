package wstest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/wirews/wirews/ws"
)

// Piece is what a Script sends and expects: a Frame, a Head, Hex or Bytes. They may
// break every rule.
type Piece interface {
	// appendTo appends the piece as a side sends it.
	appendTo(dst []byte, side ws.State) ([]byte, error)
	// expect reads what the other side sends in its place, and says how it differs.
	expect(from io.Reader, other ws.State) error
}

// Bytes are sent, and expected, as they are.
type Bytes []byte

func (b Bytes) appendTo(dst []byte, _ ws.State) ([]byte, error) { return append(dst, b...), nil }

func (b Bytes) expect(from io.Reader, _ ws.State) error {
	got := make([]byte, len(b))
	n, err := io.ReadFull(from, got)
	if err != nil {
		return fmt.Errorf("got % x and then %w", got[:n], err)
	}
	if !bytes.Equal(got, b) {
		return fmt.Errorf("got % x", got)
	}
	return nil
}

// String returns the bytes in hexadecimal digits.
func (b Bytes) String() string { return fmt.Sprintf("% x", []byte(b)) }

// Hex are Bytes in hexadecimal digits. White space between them is for the reader:
//
//	wstest.Hex("82 7f 00 00 00 00 00 01 00 00") // the header of 64 KiB
type Hex string

func (h Hex) bytes() (Bytes, error) {
	b, err := hex.DecodeString(strings.Join(strings.Fields(string(h)), ""))
	if err != nil {
		return nil, fmt.Errorf("Hex(%q): %w", string(h), err)
	}
	return b, nil
}

func (h Hex) appendTo(dst []byte, _ ws.State) ([]byte, error) {
	b, err := h.bytes()
	return append(dst, b...), err
}

func (h Hex) expect(from io.Reader, other ws.State) error {
	b, err := h.bytes()
	if err != nil {
		return err
	}
	return b.expect(from, other)
}
