package contracts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// answering answers an opening handshake: with the response, and what follows
// it, in place of In, of which Stop bytes are yielded.
type answering struct {
	*wstest.Faulty
	behind []byte
	answer bool
}

func (a *answering) Write(p []byte) (int, error) {
	n, err := a.Faulty.Write(p)
	if !a.answer && bytes.HasSuffix(p, []byte("\r\n\r\n")) {
		a.answer = true
		var h ws.ServerHandshake
		response, _, _, _ := h.Next(nil, p)
		a.In = append(response, a.behind...)
	}
	return n, err
}

// switching is as long as the response.
var switching = func() []byte {
	var h ws.ServerHandshake
	response, _, _, _ := h.Next(nil, wstest.GoodRequest().Bytes())
	return response
}()

var (
	request  = wstest.GoodRequest().Bytes()
	target   = &url.URL{Scheme: "ws", Host: "example.com", Path: "/"}
	hello    = plain(ws.OpText, true, "Hello")
	refusal  = []byte("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nHello")
	refusal2 = []byte("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n")
)

// dialer dials f.
func dialer(f net.Conn) ws.Dialer {
	return ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return f, nil }}
}

// dialAndRead dials, and reads what is sent behind the response.
func dialAndRead(dial func(conn net.Conn) (net.Conn, error)) func(f *wstest.Faulty) (int, error) {
	return func(f *wstest.Faulty) (int, error) {
		conn, err := dial(&answering{Faulty: f, behind: hello})
		if err != nil {
			return 0, err
		}
		return each(func() error { _, err := ws.ReadFrame(conn); return err })
	}
}

func TestReadingByWS(t *testing.T) {
	large := plain(ws.OpBinary, true, strings.Repeat("x", 130))
	answered := append(bytes.Clone(switching), hello...)
	testReading(t, []reading{
		{name: "ReadHeader", in: masked(ws.OpText, true, ""), run: func(f *wstest.Faulty) (int, error) {
			return each(func() error { _, err := ws.ReadHeader(f); return err })
		}},
		{name: "ReadHeaderBuffer", in: large[:4], once: true, run: func(f *wstest.Faulty) (int, error) {
			_, err := ws.ReadHeaderBuffer(f, make([]byte, ws.MaxHeaderSize))
			return ones(err), err
		}},
		{name: "ReadFrame", in: large, run: func(f *wstest.Faulty) (int, error) {
			return each(func() error { _, err := ws.ReadFrame(f); return err })
		}},
		{name: "ReadFrameBuffer", in: masked(ws.OpText, true, "Hello"), run: func(f *wstest.Faulty) (int, error) {
			return each(func() error { _, err := ws.ReadFrameBuffer(f, make([]byte, 8), 100); return err })
		}},
		{name: "MustReadFrame", in: hello, run: func(f *wstest.Faulty) (int, error) {
			return each(func() error { return must(func() { ws.MustReadFrame(f) }) })
		}},
		{name: "Upgrader", in: request, once: true, run: func(f *wstest.Faulty) (int, error) {
			_, err := ws.Upgrade(f)
			return ones(err), err
		}},
		{name: "DebugUpgrader", in: request, once: true, run: func(f *wstest.Faulty) (int, error) {
			d := wsutil.DebugUpgrader{OnRequest: func([]byte) {}}
			_, err := d.Upgrade(f)
			return ones(err), err
		}},
		{name: "Dialer.Dial", in: answered, run: dialAndRead(func(f net.Conn) (net.Conn, error) {
			conn, _, _, err := dialer(f).Dial(context.Background(), target.String())
			return conn, err
		})},
		{name: "Dialer.Dial that can be cancelled", in: answered, run: dialAndRead(func(f net.Conn) (net.Conn, error) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			conn, _, _, err := dialer(f).Dial(ctx, target.String())
			return conn, err
		})},
		{name: "DebugDialer.Dial", in: answered, run: dialAndRead(func(f net.Conn) (net.Conn, error) {
			d := wsutil.DebugDialer{Dialer: dialer(f), OnResponse: func([]byte) {}}
			conn, _, _, err := d.Dial(context.Background(), target.String())
			return conn, err
		})},
		{name: "Dialer.Upgrade", in: answered, run: func(f *wstest.Faulty) (int, error) {
			conn := &answering{Faulty: f, behind: hello}
			br, _, err := ws.Dialer{}.Upgrade(conn, target)
			if err != nil {
				return 0, err
			}
			defer ws.PutReader(br)
			var r io.Reader = conn
			if br != nil {
				r = br
			}
			return each(func() error { _, err := ws.ReadFrame(r); return err })
		}},
	})
}

// ones is 1 for success.
func ones(err error) int {
	if err == nil {
		return 1
	}
	return 0
}

// A refusal is an error anyway. What its body breaks off with must not take
// its place, nor hang.
func TestReadingTheBodyOfARefusal(t *testing.T) {
	for _, response := range [][]byte{refusal, refusal2} {
		for _, fault := range wstest.ReadFaults() {
			for stop := bytes.Index(response, []byte("\r\n\r\n")) + 4; stop < len(response); stop++ {
				conn := func() *wstest.Faulty { return &wstest.Faulty{In: response, Stop: stop, OnRead: fault.Do} }
				d := dialer(conn())
				_, _, _, err := d.Dial(context.Background(), target.String())
				if refused, ok := errors.AsType[*ws.ResponseError](err); !ok || refused.Status != 403 {
					t.Errorf("%s after %d bytes: %v", fault.Name, stop, err)
				}

				var seen error
				d = dialer(conn())
				d.OnStatusError = func(_ int, _ []byte, resp io.Reader) { _, seen = io.Copy(io.Discard, resp) }
				d.Dial(context.Background(), target.String())
				if bad := judge(fault, seen); bad != nil {
					t.Errorf("OnStatusError, %s after %d bytes: %v", fault.Name, stop, bad)
				}
			}
		}
	}
}

// hijackable gives its connection away.
type hijackable struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// overHTTP returns what net/http shows a handler of the request.
func overHTTP(conn net.Conn) (http.ResponseWriter, *http.Request) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		panic(err)
	}
	return hijackable{httptest.NewRecorder(), conn}, r
}

func TestWritingByWS(t *testing.T) {
	frame := ws.NewBinaryFrame([]byte("Hello"))
	long := ws.NewBinaryFrame(make([]byte, 20_000))
	header := ws.HandshakeHeaderHTTP{"X": {"y"}}
	testWriting(t, []writing{
		{name: "WriteHeader", run: func(f *wstest.Faulty) error { return ws.WriteHeader(f, frame.Header) }},
		{name: "WriteHeaderBuffer", run: func(f *wstest.Faulty) error {
			return ws.WriteHeaderBuffer(f, frame.Header, make([]byte, ws.MaxHeaderSize))
		}},
		{name: "WriteFrame", run: func(f *wstest.Faulty) error { return ws.WriteFrame(f, frame) }},
		{name: "WriteFrame, long", run: func(f *wstest.Faulty) error { return ws.WriteFrame(f, long) }},
		{name: "MustWriteFrame", run: func(f *wstest.Faulty) error { return must(func() { ws.MustWriteFrame(f, frame) }) }},
		{name: "HandshakeHeaderString", run: func(f *wstest.Faulty) error {
			_, err := ws.HandshakeHeaderString("X: y\r\n").WriteTo(f)
			return err
		}},
		{name: "HandshakeHeaderBytes", run: func(f *wstest.Faulty) error {
			_, err := ws.HandshakeHeaderBytes("X: y\r\n").WriteTo(f)
			return err
		}},
		{name: "HandshakeHeaderHTTP", run: func(f *wstest.Faulty) error { _, err := header.WriteTo(f); return err }},
		{name: "Upgrader", in: request, run: func(f *wstest.Faulty) error { _, err := ws.Upgrade(f); return err }},
		{name: "DebugUpgrader", in: request, run: func(f *wstest.Faulty) error {
			d := wsutil.DebugUpgrader{OnResponse: func([]byte) {}}
			_, err := d.Upgrade(f)
			return err
		}},
		{name: "HTTPUpgrader", run: func(f *wstest.Faulty) error {
			w, r := overHTTP(f)
			_, _, _, err := ws.UpgradeHTTP(r, w)
			return err
		}},
		{name: "Dialer.Dial", in: switching, run: func(f *wstest.Faulty) error {
			_, _, _, err := dialer(&answering{Faulty: f}).Dial(context.Background(), target.String())
			return err
		}},
		{name: "DebugDialer.Dial", in: switching, run: func(f *wstest.Faulty) error {
			d := wsutil.DebugDialer{Dialer: dialer(&answering{Faulty: f}), OnRequest: func([]byte) {}}
			_, _, _, err := d.Dial(context.Background(), target.String())
			return err
		}},
		{name: "Dialer.Upgrade", in: switching, run: func(f *wstest.Faulty) error {
			_, _, err := ws.Dialer{}.Upgrade(&answering{Faulty: f}, target)
			return err
		}},
	})
}
