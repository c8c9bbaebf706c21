package attack

import (
	"fmt"
	"strings"
)

// variant is a broken request that becomes an attack.
type variant struct {
	name, does string
	rfc        string
	verdict    Verdict // if it is accepted
	change     func(t *trial, r request) request
}

func (v variant) attack(family string) *Attack {
	return &Attack{family + "/" + v.name, v.does, "refuse the handshake", v.rfc, func(t *trial) finding { return smuggle(t, v) }}
}

var smuggling = append(attacksOf("smuggling", smuggled),
	&Attack{"smuggling/second-request", "a GET whose Content-Length covers an upgrade request", "treat those bytes as content, not as a request", "RFC 9112, 6.3; 11.2", hiddenRequest},
	&Attack{"smuggling/false-tunnel", "a handshake of version 12, and a second request right after it, as if there were a tunnel", "end the connection after the refusal, so that no proxy is deceived", "RFC 6455, 4.4", falseTunnel},
)

func attacksOf(family string, all []variant) (attacks []*Attack) {
	for _, v := range all {
		attacks = append(attacks, v.attack(family))
	}
	return attacks
}

func lines(lines ...string) func(*trial, request) request {
	return func(_ *trial, r request) request { return r.with(lines...) }
}

// instead replaces the first line of each, by its name.
func instead(lines ...string) func(*trial, request) request {
	return func(_ *trial, r request) request {
		for _, line := range lines {
			name, _, _ := strings.Cut(line, ":")
			r = r.without(strings.TrimSpace(name)).with(line)
		}
		return r
	}
}

func missing(name string) func(*trial, request) request {
	return func(_ *trial, r request) request { return r.without(name) }
}

// body is a frame that an upgrade request announces as its content.
var body = string(appendFrame(nil, final|text, []byte("smuggled")))

func announced(fields ...string) func(*trial, request) request {
	return func(_ *trial, r request) request {
		r = r.with(fields...)
		r.body = body
		return r
	}
}

var smuggled = []variant{
	{"content-length", "a handshake that announces content, which is a frame", "RFC 9110, 7.8; RFC 9112, 6.3", Weak,
		announced(fmt.Sprintf("Content-Length: %d", len(body)))},
	{"transfer-encoding", "a handshake whose content is in chunks", "RFC 9112, 6.3", Weak,
		func(_ *trial, r request) request {
			r = r.with("Transfer-Encoding: chunked")
			r.body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
			return r
		}},
	{"both-lengths", "Content-Length and Transfer-Encoding at once", "RFC 9112, 6.3", Weak, announced("Content-Length: 5", "Transfer-Encoding: chunked")},
	{"two-lengths", "two values of Content-Length that differ", "RFC 9112, 6.3", Weak, announced("Content-Length: 0", "Content-Length: 5")},
	{"odd-length", "Content-Length: +0", "RFC 9112, 6.3", Weak, lines("Content-Length: +0")},
	{"hidden-encoding", "Transfer-Encoding with a vertical tab before its value", "RFC 9112, 6.3; RFC 9110, 5.5", Weak, lines("Transfer-Encoding: \x0bchunked")},
	{"space-before-colon", "Content-Length with a space before the colon", "RFC 9112, 5.1", Weak, lines("Content-Length : 0")},
	{"host-twice", "two Host fields that differ", "RFC 9112, 3.2", Weak, lines("Host: b.example")},
	{"host-missing", "no Host", "RFC 9112, 3.2", Weak, missing("Host")},
	{"http-1.0", "a handshake in HTTP/1.0, which proxies answer for themselves", "RFC 6455, 4.2.1", Weak,
		func(_ *trial, r request) request { r.start = strings.TrimSuffix(r.start, "1") + "0"; return r }},
	{"post", "a handshake by POST", "RFC 6455, 4.2.1", Weak,
		func(_ *trial, r request) request { r.start = "POST" + strings.TrimPrefix(r.start, "GET"); return r }},
	{"not-hop-by-hop", "Connection without the word Upgrade, so that a proxy passes the rest on", "RFC 6455, 4.2.1; RFC 9110, 7.8", Weak, instead("Connection: keep-alive")},
	{"another-protocol", "Upgrade to h2c alone", "RFC 6455, 4.2.1", Weak, instead("Upgrade: h2c")},
	{"key-twice", "two values of Sec-WebSocket-Key that differ", "RFC 6455, 11.3.1", Lenient, lines("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")},
	{"bare-line-feeds", "lines that end in LF alone", "RFC 9112, 2.2", Lenient,
		func(_ *trial, r request) request { r.end = "\n"; return r }},
	{"bare-carriage-return", "CR inside a value", "RFC 9112, 2.2", Lenient, lines("X-A: a\rContent-Length: 5")},
	{"null", "NUL inside a value", "RFC 9110, 5.5", Lenient, lines("X-A: a\x00b")},
	{"folded-line", "Transfer-Encoding whose value is on a folded line", "RFC 9112, 5.2", Weak, lines("Transfer-Encoding:\r\n chunked")},
	{"folded-value", "a value on a folded line", "RFC 9112, 5.2", Lenient, lines("X-A: a\r\n Content-Length: 5")},
	{"space-before-fields", "a line that begins with a space, right after the request line", "RFC 9112, 2.2", Lenient,
		func(_ *trial, r request) request { r.start += "\r\n X-A: a"; return r }},
}

// smuggle sends a broken request.
func smuggle(t *trial, v variant) finding {
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
	case a.status == 101:
		return finding{v.verdict, "it accepted the handshake"}
	}
	return finding{Resisted, fmt.Sprintf("refused with %d", a.status)}
}

// hiddenRequest: whoever answers the inner request with 101 has read content as a
// request.
func hiddenRequest(t *trial) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	inner := t.good().bytes()
	outer := request{start: "GET " + t.o.URL.RequestURI() + " HTTP/1.1", end: "\r\n", lines: []string{"Host: " + t.o.URL.Host, fmt.Sprintf("Content-Length: %d", len(inner))}}
	outer.lines = append(outer.lines, t.o.Fields...)
	outer.body = string(inner)
	if err := l.send(outer.bytes()); err != nil {
		return finding{Resisted, "it ended the connection"}
	}
	statuses := statusesOf(l)
	for _, s := range statuses {
		if s == 101 {
			return finding{Weak, fmt.Sprintf("it answered %v: what was content was taken for a handshake", statuses)}
		}
	}
	return finding{Resisted, fmt.Sprintf("it answered %v", statuses)}
}

func falseTunnel(t *trial) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	first := instead("Sec-WebSocket-Version: 12")(t, t.good())
	first.body = string(request{start: "GET / HTTP/1.1", end: "\r\n", lines: []string{"Host: " + t.o.URL.Host}}.bytes())
	if err := l.send(first.bytes()); err != nil {
		return finding{Resisted, "it ended the connection"}
	}
	statuses := statusesOf(l)
	switch {
	case len(statuses) > 0 && statuses[0] == 101:
		return finding{Weak, "it accepted version 12"}
	case len(statuses) > 1:
		return finding{Lenient, fmt.Sprintf("it answered %v: one after the other", statuses)}
	}
	return finding{Resisted, fmt.Sprintf("it answered %v", statuses)}
}

// statusesOf receives all answers that come, skipping their content.
func statusesOf(l *link) (all []int) {
	for until := l.t.soon(); ; {
		a, err := l.answer(until)
		if err != nil {
			return all
		}
		if all = append(all, a.status); a.status == 101 {
			return all
		}
		// The next head begins after the content, whatever its length is.
		for {
			if i := strings.Index(string(l.in), "HTTP/1."); i >= 0 {
				l.in = l.in[i:]
				break
			}
			if l.more(until) != nil {
				return all
			}
		}
	}
}
