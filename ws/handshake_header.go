package ws

import (
	"io"

	"github.com/wirews/wirews/internal/checkedio"
)

// HandshakeHeader writes further header fields into a handshake: whole lines
// "Name: value", each ended by CRLF. What it writes is checked before
// anything is sent: a value cannot inject a line.
type HandshakeHeader interface {
	io.WriterTo
}

// HandshakeHeaderString is a [HandshakeHeader] in a string.
type HandshakeHeaderString string

// WriteTo writes s to w.
func (s HandshakeHeaderString) WriteTo(w io.Writer) (int64, error) {
	n, err := checkedio.WriteString(w, string(s))
	return int64(n), err
}

// HandshakeHeaderBytes is a [HandshakeHeader] in a slice of bytes.
type HandshakeHeaderBytes []byte

// WriteTo writes b to w.
func (b HandshakeHeaderBytes) WriteTo(w io.Writer) (int64, error) {
	n, err := checkedio.Write(w, b)
	return int64(n), err
}

// HandshakeHeaderFunc is a function as a [HandshakeHeader].
type HandshakeHeaderFunc func(io.Writer) (int64, error)

// WriteTo calls f.
func (f HandshakeHeaderFunc) WriteTo(w io.Writer) (int64, error) { return f(w) }

// appender is an io.Writer that appends.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func (a *appender) WriteString(s string) (int, error) {
	*a = append(*a, s...)
	return len(s), nil
}
