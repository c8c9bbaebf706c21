package httpx_test

import (
	"errors"
	"fmt"

	"github.com/wirews/wirews/httpx"
)

// A head arrives in pieces; what stands behind it is left alone.
func ExampleScanner() {
	pieces := []string{"GET /chat HTTP/1.1\r\nHo", "st: example.com\r\n\r", "\n\x81\x05Hello"}

	var s httpx.Scanner
	var received []byte
	for _, piece := range pieces {
		received = append(received, piece...)
		n, err := s.Scan(received, httpx.Limits{})
		if err == httpx.ErrShort {
			fmt.Println("more")
			continue
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("head of %d bytes, then %q\n", n, received[n:])
	}
	// Output:
	// more
	// more
	// head of 41 bytes, then "\x81\x05Hello"
}

// A server reads request after request with the same memory.
func ExampleScanner_Request() {
	received := []byte("GET /chat HTTP/1.1\r\nHost: example.com\r\n\r\n")

	var s httpx.Scanner
	var scratch httpx.Scratch
	r, n, err := s.Request(received, httpx.Limits{}, &scratch)
	if err != nil {
		fmt.Println(err)
		return
	}
	host, _ := r.Fields.First("Host")
	fmt.Printf("%s of %s, %d bytes\n", r.Target, host, n)
	// Output:
	// /chat of example.com, 41 bytes
}

func ExampleScanner_Scan_limit() {
	var s httpx.Scanner
	_, err := s.Scan([]byte("GET /far/too/long HTTP/1.1\r\n"), httpx.Limits{Line: 16})
	fmt.Println(err)
	var limit *httpx.LimitError
	if errors.As(err, &limit) {
		fmt.Println(limit.StatusCode())
	}
	// Output:
	// httpx: line exceeds limit of 16
	// 431
}

func ExampleParseRequest() {
	head := []byte("GET /chat HTTP/1.1\r\n" +
		"Host: example.com\r\n" +
		"Connection: keep-alive, Upgrade\r\n" +
		"\r\n")
	var storage [32]httpx.Field
	r, err := httpx.ParseRequest(head, storage[:0])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %s\n", r.Method, r.Target)
	for _, f := range r.Fields {
		fmt.Printf("%s = %s\n", f.Name, f.Value)
	}
	// Output:
	// GET /chat
	// Host = example.com
	// Connection = keep-alive, Upgrade
}

func ExampleParseRequest_refused() {
	_, err := httpx.ParseRequest([]byte("GET / HTTP/1.1\r\nHost : example.com\r\n\r\n"), nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, httpx.ErrSyntax))
	// Output:
	// httpx: bad field name "Host "
	// true
}

func ExampleParseResponse() {
	r, err := httpx.ParseResponse([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), nil)
	fmt.Println(r.Status, string(r.Reason), r.Fields.HasToken("Upgrade", "websocket"), err)
	// Output: 101 Switching Protocols true <nil>
}

func ExampleParseFields() {
	fields, err := httpx.ParseFields([]byte("Origin: https://example.com\r\nCookie: a=b\r\n"), nil)
	fmt.Println(len(fields), err)
	// Output: 2 <nil>
}

func ExampleCheckHost() {
	fields, _ := httpx.ParseFields([]byte("Host: a.example\r\nHost: b.example\r\n"), nil)
	_, err := httpx.CheckHost(fields)
	fmt.Println(err)
	// Output: httpx: bad host "a.example, b.example"
}

func ExampleFields_First() {
	fields, _ := httpx.ParseFields([]byte("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), nil)
	key, ok := fields.First("sec-websocket-key")
	fmt.Println(string(key), ok)
	// Output: dGhlIHNhbXBsZSBub25jZQ== true
}

func ExampleFields_Values() {
	fields, _ := httpx.ParseFields([]byte("Cookie: a=b\r\nX: y\r\nCookie: c=d\r\n"), nil)
	for v := range fields.Values("Cookie") {
		fmt.Println(string(v))
	}
	// Output:
	// a=b
	// c=d
}

func ExampleFields_Count() {
	fields, _ := httpx.ParseFields([]byte("Cookie: a=b\r\nX: y\r\nCookie: c=d\r\n"), nil)
	fmt.Println(fields.Count("Cookie"))
	// Output: 2
}

func ExampleFields_HasToken() {
	fields, _ := httpx.ParseFields([]byte("Connection: keep-alive\r\nConnection: x, Upgrade\r\n"), nil)
	fmt.Println(fields.HasToken("Connection", "upgrade"))
	// Output: true
}

func ExampleVersion_AtLeast() {
	fmt.Println(httpx.Version{Major: 1, Minor: 0}.AtLeast(1, 1))
	// Output: false
}

func ExampleNextElement() {
	list := []byte(`a, b="c,d" ,, e`)
	for elem, rest, err := httpx.NextElement(list); elem != nil || err != nil; elem, rest, err = httpx.NextElement(rest) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(elem))
	}
	// Output:
	// a
	// b="c,d"
	// e
}

func ExampleNextToken() {
	_, rest, _ := httpx.NextToken([]byte("chat, v1/chat"))
	_, _, err := httpx.NextToken(rest)
	fmt.Println(err)
	// Output: httpx: bad token "v1/chat"
}

func ExampleParseItem() {
	item, err := httpx.ParseItem([]byte(`permessage-deflate; client_max_window_bits; server_max_window_bits="1\0"`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(item.Name))
	for p, rest, ok := httpx.NextParam(item.Params); ok; p, rest, ok = httpx.NextParam(rest) {
		value := p.Value
		if p.Quoted {
			value = httpx.AppendUnquoted(nil, p.Value)
		}
		fmt.Printf("%s %v %q\n", p.Name, p.HasValue, value)
	}
	// Output:
	// permessage-deflate
	// client_max_window_bits false ""
	// server_max_window_bits true "10"
}

func ExampleNextParam() {
	p, rest, ok := httpx.NextParam([]byte("; a=1; b"))
	fmt.Printf("%s=%s %q %v\n", p.Name, p.Value, rest, ok)
	// Output: a=1 "; b" true
}

func ExampleAppendUnquoted() {
	fmt.Printf("%s\n", httpx.AppendUnquoted(nil, []byte(`a\"b\\c`)))
	// Output: a"b\c
}

func ExampleAppendQuoted() {
	b, err := httpx.AppendQuoted(nil, `a"b\c`)
	fmt.Println(string(b), err)
	_, err = httpx.AppendQuoted(nil, "a\r\nb")
	fmt.Println(err)
	// Output:
	// "a\"b\\c" <nil>
	// httpx: bad quoted string "a\r\nb"
}

func ExampleAppendRequestLine() {
	b, err := httpx.AppendRequestLine(nil, "GET", "/chat")
	if err == nil {
		b, err = httpx.AppendField(b, "Host", "example.com")
	}
	fmt.Printf("%q %v\n", httpx.AppendEnd(b), err)
	// Output: "GET /chat HTTP/1.1\r\nHost: example.com\r\n\r\n" <nil>
}

func ExampleAppendStatusLine() {
	b, err := httpx.AppendStatusLine(nil, 101, "Switching Protocols")
	fmt.Printf("%q %v\n", httpx.AppendEnd(b), err)
	// Output: "HTTP/1.1 101 Switching Protocols\r\n\r\n" <nil>
}

func ExampleAppendField() {
	b, err := httpx.AppendField([]byte("before "), "Location", "/\r\nSet-Cookie: a=b")
	fmt.Printf("%q %v\n", b, err)
	// Output: "before " httpx: bad field value "/\r\nSet-Cookie: a=b"
}

func ExampleAppendEnd() {
	fmt.Printf("%q\n", httpx.AppendEnd([]byte("HTTP/1.1 204 \r\n")))
	// Output: "HTTP/1.1 204 \r\n\r\n"
}

func ExampleAppendParam() {
	b, _ := httpx.AppendParam([]byte("foo"), "a", "1")
	b, _ = httpx.AppendParam(b, "b", "two words")
	b, err := httpx.AppendParamName(b, "c")
	fmt.Println(string(b), err)
	// Output: foo; a=1; b="two words"; c <nil>
}

func ExampleAppendParamName() {
	b, err := httpx.AppendParamName([]byte("permessage-deflate"), "server_no_context_takeover")
	fmt.Println(string(b), err)
	// Output: permessage-deflate; server_no_context_takeover <nil>
}

func ExampleParseUint() {
	fmt.Println(httpx.ParseUint([]byte("13"), 255))
	_, err := httpx.ParseUint([]byte("256"), 255)
	fmt.Println(err)
	// Output:
	// 13 <nil>
	// httpx: bad number "256"
}

func ExampleEqualFold() {
	fmt.Println(httpx.EqualFold([]byte("WebSocket"), "websocket"), httpx.EqualFold("\u212a", "k"))
	// Output: true false
}

func ExampleIsToken() {
	fmt.Println(httpx.IsToken("superchat"), httpx.IsToken("v1/chat"), httpx.IsToken(""))
	// Output: true false false
}

func ExampleIsFieldValue() {
	fmt.Println(httpx.IsFieldValue("a b"), httpx.IsFieldValue(" a"), httpx.IsFieldValue("a\r\nb"))
	// Output: true false false
}

func ExampleIsTarget() {
	fmt.Println(httpx.IsTarget("/chat?a=b"), httpx.IsTarget("/a b"), httpx.IsTarget(""))
	// Output: true false false
}

func ExampleIsHost() {
	fmt.Println(httpx.IsHost("example.com:8080"), httpx.IsHost("[::1]"), httpx.IsHost("a/b"))
	// Output: true true false
}
