package attack

import (
	"fmt"
	"strings"
)

// mark is the line that an attack would like to see in the answer.
const mark = "X-Injected"

// injections are requests whose values have more in them than one line.
var injections = injectionAttacks([]variant{
	{name: "subprotocol", does: "CR in a subprotocol", change: lines("Sec-WebSocket-Protocol: a\r" + mark + ": 1")},
	{name: "extension", does: "CR in a quoted parameter of an extension", change: lines("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=\"15\r" + mark + ": 1\"")},
	{name: "key", does: "CR in Sec-WebSocket-Key", change: instead("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r" + mark + ": 1")},
	{name: "version", does: "CR in Sec-WebSocket-Version", change: instead("Sec-WebSocket-Version: 12\r" + mark + ": 1")},
	{name: "origin", does: "CR in Origin", change: lines("Origin: http://a\r" + mark + ": 1")},
	{name: "host", does: "CR in Host", change: instead("Host: a\r" + mark + ": 1")},
	{name: "method", does: "CR in the method", change: func(_ *trial, r request) request { r.start = "GET\r" + mark + ": 1\r " + r.start; return r }},
	{name: "target", does: "CR and LF in the target, encoded in percent", change: func(_ *trial, r request) request {
		r.start = "GET //%0d%0a" + mark + ":%201 HTTP/1.1"
		return r
	}},
	{name: "query", does: "CR and LF in the query, encoded in percent", change: func(t *trial, r request) request {
		r.start = "GET " + t.o.URL.EscapedPath() + "/..?a=%0d%0a" + mark + ":%201 HTTP/1.1"
		return r
	}},
})

func injectionAttacks(all []variant) (attacks []*Attack) {
	for _, v := range all {
		attacks = append(attacks, &Attack{"injection/" + v.name, v.does, "no line of the answer that the request has written", "RFC 9110, 5.5",
			func(t *trial) finding { return inject(t, v) }})
	}
	return attacks
}

func inject(t *trial, v variant) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	if err := l.send(v.change(t, t.good()).bytes()); err != nil {
		return finding{Resisted, "it ended the connection"}
	}
	a, err := l.answer(t.soon())
	switch {
	case stuck(err):
		return finding{Weak, fmt.Sprintf("no answer in %v", t.o.answer())}
	case err != nil:
		return finding{Resisted, "it ended the connection without an answer"}
	}
	// A CR alone ends a line for some who read the answer.
	for _, line := range strings.FieldsFunc(a.head, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if strings.HasPrefix(line, mark+":") {
			return finding{Weak, "the answer has the line " + line}
		}
	}
	return finding{Resisted, fmt.Sprintf("answered with %d, and without it", a.status)}
}
