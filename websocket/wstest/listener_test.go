package wstest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/websocket/wstest"
)

func TestListenerConnectsWhoDialsInOrder(t *testing.T) {
	l := wstest.NewListener(0)
	for _, message := range []string{"first", "second"} {
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		c.Write([]byte(message))
		c.Close()
	}
	var addrs []string
	for _, want := range []string{"first", "second"} {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); string(got) != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		addrs = append(addrs, c.RemoteAddr().String())
	}
	if addrs[0] == addrs[1] {
		t.Errorf("both clients have the address %s", addrs[0])
	}
}

func TestDialFromHasThatAddress(t *testing.T) {
	l := wstest.NewListener(0)
	want := &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 5}
	client, err := l.DialFrom(want)
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil || server.RemoteAddr() != want || client.LocalAddr() != want || server.LocalAddr().String() != l.Addr().String() {
		t.Errorf("%v: %v", server.RemoteAddr(), err)
	}
}

func TestCloseOfAListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := wstest.NewListener(0)
		ended := make(chan error, 1)
		go func() {
			_, err := l.Accept()
			ended <- err
		}()
		synctest.Wait()
		l.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v", err)
		}
		if _, err := l.Dial(); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Dial: %v", err)
		}
		if c, err := l.DialContext(t.Context(), "tcp", "a:1"); c != nil || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("DialContext: %v, %v", c, err)
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
}

func TestClosedListenerResetsWhatItHasNotAccepted(t *testing.T) {
	l := wstest.NewListener(0)
	c, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestDialContextThatHasEndedDoesNotDial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := wstest.NewListener(0).DialContext(ctx, "tcp", "a:1"); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestHTTPServerOnAListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := wstest.NewListener(0)
		s := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) })}
		go s.Serve(l)
		tr := &http.Transport{DialContext: l.DialContext}
		resp, err := (&http.Client{Transport: tr}).Get("http://anywhere.example/")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != "192.0.2.1:32769" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		tr.CloseIdleConnections()
		s.Close()
	})
}
