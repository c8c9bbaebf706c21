package httpx_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// stricter lists, by the Part of our error, what is refused here and taken by
// net/http. The function reports whether the reason is there in a head; any
// other head that is refused here must be refused by net/http too.
var stricter = map[string]func(head []byte) bool{
	// net/http takes a bare LF for CRLF, which RFC 9112, 2.2 allows and proxies
	// disagree about, and leaves what is behind the head to its next reader.
	"line end": func(head []byte) bool {
		return hasBareLF(head) || bytes.Contains(head, []byte("\r\n\r\n"))
	},
	// The same: a bare LF ends the request line.
	"version": hasBareLF,
	// net/http takes 000 to 099, a sign, several spaces before the status and a
	// bare LF behind it. RFC 9112, 4: SP 3DIGIT.
	"status": func(head []byte) bool {
		return hasBareLF(head) || len(head) > 9 && bytes.IndexByte([]byte(" 0+-"), head[9]) >= 0
	},
	// net/http takes any byte in a reason. RFC 9112, 4: HTAB, SP, VCHAR, obs-text.
	"reason": func(head []byte) bool {
		return hasBareLF(head) || bytes.ContainsFunc(head, isOtherControl)
	},
	// net/http takes bytes from 0x80 up, which RFC 3986 has no room for, and a CONNECT to
	// nothing. RFC 9112, 3.2.3: host and port.
	"target": func(head []byte) bool {
		return bytes.HasPrefix(head, []byte("CONNECT  ")) || bytes.ContainsFunc(head, func(r rune) bool { return r >= 0x80 })
	},
	// net/http joins folded lines, which RFC 9112, 5.2 lets a server reject, and
	// takes an empty name and spaces within a name.
	"field name": func(head []byte) bool {
		return slices.ContainsFunc(bytes.Split(head, []byte{'\n'}), func(line []byte) bool {
			name, _, _ := bytes.Cut(line, []byte{':'})
			return len(name) == 0 || bytes.ContainsAny(name, " \t")
		})
	},
	// http.ReadRequest leaves a missing or malformed Host to http.Server.
	"host": func([]byte) bool { return true },
}

func hasBareLF(b []byte) bool {
	return bytes.Count(b, []byte{'\n'}) != bytes.Count(b, []byte("\r\n"))
}

func isOtherControl(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\r' && r != '\n' || r == 0x7f
}

// notOurs reports that net/http refuses what a head says, not how it is
// written: the URL of a request, and the body's framing.
func notOurs(err error, fields httpx.Fields) bool {
	var urlError *url.Error
	var lineError textproto.ProtocolError
	switch {
	case errors.As(err, &urlError):
		return true
	case errors.As(err, &lineError):
		return false
	}
	return fields.Count("Content-Length") > 0 || fields.Count("Transfer-Encoding") > 0
}

// sameFields compares values by name, because http.Header keeps no order
// between names.
func sameFields(t *testing.T, fields httpx.Fields, header http.Header) {
	t.Helper()
	for _, f := range fields {
		key := http.CanonicalHeaderKey(string(f.Name))
		switch key {
		case "Host", "Trailer", "Transfer-Encoding", "Content-Length", "Pragma", "Cache-Control":
			continue // net/http moves, removes or adds these
		}
		var got []string
		for v := range fields.Values(string(f.Name)) {
			got = append(got, string(v))
		}
		if !slices.Equal(got, header[key]) {
			t.Fatalf("%s: got %q, net/http has %q", key, got, header[key])
		}
	}
}

// checkRefusal fails the test if net/http took what we refused with err, and
// no reason for that is listed and there.
func checkRefusal(t *testing.T, head []byte, err, netErr error) {
	t.Helper()
	var syntax *httpx.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("got error %v, want a *SyntaxError", err)
	}
	if netErr != nil {
		return
	}
	if holds := stricter[syntax.Part]; holds == nil || !holds(head) {
		t.Fatalf("net/http takes what is refused with %v", err)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(chromeRequest))
	for _, tt := range heads {
		f.Add([]byte(tt.in))
	}
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n",
		"GET / HTTP/1.?\r\nHost: a\r\n\r\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\x80 HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nX: \t\xff~\t \r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		r, err := httpx.ParseRequest(head, nil)
		theirs, netErr := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
		if err != nil {
			checkRefusal(t, head, err, netErr)
			return
		}
		if netErr != nil {
			if !notOurs(netErr, r.Fields) {
				t.Fatalf("net/http refuses what is accepted: %v", netErr)
			}
			return
		}
		if string(r.Method) != theirs.Method || string(r.Target) != theirs.RequestURI ||
			int(r.Version.Major) != theirs.ProtoMajor || int(r.Version.Minor) != theirs.ProtoMinor {
			t.Fatalf("got %q, net/http has %v", r, theirs)
		}
		sameFields(t, r.Fields, theirs.Header)
		checkScan(t, head)
		checkRequestRoundTrip(t, head, r)
	})
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte(upgradeResponse))
	for _, s := range []string{
		"HTTP/1.1 101\r\n\r\n", "HTTP/1.1 101 \r\n\r\n", "HTTP/1.1 0:1 x\r\n\r\n", "HTTP/1.1 18446744073709551717 x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n",
		"HTTP/1.1  200 a\x00b\r\n\r\n", "HTTP/1.0 099 x\r\nX:\t\xff~\t \r\nx: y\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		r, err := httpx.ParseResponse(head, nil)
		theirs, netErr := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
		if err != nil {
			checkRefusal(t, head, err, netErr)
			return
		}
		if netErr != nil {
			if !notOurs(netErr, r.Fields) {
				t.Fatalf("net/http refuses what is accepted: %v", netErr)
			}
			return
		}
		status := strings.TrimLeft(strings.TrimSuffix(fmt.Sprintf("%03d %s", r.Status, r.Reason), " "), " ")
		if r.Status != theirs.StatusCode || status != strings.TrimSuffix(theirs.Status, " ") && status != theirs.Status {
			t.Fatalf("got %q, net/http has %q", status, theirs.Status)
		}
		sameFields(t, r.Fields, theirs.Header)
		checkScan(t, head)
	})
}

// checkScan: a head that can be parsed is a head that Scan finds.
func checkScan(t *testing.T, head []byte) {
	t.Helper()
	var s httpx.Scanner
	n, err := s.Scan(head, httpx.Limits{Head: -1, Line: -1, Fields: -1})
	if n != len(head) || err != nil {
		t.Fatalf("Scan = %d, %v; want %d", n, err, len(head))
	}
}

// checkRequestRoundTrip: what was parsed can be written, and is parsed to the
// same again.
func checkRequestRoundTrip(t *testing.T, head []byte, r httpx.Request) {
	t.Helper()
	b, err := httpx.AppendRequestLine(nil, r.Method, r.Target)
	for _, f := range r.Fields {
		if err == nil {
			b, err = httpx.AppendField(b, f.Name, f.Value)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if !r.Version.AtLeast(1, 1) {
		return // written as HTTP/1.1, which demands Host
	}
	again, err := httpx.ParseRequest(httpx.AppendEnd(b), nil)
	if err != nil || fmt.Sprintf("%q", again.Fields) != fmt.Sprintf("%q", r.Fields) {
		t.Fatalf("%q comes back as %q, %v", head, b, err)
	}
}
