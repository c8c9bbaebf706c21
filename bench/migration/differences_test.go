package migration_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	gobwas "github.com/gobwas/ws"
	gobwasutil "github.com/gobwas/ws/wsutil"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// What follows are the differences of the page that are no defects, so that
// package regress does not have them: D1 and so on. Each is shown on both
// libraries.

// memory is a connection on which all has arrived.
type memory struct {
	io.Reader
	wrote bytes.Buffer
}

func (m *memory) Write(p []byte) (int, error) { return m.wrote.Write(p) }

func arrived(s string) *memory { return &memory{Reader: strings.NewReader(s)} }

func TestD1HandshakeErrorsAreWrapped(t *testing.T) {
	bad := strings.Replace(request(""), "keep-alive, Upgrade", "close", 1)

	_, err := gobwas.Upgrade(arrived(bad))
	if err != gobwas.ErrHandshakeBadConnection {
		t.Errorf("gobwas/ws: %v", err)
	}
	_, err = ws.Upgrade(arrived(bad))
	if err == ws.ErrHandshakeBadConnection || !errors.Is(err, ws.ErrHandshakeBadConnection) || !strings.Contains(err.Error(), `"close"`) {
		t.Errorf("wirews: %v", err)
	}
}

func TestD2AnotherStatusIsAResponseError(t *testing.T) {
	const refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
	dialed := func(context.Context, string, string) (net.Conn, error) {
		conn, far := net.Pipe()
		go func() {
			defer far.Close()
			far.Read(make([]byte, 4096))
			io.WriteString(far, refusal)
		}()
		return conn, nil
	}

	_, _, _, err := gobwas.Dialer{NetDial: dialed}.Dial(t.Context(), "ws://server.example.com/")
	if status, ok := err.(gobwas.StatusError); !ok || status != 403 {
		t.Errorf("gobwas/ws: %v", err)
	}
	_, _, _, err = ws.Dialer{NetDial: dialed}.Dial(t.Context(), "ws://server.example.com/")
	if _, ok := err.(ws.StatusError); ok {
		t.Error("wirews: StatusError is not wrapped")
	}
	var status ws.StatusError
	var response *ws.ResponseError
	if !errors.As(err, &status) || status != 403 || !errors.As(err, &response) || string(response.Body) != "no" {
		t.Errorf("wirews: %v", err)
	}
}

func TestD3CallbacksSeeOnlyCorrectHandshakes(t *testing.T) {
	bad := strings.Replace(request("X-Any: x\r\n"), "Version: 13", "Version: 8", 1)
	bad = strings.Replace(bad, "Host", "X-First: x\r\nHost", 1)
	calls := 0
	seen := func(_, _ []byte) error { calls++; return nil }

	gobwas.Upgrader{OnHeader: seen}.Upgrade(arrived(bad))
	if calls == 0 {
		t.Error("gobwas/ws: OnHeader was not called")
	}
	calls = 0
	ws.Upgrader{OnHeader: seen}.Upgrade(arrived(bad))
	if calls != 0 {
		t.Errorf("wirews: OnHeader was called %d times", calls)
	}
}

func TestD4ARequestWithABodyIsRefused(t *testing.T) {
	body := request("Content-Length: 5\r\n")

	if _, err := gobwas.Upgrade(arrived(body)); err != nil {
		t.Errorf("gobwas/ws: %v", err)
	}
	m := arrived(body)
	if _, err := ws.Upgrade(m); !errors.Is(err, ws.ErrHandshakeBadBody) || !strings.HasPrefix(m.wrote.String(), "HTTP/1.1 400 ") {
		t.Errorf("wirews: %v, %q", err, m.wrote.String())
	}
}

func TestD5HeaderDoesNotSetWhatTheHandshakeSets(t *testing.T) {
	const header = "Sec-WebSocket-Protocol: chat\r\n"
	dialed := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connected") }
	var request *ws.RequestError

	_, _, _, err := gobwas.Dialer{NetDial: dialed, Header: gobwas.HandshakeHeaderString(header)}.Dial(t.Context(), "ws://h/")
	if err == nil || err.Error() != "connected" {
		t.Errorf("gobwas/ws: %v", err)
	}
	_, _, _, err = ws.Dialer{NetDial: dialed, Header: ws.HandshakeHeaderString(header)}.Dial(t.Context(), "ws://h/")
	if !errors.As(err, &request) {
		t.Errorf("wirews: %v", err)
	}
}

func TestD6AReaderLeavesItsStateAlone(t *testing.T) {
	const wire = "\x01\x01a\x80\x01b"

	theirs := gobwasutil.Reader{Source: arrived(wire), State: gobwas.StateClientSide}
	if _, err := theirs.NextFrame(); err != nil || !theirs.State.Fragmented() {
		t.Errorf("gobwas/ws: %v, State %b", err, theirs.State)
	}
	ours := wsutil.Reader{Source: arrived(wire), State: ws.StateClientSide}
	if _, err := ours.NextFrame(); err != nil || ours.State != ws.StateClientSide {
		t.Errorf("wirews: %v, State %b", err, ours.State)
	}
}

func TestD7ExtensionsAreAskedWithStateExtended(t *testing.T) {
	const wire = "\x82\x00"
	calls := 0

	theirs := gobwasutil.Reader{Source: arrived(wire), State: gobwas.StateClientSide}
	theirs.Extensions = []gobwasutil.RecvExtension{gobwasutil.RecvExtensionFunc(func(h gobwas.Header) (gobwas.Header, error) {
		calls++
		return h, nil
	})}
	if _, err := theirs.NextFrame(); err != nil || calls != 1 {
		t.Errorf("gobwas/ws: %v, asked %d times", err, calls)
	}
	for _, in := range []struct {
		state ws.State
		want  int
	}{{ws.StateClientSide, 0}, {ws.StateClientSide | ws.StateExtended, 1}} {
		calls = 0
		ours := wsutil.Reader{Source: arrived(wire), State: in.state}
		ours.Extensions = []wsutil.RecvExtension{wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
			calls++
			return h, nil
		})}
		if _, err := ours.NextFrame(); err != nil || calls != in.want {
			t.Errorf("wirews: State %b: %v, asked %d times, want %d", in.state, err, calls, in.want)
		}
	}
}

func TestD8ACloseFrameInsideOfAMessageEndsReadMessage(t *testing.T) {
	wire := masked(ws.OpText, false, "a") + masked(ws.OpClose, true, "") + masked(ws.OpContinuation, true, "b")

	theirs, err := gobwasutil.ReadClientMessage(arrived(wire), nil)
	if err != nil || len(theirs) != 2 {
		t.Errorf("gobwas/ws: %v, %v", theirs, err)
	}
	ours, err := wsutil.ReadClientMessage(arrived(wire), nil)
	if err != nil || len(ours) != 1 || ours[0].OpCode != ws.OpClose {
		t.Errorf("wirews: %v, %v", ours, err)
	}
}

func TestD9NothingOfAMessageIsReturnedWithAnError(t *testing.T) {
	wire := masked(ws.OpText, true, "Hello")
	wire = wire[:len(wire)-2]

	p, op, err := gobwasutil.ReadClientData(arrived(wire))
	if string(p) != "Hel" || op != gobwas.OpText || err != io.ErrUnexpectedEOF {
		t.Errorf("gobwas/ws: %q, %v, %v", p, op, err)
	}
	q, op2, err := wsutil.ReadClientData(arrived(wire))
	if len(q) != 0 || op2 != 0 || err != io.ErrUnexpectedEOF {
		t.Errorf("wirews: %q, %v, %v", q, op2, err)
	}
}

func TestD10ErrorTextsNameTheirPackage(t *testing.T) {
	_, _, theirs := gobwasutil.ReadClientData(arrived(masked(ws.OpClose, true, "\x03\xe8bye")))
	_, _, ours := wsutil.ReadClientData(arrived(masked(ws.OpClose, true, "\x03\xe8bye")))
	if theirs == nil || theirs.Error() != "ws closed: 1000 bye" {
		t.Errorf("gobwas/ws: %v", theirs)
	}
	if ours == nil || ours.Error() != `wsutil: peer closed the connection with 1000 "bye"` {
		t.Errorf("wirews: %v", ours)
	}
}

func TestD11RefusalsEndTheConnection(t *testing.T) {
	theirs, ours := arrived("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), arrived("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	gobwas.Upgrade(theirs)
	ws.Upgrade(ours)
	if strings.Contains(theirs.wrote.String(), "Connection: close") {
		t.Errorf("gobwas/ws: %q", theirs.wrote.String())
	}
	if !strings.Contains(ours.wrote.String(), "\r\nConnection: close\r\n") || !strings.Contains(ours.wrote.String(), "nosniff") {
		t.Errorf("wirews: %q", ours.wrote.String())
	}
}
