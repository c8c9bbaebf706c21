package wspoll_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsutil"
)

// A server that echoes messages. ListenAndServe would listen by itself.
func Example() {
	s := &wspoll.Server{
		OnOpen: func(c *wspoll.Conn) { c.Write(ws.OpText, []byte("welcome")) },
		OnMessage: func(c *wspoll.Conn, op ws.OpCode, payload []byte) {
			c.Write(op, payload)
		},
		OnClose: func(c *wspoll.Conn, err *wspoll.ConnError) { fmt.Println(err) },
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan error)
	go func() { done <- s.Serve(l) }()

	conn, _, _, err := ws.Dial(context.Background(), "ws://"+l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	p, _ := wsutil.ReadServerText(conn)
	fmt.Printf("%s\n", p)
	wsutil.WriteClientText(conn, []byte("hello"))
	p, _ = wsutil.ReadServerText(conn)
	fmt.Printf("%s\n", p)
	wsutil.WriteClientMessage(conn, ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, "bye"))
	wsutil.ReadServerText(conn)
	conn.Close()

	report, _ := s.Shutdown(context.Background())
	fmt.Println(len(report.Unanswered), <-done == wspoll.ErrServerClosed)
	// Output:
	// welcome
	// hello
	// websocket: closed by the peer: 1000 Normal Closure "bye"
	// 0 true
}

// Whether a client may connect is asked elsewhere, without holding up the loop.
func ExampleLater() {
	lookUp := func(ctx context.Context, token string) (user string, err error) {
		if token == "secret" {
			return "gopher", nil
		}
		return "", errors.New("no such user")
	}
	_ = &wspoll.Server{
		OnRequest: func(r *wspoll.Request) wspoll.Decision {
			token, ok := r.Fields.First("Authorization")
			if !ok {
				return wspoll.Refuse(ws.RejectConnectionError(ws.RejectionStatus(401)))
			}
			secret := string(token)
			return wspoll.Later(func(ctx context.Context, r *wspoll.Request) error {
				user, err := lookUp(ctx, secret)
				if err != nil {
					return ws.RejectConnectionError(ws.RejectionStatus(403), ws.RejectionReason("who are you?"))
				}
				r.Value = user // what Conn.Value returns
				return nil
			})
		},
		OnOpen: func(c *wspoll.Conn) {
			c.Write(ws.OpText, fmt.Appendf(nil, "hello, %v", c.Value()))
		},
	}
}

// A path whose handler waits is served by net/http, on the same port.
func ExampleOther() {
	s := &wspoll.Server{
		OnRequest: func(r *wspoll.Request) wspoll.Decision {
			if string(r.Target) == "/slow" {
				return wspoll.Other()
			}
			return wspoll.Accept()
		},
		OnRefused: func(remote net.Addr, err error) { fmt.Println("refused", remote, err) },
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			return
		}
		defer wsutil.End(conn, ws.StateServerSide)
		wsutil.WriteServerText(conn, []byte("from a goroutine"))
	})}
	go web.Serve(s.Others())
	defer web.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Serve(l)
	defer s.Close()

	conn, _, _, err := ws.Dial(context.Background(), "ws://"+l.Addr().String()+"/slow")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	p, _ := wsutil.ReadServerText(conn)
	fmt.Printf("%s\n", p)
	// Output:
	// from a goroutine
}
