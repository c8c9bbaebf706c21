package wstest_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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

func TestFaultyPlaysItsScriptAndThenTheFault(t *testing.T) {
	f := &wstest.Faulty{In: []byte("abcd"), Stop: 3, Pause: 2, OnRead: func([]byte) (int, error) { return -1, nil }}
	p := make([]byte, 8)
	for _, want := range []string{"ab", "c"} {
		if n, err := f.Read(p); string(p[:max(n, 0)]) != want || err != nil {
			t.Errorf("got %d, %v, want %q", n, err, want)
		}
	}
	for range 1000 {
		if n, err := f.Read(p); n != -1 || err != nil {
			t.Fatalf("got %d, %v, want the fault", n, err)
		}
	}
	if _, err := f.Read(p); err != wstest.ErrSpun {
		t.Errorf("got %v, want ErrSpun", err)
	}

	f = &wstest.Faulty{In: []byte("ab"), Stop: 2, Last: io.EOF, Take: 1, OnWrite: func(p []byte) (int, error) { return 1, nil }}
	if n, err := f.Read(p); n != 2 || err != io.EOF {
		t.Errorf("the last bytes: %d, %v", n, err)
	}
	for i, want := range []int{3, 1} {
		if n, err := f.Write([]byte("xyz")); n != want || err != nil || f.Writes != i+1 {
			t.Errorf("Write %d: %d, %v", i, n, err)
		}
	}
	go f.Close()
	if _, err := f.Wait(nil); !errors.Is(err, net.ErrClosed) || !errors.Is(f.Close(), net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestPollAsksUntilItIsSoOrTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var so atomic.Bool
		time.AfterFunc(time.Second, func() { so.Store(true) })
		wstest.Until(t, "a second", func() bool { synctest.Wait(); return so.Load() })
		if took := time.Since(begun); took < time.Second || took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if wstest.Poll(time.Hour, func() bool { return false }) {
			t.Error("never is so")
		}
		if took := time.Since(begun); took < time.Hour || took > time.Hour+3*time.Second {
			t.Errorf("patience lasted %v", took)
		}
	})
}
