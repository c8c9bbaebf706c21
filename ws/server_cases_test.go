package ws_test

import (
	"strings"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// serverCase is a request and what a server without options does with it.
type serverCase struct {
	name   string
	in     []byte
	status int   // 101 for a good one
	rule   error // that it breaks
	plain  bool  // it does not ask for WebSocket at all
	value  string
}

// goodRequests keep every rule.
var goodRequests = []serverCase{
	{name: "RFC 6455, 1.3", in: good.Bytes()},
	{name: "W16: two Connection lines", in: good.Replace("Connection", "keep-alive").With("Connection: Upgrade").Bytes()},
	{name: "W16: two Connection lines, the other way", in: good.With("Connection: keep-alive").Bytes()},
	{name: "W16 H1: Connection list with HTAB", in: good.Replace("Connection", "keep-alive,\tUpgrade").Bytes()},
	{name: "H1: HTAB around the value", in: good.Replace("Connection", "\t upgrade \t").Bytes()},
	{name: "Connection list with empty elements", in: good.Replace("Connection", ", ,keep-alive,, UPGRADE,").Bytes()},
	{name: "W17: Upgrade list", in: good.Replace("Upgrade", "h2c, websocket").Bytes()},
	{name: "W17: two Upgrade lines", in: good.Replace("Upgrade", "h2c").With("upgrade: WebSocket").Bytes()},
	{name: "names in capitals", in: []byte("GET / HTTP/1.1\r\nHOST: H\r\nUPGRADE: WEBSOCKET\r\nCONNECTION: UPGRADE\r\nSEC-WEBSOCKET-VERSION: 13\r\nSEC-WEBSOCKET-KEY: " + wstest.Key + "\r\n\r\n")},
	{name: "HTTP/1.2", in: head("GET / HTTP/1.2")},
	{name: "absolute target", in: head("GET http://server.example.com/chat HTTP/1.1")},
	{name: "absolute target of ws", in: head("GET ws://server.example.com/chat HTTP/1.1")},
	{name: "absolute target of wss", in: head("GET WSS://server.example.com:8443/chat?x HTTP/1.1")},
	{name: "absolute target without a path", in: head("GET HTTPS://server.example.com:443?x HTTP/1.1")},
	{name: "Content-Length of zero", in: good.With("Content-Length: 0").Bytes()},
	{name: "empty lists", in: good.With("Sec-WebSocket-Protocol:", "Sec-WebSocket-Extensions: ,").Bytes()},
	{name: "protocols nobody wants", in: good.With("Sec-WebSocket-Protocol: a,b", "Sec-WebSocket-Protocol: c").Bytes()},
	{name: "H3: quoted value", in: good.With(`Sec-WebSocket-Extensions: foo; a="b\c"`).Bytes()},
}

func head(start string, lines ...string) []byte {
	h := good
	h.Start = start
	return h.With(lines...).Bytes()
}

// badRequests break one rule each.
var badRequests = []serverCase{
	{name: "W14: no target", in: []byte("GET\r\n\r\n"), status: 400, rule: ws.ErrMalformedRequest, value: "GET"},
	{name: "W14: no version", in: []byte("GET /\r\n\r\n"), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W14: two spaces", in: head("GET  / HTTP/1.1"), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W14: empty line first", in: []byte("\r\nGET / HTTP/1.1\r\n\r\n"), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W14: a TLS hello", in: []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W14: HTTP/2 to a server that always answers", in: []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), status: 400, plain: true},
	{name: "W20: HTTP/1.?", in: head("GET / HTTP/1.?"), status: 400, rule: ws.ErrMalformedRequest, value: "HTTP/1.?"},
	{name: "W20: HTTP/1.10", in: head("GET / HTTP/1.10"), status: 400, rule: ws.ErrMalformedRequest},
	{name: "HTTP/1.0", in: head("GET / HTTP/1.0"), status: 505, rule: ws.ErrHandshakeBadProtocol, value: "HTTP/1.0"},
	{name: "HTTP/2.0", in: head("GET / HTTP/2.0"), status: 505, rule: ws.ErrHandshakeBadProtocol, value: "HTTP/2.0"},
	{name: "POST", in: head("POST / HTTP/1.1"), status: 405, rule: ws.ErrHandshakeBadMethod, value: "POST"},
	{name: "get", in: head("get / HTTP/1.1"), status: 405, rule: ws.ErrHandshakeBadMethod, value: "get"},
	{name: "target with a fragment", in: head("GET /a#b HTTP/1.1"), status: 400, rule: ws.ErrMalformedRequest, value: "/a#"},
	{name: "target without a slash", in: head("GET chat HTTP/1.1"), status: 400, rule: ws.ErrMalformedRequest, value: "chat"},
	{name: "target of OPTIONS", in: head("GET * HTTP/1.1"), status: 400, rule: ws.ErrMalformedRequest, value: "*"},
	{name: "target of another scheme", in: head("GET ftp://server.example.com/ HTTP/1.1"), status: 400, rule: ws.ErrMalformedRequest},
	{name: "target with userinfo", in: head("GET http://a@server.example.com/ HTTP/1.1"), status: 400, rule: ws.ErrHandshakeBadHost},

	{name: "no Host", in: good.Without("Host").Bytes(), status: 400, rule: ws.ErrHandshakeBadHost},
	{name: "empty Host", in: good.Replace("Host", "").Bytes(), status: 400, rule: ws.ErrHandshakeBadHost},
	{name: "W18: two Hosts", in: good.With("Host: evil").Bytes(), status: 400, rule: ws.ErrHandshakeBadHost, value: "server.example.com, evil"},
	{name: "Host with a path", in: good.Replace("Host", "a/b").Bytes(), status: 400, rule: ws.ErrHandshakeBadHost, value: "a/b"},

	{name: "no Upgrade", in: good.Without("Upgrade").Bytes(), status: 400, rule: ws.ErrHandshakeBadUpgrade, plain: true},
	{name: "another Upgrade", in: good.Replace("Upgrade", "h2c").Bytes(), status: 400, rule: ws.ErrHandshakeBadUpgrade, plain: true, value: "h2c"},
	{name: "Upgrade that begins like it", in: good.Replace("Upgrade", "websocket2").Bytes(), status: 400, rule: ws.ErrHandshakeBadUpgrade, plain: true},
	{name: "plain GET", in: []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), status: 400, rule: ws.ErrHandshakeBadUpgrade, plain: true},
	{name: "plain POST with a body", in: []byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"), status: 405, rule: ws.ErrHandshakeBadMethod, plain: true},

	{name: "no Connection", in: good.Without("Connection").Bytes(), status: 400, rule: ws.ErrHandshakeBadConnection},
	{name: "#184: Connection of a proxy", in: good.Replace("Connection", "close").Bytes(), status: 400, rule: ws.ErrHandshakeBadConnection, value: "close"},
	{name: "Connection that only contains it", in: good.Replace("Connection", "x-upgrade, upgraded").Bytes(), status: 400, rule: ws.ErrHandshakeBadConnection},
	{name: "Connection with it in quotes", in: good.Replace("Connection", `"upgrade"`).Bytes(), status: 400, rule: ws.ErrHandshakeBadConnection},
	{name: "Connection with it behind an open quote", in: good.Replace("Connection", `", upgrade`).Bytes(), status: 400, rule: ws.ErrHandshakeBadConnection},

	{name: "no key", in: good.Without("Sec-WebSocket-Key").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecKey},
	{name: "W18: two keys", in: good.With("Sec-WebSocket-Key: " + wstest.Key).Bytes(), status: 400, rule: ws.ErrHandshakeBadSecKey},
	{name: "W18: key not base64", in: good.Replace("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!==").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecKey, value: "!!!!!!!!!!!!!!!!!!!!!!=="},
	{name: "W18: key of 17 bytes", in: good.Replace("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZmc=").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecKey},
	{name: "W18: key of 15 bytes", in: good.Replace("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2Rl").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecKey},

	{name: "no version of WebSocket", in: good.Without("Sec-WebSocket-Version").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecVersion},
	{name: "empty version of WebSocket", in: good.Replace("Sec-WebSocket-Version", "").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecVersion},
	{name: "two versions", in: good.With("Sec-WebSocket-Version: 13").Bytes(), status: 400, rule: ws.ErrHandshakeBadSecVersion},
	{name: "version 8", in: good.Replace("Sec-WebSocket-Version", "8").Bytes(), status: 426, rule: ws.ErrHandshakeUpgradeRequired, value: "8"},
	{name: "H5: version 1?", in: good.Replace("Sec-WebSocket-Version", "1?").Bytes(), status: 426, rule: ws.ErrHandshakeUpgradeRequired},
	{name: "version 13, 8", in: good.Replace("Sec-WebSocket-Version", "13, 8").Bytes(), status: 426, rule: ws.ErrHandshakeUpgradeRequired},

	{name: "body", in: good.With("Content-Length: 5").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody, value: "5"},
	{name: "body that has come", in: append(good.With("Content-Length: 5").Bytes(), "hello"...), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "Content-Length list", in: good.With("Content-Length: 0, 5").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "two Content-Lengths", in: good.With("Content-Length: 0", "Content-Length: 5").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "two Content-Lengths, the other way", in: good.With("Content-Length: 5", "Content-Length: 0").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "empty Content-Length", in: good.With("Content-Length:").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "H5: Content-Length of 0?", in: good.With("Content-Length: 0?").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "H5: Content-Length over all numbers", in: good.With("Content-Length: 18446744073709551616").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},
	{name: "Transfer-Encoding", in: good.With("Transfer-Encoding: chunked").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody, value: "chunked"},
	{name: "empty Transfer-Encoding", in: good.With("Transfer-Encoding:").Bytes(), status: 400, rule: ws.ErrHandshakeBadBody},

	{name: "W19: space before the colon", in: good.With("X : y").Bytes(), status: 400, rule: ws.ErrMalformedRequest, value: "X "},
	{name: "W19: empty name", in: good.With(": y").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W19: folded line", in: good.With("X: y", " Z: w").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W19: no colon", in: good.With("X").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W19: bare LF", in: []byte(strings.ReplaceAll(string(good.Bytes()), "\r\n", "\n")), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W19: one bare LF", in: good.With("X: y\nZ: w").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W19: bare CR", in: good.With("X: y\rZ: w").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W19: NUL in a value", in: good.With("X: y\x00").Bytes(), status: 400, rule: ws.ErrMalformedRequest},

	{name: "W35: protocol that is no token", in: good.With("Sec-WebSocket-Protocol: v1/chat").Bytes(), status: 400, rule: ws.ErrMalformedRequest, value: "v1/chat"},
	{name: "W35: protocols without a comma", in: good.With("Sec-WebSocket-Protocol: a b").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "W35: protocol in quotes", in: good.With(`Sec-WebSocket-Protocol: "a"`).Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "H4: extension that is two words", in: good.With("Sec-WebSocket-Extensions: foo bar; a=1").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "H4: parameter without a value", in: good.With("Sec-WebSocket-Extensions: foo; a=").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "H4: nothing behind the semicolon", in: good.With("Sec-WebSocket-Extensions: foo;").Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "H3: open quote", in: good.With(`Sec-WebSocket-Extensions: foo; a="b\"`).Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "H3: quoted value that is no token", in: good.With(`Sec-WebSocket-Extensions: foo; a="b c"`).Bytes(), status: 400, rule: ws.ErrMalformedRequest},
	{name: "H3: quoted value that is empty", in: good.With(`Sec-WebSocket-Extensions: foo; a=""`).Bytes(), status: 400, rule: ws.ErrMalformedRequest},

	{name: "W13: long line", in: good.With("X: " + strings.Repeat("y", 16<<10)).Bytes(), status: 431, rule: ws.ErrHandshakeHeadTooLarge},
	{name: "W13: long request line", in: head("GET /" + strings.Repeat("y", 16<<10) + " HTTP/1.1"), status: 431, rule: ws.ErrHandshakeHeadTooLarge},
	{name: "W13: many lines", in: good.With(strings.Split(strings.Repeat("X:,", 130), ",")[:130]...).Bytes(), status: 431, rule: ws.ErrHandshakeHeadTooLarge},
	{name: "W13: large head", in: good.With(strings.Split(strings.Repeat("X: "+strings.Repeat("y", 10<<10)+",", 7), ",")[:7]...).Bytes(), status: 431, rule: ws.ErrHandshakeHeadTooLarge},
}
