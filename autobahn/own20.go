package autobahn

import (
	"strings"
	"time"
)

// Section 20: opening handshakes, good and bad.

const (
	rfcRequest  = "RFC 6455, 4.2.1; RFC 9112"
	rfcResponse = "RFC 6455, 4.1; RFC 9112"
)

func badRequests() part {
	bad := func(sends string, spoil func(lines) lines) Case { return badRequest(sends, spoil, refusal{}) }
	return part{"20.1", "requests that a server has to refuse", rfcRequest, []Case{
		badRequest("a request without the fields of WebSocket", func(l lines) lines { return l[:2:2] }, refusal{anything: true}),
		badRequest("method POST", func(l lines) lines { return l.replace("GET ", "POST "+strings.TrimPrefix(l[0], "GET ")) }, refusal{anything: true}),
		bad("HTTP/1.0", func(l lines) lines { return l.replace("GET ", strings.TrimSuffix(l[0], "1")+"0") }),
		bad("a request line without a version", swap("GET ", "GET /")),
		bad("a version that is no number", func(l lines) lines { return l.replace("GET ", strings.TrimSuffix(l[0], "1")+"?") }),
		bad("no Host", swap("Host:")),
		bad("two Hosts", add("Host: example.com")),
		badRequest("no Upgrade", swap("Upgrade:"), refusal{anything: true}),
		badRequest("Upgrade: h2c", swap("Upgrade:", "Upgrade: h2c"), refusal{anything: true}),
		badRequest("no Connection", swap("Connection:"), refusal{anything: true}),
		badRequest("Connection: keep-alive", swap("Connection:", "Connection: keep-alive"), refusal{anything: true}),
		bad("no key", swap("Sec-WebSocket-Key:")),
		bad("a key that is not base64", swap("Sec-WebSocket-Key:", "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==")),
		bad("a key of 15 octets", swap("Sec-WebSocket-Key:", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA")),
		bad("a key of 17 octets", swap("Sec-WebSocket-Key:", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA=")),
		bad("two keys", add("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")),
		badRequest("no version", swap("Sec-WebSocket-Version:"), refusal{}),
		badRequest("version 12", swap("Sec-WebSocket-Version:", "Sec-WebSocket-Version: 12"), refusal{field: "Sec-WebSocket-Version"}),
		bad("two versions", add("Sec-WebSocket-Version: 8")),
		bad("white space before a colon", swap("Upgrade:", "Upgrade : websocket")),
		bad("a field without a name", add(": value")),
		bad("a line without a colon", add("nothing")),
		bad("NUL in a field", add("X-NUL: a\x00b")),
		badRequest("a field of 4 MiB", longField(4*mib), refusal{mayDrop: true}),
		badRequest("a body of 5 octets is announced", add("Content-Length: 5"), refusal{lenient: true}),
		badRequest("a chunked body is announced", add("Transfer-Encoding: chunked"), refusal{lenient: true}),
	}}
}

func badRequest(sends string, spoil func(lines) lines, f refusal) Case {
	wants := "OK: an answer with a status of 400 or more; NON-STRICT: another one but 101, or the end of TCP"
	switch {
	case f.anything:
		wants = "OK: an answer that is not 101; NON-STRICT: the end of TCP"
	case f.lenient:
		wants = "OK: an answer with a status of 400 or more; NON-STRICT: 101, which leaves it open where the body ends and the frames begin"
	case f.mayDrop:
		wants = "OK: an answer with a status of 400 or more, or the end of TCP"
	case f.field != "":
		wants = "OK: an answer with a status of 400 or more that has the field " + f.field
	}
	return Case{
		Sends: "an opening request, but: " + sends, Wants: wants, Ours: true, only: []Role{ClientRole},
		opening: &opening{request: spoil, refuse: &f},
	}
}

// goesOn is a case in which an unusual handshake is accepted, and a message
// comes back.
func goesOn(sends string, role Role, o opening) Case {
	c := echo(sends, killAfter(2*time.Second), textMessage(hello), frame{opcode: opText, payload: hello})
	if o.request == nil {
		o.request = asItIs
	}
	if o.response == nil {
		o.response = asItIs
	}
	c.Wants = "OK: the handshake is accepted, and a message comes back"
	c.Ours, c.opening, c.only = true, &o, []Role{role}
	return c
}

func goodRequests() part {
	good := func(sends string, change func(lines) lines) Case {
		return goesOn("an opening request, with "+sends, ClientRole, opening{request: change})
	}
	return part{"20.2", "requests that a server has to accept", rfcRequest, []Case{
		good("several Connection fields", swap("Connection:", "Connection: keep-alive", "Connection: Upgrade")),
		good("a list with a tab in Connection", swap("Connection:", "Connection: keep-alive,\tUpgrade")),
		good("a list in Upgrade", swap("Upgrade:", "Upgrade: h2c, websocket")),
		good("names in lower case and values in upper case", func(l lines) lines {
			return l.replace("Upgrade:", "upgrade: WEBSOCKET").replace("Connection:", "connection: UPGRADE").replace("Sec-WebSocket-Version:", "sec-websocket-version: 13")
		}),
		good("no spaces after the colons", func(l lines) lines {
			return l.replace("Upgrade:", "Upgrade:websocket").replace("Connection:", "Connection:Upgrade")
		}),
		good("60 unknown fields", func(l lines) lines {
			for range 60 {
				l = l.with("X-Unknown: some value")
			}
			return l
		}),
		good("an extension that does not exist", add("Sec-WebSocket-Extensions: x-unknown; a=1; b=\"c\"")),
		good("an offer of permessage-deflate that is malformed", add("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99")),
		goesOn("an opening request, octet by octet", ClientRole, opening{chop: 1}),
	}}
}

func badResponses() part {
	bad := func(sends string, spoil func(lines) lines) Case {
		return Case{
			Sends: "an opening response, but: " + sends + "; a ping and a message right after it",
			Wants: "OK: the client ends TCP and sends nothing; NON-STRICT: it just sends nothing",
			Ours:  true, only: []Role{ServerRole}, opening: &opening{response: spoil, refuse: &refusal{}},
		}
	}
	return part{"20.3", "responses that a client has to refuse", rfcResponse, []Case{
		bad("status 200", swap("HTTP/1.1", "HTTP/1.1 200 OK", "Content-Length: 0")),
		bad("status 400", swap("HTTP/1.1", "HTTP/1.1 400 Bad Request", "Content-Length: 0")),
		bad("a status whose digits are not digits", swap("HTTP/1.1", "HTTP/1.1 0:1 Switching Protocols")),
		bad("a status that is 101 only modulo 2 to the power of 64", swap("HTTP/1.1", "HTTP/1.1 18446744073709551717 Switching Protocols")),
		bad("HTTP/1.0", swap("HTTP/1.1", "HTTP/1.0 101 Switching Protocols")),
		bad("no Upgrade", swap("Upgrade:")),
		bad("Upgrade: h2c", swap("Upgrade:", "Upgrade: h2c")),
		bad("no Connection", swap("Connection:")),
		bad("Connection: close", swap("Connection:", "Connection: close")),
		bad("no accept", swap("Sec-WebSocket-Accept:")),
		bad("a wrong accept", swap("Sec-WebSocket-Accept:", "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
		bad("an accept in the wrong case", func(l lines) lines { return l.replace("Sec-WebSocket-Accept:", swapCase(l)) }),
		bad("a subprotocol that was not offered", add("Sec-WebSocket-Protocol: unheard-of")),
		bad("an extension that was not offered", add("Sec-WebSocket-Extensions: x-unknown")),
		bad("permessage-deflate with a window of 99 bits", add("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99")),
		bad("permessage-deflate with an unknown parameter", add("Sec-WebSocket-Extensions: permessage-deflate; unknown")),
		bad("permessage-deflate twice", add("Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate")),
		bad("white space before a colon", swap("Upgrade:", "Upgrade : websocket")),
		bad("a line without a colon", add("nothing")),
		bad("a field of 8 MiB", longField(8*mib)),
	}}
}

// swapCase returns the line of the accept key with its letters in the other
// case.
func swapCase(l lines) string {
	for _, line := range l {
		if name, key, _ := strings.Cut(line, ": "); name == "Sec-WebSocket-Accept" {
			return name + ": " + strings.Map(func(c rune) rune {
				switch {
				case c >= 'a' && c <= 'z':
					return c - 'a' + 'A'
				case c >= 'A' && c <= 'Z':
					return c - 'A' + 'a'
				}
				return c
			}, key)
		}
	}
	return ""
}

func goodResponses() part {
	good := func(sends string, change func(lines) lines) Case {
		return goesOn("an opening response, with "+sends, ServerRole, opening{response: change})
	}
	return part{"20.4", "responses that a client has to accept", rfcResponse, []Case{
		good("an empty reason phrase", swap("HTTP/1.1", "HTTP/1.1 101 ")),
		good("a list in Connection", swap("Connection:", "Connection: keep-alive, Upgrade")),
		good("names in lower case and values in upper case", func(l lines) lines {
			return l.replace("Upgrade:", "upgrade: WEBSOCKET").replace("Connection:", "connection: UPGRADE")
		}),
		good("unknown fields", add("Server: wirews", "X-Unknown: some value")),
		goesOn("an opening response, octet by octet", ServerRole, opening{chop: 1}),
	}}
}
