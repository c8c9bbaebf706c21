package ws_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// A handshake whose head an HTTP server of another make has parsed, as fasthttp,
// Hertz and gnet do: their method, target and fields go in, the response comes out.
func ExampleUpgrader_AppendResponse() {
	header := [][2]string{ // what their visitors yield
		{"Host", "server.example.com"},
		{"Upgrade", "websocket"},
		{"Connection", "Upgrade"},
		{"Sec-WebSocket-Version", "13"},
		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"Sec-WebSocket-Protocol", "superchat, chat"},
		{"Origin", "https://server.example.com"},
	}
	var fields httpx.Fields
	for _, f := range header {
		fields = append(fields, httpx.Field{Name: []byte(f[0]), Value: []byte(f[1])})
	}
	req := httpx.Request{
		Method:  []byte("GET"),
		Target:  []byte("/chat"),
		Version: httpx.Version{Major: 1, Minor: 1},
		Fields:  fields,
	}
	u := ws.Upgrader{Origin: ws.SameOrigin, Protocols: []string{"chat"}}
	response, hs, err := u.AppendResponse(nil, req)
	fmt.Printf("%s%s %v\n", bytes.ReplaceAll(response, []byte("\r"), nil), hs.Protocol, err)

	req.Fields = fields[:3] // no key, no version
	response, _, err = u.AppendResponse(nil, req)
	var rejected *ws.ConnectionRejectedError
	if errors.As(err, &rejected) {
		fmt.Println(rejected.Status, rejected.Reason, len(response) > 0)
	}
	req.Fields = fields[:1]
	_, _, err = u.AppendResponse(nil, req)
	fmt.Println(err == ws.ErrNotWebSocket)
	// Output:
	// HTTP/1.1 101 Switching Protocols
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// Sec-WebSocket-Protocol: chat
	//
	// chat <nil>
	// 400 handshake error: bad "Sec-WebSocket-Key" header true
	// true
}
