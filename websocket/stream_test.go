package websocket_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// givesStream is the ResponseWriter of an extended CONNECT that gives its stream away.
type givesStream struct {
	*httptest.ResponseRecorder
	stream net.Conn
	err    error
}

func (w *givesStream) HijackStream() (net.Conn, error) {
	if w.Code != http.StatusOK || !w.Flushed {
		return nil, errors.New("taken before the response was sent")
	}
	return w.stream, w.err
}

// around is what a middleware makes of a ResponseWriter.
type around struct{ http.ResponseWriter }

func (a around) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func extendedConnect() *http.Request {
	r := httptest.NewRequest(http.MethodConnect, "https://server.example", nil)
	r.Proto, r.ProtoMajor, r.ContentLength, r.RequestURI = "websocket", 3, -1, "/"
	r.Header.Set("Sec-Websocket-Version", "13")
	return r
}

func TestAcceptTakesAStreamThatIsGivenAway(t *testing.T) {
	client, stream := wstest.NetPipe(64 << 10)
	defer client.Close()
	conns := make(chan *websocket.Conn, 1)
	s := &websocket.Server{Detach: true, Handler: func(ctx context.Context, c *websocket.Conn) {
		conns <- c
		typ, p, err := c.Read(ctx)
		if err == nil {
			err = c.Write(ctx, typ, p)
		}
		if err != nil {
			t.Error(err)
		}
	}}
	s.ServeHTTP(around{&givesStream{ResponseRecorder: httptest.NewRecorder(), stream: stream}}, extendedConnect())
	if c := <-conns; c.UnderlyingConn() != stream {
		t.Errorf("it is on a %T", c.UnderlyingConn())
	}
	go wsutil.WriteClientText(client, []byte("the handler of the request has returned"))
	if got, err := wsutil.ReadServerText(client); err != nil || string(got) != "the handler of the request has returned" {
		t.Errorf("%q, %v", got, err)
	}
	if f, err := ws.ReadFrame(client); err != nil || f.Header.OpCode != ws.OpClose {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestAcceptOfAStreamThatCannotBeTaken(t *testing.T) {
	gone := errors.New("it is gone")
	_, err := websocket.Accept(&givesStream{ResponseRecorder: httptest.NewRecorder(), err: gone}, extendedConnect(), nil)
	if !errors.Is(err, gone) {
		t.Error(err)
	}
}
