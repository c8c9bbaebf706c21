package faults

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsWrittenArrivesLaterAndInOrder(t *testing.T) {
	for _, c := range []struct {
		name        string
		o           Options
		least, most time.Duration
	}{
		{"latency", Options{Latency: time.Second}, time.Second, time.Second},
		{"jitter", Options{Latency: time.Second, Jitter: time.Second}, time.Second, 2 * time.Second},
		{"none", Options{}, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			inner, theirs := net.Pipe()
			ours := newDelayed(inner, c.o)
			begun := time.Now()
			go func() {
				for i := range 100 {
					if _, err := ours.Write([]byte{byte(i)}); err != nil {
						t.Error(err)
					}
				}
			}()
			var got []byte
			for len(got) < 100 {
				b := make([]byte, 10)
				n, err := theirs.Read(b)
				if err != nil {
					t.Fatal(err)
				}
				if late := time.Since(begun); late < c.least || late > c.most {
					t.Errorf("%s: byte %d after %v", c.name, len(got), late)
				}
				got = append(got, b[:n]...)
			}
			for i, b := range got {
				if int(b) != i {
					t.Fatalf("%s: byte %d is %d", c.name, i, b)
				}
			}
			ours.Close()
		})
	}
}

func TestWhatWasWrittenBeforeTheCloseArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, theirs := net.Pipe()
		ours := newDelayed(inner, Options{Latency: time.Minute})
		ours.Write([]byte("good"))
		ours.Write([]byte("bye"))
		reading := make(chan error, 1)
		go func() {
			_, err := ours.Read(make([]byte, 1))
			reading <- err
		}()
		synctest.Wait()
		if err := ours.Close(); err != nil {
			t.Error(err)
		}
		if err := <-reading; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read: %v", err)
		}
		if _, err := ours.Write(nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write: %v", err)
		}
		if err := ours.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
		got, err := io.ReadAll(theirs)
		if string(got) != "goodbye" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestALineThatIsFullTakesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, theirs := net.Pipe()
		ours := newDelayed(inner, Options{Latency: time.Second})
		begun := time.Now()
		for range 3 {
			ours.Write(bytes.Repeat([]byte{'x'}, maxWaiting))
			go io.CopyN(io.Discard, theirs, maxWaiting)
		}
		if took := time.Since(begun); took != time.Second {
			t.Errorf("three times what the line holds was taken after %v", took)
		}
		theirs.Close()
		synctest.Wait()
		ours.Write([]byte("x"))
		time.Sleep(2 * time.Second)
		if _, err := ours.Write([]byte("x")); err == nil {
			t.Error("nobody is there, and a write has no error")
		}
		ours.Close()
	})
}

func TestDeadlinesAreForTheLineToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, theirs := net.Pipe()
		defer theirs.Close()
		ours := newDelayed(inner, Options{Latency: time.Minute})
		defer ours.Close()
		ours.SetDeadline(time.Now().Add(time.Second))
		ours.Write([]byte("x"))
		if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v", err)
		}
		got := make([]byte, 1)
		if _, err := io.ReadFull(theirs, got); err != nil {
			t.Errorf("a deadline after the latency has hit what was on its way: %v", err)
		}
	})
}

func TestConnectionsAreCut(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listener(inner, Options{CutAfter: time.Microsecond, Latency: time.Microsecond})
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	if Listener(inner, Options{}) != inner {
		t.Error("a network that is good was changed")
	}
	c, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		return // it was cut at once
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "reset") && err != io.EOF {
		t.Errorf("%v, want the end", err)
	}
}
