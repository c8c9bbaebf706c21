package connect

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/internal/redact"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// tracer shows the heads of a handshake, without what somebody could log in with: what
// is shown ends in tickets and in the logs of CI.
type tracer struct{ out io.Writer }

func (t tracer) request(p []byte)  { t.head("-> ", p) }
func (t tracer) response(p []byte) { t.head("<- ", p) }

func (t tracer) head(arrow string, p []byte) {
	var b strings.Builder
	for line := range bytes.Lines(bytes.TrimRight(p, "\r\n")) {
		b.WriteString(arrow + plain.Line(withoutSecret(strings.TrimRight(string(line), "\r\n"))) + "\n")
	}
	io.WriteString(t.out, b.String())
}

// withoutSecret returns a line of a head without the value of a field that lets
// whoever has it in. How it does, Basic or Bearer, stays.
func withoutSecret(line string) string {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	if !redact.Field([]byte(name)) {
		return line
	}
	kept := ""
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok {
			kept = scheme + " "
		}
	}
	return fmt.Sprintf("%s: %s(%d bytes, not shown)", name, kept, len(value)-len(kept))
}

// traced is a connection whose frames are shown, as they are on the wire.
type traced struct {
	net.Conn
	in, out frames
}

func newTraced(c net.Conn, out io.Writer) *traced {
	return &traced{
		Conn: c,
		in:   frames{arrow: "<- ", to: out},
		out:  frames{arrow: "-> ", to: out},
	}
}

func (t *traced) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.in.show(p[:n])
	return n, err
}

// Write is called for one frame at a time, by conn.write.
func (t *traced) Write(p []byte) (int, error) {
	t.out.show(p)
	return t.Conn.Write(p)
}

// frames shows the frames that go one way.
type frames struct {
	arrow  string
	to     io.Writer
	reader wsproto.FrameReader
	broken bool
	close  []byte // payload of a close frame, as far as it has come
}

func (f *frames) show(p []byte) {
	if f.broken {
		return
	}
	// The reader unmasks in place, and p is not ours.
	for p = bytes.Clone(p); ; {
		piece, n, err := f.reader.Next(p)
		if err == ws.ErrShort {
			return
		}
		if err != nil {
			// What is wrong is said by who reads the connection.
			f.broken = true
			return
		}
		p = p[n:]
		if piece.Header.OpCode == ws.OpClose {
			f.close = append(f.close, piece.Payload...)
			if piece.Remaining() == 0 {
				fmt.Fprintf(f.to, "%s%s: %s\n", f.arrow, headerText(piece.Header), closePayloadText(f.close))
				f.close = nil
			}
		} else if piece.Offset == 0 {
			fmt.Fprintf(f.to, "%s%s\n", f.arrow, headerText(piece.Header))
		}
	}
}

// headerText returns what a header says: opcode, flags and length.
func headerText(h ws.Header) string {
	words := []string{h.OpCode.String()}
	r1, r2, r3 := ws.RsvBits(h.Rsv)
	for _, flag := range []struct {
		set  bool
		name string
	}{{h.Fin, "FIN"}, {r1, "RSV1"}, {r2, "RSV2"}, {r3, "RSV3"}, {h.Masked, "MASK"}} {
		if flag.set {
			words = append(words, flag.name)
		}
	}
	unit := "bytes"
	if h.Length == 1 {
		unit = "byte"
	}
	return fmt.Sprintf("%s, %d %s", strings.Join(words, " "), h.Length, unit)
}

func closePayloadText(p []byte) string {
	code, reason, err := ws.ParseClose(p)
	if err != nil {
		return plain.Line(err.Error())
	}
	return closeText(code, string(reason))
}
