package regress_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

// wantStatus sends a request to the zero Upgrader and wants the status.
func wantStatus(request, want string) func(library) (bool, string) {
	return upgraderWantsStatus(ws.Upgrader{}, request, want)
}

func upgraderWantsStatus(u ws.Upgrader, request, want string) func(library) (bool, string) {
	return func(lib library) (bool, string) {
		p := says(request)
		_, err := lib.Upgrade(u, p)
		right := p.status() == want && (err == nil) == (want == "101")
		return right, fmt.Sprintf("status %q, error %v", p.status(), err)
	}
}

func TestRequestHeads(t *testing.T) {
	checkLines(t, []line{
		{id: "W13", what: "a request with a line of 1 MiB is refused with 431",
			run: wantStatus(request("X-Long: "+strings.Repeat("x", 1<<20)+"\r\n"), "431")},
		{id: "W13", what: "a request of 10,000 fields is refused with 431",
			run: wantStatus(request(strings.Repeat("X-Many: x\r\n", 10_000)), "431")},
		{id: "W14", what: "a malformed request line is answered with 400",
			run: wantStatus("GET\r\n\r\n", "400")},
		{id: "W15", what: "a frame behind the request is not lost silently", run: func(lib library) (bool, string) {
			p := says(request("") + "\x81\x80\x01\x02\x03\x04")
			_, err := lib.Upgrade(ws.Upgrader{}, p)
			n, _ := p.Read(make([]byte, 100))
			return err != nil || n == 6, fmt.Sprintf("error %v, and %d of 6 bytes left to read", err, n)
		}},
		{id: "W18", what: "a key that is not base64 is refused",
			run: wantStatus(requestWithout("Sec-WebSocket-Key", "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!!!\r\n"), "400")},
		{id: "W18", what: "a key of 17 bytes is refused",
			run: wantStatus(requestWithout("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTE=\r\n"), "400")},
		{id: "W18", what: "two keys are refused",
			run: wantStatus(request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "400")},
		{id: "W18", what: "two Host fields are refused",
			run: wantStatus(request("Host: other.example.com\r\n"), "400")},
		{id: "W19", what: "whitespace before the colon is refused",
			run: wantStatus(request("X-Space : x\r\n"), "400")},
		{id: "W19", what: "an empty field name is refused",
			run: wantStatus(request(": x\r\n"), "400")},
		{id: "W19", what: "a continuation line is refused",
			run: wantStatus(request("X-Fold: x\r\n y: z\r\n"), "400")},
		{id: "W19", what: "a line that ends with LF alone is refused",
			run: wantStatus(request("X-Bare: x\n"), "400")},
		{id: "W20", what: "the version HTTP/1.? is refused",
			run: wantStatus(strings.Replace(request(""), "HTTP/1.1", "HTTP/1.?", 1), "400")},
	})
}

func TestListsInRequests(t *testing.T) {
	protocol := func(name string) ws.Upgrader {
		return ws.Upgrader{Protocol: func(p []byte) bool { return string(p) == name }}
	}
	checkLines(t, []line{
		{id: "W16", what: "the token Upgrade is found in the second line of Connection",
			run: wantStatus(requestWithout("Connection", "Connection: keep-alive\r\nConnection: Upgrade\r\n"), "101")},
		{id: "W17", what: "websocket is found in a list of Upgrade",
			run: wantStatus(requestWithout("Upgrade", "Upgrade: h2c, websocket\r\n"), "101")},
		{id: "H1", what: "a tab may stand in a list",
			run: wantStatus(requestWithout("Connection", "Connection: keep-alive,\tUpgrade\r\n"), "101")},
		{id: "W35", what: "of v1/chat, which is no token, v1 is not selected", run: func(lib library) (bool, string) {
			p := says(request("Sec-WebSocket-Protocol: v1/chat\r\n"))
			hs, err := lib.Upgrade(protocol("v1"), p)
			return err != nil && hs.Protocol == "", fmt.Sprintf("protocol %q, error %v", hs.Protocol, err)
		}},
		{id: "W35", what: "two protocols without a comma are refused",
			run: upgraderWantsStatus(protocol("b"), request("Sec-WebSocket-Protocol: a b\r\n"), "400")},
		{id: "W35, H1", what: "a tab may stand between protocols",
			run: upgraderWantsStatus(protocol("b"), request("Sec-WebSocket-Protocol: a,\tb\r\n"), "101")},
	})
}

// offered returns what Negotiate is shown of an offer, and whether the
// handshake was agreed.
func offered(lib library, offer string) (seen []string, err error) {
	_, err = lib.Upgrade(ws.Upgrader{Negotiate: func(o httphead.Option) (httphead.Option, error) {
		s := string(o.Name)
		o.Parameters.ForEach(func(k, v []byte) bool {
			s += fmt.Sprintf(";%s=%s", k, v)
			return true
		})
		seen = append(seen, s)
		return httphead.Option{}, nil
	}}, says(request("Sec-WebSocket-Extensions: "+offer+"\r\n")))
	return seen, err
}

func TestExtensionsInRequests(t *testing.T) {
	lines := []line{
		{id: "W33", what: "an error of Negotiate ends the handshake", run: func(lib library) (bool, string) {
			calls := 0
			p := says(request("Sec-WebSocket-Extensions: a, b\r\n"))
			_, err := lib.Upgrade(ws.Upgrader{Negotiate: func(o httphead.Option) (httphead.Option, error) {
				if calls++; calls == 1 {
					return o, errors.New("no")
				}
				return o, nil
			}}, p)
			return err != nil && calls == 1, fmt.Sprintf("status %s after %d calls, error %v", p.status(), calls, err)
		}},
		{id: "W34", what: "Negotiate may return its argument", run: func(lib library) (bool, string) {
			// What comes later is read into the same buffer.
			head, tail, _ := strings.Cut(request("Sec-WebSocket-Extensions: permessage-x; a=1\r\nX-Cut: x\r\n"), "X-Cut")
			p := says(head, "X-Cut"+strings.Repeat("z", 4000)+tail)
			hs, err := lib.Upgrade(ws.Upgrader{Negotiate: func(o httphead.Option) (httphead.Option, error) { return o, nil }}, p)
			name := ""
			if len(hs.Extensions) == 1 {
				name = string(hs.Extensions[0].Name)
			}
			return name == "permessage-x", fmt.Sprintf("extension %q, response %q, error %v", name, p.line("Sec-WebSocket-Ext"), err)
		}},
		{id: "H3", what: "a backslash in a quoted value takes nothing but itself away", run: func(lib library) (bool, string) {
			seen, err := offered(lib, `x; a="a\b"`)
			return len(seen) == 1 && seen[0] == "x;a=ab", fmt.Sprintf("%q, error %v", seen, err)
		}},
	}
	for _, offer := range []string{`foo bar; a=1`, `foo; a=`, `foo;`} {
		lines = append(lines, line{id: "H4", what: "the offer " + offer + " is refused", run: func(lib library) (bool, string) {
			seen, err := offered(lib, offer)
			return err != nil && len(seen) == 0, fmt.Sprintf("%q, error %v", seen, err)
		}})
	}
	for _, in := range []struct{ name, value string }{
		{"CR and LF", "a\r\nX-Injected: x"},
		{"a backslash", `v\`},
	} {
		lines = append(lines, line{id: "H2", what: in.name + " in the value of an option cannot break the response", run: func(lib library) (bool, string) {
			p := says(request("Sec-WebSocket-Extensions: x\r\n"))
			_, err := lib.Upgrade(ws.Upgrader{Negotiate: func(httphead.Option) (httphead.Option, error) {
				return httphead.NewOption("x", map[string]string{"p": in.value}), nil
			}}, p)
			l := p.line("Sec-WebSocket-Ext")
			right := p.line("X-Injected") == "" && !strings.HasSuffix(l, `\"`)
			return right, fmt.Sprintf("error %v, response %q", err, p.wrote.String())
		}})
	}
	checkLines(t, lines)
}

func TestCallbacksAndPolicies(t *testing.T) {
	checkLines(t, []line{
		{id: "#136, W32", what: "a rejection that is wrapped keeps its status", run: func(lib library) (bool, string) {
			reject := fmt.Errorf("policy: %w", lib.Reject(403, "no"))
			return upgraderWantsStatus(ws.Upgrader{OnHeader: func(_, _ []byte) error { return reject }},
				request("X-Any: x\r\n"), "403")(lib)
		}},
		{id: "#184", what: "the error tells what was received", run: func(lib library) (bool, string) {
			_, err := lib.Upgrade(ws.Upgrader{}, says(requestWithout("Connection", "Connection: close\r\n")))
			return err != nil && strings.Contains(err.Error(), `"close"`), fmt.Sprint("error ", err)
		}},
		{id: "W36", what: "a policy for origins is there to be set",
			run: upgraderWantsStatus(ws.Upgrader{Origin: ws.SameOrigin}, request("Origin: https://evil.example.com\r\n"), "403")},
		{id: "#31, #34, #203", what: "a Handshake can hold the fields of the request", run: func(lib library) (bool, string) {
			v, ok := lib.RequestField(says(request("Authorization: Basic eDp5\r\n")), "Authorization")
			return ok && v == "Basic eDp5", fmt.Sprintf("value %q, %v", v, ok)
		}},
		{id: "W39", what: "a handshake can be given a time within which it has to end", run: func(lib library) (bool, string) {
			p := says(request(""))
			_, err := lib.Upgrade(ws.Upgrader{Timeout: time.Hour}, p)
			return err == nil && !p.unbounded && !p.deadline,
				fmt.Sprintf("read without a deadline %v, deadline left behind %v, error %v", p.unbounded, p.deadline, err)
		}},
		{id: "#121, #143", what: "a request that comes in pieces is taken without blocking", run: func(lib library) (bool, string) {
			whole := request("")
			response, err := lib.Incremental([]string{whole[:10], whole[10:50], whole[50:]})
			return err == nil && strings.HasPrefix(response, "HTTP/1.1 101 "), fmt.Sprintf("wrote %.30q, error %v", response, err)
		}},
		{id: "#159", what: "a request that is not for WebSocket is left to the caller", run: func(lib library) (bool, string) {
			return lib.Plain("GET / HTTP/1.1\r\nHost: server.example.com\r\n\r\n")
		}},
	})
}

// H5 and H6 are of httphead, which gobwas/ws hands to its users; package ws of
// gobwas/ws has a number parser of the same kind, see W20.
func TestHeadValues(t *testing.T) {
	checkLines(t, []line{
		{id: "H5", what: `"1?" is no number`, run: func(lib library) (bool, string) {
			n, ok := lib.Number("1?")
			return !ok, fmt.Sprintf("%d, %v", n, ok)
		}},
		{id: "H5", what: "a number over 64 bits is refused", run: func(lib library) (bool, string) {
			n, ok := lib.Number("18446744073709551717")
			return !ok, fmt.Sprintf("%d, %v", n, ok)
		}},
		{id: "H6", what: "a cookie behind two spaces is found", run: func(lib library) (bool, string) {
			all := lib.Cookies("a=1;  b=2")
			return all["a"] == "1" && all["b"] == "2", fmt.Sprint(all)
		}},
	})
}
