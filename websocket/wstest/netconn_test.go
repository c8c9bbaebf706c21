package wstest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket/wstest"
)

func TestWritesWaitOnlyForTheBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(4)
		if n, err := a.Write([]byte("abcd")); n != 4 || err != nil {
			t.Fatalf("a buffer of 4 bytes took %d: %v", n, err)
		}
		wrote := make(chan int, 1)
		go func() {
			n, _ := a.Write([]byte("efghij"))
			wrote <- n
		}()
		synctest.Wait()
		if len(wrote) != 0 || b.Buffered() != 4 {
			t.Errorf("%d bytes are buffered, %d Writes have returned", b.Buffered(), len(wrote))
		}
		got := make([]byte, 10)
		if _, err := io.ReadFull(b, got); err != nil || string(got) != "abcdefghij" {
			t.Errorf("got %q, %v", got, err)
		}
		if n := <-wrote; n != 6 {
			t.Errorf("the second Write wrote %d bytes", n)
		}
	})
}

func TestNetPipeWithoutABuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(-1)
		type written struct {
			n   int
			err error
		}
		wrote := make(chan written, 1)
		write := func(text string) {
			n, err := a.Write([]byte(text))
			wrote <- written{n, err}
		}
		go write("abc")
		if n, err := b.Read(make([]byte, 2)); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if synctest.Wait(); len(wrote) > 0 {
			t.Error("Write has returned, and its last byte has not been read")
		}
		if n, err := b.Read(make([]byte, 2)); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if got := <-wrote; got.n != 3 || got.err != nil {
			t.Errorf("%d, %v", got.n, got.err)
		}

		// What is cut short is not read later.
		a.SetWriteDeadline(time.Now().Add(time.Hour))
		go write("def")
		b.Read(make([]byte, 1))
		if got := <-wrote; got.n != 1 || !errors.Is(got.err, os.ErrDeadlineExceeded) || b.Buffered() != 0 {
			t.Errorf("%d, %v, %d bytes left", got.n, got.err, b.Buffered())
		}
		a.SetWriteDeadline(time.Time{})
		go write("ghi")
		b.Read(make([]byte, 1))
		b.Close()
		if got := <-wrote; got.n != 1 || !errors.Is(got.err, syscall.EPIPE) {
			t.Errorf("%d, %v", got.n, got.err)
		}
	})
}

func TestNetPipeHasABufferByDefault(t *testing.T) {
	a, b := wstest.NetPipe(0)
	if _, err := a.Write(make([]byte, wstest.DefaultBuffer)); err != nil || b.Buffered() != wstest.DefaultBuffer {
		t.Errorf("%d bytes, %v", b.Buffered(), err)
	}
}

func TestWritesDoNotMix(t *testing.T) {
	a, b := wstest.NetPipe(3)
	for _, c := range []byte("xy") {
		go a.Write(bytes.Repeat([]byte{c}, 1000))
	}
	got := make([]byte, 2000)
	if _, err := io.ReadFull(b, got); err != nil {
		t.Fatal(err)
	}
	for _, half := range [][]byte{got[:1000], got[1000:]} {
		if !bytes.Equal(half, bytes.Repeat(half[:1], 1000)) {
			t.Errorf("got %q", half)
		}
	}
}

// TestEndsOfANetConn: what each end finds after something has ended it. "rest" is
// what b reads of what a has written before.
func TestEndsOfANetConn(t *testing.T) {
	tests := []struct {
		name                               string
		end                                func(a, b *wstest.NetConn)
		rest                               string
		bReads, bWrites, aReads, aWritesTo error
	}{
		{"a closes", func(a, b *wstest.NetConn) { a.Close() }, "rest", io.EOF, syscall.EPIPE, net.ErrClosed, net.ErrClosed},
		{"a closes twice", func(a, b *wstest.NetConn) { a.Close(); a.Close() }, "rest", io.EOF, syscall.EPIPE, net.ErrClosed, net.ErrClosed},
		{"a closes half", func(a, b *wstest.NetConn) { a.CloseWrite(); b.Close() }, "", net.ErrClosed, net.ErrClosed, io.EOF, syscall.EPIPE},
		{"a closes half, then both", func(a, b *wstest.NetConn) { a.CloseWrite(); a.Close() }, "rest", io.EOF, syscall.EPIPE, net.ErrClosed, net.ErrClosed},
		{"a resets", func(a, b *wstest.NetConn) { a.Reset() }, "", syscall.ECONNRESET, syscall.ECONNRESET, net.ErrClosed, net.ErrClosed},
		{"a closes half, and resets", func(a, b *wstest.NetConn) { a.CloseWrite(); a.Reset() }, "", syscall.ECONNRESET, syscall.ECONNRESET, net.ErrClosed, net.ErrClosed},
		{"a resets, and closes", func(a, b *wstest.NetConn) { a.Reset(); a.CloseWrite(); a.Close() }, "", syscall.ECONNRESET, syscall.ECONNRESET, net.ErrClosed, net.ErrClosed},
		{"both close", func(a, b *wstest.NetConn) { a.Close(); b.Close() }, "", net.ErrClosed, net.ErrClosed, net.ErrClosed, net.ErrClosed},
		{"both reset", func(a, b *wstest.NetConn) { a.Reset(); b.Reset() }, "", net.ErrClosed, net.ErrClosed, net.ErrClosed, net.ErrClosed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := wstest.NetPipe(0)
			a.Write([]byte("rest"))
			test.end(a, b)
			want := func(who string, got, want error) {
				t.Helper()
				if !errors.Is(got, want) {
					t.Errorf("%s: %v, want %v", who, got, want)
				}
			}
			if test.rest != "" {
				got := make([]byte, 8)
				if n, err := b.Read(got); string(got[:n]) != test.rest || err != nil {
					t.Errorf("b reads %q, %v", got[:n], err)
				}
			}
			_, err := b.Read(make([]byte, 8))
			want("b reads", err, test.bReads)
			_, err = b.Write([]byte("x"))
			want("b writes", err, test.bWrites)
			_, err = a.Read(make([]byte, 8))
			want("a reads", err, test.aReads)
			_, err = a.Write([]byte("x"))
			want("a writes", err, test.aWritesTo)
		})
	}
}

func TestClosedIsClosedOnce(t *testing.T) {
	a, _ := wstest.NetPipe(0)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	for name, end := range map[string]func() error{"Close": a.Close, "CloseWrite": a.CloseWrite, "Reset": a.Reset} {
		if err := end(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHalfClosedNetConnReadsOn(t *testing.T) {
	a, b := wstest.NetPipe(0)
	a.CloseWrite()
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the end of what the peer sends: %v", err)
	}
	b.Write([]byte("still"))
	got := make([]byte, 5)
	if _, err := io.ReadFull(a, got); err != nil || string(got) != "still" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEndsWakeWhoeverWaits(t *testing.T) {
	ends := map[string]func(a, b *wstest.NetConn){
		"we close":        func(a, b *wstest.NetConn) { a.Close() },
		"the peer closes": func(a, b *wstest.NetConn) { b.Close() },
		"a deadline":      func(a, b *wstest.NetConn) { a.SetDeadline(time.Now().Add(time.Hour)) },
		"the past":        func(a, b *wstest.NetConn) { a.SetDeadline(time.Unix(1, 0)) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := wstest.NetPipe(1)
				ended := make(chan error, 3)
				go func() {
					_, err := a.Read(make([]byte, 1))
					ended <- err
				}()
				for range 2 { // one of them waits for its turn
					go func() {
						_, err := a.Write([]byte("ab"))
						ended <- err
					}()
				}
				synctest.Wait()
				end(a, b)
				for range 3 {
					if err := <-ended; err == nil {
						t.Error("no error")
					}
				}
			})
		})
	}
}

func TestDeadlinesOfANetConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(4)
		begin := time.Now()
		a.SetReadDeadline(begin.Add(time.Hour))
		_, err := a.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Hour {
			t.Errorf("Read returned after %v: %v", time.Since(begin), err)
		}
		a.SetWriteDeadline(time.Now().Add(time.Hour))
		if n, err := a.Write([]byte("abcdef")); n != 4 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != 2*time.Hour {
			t.Errorf("Write returned %d after %v: %v", n, time.Since(begin), err)
		}

		// Deadlines can be moved under way, and taken back.
		a.SetDeadline(time.Now().Add(time.Minute))
		read := make(chan error, 1)
		go func() {
			_, err := a.Read(make([]byte, 1))
			read <- err
		}()
		synctest.Wait()
		a.SetDeadline(time.Time{})
		time.Sleep(24 * time.Hour)
		b.Write([]byte("x"))
		if err := <-read; err != nil {
			t.Errorf("without a deadline: %v", err)
		}
	})
}

func TestErrorsOfANetConnSayWhereItWas(t *testing.T) {
	a, b := wstest.NetPipe(0)
	a.Close()
	_, err := a.Read(nil)
	if want := "read tcp 192.0.2.1:32769->198.51.100.1:80: use of closed network connection"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if a.LocalAddr() != b.RemoteAddr() || b.LocalAddr() != a.RemoteAddr() {
		t.Errorf("%v and %v, %v and %v", a.LocalAddr(), b.RemoteAddr(), b.LocalAddr(), a.RemoteAddr())
	}
}
