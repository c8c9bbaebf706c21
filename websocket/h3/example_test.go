package h3_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
)

// A server and a client over HTTP/3.
func Example() {
	forTLS := httptest.NewTLSServer(nil) // for its certificate
	defer forTLS.Close()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer socket.Close()

	server := &http3.Server{
		TLSConfig:  &tls.Config{Certificates: forTLS.TLS.Certificates},
		QUICConfig: h3.QUICConfig(100, 0),
		Handler: h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				return // the client has been told
			}
			c.Write(r.Context(), websocket.MessageText, []byte(fmt.Sprintf("over HTTP/%d", r.ProtoMajor)))
			c.Close(websocket.StatusNormalClosure, "")
		})),
	}
	go server.Serve(socket)
	defer server.Close()

	transport := &h3.Transport{TLSClientConfig: forTLS.Client().Transport.(*http.Transport).TLSClientConfig}
	defer transport.CloseIdleConnections()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, "wss://"+socket.LocalAddr().String(), &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	_, p, err := c.Read(ctx)
	fmt.Println(string(p), err)
	// Output: over HTTP/3 <nil>
}
