package connect

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/pretty"

	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
)

// View says how messages that come are shown.
type View struct {
	Timestamps bool // before each message, when it came
	JSON       bool // texts that are JSON objects or arrays are formatted
	Hex        bool // every message as a hex dump
	Colour     bool // of JSON
}

// stampLayout is RFC 3339 with milliseconds.
const stampLayout = "2006-01-02T15:04:05.000Z07:00"

// stamp returns what stands before a message.
func (v View) stamp() string {
	if !v.Timestamps {
		return ""
	}
	return time.Now().Format(stampLayout) + " "
}

// dump returns p as a hex dump, without the last line end.
func dump(op ws.OpCode, p []byte) string {
	unit := "bytes"
	if len(p) == 1 {
		unit = "byte"
	}
	return strings.TrimSuffix(fmt.Sprintf("%s, %d %s\n%s", op, len(p), unit, hex.Dump(p)), "\n")
}

// maxIndentation is how many bytes of it a message may always have.
const maxIndentation = 64 << 10

// indentation returns how many bytes of it JSON has at most when it is formatted: with
// the depth it grows without a bound.
func indentation(p []byte) (n int) {
	depth, quoted := 0, false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			n += 2 * depth
		case c == ']' || c == '}':
			depth--
			n += 2 * depth
		case c == ',':
			n += 2 * depth
		}
	}
	return n
}

// formatted returns a text for a terminal if it is a JSON object or array, which
// is formatted then, and coloured if asked for; ok is false otherwise.
func (v View) formatted(p []byte) (text string, ok bool) {
	trimmed := strings.TrimSpace(string(p))
	if !v.JSON || trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' || !json.Valid(p) || indentation(p) > max(maxIndentation, 16*len(p)) {
		return "", false
	}
	// What a terminal would obey is escaped before the colours come, which it is
	// to obey.
	b := []byte(plain.Text(string(pretty.Pretty(p))))
	if v.Colour {
		b = pretty.Color(b, pretty.TerminalStyle)
	}
	return strings.TrimSuffix(string(b), "\n"), true
}
