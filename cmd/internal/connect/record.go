package connect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// RecordingFormat describes what Options.Record is given, for the help.
const RecordingFormat = `A recording has a JSON object on each line. The first has the "format", which is
wirews-recording/1, the "url", the "time" at which the handshake was done, and
"subprotocol" and "extensions" if there are any. Each line after it is a frame as
it was on the wire: "at", in seconds since then; "way", sent or received; "op",
the name of the opcode; "fin"; "rsv", the reserved bits as a number, if one is set;
and the unmasked payload, in "text" if it is UTF-8 and neither binary nor
compressed, and else in "base64".`

const recordingFormat = "wirews-recording/1"

// recordedHead is the first line of a recording.
type recordedHead struct {
	Format      string    `json:"format"`
	URL         string    `json:"url"`
	Time        time.Time `json:"time"`
	Subprotocol string    `json:"subprotocol,omitempty"`
	Extensions  string    `json:"extensions,omitempty"`
}

// recordedFrame is any other.
type recordedFrame struct {
	At     float64 `json:"at"` // seconds
	Way    string  `json:"way"`
	Op     string  `json:"op"`
	Fin    bool    `json:"fin"`
	Rsv    byte    `json:"rsv,omitempty"`
	Text   *string `json:"text,omitempty"`
	Base64 []byte  `json:"base64,omitempty"`
}

const sent, received = "sent", "received"

// recorded is a connection whose frames are recorded.
type recorded struct {
	net.Conn
	in, out recordedWay

	mu    sync.Mutex
	to    *json.Encoder // guarded by mu
	begun time.Time
}

// newRecorded writes the head of a recording to w, and frames as they go.
func newRecorded(c net.Conn, w io.Writer, u *url.URL, hs ws.Handshake) (*recorded, error) {
	r := &recorded{Conn: c, to: json.NewEncoder(w), begun: time.Now()}
	r.to.SetEscapeHTML(false)
	r.in, r.out = recordedWay{name: received}, recordedWay{name: sent}
	return r, r.to.Encode(recordedHead{recordingFormat, plain.URL(u), r.begun.UTC(), hs.Protocol, extensionsText(hs)})
}

func extensionsText(hs ws.Handshake) string {
	var b strings.Builder
	httphead.WriteOptions(&b, hs.Extensions)
	return b.String()
}

func (r *recorded) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if failed := r.in.add(p[:n], r); failed != nil {
		return 0, failed
	}
	return n, err
}

func (r *recorded) Write(p []byte) (int, error) {
	if err := r.out.add(p, r); err != nil {
		return 0, err
	}
	return r.Conn.Write(p)
}

// recordedWay is what goes one way.
type recordedWay struct {
	name    string
	reader  wsproto.FrameReader
	payload []byte // of a frame that has not come as a whole
	broken  bool
}

// add records the frames that end in p. The error is one of writing.
func (w *recordedWay) add(p []byte, r *recorded) error {
	for p = bytes.Clone(p); !w.broken; { // the reader unmasks in place
		piece, n, err := w.reader.Next(p)
		if err == ws.ErrShort {
			return nil
		}
		if w.broken = err != nil; w.broken {
			return nil // what is wrong is said by who reads the connection
		}
		p = p[n:]
		w.payload = append(w.payload, piece.Payload...)
		if piece.Remaining() > 0 {
			continue
		}
		if err := r.record(w.name, piece.Header, w.payload); err != nil {
			return err
		}
		w.payload = w.payload[:0]
	}
	return nil
}

func (r *recorded) record(way string, h ws.Header, p []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := math.Round(time.Since(r.begun).Seconds()*1e6) / 1e6
	f := recordedFrame{At: at, Way: way, Op: h.OpCode.String(), Fin: h.Fin, Rsv: h.Rsv}
	if h.OpCode != ws.OpBinary && h.OpCode != ws.OpClose && h.Rsv == 0 && utf8.Valid(p) {
		text := string(p)
		f.Text = &text
	} else {
		f.Base64 = p
	}
	if err := r.to.Encode(f); err != nil {
		return exit.With(exit.Failed, fmt.Errorf("--record: %w", err))
	}
	return nil
}
