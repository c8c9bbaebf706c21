package wstest

import "strings"

// Request is an opening handshake as a client in use sends it.
type Request struct {
	Client string
	Raw    []byte
	// What a server is to find in it.
	Target, Host, Origin string
	Protocols            []string
}

// Requests returns requests of browsers, tools and libraries: each in its own
// order, case and choice of fields.
func Requests() []Request {
	return []Request{
		{
			Client: "Chrome", Target: "/chat", Host: "example.com", Origin: "https://example.com",
			Raw: lines(
				"GET /chat HTTP/1.1",
				"Host: example.com",
				"Connection: Upgrade",
				"Pragma: no-cache",
				"Cache-Control: no-cache",
				"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
				"Upgrade: websocket",
				"Origin: https://example.com",
				"Sec-WebSocket-Version: 13",
				"Accept-Encoding: gzip, deflate, br, zstd",
				"Accept-Language: en-US,en;q=0.9",
				"Cookie: session=0123456789abcdef0123456789abcdef; theme=dark",
				"Sec-WebSocket-Key: "+Key,
				"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
			),
		},
		{
			Client: "Firefox", Target: "/chat?room=1", Host: "localhost:8080", Origin: "http://localhost:8080",
			Protocols: []string{"chat", "superchat"},
			Raw: lines(
				"GET /chat?room=1 HTTP/1.1",
				"Host: localhost:8080",
				"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
				"Accept: */*",
				"Accept-Language: en-US,en;q=0.5",
				"Accept-Encoding: gzip, deflate, br, zstd",
				"Sec-WebSocket-Version: 13",
				"Origin: http://localhost:8080",
				"Sec-WebSocket-Protocol: chat, superchat",
				"Sec-WebSocket-Extensions: permessage-deflate",
				"Sec-WebSocket-Key: "+Key,
				"DNT: 1",
				"Connection: keep-alive, Upgrade",
				"Sec-Fetch-Dest: empty",
				"Sec-Fetch-Mode: websocket",
				"Sec-Fetch-Site: same-origin",
				"Pragma: no-cache",
				"Cache-Control: no-cache",
				"Upgrade: websocket",
			),
		},
		{
			Client: "Safari", Target: "/", Host: "example.com:8443", Origin: "https://example.com:8443",
			Raw: lines(
				"GET / HTTP/1.1",
				"Host: example.com:8443",
				"Sec-WebSocket-Key: "+Key,
				"Sec-Fetch-Site: same-origin",
				"Sec-WebSocket-Version: 13",
				"Sec-WebSocket-Extensions: permessage-deflate",
				"Cache-Control: no-cache",
				"Sec-Fetch-Mode: websocket",
				"Accept-Language: en-GB,en;q=0.9",
				"Origin: https://example.com:8443",
				"User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
				"Connection: Upgrade",
				"Accept-Encoding: gzip, deflate",
				"Upgrade: websocket",
				"Pragma: no-cache",
				"Sec-Fetch-Dest: websocket",
			),
		},
		{
			Client: "curl", Target: "/", Host: "127.0.0.1:8080",
			Raw: lines(
				"GET / HTTP/1.1",
				"Host: 127.0.0.1:8080",
				"User-Agent: curl/8.11.0",
				"Accept: */*",
				"Upgrade: websocket",
				"Sec-WebSocket-Version: 13",
				"Sec-WebSocket-Key: "+Key,
				"Connection: Upgrade",
			),
		},
		{
			Client: "Go net/http", Target: "/ws", Host: "[::1]:8080",
			Raw: lines(
				"GET /ws HTTP/1.1",
				"Host: [::1]:8080",
				"User-Agent: Go-http-client/1.1",
				"Connection: Upgrade",
				"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover",
				"Sec-WebSocket-Key: "+Key,
				"Sec-WebSocket-Version: 13",
				"Upgrade: websocket",
			),
		},
		{
			Client: "Node ws", Target: "/", Host: "localhost:8080",
			Protocols: []string{"graphql-transport-ws"},
			Raw: lines(
				"GET / HTTP/1.1",
				"Sec-WebSocket-Version: 13",
				"Sec-WebSocket-Key: "+Key,
				"Connection: Upgrade",
				"Upgrade: websocket",
				"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
				"Sec-WebSocket-Protocol: graphql-transport-ws",
				"Host: localhost:8080",
			),
		},
		{
			Client: "Python websockets", Target: "/", Host: "localhost:8765",
			Raw: lines(
				"GET / HTTP/1.1",
				"Host: localhost:8765",
				"Upgrade: websocket",
				"Connection: Upgrade",
				"Sec-WebSocket-Key: "+Key,
				"Sec-WebSocket-Version: 13",
				"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
				"User-Agent: Python/3.12 websockets/14.1",
			),
		},
		{
			Client: "behind nginx", Target: "/chat", Host: "backend", Origin: "https://example.com",
			Raw: lines(
				"GET /chat HTTP/1.1",
				"Upgrade: websocket",
				"Connection: upgrade",
				"Host: backend",
				"X-Forwarded-For: 192.0.2.1",
				"sec-websocket-version: 13",
				"sec-websocket-key: "+Key,
				"origin: https://example.com",
			),
		},
	}
}

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n\r\n") }
