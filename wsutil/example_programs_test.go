package wsutil_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// A server on net/http that sends every message back. The helpers answer
// pings and the close frame by themselves.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			return // the client has been told
		}
		defer wsutil.End(conn, ws.StateServerSide)
		for {
			msg, op, err := wsutil.ReadClientData(conn)
			if err != nil {
				return
			}
			if err := wsutil.WriteServerMessage(conn, op, msg); err != nil {
				return
			}
		}
	}))
	defer server.Close()

	conn, _, _, err := ws.Dial(context.Background(), server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer wsutil.End(conn, ws.StateClientSide)
	wsutil.WriteClientText(conn, []byte("Hello"))
	wsutil.WriteClientMessage(conn, ws.OpPing, nil)
	msg, err := wsutil.ReadServerText(conn)
	fmt.Printf("%s %v\n", msg, err)

	wsutil.WriteClientMessage(conn, ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, ""))
	_, _, err = wsutil.ReadServerData(conn)
	fmt.Println(err)
	// Output:
	// Hello <nil>
	// wsutil: peer closed the connection with 1000
}

// A server that sends every message back without holding it in memory,
// however long it is. Reader and Writer send no control frame by themselves:
// control answers pings and the close frame, and the last lines tell the peer
// which rule it has broken.
func Example_readerAndWriter() {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(req, rw)
		if err != nil {
			return
		}
		defer wsutil.End(conn, ws.StateServerSide)
		control := wsutil.ControlFrameHandler(conn, ws.StateServerSide)
		r := wsutil.Reader{Source: conn, State: ws.StateServerSide, CheckUTF8: true, OnIntermediate: control}
		w := wsutil.NewWriter(conn, ws.StateServerSide, 0)
		for err == nil {
			var h ws.Header
			h, err = r.NextFrame()
			switch {
			case err != nil:
			case h.OpCode.IsControl():
				err = control(h, &r) // a ClosedError: the peer's close frame, and ours in answer
			default:
				w.ResetOp(h.OpCode)
				if _, err = io.Copy(w, &r); err == nil {
					err = w.Flush()
				}
			}
		}
		switch code := wsproto.CloseCode(err); code {
		case ws.StatusAbnormalClosure, ws.StatusInternalServerError:
			// The peer has closed or is gone, or it is no business of its.
		default:
			wsutil.WriteServerMessage(conn, ws.OpClose, ws.NewCloseFrameBody(code, wsproto.CloseReason(err)))
		}
	}))
	defer server.Close()

	conn, _, _, err := ws.Dial(context.Background(), server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer wsutil.End(conn, ws.StateClientSide)
	wsutil.WriteClientText(conn, []byte(strings.Repeat("long ", 10000)))
	msg, op, err := wsutil.ReadServerData(conn)
	fmt.Println(op, len(msg), err)

	wsutil.WriteClientMessage(conn, ws.OpClose, nil)
	_, _, err = wsutil.ReadServerData(conn)
	var closed wsutil.ClosedError
	fmt.Println(errors.As(err, &closed), closed.Code)
	// Output:
	// text 50000 <nil>
	// true No Status Rcvd
}

// A JSON decoder over a Reader and an encoder over a Writer: one of each for
// the whole connection.
func Example_json() {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(req, rw)
		if err != nil {
			return
		}
		defer wsutil.End(conn, ws.StateServerSide)
		control := wsutil.ControlFrameHandler(conn, ws.StateServerSide)
		r := wsutil.DefaultReader(conn, ws.StateServerSide)
		r.OnIntermediate = control
		w := wsutil.NewWriter(conn, ws.StateServerSide, ws.OpText)
		decoder, encoder := json.NewDecoder(r), json.NewEncoder(w)
		for {
			h, err := r.NextFrame()
			if err != nil {
				return
			}
			if h.OpCode.IsControl() {
				if control(h, r) != nil {
					return // it was a close frame, and has been answered
				}
				continue
			}
			var question struct{ A, B int }
			if err := decoder.Decode(&question); err != nil {
				return
			}
			if err := encoder.Encode(map[string]int{"sum": question.A + question.B}); err != nil {
				return
			}
			if err := w.Flush(); err != nil {
				return
			}
		}
	}))
	defer server.Close()

	conn, _, _, err := ws.Dial(context.Background(), server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer wsutil.End(conn, ws.StateClientSide)
	for _, question := range []string{`{"a": 1, "b": 2}`, `{"a": 40, "b": 2}`} {
		wsutil.WriteClientText(conn, []byte(question))
		answer, err := wsutil.ReadServerText(conn)
		fmt.Printf("%s%v\n", answer, err)
	}
	wsutil.WriteClientMessage(conn, ws.OpClose, nil)
	_, err = wsutil.ReadServerText(conn)
	fmt.Println(err)
	// Output:
	// {"sum":3}
	// <nil>
	// {"sum":42}
	// <nil>
	// wsutil: peer closed the connection with 1005
}
