package wstest_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

func TestRequestsAreTakenByNetHTTP(t *testing.T) {
	for _, v := range wstest.Requests() {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(v.Raw)))
		if err != nil {
			t.Errorf("%s: %v", v.Client, err)
			continue
		}
		if r.RequestURI != v.Target || r.Host != v.Host || r.Header.Get("Origin") != v.Origin {
			t.Errorf("%s: got %q %q %q", v.Client, r.RequestURI, r.Host, r.Header.Get("Origin"))
		}
	}
}

func TestConnPlaysItsScript(t *testing.T) {
	c := wstest.NewConn([]byte("abc"), []byte("d"))
	c.Err = io.ErrNoProgress
	var got [2]byte
	for _, want := range []string{"ab", "c", "d"} {
		if n, err := c.Read(got[:]); string(got[:n]) != want || err != nil {
			t.Fatalf("got %q, %v, want %q", got[:n], err, want)
		}
	}
	if _, err := c.Read(got[:]); err != io.ErrNoProgress || c.Reads != 4 || c.Taken != 4 {
		t.Errorf("got %v, %d reads, %d bytes", err, c.Reads, c.Taken)
	}
}

func TestSplitsKeepEveryByte(t *testing.T) {
	in := []byte("abcd")
	ways := 0
	for name, pieces := range wstest.Splits(in) {
		ways++
		if got := bytes.Join(pieces, nil); !bytes.Equal(got, in) {
			t.Errorf("%s: got %q", name, got)
		}
		var last []byte
		for last = range wstest.Grow(pieces) {
		}
		if !bytes.Equal(last, in) {
			t.Errorf("%s: grew to %q", name, last)
		}
	}
	if ways != 2+3 {
		t.Errorf("got %d ways, want 5", ways)
	}
}

func TestBadFrameWritesWhatItIsTold(t *testing.T) {
	got := wstest.BadFrame{Rsv: 7, OpCode: 8, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 5, LengthBytes: 2, Payload: []byte{9}}.Append(nil)
	if want := []byte{0x78, 0xfe, 0, 5, 1, 2, 3, 4, 9}; !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
}

func TestHeadIsEditedByCopy(t *testing.T) {
	good := wstest.GoodRequest()
	bad := good.Replace("Host", "evil").With(": no name")
	if got := good.Bytes(); !bytes.Contains(got, []byte("Host: server.example.com\r\n")) || bytes.Contains(got, []byte("no name")) {
		t.Errorf("the original changed: %q", got)
	}
	if got := bad.Bytes(); !bytes.HasSuffix(got, []byte("Host: evil\r\n: no name\r\n\r\n")) {
		t.Errorf("got %q", got)
	}
}
