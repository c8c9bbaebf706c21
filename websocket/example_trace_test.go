package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/wirews/wirews/websocket"
)

// Work for a connection stops when that has ended, and knows why. It has the values
// of the request, and outlives the handler.
func ExampleConn_Context() {
	type user struct{}
	done := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), user{}, "gopher")) // as a middleware does
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		ctx := c.Context(r.Context())
		go c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
		go func() {
			defer close(done)
			<-ctx.Done()
			fmt.Println(ctx.Value(user{}), "has left:", context.Cause(ctx))
		}()
	}))
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Close(websocket.StatusGoingAway, "")
	<-done
	// Output: gopher has left: websocket: closed by the peer: 1001 Going Away
}

// A line of log/slog for each connection, with why it has ended.
func ExampleAcceptOptions_slog() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "for" || a.Key == "peer" {
				return slog.Attr{} // they differ each time
			}
			return a
		},
	}))
	logged := make(chan bool)
	opts := &websocket.AcceptOptions{
		OnOpen: func(ctx context.Context, c *websocket.Conn) func(*websocket.ConnError) {
			opened := time.Now()
			return func(end *websocket.ConnError) {
				level := slog.LevelInfo
				if websocket.IsUnexpectedClose(end, websocket.StatusNormalClosure, websocket.StatusGoingAway) {
					level = slog.LevelWarn
				}
				logger.LogAttrs(ctx, level, "websocket",
					slog.Any("peer", c.RemoteAddr()),
					slog.Duration("for", time.Since(opened)),
					slog.String("end", end.By.Error()),
					slog.Int("code", int(end.Code)),
					slog.String("reason", end.Reason))
				logged <- true
			}
		},
	}
	s := server(opts, func(c *websocket.Conn) { c.Read(context.Background()) })
	defer s.Close()
	for _, code := range []websocket.StatusCode{websocket.StatusNormalClosure, 4001} {
		c, _, err := websocket.Dial(context.Background(), s.URL, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		c.Close(code, "bye")
		<-logged
	}
	// Output:
	// level=INFO msg=websocket end="closed by the peer" code=1000 reason=bye
	// level=WARN msg=websocket end="closed by the peer" code=4001 reason=bye
}

// span stands for one of OpenTelemetry: what trace.Tracer.Start returns.
type span struct{ name, parent string }

type spanKey struct{}

func startSpan(ctx context.Context, name string) (context.Context, *span) {
	parent, _ := ctx.Value(spanKey{}).(*span)
	s := &span{name: name}
	if parent != nil {
		s.parent = parent.name
	}
	return context.WithValue(ctx, spanKey{}, s), s
}

func (s *span) setAttribute(key string, value any) { fmt.Printf("%s: %v\n", key, value) }
func (s *span) recordError(err error)              { fmt.Println("error:", err) }
func (s *span) end()                               { fmt.Printf("end of %s, in %s\n", s.name, s.parent) }

// A span for each connection, a child of that of its request, as OpenTelemetry has
// them: what is a span here is trace.Span there.
func ExampleAcceptOptions_trace() {
	ended := make(chan bool)
	opts := &websocket.AcceptOptions{
		OnOpen: func(ctx context.Context, c *websocket.Conn) func(*websocket.ConnError) {
			_, span := startSpan(ctx, "websocket")
			return func(end *websocket.ConnError) {
				span.setAttribute("websocket.close.code", int(end.Code))
				if !errors.Is(end, websocket.EndedByPeer) && !errors.Is(end, websocket.EndedByUs) {
					span.recordError(end)
				}
				span.end()
				ended <- true
			}
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, _ := startSpan(r.Context(), "GET /chat") // as the middleware of net/http does
		if c, err := websocket.Accept(w, r.WithContext(ctx), opts); err == nil {
			c.Read(ctx)
		}
	}))
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c.CloseNow()
	<-ended
	// Output:
	// websocket.close.code: 1006
	// error: websocket: the transport has ended: EOF
	// end of websocket, in GET /chat
}
