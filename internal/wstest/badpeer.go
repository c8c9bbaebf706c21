package wstest

import "encoding/binary"

// BadFrame builds a frame that may break every rule of RFC 6455, section 5.2:
// nothing is checked, and what is said need not be true.
type BadFrame struct {
	Fin    bool
	Rsv    byte // 3 bits
	OpCode byte // 4 bits
	Masked bool
	Mask   [4]byte
	// Length is what the header says. It is written in LengthBytes: 1 for the
	// 7 bits of the second byte, 2 or 8 for the extended forms.
	Length      uint64
	LengthBytes int
	Payload     []byte // written as it stands
}

// Append appends the frame to dst.
func (f BadFrame) Append(dst []byte) []byte {
	first := f.Rsv&7<<4 | f.OpCode&15
	if f.Fin {
		first |= 0x80
	}
	var second byte
	if f.Masked {
		second = 0x80
	}
	switch f.LengthBytes {
	case 2:
		dst = binary.BigEndian.AppendUint16(append(dst, first, second|126), uint16(f.Length))
	case 8:
		dst = binary.BigEndian.AppendUint64(append(dst, first, second|127), f.Length)
	default:
		dst = append(dst, first, second|byte(f.Length&127))
	}
	if f.Masked {
		dst = append(dst, f.Mask[:]...)
	}
	return append(dst, f.Payload...)
}

// Key is the Sec-WebSocket-Key of RFC 6455, section 1.3, and Accept what
// answers it.
const (
	Key    = "dGhlIHNhbXBsZSBub25jZQ=="
	Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// Head builds the head of a message that may break every rule of RFC 9112:
// nothing is checked. The zero value is empty.
type Head struct {
	Start string   // the first line
	Lines []string // field lines
	End   string   // of each line; empty stands for CRLF
}

// GoodRequest returns a correct request of a client (RFC 6455, section 4.1).
func GoodRequest() Head {
	return Head{Start: "GET /chat HTTP/1.1", Lines: []string{
		"Host: server.example.com",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: " + Key,
		"Sec-WebSocket-Version: 13",
	}}
}

// With returns a copy of h with further lines at its end.
func (h Head) With(lines ...string) Head {
	h.Lines = append(append([]string(nil), h.Lines...), lines...)
	return h
}

// Without returns a copy of h in which the lines with that field name, spelt
// like that, are left out.
func (h Head) Without(name string) Head {
	var lines []string
	for _, l := range h.Lines {
		if len(l) <= len(name) || l[:len(name)] != name || l[len(name)] != ':' {
			lines = append(lines, l)
		}
	}
	h.Lines = lines
	return h
}

// Replace returns h with line in place of the lines with the field name that
// line begins with.
func (h Head) Replace(name, value string) Head {
	return h.Without(name).With(name + ": " + value)
}

// Bytes returns the head as it stands on the wire.
func (h Head) Bytes() []byte {
	end := h.End
	if end == "" {
		end = "\r\n"
	}
	b := append([]byte(h.Start), end...)
	for _, l := range h.Lines {
		b = append(append(b, l...), end...)
	}
	return append(b, end...)
}
