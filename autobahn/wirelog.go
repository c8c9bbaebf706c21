package autobahn

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// A wire log keeps the begin of a case: logEntries of it, and of each payload
// logBytes.
const (
	logEntries = 60
	logBytes   = 48
)

// WireEntry is something that happened on a connection.
type WireEntry struct {
	At   float64 `json:"at"`   // milliseconds since the handshake
	What string  `json:"what"` // sent, received, or what the fuzzer did
	// Frame is the header in words.
	Frame string `json:"frame,omitempty"`
	// Hex is the begin of the octets: of a payload unmasked.
	Hex  string `json:"hex,omitempty"`
	Text string `json:"text,omitempty"` // the payload, where it is printable
	Size int    `json:"size,omitempty"` // of the payload
}

// wireLog collects entries.
type wireLog struct {
	start   time.Time
	entries []WireEntry
	omitted int
}

func (l *wireLog) add(e WireEntry) {
	if len(l.entries) == logEntries {
		l.omitted++
		return
	}
	e.At = float64(time.Since(l.start).Microseconds()) / 1000
	l.entries = append(l.entries, e)
}

func (l *wireLog) note(format string, args ...any) {
	l.add(WireEntry{What: fmt.Sprintf(format, args...)})
}

func (l *wireLog) frame(what string, h header, p []byte) {
	if len(l.entries) == logEntries {
		l.omitted++
		return
	}
	e := WireEntry{What: what, Frame: h.words(), Size: len(p), Hex: hexOf(p)}
	e.Text = printable(p[:min(len(p), logBytes)])
	if h.opcode == opClose && len(p) > 1 {
		e.Text = fmt.Sprintf("%d %s", binary.BigEndian.Uint16(p), printable(p[2:]))
	}
	l.add(e)
}

// done returns the entries, with a word on those that were left out.
func (l *wireLog) done() []WireEntry {
	if l.omitted > 0 {
		l.entries = append(l.entries, WireEntry{What: fmt.Sprintf("%d more", l.omitted)})
	}
	return l.entries
}

var opcodeNames = map[byte]string{
	opContinuation: "continuation", opText: "text", opBinary: "binary", opClose: "close", opPing: "ping", opPong: "pong",
}

// words describes a header.
func (h header) words() string {
	name, ok := opcodeNames[h.opcode]
	if !ok {
		name = fmt.Sprintf("opcode %d", h.opcode)
	}
	if !h.fin {
		name += ", FIN=0"
	}
	if h.rsv != 0 {
		name += fmt.Sprintf(", RSV=%03b", h.rsv)
	}
	if h.masked {
		name += fmt.Sprintf(", mask %x", h.key)
	}
	return fmt.Sprintf("%s, length %d", name, h.length)
}

// printable returns p if it is ASCII without control characters.
func printable(p []byte) string {
	for _, c := range p {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return string(p)
}

// hexOf returns the begin of p in hex.
func hexOf(p []byte) string { return hex.EncodeToString(p[:min(len(p), logBytes)]) }
